"""How the service fares, for its operator (who is let in is said in ``server.api.operator_door``)."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, make_response

from server.pages.rendering import page, service

OUTCOMES = {
    "ready": "scored",
    "too_little": "too little to tell",
    "unknown": "not there",
    "refused": "not to be scored",
    "unavailable": "could not be asked",
    "fallen_back": "older report kept",
    "fault": "failed here",
    "2xx": "answered",
    "3xx": "led elsewhere",
    "4xx": "answered that there is nothing",
    "429": "allowed no more (429)",
    "5xx": "failed there",
    "timeout": "too slow",
    "refused_address": "not a public address",
    "certificate": "no valid certificate",
    "unreachable": "not reached",
    "broken": "broken off",
    "held_back": "held back here",
}
"""What came of a gather or a request, in words."""
KINDS = {"glance": "glances", "study": "studies", "review": "pieces of reviews"}


def add_status_page(pages: Blueprint) -> None:
    """Register it with the other pages."""
    pages.add_url_rule("/admin/status", "status", show)
    pages.add_url_rule("/admin/status.json", "status_json", as_json)


def show() -> Response:
    """The page."""
    return page("status.html", fares=service().operation.status(), outcomes=OUTCOMES, kinds=KINDS)


def as_json() -> Response:
    """The same as JSON (see ``server.status.Status``)."""
    response = make_response(msgspec.json.encode(service().operation.status()))
    response.headers["Content-Type"] = "application/json"
    return response

"""The report of an account, or the page that stands in its place: it is being read, there is none, it cannot be asked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response

from server.errors import BadHandle, UnknownNetwork
from server.pages.rendering import page, service

STATUS = {
    "ready": HTTPStatus.OK,
    "too_little": HTTPStatus.OK,
    "pending": HTTPStatus.ACCEPTED,
    "unknown": HTTPStatus.NOT_FOUND,
    "refused": HTTPStatus.FORBIDDEN,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
HEADLINES = {
    "unknown": "No such account",
    "refused": "Not scored",
    "unavailable": "Could not be asked just now",
}


def answered(network: str, handle: str, study: bool) -> dict[str, Any] | Response:
    """The report that the look-up has of an account now, or the page to show instead of one."""
    try:
        answer = service().lookup.report(network, handle, study=study)
    except BadHandle as error:
        return not_understood(str(error), handle, network, HTTPStatus.BAD_REQUEST)
    except UnknownNetwork as error:
        return not_understood(str(error), handle, "", HTTPStatus.NOT_FOUND)
    status = STATUS[answer.state]
    if answer.report is not None and status is HTTPStatus.OK:
        report: dict[str, Any] = answer.report
        return report
    if answer.state == "pending":
        response = page("pending.html", status, answer=answer, network=network, handle=handle)
    else:
        headline = HEADLINES[answer.state]
        response = page("no_report.html", status, answer=answer, headline=headline, chosen=network, entry=handle)
    if answer.state in ("pending", "unavailable"):
        response.headers["Retry-After"] = str(max(1, answer.ask_again_after))
    return response


def not_understood(error: str, text: str, network: str, status: HTTPStatus) -> Response:
    """The look-up form with what was typed and what is wrong with it."""
    return page("look_up.html", status, error=error, entry=text, chosen=network)

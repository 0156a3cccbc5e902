"""The leaderboards of those who want to be listed."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request

from server.boards import ORDERS, SHOWN, board
from server.lookup import FEWEST_GRADED
from server.pages.rendering import page, service


def add_board_page(pages: Blueprint) -> None:
    """Register it with the other pages."""
    pages.add_url_rule("/boards", "boards", show)


def show() -> Response:
    """A board by network, order, topic and place; what the address asks for wrongly is as usual."""
    lookup, asked = service().lookup, request.args
    network = asked.get("network", "")
    network = network if network in lookup.networks else next(iter(lookup.networks))
    order = asked.get("order", "") if asked.get("order", "") in ORDERS else "score"
    topic, place = asked.get("topic", "").strip()[:100], asked.get("place", "").strip()[:100]
    shown = board(lookup, service().ownership, network, order, topic, place)
    return page(
        "boards.html",
        HTTPStatus.OK,
        board=shown,
        chosen=network,
        title=lookup.networks[network].title,
        order=order,
        orders=ORDERS,
        topic=topic,
        place=place,
        most=SHOWN,
        fewest_graded=FEWEST_GRADED,
    )

"""GET /badge/<network>/<handle>.svg: the badge as a picture, for pages of others."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from apiflask import APIBlueprint
from flask import Response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from server.errors import BadHandle, RapportError, UnknownNetwork
from server.lookup import Answer
from server.pages.badge_picture import FONT_SIZE, HEIGHT, Said, Show, draw_badge, said_of
from server.pages.embed_code import embeds_open
from server.pages.rendering import service

log = logging.getLogger(__name__)

blueprint = APIBlueprint("badge", __name__, tag="Embeds")

KEPT_SECONDS = 600
"""So long a picture is shown from caches at most: also one of an account that has just been left out."""
CONTENT_SECURITY_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_RESPONSES: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {"description": "The badge", "content": {"image/svg+xml": {"schema": {"type": "string"}}}},
    304: {"description": "It has not changed"},
}


@blueprint.get("/badge/<network>/<path:handle>.svg")
@blueprint.doc(
    summary="The badge of one account as a picture (SVG) for other pages",
    description="`?show=score`, `engagement` or `both` (else) says what of. What stands in the way of a score is drawn, too, with status "
    "200, because image proxies show no other; ask `/api/v1/accounts` for statuses. Kept ten minutes at most, after which `If-None-Match` "
    "is answered with 304. An account that asks not to be kept is not shown. Pages of others may show badges only where `RAPPORT_EMBEDS_AT` is set.",
    responses=_RESPONSES,
)
def show(network: str, handle: str) -> Response:
    """The picture: of the account, or of what is wrong with the address."""
    try:
        shown = read_show(request.args.get("show", Show.BOTH))
        # Only a glance: whoever reads a page has not asked for the account to be studied.
        answer = service().lookup.report(network, handle)
        place = service().lookup.networks[network]
        named = answer.report["account"]["handle"] if answer.report else place.canonical_handle(handle)
    except BadHandle as error:
        return _kept(Said("no such handle", str(error)), KEPT_SECONDS)
    except UnknownNetwork as error:
        return _kept(Said("no such network", str(error)), KEPT_SECONDS)
    except UnknownShow as error:
        return _kept(Said("wrong address: show", str(error)), KEPT_SECONDS)
    return _kept(said_of(answer, shown, f"{named} on {place.title}"), seconds_kept(answer))


class UnknownShow(RapportError):
    """A badge cannot show that."""


def read_show(text: str) -> Show:
    """What a badge is asked to show. Raises UnknownShow."""
    try:
        return Show(text)
    except ValueError:
        raise UnknownShow(f"show is {text[:40]!r}; it can be {', '.join(Show)}.") from None


def seconds_kept(answer: Answer) -> int:
    """How long a cache may answer in place of this service."""
    return min(max(1, answer.ask_again_after), KEPT_SECONDS)


# Browsers draw a picture whatever its status is. Proxies that stand before pages do not: GitHub's shows a broken picture for all but
# 200, which is why shields.io answers 200 with badges not found, too. What is drawn of an account, or of a wrong address, is
# therefore a 200: a reader sees what it says. A failure of ours keeps its status, so that nobody keeps it in place of the badge.
def _kept(said: Said, seconds: int) -> Response:
    response = _picture(said, HTTPStatus.OK)
    share(response, seconds)
    response.add_etag()
    response.make_conditional(request)
    return response


def share(response: Response, seconds: int) -> None:
    """Let an answer be kept that long: by everybody where embeds are on, else only by the one who asked, and for that asking alone."""
    open_to_all = embeds_open()
    response.headers["Cache-Control"] = f"{'public' if open_to_all else 'private'}, max-age={seconds}"
    if not open_to_all:
        response.headers["Vary"] = "Authorization, Origin, Sec-Fetch-Mode, Sec-Fetch-Site"


def _picture(said: Said, status: HTTPStatus) -> Response:
    drawn = render_template("badge.svg", badge=draw_badge(said), height=HEIGHT, font_size=FONT_SIZE)
    response = Response(drawn, status, content_type="image/svg+xml; charset=utf-8")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    if embeds_open():
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """A failure, drawn: who put the badge into a page cannot read a problem document there."""
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.code or 500)
        words = "too many requests" if status is HTTPStatus.TOO_MANY_REQUESTS else "not known just now"
        response = _picture(Said(words, f"Rapport: {words}"), status)
        response.headers["Retry-After"] = "60"
        return response
    if isinstance(error, (SQLAlchemyError, RapportError)):
        log.error("a badge could not be drawn: %s", type(error).__name__)
        return _picture(Said("not known just now", "Rapport: not known just now"), HTTPStatus.SERVICE_UNAVAILABLE)
    log.error("a badge failed", exc_info=error)
    return _picture(Said("not known just now", "Rapport: not known just now"), HTTPStatus.INTERNAL_SERVER_ERROR)

"""GET /oembed: how to show a report's address inside another page (oEmbed 1.0, https://oembed.com)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from apiflask import APIBlueprint
from flask import Response, abort, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException

from server.errors import BadHandle, UnknownNetwork
from server.lookup import Answer
from server.pages.badge_pages import seconds_kept, share
from server.pages.badge_picture import HEIGHT, WIDEST, Show
from server.pages.embed_code import embed, home
from server.pages.rendering import service

blueprint = APIBlueprint("oembed", __name__, tag="Embeds")

FORMATS = ("json", "xml")
LONGEST_ADDRESS = 2000
_FULLEST_FIRST = (Show.BOTH, Show.ENGAGEMENT)
_RESPONSES: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {
        "description": "An answer of the type `rich`: `html` is a link around the badge",
        "content": {"application/json": {"schema": {"type": "object"}}, "text/xml": {"schema": {"type": "string"}}},
    },
    304: {"description": "It has not changed"},
    400: {"description": "`url` is missing, or `maxwidth` or `maxheight` is no number of pixels"},
    404: {"description": "The address is no report of this service, or there is no such account"},
    501: {"description": "Another format is not offered"},
}


@blueprint.get("/oembed")
@blueprint.doc(
    summary="How to show a report in another page (oEmbed 1.0)",
    description="`url`: the address of a report page of this service. `format`: `json` (else) or `xml`. `maxwidth`, `maxheight`: pixels; the "
    "badge says less, and at last becomes smaller, to fit.",
    responses=_RESPONSES,
)
def answer() -> Response:
    """The badge of the account whose report page is named."""
    form = request.args.get("format", FORMATS[0])
    if form not in FORMATS:
        abort(HTTPStatus.NOT_IMPLEMENTED, f"format is {form[:20]!r}; it can be {' or '.join(FORMATS)}.")
    most_wide, most_high = _most("maxwidth"), _most("maxheight")
    network, handle = _account_at(request.args.get("url", ""))
    known = _known(network, handle)
    document = _document(network, handle, known, most_wide, most_high)
    if form == "xml":
        response = Response(render_template("oembed.xml", document=document), content_type="text/xml; charset=utf-8")
    else:
        response = Response(json.dumps(document), content_type="application/json; charset=utf-8")
    share(response, seconds_kept(known))
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    response.make_conditional(request)
    return response


def _most(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 8 and int(text)):
        abort(HTTPStatus.BAD_REQUEST, f"{name} is {text[:20]!r}; it is a whole number of pixels, 1 or more.")
    return int(text)


def _account_at(address: str) -> tuple[str, str]:
    """Network and handle in the address of a report page; the request is refused when it is none of ours."""
    if not address:
        abort(
            HTTPStatus.BAD_REQUEST,
            f"url is missing: the address of a report, as in {home()}/accounts/bluesky/alice.bsky.social.",
        )
    try:
        parts = urlsplit(address[:LONGEST_ADDRESS])
        ours = parts.scheme in ("http", "https") and parts.netloc.lower() in (
            request.host,
            urlsplit(home()).netloc.lower(),
        )
        endpoint, values = current_app.url_map.bind(request.host).match(unquote(parts.path)) if ours else ("", {})
    except (ValueError, HTTPException):
        endpoint, values = "", {}
    if endpoint != "pages.account":
        abort(HTTPStatus.NOT_FOUND, f"url is no report of this service; those begin with {home()}/accounts/.")
    return values["network"], values["handle"]


def _known(network: str, handle: str) -> Answer:
    try:
        known: Answer = service().lookup.report(network, handle)
    except (BadHandle, UnknownNetwork) as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    if known.state == "unknown":
        abort(HTTPStatus.NOT_FOUND, known.detail)
    return known


def _document(network: str, handle: str, known: Answer, most_wide: int | None, most_high: int | None) -> dict[str, Any]:
    """The answer. Its size is that of the widest badge there can be: what the picture says changes while the size is remembered."""
    place = service().lookup.networks[network]
    named = known.report["account"]["handle"] if known.report else place.canonical_handle(handle)
    show = next((s for s in _FULLEST_FIRST if most_wide is None or WIDEST[s] <= most_wide), _FULLEST_FIRST[-1])
    scale = min(1.0, (most_wide or WIDEST[show]) / WIDEST[show], (most_high or HEIGHT) / HEIGHT)
    height = max(1, int(HEIGHT * scale))
    return {
        "version": "1.0",
        "type": "rich",
        "title": f"{named} on {place.title}",
        "provider_name": "Rapport",
        "provider_url": home() + "/",
        "cache_age": seconds_kept(known),
        "html": embed(network, named, show, height).html,
        "width": max(1, int(WIDEST[show] * scale)),
        "height": height,
    }

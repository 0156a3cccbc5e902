"""POST /api/v1/badges: what stands beside the names on a page, for up to fifty accounts at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from apiflask import APIBlueprint
from flask import Response, request

from server.api.problems import documented, read
from server.api.schemas import MOST_BADGES, Asked, Badge, Badges, BadgesRequest
from server.api.service import BadgeCache, service
from server.errors import BadHandle, UnknownNetwork
from server.happenings import LookedUp
from server.lookup import Answer, Lookup

blueprint = APIBlueprint("badges", __name__, url_prefix="/api/v1", tag="Badges")

KEPT_SECONDS = 600
"""Finished badges are made anew after this: what they say of when to ask again ages with them."""


def cache_key(network: str, handle: str) -> str:
    """Where the finished bytes of a badge are cached."""
    return f"badge:{network}:{handle.lower()}"


@blueprint.post("/badges")
@blueprint.output(Badges, description="One badge per account, in the order asked; what is not known yet is `pending`")
@blueprint.doc(
    summary="Badges for 1 to 50 accounts, at once",
    responses=documented(400, 413),
)
def badges() -> Response:
    """Answer at once from what is known; gather the rest in the background."""
    asked = _read(request.get_data(cache=False))
    serving = service()
    known = serving.badge_cache.get_many(*[f"badge:{a.network}:{a.handle.lower()}" for a in asked])
    missing = known.count(None)
    for outcome, times in (("hit", len(known) - missing), ("miss", missing)):
        if times:
            serving.tell(LookedUp("badges", outcome, times))
    parts = [badge or _ask(a, serving.badge_cache, serving.lookup) for a, badge in zip(asked, known, strict=True)]
    return Response(b'{"badges":[' + b",".join(parts) + b"]}", content_type="application/json")


blueprint.input(BadgesRequest)(badges)  # documents the body; it is validated in one go from its bytes above


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    network: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    handle: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    accounts: Annotated[list[_Asked], msgspec.Meta(min_length=1, max_length=MOST_BADGES)]


_decoder = msgspec.json.Decoder(_Request)


def _read(body: bytes) -> Sequence[Asked | _Asked]:
    """The accounts asked about: the published form's rules, read in a fifth of its time; what fails is put in its words."""
    try:
        return _decoder.decode(body).accounts
    except msgspec.MsgspecError:
        return read(BadgesRequest, body).accounts


def _ask(asked: Asked | _Asked, cache: BadgeCache, lookup: Lookup) -> bytes:
    try:
        answer = lookup.report(asked.network, asked.handle)
        # Under another spelling it would not be found, and so outlive, when what is said of the account changes.
        usual = asked.handle.lower() == lookup.canonical(asked.network, asked.handle)
    except (BadHandle, UnknownNetwork) as problem:
        answer, usual = Answer("unknown", 86_400, detail=str(problem)), False
    finished = rendered(asked, answer)
    if usual and answer.state != "pending" and not (answer.report or {}).get("refreshing"):
        cache.set(
            cache_key(asked.network, asked.handle), finished, timeout=min(max(1, answer.ask_again_after), KEPT_SECONDS)
        )
        if answer.report is not None and not lookup.may_tell(asked.network, asked.handle):
            # It opted out between the answer and now.
            cache.delete(cache_key(asked.network, asked.handle))
    return finished


def rendered(asked: Asked | _Asked, answer: Answer) -> bytes:
    """A badge as JSON bytes, validated once here rather than in each answer that holds it."""
    form: dict[str, Any] = {
        "network": asked.network,
        "handle": asked.handle,
        "state": answer.state,
        "ask_again_after": answer.ask_again_after,
    }
    if answer.report is None:
        form["detail"] = answer.detail
    else:
        form |= of_report(answer.report)
    Badge.model_validate(form)
    return json.dumps(form, separators=(",", ":")).encode()


def of_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a badge says of a report."""
    verdict, balance, score = report["verdict"], report["balance"], report["score"]
    form = {
        "id": report["account"]["id"],
        "verdict": verdict["id"],
        "title": verdict["title"],
        "sentence": verdict["sentence"],
        "replies": balance["replies"],
        "broadcasts": balance["broadcasts"],
        "ratio": balance["ratio"],
        "stale": bool(report.get("stale")),
        "scored_at": report["scored_at"],
    }
    if score is not None:
        form |= {"score": score["value"], "low": score["low"], "high": score["high"]}
    return form

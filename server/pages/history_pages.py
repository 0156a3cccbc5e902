"""Pages of an account over time: charts with a table beside each, days marked in it, and what changed at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.account import AccountRef
from server.history import OverTime
from server.pages.answered import answered
from server.pages.drawing import on_scale_of
from server.pages.rendering import page, service
from server.pages.report_page import version_changes
from server.pages.same_origin import only_from_here
from server.pages.tracked_list import found, in_list, remember
from server.scoring.before_after import BeforeAfter, Difference
from server.scoring.verdict import VerdictId
from server.signals.signal import Pillar
from server.store.tracking import Mark
from server.tracking import CannotTrack, beginning_of, day_of, read_day

ROWS = 30
"""Days in each table; older ones stand on further pages, so that a page stays below 100 kB."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Followers as they were read at a time (seconds since 1970), and by how many they differ from the reading before."""

    time: int
    followers: int
    change: int | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked day (``mark`` is None for one that is only asked about) and what changed at it."""

    day: str
    words: str
    mark: Mark | None
    change: BeforeAfter


def add_history_pages(pages: Blueprint) -> None:
    """Register them with the other pages."""
    pages.add_app_template_global(interval_picture, "interval_picture")
    pages.add_url_rule("/history/<network>/<path:handle>.json", "over_time", over_time)
    pages.add_url_rule("/history/<network>/<path:handle>/mark", "mark", mark, methods=["POST"])
    pages.add_url_rule("/history/<network>/<path:handle>/unmark", "unmark", unmark, methods=["POST"])
    pages.add_url_rule("/history/<network>/<path:handle>", "history", show)


def show(network: str, handle: str) -> Response:
    """The history of one account, or what stands in its way."""
    report = answered(network, handle, study=False)
    if isinstance(report, Response):
        return report
    return _page(report, HTTPStatus.OK, asked_day=request.args.get("day", ""))


def _page(
    report: dict[str, Any], status: HTTPStatus, asked_day: str = "", words: str = "", error: str = ""
) -> Response:
    network, handle, name = _named(report)
    known: OverTime = service().lookup.over_time(network, handle)
    listed = found()
    marks = service().tracking.marks(listed, network, name) if listed else []
    today = day_of(service().lookup.now())
    asked, day_error = None, ""
    if asked_day and not error:
        try:
            asked = read_day(asked_day, today)
        except CannotTrack as problem:
            day_error, status = str(problem), HTTPStatus.BAD_REQUEST
    days = [mark.day for mark in marks] + ([beginning_of(asked)] if asked else [])
    changes = service().lookup.before_after(network, handle, days)
    told = [Marked(day_of(m.day).isoformat(), m.words, m, c) for m, c in zip(marks, changes, strict=False)]
    number = request.args.get("page", "")
    points = version_changes(list(known.points))
    shown = min(int(number), pages_of(points)) if number.isdecimal() and int(number[:5]) > 0 else 1
    return page(
        "history.html",
        status,
        report=report,
        handle=handle,
        place=service().lookup.networks[network],
        points=points[(shown - 1) * ROWS : shown * ROWS],
        readings=readings(known)[(shown - 1) * ROWS : shown * ROWS],
        days=len(points),
        shown=shown,
        pages=pages_of(points),
        pillars=list(Pillar),
        verdict_titles={verdict.value: verdict.label for verdict in VerdictId},
        marked=told[::-1],
        asked=Marked(asked.isoformat(), "", None, changes[-1]) if asked and changes else None,
        asked_day=asked_day,
        words=words,
        error=error or day_error,
        today=today.isoformat(),
        seen_since=day_of(known.seen_since).isoformat() if known.seen_since is not None else "",
        is_tracked=bool(listed and service().tracking.tracks(listed, network, name)),
        account_name=name,
    )


def _named(report: dict[str, Any]) -> tuple[str, str, str]:
    """Network, handle and id of the account a report is about."""
    account = report["account"]
    return account["network"], account["handle"], AccountRef.parse(account["id"]).id


def over_time(network: str, handle: str) -> Response:
    """What the charts draw, a column each, oldest first: times in seconds since 1970, points, shares from 0 to 1; null: not known.

    ``?newest=60``: only so many of the newest points, without pillars.
    """
    lookup, newest = service().lookup, request.args.get("newest", "")
    known: OverTime = lookup.over_time(network, handle, int(newest) if newest.isdecimal() and len(newest) < 6 else None)
    listed = found()
    report = lookup.kept_report(network, handle) if listed else None
    marks = service().tracking.marks(listed, network, _named(report)[2]) if listed and report else []
    return jsonify(columns(known) | {"marks": [{"time": mark.day, "words": mark.words} for mark in marks]})


def columns(known: OverTime) -> dict[str, Any]:
    """A history as columns."""
    points = version_changes(list(known.points))[::-1]
    return {
        "time": [_seconds(point["scored_at"]) for point in points],
        **{name: [point[name] for point in points] for name in ("score", "low", "high", "new_formula")},
        **{p.value: [point["pillars"] and point["pillars"][p.value] for point in points] for p in Pillar},
        "share": [point["reply_share"]["value"] for point in points],
        "share_low": [point["reply_share"]["low"] for point in points],
        "share_high": [point["reply_share"]["high"] for point in points],
        "followers": {
            "time": [at for at, _ in known.followers],
            "followers": [count for _, count in known.followers],
        },
    }


def mark(network: str, handle: str) -> AnyResponse:
    """Mark a day in the history of an account; a bad entry shows the page again, with what is wrong with it."""
    only_from_here()
    report = answered(network, handle, study=False)
    if isinstance(report, Response):
        return report
    network, handle, name = _named(report)
    day, words = request.form.get("day", ""), request.form.get("words", "")
    try:
        when = read_day(day, day_of(service().lookup.now()))
        if not report.get("kept", True):
            raise CannotTrack("This account asks not to be kept, so there is no history to mark a day in.")
        key = in_list(lambda listed: service().tracking.mark(listed, network, name, when, words))
    except CannotTrack as problem:
        return _page(report, HTTPStatus.BAD_REQUEST, day, words, str(problem))
    to = url_for("pages.history", network=network, handle=handle, _anchor="marked")
    return remember(redirect(to, HTTPStatus.SEE_OTHER), key)


def unmark(network: str, handle: str) -> AnyResponse:
    """Take a mark away."""
    only_from_here()
    listed, number = found(), request.form.get("mark", "")
    if listed and number.isdecimal() and len(number) < 12:
        service().tracking.unmark(listed, int(number))
    to = url_for("pages.history", network=network, handle=handle, _anchor="marked")
    return redirect(to, HTTPStatus.SEE_OTHER)


def readings(known: OverTime) -> list[Reading]:
    """Followers, newest first."""
    first = [Reading(at, count, None) for at, count in known.followers[:1]]
    rest = [Reading(at, count, count - before) for (_, before), (at, count) in pairwise(known.followers)]
    return [*first, *rest][::-1]


def pages_of(points: list[Any]) -> int:
    """How many pages the tables have."""
    return max(1, -(-len(points) // ROWS))


def interval_picture(difference: Difference) -> dict[str, float]:
    """Where the interval of a difference lies in its picture, in per cent of the width, with no difference in the middle."""
    reach = max(abs(difference.low), abs(difference.high)) or 1.0
    low, high, at = (on_scale_of(v, -reach, reach) for v in (difference.low, difference.high, difference.difference))
    return {"low": low, "width": round(high - low, 2), "at": at}


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())

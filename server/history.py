"""Scores over time: one point per time, its pillars, and what changed since the point before, a week and a month before, and by a new formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from server.report import moment
from server.scoring.explanation import Explanation, explain, title_of
from server.scoring.sample import DAY
from server.scoring.scored import Scored
from server.scoring.tally import tally
from server.scoring.versions import formula_of
from server.signals.proportion import wilson

SPANS = {"week": (7, 4, 12), "month": (30, 20, 45)}
"""Days to look back: about so many, at least, at most."""
NEW_FORMULA_DAYS = 30
"""So long it is told what the newest formula made of a score that an older one had made."""
EVERY_DAYS, DAILY_DAYS = 2, 366
"""Every score of the last days is shown; of a day in the last year its last; of what is older, that of a week."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A stored score and what its report said beside it."""

    scored: Scored
    verdict: str
    replies: int
    broadcasts: int


@dataclass(frozen=True, slots=True)
class Point:
    """What stands for one time: the score of the current formula, or the newest other one; and those of other versions."""

    chosen: Remembered
    others: tuple[Remembered, ...]


def points_over_time(stored: Sequence[Remembered], version: str) -> list[Point]:
    """One point per time. ``stored``: oldest first, of one time in the order stored. ``version``: of the current formula."""
    found = []
    for _, group in groupby(stored, key=lambda r: r.scored.scored_at):
        of_one_time = list(group)
        current = [r for r in of_one_time if r.scored.formula_version == version]
        chosen = (current or of_one_time)[-1]
        found.append(Point(chosen, tuple(r for r in of_one_time if r is not chosen)))
    return found


@dataclass(frozen=True, slots=True)
class OverTime:
    """An account over time, oldest first. ``points``: as ``detailed_json``.

    ``followers``: (seconds since 1970, followers) as they were read last each day.
    ``seen_since``: the oldest post that is kept, seconds since 1970; None: none is.
    """

    points: tuple[dict[str, Any], ...]
    followers: tuple[tuple[int, int], ...]
    seen_since: int | None


def thinned(points: Sequence[Point]) -> list[Point]:
    """Every point of the two days before the newest, before that the last of each day, and before a year that of each week.

    ``points``: oldest first.
    """
    if not points:
        return []
    newest = points[-1].chosen.scored.scored_at
    last_of: dict[tuple[int, int], Point] = {}
    for point in points:
        at = point.chosen.scored.scored_at
        days_before = (newest - at) / DAY
        span = 1 if days_before <= EVERY_DAYS else DAY if days_before <= DAILY_DAYS else 7 * DAY
        last_of[span, at // span] = point
    return list(last_of.values())


def detailed_json(point: Point, with_pillars: bool = True) -> dict[str, Any]:
    """A point with its three pillars (points each; None: not known) and the share of replies, 0 to 1, with its interval."""
    replies, said = point.chosen.replies, point.chosen.replies + point.chosen.broadcasts
    low, high = wilson(replies, said) if said else (None, None)
    share = {"value": replies / said if said else None, "low": low, "high": high}
    pillars = _pillars(point.chosen.scored) if with_pillars else None
    return point_json(point) | {"pillars": pillars, "reply_share": share}


def _pillars(scored: Scored) -> dict[str, float] | None:
    """By the formula that made the score; None when that is not known, or the stored measures are not what it was made from."""
    formula = formula_of(scored.formula_version)
    if scored.tenths is None or formula is None:
        return None
    made = tally(scored.measures, scored.days_silent or 0.0, formula)
    if made is None or abs(made.total - scored.tenths) > 1:
        return None
    return {part.pillar.value: part.tenths / 10 for part in made.pillars}


def point_json(point: Point) -> dict[str, Any]:
    """A point as the API and the pages show it."""
    chosen, scored = point.chosen, point.chosen.scored
    return {
        "scored_at": moment(scored.scored_at),
        "score": _points(scored.tenths),
        "low": scored.low,
        "high": scored.high,
        "formula_version": scored.formula_version,
        "verdict": chosen.verdict,
        "replies": chosen.replies,
        "broadcasts": chosen.broadcasts,
        "other_versions": [
            {"formula_version": other.scored.formula_version, "score": _points(other.scored.tenths)}
            for other in point.others
        ],
    }


def changes(points: Sequence[Point], readings: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Why the newest score differs from earlier ones; empty when it is none or there is no earlier one.

    ``readings``: (seconds since 1970, followers) as they were read over time, oldest first.
    """
    if not points or points[-1].chosen.scored.tenths is None:
        return []
    newest = points[-1].chosen.scored
    earlier = [point.chosen.scored for point in points[:-1] if point.chosen.scored.tenths is not None]
    pairs = [(name, before, newest) for name, before in _compared(earlier, newest)]
    pairs += [("formula", before, after) for before, after in _scored_again(points)]
    return [_change_json(name, explain(before, after, readings)) for name, before, after in pairs]


def _compared(earlier: Sequence[Scored], newest: Scored) -> Iterator[tuple[str, Scored]]:
    """The score before, and those of about a week and a month before; none twice."""
    told = set()
    if earlier:
        told.add(earlier[-1].scored_at)
        yield "previous", earlier[-1]
    for name, (about, least, most) in SPANS.items():
        within = [s for s in earlier if least * DAY <= newest.scored_at - s.scored_at <= most * DAY]
        nearest = min(within, key=lambda s: abs(newest.scored_at - s.scored_at - about * DAY), default=None)
        if nearest is not None and nearest.scored_at not in told:
            told.add(nearest.scored_at)
            yield name, nearest


def _scored_again(points: Sequence[Point]) -> Iterator[tuple[Scored, Scored]]:
    """The newest time that two versions of the formula scored, if it is not long ago: its score by the older and by the newer one."""
    for point in reversed(points):
        after = point.chosen.scored
        if after.scored_at < points[-1].chosen.scored.scored_at - NEW_FORMULA_DAYS * DAY:
            return
        others = [other.scored for other in point.others if other.scored.tenths is not None]
        if others and after.tenths is not None:
            yield others[-1], after
            return


def _change_json(against: str, found: Explanation) -> dict[str, Any]:
    change = found.change
    return {
        "against": against,
        "since": moment(found.before.scored_at),
        "until": moment(found.after.scored_at),
        "score_then": _points(found.before.tenths),
        "score_now": _points(found.after.tenths),
        "difference": _points(change.tenths) if change else None,
        "within_noise": found.within_noise,
        "sentence": found.sentence,
        "parts": [
            {
                "cause": told.part.cause.value,
                "signal": told.part.signal or None,
                "points": told.part.tenths / 10,
                "words": told.words,
            }
            for told in found.parts
        ],
        "signals": [
            {"id": signal, "title": title_of(signal), "points": tenths / 10}
            for signal, tenths in (change.signals if change else ())
        ],
        "events": [{"kind": event.kind.value, "words": event.words} for event in found.events],
    }


def _points(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10

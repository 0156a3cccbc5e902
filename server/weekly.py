"""What a week brought an account: its score against that of the week before, and its followers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.comparison import overlap
from server.history import OverTime
from server.scoring.explanation import signed
from server.scoring.sample import DAY
from server.signals.proportion import counted

WEEKS = 12
"""So many whole weeks are told, of those since a list was begun."""
NEAR_SECONDS = 4 * DAY
"""A score so old at most stands for the time it is asked for."""
_MONDAY = 4 * DAY
"""1 January 1970 was a Thursday."""


def ends_of_weeks(begun: int, now: int) -> list[int]:
    """The seconds at which whole weeks ended, Mondays at midnight UTC, newest first; the first is the one the list was begun in."""
    last = (now - _MONDAY) // (7 * DAY) * 7 * DAY + _MONDAY
    return [end for end in range(last, last - WEEKS * 7 * DAY, -7 * DAY) if end > begun]


def name_of(end: int) -> str:
    """The week that ended then: ``Week 47 of 2026`` (ISO 8601)."""
    year, week, _ = datetime.fromtimestamp(end - 1, UTC).isocalendar()
    return f"Week {week} of {year}"


def in_words(over_time: OverTime, end: int) -> str:
    """What the week that ended then brought, of the score and the followers."""
    before, after = score_at(over_time.points, end - 7 * DAY), score_at(over_time.points, end)
    if after is None:
        return "no score of that week."
    told = f"score {after['score']:.1f}"
    if before is None:
        told += ", none to compare it with"
    elif before["formula_version"] != after["formula_version"]:
        told += ", by another formula than the week before"
    else:
        told += f" ({signed(round((after['score'] - before['score']) * 10))})"
    gained = _gained(over_time, end)
    if gained is not None:
        told += (
            f", {counted(abs(gained), 'follower', 'followers')} {'fewer' if gained < 0 else 'more'}"
            if gained
            else ", as many followers"
        )
    return told + "."


def _gained(over_time: OverTime, end: int) -> int | None:
    week = [count for at, count in over_time.followers if end - 8 * DAY <= at < end]
    return week[-1] - week[0] if len(week) > 1 else None


@dataclass(frozen=True, slots=True)
class WeekChange:
    """What about a week changed. ``points``: of the score; ``is_noise``: the two intervals have a score in common."""

    points: float
    is_noise: bool


def week_change(points: Sequence[dict[str, Any]], now: int) -> WeekChange | None:
    """The newest score against that of a week before; None without either, or where the formula changed in between."""
    before, after = score_at(points, now - 7 * DAY), score_at(points, now)
    if before is None or after is None or before["formula_version"] != after["formula_version"]:
        return None
    return WeekChange(round(after["score"] - before["score"], 1), overlap(before, after))


def score_at(points: Sequence[dict[str, Any]], time: int) -> dict[str, Any] | None:
    """The last point with a score at or before a time (seconds since 1970), not more than four days before it."""
    for point in reversed(points):
        at = datetime.fromisoformat(point["scored_at"]).timestamp()
        if at <= time and point["score"] is not None:
            return point if at > time - NEAR_SECONDS else None
    return None

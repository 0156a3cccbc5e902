"""What a week brought: in numbers and in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from server.history import OverTime
from server.weekly import ends_of_weeks, in_words, name_of, score_at, week_change
from tests.server.invented import DAY, NOW


def point(days_ago: float, score: float | None, version: str = "2") -> dict[str, Any]:
    at = datetime.fromtimestamp(NOW - days_ago * DAY, UTC).isoformat()
    low, high = (None, None) if score is None else (round(score) - 5, round(score) + 5)
    return {"scored_at": at, "score": score, "low": low, "high": high, "formula_version": version}


def test_a_week_is_told_from_the_score_nearest_before_it_and_not_across_formulas() -> None:
    points = [point(9, 40.0), point(7, None), point(3, 44.0), point(0.5, 45.5)]
    change = week_change(points, NOW)
    assert change is not None
    assert (change.points, change.is_noise) == (5.5, True)
    assert week_change([point(8, 40.0), point(0, 52.0)], NOW).is_noise is False  # type: ignore[union-attr]
    assert week_change([point(8, 40.0, "1"), point(0, 45.5)], NOW) is None
    assert week_change([point(20, 40.0), point(0, 45.5)], NOW) is None
    assert week_change([point(8, 40.0), point(5, 45.5)], NOW) is None
    assert week_change([], NOW) is None
    assert score_at(points, NOW - 7 * DAY) == points[0]


def test_weeks_end_on_mondays_and_are_named_as_in_calendars() -> None:
    ends = ends_of_weeks(NOW - 20 * DAY, NOW)
    assert [datetime.fromtimestamp(end, UTC).strftime("%a %H:%M") for end in ends] == ["Mon 00:00"] * len(ends)
    assert [name_of(end) for end in ends] == ["Week 38 of 2026", "Week 37 of 2026", "Week 36 of 2026"]
    assert len(ends_of_weeks(0, NOW)) == 12
    assert ends_of_weeks(NOW, NOW) == []


def test_a_week_in_words_holds_the_score_its_change_and_the_followers() -> None:
    followers = ((NOW - 7 * DAY, 300), (NOW - DAY, 310))
    told = in_words(OverTime((point(8, 40.0), point(0.5, 45.5)), followers, None), NOW)
    assert told == "score 45.5 (+5.5), 10 followers more."
    lost = tuple((at, 600 - count) for at, count in followers)
    assert in_words(OverTime((point(0.5, 45.5),), lost, None), NOW) == (
        "score 45.5, none to compare it with, 10 followers fewer."
    )
    assert in_words(OverTime((point(8, 40.0, "1"), point(0.5, 45.5)), (), None), NOW) == (
        "score 45.5, by another formula than the week before."
    )
    assert in_words(OverTime((), (), None), NOW) == "no score of that week."

"""Scores and formulas made up for tests of how scores change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.scoring import versions
from server.scoring.curves import LogNormal
from server.scoring.formula import Formula, Term, current_formula
from server.scoring.scored import Scored, points_of
from tests.server.invented import DAY, NOW

MEASURES = {
    "followers": 300.0,
    "people_per_post": 3.0,
    "people_h_index": 5.0,
    "reposts_per_post": 0.8,
    "repost_h_index": 2.0,
    "engager_followers": 200.0,
}


def made_up(version: str, weights: dict[str, float], half_after_days: float = 120.0) -> Formula:
    """A formula of these weights, brought to 99, and curves that differ from term to term."""
    whole = sum(weights.values())
    terms = tuple(
        Term(name, weight * 99 / whole, LogNormal(10.0 + place, 900.0 * (place + 1)), "made up")
        for place, (name, weight) in enumerate(weights.items())
    )
    return Formula(version, 1.0, {}, terms, half_after_days)


def next_formula(version: str = "next") -> Formula:
    """The current table with its weights turned round: what a later version may look like."""
    terms = current_formula().terms
    turned = zip(terms, [term.weight for term in reversed(terms)], strict=True)
    return replace(
        current_formula(), version=version, terms=tuple(replace(term, weight=weight) for term, weight in turned)
    )


def become_current(monkeypatch: pytest.MonkeyPatch, formula: Formula) -> None:
    """Ship this formula; the one that was current becomes an earlier version."""
    was = current_formula()
    earlier = {**versions._earlier(), was.version: was}
    monkeypatch.setattr(versions, "_earlier", lambda: earlier)
    for room in ("scoring.versions", "report", "lookup", "rescore"):
        monkeypatch.setattr(f"server.{room}.current_formula", lambda: formula)


def scored(
    measures: dict[str, float], days_silent: float = 0.0, formula: Formula | None = None, days_ago: float = 0.0
) -> Scored:
    """These measures scored by a formula (the current one), some days before NOW."""
    formula = formula or current_formula()
    made = Scored(int(NOW - days_ago * DAY), formula.version, None, 30, 40, measures, days_silent, 2, "glance")
    earned = points_of(made, formula)
    return made if earned is None else replace(made, tenths=round(float(earned.total[0]) * 10))

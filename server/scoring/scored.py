"""A score as it is stored, with what it was made from; read with care, because older versions stored it in other forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite, isinf
from typing import Any

import numpy as np

from server.scoring.formula import Formula, Points, points
from server.scoring.versions import MEASURED_AS

MOST_DAYS = 1e6
"""Longer silence than this is stored by mistake; all of the points are gone long before."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One stored score, and the measures it was made from."""

    scored_at: int
    """Seconds since 1970 UTC."""
    formula_version: str
    tenths: int | None
    """The score in tenths of a point; None: too little was seen for one."""
    low: int | None
    high: int | None
    measures: Mapping[str, float]
    """Signal id -> measure, finite; what could not be had is left out."""
    days_silent: float | None = None
    """Days since the newest post; None: stored before that was kept."""
    measured_as: int | None = None
    """``versions.MEASURED_AS`` of the version that measured; None: stored before that was kept."""
    depth: str | None = None
    """``observed``, ``glance`` or ``study``; None: stored before that was kept."""


def clean_measures(stored: Any) -> dict[str, float]:
    """Measures out of whatever is stored (a JSON text, or the object it holds); what is no finite number is left out. Never raises."""
    if isinstance(stored, (str, bytes)):
        try:
            stored = json.loads(stored)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(stored, Mapping):
        return {}
    numbers = {str(name): _number(value) for name, value in stored.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def clean_days(stored: Any) -> float | None:
    """Days of silence out of whatever is stored; None when it is no number. Never raises."""
    days = MOST_DAYS if isinstance(stored, float) and isinf(stored) and stored > 0 else _number(stored)
    return None if days is None else min(max(days, 0.0), MOST_DAYS)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def points_of(scored: Scored, formula: Formula) -> Points | None:
    """What the stored measures earn by a formula; arrays have one value, no resamples. None when they do not suffice for it."""
    days = scored.days_silent
    if days is None and not isinf(formula.half_after_days):
        return None
    return points({name: np.array([value]) for name, value in scored.measures.items()}, formula, days or 0.0)


def score_again(scored: Scored, formula: Formula) -> Scored | None:
    """The same measures scored by another formula, or None when they do not suffice for it.

    A time without a score stays without one: too little was seen then. The interval keeps its width either way: the resamples it
    was made from are not stored.
    """
    earned = points_of(scored, formula) if scored.measured_as == MEASURED_AS else None
    if earned is None:
        return None
    if scored.tenths is None:
        return replace(scored, formula_version=formula.version, low=None, high=None)
    tenths = round(float(earned.total[0]) * 10)
    moved = (tenths - scored.tenths) / 10
    low, high = (None if end is None else min(100, max(1, round(end + moved))) for end in (scored.low, scored.high))
    return replace(scored, formula_version=formula.version, tenths=tenths, low=low, high=high)

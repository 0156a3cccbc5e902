"""The influence formula: score = base + fade x sum of weight x curve(measure). Weights stand in weights.toml and nowhere else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from server.scoring.curves import LogNormal
from server.scoring.measures import Measures
from server.scoring.sample import Floats

FADE_STEEPNESS = 3
LEAST_WEIGHT_SEEN = 0.5
"""Below this share of the weights a score would be a guess; there is none."""


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the table: what a signal of influence can earn at most, along which curve, and where the numbers come from."""

    signal: str
    weight: float
    curve: LogNormal
    provenance: str
    optional: bool = False
    """No network served shows it to everybody: where it is missing nothing is less certain for it."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often people agree with two scores between which there are so many points: shares, 0 to 1."""

    least: int
    most: int
    agree: float
    agree_without_lists: float


@dataclass(frozen=True, slots=True)
class Formula:
    """A version of the table."""

    version: str
    base: float
    reference: dict[str, Any]
    terms: tuple[Term, ...]
    half_after_days: float = 120.0
    """After so many days without a post half of the earned points are left."""
    agreement: tuple[Agreement, ...] = ()
    """What a difference between two scores means, on the pairs that the weights were fitted on."""

    def __post_init__(self) -> None:
        total = self.base + sum(term.weight for term in self.terms)
        if any(term.weight < 0 for term in self.terms) or abs(total - 100) > 1e-9:
            raise ValueError(f"weights must not be negative, and with the base add up to 100, not {total}")

    def fade(self, days_silent: float) -> float:
        """The share of the earned points that is left so many days after the newest post: 1, then smoothly down to 0.

        1 / (1 + (days / half_after_days)^3): a week costs 0.02 % of them, a month 1.5 %, a year nearly all. Our definition: a quiet
        week must not be punished, and an account that fell silent must not stand high for ever.
        """
        return float(self.fades(np.float64(days_silent)))

    def fades(self, days_silent: Floats | np.float64) -> Floats:
        """``fade`` for many numbers of days."""
        return np.asarray(1.0 / (1.0 + (np.maximum(days_silent, 0.0) / self.half_after_days) ** FADE_STEEPNESS))


@dataclass(frozen=True, slots=True)
class Points:
    """What each term earned. Arrays have shape (1 + RESAMPLES,); ``of`` is a term's weight with that of missing terms shared out."""

    earned: dict[str, Floats]
    of: dict[str, float]
    total: Floats
    weight_seen: float
    """Share of the table's weight whose measures could be had, 0 to 1; optional ones that could not are left out of it."""
    fade: float
    """What the days without a post left of the points, 0 to 1."""


def read_formula(path: Path) -> Formula:
    """Read a weights table; one that names no ``half_after_days`` knows no fade. Raises ValueError for one that does not add up."""
    return formula_in(path.read_text(encoding="utf-8"))


def formula_in(text: str) -> Formula:
    """The weights table in a text (TOML). Raises ValueError for one that does not add up."""
    table: dict[str, Any] = tomllib.loads(text)
    terms = (
        Term(
            row["signal"],
            row["weight"],
            LogNormal(row["median"], row["p90"]),
            row["provenance"],
            row.get("optional", False),
        )
        for row in table["term"]
    )
    agreement = tuple(Agreement(**row) for row in table.get("agreement", ()))
    half_after = table.get("half_after_days", inf)
    return Formula(table["version"], table["base"], table["reference"], tuple(terms), half_after, agreement)


@cache
def shipped_formula() -> Formula:
    """The table this version ships with."""
    return read_formula(Path(__file__).with_name("weights.toml"))


_in_use: list[Formula] = []


def current_formula() -> Formula:
    """The table that this process scores by: the one it ships with, unless another one was put to use."""
    return _in_use[0] if _in_use else shipped_formula()


def use_formula(formula: Formula | None) -> None:
    """Have everything in this process scored by another table from now on; None: by the shipped one."""
    _in_use[:] = [] if formula is None else [formula]


def points(measures: Measures, formula: Formula, days_silent: float = 0.0) -> Points | None:
    """What the measures earn ``days_silent`` days after the newest post, or None when too little of the formula could be measured.

    A missing measure is not zero: its weight is shared out among the others in proportion.
    """
    seen = [term for term in formula.terms if term.signal in measures and not np.isnan(measures[term.signal][0])]
    weight = sum(term.weight for term in seen)
    expected = weight + sum(term.weight for term in formula.terms if term not in seen and not term.optional)
    if not weight or weight / expected < LEAST_WEIGHT_SEEN:
        return None
    whole, fade = sum(term.weight for term in formula.terms), formula.fade(days_silent)
    of = {term.signal: term.weight * whole / weight for term in seen}
    earned = {term.signal: of[term.signal] * fade * term.curve(_told(measures[term.signal])) for term in seen}
    total = np.asarray(formula.base + sum(earned.values(), start=np.zeros(1)), np.float64)
    return Points(earned, of, total, weight / expected, fade)


def totals(measures: Measures, formula: Formula, days_silent: Floats) -> Floats:
    """The scores of many accounts: what ``points`` gives in total for each, NaN where that gives None.

    ``measures``: by signal, one value for each account, NaN where it cannot be had; ``days_silent``: one for each account.
    """
    earned, seen, expected = np.zeros(len(days_silent)), np.zeros(len(days_silent)), np.zeros(len(days_silent))
    for term in formula.terms:
        values = measures.get(term.signal, np.full(len(days_silent), np.nan))
        known = ~np.isnan(values)
        earned += np.where(known, term.weight * np.where(known, term.curve(values), 0.0), 0.0)
        seen += term.weight * known
        expected += term.weight * (known | (not term.optional))
    fade = formula.fades(days_silent)
    whole = sum(term.weight for term in formula.terms)
    enough = (seen > 0) & (seen >= LEAST_WEIGHT_SEEN * expected)
    return np.where(enough, formula.base + fade * earned * whole / np.where(enough, seen, 1.0), np.nan)


def _told(measure: Floats) -> Floats:
    """A measure whose resamples that say nothing (NaN) repeat the sample."""
    return np.where(np.isnan(measure), measure[0], measure)

"""The influence formula: score = base + sum of weight x curve(measure). Weights stand in weights.toml and nowhere else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from server.scoring.curves import LogNormal
from server.scoring.measures import Measures
from server.scoring.sample import Floats

LEAST_WEIGHT_SEEN = 0.5
"""Below this share of the weights a score would be a guess; there is none."""


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the table: what a signal of influence can earn at most, along which curve, and where the numbers come from."""

    signal: str
    weight: float
    curve: LogNormal
    provenance: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A version of the table."""

    version: str
    base: float
    reference: dict[str, str]
    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        total = self.base + sum(term.weight for term in self.terms)
        if any(term.weight < 0 for term in self.terms) or abs(total - 100) > 1e-9:
            raise ValueError(f"weights must not be negative, and with the base add up to 100, not {total}")


@dataclass(frozen=True, slots=True)
class Points:
    """What each term earned. Arrays have shape (1 + RESAMPLES,); ``of`` is a term's weight with that of missing terms shared out."""

    earned: dict[str, Floats]
    of: dict[str, float]
    total: Floats
    weight_seen: float
    """Share of the table's weight whose measures could be had, 0 to 1."""


def read_formula(path: Path) -> Formula:
    """Read a weights table. Raises ValueError for a table that does not add up."""
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    terms = (
        Term(row["signal"], row["weight"], LogNormal(row["median"], row["p90"]), row["provenance"])
        for row in table["term"]
    )
    return Formula(table["version"], table["base"], table["reference"], tuple(terms))


@cache
def current_formula() -> Formula:
    """The table this version ships with."""
    return read_formula(Path(__file__).with_name("weights.toml"))


def points(measures: Measures, formula: Formula) -> Points | None:
    """What the measures earn, or None when too little of the formula could be measured.

    A missing measure is not zero: its weight is shared out among the others in proportion.
    """
    seen = [term for term in formula.terms if not np.isnan(measures[term.signal][0])]
    table = sum(term.weight for term in formula.terms)
    weight_seen = sum(term.weight for term in seen) / table
    if weight_seen < LEAST_WEIGHT_SEEN:
        return None
    of = {term.signal: term.weight / weight_seen for term in seen}
    earned = {term.signal: of[term.signal] * term.curve(measures[term.signal]) for term in seen}
    total = formula.base + np.sum(list(earned.values()), axis=0)
    return Points(earned, of, total, weight_seen)

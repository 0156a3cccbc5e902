"""From measures to scores, ranks and grades of a whole network: the live path's formula and table of weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.activity import Ints
from server.scoring.formula import Formula, totals
from server.scoring.sample import Floats
from server.scoring.verdict import FEWEST_POSTS


@dataclass(frozen=True, slots=True)
class Standings:
    """Of each account: its score and where that stands among all that have one. NaN, 0: too little was seen for a score."""

    exact: Floats
    """The score before rounding, 1 to 100."""
    score: Ints
    rank: Ints
    """From 1; those that are equal to the tenth of a point share one."""
    grade: Floats
    """Share of the scored accounts with an equal or lower score, 0 to 1 (Twitter Grader, 2009)."""


def exact_scores(measures: Mapping[str, Floats], days_silent: Floats, posts_seen: Ints, formula: Formula) -> Floats:
    """Scores before rounding of accounts whose measures stand in columns of one length, NaN for a measure that cannot be had; NaN without one."""
    return np.where(posts_seen >= FEWEST_POSTS, totals(measures, formula, days_silent), np.nan)


def standings(exact: Floats) -> Standings:
    """Score, rank and grade of accounts by their ``exact_scores``."""
    scored = np.flatnonzero(~np.isnan(exact))
    tenths = np.round(exact[scored] * 10).astype(np.int64)
    score, rank, grade = np.zeros(len(exact), np.int64), np.zeros(len(exact), np.int64), np.full(len(exact), np.nan)
    ordered = np.sort(tenths)
    at_or_below = np.searchsorted(ordered, tenths, side="right")
    score[scored] = np.maximum(1, (tenths + 5) // 10)
    rank[scored] = len(scored) - at_or_below + 1
    grade[scored] = at_or_below / max(1, len(scored))
    return Standings(exact, score, rank, grade)

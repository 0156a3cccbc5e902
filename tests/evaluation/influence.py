"""Influence on judged pairs: the pairs' columns as our measures, and how often the score agrees with people.

The data (``influence/pairs.csv``): who of A and B is more influential, 11 features each, of public accounts in 2011-2012. What
the columns count is only partly documented; what is assumed of them stands in ``measures_of``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from server.scoring.formula import Formula, points
from server.scoring.sample import WINDOW_DECAYED_DAYS
from server.signals.followers import heard

Floats = NDArray[np.float64]

SPREAD_OF_POSTS = 1.2
"""Standard deviation of ln(mean count of a post) around the account's mean; the results hardly change between 0.8 and 1.6."""
SPREAD_OF_ENGAGERS = 2.0
"""Standard deviation of ln(followers) among those who react: from their mean to their typical count is a factor exp(-2)."""
SPLITS = 30
HELD_OUT = 0.4
JUDGES_AGREE = 0.74
"""Two judgements of the same pair agree so often (305 of 412 in the whole data set)."""


@dataclass(frozen=True)
class Pairs:
    """``a``, ``b``: indices into the people; ``first``: was A chosen? ``columns``: name -> one value for each person."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    first: NDArray[np.int64]
    columns: dict[str, Floats]

    @cached_property
    def people(self) -> int:
        return len(next(iter(self.columns.values())))

    def splits(self) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        """Train and test pairs, again and again; no person occurs on both sides."""
        for number in range(SPLITS):
            held_out = np.random.default_rng(1000 + number).random(self.people) < HELD_OUT
            yield ~held_out[self.a] & ~held_out[self.b], held_out[self.a] & held_out[self.b]

    def auc(self, of_person: Floats, among: NDArray[np.bool_] | None = None) -> float:
        """How often the person chosen has the higher value: AUC over the pairs."""
        among = np.ones(len(self.first), np.bool_) if among is None else among
        return float(roc_auc_score(self.first[among], (of_person[self.a] - of_person[self.b])[among]))

    def accuracy(self, of_person: Floats, among: NDArray[np.bool_]) -> float:
        """The share of pairs in which the person chosen has the higher value."""
        return float(((of_person[self.a] > of_person[self.b])[among] == self.first[among]).mean())


def read_pairs(folder: Path) -> Pairs:
    """The pairs of a data folder. A person is whoever has the same eleven values. Raises FileNotFoundError."""
    table = pd.read_csv(folder / "influence" / "pairs.csv")
    names = [name[2:] for name in table if name.startswith("A_")]
    sides = [table[[f"{side}_{name}" for name in names]].to_numpy(float) for side in "AB"]
    people, index = np.unique(np.vstack(sides), axis=0, return_inverse=True)
    index = index.reshape(2, -1)
    columns = {name: people[:, number] for number, name in enumerate(names)}
    return Pairs(index[0], index[1], table["Choice"].to_numpy(), columns)


def measures_of(pairs: Pairs) -> dict[str, Floats]:
    """Our measures for each person, as the formula names them.

    Rates are taken to be per day (their medians, 1.3 posts and 8 mentions a day, fit nothing else), mentions as people who
    react, ``network_feature_3`` as the mean follower count of those who mention: its meaning is not documented, so it stands in.
    Of single posts nothing is known: their counts are taken to vary log-normally around the account's mean, and from that follow
    the typical post and the h-index that such an account would measure.
    """
    columns = pairs.columns
    posts = columns["posts"]
    people, reposts = columns["mentions_received"] / posts, columns["retweets_received"] / posts
    reach = expected_h_index(people, posts)
    return {
        "followers": heard(columns["follower_count"], reach),
        "listed": columns["listed_count"],
        "people_per_post": expected_typical(people),
        "people_h_index": reach,
        "reposts_per_post": expected_typical(reposts),
        "repost_h_index": expected_h_index(reposts, posts),
        "engager_followers": columns["network_feature_3"] * np.exp(-(SPREAD_OF_ENGAGERS**2) / 2),
    }


def _rates(mean: Floats) -> Floats:
    """Quantiles of the expected counts of an account's posts, shape (accounts, 64)."""
    quantiles = stats.norm.ppf((np.arange(64) + 0.5) / 64)
    return mean[:, None] * np.exp(SPREAD_OF_POSTS * quantiles - SPREAD_OF_POSTS**2 / 2)


def expected_typical(mean: Floats) -> Floats:
    """``measures.typical_per_post`` of an account whose posts get ``mean`` on average: counts are Poisson around log-normal rates."""
    rates = _rates(mean)
    exact = np.arange(60)
    small = (stats.poisson.pmf(exact, np.minimum(rates, 20.0)[..., None]) * np.log1p(exact)).sum(axis=-1)
    # From twenty on the Poisson noise is small: second-order expansion of E ln(1 + count).
    large = np.log1p(rates) - rates / (2 * (1 + rates) ** 2)
    return np.expm1(np.where(rates <= 20, small, large).mean(axis=1))


def expected_h_index(mean: Floats, posts_a_day: Floats) -> Floats:
    """``measures.h_index`` of an account that sends so many posts a day which get ``mean`` on average."""
    rates, weight = _rates(mean), posts_a_day * WINDOW_DECAYED_DAYS
    low, high = np.zeros(len(mean)), np.maximum(weight, 1e-9)
    for _ in range(40):
        middle = (low + high) / 2
        whole, part = np.floor(middle)[:, None], (middle - np.floor(middle))[:, None]
        wholly = stats.poisson.sf(whole + 1, rates)
        above = (wholly + (1 - part) * (stats.poisson.sf(whole, rates) - wholly)).mean(axis=1) * weight
        low, high = np.where(above > middle, middle, low), np.where(above > middle, high, middle)
    return low


def scores(measures: dict[str, Floats], formula: Formula) -> Floats:
    """Everybody's score, 1 to 100."""
    earned = points(measures, formula)
    assert earned is not None
    return earned.total


def without_lists(measures: dict[str, Floats]) -> dict[str, Floats]:
    """The same people on a network that shows no lists."""
    return {name: values for name, values in measures.items() if name != "listed"}


def black_box(pairs: Pairs, train: NDArray[np.bool_], test: NDArray[np.bool_], lists: bool) -> float:
    """AUC on the test pairs of gradient boosting fitted on the train pairs: differences and both sides' logs, made symmetric."""
    columns = [np.log(values + 0.1) for name, values in pairs.columns.items() if lists or name != "listed_count"]
    table = np.column_stack(columns)
    a, b = table[pairs.a], table[pairs.b]
    forth, back = np.hstack([a - b, a, b]), np.hstack([b - a, b, a])
    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.05, max_depth=3, min_samples_leaf=20, random_state=0
    )
    model.fit(np.vstack([forth[train], back[train]]), np.concatenate([pairs.first[train], 1 - pairs.first[train]]))
    chosen = model.decision_function(forth[test]) - model.decision_function(back[test])
    return float(roc_auc_score(pairs.first[test], chosen))


GAPS = ((0, 5), (5, 10), (10, 20), (20, 30), (30, 50), (50, 100))


def agreement_by_gap(pairs: Pairs, score: Floats) -> list[dict[str, float]]:
    """For each range of score gaps: how many pairs, and in which share of them people chose the one with the higher score."""
    gap = score[pairs.a] - score[pairs.b]
    agrees = (gap > 0) == (pairs.first == 1)
    rows = []
    for low, high in GAPS:
        inside = (np.abs(gap) >= low) & (np.abs(gap) < high)
        rows.append({"from": low, "to": high, "pairs": int(inside.sum()), "agree": float(agrees[inside].mean())})
    return rows

"""``make fit DATA=…``: fit the weights on judged pairs and write the one weights table. Evaluating never fits; this never evaluates."""

from __future__ import annotations

import sys
from math import log10
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from server.scoring.curves import LogNormal
from server.scoring.formula import Formula, formula_in
from tests.evaluation.influence import Pairs, agreement_by_gap, measures_of, read_pairs, scores, without_lists

Floats = NDArray[np.float64]

TABLE = Path(__file__).parents[2] / "server" / "scoring" / "weights.toml"
VERSION = "2"
BASE = 1.0
HALF_AFTER_DAYS = 120.0
RIDGE = 1e-3
MOST_FOR_FOLLOWERS = 0.1
"""At most this share of the points for what can be bought."""

HEADER = """\
# The one table of weights, written by `make fit`: score = base + fade x sum of weight x curve(measure); base and weights add up to 100.
# curve: log-normal, 0.5 at the median and 0.9 at the 90th percentile of the reference population.
# fade: 1 / (1 + (days since the newest post / half_after_days)^3).
"""
POPULATION = "the {people} distinct people of {pairs} judged pairs (PeerIndex data, public accounts, 2011-2012), most of them well known"
NOTE = (
    "Weights: logistic regression of {pairs} judgements on differences of curves, not negative, followers at most "
    "{followers:.0%} of the points because they can be bought. Well-known people are the yardstick: ordinary accounts that some people "
    "read score 15 to 40."
)
STANDS = {
    "followers": "follower count, bounded by the people reached",
    "listed": "listed count",
    "people_per_post": "mentions received per post, as a typical post would show it",
    "people_h_index": "mentions received and posts, as the h-index of such posts",
    "reposts_per_post": "retweets received per post, as a typical post would show it",
    "repost_h_index": "retweets received and posts, as the h-index of such posts",
    "engager_followers": "network feature 3, whose meaning is not documented: it stands in for the followers of those who react",
}
OPTIONAL = ("listed",)


def control_points(values: Floats) -> tuple[float, float]:
    """Median and 90th percentile of the reference population, three digits each."""
    median, p90 = np.quantile(values, (0.5, 0.9))
    return three_digits(float(median)), three_digits(float(p90))


def three_digits(value: float) -> float:
    """Rounded to three significant digits."""
    return round(value, 2 - int(np.floor(log10(value))))


def curve_values(measures: dict[str, Floats], controls: dict[str, tuple[float, float]]) -> Floats:
    """Each person's place on each curve, shape (people, terms)."""
    return np.column_stack([LogNormal(*controls[name])(values) for name, values in measures.items()])


def fit_weights(difference: Floats, first: NDArray[np.int64], bounded: int | None, most: float) -> Floats:
    """Weights in log-odds, none negative, that of the ``bounded`` column at most the share ``most`` of their sum."""
    free = _regression(difference, first)
    if bounded is None or free[bounded] <= most * free.sum():
        return free
    others = np.delete(np.arange(difference.shape[1]), bounded)
    # At the bound its weight is a fixed multiple of the sum of the others: fold it into them.
    part = most / (1 - most)
    folded = _regression(difference[:, others] + part * difference[:, [bounded]], first)
    return np.insert(folded, bounded, part * folded.sum())


def _regression(difference: Floats, first: NDArray[np.int64]) -> Floats:
    sign = np.where(first == 1, 1.0, -1.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (difference @ weights)
        slope = -sign / (1 + np.exp(margin)) / len(first)
        return float(
            np.logaddexp(0, -margin).mean() + RIDGE * (weights**2).sum()
        ), difference.T @ slope + 2 * RIDGE * weights

    terms = difference.shape[1]
    found = minimize(loss, np.full(terms, 0.5), jac=True, bounds=[(0, None)] * terms, method="L-BFGS-B")
    return np.asarray(found.x, np.float64)


def fit(
    pairs: Pairs, among: NDArray[np.bool_] | None = None, measures: dict[str, Floats] | None = None
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Weights that add up to 1, and control points, from these pairs (all, or only those given) and the people in them."""
    among = np.ones(len(pairs.first), np.bool_) if among is None else among
    measures = measures or measures_of(pairs)
    inside = np.union1d(pairs.a[among], pairs.b[among])
    controls = {name: control_points(values[inside]) for name, values in measures.items()}
    places = curve_values(measures, controls)
    names = list(measures)
    weights = fit_weights(
        (places[pairs.a] - places[pairs.b])[among], pairs.first[among], names.index("followers"), MOST_FOR_FOLLOWERS
    )
    return dict(zip(names, (weights / weights.sum()).tolist(), strict=True)), controls


def table_text(pairs: Pairs) -> str:
    """The weights table as TOML; the weights have one decimal and with the base add up to 100 exactly."""
    weights, controls = fit(pairs)
    tenths = _add_up({name: 10 * (100 - BASE) * weight for name, weight in weights.items()}, round(10 * (100 - BASE)))
    known = {"people": pairs.people, "pairs": f"{len(pairs.first):,}", "followers": MOST_FOR_FOLLOWERS}
    lines = [
        HEADER,
        f'version = "{VERSION}"',
        f"base = {BASE}",
        f"half_after_days = {HALF_AFTER_DAYS}",
        "",
        "[reference]",
    ]
    lines += [f'population = "{POPULATION.format(**known)}"', f'note = "{NOTE.format(**known)}"']
    for name, weight in tenths.items():
        median, p90 = controls[name]
        lines += ["", "[[term]]", f'signal = "{name}"', f"weight = {weight / 10}", f"median = {median}", f"p90 = {p90}"]
        lines += ["optional = true"] if name in OPTIONAL else []
        lines += [f'provenance = "fitted; control points: {STANDS[name]}"']
    table = "\n".join(lines) + "\n"
    return table + _agreement_text(pairs, formula_in(table))


def _agreement_text(pairs: Pairs, formula: Formula) -> str:
    """What a difference between two scores means on these pairs, with lists and without."""
    measures = measures_of(pairs)
    by_gap = agreement_by_gap(pairs, scores(measures, formula))
    without = agreement_by_gap(pairs, scores(without_lists(measures), formula))
    lines = []
    for row, other in zip(by_gap, without, strict=True):
        lines += ["", "[[agreement]]", f"least = {row['from']}", f"most = {row['to']}"]
        lines += [f"agree = {row['agree']:.3f}", f"agree_without_lists = {other['agree']:.3f}"]
    return "\n".join(lines) + "\n"


def _add_up(exact: dict[str, float], total: int) -> dict[str, int]:
    whole = {name: int(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda n: whole[n] - exact[n])[: total - sum(whole.values())]:
        whole[name] += 1
    return whole


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.evaluation.fit DATA  (a folder that holds influence/pairs.csv)")
    TABLE.write_text(table_text(read_pairs(Path(sys.argv[1]))), encoding="utf-8")
    print(f"wrote {TABLE.name}")

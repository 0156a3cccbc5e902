"""How sure the score is."""

from __future__ import annotations

from math import hypot, sqrt

import numpy as np

from server.scoring.formula import Points
from server.scoring.sample import Floats

Z90 = 1.6448536269514722
"""Two-sided 90 % point of the normal distribution."""

CONFIDENCE = 0.9
UNSEEN_RANGE = 0.98
"""Measures that were not looked at may turn out anywhere on their curves; so much of that range, about its middle, is allowed for. A
curve is how the measure is spread in the reference population, which only stands in for the people looked at here: with nine tenths
of it a study would now and then contradict the glance before it."""
LEAST_HALF_WIDTH = 1.0
WIDEST = 50.0
"""A score known no better than this is not told."""
BOOTSTRAP_STRETCH = 1.1
"""Percentile intervals of counts with heavy tails come out about a tenth too narrow, measured on simulated accounts."""
SMALL_SAMPLE = 10.0
"""Nothing measured on people is exact to the point, and on few posts not to two: at least 1 + 10 / effective posts either way."""


def interval(points: Points, effective_posts: float, if_discounted: float | None = None) -> tuple[float, float]:
    """90 % interval of the score that all posts of the window would give, within 1 and 100, around the point score.

    The bootstrap over posts and people (percentile method), stretched for small samples, and widened in quadrature by what
    looking further could still add or take away. ``effective_posts``: ``Sample.effective_posts``. ``if_discounted``: the score
    if those who reacted turned out to be the same few; None where they were looked at.
    """
    below, above = _unseen(points)
    if if_discounted is not None:
        below = hypot(below, max(float(points.total[0]) - if_discounted, 0.0))
    return _within(points.total, 1.0, 100.0, below, above, effective_posts)


def _unseen(points: Points) -> tuple[float, float]:
    """By how much the score would fall or rise if what was not looked at came out at either end of UNSEEN_RANGE of its curve."""
    # Missing weight is shared out, so that what was not looked at stands at the mean of what was.
    weight, base = sum(points.of.values()), float(points.total[0]) - sum(float(v[0]) for v in points.earned.values())
    earned, most = float(points.total[0]) - base, points.fade * weight
    low, high = (1 - UNSEEN_RANGE) / 2 * most, (1 + UNSEEN_RANGE) / 2 * most
    unseen = 1 - points.weight_seen
    return unseen * max(earned - low, 0.0), unseen * max(high - earned, 0.0)


def interval_of_part(earned: Floats, most: float, effective_posts: float) -> tuple[float, float]:
    """The same of some of the points, of which ``most`` could be had; without what was not looked at."""
    return _within(earned, 0.0, most, 0.0, 0.0, effective_posts)


def interval_of_measure(measured: Floats, effective: float) -> tuple[float, float]:
    """90 % interval of a measure from its resamples, stretched for few observations (``effective``); never below 0."""
    value = float(measured[0])
    told = measured[~np.isnan(measured)]
    low, high = middle_of(told[1:] if len(told) > 1 else told)
    stretch = _stretch(effective)
    return max(0.0, value - stretch * max(value - low, 0.0)), value + stretch * _lean(effective) * max(
        high - value, 0.0
    )


def _within(
    drawn: Floats, floor: float, ceiling: float, unseen_below: float, unseen_above: float, effective_posts: float
) -> tuple[float, float]:
    value = float(drawn[0])
    low, high = middle_of(drawn[1:])
    stretch = _stretch(effective_posts)
    least = (LEAST_HALF_WIDTH + SMALL_SAMPLE / max(effective_posts, 1.0)) * (ceiling - floor) / 99
    below = max(hypot(stretch * max(value - low, 0), unseen_below), least)
    above = max(hypot(stretch * _lean(effective_posts) * max(high - value, 0), unseen_above), least)
    return max(floor, value - below), min(ceiling, value + above)


def _lean(effective_posts: float) -> float:
    """How much farther above than resamples tell the truth may lie: reactions have heavy tails, and few posts seldom show the tail.

    1 + 1 / sqrt(n), the order of the skewness term of the Edgeworth expansion (Hall 1992); its factor was measured on
    simulated accounts.
    """
    return 1 + 1 / sqrt(max(effective_posts, 1.0))


def middle_of(drawn: Floats) -> tuple[float, float]:
    """The ends between which the middle nine tenths of the values lie (``np.percentile``, without its cost); not NaN."""
    ranked = np.sort(drawn)
    if not len(ranked):
        return float("nan"), float("nan")
    places = (len(ranked) - 1) * np.array([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    below = places.astype(np.int64)
    above = np.minimum(below + 1, len(ranked) - 1)
    low, high = (ranked[below] + (ranked[above] - ranked[below]) * (places - below)).tolist()
    return low, high


def _stretch(effective_posts: float) -> float:
    """What makes a bootstrap of few observations wide enough: sqrt(n / (n - 1)), and Student's t over the normal quantile.

    Source: Hesterberg 2015, "What Teachers Should Know About the Bootstrap"; t quantile by its first Cornish-Fisher term.
    """
    freedom = max(effective_posts - 1, 1.0)
    return BOOTSTRAP_STRETCH * sqrt(1 + 1 / freedom) * (1 + (Z90**2 + 1) / (4 * freedom))

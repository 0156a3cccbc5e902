"""How sure the score is."""

from __future__ import annotations

from math import hypot
from typing import TypeAlias

import numpy as np

from server.scoring.formula import Points
from server.scoring.sample import Floats

Values: TypeAlias = float | np.float64 | Floats
"""One, or one for each of many."""

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
    earned, most = sum(float(v[0]) for v in points.earned.values()), points.fade * sum(points.of.values())
    below, above = _unseen(earned, most, points.weight_seen)
    if if_discounted is not None:
        below = hypot(below, max(float(points.total[0]) - if_discounted, 0.0))
    return _alone(_within(points.total, 1.0, 100.0, below, above, effective_posts))


def intervals(
    total: Floats, earned: Floats, most: Floats, weight_seen: Floats, effective_posts: Floats
) -> tuple[Floats, Floats]:
    """``interval`` of many scores at once, shape (accounts,); ``total``: (accounts, 1 + RESAMPLES). ``earned``: points above the formula's
    base, of which ``most`` could be had."""
    below, above = _unseen(earned, most, weight_seen)
    low, high = _within(total, 1.0, 100.0, below, above, effective_posts)
    return np.asarray(low), np.asarray(high)


def _alone(ends: tuple[Values, Values]) -> tuple[float, float]:
    low, high = ends
    return float(low), float(high)


def _unseen(earned: Values, most: Values, weight_seen: Values) -> tuple[Values, Values]:
    """By how much the score would fall or rise if what was not looked at came out at either end of UNSEEN_RANGE of its curve."""
    # Missing weight is shared out, so that what was not looked at stands at the mean of what was.
    low, high = (1 - UNSEEN_RANGE) / 2 * most, (1 + UNSEEN_RANGE) / 2 * most
    unseen = 1 - weight_seen
    return unseen * np.maximum(earned - low, 0.0), unseen * np.maximum(high - earned, 0.0)


def interval_of_part(earned: Floats, most: float, effective_posts: float) -> tuple[float, float]:
    """The same of some of the points, of which ``most`` could be had; without what was not looked at."""
    return _alone(_within(earned, 0.0, most, 0.0, 0.0, effective_posts))


def interval_of_measure(measured: Floats, effective: float) -> tuple[float, float]:
    """90 % interval of a measure from its resamples, stretched for few observations (``effective``); never below 0."""
    value = float(measured[0])
    told = measured[~np.isnan(measured)]
    low, high = _alone(middle_of(told[1:] if len(told) > 1 else told))
    stretch = float(_stretch(effective))
    less, more = stretch * max(value - low, 0.0), stretch * float(_lean(effective)) * max(high - value, 0.0)
    return max(0.0, value - less), value + more


def _within(
    drawn: Floats, floor: float, ceiling: Values, unseen_below: Values, unseen_above: Values, effective_posts: Values
) -> tuple[Values, Values]:
    value = drawn[..., 0]
    low, high = middle_of(drawn[..., 1:])
    stretch = _stretch(effective_posts)
    least = (LEAST_HALF_WIDTH + SMALL_SAMPLE / np.maximum(effective_posts, 1.0)) * (ceiling - floor) / 99
    below = np.maximum(np.hypot(stretch * np.maximum(value - low, 0), unseen_below), least)
    above = np.maximum(np.hypot(stretch * _lean(effective_posts) * np.maximum(high - value, 0), unseen_above), least)
    return np.maximum(floor, value - below), np.minimum(ceiling, value + above)


def _lean(effective_posts: Values) -> Values:
    """How much farther above than resamples tell the truth may lie: reactions have heavy tails, and few posts seldom show the tail.

    1 + 1 / sqrt(n), the order of the skewness term of the Edgeworth expansion (Hall 1992); its factor was measured on
    simulated accounts.
    """
    return 1 + 1 / np.sqrt(np.maximum(effective_posts, 1.0))


def middle_of(drawn: Floats) -> tuple[Values, Values]:
    """The ends between which the middle nine tenths of the values lie (``np.percentile``, without its cost); not NaN. Shape (..., values)."""
    ranked = np.sort(drawn)
    if not ranked.shape[-1]:
        return np.float64("nan"), np.float64("nan")
    low, high = (_at(ranked, share) for share in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return low, high


def _at(ranked: Floats, share: float) -> Values:
    place = (ranked.shape[-1] - 1) * share
    below = int(place)
    lesser, greater = ranked[..., below], ranked[..., min(below + 1, ranked.shape[-1] - 1)]
    value: Values = lesser + (greater - lesser) * (place - below)
    return value


def _stretch(effective_posts: Values) -> Values:
    """What makes a bootstrap of few observations wide enough: sqrt(n / (n - 1)), and Student's t over the normal quantile.

    Source: Hesterberg 2015, "What Teachers Should Know About the Bootstrap"; t quantile by its first Cornish-Fisher term.
    """
    freedom = np.maximum(effective_posts - 1, 1.0)
    return BOOTSTRAP_STRETCH * np.sqrt(1 + 1 / freedom) * (1 + (Z90**2 + 1) / (4 * freedom))

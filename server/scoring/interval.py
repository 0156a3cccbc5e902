"""How sure the score is."""

from __future__ import annotations

from math import hypot, sqrt

import numpy as np

from server.scoring.formula import Points

CONFIDENCE = 0.9
UNSEEN_RANGE = 0.7
"""Measures that were not looked at may turn out anywhere on their curves; this much of that range, either way, is allowed for."""
LEAST_HALF_WIDTH = 1.0
SMALL_SAMPLE = 10.0
"""Nothing measured on people is exact to the point, and on few posts not to two: at least 1 + 10 / posts either way."""


def interval(points: Points, posts: int) -> tuple[float, float]:
    """90 % interval of the score, within 1 and 100, around the point score.

    The bootstrap over posts and people (percentile method), stretched by sqrt(n / (n - 1)) for small samples, and widened in
    quadrature by what the measures not looked at could still add or take away.
    """
    value = float(points.total[0])
    low, high = np.percentile(points.total[1:], (100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2))
    stretch = sqrt(posts / (posts - 1)) if posts > 1 else 2.0
    least = LEAST_HALF_WIDTH + SMALL_SAMPLE / max(posts, 1)
    unseen = UNSEEN_RANGE * (1 - points.weight_seen)
    below = max(hypot(stretch * max(value - low, 0), unseen * value), least)
    above = max(hypot(stretch * max(high - value, 0), unseen * (100 - value)), least)
    return max(1.0, value - below), min(100.0, value + above)

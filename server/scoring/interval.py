"""How sure the score is."""

from __future__ import annotations

from math import sqrt

import numpy as np

from server.scoring.formula import Points

CONFIDENCE = 0.9
UNSEEN_SPREAD = 12.0
"""Half-width in points that a whole unseen table would add: what the points of one half of the measures leave open about the other half."""
LEAST_HALF_WIDTH = 1.0
"""Nothing measured on people is exact to the point."""


def interval(points: Points, posts: int) -> tuple[float, float]:
    """90 % interval of the score, within 1 and 100, around the point score.

    The bootstrap over posts and people (percentile method), stretched by sqrt(n / (n - 1)) for small samples, and widened in
    quadrature by the share of the weights that could not be measured.
    """
    value = float(points.total[0])
    low, high = np.percentile(points.total[1:], (100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2))
    stretch = sqrt(posts / (posts - 1)) if posts > 1 else 2.0
    unseen = UNSEEN_SPREAD * sqrt(1 - points.weight_seen)
    below = max(sqrt((stretch * max(value - low, 0)) ** 2 + unseen**2), LEAST_HALF_WIDTH)
    above = max(sqrt((stretch * max(high - value, 0)) ** 2 + unseen**2), LEAST_HALF_WIDTH)
    return max(1.0, value - below), min(100.0, value + above)

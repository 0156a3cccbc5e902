"""From a measure to a share of its points."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, log, sqrt

import numpy as np

from server.scoring.sample import Floats

P90 = 1.2815515655446004
"""90th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Cumulative log-normal curve through two control points: 0.5 at ``median``, 0.9 at ``p90``; 0 at 0, never quite 1.

    Source of the form: Lighthouse's scoring curves (two published control points per metric), turned so that more is better.
    """

    median: float
    p90: float

    def __post_init__(self) -> None:
        if not 0 < self.median < self.p90:
            raise ValueError(f"a curve needs 0 < median < p90, not {self.median} and {self.p90}")

    def __call__(self, values: Floats) -> Floats:
        """Share of the points for each value (same shape, NaN stays NaN). Rises with the value."""
        spread = (log(self.p90) - log(self.median)) / P90
        with np.errstate(divide="ignore"):
            standard = (np.log(np.maximum(values, 0.0)) - log(self.median)) / (spread * sqrt(2))
        if standard.size > _RESAMPLES_AT_MOST:
            return _normal(standard)
        # The exact measures repeat one value in every resample: look each distinct one up once.
        distinct, inverse = np.unique(standard, return_inverse=True)
        return _normal(distinct)[inverse]


_RESAMPLES_AT_MOST = 1000


def _normal(scaled: Floats) -> Floats:
    return np.array([0.5 * (1 + erf(x)) for x in scaled.tolist()])

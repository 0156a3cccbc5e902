"""Where things stand in the pictures: plain coordinates for SVG, because the pages allow no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log

import numpy as np

from server.scoring.curves import LogNormal

CURVE_WIDTH, CURVE_HEIGHT = 140.0, 44.0
_MARGIN = 5.0
_WIDEST = 2.4
"""Standard deviations of the curve drawn to either side of its median."""
_P90 = 1.2815515655446004


def on_scale(score: float) -> float:
    """Per cent of the way from 1 to 100."""
    return on_scale_of(score, 1.0, 100.0)


def on_scale_of(value: float, low: float, high: float) -> float:
    """Per cent of the way from ``low`` to ``high``, kept within."""
    return round((min(max(value, low), high) - low) / (high - low) * 100, 2)


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Scores over time, 90 by 24: ``line`` is path data, ``x`` and ``y`` are where it ends."""

    line: str
    x: float
    y: float


def draw_sparkline(scores: Sequence[tuple[float, float]], start: float, end: float) -> Sparkline:
    """The picture of scores, (time, score) each, oldest first, between two times; the scale spans 20 points at least."""
    values = [score for _, score in scores]
    middle, half = (min(values) + max(values)) / 2, max(10.0, (max(values) - min(values)) / 2)
    spots = [
        (
            round(3 + on_scale_of(at, start, end) * 0.84, 1),
            round(21 - on_scale_of(score, middle - half, middle + half) * 0.18, 1),
        )
        for at, score in scores
    ]
    return Sparkline("M" + "L".join(f"{x} {y}" for x, y in spots), *spots[-1])


@dataclass(frozen=True, slots=True)
class CurvePicture:
    """A curve from value (logarithmic, left to right) to share of the points (bottom to top), and where one account lies on it."""

    line: str
    x: float | None
    y: float | None
    uncertain: str
    """The piece of the line inside the value's interval; empty without one."""
    median_x: float
    p90_x: float


def draw_curve(
    median: float, p90: float, value: float | None = None, low: float | None = None, high: float | None = None
) -> CurvePicture:
    """The picture of a curve through its two control points. Values beyond its ends are drawn at the ends."""
    pen = _Pen(LogNormal(median, p90))
    line = _whole_line(pen)
    x, y = (None, None) if value is None else pen.point(pen.place(value))
    uncertain = "" if low is None or high is None or high <= low else pen.line(pen.place(low), pen.place(high))
    return CurvePicture(line, x, y, uncertain, pen.point(0.0)[0], pen.point(_P90)[0])


def slider_ends(median: float, p90: float) -> tuple[float, float]:
    """Smallest and largest value, but for 0, of a slider over a curve: what its picture shows, and room above, as numbers grow far."""
    spread = (log(p90) - log(median)) / _P90
    low, high = median * exp(-_WIDEST * spread), median * exp(1.5 * _WIDEST * spread)
    return float(f"{low:.2g}"), float(f"{high:.2g}")


@dataclass(frozen=True, slots=True)
class _Pen:
    curve: LogNormal

    @property
    def _spread(self) -> float:
        return (log(self.curve.p90) - log(self.curve.median)) / _P90

    def place(self, value: float) -> float:
        """Standard deviations from the median, on the logarithmic scale, kept inside the picture."""
        if value <= 0:
            return -_WIDEST
        return min(max((log(value) - log(self.curve.median)) / self._spread, -_WIDEST), _WIDEST)

    def point(self, place: float) -> tuple[float, float]:
        """Coordinates of the point of the curve at that place."""
        share = float(self.curve(np.array([self.curve.median * exp(self._spread * place)]))[0])
        x = _MARGIN + (place + _WIDEST) / (2 * _WIDEST) * (CURVE_WIDTH - 2 * _MARGIN)
        return round(x, 1), round(CURVE_HEIGHT - _MARGIN - share * (CURVE_HEIGHT - 2 * _MARGIN), 1)

    def line(self, start: float, end: float, steps: int = 28) -> str:
        """Path data of the piece between two places."""
        points = [self.point(start + (end - start) * i / steps) for i in range(steps + 1)]
        return "M" + "L".join(f"{x} {y}" for x, y in points)


@lru_cache(maxsize=64)
def _whole_line(pen: _Pen) -> str:
    """Drawing point by point is most of the work of a page, and the formula has few curves."""
    return pen.line(-_WIDEST, _WIDEST)

"""The tally: what measures earn as it is displayed, in tenths of a point that add up exactly. Reports and the calculator both use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.scoring.formula import Formula, points
from server.scoring.rounding import largest_remainder
from server.signals import all_signals
from server.signals.signal import Pillar


@dataclass(frozen=True, slots=True)
class PillarTally:
    """One part of the score. ``rounded`` are whole points; those of the three pillars add up to the score."""

    pillar: Pillar
    tenths: int
    of: float
    rounded: int


@dataclass(frozen=True, slots=True)
class Tally:
    """A score and its parts in tenths of a point: ``base`` and the terms' ``tenths`` add up to ``total``."""

    total: int
    base: int
    tenths: dict[str, int]
    """Signal id -> what it earned; missing measures are left out."""
    of: dict[str, float]
    """Signal id -> points it could have earned, with the weight of missing measures shared out."""
    fade: float
    """What the days without a post left of the points, 0 to 1."""
    weight_seen: float
    """Share of the formula's weight whose measures could be had, 0 to 1."""

    @property
    def value(self) -> int:
        """The score, 1 to 100."""
        return shown(self.total)

    @property
    def pillars(self) -> tuple[PillarTally, ...]:
        """The three parts; the base belongs to the first."""
        pillar_of = {signal.id: signal.pillar for signal in all_signals()}
        tenths = dict.fromkeys(Pillar, 0) | {Pillar.TRUE_REACH: self.base}
        of = dict.fromkeys(Pillar, 0.0) | {Pillar.TRUE_REACH: self.base / 10}
        for name, earned in self.tenths.items():
            pillar = pillar_of.get(name)
            if pillar is not None:
                tenths[pillar] += earned
                of[pillar] += self.of[name]
        rounded = largest_remainder([tenths[pillar] / 10 for pillar in Pillar], self.value)
        return tuple(PillarTally(p, tenths[p], of[p], whole) for p, whole in zip(Pillar, rounded, strict=True))


def tally(measures: Mapping[str, float], days_silent: float, formula: Formula) -> Tally | None:
    """What these measures earn so many days after the newest post; None when too little of the formula is among them.

    A measure that is left out, or NaN, is missing, not zero.
    """
    earned = points({name: np.array([value]) for name, value in measures.items()}, formula, days_silent)
    if earned is None:
        return None
    total = round(float(earned.total[0]) * 10)
    exact = [formula.base * 10] + [float(values[0]) * 10 for values in earned.earned.values()]
    base, *tenths = largest_remainder(exact, total)
    return Tally(total, base, dict(zip(earned.earned, tenths, strict=True)), earned.of, earned.fade, earned.weight_seen)


def shown(tenths: int) -> int:
    """Tenths of a point as the whole number that is shown for them, at least 1."""
    return max(1, (tenths + 5) // 10)

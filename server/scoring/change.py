"""Why a score changed: the difference of two scores of one account, shared out exactly among its causes.

First the formula, when it is another one: the older measures scored by the newer formula minus by the older. The rest, all by the newer
formula, is shared out among what is different by Shapley's value (1953): each cause gets the mean of what it changes over every order
in which the causes could have come about, so that no order has to be chosen. The causes are the measures (each signal's own part stands
alone: points add up, so it does not depend on the others), the fade by days of silence, and each signal that can be seen now and could
not then, or the reverse: its weight is shared out, so it changes the points of all others (an order in which nothing could be seen
for a while earns nothing meanwhile). All is computed exactly, then rounded to
tenths by largest remainder, so that the parts add up to the difference of the displayed scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import factorial

import numpy as np

from server.scoring.formula import Formula, Points
from server.scoring.rounding import largest_remainder
from server.scoring.sample import Floats
from server.scoring.scored import Scored, points_of

BASE = "base"
"""Stands among signals for the points that everybody starts with."""


class Cause(StrEnum):
    """What can change a score."""

    FORMULA = "formula"
    MEASURE = "measure"
    FADE = "fade"
    NEWLY_SEEN = "newly_seen"
    NO_LONGER_SEEN = "no_longer_seen"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class Part:
    """What one cause changed. ``before`` and ``after``: the signal's measure, or the days of silence; None where there is none."""

    cause: Cause
    tenths: int
    signal: str = ""
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A difference in tenths of a point. ``parts`` add up to it, ``signals`` too, and ``by_formula`` to the part of the formula.

    ``signals``: by how much each signal's displayed tenths differ (``base`` among them). ``by_formula``: the same, for the older measures
    by the newer and the older formula; empty when the formula is the same. Largest first; none is 0.
    """

    tenths: int
    parts: tuple[Part, ...]
    signals: tuple[tuple[str, int], ...]
    by_formula: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """A score reckoned anew from its measures. ``tenths``: as displayed, exactly; what rounding made of it included."""

    points: Points
    formula: Formula
    tenths: int

    @property
    def total(self) -> float:
        return float(self.points.total[0]) * 10

    def displayed(self) -> dict[str, int]:
        """Tenths per signal and for the base, as the report shows them."""
        exact = [self.formula.base * 10, *(float(values[0]) * 10 for values in self.points.earned.values())]
        return dict(zip((BASE, *self.points.earned), largest_remainder(exact, self.tenths), strict=True))


def attribute(before: Scored, old: Formula, after: Scored, new: Formula) -> Change | None:
    """Share out the difference of two scores, each made by its formula.

    None when there is no saying: there was no score, the older measures do not suffice for the newer formula, or a stored score
    is not what its measures come to.
    """
    first, last = _reckon(before, old), _reckon(after, new)
    bridge = points_of(before, new)
    if first is None or last is None or bridge is None:
        return None
    middle = first if old == new else _Reckoned(bridge, new, round(float(bridge.total[0]) * 10))
    causes = [] if old == new else [(Part(Cause.FORMULA, 0), middle.total - first.total)]
    causes += _causes(before, after, new)
    tenths = last.tenths - first.tenths
    parts = _rounded(causes, tenths)
    by_formula = next((part.tenths for part in parts if part.cause is Cause.FORMULA), 0)
    return Change(
        tenths,
        parts,
        _difference(first.displayed(), last.displayed()),
        () if old == new else _by_formula(first, middle, by_formula),
    )


def _reckon(scored: Scored, formula: Formula) -> _Reckoned | None:
    earned = points_of(scored, formula)
    if earned is None or scored.tenths is None:
        return None
    # A tenth apart is the last bit of a sum rounded the other way; more was made by another table, or from other measures.
    if abs(round(float(earned.total[0]) * 10) - scored.tenths) > 1:
        return None
    return _Reckoned(earned, formula, scored.tenths)


def _rounded(causes: Sequence[tuple[Part, float]], tenths: int) -> tuple[Part, ...]:
    """The causes with whole tenths that add up to ``tenths``; those that come to nothing are left out."""
    if not causes:
        return (Part(Cause.ROUNDING, tenths),) if tenths else ()
    whole = largest_remainder([exact for _, exact in causes], tenths)
    parts = [
        Part(part.cause, share, part.signal, part.before, part.after)
        for (part, _), share in zip(causes, whole, strict=True)
        if share
    ]
    return tuple(sorted(parts, key=lambda part: (part.cause is not Cause.FORMULA, -abs(part.tenths), part.signal)))


def _difference(one: Mapping[str, int], other: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    moved = {name: other.get(name, 0) - one.get(name, 0) for name in [*one, *(n for n in other if n not in one)]}
    return tuple(sorted(((n, d) for n, d in moved.items() if d), key=lambda pair: (-abs(pair[1]), pair[0])))


def _by_formula(first: _Reckoned, middle: _Reckoned, tenths: int) -> tuple[tuple[str, int], ...]:
    """The part of the formula per signal. ``tenths``: what the part was rounded to, which may be one off the scores' difference."""
    return _difference(first.displayed(), _Reckoned(middle.points, middle.formula, first.tenths + tenths).displayed())


@dataclass(frozen=True, slots=True)
class _Terms:
    """The formula's terms in arrays: weights, whether seen then and now, and the share of the points by the curve then and now."""

    names: tuple[str, ...]
    weight: Floats
    seen: tuple[Floats, Floats]
    share: tuple[Floats, Floats]

    def worth(self, now_seen: Floats, measured: Floats, fade: Floats) -> Floats:
        """Points per coalition (rows) and term: ``now_seen`` 0 or 1 per coalition and term, the others per coalition."""
        seen = np.where(now_seen > 0, self.seen[1], self.seen[0]) * self.weight
        left = seen.sum(axis=1, keepdims=True)
        of = np.divide(seen * self.weight.sum(), left, out=np.zeros_like(seen), where=left > 0)
        share = np.where(measured[:, None] > 0, self.share[1], self.share[0])
        return np.asarray(of * share * fade[:, None])


def _terms(before: Scored, after: Scored, formula: Formula) -> _Terms:
    seen, share = [], []
    for scored, other in ((before, after), (after, before)):
        known = [term.signal in scored.measures for term in formula.terms]
        # What was seen only once has one value: that it came into sight is the change, not its measure.
        values = [scored.measures.get(term.signal, other.measures.get(term.signal, 0.0)) for term in formula.terms]
        curved = [term.curve(np.array([value]))[0] for term, value in zip(formula.terms, values, strict=True)]
        seen.append(np.array(known, np.float64))
        share.append(np.array(curved, np.float64))
    weight = np.array([term.weight for term in formula.terms])
    names = tuple(term.signal for term in formula.terms)
    return _Terms(names, weight, (seen[0], seen[1]), (share[0], share[1]))


def _causes(before: Scored, after: Scored, formula: Formula) -> list[tuple[Part, float]]:
    """Each cause, its part not yet rounded, and what it changed in tenths (exact)."""
    terms = _terms(before, after, formula)
    came = [i for i in range(len(terms.names)) if terms.seen[0][i] != terms.seen[1][i]]
    by_measure, by_fade, *by_sight = _shapley(terms, came, before, after, formula)
    causes = [
        (Part(Cause.MEASURE, 0, name, before.measures[name], after.measures[name]), 10 * float(by_measure[i]))
        for i, name in enumerate(terms.names)
        if terms.seen[0][i] and terms.seen[1][i]
    ]
    causes.append((Part(Cause.FADE, 0, "", before.days_silent, after.days_silent), 10 * float(by_fade.sum())))
    for i, points in zip(came, by_sight, strict=True):
        name, cause = terms.names[i], Cause.NEWLY_SEEN if terms.seen[1][i] else Cause.NO_LONGER_SEEN
        part = Part(cause, 0, name, before.measures.get(name), after.measures.get(name))
        causes.append((part, 10 * float(points.sum())))
    return [(part, exact) for part, exact in causes if exact]


def _shapley(terms: _Terms, came: Sequence[int], before: Scored, after: Scored, formula: Formula) -> list[Floats]:
    """Shapley's value in points, per term, of: all measures, the fade, and each signal of ``came``, over all coalitions of these."""
    players = 2 + len(came)
    coalitions = np.arange(2**players)
    joined = (coalitions[:, None] >> np.arange(players) & 1).astype(np.float64)
    now_seen = np.zeros((len(coalitions), len(terms.names)))
    now_seen[:, list(came)] = joined[:, 2:]
    fades = [formula.fade(scored.days_silent or 0.0) for scored in (before, after)]
    worth = terms.worth(now_seen, joined[:, 0], np.where(joined[:, 1] > 0, fades[1], fades[0]))
    size = joined.sum(axis=1).astype(int)
    chance = np.array([factorial(s) * factorial(players - s - 1) for s in range(players)]) / factorial(players)
    values = []
    for player in range(players):
        without = coalitions[joined[:, player] == 0]
        gains = worth[without | 1 << player] - worth[without]
        values.append(np.asarray(chance[size[without]] @ gains))
    return values

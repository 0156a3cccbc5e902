"""A change of the score in words: each part, what happened meanwhile, and when two scores cannot be compared, why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

from server.scoring.change import BASE, Cause, Change, Part, attribute
from server.scoring.scored import Scored, clean_days, clean_measures
from server.scoring.versions import formula_of
from server.signals import all_signals
from server.signals.proportion import amount, counted

PAUSE_DAYS = 7.0
"""So many days without a post are called a pause."""
FOLLOWERS_JUMP = 0.2
"""Followers that change by more than this share between two readings are told."""
DEPTHS = {"observed": "what stood on people's screens", "glance": "a glance", "study": "a study"}


class Kind(StrEnum):
    """What can happen between two scores."""

    FORMULA = "formula"
    DEPTH = "depth"
    PAUSE = "pause"
    FOLLOWERS = "followers"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened between two scores."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """A part of the difference and its words."""

    part: Part
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the score ``after`` differs from the one ``before``.

    ``change`` is None when the two cannot be compared; ``sentence`` then says why not. ``within_noise``: the difference is smaller than
    half the newer score's interval.
    """

    before: Scored
    after: Scored
    change: Change | None
    within_noise: bool
    sentence: str
    parts: tuple[Told, ...]
    events: tuple[Event, ...]


def explain(before: Scored, after: Scored, readings: Sequence[tuple[int, int]] = ()) -> Explanation:
    """Explain a difference. ``readings``: (seconds since 1970, followers) as they were read over time, oldest first.

    Never raises: what is stored in an older form, or damaged, is said not to be comparable.
    """
    before, after = _clean(before), _clean(after)
    change, obstacle = _compare(before, after)
    noise = _half_width(after)
    within = change is not None and change.tenths != 0 and noise is not None and abs(change.tenths) / 10 < noise
    return Explanation(
        before,
        after,
        change,
        within,
        _sentence(change, within, noise) if change else f"The two scores cannot be compared: {obstacle}.",
        tuple(Told(part, words(part, after.formula_version)) for part in change.parts) if change else (),
        tuple(_events(before, after, readings)),
    )


def _clean(scored: Scored) -> Scored:
    return replace(scored, measures=clean_measures(scored.measures), days_silent=clean_days(scored.days_silent))


def _compare(before: Scored, after: Scored) -> tuple[Change | None, str]:
    """The change, or why there is no saying."""
    for scored, when in ((before, "then"), (after, "now")):
        if scored.tenths is None:
            return None, f"there {'was' if when == 'then' else 'is'} none {when}, because too little was seen"
    old, new = formula_of(before.formula_version), formula_of(after.formula_version)
    if old is None or new is None:
        unknown = before.formula_version if old is None else after.formula_version
        return None, f"version {unknown} of the formula is not known here"
    if before.measured_as != after.measured_as:
        return (
            None,
            f"version {before.formula_version} of the formula measured other things than version {after.formula_version}",
        )
    try:
        change = attribute(before, old, after, new)
    except ArithmeticError:
        change = None
    return change, "what the older one was made from was not kept"


def _half_width(scored: Scored) -> float | None:
    return None if scored.low is None or scored.high is None else (scored.high - scored.low) / 2


def _sentence(change: Change, within: bool, noise: float | None) -> str:
    if not change.tenths:
        return "The score is the same." if not change.parts else "The score is the same: what changed cancels out."
    if within and noise is not None:
        return f"Unchanged within the noise: {signed(change.tenths)}, and the score is known to about {amount(noise)} either way."
    rose = "rose" if change.tenths > 0 else "fell"
    return f"The score {rose} by {abs(change.tenths) / 10:.1f}."


def signed(tenths: int) -> str:
    """Tenths of a point as ``+1.2`` or ``−0.9``."""
    return f"{'−' if tenths < 0 else '+'}{abs(tenths) / 10:.1f}"


def title_of(signal: str) -> str:
    """What a signal is called; one that is no longer computed by its id's words."""
    if signal == BASE:
        return "Starting point"
    known = next((s.title for s in all_signals() if s.id == signal), None)
    return known or signal.replace("_", " ").capitalize()


def words(part: Part, version: str) -> str:
    """A part as a person reads it: ``Reposts of a typical post: +1.2 (0.8 → 1.4)``. ``version``: the newer formula's."""
    points = signed(part.tenths)
    if part.cause is Cause.MEASURE and part.before is not None and part.after is not None:
        return f"{title_of(part.signal)}: {points} ({_from_to(part.before, part.after)})"
    if part.cause is Cause.NEWLY_SEEN:
        return f"{title_of(part.signal)}, newly seen: {points} (now {amount(part.after or 0.0)})"
    if part.cause is Cause.NO_LONGER_SEEN:
        return f"{title_of(part.signal)}, no longer seen: {points} (then {amount(part.before or 0.0)}; its weight is shared out)"
    if part.cause is Cause.FADE:
        return f"{_silence(part.before or 0.0, part.after or 0.0)}: {points}"
    if part.cause is Cause.FORMULA:
        return f"new formula: {points} (version {version})"
    return f"rounding: {points}"


def _silence(before: float, after: float) -> str:
    if after >= before:
        return f"a pause of {counted(round(after), 'day', 'days')}"
    return f"posting again after a pause of {counted(round(before), 'day', 'days')}"


def _from_to(before: float, after: float) -> str:
    one, other = amount(before), amount(after)
    return f"{one} → {other}" if one != other else f"{before:.4g} → {after:.4g}"


def _events(before: Scored, after: Scored, readings: Sequence[tuple[int, int]]) -> list[Event]:
    events = []
    if before.formula_version != after.formula_version:
        versions = f"version {before.formula_version} then, version {after.formula_version} now"
        events.append(Event(Kind.FORMULA, f"The formula changed: {versions}."))
    if before.depth in DEPTHS and after.depth in DEPTHS and before.depth != after.depth:
        deeper = list(DEPTHS).index(after.depth or "") > list(DEPTHS).index(before.depth or "")
        looked = "more closely" if deeper else "less closely"
        events.append(
            Event(Kind.DEPTH, f"It was looked at {looked}: {DEPTHS[before.depth]} then, {DEPTHS[after.depth]} now.")
        )
    events += _pause(before.days_silent, after.days_silent)
    return events + _jumps(before.scored_at, after.scored_at, readings)


def _pause(before: float | None, after: float | None) -> list[Event]:
    if after is not None and after >= PAUSE_DAYS:
        return [Event(Kind.PAUSE, f"Its newest post is {counted(round(after), 'day', 'days')} old.")]
    if before is not None and before >= PAUSE_DAYS:
        days = counted(round(before), "day", "days")
        return [Event(Kind.PAUSE, f"It posts again; then its newest post was {days} old.")]
    return []


def _jumps(start: int, end: int, readings: Sequence[tuple[int, int]]) -> list[Event]:
    """Jumps of the follower count read between two times (seconds since 1970)."""
    known = [(time, followers) for time, followers in readings if followers >= 0 and time <= end]
    return [
        Event(Kind.FOLLOWERS, f"Followers went from {old:,} to {new:,} between {_day(earlier)} and {_day(later)}.")
        for (earlier, old), (later, new) in pairwise(known)
        if later > start and abs(new - old) > FOLLOWERS_JUMP * old
    ]


_LAST = 253_402_300_799
"""The last second of the year 9999: the calendar knows no later one."""


def _day(time: int) -> str:
    when = datetime.fromtimestamp(min(max(time, 0), _LAST), UTC)
    return f"{when.day} {when:%b %Y}"

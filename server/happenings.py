"""What happens in a running service and is worth counting, told by whoever does it to whoever counts; never of whom it was.

Every text here is one of a few: an id of a network, a depth, one of the outcomes named below. So whatever is made of them stays small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gathered:
    """An account was read from its network. ``depth``: glance or study.

    ``outcome``: the state of the answer (see ``server.lookup.Answer``), ``fallen_back`` for an older report in the place of a new one,
    or ``fault``.
    """

    network: str
    depth: str
    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request to a server of a network. ``outcome``: see ``server.fetching.outcomes``; ``seconds``: None when nothing was sent."""

    network: str
    outcome: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ToldToWait:
    """A server of a network allows no further request for so many seconds."""

    network: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Something was looked for where it is kept.

    ``kept_in``: ``badges`` (finished ones, in the cache), ``answers`` (in the cache), ``store`` (the database). ``outcome``: hit, stale or miss.
    """

    kept_in: str
    outcome: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Scored:
    """An activity was measured and judged. ``depth``: how thoroughly the account had been looked at."""

    depth: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Streamed:
    """A stream to an open page began (1) or ended (-1)."""

    change: int


@dataclass(frozen=True, slots=True)
class Worked:
    """A worker began (1) something, or ended (-1) it. ``kind``: glance, study or review."""

    kind: str
    change: int


@dataclass(frozen=True, slots=True)
class ChoreDone:
    """What is done by the clock was done. ``name``: tidy or hourly; ``failure``: the kind of error, empty when there was none."""

    name: str
    seconds: float
    failure: str = ""


Happening = Gathered | Asked | ToldToWait | LookedUp | Scored | Streamed | Worked | ChoreDone
Tell = Callable[[Happening], None]
"""Takes in what happened; it is called on any thread, and never raises."""


def unheard(_happening: Happening) -> None:
    """Nobody counts."""

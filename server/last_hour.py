"""What happened lately, minute by minute, in memory: for the page that the operator looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from server.happenings import Asked, ChoreDone, Gathered, Happening, LookedUp, Streamed, ToldToWait

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """How a chore went the last time. ``at``: seconds since 1970; ``failure``: the kind of error, empty when there was none."""

    at: int
    seconds: float
    failure: str


class LastHour:
    """Counts what it is told, and forgets it after an hour; thread-safe. ``clock`` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._minutes: dict[int, Counter[tuple[str, ...]]] = {}
        self._waits: dict[str, float] = {}
        self._chores: dict[str, Ended] = {}
        self._streams = 0

    def __call__(self, happening: Happening) -> None:
        """Take in what happened (a ``server.happenings.Tell``)."""
        match happening:
            case Gathered(network, depth, outcome):
                self._count("gathered", network, depth, outcome)
            case Asked(network, outcome):
                self._count("asked", network, outcome)
            case LookedUp(kept_in, outcome, times):
                self._count("looked up", kept_in, outcome, times=times)
            case ToldToWait(network, seconds):
                with self._lock:
                    self._waits[network] = max(self._waits.get(network, 0.0), self._clock() + seconds)
            case ChoreDone(name, seconds, failure):
                with self._lock:
                    self._chores[name] = Ended(int(self._clock()), seconds, failure)
            case Streamed(change):
                with self._lock:
                    self._streams += change

    def gathered(self) -> dict[tuple[str, str], dict[str, int]]:
        """How many gathers there were, by network and depth, and by their outcome."""
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for (network, depth, outcome), number in self._of("gathered"):
            counts.setdefault((network, depth), {})[outcome] = number
        return counts

    def asked(self) -> dict[str, dict[str, int]]:
        """How many requests went, or would have gone, to each network, by their outcome."""
        return self._by_first("asked")

    def looked_up(self) -> dict[str, dict[str, int]]:
        """How many look-ups there were by where they looked, and by their outcome."""
        return self._by_first("looked up")

    def waits_until(self, network: str) -> int | None:
        """Until when a server of a network allows nothing (the one that does so longest), seconds since 1970; None when all allow it."""
        with self._lock:
            until = self._waits.get(network, 0.0)
        return int(until) if until > self._clock() else None

    def chores(self) -> dict[str, Ended]:
        """How each chore went the last time."""
        with self._lock:
            return dict(self._chores)

    def streams(self) -> int:
        """How many streams are open."""
        with self._lock:
            return self._streams

    def _count(self, *what: str, times: int = 1) -> None:
        now = int(self._clock()) // 60
        with self._lock:
            if now not in self._minutes:
                for minute in [minute for minute in self._minutes if minute <= now - MINUTES]:
                    del self._minutes[minute]
                self._minutes[now] = Counter()
            self._minutes[now][what] += times

    def _of(self, kind: str) -> Iterator[tuple[tuple[str, ...], int]]:
        oldest, total = int(self._clock()) // 60 - MINUTES, Counter[tuple[str, ...]]()
        with self._lock:
            for minute, counts in self._minutes.items():
                if minute > oldest:
                    total.update(counts)
        return ((what[1:], number) for what, number in sorted(total.items()) if what[0] == kind)

    def _by_first(self, kind: str) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for (name, outcome), number in self._of(kind):
            counts.setdefault(name, {})[outcome] = number
        return counts

"""Work that is done by the clock and that nobody waits for: it says how it went, or nobody would know."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from server.happenings import ChoreDone, Tell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """By the clock: every so many seconds, the first time so many after midnight UTC."""

    every: int
    after: int

    def last(self, now: int) -> int:
        """When it was due last, at this time. Both: seconds since 1970."""
        return now - (now - self.after) % self.every


class Taking(Protocol):
    """Has every chore done once, whichever process comes to it first (see ``server.store.chores``)."""

    def begin(self, name: str, due_at: int, now: int) -> bool: ...
    def end(self, name: str, now: int) -> None: ...


def chore(
    name: str, due: Due, work: Callable[[], Any], taking: Taking, clock: Callable[[], float], tell: Tell
) -> Callable[[], None]:
    """The same work, done once each time it is due; what fails in it is told and logged, and tried again the next time."""

    def done() -> None:
        began, failure, now = monotonic(), "", int(clock())
        try:
            if not taking.begin(name, due.last(now), now):
                return
            work()
            taking.end(name, int(clock()))
        except Exception as error:
            failure = type(error).__name__
            log.exception("the %s work failed", name)
        tell(ChoreDone(name, monotonic() - began, failure))

    return done

"""How often and how many at once one host is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from server.errors import UpstreamUnavailable

_MOST_HOSTS = 2000


class HeldBack(UpstreamUnavailable):
    """The host was not asked: it allows no more just now, or too many are waiting for it."""


@dataclass(slots=True)
class Host:
    """How one host stands; times are of this process's monotonic clock."""

    places: threading.BoundedSemaphore
    users: int = 0
    next_start: float = 0.0
    exhausted_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pacing:
    """Per host: so many requests at once, so many seconds between two starts, and none while it said there are none left."""

    def __init__(self, at_once: int = 2, spacing: float = 0.05, longest_wait: float = 3.0, queue: float = 30.0) -> None:
        """``spacing``, ``longest_wait`` (for an exhausted host) and ``queue`` (for a place) are seconds."""
        self._at_once = at_once
        self._spacing = spacing
        self._longest_wait = longest_wait
        self._queue = queue
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def place(self, host: str) -> Iterator[float]:
        """Hold one of the host's places; gives the seconds that were spent waiting for it.

        Raises HeldBack at once when the host is exhausted for longer than ``longest_wait``.
        """
        began = time.monotonic()
        state = self._enter(host)
        try:
            self._refuse_exhausted(host, state)
            if not state.places.acquire(timeout=self._queue):
                raise HeldBack(f"too many requests to {host} are waiting", 30.0)
            try:
                self._wait_for_turn(host, state)
                yield time.monotonic() - began
            finally:
                state.places.release()
        finally:
            self._leave(state)

    def exhaust(self, host: str, seconds: float) -> None:
        """Note that the host allows no further request for so many seconds."""
        state = self._enter(host)
        with state.lock:
            state.exhausted_until = max(state.exhausted_until, time.monotonic() + seconds)
        self._leave(state)

    def _enter(self, host: str) -> Host:
        with self._lock:
            if host not in self._hosts and len(self._hosts) >= _MOST_HOSTS:
                self._forget_idle()
            state = self._hosts.setdefault(host, Host(threading.BoundedSemaphore(self._at_once)))
            state.users += 1
            return state

    def _leave(self, state: Host) -> None:
        with self._lock:
            state.users -= 1

    def _forget_idle(self) -> None:
        now = time.monotonic()
        for host, state in list(self._hosts.items()):
            if not state.users and state.exhausted_until < now and state.next_start < now:
                del self._hosts[host]

    def _refuse_exhausted(self, host: str, state: Host) -> None:
        left = state.exhausted_until - time.monotonic()
        if left > self._longest_wait:
            raise HeldBack(f"{host} allows no further requests for {left:.0f} seconds", left)

    def _wait_for_turn(self, host: str, state: Host) -> None:
        # Others of the same host may have exhausted it while this one waited for its place.
        self._refuse_exhausted(host, state)
        with state.lock:
            now = time.monotonic()
            start = max(now, state.next_start, state.exhausted_until)
            state.next_start = start + self._spacing
        if start > now:
            time.sleep(start - now)

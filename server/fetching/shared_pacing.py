"""The pace of several processes: the turns of a host are counted in Redis, so that together they ask it no more often than one would.

How many ask at once is counted by each process for itself.
"""

from __future__ import annotations

import logging
import time
from hashlib import sha256

import redis

from server.fetching.pacing import HeldBack, Host, Pacing

log = logging.getLogger(__name__)

AWAY_SECONDS = 5.0
"""After a failure Redis is not asked for turns for so long; each process then keeps the pace for itself."""
KEPT_SECONDS = 3700
"""Turns of a host are kept so long; no server is left in peace for longer (see ``server.fetching.rate_limits``)."""

_NOW = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local exhausted = tonumber(redis.call('HGET', KEYS[1], 'exhausted') or 0)
"""
# Of ARGV: milliseconds between two turns, milliseconds that are waited at most for an exhausted host, KEPT_SECONDS.
# Gives the milliseconds until the turn, or, less than nothing, those for which none is given.
_TAKE = (
    _NOW
    + """
if exhausted - now > tonumber(ARGV[2]) then return now - exhausted end
local start = math.max(now, exhausted, tonumber(redis.call('HGET', KEYS[1], 'next') or 0))
redis.call('HSET', KEYS[1], 'next', start + tonumber(ARGV[1]))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return start - now
"""
)
# Of ARGV: the milliseconds for which a host is exhausted, KEPT_SECONDS.
_EXHAUST = (
    _NOW
    + """
redis.call('HSET', KEYS[1], 'exhausted', math.max(exhausted, now + tonumber(ARGV[1])))
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""
)


class SharedPacing(Pacing):
    """As Pacing, for all processes that name the same Redis, and for each by itself while that is away."""

    def __init__(
        self,
        client: redis.Redis,
        at_once: int = 2,
        spacing: float = 0.05,
        longest_wait: float = 3.0,
        queue: float = 30.0,
    ) -> None:
        """As Pacing."""
        super().__init__(at_once, spacing, longest_wait, queue)
        self._take, self._exhaust = client.register_script(_TAKE), client.register_script(_EXHAUST)
        self._away_until = 0.0

    def exhaust(self, host: str, seconds: float) -> None:
        """As Pacing, for all processes."""
        super().exhaust(host, seconds)
        if time.monotonic() >= self._away_until:
            try:
                self._exhaust(keys=[_key(host)], args=[round(seconds * 1000), KEPT_SECONDS])
            except redis.RedisError as problem:
                self._go_away(problem)

    def _wait_for_turn(self, host: str, state: Host) -> None:
        # What others of this process were told while this one waited needs no question.
        self._refuse_exhausted(host, state)
        wait = self._turn(host)
        if wait is None:
            super()._wait_for_turn(host, state)
        elif wait < 0:
            super().exhaust(host, -wait)
            raise HeldBack(f"{host} allows no further requests for {-wait:.0f} seconds", -wait)
        elif wait > 0:
            time.sleep(wait)

    def _turn(self, host: str) -> float | None:
        """Seconds until it is one's turn; below nothing: those for which the host is exhausted; None while nobody can be asked."""
        if time.monotonic() < self._away_until:
            return None
        try:
            args = [round(self._spacing * 1000), round(self._longest_wait * 1000), KEPT_SECONDS]
            return int(self._take(keys=[_key(host)], args=args)) / 1000
        except redis.RedisError as problem:
            self._go_away(problem)
            return None

    def _go_away(self, problem: redis.RedisError) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS
        log.warning(
            "Redis cannot be asked for turns (%s); each process keeps the pace for itself", type(problem).__name__
        )


def _key(host: str) -> str:
    # A server of one person is that person's name.
    return f"rapport-turns:{sha256(host.encode()).hexdigest()}"

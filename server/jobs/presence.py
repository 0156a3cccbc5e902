"""Which processes do the work that waits, so that it can be told when none does."""

from __future__ import annotations

import os
import socket
from secrets import token_hex
from typing import Protocol

import redis

PRESENT_SECONDS = 35
"""A process that has said nothing for so long is taken to be gone."""
_KEYS = "rapport-worker:"


class Presence(Protocol):
    """Where processes say that they work."""

    def tell(self, workers: int) -> None:
        """This process works, with so many workers."""

    def leave(self) -> None:
        """It does no longer."""

    def workers(self) -> int:
        """How many workers all processes have together."""


class Alone:
    """Of the only process."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def tell(self, workers: int) -> None:
        """As of Presence."""
        self._workers = workers

    def leave(self) -> None:
        """As of Presence."""
        self._workers = 0

    def workers(self) -> int:
        """As of Presence."""
        return self._workers


class Shared:
    """Of all processes that share a Redis; every method raises redis.RedisError while that is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._key = f"{_KEYS}{socket.gethostname()}:{os.getpid()}:{token_hex(4)}"

    def tell(self, workers: int) -> None:
        """As of Presence."""
        self._client.set(self._key, workers, ex=PRESENT_SECONDS)

    def leave(self) -> None:
        """As of Presence."""
        self._client.delete(self._key)

    def workers(self) -> int:
        """As of Presence."""
        keys = list(self._client.scan_iter(match=f"{_KEYS}*", count=1000))
        return sum(int(number or 0) for number in self._client.mget(keys)) if keys else 0

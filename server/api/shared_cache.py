"""Flask-Caching's Redis cache for several processes, doing without Redis while that is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

import msgspec
import redis
from cachelib.serializers import RedisSerializer
from flask import Flask
from flask_caching.backends.rediscache import RedisCache

from server.lookup import Answer
from server.settings import REDIS_PATIENCE_SECONDS

log = logging.getLogger(__name__)

PREFIX = "rapport:"
AWAY_SECONDS = 5.0
"""After a failure nobody waits for Redis again for so long."""

Found = TypeVar("Found")


class Plain(RedisSerializer):
    """What may be cached, finished bytes and answers, as bytes; nothing that is read there is ever run, as what is pickled is."""

    _BYTES, _ANSWER = b"b", b"a"

    def __init__(self) -> None:
        self._answers = msgspec.msgpack.Decoder(Answer)

    def dumps(self, value: Any, protocol: int = 0) -> bytes:  # noqa: ARG002
        """Raises TypeError for anything else."""
        if isinstance(value, bytes):
            return self._BYTES + value
        if isinstance(value, Answer):
            return self._ANSWER + msgspec.msgpack.encode(value)
        raise TypeError(f"{type(value).__name__} is not cached")

    def loads(self, value: bytes | None) -> bytes | Answer | None:
        """None for what is not there, or was not written here."""
        if not value:
            return None
        form, kept = value[:1], value[1:]
        if form == self._BYTES:
            return kept
        try:
            return self._answers.decode(kept) if form == self._ANSWER else None
        except msgspec.MsgspecError:
            return None


class SharedCache(RedisCache):
    """A cache that finds nothing and keeps nothing while Redis cannot be asked, and is emptied when it can be again.

    What was to be deleted meanwhile would else come back: answers about somebody who asked in between to be left alone.
    """

    serializer = Plain()

    def __init__(self, client: redis.Redis, default_timeout: int = 300) -> None:
        super().__init__(host=client, default_timeout=default_timeout, key_prefix=PREFIX)
        self._away_until = 0.0
        # What another run left there may be of another version, or what it could not delete any more.
        self._was_away = True
        self._has_told = False
        self._lock = Lock()

    @classmethod
    def factory(cls, _app: Flask, config: dict[str, Any], _args: list[Any], kwargs: dict[str, Any]) -> SharedCache:
        """As Flask-Caching makes its caches; CACHE_REDIS_URL says where Redis is."""
        client = redis.Redis.from_url(
            config["CACHE_REDIS_URL"],
            socket_timeout=REDIS_PATIENCE_SECONDS,
            socket_connect_timeout=REDIS_PATIENCE_SECONDS,
            retry=None,
        )
        return cls(client, kwargs.get("default_timeout", 300))

    def get(self, key: str) -> Any:
        """The value, or None where there is none."""
        return self._ask(lambda: super(SharedCache, self).get(key), None)

    def get_many(self, *keys: str) -> list[Any]:
        """All values in order, None for those not there."""
        return self._ask(lambda: super(SharedCache, self).get_many(*keys), [None] * len(keys)) if keys else []

    def set(self, key: str, value: Any, timeout: Any = None) -> bool | None:
        """Keep a value for so many seconds; False while it cannot be kept."""
        return self._ask(lambda: super(SharedCache, self).set(key, value, timeout), False)

    def delete(self, key: str) -> bool:
        """Forget a value; one that cannot be forgotten just now is before anything is found again."""
        return self._ask(lambda: super(SharedCache, self).delete(key), False)

    def _ask(self, work: Callable[[], Found], otherwise: Found) -> Found:
        if monotonic() < self._away_until:
            return otherwise
        try:
            if self._was_away:
                self._come_back()
            return work()
        except redis.RedisError as problem:
            self._go_away(problem)
            return otherwise

    def _come_back(self) -> None:
        with self._lock:
            if self._was_away:
                self._drop_all()
                self._was_away = False
                self._has_told = False
                log.info("Redis answers; what was cached there before is dropped")

    def _drop_all(self) -> None:
        # Not by KEYS, which would hold up everybody else who uses this Redis.
        client: redis.Redis = self._write_client
        for key in client.scan_iter(match=f"{PREFIX}*", count=1000):
            client.unlink(key)

    def _go_away(self, problem: redis.RedisError) -> None:
        with self._lock:
            self._away_until = monotonic() + AWAY_SECONDS
            self._was_away = True
            if not self._has_told:
                self._has_told = True
                log.warning("Redis cannot be asked (%s); nothing is cached until it can", type(problem).__name__)

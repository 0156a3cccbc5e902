"""Tasks in Redis, for any number of processes, which do without while Redis is away."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from threading import Lock
from typing import Any, cast

import msgspec
import redis
from huey import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PriorityRedisStorage

from server.settings import REDIS_PATIENCE_SECONDS

log = logging.getLogger(__name__)

NAME = "rapport"
WAITING_SECONDS = 1
"""So long a worker waits in Redis for a task before it looks whether it is to stop."""
AWAY_SECONDS = 1.0
"""After a failure a worker asks Redis again only then."""


class _Waiting(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A task as it waits: huey's Message, of which only what this service uses may be given."""

    id: str
    name: str
    eta: datetime | None
    retries: int
    retry_delay: float
    priority: float | None
    args: tuple[str | int | bool, ...]
    kwargs: dict[str, str | int | bool]
    on_complete: None
    on_error: None
    expires: None
    expires_resolved: None
    timeout: float | None
    chord_config: None
    retry_backoff: float | None


class PlainTasks(Serializer):  # type: ignore[misc]
    """Tasks as MessagePack, where huey pickles: whoever can write to Redis could else have a worker run anything."""

    _decoder = msgspec.msgpack.Decoder(_Waiting)

    def _serialize(self, data: Message) -> bytes:
        return msgspec.msgpack.encode(tuple(data))

    def _deserialize(self, data: bytes) -> Any:
        return Message(*msgspec.structs.astuple(self._decoder.decode(data)))


class SharedTasks(PriorityRedisStorage):  # type: ignore[misc]
    """Where tasks wait, those of a higher priority first.

    Putting one there fails with redis.RedisError while Redis is away; workers have nothing to do meanwhile, and go on when it is back.
    """

    def __init__(self, name: str, url: str) -> None:
        super().__init__(name, connection_pool=connect(url).connection_pool)
        # A client that gave up while Redis was giving it a task would lose that.
        self._patient = connect(url, WAITING_SECONDS + 5.0)
        self._is_away = False
        # Of several workers one may hear late of what another knows to be over.
        self._answered_at = self._failed_at = 0.0
        self._lock = Lock()

    def dequeue(self) -> bytes | None:
        """The next task as it was put there; None when there is none for a while."""
        asked_at = time.monotonic()
        try:
            found = self._patient.bzpopmin(self.queue_key, timeout=WAITING_SECONDS)
        except redis.RedisError as problem:
            self._note_failure(asked_at, type(problem).__name__)
            time.sleep(AWAY_SECONDS)
            return None
        self._note_answer(asked_at)
        # The time before it keeps tasks of one priority in their order.
        return cast("bytes", found[1])[8:] if found else None

    def _note_failure(self, asked_at: float, why: str) -> None:
        with self._lock:
            self._failed_at = time.monotonic()
            if self._is_away or asked_at < self._answered_at:
                return
            self._is_away = True
        log.warning("Redis cannot be asked (%s); nothing is gathered until it can", why)

    def _note_answer(self, asked_at: float) -> None:
        with self._lock:
            self._answered_at = time.monotonic()
            if not self._is_away or asked_at < self._failed_at:
                return
            self._is_away = False
        log.info("Redis answers; the work goes on")


def connect(url: str, patience: float = REDIS_PATIENCE_SECONDS) -> redis.Redis:
    """A client of the Redis at this address that waits so many seconds for an answer, and asks once."""
    return redis.Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=REDIS_PATIENCE_SECONDS, retry=None)


def shared_tasks(url: str) -> Huey:
    """The tasks that all processes share which name this Redis."""
    return Huey(NAME, results=False, store_none=False, serializer=PlainTasks(), storage_class=SharedTasks, url=url)

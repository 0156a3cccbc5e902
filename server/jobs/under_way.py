"""Which accounts are being gathered, so that none is twice at the same time, whoever asks and in whichever process."""

from __future__ import annotations

import logging
from threading import Lock

import redis

from server.errors import QueueUnreachable

log = logging.getLogger(__name__)

LONGEST_SECONDS = 300
"""After so long something is taken to be no longer under way: the process that was at it has been killed."""


class UnderWay:
    """What this process gathers; for one that does so alone."""

    def __init__(self) -> None:
        self._studies: dict[tuple[str, str], bool] = {}
        self._accounts: dict[tuple[str, str], tuple[str, str]] = {}
        self._study_next: set[tuple[str, str]] = set()
        self._lock = Lock()

    def begin(self, network: str, handle: str, account: str, study: bool) -> bool:
        """Note that ``account`` (its id, where it is known, else its handle) is going to be gathered by this handle.

        False when it is under way already; a study asked for during a glance is then told of by ``end``. Raises QueueUnreachable.
        """
        key = (network, account)
        with self._lock:
            if key in self._studies:
                if study and not self._studies[key]:
                    self._study_next.add(key)
                return False
            self._studies[key] = study
            self._accounts[network, handle] = key
        return True

    def end(self, network: str, handle: str) -> bool:
        """It is no longer under way. True when a study of it was asked for meanwhile."""
        with self._lock:
            key = self._accounts.pop((network, handle), (network, handle))
            self._studies.pop(key, None)
            study = key in self._study_next
            self._study_next.discard(key)
        return study


class SharedUnderWay(UnderWay):
    """What all processes gather that share a Redis."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__()
        self._client = client

    def begin(self, network: str, handle: str, account: str, study: bool) -> bool:
        """As that of UnderWay."""
        try:
            if not self._client.set(_gathered(network, account), int(study), nx=True, ex=LONGEST_SECONDS):
                if study and self._client.get(_gathered(network, account)) == b"0":
                    self._client.set(_studied_next(network, account), 1, ex=LONGEST_SECONDS)
                return False
            self._client.set(_account_of(network, handle), account, ex=LONGEST_SECONDS)
        except redis.RedisError as problem:
            raise QueueUnreachable(f"Redis cannot be asked ({type(problem).__name__}).") from None
        return True

    def end(self, network: str, handle: str) -> bool:
        """As that of UnderWay. What Redis cannot be told is forgotten there after a while."""
        try:
            known = self._client.getdel(_account_of(network, handle))
            account = known.decode() if isinstance(known, bytes) else handle
            self._client.delete(_gathered(network, account))
            return self._client.getdel(_studied_next(network, account)) is not None
        except redis.RedisError as problem:
            log.warning("what has been gathered could not be told to Redis (%s)", type(problem).__name__)
            return False


# Not among what the cache keeps, which it drops all at once.


def _gathered(network: str, account: str) -> str:
    return f"rapport-gathered:{network}:{account}"


def _studied_next(network: str, account: str) -> str:
    return f"rapport-studied-next:{network}:{account}"


def _account_of(network: str, handle: str) -> str:
    return f"rapport-account-of:{network}:{handle}"

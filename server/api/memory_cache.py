"""Flask-Caching's memory cache for one process, holding the values themselves."""

from __future__ import annotations

from time import time
from typing import Any

from flask_caching.backends.simplecache import SimpleCache

_ABSENT = (0, None)


class _Themselves:
    """Stands where cachelib pickles: fifty badges a request are fifty picklings saved."""

    def dumps(self, value: Any) -> Any:
        return value

    def loads(self, value: Any) -> Any:
        return value


class MemoryCache(SimpleCache):
    """What is put in comes out as the same object, so only what nobody changes may be put in: bytes, frozen answers."""

    serializer: Any = _Themselves()

    def get_many(self, *keys: str) -> list[Any]:
        """All values in order, None for those not there or expired, under one lock instead of one a key."""
        now, cached = time(), self._cache
        with self._lock:
            found = [cached.get(key, _ABSENT) for key in keys]
        return [value if expires == 0 or expires > now else None for expires, value in found]

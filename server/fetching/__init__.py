"""The guarded HTTP client: the only way from this service to the outside."""

from server.fetching.client import FetchingLimits, GuardedClient

__all__ = ["FetchingLimits", "GuardedClient"]

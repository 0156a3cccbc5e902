"""The service behind a request: what the application put together at its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol, cast

from flask import current_app

from server.api.sites_file import SitesFile
from server.digest import WeeklyMail
from server.happenings import Tell
from server.jobs.queue import GatherQueue
from server.lookup import Cache, Lookup
from server.ownership import Ownership
from server.prefixes import PrefixLookup
from server.review import Reviews
from server.settings import Settings
from server.status import Operation
from server.store.ranks import RankStore
from server.store.repository import Repository
from server.tracking import Tracking


class BadgeCache(Cache, Protocol):
    """A cache that can be asked for many keys at once."""

    def get_many(self, *keys: str) -> list[Any]: ...


@dataclass(frozen=True)
class Service:
    """Everything the API and the pages use. ``openapi``: gives the OpenAPI document; ``tell`` hears what happens.

    ``stopping``: set when the process is asked to end, for answers that last and would keep it from ending.
    """

    settings: Settings
    lookup: Lookup
    prefixes: PrefixLookup
    repository: Repository
    ranks: RankStore
    queue: GatherQueue
    reviews: Reviews
    tracking: Tracking
    ownership: Ownership
    weekly_mail: WeeklyMail
    badge_cache: BadgeCache
    sites: SitesFile
    operation: Operation
    tell: Tell
    openapi: Callable[[], dict[str, Any]]
    stopping: Event = field(default_factory=Event)


def service() -> Service:
    """The service of the application that is answering."""
    return cast("Service", current_app.extensions["rapport"])

"""The real service as a process, and its API as a client uses it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import redis

from tests.networks.processes import free_port, running
from tests.server.conftest import SHARED
from tests.server.databases import Database, PostgreSQL, server_address
from tests.server.redis_server import DATABASES, FIRST_DATABASE, SERVER

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
T = TypeVar("T")


_started = count()


@contextmanager
def back_end(data: Path) -> Iterator[BackEnd]:
    """Where one service or command keeps what it keeps: SQLite in its folder, or, where ``SHARED`` is set, PostgreSQL and Redis."""
    if not os.environ.get(SHARED):
        yield BackEnd({}, Database(f"sqlite:///{data / 'rapport.db'}"))
        return
    server = PostgreSQL(server_address())
    try:
        database = server.without_rows()
        cache = f"{os.environ[SERVER].rstrip('/')}/{FIRST_DATABASE + next(_started) % DATABASES}"
        redis.Redis.from_url(cache).flushdb()
        yield BackEnd({"RAPPORT_DATABASE_URL": database.url, "RAPPORT_CACHE_URL": cache}, database)
    finally:
        server.drop()


@dataclass(frozen=True)
class BackEnd:
    """``settings``: what has a service use it."""

    settings: dict[str, str]
    database: Database


def environment(appview: str, data: Path, **settings: str) -> dict[str, str]:
    """The environment in which Rapport reads from an AppView on this machine, whatever else is set for it here."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    return others | {
        "RAPPORT_BLUESKY_APPVIEW": appview,
        "RAPPORT_ALLOW_NETWORKS": "127.0.0.0/8,::1/128",
        "RAPPORT_DATA_FOLDER": str(data),
        **settings,
    }


@contextmanager
def rapport(appview: str, data: Path, **settings: str) -> Iterator[Rapport]:
    """The service, reading from this AppView and keeping its data in that folder, until the block is left."""
    port = free_port()
    data.mkdir(parents=True, exist_ok=True)
    with (
        back_end(data) as kept,
        closing(Rapport(f"http://127.0.0.1:{port}", kept.database)) as client,
        running(
            [sys.executable, "-m", "server"],
            data / "service.log",
            client.ready,
            environment=environment(appview, data, RAPPORT_PORT=str(port), **kept.settings, **settings),
            folder=ROOT,
        ),
    ):
        yield client


class Rapport:
    """A client of the service at ``address``, which keeps what it keeps in ``database``."""

    def __init__(self, address: str, database: Database) -> None:
        self.address, self.database = address, database
        self._http = httpx2.Client(base_url=address, timeout=30, trust_env=False)

    def ready(self) -> bool:
        """Does it say that it is ready?"""
        try:
            return bool(self._http.get("/readyz").status_code == 200)
        except httpx2.TransportError:
            return False

    def badges(self, *handles: str) -> list[dict[str, Any]]:
        """What it says at once of these accounts."""
        accounts = [{"network": "bluesky", "handle": handle} for handle in handles]
        answer = self._http.post("/api/v1/badges", json={"accounts": accounts})
        assert answer.status_code == 200, answer.text
        badges: list[dict[str, Any]] = answer.json()["badges"]
        return badges

    def settled_badges(self, *handles: str) -> dict[str, dict[str, Any]]:
        """What it says of each once none is pending."""
        badges = wait(lambda: self.badges(*handles), lambda now: all(b["state"] != "pending" for b in now))
        return {badge["handle"]: badge for badge in badges}

    def ask(self, handle: str, depth: str = "glance") -> httpx2.Response:
        """The answer to one request for a report."""
        return self._http.get(f"/api/v1/accounts/bluesky/{handle}", params={"depth": depth})

    def report(self, handle: str, depth: str = "glance") -> dict[str, Any]:
        """The report once nothing about the account is under way."""

        def settled(answer: httpx2.Response) -> bool:
            return bool(answer.status_code != 202 and not (answer.status_code == 200 and answer.json()["refreshing"]))

        answer = wait(lambda: self.ask(handle, depth), settled)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return report

    def history(self, handle: str) -> list[dict[str, Any]]:
        """The stored points, oldest first."""
        answer = self._http.get(f"/api/v1/accounts/bluesky/{handle}/history")
        assert answer.status_code == 200, answer.text
        points: list[dict[str, Any]] = answer.json()["points"]
        return points

    def close(self) -> None:
        self._http.close()


def wait(read: Callable[[], T], good: Callable[[T], bool], seconds: float = PATIENCE_SECONDS) -> T:
    """Read again until it is good. Raises AssertionError with what was read last when it never is."""
    end = time.monotonic() + seconds
    while True:
        value = read()
        if good(value):
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never came within {seconds:g} seconds; last: {str(value)[:500]}")
        time.sleep(0.3)

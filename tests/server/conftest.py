"""The application on a fake network, a clock that stands still, and a queue that the test runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient

from server.activity import PostKind
from server.api.service import Service
from server.app import create_app
from server.jobs import shared_tasks
from server.settings import Settings
from tests.server.databases import SERVER, Database, PostgreSQL, new_sqlite_file, server_address
from tests.server.fake_network import FakeNetwork, NoFetcher
from tests.server.invented import NOW, Invented
from tests.server.redis_server import database_of_worker

SHARED = "RAPPORT_TEST_SHARED"
"""Set: every application here that is told of nothing else shares PostgreSQL and Redis with others, as if it were one of several processes."""


BACK_ENDS = frozenset({"running", "start", "database", "empty_database", "kept_at", "postgresql", "redis_url"})
"""Fixtures with which a test runs on a database or on Redis."""


class Clock:
    """Time as the test sets it."""

    def __init__(self) -> None:
        self.time = float(NOW)

    def __call__(self) -> float:
        return self.time


class Running:
    """An application with its fake network; ``work()`` gathers what is queued."""

    def __init__(self, folder: Path, network: FakeNetwork, clock: Clock, **settings: Any) -> None:
        self.network, self.clock = network, clock
        if os.environ.get(SHARED):
            settings = {"cache_url": database_of_worker()} | settings
        self.settings = Settings(data_folder=folder, **settings)
        folder.mkdir(parents=True, exist_ok=True)
        if not self.settings.database_url and not (folder / "rapport.db").exists():
            (folder / "rapport.db").write_bytes(new_sqlite_file())
        self.app = create_app(
            self.settings, fetcher=NoFetcher(), known_networks={"bluesky": network}, clock=clock, work=False
        )
        self.service: Service = self.app.extensions["rapport"]
        self.lookup = self.service.lookup
        self.client: FlaskClient = self.app.test_client()

    def work(self) -> int:
        """Gather everything that waits, as the workers would; gives how many tasks ran."""
        return self.service.queue.run_waiting()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL and Redis, leave out what runs on neither."""
    if os.environ.get(SHARED):
        chosen = {item: not BACK_ENDS.isdisjoint(getattr(item, "fixturenames", ())) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not chosen[item]])
        items[:] = [item for item in items if chosen[item]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once on each kind of database that its mark names."""
    mark = metafunc.definition.get_closest_marker("databases")
    if mark and "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", mark.args, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A database on the server that was named; one that cannot be reached is a failure."""
    if not server_address():
        pytest.skip(f"{SERVER} names no server")
    database = PostgreSQL(server_address())
    yield database
    database.drop()


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "postgresql" if os.environ.get(SHARED) else "sqlite"))


@pytest.fixture(autouse=True)
def _empty_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.environ.get(SHARED):
        redis.Redis.from_url(database_of_worker()).flushdb()
        monkeypatch.setattr(shared_tasks, "WAITING_SECONDS", 0.01)


@pytest.fixture
def database(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    """A database as a first start makes it."""
    if database_kind == "postgresql":
        return request.getfixturevalue("postgresql").without_rows()
    path = tmp_path / "rapport.db"
    path.write_bytes(new_sqlite_file())
    return Database(f"sqlite:///{path}")


@pytest.fixture
def kept_at(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a service that a test starts as a process: none, for SQLite and memory, or where PostgreSQL and Redis are."""
    if not os.environ.get(SHARED):
        return {}
    return {"DATABASE_URL": request.getfixturevalue("postgresql").without_rows().url, "CACHE_URL": database_of_worker()}


@pytest.fixture
def empty_database(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    """A database without tables."""
    if database_kind == "postgresql":
        return request.getfixturevalue("postgresql").empty()
    return Database(f"sqlite:///{tmp_path / 'rapport.db'}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> FakeNetwork:
    talker = Invented("alice.test").replies(people=30).post(times=20)
    return FakeNetwork(
        talker, Invented("quiet.test", posts=0), Invented("carla.test").post(PostKind.ORIGINAL, times=40)
    )


@pytest.fixture
def running(tmp_path: Path, network: FakeNetwork, clock: Clock, database: Database) -> Running:
    return Running(tmp_path, network, clock, **database.settings)


@pytest.fixture
def start(network: FakeNetwork, clock: Clock, database: Database) -> Any:
    """Start an application with other settings, or again on the same folder; on PostgreSQL, on the same database."""
    return lambda folder, **settings: Running(folder, network, clock, **(database.settings | settings))

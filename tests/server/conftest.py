"""The application on a fake network, a clock that stands still, and a queue that the test runs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.activity import PostKind
from server.api.service import Service
from server.app import create_app
from server.settings import Settings
from server.store.database import open_database
from tests.server.fake_network import FakeNetwork, NoFetcher
from tests.server.invented import NOW, Invented


class Clock:
    """Time as the test sets it."""

    def __init__(self) -> None:
        self.time = float(NOW)

    def __call__(self) -> float:
        return self.time


@cache
def _empty_database() -> bytes:
    """A database as a first start makes it: bringing one to the newest form anew for each test takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rapport.db"
        open_database(f"sqlite:///{path}").dispose()
        return path.read_bytes()


class Running:
    """An application with its fake network; ``work()`` gathers what is queued."""

    def __init__(self, folder: Path, network: FakeNetwork, clock: Clock, **settings: Any) -> None:
        self.network, self.clock = network, clock
        self.settings = Settings(data_folder=folder, **settings)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "rapport.db").exists():
            (folder / "rapport.db").write_bytes(_empty_database())
        self.app = create_app(
            self.settings, fetcher=NoFetcher(), known_networks={"bluesky": network}, clock=clock, work=False
        )
        self.service: Service = self.app.extensions["rapport"]
        self.lookup = self.service.lookup
        self.client: FlaskClient = self.app.test_client()

    def work(self) -> int:
        """Gather everything that waits, as the workers would; gives how many tasks ran."""
        return self.service.queue.run_waiting()


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
def running(tmp_path: Path, network: FakeNetwork, clock: Clock) -> Running:
    return Running(tmp_path, network, clock)


@pytest.fixture
def start(network: FakeNetwork, clock: Clock) -> Any:
    """Start an application with other settings, or again on the same folder."""
    return lambda folder, **settings: Running(folder, network, clock, **settings)

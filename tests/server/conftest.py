"""The application on a fake network, a clock that stands still, and a queue that the test runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.activity import PostKind
from server.api.service import Service
from server.app import create_app
from server.settings import Settings
from tests.server.fake_network import FakeNetwork, NoFetcher
from tests.server.invented import NOW, Invented


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
        self.settings = Settings(data_folder=folder, **settings)
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

"""A real Redis for tests, named by RAPPORT_TEST_REDIS, and a wire to it that can be cut."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import redis

from tests.server.wires import Wire

SERVER = "RAPPORT_TEST_REDIS"
FIRST_DATABASE, DATABASES = 8, 8


def database_of_worker() -> str:
    """The address of a database that no test running beside this one uses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = FIRST_DATABASE + int(worker.removeprefix("gw")) % DATABASES
    return f"{os.environ[SERVER].rstrip('/')}/{number}"


@pytest.fixture
def redis_url() -> str:
    """An empty database that no test running beside this one uses."""
    if not os.environ.get(SERVER):
        pytest.skip(f"needs Redis: tests/with_redis.sh make test ({SERVER} is not set)")
    url = database_of_worker()
    redis.Redis.from_url(url).flushdb()
    return url


@pytest.fixture
def wire(redis_url: str) -> Iterator[Wire]:
    opened = Wire(redis_url)
    yield opened
    opened.end()

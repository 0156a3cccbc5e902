"""A real Redis for tests, named by RAPPORT_TEST_REDIS, and a wire to it that can be cut."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import redis

SERVER = "RAPPORT_TEST_REDIS"
FIRST_DATABASE, DATABASES = 8, 8


class Wire:
    """A port on this machine behind which Redis is, until it is cut; ``url``: what a service is told."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._database = parts.path
        self._port = 0
        self._open: list[socket.socket] = []
        self._listening: socket.socket | None = None
        self.mend()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}{self._database}"

    def mend(self) -> None:
        """Let connections through, from now on."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """End every connection, and refuse new ones."""
        assert self._listening is not None
        # A thread that waits in accept() would keep the port open.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.create_connection(self._server)
            self._open += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


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
    with suppress(OSError):
        opened.cut()

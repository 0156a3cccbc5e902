"""Upstreams over real HTTP on loopback, well behaved and not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from pytest_httpserver import HTTPServer

from server.fetching import FetchingLimits, GuardedClient

QUICK = {"total": 10.0, "connect": 5.0, "read": 10.0, "back_off": 0.01, "spacing": 0.0, "longest_wait": 1.2}


@pytest.fixture
def make_client() -> Iterator[Callable[..., GuardedClient]]:
    """A client that may reach loopback and has short limits; any limit can be given."""
    made: list[GuardedClient] = []

    def make(resolver: Callable[..., object] = socket.getaddrinfo, **limits: object) -> GuardedClient:
        chosen = {"allowed_networks": ("127.0.0.0/8",), **QUICK, **limits}
        made.append(GuardedClient(FetchingLimits(**chosen), resolver=resolver))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., GuardedClient]) -> GuardedClient:
    return make_client()


@pytest.fixture
def upstream(httpserver: HTTPServer) -> HTTPServer:
    return httpserver


class RawUpstream:
    """Answers every connection with the bytes given, piece by piece, then hangs or closes."""

    def __init__(self, pieces: list[bytes], pause: float, hang: float) -> None:
        self.connections = 0
        self._pieces, self._pause, self._hang = pieces, pause, hang
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.recv(65536)
            for piece in self._pieces:
                connection.sendall(piece)
                if self._over.wait(self._pause):
                    return
            self._over.wait(self._hang)

    def close(self) -> None:
        self._over.set()
        self._socket.close()


@pytest.fixture
def raw_upstream() -> Iterator[Callable[..., RawUpstream]]:
    made: list[RawUpstream] = []

    def make(*pieces: bytes, pause: float = 0.0, hang: float = 0.0) -> RawUpstream:
        made.append(RawUpstream(list(pieces), pause, hang))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def seconds_of() -> Callable[[Callable[[], object]], float]:
    """How long a call takes, whatever it raises: for deadlines, which are what is promised."""

    def measure(call: Callable[[], object]) -> float:
        began = time.monotonic()
        with suppress(Exception):
            call()
        return time.monotonic() - began

    return measure

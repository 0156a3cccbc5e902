"""A wire to a server that can be cut, as a network is."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

PORTS = {"redis": 6379, "postgresql": 5432}


class Wire:
    """A port on this machine behind which a server is, until it is cut; ``url``: what a service is told."""

    def __init__(self, url: str) -> None:
        self._behind = urlsplit(url)
        self._server = (self._behind.hostname or "127.0.0.1", self._behind.port or PORTS[self._behind.scheme])
        self._port = 0
        self._open: list[socket.socket] = []
        self._listening: socket.socket | None = None
        self.mend()

    @property
    def url(self) -> str:
        who, is_named, _ = self._behind.netloc.rpartition("@")
        return self._behind._replace(netloc=f"{who}{is_named}127.0.0.1:{self._port}").geturl()

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

    def end(self) -> None:
        """Cut it, unless it is."""
        with suppress(OSError):
            self.cut()

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

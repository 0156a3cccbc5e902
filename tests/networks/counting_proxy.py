"""Stands before an AppView, notes what it is asked, and can play an outage."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

UNAVAILABLE_SECONDS = 5
"""After which a caller may ask again during an outage; longer than the service sits out."""
PASSED_ON = ("content-type", "content-encoding", "retry-after")


@dataclass(frozen=True)
class Call:
    """One request: the XRPC method and its parameters."""

    method: str
    params: dict[str, list[str]]

    def about(self, *names: str) -> bool:
        """Is any of its parameters one of these, or a URI of a record of one of these?"""
        values = {value.removeprefix("at://").split("/")[0] for listed in self.params.values() for value in listed}
        return not values.isdisjoint(names)


class CountingProxy:
    """``address`` is what the service is told to ask; ``calls`` what came through; ``down`` answers 503 to everything."""

    def __init__(self, upstream: str) -> None:
        self.calls: list[Call] = []
        self.down = False
        self._upstream = urlsplit(upstream)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(request.path)
        self.calls.append(Call(asked.path.removeprefix("/xrpc/"), parse_qs(asked.query)))
        if self.down:
            _send(
                request,
                503,
                {"content-type": "application/json", "retry-after": str(UNAVAILABLE_SECONDS)},
                b'{"error":"Unavailable"}',
            )
            return
        upstream = http.client.HTTPConnection(self._upstream.hostname or "", self._upstream.port, timeout=30)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            upstream.request("GET", request.path, headers={**headers, "Connection": "close"})
            answer = upstream.getresponse()
            body = answer.read()
        finally:
            upstream.close()
        _send(request, answer.status, {k: v for k in PASSED_ON if (v := answer.getheader(k))}, body)


def _send(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)

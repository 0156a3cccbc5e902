"""A Jetstream on loopback that tells invented events: it looks back as far as it is told, repeats, drops connections and talks nonsense."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

POST = "app.bsky.feed.post"


def did(name: str) -> str:
    return "did:plc:" + name.ljust(24, "a")


def uri(name: str, key: str, collection: str = POST) -> str:
    return f"at://{did(name)}/{collection}/{key}"


def commit(
    who: str, time: float, collection: str, key: str, record: Any = None, operation: str = "create"
) -> dict[str, Any]:
    """An event; ``time``: seconds since 1970 UTC."""
    body = {"rev": "3l3qo2vutsw2b", "operation": operation, "collection": collection, "rkey": key}
    body |= {} if operation == "delete" else {"cid": "bafy", "record": record}
    return {"did": did(who), "time_us": int(time * 1_000_000), "kind": "commit", "commit": body}


def post(who: str, time: float, key: str, **columns: Any) -> dict[str, Any]:
    return commit(who, time, POST, key, {"$type": POST, "text": "Hello", "createdAt": "1970-01-01T00:00:00Z"} | columns)


def like(who: str, time: float, key: str, of: str, kind: str = "like") -> dict[str, Any]:
    return commit(who, time, f"app.bsky.feed.{kind}", key, {"subject": {"cid": "bafy", "uri": of}})


def answer(who: str, time: float, key: str, to: str, **columns: Any) -> dict[str, Any]:
    link = {"cid": "bafy", "uri": to}
    return post(who, time, key, reply={"root": link, "parent": link}, **columns)


def profile(who: str, time: float, description: str = "", labels: tuple[str, ...] = ()) -> dict[str, Any]:
    said = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label} for label in labels]}
    return commit(who, time, "app.bsky.actor.profile", "self", {"description": description, "labels": said}, "update")


def account(who: str, time: float, active: bool, status: str = "deleted") -> dict[str, Any]:
    body = {"active": active, "did": did(who), "seq": 1, "time": "2026-09-21T14:00:00Z"}
    body |= {} if active else {"status": status}
    return {"did": did(who), "time_us": int(time * 1_000_000), "kind": "account", "account": body}


Kind = TypeVar("Kind", bound="InventedStream")


class InventedStream:
    """Tells each connection its events from where it asks on, then those that are added. ``address``: where it is reached."""

    path = ""

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[dict[str, list[str]]] = []
        """What each connection asked for."""
        self.drop_after: list[int] = []
        """After how many events the next connections are dropped, in order."""
        self.refuse_with: list[int] = []
        """HTTP statuses that the next connections are answered with, in order."""
        self._frames: list[tuple[int, str | bytes]] = []
        self._change = threading.Condition()
        self._is_over = False

    def add(self, *frames: tuple[int, str | bytes]) -> None:
        """Add frames, each with its place in the stream."""
        with self._change:
            self._frames += frames
            self._change.notify_all()

    def begin(self, asked: dict[str, list[str]]) -> tuple[int, list[str | bytes]]:
        """The first place that a connection is told, by what it asks for, and what it is told before that."""
        raise NotImplementedError

    def stop(self) -> None:
        with self._change:
            self._is_over = True
            self._change.notify_all()

    def _after(self, place: int) -> list[tuple[int, str | bytes]]:
        """What was told beyond a place, as soon as there is any; nothing after a while without."""
        with self._change:
            self._change.wait_for(lambda: len(self._frames) > place or self._is_over, 0.1)
            return self._frames[place:]

    def refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answers the next connections with the statuses of ``refuse_with``."""
        if not self.refuse_with:
            return None
        response = connection.respond(self.refuse_with.pop(0), "no")
        if 300 <= response.status_code < 400:
            response.headers["Location"] = "ws://10.0.0.1/subscribe"
        return response

    def handle(self, connection: ServerConnection) -> None:
        asked = parse_qs(urlsplit(connection.request.path).query)
        floor, first = self.begin(asked)
        self.asked.append(asked)
        drop_after = self.drop_after.pop(0) if self.drop_after else 2**62
        place = sent = 0
        try:
            for frame in first:
                connection.send(frame)
            while not self._is_over:
                fresh = self._after(place)
                place += len(fresh)
                for time, frame in fresh:
                    if time >= floor:
                        if sent == drop_after:
                            connection.close_socket()
                            return
                        connection.send(frame)
                        sent += 1
                if not fresh:
                    # Notices that the other side has gone.
                    connection.ping()
        except (ConnectionClosed, OSError):
            return


class InventedJetstream(InventedStream):
    """Its places are times."""

    path = "/subscribe"

    def __init__(self) -> None:
        super().__init__()
        self.floor = 0.0
        """It knows nothing older than this (seconds since 1970 UTC)."""

    def tell(self, *events: dict[str, Any] | str | bytes) -> None:
        """Add events; a text or bytes is sent as it stands, whatever the cursor."""
        self.add(*((e["time_us"], json.dumps(e)) if isinstance(e, dict) else (2**62, e) for e in events))

    def begin(self, asked: dict[str, list[str]]) -> tuple[int, list[str | bytes]]:
        return max(int(asked["cursor"][0]), int(self.floor * 1_000_000)), []


@contextmanager
def invented_jetstream(host: str = "127.0.0.1", shown: ssl.SSLContext | None = None) -> Iterator[InventedJetstream]:
    """One that runs, under the name ``host``; with ``shown``, encrypted."""
    with serving(InventedJetstream(), host, shown) as stream:
        yield stream


@contextmanager
def serving(stream: Kind, host: str = "127.0.0.1", shown: ssl.SSLContext | None = None) -> Iterator[Kind]:
    """An invented stream that runs, under the name ``host``; with ``shown``, encrypted."""
    with serve(stream.handle, "127.0.0.1", 0, process_request=stream.refuse, ssl=shown) as server:
        stream.address = f"{'wss' if shown else 'ws'}://{host}:{server.socket.getsockname()[1]}{stream.path}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield stream
        finally:
            stream.stop()
            server.shutdown()
            thread.join(10)

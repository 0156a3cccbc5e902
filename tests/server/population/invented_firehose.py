"""A raw firehose on loopback that tells invented events, as frames of DAG-CBOR with the records in CAR files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from libipld import encode_dag_cbor

from tests.server.population.invented_jetstream import InventedStream, serving


def frame(body: dict[str, Any], kind: str = "#commit", op: int = 1) -> bytes:
    """A frame as it stands on the line."""
    return encode_dag_cbor({"op": op} | ({"t": kind} if kind else {})) + encode_dag_cbor(body)


def error(name: str) -> bytes:
    return frame({"error": name, "message": "in the words of the server"}, "", -1)


def info(name: str) -> bytes:
    return frame({"name": name, "message": "in the words of the server"}, "#info")


def told(seq: int, /, *events: dict[str, Any], **columns: Any) -> bytes:
    """Events of a Jetstream as the frame that a firehose tells them in: those of several writes of one account are one commit."""
    (kind,) = {event["kind"] for event in events}
    about = {"seq": seq, "time": iso(events[0]["time_us"])}
    if kind != "commit":
        return frame(events[0].get(kind, {}) | about | {"did": events[0]["did"]} | columns, f"#{kind}")
    blocks = {link(record): record for event in events if (record := event["commit"].get("record")) is not None}
    tree = {"e": [], "l": None}
    body = {
        "repo": events[0]["did"],
        "commit": link(tree),
        "rev": "3l3qo2vutsw2b",
        "since": None,
        "rebase": False,
        "tooBig": False,
        "blobs": [],
        "ops": [_op(event["commit"]) for event in events],
        "blocks": car({link(tree): tree} | blocks),
    }
    return frame(about | body | columns)


def _op(written: dict[str, Any]) -> dict[str, Any]:
    record = written.get("record")
    path = f"{written['collection']}/{written['rkey']}"
    return {"action": written["operation"], "path": path, "cid": None if record is None else link(record)}


def link(block: Any) -> bytes:
    """The CID of a block, which is a link to it where it stands inside another."""
    return bytes([1, 0x71, 0x12, 0x20]) + hashlib.sha256(encode_dag_cbor(block)).digest()


def car(blocks: dict[bytes, Any]) -> bytes:
    """A CAR file of these blocks; the first one is its root."""
    head = encode_dag_cbor({"roots": list(blocks)[:1], "version": 1})
    parts = [head, *(cid + encode_dag_cbor(block) for cid, block in blocks.items())]
    return b"".join(_varint(len(part)) + part for part in parts)


def _varint(number: int) -> bytes:
    low, high = number & 127, number >> 7
    return bytes([low | 128]) + _varint(high) if high else bytes([low])


def iso(microseconds: int) -> str:
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{rest // 1000:03d}Z"


class InventedFirehose(InventedStream):
    """Its places are numbers of events; it knows none up to ``forgotten``."""

    path = "/xrpc/com.atproto.sync.subscribeRepos"

    def __init__(self) -> None:
        super().__init__()
        self.forgotten = 0
        self.seq = 0

    def tell(self, *events: dict[str, Any] | bytes) -> None:
        """Add events, each as a commit of its own; bytes are sent as they stand, in a place of their own."""
        for event in events:
            self.seq += 1
            self.add((self.seq, told(self.seq, event) if isinstance(event, dict) else event))

    def begin(self, asked: dict[str, list[str]]) -> tuple[int, list[str | bytes]]:
        if "cursor" not in asked:
            return self.seq + 1, []
        cursor = int(asked["cursor"][0])
        if cursor > self.seq:
            return 2**62, [error("FutureCursor")]
        return max(cursor, self.forgotten) + 1, [info("OutdatedCursor")] if cursor < self.forgotten else []


@contextmanager
def invented_firehose() -> Iterator[InventedFirehose]:
    """One that runs."""
    with serving(InventedFirehose()) as stream:
        yield stream

"""What one frame of the raw firehose of a server of Bluesky's says. Pure: nothing is asked, nothing is kept.

The frames: https://atproto.com/specs/event-stream, two DAG-CBOR objects one after the other; the events: lexicon
``com.atproto.sync.subscribeRepos``. Commits bring the records that were written along, as a CAR file. Neither their signatures nor that the
hashes fit is looked at: over TLS, the server is asked, and believed, what those say who keep their records there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from libipld import decode_car, decode_dag_cbor_multi

from server.networks.reading import each, seconds
from server.population.bluesky_records import (
    COLLECTIONS,
    NOT_UNDERSTOOD,
    UNREADABLE,
    Heard,
    Write,
    is_sound,
    of_account,
    of_write,
)

TOO_BIG = "too large to be told in the stream"
SET_ANEW = "a repository that was set anew"

_WANTED = tuple(f"{collection}/" for collection in COLLECTIONS)

Place = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class Notice:
    """What the server says of the stream itself; ``name``: as the lexicon calls it, as in FutureCursor."""

    name: str
    is_error: bool


class _Header(msgspec.Struct):
    op: int
    kind: str = msgspec.field(name="t", default="")


class _Error(msgspec.Struct):
    error: str = ""


class _Info(msgspec.Struct):
    name: str = ""


class _Placed(msgspec.Struct):
    seq: Place
    time: str


class _Op(msgspec.Struct):
    action: str
    path: str
    cid: bytes | None = None


class _Commit(msgspec.Struct, rename="camel"):
    repo: str
    ops: list[Any]
    blocks: bytes = b""
    too_big: bool = False
    rebase: bool = False


class _Account(msgspec.Struct):
    did: str
    active: bool = False


def heard_in(frame: bytes, now: int) -> list[Heard] | Notice:
    """What a frame says, all of it at one place of the stream; ``now``: seconds since 1970 UTC.

    Never raises: a frame that makes no sense says nothing but why (``odd``). What this version does not know of is passed over in silence, as
    the specification asks.
    """
    try:
        head, body = decode_dag_cbor_multi(frame)
        header = msgspec.convert(head, _Header)
        if header.op == -1:
            return Notice(msgspec.convert(body, _Error).error, True)
        if header.op != 1:
            return []
        if header.kind == "#info":
            return Notice(msgspec.convert(body, _Info).name, False)
        placed = msgspec.convert(body, _Placed)
    except UNREADABLE:
        return [Heard(odd=NOT_UNDERSTOOD)]
    time = seconds(placed.time)
    if time is None or not is_sound(time, now):
        return [Heard(placed.seq, odd=NOT_UNDERSTOOD)]
    try:
        return _told(header.kind, body, placed.seq, min(time, now + 1))
    except UNREADABLE:
        return [Heard(placed.seq, min(time, now + 1), odd=NOT_UNDERSTOOD)]


def _told(kind: str, body: Any, cursor: int, time: int) -> list[Heard]:
    if kind == "#commit":
        return _of_commit(msgspec.convert(body, _Commit), cursor, time)
    if kind in ("#account", "#tombstone"):
        account = msgspec.convert(body, _Account)
        return [of_account(account.did, account.active, cursor, time)]
    return [Heard(cursor, time)]


def _of_commit(commit: _Commit, cursor: int, time: int) -> list[Heard]:
    if commit.too_big or commit.rebase:
        return [Heard(cursor, time, odd=TOO_BIG if commit.too_big else SET_ANEW)]
    ops = list(each(commit.ops, _Op))
    odd = [Heard(cursor, time, odd=NOT_UNDERSTOOD)] * (len(commit.ops) - len(ops))
    wanted = [op for op in ops if op.path.startswith(_WANTED)]
    if not wanted:
        return odd or [Heard(cursor, time)]
    records: dict[bytes, Any] = decode_car(commit.blocks)[1] if any(op.cid for op in wanted) else {}
    return odd + [of_write(_write(commit.repo, op, records), cursor, time) for op in wanted]


def _write(author: str, op: _Op, records: dict[bytes, Any]) -> Write:
    collection, _, key = op.path.partition("/")
    return Write(author, op.action, collection, key, records.get(op.cid or b""))

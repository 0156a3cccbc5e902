"""What records of Bluesky say, as rows of the tables of a network, whichever stream tells them; and the events of a Jetstream.

Pure: nothing is asked, nothing is kept. The events: https://github.com/bluesky-social/jetstream (docs/README.md, 5.1); the records:
lexicons ``app.bsky.*``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import msgspec

from server.activity import Consent
from server.networks.bluesky import Facet, Label, Link, PostRecord, consent_of, quoted_uri
from server.networks.reading import at, each
from server.population.tables import DELETE, SKEW_SECONDS

LIKE, REPOST, POST, PROFILE = (
    "app.bsky.feed.like",
    "app.bsky.feed.repost",
    "app.bsky.feed.post",
    "app.bsky.actor.profile",
)
COLLECTIONS = (POST, LIKE, REPOST, PROFILE)
"""The kinds of record that are listened to."""

NOT_UNDERSTOOD = "not understood"
NO_POST = "done to what is no post"

_ID = r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9.:%-]{3,253})"
_KEY = r"[A-Za-z0-9._:~-]{1,512}"
_DID = re.compile(_ID)
_RECORD_KEY = re.compile(_KEY)
_URI = re.compile(rf"at://({_ID})/([A-Za-z0-9.-]{{3,317}})/({_KEY})")
_MOST_MENTIONS = 50
"""Of one post; its 300 characters hold no more."""
_FIRST = 1_600_000_000
"""Seconds since 1970 UTC; older than the network, so what lies before it is no time of an event."""


class Act(NamedTuple):
    """A row of the interactions; see ``server.population.tables``."""

    actor: str
    target: str | None
    kind: str
    time: int
    post: str | None
    made: str | None
    record: str


@dataclass(frozen=True, slots=True)
class News:
    """What was learnt of an account: what its profile asks for, or whether there still is such an account."""

    account: str
    time: int
    asks: Consent | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What an event says; ``cursor``: its place in the stream (0: not to be told), ``time``: seconds since 1970 UTC (0: not to be told)."""

    cursor: int = 0
    time: int = 0
    acts: tuple[Act, ...] = ()
    news: News | None = None
    odd: str = ""
    """Why nothing could be made of it; empty where something was, or where it says nothing that matters here."""


class Write(NamedTuple):
    """What somebody did to a record of their own; ``operation``: create, update or delete."""

    author: str
    operation: str
    collection: str
    key: str
    record: Any
    """As it was decoded, or JSON that is not decoded yet (msgspec.Raw)."""


class _Commit(msgspec.Struct):
    operation: str
    collection: str
    rkey: str
    record: msgspec.Raw = msgspec.Raw(b"null")


class _Account(msgspec.Struct):
    active: bool


class _Event(msgspec.Struct):
    did: str
    time_us: int
    kind: str
    commit: _Commit | None = None
    account: _Account | None = None


class _Subject(msgspec.Struct):
    subject: Link


class _Profile(msgspec.Struct):
    description: str | None = None
    labels: Any = None


UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What is raised by reading what somebody else wrote."""
Schema = TypeVar("Schema")
_event = msgspec.json.Decoder(_Event).decode
_decoders: dict[type, Callable[[msgspec.Raw], Any]] = {
    schema: msgspec.json.Decoder(schema).decode for schema in (_Subject, PostRecord, _Profile)
}


def heard(frame: str | bytes, now: int) -> Heard:
    """What an event of a Jetstream says, as it came over the line; ``now``: seconds since 1970 UTC.

    Never raises: an event that makes no sense says nothing but why (``odd``). Places in the stream are microseconds since 1970 UTC.
    """
    try:
        event = _event(frame)
    except UNREADABLE:
        return Heard(odd=NOT_UNDERSTOOD)
    if not is_sound(event.time_us / 1_000_000, now):
        return Heard(odd=NOT_UNDERSTOOD)
    # A place ahead of the present would have what comes until then passed over at the next connection.
    cursor = min(event.time_us, (now + 1) * 1_000_000)
    time = cursor // 1_000_000
    if event.kind == "account" and event.account is not None:
        return of_account(event.did, event.account.active, cursor, time)
    if event.kind == "identity":
        return Heard(cursor, time, odd="" if _DID.fullmatch(event.did) else NOT_UNDERSTOOD)
    if event.kind != "commit" or event.commit is None:
        return Heard(cursor, time, odd=NOT_UNDERSTOOD)
    done = event.commit
    return of_write(Write(event.did, done.operation, done.collection, done.rkey, done.record), cursor, time)


def is_sound(time: float, now: int) -> bool:
    """Can an event have been told at this time (both in seconds since 1970 UTC)?"""
    return _FIRST <= time <= now + SKEW_SECONDS


def of_account(account: str, active: bool, cursor: int, time: int) -> Heard:
    """That there is, or is no longer, such an account."""
    if not _DID.fullmatch(account):
        return Heard(cursor, time, odd=NOT_UNDERSTOOD)
    return Heard(cursor, time, news=News(account, time, active=active))


def of_write(done: Write, cursor: int, time: int) -> Heard:
    """What somebody did, told at this place and time of a stream.

    Never raises: what makes no sense says nothing but why (``odd``). Acts are of the time at which the network saw them, because what a
    record says of its own time can be anything.
    """
    if not _DID.fullmatch(done.author) or not _RECORD_KEY.fullmatch(done.key):
        return Heard(cursor, time, odd=NOT_UNDERSTOOD)
    if done.collection not in COLLECTIONS:
        return Heard(cursor, time)
    try:
        if done.collection == PROFILE:
            return Heard(cursor, time, news=News(done.author, time, asks=_asked(done)))
        uri = f"at://{done.author}/{done.collection}/{done.key}"
        if done.operation == DELETE:
            return Heard(cursor, time, (Act(done.author, None, DELETE, time, None, None, uri),))
        if done.operation not in ("create", "update"):
            return Heard(cursor, time, odd=NOT_UNDERSTOOD)
        if done.collection == POST:
            return Heard(cursor, time, tuple(_posted(done.author, _read(done, PostRecord), uri, time)))
        return _reacted(done, uri, cursor, time)
    except UNREADABLE:
        return Heard(cursor, time, odd=NOT_UNDERSTOOD)


def _read(done: Write, schema: type[Schema]) -> Schema:
    if isinstance(done.record, msgspec.Raw):
        decoded: Schema = _decoders[schema](done.record)
        return decoded
    return msgspec.convert(done.record, schema)


def _asked(done: Write) -> Consent:
    """What a profile asks for; one that was deleted asks for nothing any more."""
    if done.operation == DELETE:
        return Consent.OPEN
    record = _read(done, _Profile)
    own_labels = {label.val for label in each(at(record.labels, "values"), Label) if not label.neg}
    return consent_of(record.description or "", own_labels)[0]


def _reacted(done: Write, uri: str, cursor: int, time: int) -> Heard:
    subject = _URI.fullmatch(_read(done, _Subject).subject.uri)
    if subject is None:
        return Heard(cursor, time, odd=NOT_UNDERSTOOD)
    if subject[2] != POST:
        return Heard(cursor, time, odd=NO_POST)
    kind = "like" if done.collection == LIKE else "repost"
    return Heard(cursor, time, (Act(done.author, subject[1], kind, time, subject[0], None, uri),))


def _posted(author: str, record: PostRecord, uri: str, time: int) -> Iterator[Act]:
    """The post itself, as a reply, a quote or a post of its own (what it is first, as in reports), and whom it mentions."""
    kind = "quote" if record.reply is None else "reply"
    aimed_at = quoted_uri(record.embed) if record.reply is None else record.reply.parent.uri
    if kind == "reply" or aimed_at:
        other = _URI.fullmatch(aimed_at)
        if other is None or other[2] != POST:
            raise ValueError("answers or quotes what is no post")
        yield Act(author, other[1], kind, time, other[0], uri, uri)
    else:
        yield Act(author, None, "post", time, uri, uri, uri)
    for did in _mentioned(record, author):
        yield Act(author, did, "mention", time, None, uri, uri)


def _mentioned(record: PostRecord, author: str) -> list[str]:
    found = dict.fromkeys(
        feature.did
        for facet in each(record.facets, Facet)
        for feature in facet.features
        if feature.type.endswith("#mention") and feature.did != author and _DID.fullmatch(feature.did)
    )
    return list(found)[:_MOST_MENTIONS]

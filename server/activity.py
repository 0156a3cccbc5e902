"""What was observed of one account: network-neutral, columnar, no I/O.

Rows of a table share their index across its columns. Times are whole seconds since 1970 UTC; a count
that the network does not show is ``UNKNOWN``, never 0. Of texts only hashes and hashtags are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum, StrEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from server.account import AccountRef

UNKNOWN = -1
"""Stands in integer columns for a value that the network does not show."""

NEWEST_KEPT = 30
"""So many of an account's newest posts are kept however old they are."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class PostKind(IntEnum):
    """What a sent post is, seen from the account that sent it."""

    ORIGINAL = 0
    REPLY = 1
    """An answer to somebody else."""
    THREAD = 2
    """An answer to oneself: the continuation of a thread, no talk with people."""
    REPOST = 3
    QUOTE = 4


class InteractionKind(IntEnum):
    """What somebody else did to the account."""

    LIKE = 0
    REPOST = 1
    QUOTE = 2
    REPLY = 3
    MENTION = 4


class Depth(StrEnum):
    """How thoroughly an account was looked at."""

    OBSERVED = "observed"
    """From what stood on somebody's screen."""
    GLANCE = "glance"
    """Profile and one page of posts."""
    STUDY = "study"
    """Also threads and the people who engaged."""


class Consent(StrEnum):
    """What the account asks of services such as this one."""

    OPEN = "open"
    EPHEMERAL = "ephemeral"
    """Asked not to be indexed: answered to the asker, not kept, not ranked."""
    REFUSED = "refused"
    """Asked not to be scored, or is a memorial, or was suspended."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account says of itself, with the network's own counts (None: not shown)."""

    ref: AccountRef
    handle: str
    display_name: str = ""
    url: str = ""
    created_at: int | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    listed: int | None = None
    """On how many of other people's lists it stands."""
    declared_bot: bool = False
    consent: Consent = Consent.OPEN
    consent_reason: str = ""
    """Why consent is not OPEN, in neutral words; empty when it is."""
    moved_to: str = ""
    """Handle, on the same network, of the account that it says it has moved to; empty when it has not."""


def _texts() -> tuple[str, ...]:
    return ()


def _ints() -> Ints:
    return np.zeros(0, np.int64)


def _bools() -> Bools:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody else who occurs in an activity, once each."""

    id: tuple[str, ...] = field(default_factory=_texts)
    handle: tuple[str, ...] = field(default_factory=_texts)
    followers: Ints = field(default_factory=_ints)
    following: Ints = field(default_factory=_ints)
    place: tuple[str, ...] = field(default_factory=_texts)
    """Where their profile says they are, in their words; empty where it does not, or was not read."""

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts sent by the account, newest first."""

    id: tuple[str, ...] = field(default_factory=_texts)
    url: tuple[str, ...] = field(default_factory=_texts)
    time: Ints = field(default_factory=_ints)
    kind: Ints = field(default_factory=_ints)
    target: Ints = field(default_factory=_ints)
    """Index into people: who was answered, reposted or quoted; UNKNOWN when nobody or not shown."""
    parent: tuple[str, ...] = field(default_factory=_texts)
    """Id of the post answered, reposted or quoted; empty when none."""
    conversation: tuple[str, ...] = field(default_factory=_texts)
    """Id of the thread's first post; empty when not shown."""
    likes: Ints = field(default_factory=_ints)
    reposts: Ints = field(default_factory=_ints)
    replies: Ints = field(default_factory=_ints)
    quotes: Ints = field(default_factory=_ints)
    text_hash: Ints = field(default_factory=_ints)
    """Of the normalised text without links and mentions; 0 when there is too little text."""
    opening_hash: Ints = field(default_factory=_ints)
    """Of the first words of the same; 0 when there is too little text."""
    link_source: tuple[str, ...] = field(default_factory=_texts)
    """Host name of the first outside link; empty when none."""
    client: tuple[str, ...] = field(default_factory=_texts)
    """The posting application where the network names it; else empty."""
    tags: tuple[str, ...] = field(default_factory=_texts)
    """Its hashtags without ``#``, in lower case, with a space between; after them, each with ``~`` before it, the topics that its words name
    (``server.named_topics``). Empty when there are none, and for reposts."""
    language: tuple[str, ...] = field(default_factory=_texts)
    """The mark of its language (ISO 639, two or three letters in lower case); empty when it has none, and for reposts."""
    mentions: Ints = field(default_factory=_ints)
    """How many other accounts its text names; UNKNOWN where that is not shown."""
    mentions_self: Bools = field(default_factory=_bools)
    """For reposts and quotes: does the post passed on mention this account?"""
    own: Bools = field(default_factory=_bools)
    """For reposts and quotes: is the post passed on this account's own?"""
    timeline: Bools = field(default_factory=_bools)
    """Seen in the account's own timeline; posts found only inside threads count in no share."""

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True)
class Interactions:
    """What other people did to the account's posts."""

    id: tuple[str, ...] = field(default_factory=_texts)
    """Id of the reply or quote; ``kind:person:post`` for likes and reposts, which have none."""
    url: tuple[str, ...] = field(default_factory=_texts)
    time: Ints = field(default_factory=_ints)
    kind: Ints = field(default_factory=_ints)
    actor: Ints = field(default_factory=_ints)
    post: tuple[str, ...] = field(default_factory=_texts)
    """Id of the account's post concerned; empty for a bare mention."""

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True)
class CountsOverTime:
    """The network's own counts, each time they were read, oldest first."""

    time: Ints = field(default_factory=_ints)
    followers: Ints = field(default_factory=_ints)
    following: Ints = field(default_factory=_ints)
    posts: Ints = field(default_factory=_ints)

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the account was seen."""

    depth: Depth = Depth.GLANCE
    timeline_complete: bool = False
    """The timeline was read to its end or to the start of the window."""
    cursor: str = ""
    """Where reading the timeline can go on; empty when there is nothing more or it is not known."""
    threads_read: tuple[str, ...] = ()
    """Ids of the account's own posts whose replies were read."""
    engagers_read: tuple[str, ...] = ()
    """Ids of the account's own posts whose likes and reposts were read person by person."""
    replies_shown: bool = True
    """False while only such pages were seen as leave the account's replies out; what it never answers cannot be told then."""


@dataclass(frozen=True, slots=True)
class Activity:
    """All that is known of one account at one time."""

    profile: Profile
    gathered_at: int
    posts: Posts = field(default_factory=Posts)
    people: People = field(default_factory=People)
    interactions: Interactions = field(default_factory=Interactions)
    counts: CountsOverTime = field(default_factory=CountsOverTime)
    coverage: Coverage = field(default_factory=Coverage)
    words: Mapping[str, str] = field(default_factory=dict)
    """By the id of a post that was just read: its words, with a space between. Looked through for names of topics, never stored."""
    ranks: Mapping[str, float] = field(default_factory=dict)
    """By the id of somebody who engages: their rank where their whole network was ranked (``server.population.ranks``), 1 on average. Looked
    up whenever the account is scored, never stored with it."""

    @property
    def ref(self) -> AccountRef:
        return self.profile.ref


Table = TypeVar("Table", People, Posts, Interactions, CountsOverTime)


def table_from_columns(table: type[Table], columns: dict[str, Sequence[Any]]) -> Table:
    """Build a table from plain sequences. Raises ValueError unless every column is there and all are of one length."""
    names = [f.name for f in fields(table)]
    if set(names) != set(columns) or len({len(values) for values in columns.values()}) > 1:
        raise ValueError(f"{table.__name__} needs the columns {names}, all of one length")
    empty = table()
    return table(**{name: _column(getattr(empty, name), columns[name]) for name in names})


def columns_of(table: People | Posts | Interactions | CountsOverTime) -> dict[str, list[Any]]:
    """The columns of a table as plain lists; the inverse of ``table_from_columns``."""
    values = {f.name: getattr(table, f.name) for f in fields(table)}
    return {name: list(v) if isinstance(v, tuple) else v.tolist() for name, v in values.items()}


def _column(empty: tuple[str, ...] | Ints | Bools, values: Sequence[Any]) -> Any:
    return tuple(values) if isinstance(empty, tuple) else np.asarray(values, empty.dtype)


@dataclass(frozen=True, slots=True)
class Post:
    """One row of ``Posts`` as a connector hands it over; people by their id instead of an index."""

    id: str
    time: int
    kind: PostKind
    url: str = ""
    target: str = ""
    parent: str = ""
    conversation: str = ""
    likes: int = UNKNOWN
    reposts: int = UNKNOWN
    replies: int = UNKNOWN
    quotes: int = UNKNOWN
    text_hash: int = 0
    opening_hash: int = 0
    words: str = ""
    """See ``Activity.words``; in no column of the table."""
    link_source: str = ""
    client: str = ""
    tags: str = ""
    language: str = ""
    mentions: int = UNKNOWN
    mentions_self: bool = False
    own: bool = False
    timeline: bool = True


@dataclass(frozen=True, slots=True)
class Interaction:
    """One row of ``Interactions`` as a connector hands it over; the actor by id."""

    id: str
    kind: InteractionKind
    actor: str
    time: int = UNKNOWN
    url: str = ""
    post: str = ""


class ActivityBuilder:
    """Collects rows in any order and order of discovery, and lays them out as an ``Activity``.

    A row added again replaces the earlier one of the same id; people keep the newest known handle and count.
    """

    def __init__(self, profile: Profile, gathered_at: int) -> None:
        self.profile = profile
        self.gathered_at = gathered_at
        self.coverage = Coverage()
        self._words: dict[str, str] = {}
        self._people: dict[str, tuple[str, int, int, str]] = {}
        self._posts: dict[str, Post] = {}
        self._interactions: dict[str, Interaction] = {}
        self._counts: dict[int, tuple[int, int, int]] = {}

    @classmethod
    def of(cls, activity: Activity) -> ActivityBuilder:
        """A builder that already holds everything in an activity, to add more to."""
        builder = cls(activity.profile, activity.gathered_at)
        builder.coverage = activity.coverage
        builder.add(activity)
        return builder

    def person(
        self,
        person_id: str,
        handle: str = "",
        followers: int | None = None,
        following: int | None = None,
        place: str | None = None,
    ) -> None:
        """Make somebody known; what is left out keeps its earlier value."""
        old_handle, old_followers, old_following, old_place = self._people.get(person_id, _NOBODY)
        self._people[person_id] = (
            handle or old_handle,
            old_followers if followers is None else followers,
            old_following if following is None else following,
            old_place if place is None else place,
        )

    def post(self, post: Post) -> None:
        """Add a sent post, or refresh its counts. Seen in the timeline once is seen there for good."""
        old = self._posts.get(post.id)
        if old is not None:
            post = replace(
                post,
                timeline=old.timeline or post.timeline,
                conversation=post.conversation or old.conversation,
                **{name: getattr(old, name) for name in _POST_COUNTS if getattr(post, name) == UNKNOWN},
            )
        if post.words:
            self._words[post.id] = post.words
        self._posts[post.id] = post

    def set_conversation(self, post_id: str, conversation: str) -> None:
        """Note the thread that a post already held belongs to."""
        if post_id in self._posts:
            self._posts[post_id] = replace(self._posts[post_id], conversation=conversation)

    def interaction(self, interaction: Interaction) -> None:
        """Add what somebody did to the account; the account's own deeds are left out."""
        if interaction.actor != self.profile.ref.id:
            self._interactions[interaction.id] = interaction

    def count(self, time: int, followers: int | None, following: int | None, posts: int | None) -> None:
        """Add a reading of the network's own counts."""
        self._counts[time] = (
            UNKNOWN if followers is None else followers,
            UNKNOWN if following is None else following,
            UNKNOWN if posts is None else posts,
        )

    def drop_timeline_since(self, time: int, keep: set[str]) -> None:
        """Forget the timeline posts newer than ``time`` (seconds since 1970) that are not to be kept, and what was done to them."""
        gone = {i for i, p in self._posts.items() if p.timeline and p.time > time and i not in keep}
        self._posts = {i: p for i, p in self._posts.items() if i not in gone}
        self._interactions = {i: deed for i, deed in self._interactions.items() if deed.post not in gone}

    def add(self, activity: Activity) -> None:
        """Add everything of another activity of the same account; where both know a thing, this one wins."""
        people = activity.people
        for row in _rows(people):
            known = {name: None if row[name] == UNKNOWN else row[name] for name in ("followers", "following")}
            self.person(row["id"], row["handle"], place=row["place"] or None, **known)
        for row in _rows(activity.posts):
            target = row.pop("target")
            self.post(Post(**{**row, "kind": PostKind(row["kind"])}, target=people.id[target] if target >= 0 else ""))
        for row in _rows(activity.interactions):
            row |= {"actor": people.id[row["actor"]], "kind": InteractionKind(row["kind"])}
            self.interaction(Interaction(**row))
        for row in _rows(activity.counts):
            self._counts[row["time"]] = (row["followers"], row["following"], row["posts"])
        self._words.update(activity.words)
        self._add_coverage(activity.coverage)
        self.gathered_at = activity.gathered_at
        # A post on somebody's screen shows its author's handle and nothing more; that takes away nothing known.
        if activity.coverage.depth is not Depth.OBSERVED or _says_something(activity.profile):
            self.profile = activity.profile

    def _add_coverage(self, newer: Coverage) -> None:
        older, depths = self.coverage, list(Depth)
        self.coverage = Coverage(
            depth=max(older.depth, newer.depth, key=depths.index),
            timeline_complete=newer.timeline_complete,
            cursor=newer.cursor,
            replies_shown=older.replies_shown or newer.replies_shown,
            threads_read=tuple(dict.fromkeys(older.threads_read + newer.threads_read)),
            engagers_read=tuple(dict.fromkeys(older.engagers_read + newer.engagers_read)),
        )

    def own_posts(self) -> list[Post]:
        """The posts held that the account wrote itself (all but reposts), newest first."""
        return sorted((p for p in self._posts.values() if p.kind != PostKind.REPOST), key=lambda p: (-p.time, p.id))

    def build(self, oldest: int = 0) -> Activity:
        """Lay out all rows, newest first, people in order of first use.

        Left out is what is older than ``oldest`` (seconds since 1970), apart from the newest posts of the timeline with what was
        done to them: by these somebody is still known who fell silent.
        """
        posts = sorted(self._posts.values(), key=lambda p: (-p.time, p.id))
        newest = {p.id for p in [p for p in posts if p.timeline][:NEWEST_KEPT]}
        posts = [p for p in posts if p.time >= oldest or p.id in newest]
        held = {p.id for p in posts}
        interactions = sorted(
            # A like or repost that does not say when it was is as old as its post.
            (i for i in self._interactions.values() if i.post in held or i.time >= oldest),
            key=lambda i: (-i.time, i.id),
        )
        used = dict.fromkeys([p.target for p in posts if p.target] + [i.actor for i in interactions])
        index = {person_id: number for number, person_id in enumerate(used)}
        known = [self._people.get(person_id, _NOBODY) for person_id in index]
        counts = sorted(self._counts.items())
        return Activity(
            profile=self.profile,
            gathered_at=self.gathered_at,
            posts=_table(Posts, posts, target=[index.get(p.target, UNKNOWN) for p in posts]),
            people=People(
                tuple(index),
                tuple(handle for handle, _, _, _ in known),
                np.array([followers for _, followers, _, _ in known], np.int64),
                np.array([following for _, _, following, _ in known], np.int64),
                tuple(place for _, _, _, place in known),
            ),
            interactions=_table(Interactions, interactions, actor=[index[i.actor] for i in interactions]),
            counts=CountsOverTime(
                np.array([time for time, _ in counts], np.int64),
                *(np.array([row[column] for _, row in counts], np.int64) for column in range(3)),
            ),
            coverage=self.coverage,
            words={post_id: words for post_id, words in self._words.items() if post_id in held},
        )


def without_places(activity: Activity) -> Activity:
    """The same, without where people say they are."""
    people = activity.people
    return replace(activity, people=replace(people, place=("",) * len(people))) if any(people.place) else activity


def _says_something(profile: Profile) -> bool:
    return bool(profile.display_name) or profile.followers is not None or profile.consent is not Consent.OPEN


_POST_COUNTS = ("likes", "reposts", "replies", "quotes")
_NOBODY = ("", UNKNOWN, UNKNOWN, "")


def _rows(table: People | Posts | Interactions | CountsOverTime) -> list[dict[str, Any]]:
    columns = columns_of(table)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _table(table: type[Table], rows: Sequence[Any], **columns: Sequence[Any]) -> Table:
    names = [f.name for f in fields(table)]
    return table_from_columns(
        table, {name: columns.get(name) or [getattr(row, name) for row in rows] for name in names}
    )


def merge(older: Activity, newer: Activity, oldest: int = 0, window_start: int | None = None) -> Activity:
    """Both activities of one account in one: rows united by id, counts and profile from the newer.

    A glance shows the newest part of the timeline without gaps: what was known of that part and is no longer there was
    deleted by its author, and is dropped. One that read the timeline to its end shows all of it since ``window_start``
    (seconds since 1970; None: take none to have).
    """
    builder = ActivityBuilder.of(older)
    shown = newer.posts.time[newer.posts.timeline]
    since = [int(shown.min())] if len(shown) else []
    if newer.coverage.timeline_complete and window_start is not None:
        since.append(window_start)
    if newer.coverage.depth is Depth.GLANCE and since:
        builder.drop_timeline_since(min(since), keep=set(newer.posts.id))
    builder.add(newer)
    return builder.build(oldest)

"""The part of an activity that counts, laid out for measuring: the window, its decay, its resamples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from server.activity import Activity, Bools, InteractionKind, Ints, PostKind

DAY = 86_400
WINDOW_DAYS = 90
"""Klout's published window (FAQ: "90 previous days of activity")."""
HALF_LIFE_DAYS = 30
RESAMPLES = 200
ENGAGED_POSTS = 4
"""Newest posts whose likes, reposts and quotes count person by person: as many as one study reads on every network."""
THREADS = 10
"""Newest threads whose replies do."""
_COLUMNS = 4096

Floats = NDArray[np.float64]


@lru_cache(maxsize=1)
def _counts_by_column() -> NDArray[np.float32]:
    """How often each of 4,096 columns is drawn in each resample (Poisson bootstrap, Oza & Russell 2001); row 0: once each.

    A row of data always falls on the column of its id's hash, so the same posts give the same interval in whatever order they
    come, and one new post does not redraw all others.
    """
    drawn = np.random.default_rng(20_111).poisson(1.0, (RESAMPLES, _COLUMNS))
    return np.vstack([np.ones((1, _COLUMNS)), drawn]).astype(np.float32)


def resamples(ids: tuple[str, ...]) -> NDArray[np.float32]:
    """How often each id is drawn: shape (1 + RESAMPLES, len(ids)); row 0 is the sample as it was seen."""
    columns = [crc32(i.encode()) % _COLUMNS for i in ids]
    return _counts_by_column()[:, columns]


@dataclass(frozen=True)
class Sample:
    """An activity as measured at one time. All per-post arrays cover the timeline posts inside the window, newest first."""

    activity: Activity
    now: int

    @cached_property
    def rows(self) -> Ints:
        """Indices into ``activity.posts`` of the timeline posts sent inside the window."""
        posts = self.activity.posts
        return np.flatnonzero(posts.timeline & (posts.time > self.now - WINDOW_DAYS * DAY))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of those posts."""
        every = self.activity.posts.id
        return tuple(every[row] for row in self.rows.tolist())

    @cached_property
    def time(self) -> Ints:
        """When each was sent, seconds since 1970 UTC."""
        return self.activity.posts.time[self.rows]

    @cached_property
    def kind(self) -> Ints:
        """``PostKind`` of each."""
        return self.activity.posts.kind[self.rows]

    @cached_property
    def target(self) -> Ints:
        """Index into people of whoever each was aimed at, or UNKNOWN."""
        return self.activity.posts.target[self.rows]

    @cached_property
    def decay(self) -> Floats:
        """Weight of each by age: 1 now, a half after 30 days."""
        return decay(self.time, self.now)

    @cached_property
    def resamples(self) -> NDArray[np.float32]:
        """How often each post is drawn, shape (1 + RESAMPLES, posts)."""
        return resamples(self.ids)

    @cached_property
    def replies(self) -> Ints:
        """Positions (among the rows) of answers to other people."""
        return np.flatnonzero(self.kind == PostKind.REPLY)

    @cached_property
    def broadcasts(self) -> Ints:
        """Positions of what was said to nobody in particular: original posts, quotes, reposts. A thread counts once, by its first post."""
        return np.flatnonzero(np.isin(self.kind, (PostKind.ORIGINAL, PostKind.QUOTE, PostKind.REPOST)))

    @cached_property
    def originals(self) -> Ints:
        """Positions of posts written by the account itself to nobody in particular."""
        return np.flatnonzero(np.isin(self.kind, (PostKind.ORIGINAL, PostKind.QUOTE)))

    @cached_property
    def reposts(self) -> Ints:
        """Positions of reposts."""
        return np.flatnonzero(self.kind == PostKind.REPOST)

    @cached_property
    def received(self) -> Bools:
        """Which rows of ``activity.interactions`` count: inside the window; of unknown time, as likes are, those on posts inside it."""
        interactions, start = self.activity.interactions, self.now - WINDOW_DAYS * DAY
        posts = self.activity.posts
        recent = {post for post, inside in zip(posts.id, (posts.time > start).tolist(), strict=True) if inside}
        on_recent = np.fromiter((post in recent for post in interactions.post), np.bool_, len(interactions))
        return (interactions.time > start) | ((interactions.time < 0) & on_recent)

    @cached_property
    def looked_at(self) -> Bools:
        """Which rows of ``activity.interactions`` stand on the newest posts whose engagers, or threads whose replies, were read.

        Always so many and no more: an account must not rise by being looked up again and again.
        """
        posts, coverage, interactions = self.activity.posts, self.activity.coverage, self.activity.interactions
        read = set(coverage.engagers_read)
        engaged = set([post for post in posts.id if post in read][:ENGAGED_POSTS])
        thread_of = {post: thread or post for post, thread in zip(posts.id, posts.conversation, strict=True)}
        read = set(coverage.threads_read)
        threads = set(list(dict.fromkeys(thread_of[post] for post in posts.id if post in read))[:THREADS])
        is_reply = interactions.kind == InteractionKind.REPLY
        on_read = [
            thread_of.get(post) in threads if reply else post in engaged
            for post, reply in zip(interactions.post, is_reply.tolist(), strict=True)
        ]
        return self.received & np.array(on_read, np.bool_)

    def received_of(self, *kinds: InteractionKind) -> Ints:
        """Rows of ``activity.interactions`` of these kinds inside the window."""
        return np.flatnonzero(self.received & np.isin(self.activity.interactions.kind, kinds))


def decay(time: Ints, now: int) -> Floats:
    """Weight by age in seconds: 1 now, 0.5 after HALF_LIFE_DAYS; what lies in the future counts as now."""
    age_days = np.maximum(now - time, 0) / DAY
    return np.asarray(0.5 ** (age_days / HALF_LIFE_DAYS), np.float64)

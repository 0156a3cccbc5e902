"""The part of an activity that counts, laid out for measuring: the window, its decay, its resamples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from math import log, sqrt
from typing import Any, TypeVar, TypeVarTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from server.activity import NEWEST_KEPT, Activity, Bools, InteractionKind, Ints, PostKind

DAY = 86_400
WINDOW_DAYS = 90
"""Klout's published window (FAQ: "90 previous days of activity")."""
HALF_LIFE_DAYS = 30
WEEK = 7 * DAY
POSTS_A_WEEK = 4
PAUSE_DAYS = 3
"""A longer pause between two posts makes those before it no older than this: what silence costs is for the formula's fade to say."""
LEAST_UNSEEN = 0.5
READING_NEAR_DAYS = 5
"""A reading of the network's post count this near to either end of the window tells how many posts were sent in it."""
RESAMPLES = 200
ENGAGED_POSTS = 4
"""Newest posts whose likes, reposts and quotes count person by person: as many as one study reads on every network."""
THREADS = 10
"""Newest threads whose replies do."""
_COLUMNS = 4096

Floats = NDArray[np.float64]
Others = TypeVarTuple("Others")
Found = TypeVar("Found")


@lru_cache(maxsize=1)
def counts_by_column() -> NDArray[np.float32]:
    """How often each of 4,096 columns is drawn in each resample (Poisson bootstrap, Oza & Russell 2001); row 0: once each.

    A row of data always falls on the column of its id's hash, so the same posts give the same interval in whatever order they
    come, and one new post does not redraw all others.
    """
    drawn = np.random.default_rng(20_111).poisson(1.0, (RESAMPLES, _COLUMNS))
    # A column's counts side by side: all that is ever asked for is whole columns.
    return np.ascontiguousarray(np.vstack([np.ones((1, _COLUMNS)), drawn]).T, np.float32)


def resamples(ids: tuple[str, ...]) -> NDArray[np.float32]:
    """How often each id is drawn: shape (1 + RESAMPLES, len(ids)); row 0 is the sample as it was seen."""
    return counts_by_column().take(columns(i.encode() for i in ids), axis=0).T


def columns(ids: Iterable[bytes]) -> Ints:
    """The column that each id falls on."""
    return np.fromiter(map(crc32, ids), np.int64) % _COLUMNS


@dataclass(frozen=True)
class Sample:
    """An activity as measured at one time. All per-post arrays cover the timeline posts inside the window, newest first.

    ``at_least``: so many of the newest posts are looked at even when they are older than the window.
    """

    activity: Activity
    now: int
    at_least: int = 0
    resampled: bool = True
    """False: measures come without resamples, shape (1,): for many accounts at once, or many days of one."""
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was worked out of this sample once already (``once_per_sample``)."""

    @classmethod
    def of_influence(cls, activity: Activity, now: int, resampled: bool = True) -> Sample:
        """The sample that the score is measured on: the window ends with the newest post, so that a pause changes no measure.

        What a pause costs is the formula's fading alone (``server.scoring.formula``).
        """
        return cls(activity, latest_post(activity, now), NEWEST_KEPT, resampled)

    @cached_property
    def start(self) -> int:
        """Seconds since 1970 after which a post lies inside the window."""
        times = self.activity.posts.time[self.activity.posts.timeline]
        start = self.now - WINDOW_DAYS * DAY
        if not self.at_least or not len(times):
            return start
        # Posts come newest first; of the last of the newest ones itself the window must hold the very second.
        return min(start, int(np.sort(times)[::-1][: self.at_least][-1]) - 1)

    @cached_property
    def rows(self) -> Ints:
        """Indices into ``activity.posts`` of the timeline posts sent inside the window."""
        posts = self.activity.posts
        return np.flatnonzero(posts.timeline & (posts.time > self.start))

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
        """Weight of each by its age without long pauses: 1 for the newest, a half after 30 days of posting."""
        return decay(self.time, self.now)

    @cached_property
    def resamples(self) -> NDArray[np.float32]:
        """How often each post is drawn, shape (1 + RESAMPLES, posts); nearer to once each, the more of the window was seen."""
        return np.asarray(1 + (self.drawn(self.ids) - 1) * np.float32(sqrt(self.unseen)), np.float32)

    def drawn(self, ids: tuple[str, ...]) -> NDArray[np.float32]:
        """How often each id is drawn, shape (1 + RESAMPLES, len(ids)); (1, len(ids)) without resamples."""
        return resamples(ids) if self.resampled else np.ones((1, len(ids)), np.float32)

    @cached_property
    def replies(self) -> Ints:
        """Positions (among the rows) of answers to other people."""
        return np.flatnonzero(self.kind == PostKind.REPLY)

    @cached_property
    def broadcasts(self) -> Ints:
        """Positions of what was said to nobody in particular: original posts, quotes, reposts. A thread counts once, by its first post."""
        return np.flatnonzero(self.is_of(PostKind.ORIGINAL, PostKind.QUOTE, PostKind.REPOST))

    @cached_property
    def originals(self) -> Ints:
        """Positions of posts written by the account itself to nobody in particular."""
        return np.flatnonzero(self.is_of(PostKind.ORIGINAL, PostKind.QUOTE))

    @cached_property
    def reposts(self) -> Ints:
        """Positions of reposts."""
        return np.flatnonzero(self.kind == PostKind.REPOST)

    @cached_property
    def received(self) -> Bools:
        """Which rows of ``activity.interactions`` count: inside the window; of unknown time, as likes are, those on posts inside it."""
        interactions, start = self.activity.interactions, self.start
        posts = self.activity.posts
        recent = {post for post, inside in zip(posts.id, (posts.time > start).tolist(), strict=True) if inside}
        on_recent = np.fromiter((post in recent for post in interactions.post), np.bool_, len(interactions))
        return (interactions.time > start) | ((interactions.time < 0) & on_recent)

    @cached_property
    def engaged_posts(self) -> list[str]:
        """Ids of the newest posts whose likes, reposts and quotes were read person by person; always so many and no more."""
        read = set(self.activity.coverage.engagers_read)
        return [post for post in self.activity.posts.id if post in read][:ENGAGED_POSTS]

    @cached_property
    def seen_reacting(self) -> Ints:
        """Rows of ``activity.interactions`` on posts whose reactions or answers were read, at most so many posts of each week.

        By and by they cover the window. That somebody is looked up twice in a day adds next to nothing, and no day's posts weigh
        more than another's.
        """
        interactions, coverage = self.activity.interactions, self.activity.coverage
        engaged, answered = (
            self._some_of_each_week(coverage.engagers_read),
            self._some_of_each_week(coverage.threads_read),
        )
        is_reply = (interactions.kind == InteractionKind.REPLY).tolist()
        on_counted = np.fromiter(
            (post in (answered if reply else engaged) for post, reply in zip(interactions.post, is_reply, strict=True)),
            np.bool_,
            len(interactions),
        )
        return np.flatnonzero(self.received & on_counted)

    def _some_of_each_week(self, read: tuple[str, ...]) -> set[str]:
        """Of the posts read, the newest few of every calendar week."""
        posts, wanted = self.activity.posts, set(read)
        of_week: Counter[int] = Counter()
        counted = set()
        for post, time in zip(posts.id, posts.time.tolist(), strict=True):
            if post in wanted and of_week[time // WEEK] < POSTS_A_WEEK:
                of_week[time // WEEK] += 1
                counted.add(post)
        return counted

    @cached_property
    def stands_for(self) -> float:
        """How many posts of the window each post seen stands for, at least 1: a page of a busy account shows a few days of it.

        Told by the network's own post counts where two readings span the window, else by the span of time that was seen.
        """
        if self.activity.coverage.timeline_complete or not len(self.rows):
            return 1.0
        sent = self._posts_sent()
        if sent is not None:
            return max(1.0, sent / len(self.rows))
        seen_days = max(1.0, (self.now - int(self.time.min())) / DAY)
        return max(1.0, _decayed_days(WINDOW_DAYS) / _decayed_days(min(seen_days, WINDOW_DAYS)))

    @cached_property
    def unseen(self) -> float:
        """The part of the window's posts that was not seen, at least a half: what narrows an interval made from the rest.

        The variance of a value of n posts drawn from N, about the value of all N, is 1 - n / N times that about the long run
        (finite population correction, Cochran 1977). With half of them seen it stops narrowing: next week's posts are never seen.
        """
        return max(1 - 1 / self.stands_for, LEAST_UNSEEN)

    @cached_property
    def effective_posts(self) -> float:
        """How many equally weighing posts of its own would tell as much as those seen do (Kish 1965); older ones tell less.

        Where each stands for many, the best few of them decide how often posts go far: fewer by so many.
        """
        weight = self.decay[self.originals]
        return float(weight.sum() ** 2 / (weight**2).sum() / self.stands_for) if len(weight) else 0.0

    def _posts_sent(self) -> int | None:
        """Posts sent inside the window by the network's own count; None without a reading near its start."""
        counts = self.activity.counts
        near = np.flatnonzero((counts.posts >= 0) & (np.abs(counts.time - self.start) <= READING_NEAR_DAYS * DAY))
        last = np.flatnonzero((counts.posts >= 0) & (counts.time >= self.now - READING_NEAR_DAYS * DAY))
        if not len(near) or not len(last):
            return None
        return int(counts.posts[last[-1]] - counts.posts[near[0]])

    @cached_property
    def looked_at(self) -> Bools:
        """Which rows of ``activity.interactions`` stand on the newest posts whose engagers, or threads whose replies, were read.

        Always so many and no more: an account must not rise by being looked up again and again.
        """
        posts, coverage, interactions = self.activity.posts, self.activity.coverage, self.activity.interactions
        engaged = set(self.engaged_posts)
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
        return np.flatnonzero(self.received & among(self.activity.interactions.kind, *kinds))

    def is_of(self, *kinds: PostKind) -> Bools:
        """Which of the posts are of one of these kinds."""
        return among(self.kind, *kinds)


def among(values: Ints, *wanted: int) -> Bools:
    """Which values are one of a few wanted ones; for a few, comparing is many times faster than ``np.isin``."""
    found = np.zeros(len(values), np.bool_)
    for one in wanted:
        found |= values == one
    return found


def once_per_sample(compute: Callable[[Sample, *Others], Found]) -> Callable[[Sample, *Others], Found]:
    """Have what several signals need of one sample computed once."""

    @wraps(compute)
    def kept(sample: Sample, *others: *Others) -> Found:
        key = (compute, others)
        if key not in sample.memo:
            sample.memo[key] = compute(sample, *others)
        found: Found = sample.memo[key]
        return found

    return kept


def latest_post(activity: Activity, now: int) -> int:
    """When the newest timeline post was sent, seconds since 1970; ``now`` when there is none or it claims a later time."""
    times = activity.posts.time[activity.posts.timeline]
    return min(now, int(times.max())) if len(times) else now


def silent_days(activity: Activity, now: int) -> float:
    """Days since the newest timeline post."""
    return (now - latest_post(activity, now)) / DAY


def _decayed_days(days: float) -> float:
    """How many days' worth of weight so many last days hold: 37.9 for the whole window."""
    return float(HALF_LIFE_DAYS / log(2) * (1 - 0.5 ** (days / HALF_LIFE_DAYS)))


WINDOW_DECAYED_DAYS = _decayed_days(WINDOW_DAYS)


def decay(time: Ints, now: int) -> Floats:
    """Weight by age in seconds: 1 now, 0.5 after HALF_LIFE_DAYS; what lies in the future counts as now.

    Of the time between a post and the next one, and from the newest to ``now``, PAUSE_DAYS count at most. Without that the first
    post after a month's pause would make all before it fade at once, and an account that posts once a month would be known by
    its newest post alone.
    """
    moments, row = np.unique(np.append(np.minimum(time, now), now), return_inverse=True)
    gaps = np.minimum(np.diff(moments), PAUSE_DAYS * DAY)
    age_days = (gaps.sum() - np.append(0, np.cumsum(gaps)))[row[:-1]] / DAY
    return np.asarray(0.5 ** (age_days / HALF_LIFE_DAYS), np.float64)

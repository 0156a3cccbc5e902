"""Did anything change at a day that somebody marked? What was seen before and after it, each difference with an interval.

Days are drawn, not posts: what is said on one day goes together (a post that spreads, a talk that goes on). Each number is a ratio of
two sums over days (replies over posts, posts over days), its variance that of a ratio estimator over clusters (Cochran, "Sampling
Techniques", 1977, 6.9), at least that of plain counting (Poisson; binomial for a share). The interval of a difference is Welch's (1947).
All differences hold together 9 times in 10 (Bonferroni), so that looking at five finds nothing by looking often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from server.activity import UNKNOWN, Activity, Ints, PostKind, Posts
from server.scoring.interval import CONFIDENCE
from server.scoring.sample import DAY, Floats, among
from server.signals.proportion import amount, counted, percent

WEEKS = (4, 3, 2, 1)
"""So many whole weeks are compared on either side, the most that were seen: people post otherwise at weekends."""
RIPE_DAYS = 2
"""Younger posts have not had their reactions yet, and are left out."""
FEWEST_POSTS = 8
"""Of fewer posts on one side no rate of reactions is told."""
FEWEST_DAYS = 4
"""Nor of posts on fewer days."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One number before and after. ``low`` and ``high``: the interval of ``after - before``; ``found``: it does not hold 0."""

    id: str
    title: str
    before: float
    after: float
    low: float
    high: float
    is_share: bool = False
    """All four are shares, 0 to 1."""

    @property
    def shown_before(self) -> str:
        """For people: ``3.4``, ``12 %``."""
        return self._shown(self.before)

    @property
    def shown_after(self) -> str:
        """The same of what came after."""
        return self._shown(self.after)

    @property
    def shown_low(self) -> str:
        """With its sign: ``+1.2``, ``−4 %``."""
        return self._signed(self.low)

    @property
    def shown_high(self) -> str:
        """The same of the upper end."""
        return self._signed(self.high)

    def _shown(self, value: float) -> str:
        return percent(value) if self.is_share else amount(value)

    def _signed(self, value: float) -> str:
        size = f"{abs(value) * 100:.0f}" if self.is_share else amount(abs(value))
        return ("" if size == "0" else "−" if value < 0 else "+") + size + (" %" if self.is_share else "")

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def found(self) -> bool:
        """Is there one, as far as can be told?"""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """What ``compare`` found. ``days`` on either side; without ``differences`` the sentence says what is missing.

    ``posts``: own posts (originals and quotes) before and after whose reactions were compared.
    """

    marked_at: int
    days: int
    posts: tuple[int, int]
    differences: tuple[Difference, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class _Measure:
    """A ratio of sums over days. ``numerator`` and ``denominator`` give a number per post; a denominator of None is the days themselves."""

    id: str
    title: str
    numerator: Callable[[Posts], Floats]
    denominator: Callable[[Posts], Floats] | None
    is_share: bool = False
    per: float = 1.0


def _own(posts: Posts) -> Floats:
    return among(posts.kind, PostKind.ORIGINAL, PostKind.QUOTE).astype(np.float64)


def _said(posts: Posts) -> Floats:
    return among(posts.kind, PostKind.ORIGINAL, PostKind.QUOTE, PostKind.REPLY).astype(np.float64)


def _replies_sent(posts: Posts) -> Floats:
    return among(posts.kind, PostKind.REPLY).astype(np.float64)


def _any_but_reposts(posts: Posts) -> Floats:
    return (~among(posts.kind, PostKind.REPOST)).astype(np.float64)


def _known(column: Ints) -> Floats:
    return np.where(column == UNKNOWN, 0, column).astype(np.float64)


def replies_received(posts: Posts) -> Floats:
    """Of each original post or quote, less the account's own: the continuation of a thread is no reply of somebody else."""
    row_of = {post: row for row, post in enumerate(posts.id)}
    received = _known(posts.replies)
    for row in np.flatnonzero(posts.kind == PostKind.THREAD).tolist():
        parent = row_of.get(posts.parent[row])
        if parent is not None and received[parent] > 0:
            received[parent] -= 1
    return received * _own(posts)


def reposts_received(posts: Posts) -> Floats:
    """Of each original post or quote, quotes among them."""
    return (_known(posts.reposts) + _known(posts.quotes)) * _own(posts)


def _likes_received(posts: Posts) -> Floats:
    return _known(posts.likes) * _own(posts)


MEASURES = (
    _Measure("replies_per_post", "Replies per post", replies_received, _own),
    _Measure("reposts_per_post", "Reposts and quotes per post", reposts_received, _own),
    _Measure("likes_per_post", "Likes per post", _likes_received, _own),
    _Measure("posts_per_week", "Posts a week, reposts left out", _any_but_reposts, None, per=7.0),
    _Measure("reply_share", "What answers somebody, of all it says", _replies_sent, _said, is_share=True),
)
_MORE = {
    "replies_per_post": ("more replies", "fewer replies"),
    "reposts_per_post": ("more reposts", "fewer reposts"),
    "likes_per_post": ("more likes", "fewer likes"),
    "posts_per_week": ("more posts", "fewer posts"),
    "reply_share": ("a larger share of replies to others", "a smaller share of replies to others"),
}


def compare(activity: Activity, marked_at: int) -> BeforeAfter:
    """What was seen before and after a day. ``marked_at``: the second with which it begins; the day itself belongs to what came after."""
    ripe_until = activity.gathered_at - RIPE_DAYS * DAY
    times = activity.posts.time[activity.posts.timeline]
    if not len(times):
        return BeforeAfter(marked_at, 0, (0, 0), (), "None of its posts were seen.")
    seen_before = int((marked_at - int(times.min())) // DAY)
    seen_after = int((ripe_until - marked_at) // DAY)
    weeks = next((weeks for weeks in WEEKS if 7 * weeks <= min(seen_before, seen_after)), 0)
    if not weeks:
        return BeforeAfter(marked_at, 0, (0, 0), (), _too_short(seen_before, seen_after))
    sides = (
        _Days(activity.posts, marked_at - 7 * weeks * DAY, marked_at),
        _Days(activity.posts, marked_at, marked_at + 7 * weeks * DAY),
    )
    found = [d for measure in MEASURES if (d := _difference(measure, *sides)) is not None]
    return BeforeAfter(marked_at, 7 * weeks, (sides[0].own, sides[1].own), tuple(found), _sentence(found, 7 * weeks))


def _too_short(before: int, after: int) -> str:
    if after < 7:
        wait = max(1, 7 - after)
        return f"Too early to tell: ask again in {counted(wait, 'day', 'days')}, when a week has gone by and its posts have had their reactions."
    seen = f"only {counted(before, 'day was', 'days were')}" if before > 0 else "nothing was"
    return f"Of the time before, {seen} seen; a week is needed."


class _Days:
    """The posts of one side, and on which of its days each was sent."""

    def __init__(self, posts: Posts, start: int, end: int) -> None:
        self._posts = posts
        self.rows = np.flatnonzero(posts.timeline & (posts.time >= start) & (posts.time < end))
        self._day = (posts.time[self.rows] - start) // DAY
        self.days = (end - start) // DAY
        self.own = int(_own(posts)[self.rows].sum())

    def per_day(self, of_posts: Callable[[Posts], Floats] | None) -> Floats:
        """Sums over the posts of each day, shape (days,)."""
        if of_posts is None:
            return np.ones(self.days)
        return np.bincount(self._day, of_posts(self._posts)[self.rows], self.days).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Rate:
    value: float
    variance: float
    freedom: int


def _rate(measure: _Measure, side: _Days) -> _Rate | None:
    """A ratio with its variance; None when there is too little to tell one."""
    over, of = side.per_day(measure.numerator), side.per_day(measure.denominator)
    counted_days, whole = int((of > 0).sum()), float(of.sum())
    if counted_days < FEWEST_DAYS or (measure.denominator is not None and whole < FEWEST_POSTS):
        return None
    value = float(over.sum()) / whole
    strayed = over - value * of
    clustered = counted_days / (counted_days - 1) * float(strayed @ strayed)
    likely = (float(over.sum()) + 1) / (whole + 2)
    least = whole * likely * (1 - likely) if measure.is_share else max(float(over.sum()), 1.0)
    return _Rate(value * measure.per, max(clustered, least) / whole**2 * measure.per**2, counted_days - 1)


def _difference(measure: _Measure, before: _Days, after: _Days) -> Difference | None:
    one, other = _rate(measure, before), _rate(measure, after)
    if one is None or other is None:
        return None
    error = sqrt(one.variance + other.variance)
    freedom = (one.variance + other.variance) ** 2 / (one.variance**2 / one.freedom + other.variance**2 / other.freedom)
    reach = students_t(1 - (1 - CONFIDENCE) / 2 / len(MEASURES), freedom) * error
    apart = other.value - one.value
    return Difference(measure.id, measure.title, one.value, other.value, apart - reach, apart + reach, measure.is_share)


def students_t(probability: float, freedom: float) -> float:
    """Student's quantile from the normal one (Cornish-Fisher; Abramowitz & Stegun 1964, 26.7.5); within 1 % from 4 degrees of freedom on."""
    z = NormalDist().inv_cdf(probability)
    n = max(freedom, 1.0)
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def _sentence(found: list[Difference], days: int) -> str:
    """What a person would say of it."""
    if not found:
        return "Too little to tell: there are too few posts on one side."
    told = [_MORE[d.id][0 if d.low > 0 else 1] for d in found if d.found]
    span = f"the {days} days before and the {days} days after"
    if not told:
        return f"No difference found between {span}."
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return f"{listed[0].upper()}{listed[1:]} than before, comparing {span}."

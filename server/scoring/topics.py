"""What an account talks about: the hashtags it comes back to and the topics its words name, and whether people answer it more on them.

A hashtag is no topic because it stands in a post or two: it takes several posts on several days, a share of all that the account
says, and more than one busy day. Reposts do not count. Topics are ranked by tf-idf over accounts: how often the account uses the
hashtag, damped by a logarithm (Salton & Buckley 1988), times minus the logarithm of the share of other accounts that use it, too
(Spärck Jones 1972). Hashtags that name an occasion instead of a subject are left out (``server.scoring.occasions``).

Words are looked through only for the names of topics that somebody loaded (``server.named_topics``), for the words of posts are not kept. A
name must come back more often than a hashtag, which is set on purpose: in more posts to everybody, and it is no topic of one account when
many others use it, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import expm1, log, sqrt

import numpy as np

from server.activity import UNKNOWN, Activity, Bools, Ints, PostKind
from server.scoring.before_after import FEWEST_DAYS as FEWEST_ANSWERED_DAYS
from server.scoring.before_after import FEWEST_POSTS as FEWEST_ANSWERED
from server.scoring.before_after import RIPE_DAYS, replies_received, reposts_received, students_t
from server.scoring.interval import CONFIDENCE
from server.scoring.occasions import OCCASIONS
from server.scoring.sample import DAY, Floats, among

FEWEST_POSTS = 3
"""A hashtag in fewer of its own posts is no topic."""
FEWEST_DAYS = 2
"""Nor one that it used on fewer days (UTC)."""
LEAST_SPAN_HOURS = 12
"""Nor one whose posts all lie closer together: midnight must not make two days of one evening."""
LEAST_SHARE = 0.02
"""Nor one in a smaller share of its own posts."""
MOST_OF_ONE_DAY = 0.8
"""Nor one of whose posts a larger share was sent on one day."""
MOST_TOPICS = 5
MOST_SHARED = 3
MOST_EVIDENCE = 3

NAMED = "~"
"""Stands before a topic that is named in words, where a hashtag has nothing before it."""
FEWEST_NAMING_POSTS, FEWEST_NAMING_DAYS, LEAST_NAMING_SHARE = 5, 3, 0.05
"""A name in fewer posts to everybody, on fewer days, or in a smaller share of those posts is no topic."""
MOST_SHARE_NAMING = 0.2
"""Nor one that a larger share of other accounts use."""

FEWEST_USES, MOST_USED = 2, 100
"""An account uses a hashtag when it stands in so many of its own posts; of each account so many are counted."""
PRIOR_ACCOUNTS, PRIOR_SHARE, PRIOR_SHARE_NAMING = 200, 0.02, 0.1
"""How common a topic is among few accounts is not known from them alone: so many accounts are added, of which this share uses the hashtag, or
the name."""


@dataclass(frozen=True, slots=True)
class Background:
    """What others use: of so many other accounts, how many use each hashtag or name. Those that are left out are used by none."""

    accounts: int = 0
    using: Mapping[str, int] = field(default_factory=dict)

    def share(self, tag: str) -> float:
        """Of accounts in general, the share that uses it; above 0, at most 1."""
        using = min(self.using.get(tag, 0), self.accounts)
        prior = PRIOR_SHARE_NAMING if tag.startswith(NAMED) else PRIOR_SHARE
        return (using + PRIOR_ACCOUNTS * prior) / (self.accounts + PRIOR_ACCOUNTS)


NO_BACKGROUND = Background()


@dataclass(frozen=True, slots=True)
class Answered:
    """Replies and reposts (quotes among them) of a typical post: of those with the topic, of the account's others, and the 90 % interval
    of the difference. ``found``: it does not hold 0. Typical is a mean on a logarithmic scale, so that one post that went far makes no
    topic of what stood in it."""

    per_post: float
    others: float
    low: float
    high: float

    @property
    def found(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Topic:
    """What the account comes back to. ``tag``: a hashtag, or a name spelt like one with ``~`` before it; ``share``: of its own posts;
    ``newest``: (address, seconds since 1970) of up to three posts.

    ``answered``: None when there are too few posts with it, or without it, to compare.
    """

    tag: str
    posts: int
    days: int
    share: float
    newest: tuple[tuple[str, int], ...] = ()
    answered: Answered | None = None


def topics_of(activity: Activity, background: Background = NO_BACKGROUND) -> tuple[Topic, ...]:
    """What an account talks about, what sets it apart most first; at most five."""
    used = often_used(activity)
    spread = (
        tag
        for tag in ranked({tag: len(rows) for tag, rows in used.items()}, background)
        if _is_spread(activity, used[tag])
    )
    best = list(islice(spread, MOST_TOPICS))
    if not best:
        return ()
    own = int(np.count_nonzero(_own(activity)))
    answered = _Reactions(activity).compared([used[tag] for tag in best])
    return tuple(_topic(activity, tag, used[tag], own, told) for tag, told in zip(best, answered, strict=True))


def shared_topics(one: Activity, other: Activity, background: Background = NO_BACKGROUND) -> tuple[str, ...]:
    """The hashtags and names that both talk about, what sets the two apart most first; at most three."""
    mine, theirs = often_used(one), often_used(other)
    both = {tag: min(len(mine[tag]), len(theirs[tag])) for tag in mine.keys() & theirs.keys()}
    spread = (tag for tag in ranked(both, background) if _is_spread(one, mine[tag]) and _is_spread(other, theirs[tag]))
    return tuple(islice(spread, MOST_SHARED))


def often_used(activity: Activity) -> dict[str, list[int]]:
    """The hashtags and names that stand in enough of an account's own posts for a topic, each with the rows of its posts, newest first."""
    used = tag_rows(activity)
    if not used:
        return {}
    own = _own(activity)
    to_everybody = own & ~among(activity.posts.kind, PostKind.REPLY)
    fewest = max(FEWEST_POSTS, LEAST_SHARE * int(np.count_nonzero(own)))
    fewest_naming = max(FEWEST_NAMING_POSTS, LEAST_NAMING_SHARE * int(np.count_nonzero(to_everybody)))
    return {
        tag: rows
        for tag, rows in used.items()
        if len(rows) >= (fewest_naming if tag.startswith(NAMED) else fewest) and tag not in OCCASIONS
    }


def tag_rows(activity: Activity) -> dict[str, list[int]]:
    """Every hashtag and name of the account's own timeline posts, each with the rows of its posts, newest first."""
    used: dict[str, list[int]] = {}
    for row, (tags, is_own) in enumerate(zip(activity.posts.tags, _own(activity).tolist(), strict=True)):
        if tags and is_own:
            for tag in tags.split():
                used.setdefault(tag, []).append(row)
    return used


def most_used_tags(activity: Activity) -> tuple[str, ...]:
    """What counts as used by an account when it is asked how common a hashtag is: those of several posts, at most a hundred."""
    used = {tag: len(rows) for tag, rows in tag_rows(activity).items() if len(rows) >= FEWEST_USES}
    return tuple(sorted(used, key=lambda tag: (-used[tag], tag))[:MOST_USED])


def ranked(posts: Mapping[str, int], background: Background) -> list[str]:
    """Hashtags and names by what they tell of an account that uses each in so many posts; ties by the alphabet. Names in common use are
    left out."""

    def tells(tag: str) -> float:
        return (1 + log(posts[tag])) * -log(background.share(tag))

    apart = (tag for tag in posts if not tag.startswith(NAMED) or background.share(tag) <= MOST_SHARE_NAMING)
    return sorted(apart, key=lambda tag: (-tells(tag), tag))


def _own(activity: Activity) -> Bools:
    posts = activity.posts
    return posts.timeline & ~among(posts.kind, PostKind.REPOST)


def _is_spread(activity: Activity, rows: list[int]) -> bool:
    """Do these posts lie on several days, and not nearly all on one?"""
    times = activity.posts.time[rows].tolist()
    if max(times) - min(times) < LEAST_SPAN_HOURS * 3600:
        return False
    of_day = Counter([time // DAY for time in times])
    return len(of_day) >= FEWEST_DAYS and max(of_day.values()) <= MOST_OF_ONE_DAY * len(times)


def _topic(activity: Activity, tag: str, rows: list[int], own: int, answered: Answered | None) -> Topic:
    times = activity.posts.time[rows].tolist()
    linked = ((url, time) for row, time in zip(rows, times, strict=True) if (url := activity.posts.url[row]))
    days = len({time // DAY for time in times})
    return Topic(tag, len(rows), days, len(rows) / own, tuple(islice(linked, MOST_EVIDENCE)), answered)


class _Reactions:
    """Replies and reposts to the account's posts to everybody, as far as they have had time to come and their number is shown."""

    def __init__(self, activity: Activity) -> None:
        posts = activity.posts
        counted = np.flatnonzero(
            _own(activity)
            & among(posts.kind, PostKind.ORIGINAL, PostKind.QUOTE)
            & (posts.time <= activity.gathered_at - RIPE_DAYS * DAY)
            & (posts.replies != UNKNOWN)
            & (posts.reposts != UNKNOWN)
        )
        received = (replies_received(posts) + reposts_received(posts))[counted]
        self._place = np.full(len(posts), -1)
        self._place[counted] = np.arange(len(counted))
        self._received = np.log1p(received)
        # Where no day has a post that counts there is nothing to number.
        self._day = np.unique(posts.time[counted] // DAY, return_inverse=True)[1] if len(counted) else counted
        self._all = self._by_day(np.arange(len(counted)))

    def compared(self, topics: Sequence[list[int]]) -> list[Answered | None]:
        """Each topic's posts (by row) against all others. The intervals hold together 9 times in 10 (Bonferroni)."""
        sides = [self._sides(rows) for rows in topics]
        asked = sum(side is not None for side in sides)
        return [None if side is None else _difference(*side, asked) for side in sides]

    def _sides(self, rows: list[int]) -> tuple[_Mean, _Mean] | None:
        chosen = self._place[rows]
        of_topic = self._by_day(chosen[chosen >= 0])
        with_it, without = _mean_of(of_topic), _mean_of(self._all - of_topic)
        return (with_it, without) if with_it and without else None

    def _by_day(self, chosen: Ints) -> Floats:
        """Of the chosen posts, for each day: what they received, logarithms added up, and how many there are; shape (2, days)."""
        day, days = self._day[chosen], int(self._day.max()) + 1 if len(self._day) else 0
        return np.stack([np.bincount(day, self._received[chosen], days), np.bincount(day, minlength=days)])


@dataclass(frozen=True, slots=True)
class _Mean:
    value: float
    variance: float
    freedom: int


def _mean_of(by_day: Floats) -> _Mean | None:
    """The mean of ``log(1 + reactions)``, with the variance of a ratio over days (see ``server.scoring.before_after``), at least that of
    counting so many reactions (Poisson; by the delta method). None with too few posts or days."""
    over, of = by_day
    number, days = float(of.sum()), int(np.count_nonzero(of))
    if number < FEWEST_ANSWERED or days < FEWEST_ANSWERED_DAYS:
        return None
    mean = float(over.sum()) / number
    strayed = over - mean * of
    clustered = days / (days - 1) * float(strayed @ strayed)
    typical = max(expm1(mean), 1 / number)
    counting = number * typical / (1 + typical) ** 2
    return _Mean(mean, max(clustered, counting) / number**2, days - 1)


def _difference(with_it: _Mean, without: _Mean, asked: int) -> Answered:
    variance = with_it.variance + without.variance
    freedom = variance**2 / (with_it.variance**2 / with_it.freedom + without.variance**2 / without.freedom)
    reach = students_t(1 - (1 - CONFIDENCE) / 2 / asked, freedom) * sqrt(variance)
    apart, others = with_it.value - without.value, expm1(without.value)
    return Answered(
        expm1(with_it.value), others, (1 + others) * expm1(apart - reach), (1 + others) * expm1(apart + reach)
    )

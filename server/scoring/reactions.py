"""What each post got from other people, and what of it counts: not what the account did itself, little of what the same few did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from server.activity import InteractionKind, Ints, PostKind
from server.scoring.measures import h_index
from server.scoring.ring import find_ring
from server.scoring.sample import ENGAGED_POSTS, Floats, Sample, among, once_per_sample

LIKE_WORTH = 0.2
"""Of a person: a like takes one tap. The people of the reference population were counted by their mentions, which take words."""
USUAL_VARIETY = 0.5
"""Variety of the reactions to an ordinary account, whose readers come back: from here on they count in full."""
SAME_PEOPLE = min(1.0, sum(1 / n**2 for n in range(1, ENGAGED_POSTS + 1)) / ENGAGED_POSTS / USUAL_VARIETY)
"""What is left of the reactions when the same people gave them to every post looked at."""
ATTENTIVE_FOLLOWING = 1000
"""Somebody who follows so many can still read them; beyond, attention is divided."""
PASSED_ON = (InteractionKind.REPOST, InteractionKind.QUOTE)


@once_per_sample
def people_reached(sample: Sample) -> Floats:
    """So many different people each post reached, as far as their reactions count; one per row of the sample, NaN: not shown.

    A person can like or repost a post only once, so the larger of the two counts is the least number of people; a like counts
    LIKE_WORTH of a person.
    """
    likes, reposts = _likes_and_reposts(sample)
    return np.fmax(LIKE_WORTH * _counting(sample, likes, InteractionKind.LIKE), _counting(sample, reposts, *PASSED_ON))


@once_per_sample
def reach(sample: Sample) -> Floats:
    """So many posts each reached at least so many people; shape (1 + RESAMPLES,)."""
    return h_index(sample, people_reached(sample))


def people_reacting(sample: Sample) -> Floats:
    """At least so many different people reacted to each post, whoever they are; NaN: not shown."""
    return np.fmax(*_likes_and_reposts(sample))


def _likes_and_reposts(sample: Sample) -> tuple[Floats, Floats]:
    posts, own = sample.activity.posts, passed_on_by_itself(sample, PostKind.REPOST)
    return _less(posts.likes[sample.rows], np.zeros_like(own)), _less(posts.reposts[sample.rows], own)


@once_per_sample
def times_passed_on(sample: Sample) -> Floats:
    """Reposts and quotes of each post by others, as far as they count; one per row of the sample, NaN: not shown."""
    return _counting(sample, times_reposted(sample), *PASSED_ON)


def times_reposted(sample: Sample) -> Floats:
    """Reposts and quotes of each post by others, whoever they are; NaN where reposts are not shown."""
    posts = sample.activity.posts
    seen = np.where(posts.reposts >= 0, posts.reposts + np.maximum(posts.quotes, 0), posts.reposts)[sample.rows]
    return _less(seen, passed_on_by_itself(sample, PostKind.REPOST, PostKind.QUOTE))


@once_per_sample
def passed_on_by_itself(sample: Sample, *kinds: PostKind) -> Ints:
    """How often the account itself passed on each of its posts in these ways."""
    posts = sample.activity.posts
    own = Counter(
        parent
        for parent, kind, own in zip(posts.parent, posts.kind.tolist(), posts.own.tolist(), strict=True)
        if own and kind in kinds
    )
    return np.array([own[post_id] for post_id in sample.ids], np.int64)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the reactions read person by person say about all of them."""

    people: int
    reactions: int
    in_ring: int
    """Reactions by people of a ring (``server.scoring.ring``)."""
    ring_per_post: float
    """How many of these an original post got on average."""
    variety: float
    """Mean worth of the others by how often they come, 0 to 1: the n-th time of the same person is worth 1 / n^2."""
    attention: float
    """Mean part of their attention that a reaction of the others stands for, 0 to 1."""

    @property
    def factor(self) -> float:
        """What every other reaction is multiplied with: 1 when nothing was read, or when they are as various as is usual."""
        return self.attention * min(1.0, self.variety / USUAL_VARIETY)


@once_per_sample
def standing(sample: Sample, *kinds: InteractionKind) -> Standing:
    """The standing of the reactions of these kinds, as read on the newest posts whose engagers were read."""
    interactions, people = sample.activity.interactions, sample.activity.people
    rows = np.flatnonzero(sample.looked_at & among(interactions.kind, *kinds))
    actors = interactions.actor[rows]
    if not len(actors):
        return Standing(0, 0, 0, 0.0, 1.0, 1.0)
    ring = find_ring(sample)
    others = actors[~np.isin(actors, ring.people)]
    variety = float(_nth_worth(others).mean()) if len(others) else 0.0
    attentive = float(attention(people.following[others]).mean()) if len(others) else 0.0
    in_ring = len(actors) - len(others)
    return Standing(len(np.unique(actors)), len(actors), in_ring, in_ring / max(1, len(ring.posts)), variety, attentive)


def _counting(sample: Sample, counts: Floats, *kinds: InteractionKind) -> Floats:
    """What of the reactions of these kinds counts: without the ring's on original posts, the rest by their standing."""
    known = standing(sample, *kinds)
    said_to_all = sample.is_of(PostKind.ORIGINAL, PostKind.QUOTE)
    return np.maximum(counts - np.where(said_to_all, known.ring_per_post, 0.0), 0.0) * known.factor


def _nth_worth(actors: Ints) -> Floats:
    """1/n^2 for the n-th time that somebody occurs; in whatever order."""
    order = np.argsort(actors, kind="stable")
    _, first, number = np.unique(actors[order], return_index=True, return_counts=True)
    worth = np.empty(len(actors))
    worth[order] = 1.0 / (np.arange(len(actors)) - np.repeat(first, number) + 1) ** 2
    return worth


def attention(following: Ints) -> Floats:
    """The part of somebody's attention that one reaction stands for: 1, or 1,000 / following beyond 1,000; 1 where it is not known.

    Source of the form: TunkRank (Tunkelang 2009), where attention is divided among all whom one follows.
    """
    return np.asarray(ATTENTIVE_FOLLOWING / np.maximum(following, ATTENTIVE_FOLLOWING), np.float64)


def those_reacting(sample: Sample) -> Ints:
    """Indices into people of those who reacted to some posts of each week (``Sample.seen_reacting``), once each; none of a ring."""
    actors = np.unique(sample.activity.interactions.actor[sample.seen_reacting])
    return np.setdiff1d(actors, find_ring(sample).people)


def mean_of_people(sample: Sample, actors: Ints, values: Floats) -> Floats:
    """The mean of a value of people, weighed by their ``attention``: shape (1 + RESAMPLES,), the people as seen and drawn anew.

    ``actors``: indices into people, each once and at least one; ``values``: one for each of them.
    """
    people = sample.activity.people
    weight = sample.drawn(tuple(people.id[actor] for actor in actors.tolist())) * attention(people.following[actors])
    total = weight.sum(axis=1)
    # A resample may draw nobody; it then says nothing, so it repeats the sample.
    mean = weight @ values / np.where(total > 0, total, 1.0)
    return np.asarray(np.where(total > 0, mean, mean[0]), np.float64)


def _less(seen: Ints, own: Ints) -> Floats:
    return np.where(seen >= 0, np.maximum(seen - own, 0), np.nan)

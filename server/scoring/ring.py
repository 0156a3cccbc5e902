"""Rings: the same few people and the account reacting to each other, at once, post after post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from server.activity import UNKNOWN, InteractionKind, Ints, PostKind
from server.scoring.sample import Sample, among, once_per_sample

FEWEST_POSTS = 3
"""Original posts whose reactions were read; on fewer nobody can be said to come every time."""
SHARE_OF_POSTS = 0.75
"""A member reacts to at least this share of them ..."""
FAST_SECONDS = 900
"""... mostly (median) within a quarter of an hour ..."""
ENGAGED_BACK = 3
"""... and the account replied to, reposted or quoted that person at least so often."""


@dataclass(frozen=True, slots=True)
class RingMembers:
    """``people``: indices into the activity's people, empty when there is no ring; ``posts``: ids of the original posts looked at.

    ``timed``: could it be told at all?
    """

    people: Ints
    posts: tuple[str, ...]
    timed: bool


@once_per_sample
def find_ring(sample: Sample) -> RingMembers:
    """The people who react to nearly every original post within minutes and are engaged back: one, or a whole ring.

    Only deeds whose time is known can be fast: where a network does not tell when somebody liked or reposted, nobody is
    found. Source: reciprocity abuse in pods (Weerasinghe et al., WWW 2020), whose members react to each other at once.
    """
    read = _originals_read(sample)
    nobody = RingMembers(np.zeros(0, np.int64), tuple(read), timed=False)
    if len(read) < FEWEST_POSTS:
        return nobody
    actors, posts, delays = _timed_reactions(sample, read)
    if not len(actors):
        return nobody
    back = _engaged_back(sample)
    members = [
        person
        for person in np.unique(actors).tolist()
        if back.get(person, 0) >= ENGAGED_BACK
        and len(np.unique(posts[actors == person])) >= SHARE_OF_POSTS * len(read)
        and np.median(delays[actors == person]) <= FAST_SECONDS
    ]
    return RingMembers(np.array(members, np.int64), tuple(read), timed=True)


def _originals_read(sample: Sample) -> list[str]:
    """The original posts whose reactions were read: friends seldom like each other's replies to third people."""
    posts, read = sample.activity.posts, set(sample.engaged_posts)
    kinds = zip(posts.id, posts.kind.tolist(), strict=True)
    return [post for post, kind in kinds if post in read and kind in (PostKind.ORIGINAL, PostKind.QUOTE)]


def _timed_reactions(sample: Sample, read: list[str]) -> tuple[Ints, Ints, Ints]:
    """Who reacted (likes, reposts, quotes) to which of the posts read (its position), and how many seconds after it was sent."""
    posts, interactions = sample.activity.posts, sample.activity.interactions
    position = {post: number for number, post in enumerate(read)}
    sent = dict(zip(posts.id, posts.time.tolist(), strict=True))
    kinds = (InteractionKind.LIKE, InteractionKind.REPOST, InteractionKind.QUOTE)
    rows = np.flatnonzero((interactions.time >= 0) & among(interactions.kind, *kinds)).tolist()
    rows = [row for row in rows if interactions.post[row] in position]
    at = [interactions.post[row] for row in rows]
    sent_at = np.array([sent[post] for post in at], np.int64)
    return (
        interactions.actor[rows],
        np.array([position[post] for post in at], np.int64),
        interactions.time[rows] - sent_at,
    )


def _engaged_back(sample: Sample) -> dict[int, int]:
    """How often the account replied to, reposted or quoted each person."""
    aimed = sample.is_of(PostKind.REPLY, PostKind.REPOST, PostKind.QUOTE) & (sample.target != UNKNOWN)
    people, times = np.unique(sample.target[aimed], return_counts=True)
    return dict(zip(people.tolist(), times.tolist(), strict=True))

"""What somebody asks before following: when it last posted, how much would come, about what, and whether strangers get an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from server.activity import Depth, InteractionKind, PostKind
from server.scoring.languages import Spoken, languages_of
from server.scoring.sample import DAY, Sample, among
from server.scoring.topics import NO_BACKGROUND, Background, Topic, topics_of

FEWEST_STRANGERS = 3
"""Of fewer people, how many got an answer says nothing."""
FEWEST_POSTS = 10
"""A timeline of which only a part was seen tells no rate with fewer posts than this."""


@dataclass(frozen=True, slots=True)
class Facts:
    """``last_post``: seconds since 1970; ``posts_per_week``: own posts of any kind, reposts left out; ``topics``: what it talks about;
    ``languages``: those it writes in; ``strangers``: of how many who wrote to it unasked how many were answered, and how many there are.
    None: not known."""

    last_post: int | None
    posts_per_week: float | None
    topics: tuple[Topic, ...]
    languages: tuple[Spoken, ...]
    strangers: tuple[int, int] | None


def facts_of(sample: Sample, background: Background = NO_BACKGROUND) -> Facts:
    """The facts of an activity as they can be told at ``sample.now``. ``background``: what other accounts talk about."""
    times = sample.activity.posts.time
    last = min(sample.now, int(times.max())) if len(times) else None
    return Facts(
        last,
        _posts_per_week(sample),
        topics_of(sample.activity, background),
        languages_of(sample.activity),
        _strangers(sample),
    )


def _posts_per_week(sample: Sample) -> float | None:
    """Over the days that were seen: the window when it was seen whole, else back to the oldest post seen in it."""
    coverage, created = sample.activity.coverage, sample.activity.profile.created_at
    # What stood on somebody's screen is a choice from its posts, not a stretch of them.
    if coverage.depth is Depth.OBSERVED:
        return None
    if coverage.timeline_complete:
        start = max(sample.start, created or 0)
    elif len(sample.rows) >= FEWEST_POSTS:
        start = int(sample.time.min())
    else:
        return None
    days = (sample.now - start) / DAY
    if days < 1 and (coverage.timeline_complete or days <= 0):
        return None
    own = (sample.kind != PostKind.REPOST) & (sample.time > start)
    return float(own.sum()) / days * 7


def _strangers(sample: Sample) -> tuple[int, int] | None:
    """Of those who replied to its posts, in the window and the threads that were read, before it was seen to address them."""
    activity = sample.activity
    if not activity.coverage.threads_read:
        return None
    posts, interactions = activity.posts, activity.interactions
    addressing = among(posts.kind, PostKind.REPLY, PostKind.QUOTE) & (posts.target >= 0)
    # Posts come newest first, so that of several times the first one stays.
    addressed = dict(zip(posts.target[addressing].tolist(), posts.time[addressing].tolist(), strict=True))
    answered = {posts.parent[row] for row in np.flatnonzero(posts.kind == PostKind.REPLY).tolist()}
    wrote: dict[int, int] = {}
    got_answer = set()
    rows = sample.received_of(InteractionKind.REPLY)
    for row, person, time in zip(
        rows.tolist(), interactions.actor[rows].tolist(), interactions.time[rows].tolist(), strict=True
    ):
        if time < 0:
            # Whether it came before or after cannot be told.
            continue
        wrote[person] = min(time, wrote.get(person, time))
        if interactions.id[row] in answered:
            got_answer.add(person)
    strangers = {person for person, time in wrote.items() if addressed.get(person, time) >= time}
    return (len(strangers & got_answer), len(strangers)) if len(strangers) >= FEWEST_STRANGERS else None

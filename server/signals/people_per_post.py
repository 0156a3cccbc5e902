"""People per post: how many people a typical post moves to react at all."""

from __future__ import annotations

import numpy as np

from server.activity import Ints, PostKind
from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.reposts_per_post import less, passed_on_by_itself
from server.signals.signal import Axis, Finding, Pillar, Signal
from server.signals.typical import find_typical


def counts(sample: Sample) -> Ints:
    """At least this many different people reacted to each post: one person can like or repost a post only once.

    The account's own reposts are taken out.
    """
    posts, own = sample.activity.posts, passed_on_by_itself(sample, PostKind.REPOST)
    seen: Ints = np.maximum(posts.likes[sample.rows], less(posts.reposts[sample.rows], own))
    return seen


def measure(sample: Sample) -> Floats:
    """People who react to a typical post."""
    return measures.typical_per_post(sample, counts(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The typical number of people, with the posts that moved most."""
    return find_typical(sample, known[SIGNAL.id], counts(sample), "person reacts", "people react")


SIGNAL = Signal(
    id="people_per_post",
    title="People who react to a typical post",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="people per post",
    why="Klout called True Reach the engaged part of an audience. A person can like or repost a post only once, so the larger of the two "
    "counts is the least number of people reached. The typical post is the mean on a logarithmic scale, newer posts counting more: one "
    "viral post moves it little, and posting more does not raise it.",
    source="True Reach: Klout Scores 101 (2010). Ratio rule: Klout FAQ (100 retweets from 10 tweets count more than from 1,000).",
    find=find,
    measure=measure,
)

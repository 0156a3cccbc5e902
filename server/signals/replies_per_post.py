"""Replies per post: how much a typical post is answered by others."""

from __future__ import annotations

from collections import Counter

import numpy as np

from server.activity import Ints, PostKind
from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.signal import Axis, Finding, Pillar, Signal
from server.signals.typical import find_typical


def counts(sample: Sample) -> Ints:
    """Replies each post received, less the account's own continuations of it."""
    posts = sample.activity.posts
    own = Counter(
        parent for parent, kind in zip(posts.parent, posts.kind.tolist(), strict=True) if kind == PostKind.THREAD
    )
    received = posts.replies[sample.rows]
    answers_to_self = np.array([own[post_id] for post_id in sample.ids], np.int64)
    seen: Ints = np.where(received >= 0, np.maximum(received - answers_to_self, 0), received)
    return seen


def measure(sample: Sample) -> Floats:
    """Replies of others to a typical post."""
    return measures.typical_per_post(sample, counts(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The typical number of replies, with the posts answered most."""
    return find_typical(sample, known[SIGNAL.id], counts(sample), "reply comes", "replies come")


SIGNAL = Signal(
    id="replies_per_post",
    title="Replies to a typical post",
    axis=Axis.INFLUENCE,
    pillar=Pillar.AMPLIFICATION,
    unit="replies per post",
    why="A post that people answer has reached them. The account's own continuations of a thread are taken out: "
    "answering oneself earns nothing.",
    source="Replies as a reaction: Klout FAQ; own replies excluded: our definition.",
    find=find,
    measure=measure,
)

"""Reposts per post: how often a typical post is passed on."""

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
    """Reposts and quotes of each post together, less the account's own; unknown where reposts are."""
    posts = sample.activity.posts
    passed_on = posts.reposts + np.maximum(posts.quotes, 0)
    seen = np.where(posts.reposts >= 0, passed_on, posts.reposts)[sample.rows]
    return less(seen, passed_on_by_itself(sample, PostKind.REPOST, PostKind.QUOTE))


def passed_on_by_itself(sample: Sample, *kinds: PostKind) -> Ints:
    """How often the account itself passed on each of its posts in these ways."""
    posts = sample.activity.posts
    own = Counter(
        parent
        for parent, kind, own in zip(posts.parent, posts.kind.tolist(), posts.own.tolist(), strict=True)
        if own and kind in kinds
    )
    return np.array([own[post_id] for post_id in sample.ids], np.int64)


def less(seen: Ints, own: Ints) -> Ints:
    """Counts without the account's own share in them; what is unknown stays so."""
    return np.asarray(np.where(seen >= 0, np.maximum(seen - own, 0), seen), np.int64)


def measure(sample: Sample) -> Floats:
    """Reposts and quotes of a typical post."""
    return measures.typical_per_post(sample, counts(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The typical number of reposts, with the posts passed on most."""
    return find_typical(sample, known[SIGNAL.id], counts(sample), "repost or quote goes", "reposts and quotes go")


SIGNAL = Signal(
    id="reposts_per_post",
    title="Reposts of a typical post",
    axis=Axis.INFLUENCE,
    pillar=Pillar.AMPLIFICATION,
    unit="reposts per post",
    why="Passing a post on carries it to people who do not follow its author. Reposts and quotes are counted per post, so that "
    "100 reposts of 10 posts count more than 100 reposts of 1,000, and on a logarithmic scale, so that one viral post moves it little. "
    "Passing on one's own posts earns nothing.",
    source="Amplification: Klout Scores 101 (2010); ratio rule: Klout FAQ.",
    find=find,
    measure=measure,
)

"""Repost h-index: how many posts are passed on how often, unmoved by a single hit."""

from __future__ import annotations

import numpy as np

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.reposts_per_post import counts
from server.signals.signal import Axis, Finding, Pillar, Signal, State, missing
from server.signals.typical import highest


def measure(sample: Sample) -> Floats:
    """Largest h such that h posts were passed on by at least h accounts each."""
    return measures.h_index(sample, counts(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The h-index in words, with the posts passed on most."""
    measured = known[SIGNAL.id]
    if np.isnan(measured[0]):
        return missing("None of its posts of the last 90 days shows how often it was passed on.")
    h, (low, high) = int(measured[0]), np.percentile(measured[1:], (5, 95))
    posts, times = ("post was", "time") if h == 1 else ("posts were", "times")
    sentence = f"{h} {posts} passed on at least {h} {times} each." if h else "No post was passed on."
    return Finding(
        State.FOUND, sentence, h, float(low), float(high), highest(sample, counts(sample), "reposts and quotes")
    )


SIGNAL = Signal(
    id="repost_h_index",
    title="Posts passed on, again and again",
    axis=Axis.INFLUENCE,
    pillar=Pillar.AMPLIFICATION,
    unit="posts",
    why="The largest number h such that h posts of the last 90 days were each passed on by at least h accounts. It asks for many posts "
    "that travel: a single viral post gives 1, and a thousand posts passed on once give 1 as well.",
    source="h-index of reposts: Romero et al. 2011; Razis and Anagnostopoulos 2014 (arXiv 1404.5239).",
    find=find,
    measure=measure,
)

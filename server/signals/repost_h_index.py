"""Repost h-index: how many posts are passed on how often, unmoved by a single hit."""

from __future__ import annotations

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.reactions import times_passed_on, times_reposted
from server.scoring.sample import Floats, Sample
from server.signals.signal import Axis, Finding, Pillar, Signal
from server.signals.typical import find_h_index


def measure(sample: Sample) -> Floats:
    """So many posts were each passed on at least so many times by others."""
    return measures.h_index(sample, times_passed_on(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The index in words, with the posts passed on most."""
    return find_h_index(
        sample, known[SIGNAL.id], times_reposted(sample), "passed on", "times", "reposts and quotes", passive=True
    )


SIGNAL = Signal(
    id="repost_h_index",
    title="Posts passed on, again and again",
    axis=Axis.INFLUENCE,
    pillar=Pillar.AMPLIFICATION,
    unit="posts",
    why="The number h such that h posts of the window were each passed on at least h times. It asks for many posts that travel: a "
    "single viral post gives about 1, and a thousand posts passed on once give about 1 as well.",
    source="h-index of reposts: Romero et al. 2011; Razis and Anagnostopoulos 2014 (arXiv 1404.5239).",
    find=find,
    measure=measure,
)

"""Reposts per post: how often a typical post is passed on."""

from __future__ import annotations

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.reactions import times_passed_on, times_reposted
from server.scoring.sample import Floats, Sample
from server.signals.signal import Axis, Finding, Pillar, Signal
from server.signals.typical import find_typical


def measure(sample: Sample) -> Floats:
    """Reposts and quotes of a typical post."""
    return measures.typical_per_post(sample, times_passed_on(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The typical number of reposts, with the posts passed on most."""
    return find_typical(
        sample, known[SIGNAL.id], times_reposted(sample), "repost or quote goes", "reposts and quotes go"
    )


SIGNAL = Signal(
    id="reposts_per_post",
    title="Reposts of a typical post",
    axis=Axis.INFLUENCE,
    pillar=Pillar.AMPLIFICATION,
    unit="reposts per post",
    why="Passing a post on carries it to people who do not follow its author. Reposts and quotes are counted per post, so that "
    "100 reposts of 10 posts count more than 100 reposts of 1,000, and on a logarithmic scale, the best "
    "no more than the second best, so that one viral post does not move it. "
    "Passing on one's own posts earns nothing.",
    source="Amplification: Klout Scores 101 (2010); ratio rule: Klout FAQ.",
    find=find,
    measure=measure,
)

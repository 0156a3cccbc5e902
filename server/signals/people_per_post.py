"""People per post: how many people a typical post moves to react at all."""

from __future__ import annotations

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.reactions import people_reached, people_reacting
from server.scoring.sample import Floats, Sample
from server.signals.signal import Axis, Finding, Pillar, Signal
from server.signals.typical import LIKES, find_typical


def measure(sample: Sample) -> Floats:
    """People who react to a typical post."""
    return measures.typical_per_post(sample, people_reached(sample))


def find(sample: Sample, known: Measures) -> Finding:
    """The typical number of people, with the posts that moved most."""
    return find_typical(
        sample, known[SIGNAL.id], people_reacting(sample), "person reacts", "people react", f"; {LIKES}"
    )


SIGNAL = Signal(
    id="people_per_post",
    title="People who react to a typical post",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="people per post",
    why="Klout called True Reach the engaged part of an audience. A person can like or repost a post only once, so the larger of the two "
    "counts is the least number of people reached; a like, one tap, counts a fifth of a person. "
    "The typical post is the mean on a logarithmic scale, newer posts counting more "
    "and the best no more than the second best: one viral post does not move it, and posting more does not raise it.",
    source="True Reach: Klout Scores 101 (2010). Ratio rule: Klout FAQ (100 retweets from 10 tweets count more than from 1,000).",
    find=find,
    measure=measure,
)

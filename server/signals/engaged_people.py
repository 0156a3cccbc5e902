"""Engaged people: how many different people reacted, each counting less the more often they come."""

from __future__ import annotations

import numpy as np

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import ENGAGED_POSTS, THREADS, Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Pillar, Signal, State, missing


def measure(sample: Sample) -> Floats:
    """Different people seen to react; the n-th time of the same person adds 1/n.

    Drawn over people, not over deeds: one devoted reader is one observation.
    """
    activity, coverage = sample.activity, sample.activity.coverage
    if not (coverage.threads_read or coverage.engagers_read):
        return measures.missing()
    rows = np.flatnonzero(sample.looked_at)
    if not len(rows):
        return measures.exact(0.0)
    actors = activity.interactions.actor[rows]
    order = np.argsort(actors, kind="stable")
    people, first, number = np.unique(actors[order], return_index=True, return_counts=True)
    nth = np.arange(len(order)) - np.repeat(first, number) + 1
    # Harmonic: a hundred deeds of one person are worth about five people, a hundred people a hundred.
    worth = np.add.reduceat(1.0 / nth, first)
    _, drawn = measures.people_drawn(sample, people)
    return np.asarray(drawn @ worth, np.float64)


def find(sample: Sample, known: Measures) -> Finding:
    """How many people, and links to what they wrote."""
    measured = known[SIGNAL.id]
    if np.isnan(measured[0]):
        return missing("Who reacted was not looked at yet.")
    interactions, rows = sample.activity.interactions, np.flatnonzero(sample.looked_at)
    people = len(np.unique(interactions.actor[rows]))
    written = [interactions.url[row] for row in rows.tolist() if interactions.url[row]]
    low, high = np.percentile(measured[1:], (5, 95))
    different = counted(people, "different person", "different people")
    sentence = f"{different} reacted to its newest posts and threads ({counted(len(rows), 'time', 'times')})."
    evidence = tuple(Evidence(url, "Wrote to it") for url in written[:4])
    return Finding(State.FOUND, sentence, float(measured[0]), float(low), float(high), evidence, count=len(rows))


SIGNAL = Signal(
    id="engaged_people",
    title="Different people who react",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="people, returning ones a little more",
    why="A hundred reposts by a hundred people show a wider reach than a hundred by one. Everybody counts once in full; what the same "
    "person adds shrinks with every further time (the n-th adds 1/n). The account's own reactions to itself count nothing. Counted on the "
    f"{ENGAGED_POSTS} newest posts whose likes and reposts were read and the {THREADS} newest threads, never on more, so that being looked up often "
    "changes nothing.",
    source="Uniqueness rule: Klout FAQ (100 retweets from 100 people count more than 100 from one); the 1/n weight is our definition.",
    find=find,
    measure=measure,
)

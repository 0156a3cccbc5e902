"""Engagers' followers: how far those who react are heard themselves."""

from __future__ import annotations

import numpy as np

from server.activity import InteractionKind
from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Finding, Pillar, Signal, State, missing
from server.signals.typical import shown

FEWEST_PEOPLE = 3
"""Below this many people a typical audience cannot be told."""


def measure(sample: Sample) -> Floats:
    """Typical follower count (mean on a logarithmic scale) of the people who reacted, each once."""
    activity = sample.activity
    actors = np.unique(activity.interactions.actor[sample.received_of(*InteractionKind)])
    actors = actors[activity.people.followers[actors] >= 0] if len(actors) else actors
    if len(actors) < FEWEST_PEOPLE:
        return measures.missing()
    people, drawn = measures.people_drawn(sample, actors)
    total = drawn.sum(axis=1)
    mean = drawn @ np.log1p(activity.people.followers[people]) / np.maximum(total, 1)
    return np.asarray(np.expm1(np.where(total > 0, mean, mean[0])), np.float64)


def find(sample: Sample, known: Measures) -> Finding:
    """The typical audience of those who react."""
    measured = known[SIGNAL.id]
    if np.isnan(measured[0]):
        return missing("How far those who react are heard was not looked at yet, or too few of them were seen.")
    activity = sample.activity
    actors = np.unique(activity.interactions.actor[sample.received_of(*InteractionKind)])
    people = int((activity.people.followers[actors] >= 0).sum())
    low, high = np.percentile(measured[1:], (5, 95))
    sentence = f"Those who react have about {shown(float(measured[0]))} followers each ({counted(people, 'person', 'people')} looked up)."
    return Finding(State.FOUND, sentence, float(measured[0]), float(low), float(high), count=people)


SIGNAL = Signal(
    id="engager_followers",
    title="How far those who react are heard",
    axis=Axis.INFLUENCE,
    pillar=Pillar.NETWORK,
    unit="followers",
    why="Words travel further when the people who react to them are heard themselves. Measured as the typical follower count of those "
    "who replied, quoted, reposted or liked, each person once.",
    source="Network influence: Klout Scores 101 (2010), the influence of the engaged audience.",
    find=find,
    measure=measure,
)

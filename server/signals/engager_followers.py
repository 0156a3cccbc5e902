"""Engagers' followers: how far those who react are heard themselves."""

from __future__ import annotations

import numpy as np

from server.activity import Ints
from server.scoring import measures
from server.scoring.interval import interval_of_measure
from server.scoring.measures import Measures
from server.scoring.reactions import mean_of_people, those_reacting
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Finding, Pillar, Signal, State, missing
from server.signals.typical import shown

FEWEST_PEOPLE = 3
"""Below this many people a typical audience cannot be told."""


def measure(sample: Sample) -> Floats:
    """Typical follower count (mean on a logarithmic scale) of the people who reacted, each once."""
    actors = _looked_up(sample)
    if len(actors) < FEWEST_PEOPLE:
        return measures.missing()
    heard = np.log1p(sample.activity.people.followers[actors])
    return np.asarray(np.expm1(mean_of_people(sample, actors, heard)), np.float64)


def _looked_up(sample: Sample) -> Ints:
    """Those of the people who reacted whose follower count is known."""
    actors = those_reacting(sample)
    return actors[sample.activity.people.followers[actors] >= 0]


def find(sample: Sample, known: Measures) -> Finding:
    """The typical audience of those who react."""
    measured = known[SIGNAL.id]
    if np.isnan(measured[0]):
        return missing("How far those who react are heard was not looked at yet, or too few of them were seen.")
    people = len(_looked_up(sample))
    low, high = interval_of_measure(measured, people)
    sentence = f"Those who react have about {shown(float(measured[0]))} followers each ({counted(people, 'person', 'people')} looked up)."
    return Finding(State.FOUND, sentence, float(measured[0]), low, high, count=people)


SIGNAL = Signal(
    id="engager_followers",
    title="How far those who react are heard",
    axis=Axis.INFLUENCE,
    pillar=Pillar.NETWORK,
    unit="followers",
    why="Words travel further when the people who react to them are heard themselves. Measured as the typical follower count of those "
    "who replied, quoted, reposted or liked, each person once; somebody who follows thousands of accounts weighs less.",
    source="Network influence: Klout Scores 101 (2010), the influence of the engaged audience.",
    find=find,
    measure=measure,
)

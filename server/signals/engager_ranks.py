"""Engagers' ranks: how much attention those who react get themselves, in their whole network."""

from __future__ import annotations

import numpy as np

from server.activity import Ints
from server.scoring import measures
from server.scoring.interval import interval_of_measure
from server.scoring.measures import Measures
from server.scoring.reactions import mean_of_people, those_reacting
from server.scoring.sample import Floats, Sample
from server.signals.engager_followers import FEWEST_PEOPLE
from server.signals.proportion import amount, counted
from server.signals.signal import Axis, Finding, Pillar, Signal, State, missing


def measure(sample: Sample) -> Floats:
    """Typical rank (geometric mean; 1 is the network's average) of the people who reacted, each once."""
    actors = _ranked(sample)
    if len(actors) < FEWEST_PEOPLE:
        return measures.missing()
    ranks = np.log([_rank(sample, actor) for actor in actors.tolist()])
    return np.asarray(np.exp(mean_of_people(sample, actors, ranks)), np.float64)


def _ranked(sample: Sample) -> Ints:
    """Those of the people who reacted whose rank is known."""
    if not sample.activity.ranks:
        return np.zeros(0, np.int64)
    actors = those_reacting(sample)
    return actors[np.array([_rank(sample, actor) > 0 for actor in actors.tolist()], np.bool_)]


def _rank(sample: Sample, actor: int) -> float:
    return sample.activity.ranks.get(sample.activity.people.id[actor], 0.0)


def find(sample: Sample, known: Measures) -> Finding:
    """The typical rank of those who react."""
    measured = known[SIGNAL.id]
    if np.isnan(measured[0]):
        return missing("Where those who react stand in their network is not known, or of too few of them.")
    people = len(_ranked(sample))
    low, high = interval_of_measure(measured, people)
    times = f"about {amount(float(measured[0]))} times the attention that an account of the network gets on average"
    sentence = f"Those who react get {times} ({counted(people, 'person', 'people')} with a rank)."
    return Finding(State.FOUND, sentence, float(measured[0]), low, high, count=people)


SIGNAL = Signal(
    id="engager_ranks",
    title="How much attention those who react get",
    axis=Axis.INFLUENCE,
    pillar=Pillar.NETWORK,
    unit="times the average",
    why="A reaction carries further when the person it comes from is reacted to by others, who in turn are reacted to. Each person of a "
    "network has a rank, 1 on average: what comes to them of the attention of all others, directly or through others, a person's attention "
    "divided among all they react to, what two people merely exchange counting less. Measured as the typical rank of those who replied, "
    "quoted, reposted or liked, each person once; somebody who follows thousands of accounts weighs less. Known only where somebody "
    "ranked the whole network.",
    source="PageRank (Page et al. 1999) on who engages with whom; Network influence: Klout Scores 101 (2010).",
    find=find,
    measure=measure,
)

"""Followers: how many people asked to hear from the account."""

from __future__ import annotations

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Pillar, Signal, State, missing


def measure(sample: Sample) -> Floats:
    """The network's own follower count."""
    return measures.exact(sample.activity.profile.followers)


def find(sample: Sample, _measures: Measures) -> Finding:
    """The follower count, linked to the profile."""
    profile = sample.activity.profile
    if profile.followers is None:
        return missing("How many follow it was not shown.")
    evidence = (Evidence(profile.url, "Profile"),) if profile.url else ()
    followers = counted(profile.followers, "account follows it.", "accounts follow it.")
    return Finding(State.FOUND, followers, profile.followers, evidence=evidence)


SIGNAL = Signal(
    id="followers",
    title="Followers",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="accounts",
    why="The widest circle an account's words can reach at once. It counts on a logarithmic scale, because reach grows far "
    "more slowly than followers, and it is only one of several measures, because followers can be collected without anybody listening.",
    source="Logarithm: influence is sublinear in followers (Garcia et al. 2017); follower count alone agrees with people's judgement "
    "of who is more influential in 75 of 100 pairs (PeerIndex judged pairs, 2012).",
    find=find,
    measure=measure,
)

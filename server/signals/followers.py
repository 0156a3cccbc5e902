"""Followers: how many people asked to hear from the account, as far as anybody reacts."""

from __future__ import annotations

import numpy as np

from server.scoring import measures
from server.scoring.interval import interval_of_measure
from server.scoring.measures import Measures
from server.scoring.reactions import reach
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Pillar, Signal, State, missing

FOLLOWERS_PER_REACH = 100
"""Followers that count for each step of the h-index of people reached."""


def measure(sample: Sample) -> Floats:
    """The network's follower count, as far as the posts reach anybody; the whole count where no reactions are shown."""
    followers = measures.exact(sample.activity.profile.followers)
    return heard(followers, reach(sample))


def heard(followers: Floats, reached: Floats) -> Floats:
    """At most FOLLOWERS_PER_REACH followers for each step of ``reached`` (h-index of people reached; NaN: not known)."""
    return np.where(np.isnan(reached), followers, np.minimum(followers, FOLLOWERS_PER_REACH * reached))


def find(sample: Sample, known: Measures) -> Finding:
    """The follower count and how much of it counts, linked to the profile."""
    profile, measured = sample.activity.profile, known[SIGNAL.id]
    if profile.followers is None or profile.followers < 0:
        return missing("How many follow it was not shown.")
    evidence = (Evidence(profile.url, "Profile"),) if profile.url else ()
    value = float(measured[0])
    sentence = counted(profile.followers, "account follows it", "accounts follow it")
    silent = round(value) < profile.followers
    sentence += f"; {round(value):,} of them count, as far as people react to its posts." if silent else "."
    low, high = interval_of_measure(measured, sample.effective_posts)
    return Finding(State.FOUND, sentence, value, low, min(high, float(profile.followers)), evidence=evidence)


SIGNAL = Signal(
    id="followers",
    title="Followers",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="accounts",
    why="The widest circle an account's words can reach at once. It counts on a logarithmic scale, because reach grows far more slowly "
    f"than followers. Followers can be collected, or bought, without anybody listening: {FOLLOWERS_PER_REACH} of them count for each step of "
    "“posts that reach people”, no more.",
    source="Logarithm: influence is sublinear in followers (Garcia et al. 2017). Bound: our definition; with it the formula agrees with "
    "people's judgements no less often than with the bare count (RESULTS.md of the evaluation).",
    find=find,
    measure=measure,
)

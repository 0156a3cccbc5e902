"""Follow-back play: following about as many as follow back, both by the thousands."""

from __future__ import annotations

from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Mark, Signal, State, missing, not_applicable

MANY = 3_000
"""Following and followers must both be at least so many. Of 877 real people's accounts labelled by hand (SRF Data 2017, Instagram) 1.6 %
are then marked, 3.8 % from 2,000 on; nobody reads thousands, but starter packs make such accounts honestly, too."""
SOME_RATIO = 0.8
"""Followed per follower from which the two are about the same."""


def find(sample: Sample, _measures: Measures) -> Finding:
    """Accounts followed / followers, by the network's own counts."""
    profile = sample.activity.profile
    following, followers = profile.following, profile.followers
    if following is None or followers is None or following < 0 or followers < 0:
        return missing("How many it follows, or how many follow it, was not shown.")
    sentence = f"Follows {counted(following, 'account', 'accounts')} and is followed by {followers:,}."
    if not followers:
        return not_applicable(sentence)
    ratio = following / followers
    played = min(following, followers) >= MANY and ratio >= SOME_RATIO
    evidence = (Evidence(profile.url, "Profile"),) if profile.url else ()
    return Finding(State.FOUND, sentence, ratio, evidence=evidence, mark=Mark.SOME if played else Mark.NONE)


SIGNAL = Signal(
    id="follower_ratio_play",
    title="Follows as many as follow it",
    axis=Axis.ENGAGEMENT,
    unit="followed per follower",
    why="Followers can be had by following thousands who follow back; then both counts are large and about the same. "
    f"Present when both are at least {MANY:,} and it follows at least {SOME_RATIO:g} accounts per follower. Shared lists of whom to follow "
    "make such accounts in all honesty, so this is never strong and decides nothing by itself.",
    source="Our definition; following over followers alone sorts 87 of 100 pairs as people who looked at the accounts did (SRF Data 2017, "
    "Instagram followers).",
    find=find,
)

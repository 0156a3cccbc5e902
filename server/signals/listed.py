"""Listed: how many people put the account on a list."""

from __future__ import annotations

from server.scoring import measures
from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Pillar, Signal, State, missing


def measure(sample: Sample) -> Floats:
    """The network's own count of lists that hold the account."""
    return measures.exact(sample.activity.profile.listed)


def find(sample: Sample, _measures: Measures) -> Finding:
    """The count, linked to the profile."""
    profile = sample.activity.profile
    if profile.listed is None or profile.listed < 0:
        return missing("On how many lists it stands is not shown here.")
    evidence = (Evidence(profile.url, "Profile"),) if profile.url else ()
    lists = counted(profile.listed, "list of somebody else's.", "lists of other people's.")
    return Finding(State.FOUND, f"It stands on {lists}", profile.listed, evidence=evidence)


SIGNAL = Signal(
    id="listed",
    title="On other people's lists",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="lists",
    why="Putting somebody on a list takes a deliberate act and gives nothing in return, so it tells more than a follow. No network served "
    "today shows this count to everybody; where it is not shown its weight is shared out and nothing is taken off for it.",
    source="Lists are the best single feature of expertise in Klout's own work (arXiv 1608.09002) and of influence in the judged pairs.",
    find=find,
    measure=measure,
)

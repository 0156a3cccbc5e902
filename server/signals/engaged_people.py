"""Engaged people: are the reactions many people's, or the same few's again and again."""

from __future__ import annotations

from itertools import islice

import numpy as np

from server.activity import InteractionKind
from server.scoring.measures import Measures
from server.scoring.reactions import PASSED_ON, standing
from server.scoring.sample import ENGAGED_POSTS, Sample
from server.signals.proportion import counted, percent
from server.signals.signal import Axis, Evidence, Finding, Pillar, Signal, State, missing, not_applicable


def find(sample: Sample, _measures: Measures) -> Finding:
    """The factor by which reactions count, and the people it comes from."""
    if not sample.engaged_posts:
        return missing("Who reacted was not looked at yet; every reaction counts in full until then.")
    all_kinds = standing(sample, InteractionKind.LIKE, *PASSED_ON)
    if not all_kinds.reactions:
        return not_applicable("Nobody was seen to react to the posts looked at.")
    factor = all_kinds.factor
    people = counted(all_kinds.people, "different person", "different people")
    sentence = f"{people} reacted {counted(all_kinds.reactions, 'time', 'times')} to the posts looked at"
    sentence += "." if factor == 1 else f"; their reactions count {percent(factor)}."
    interactions, rows = sample.activity.interactions, np.flatnonzero(sample.looked_at)
    written = filter(None, (interactions.url[row] for row in rows.tolist()))
    evidence = tuple(Evidence(url, "Wrote to it") for url in islice(written, 4))
    return Finding(State.FOUND, sentence, factor, evidence=evidence, count=all_kinds.reactions)


SIGNAL = Signal(
    id="engaged_people",
    title="Many people, or the same few",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="share",
    why="A hundred reposts by a hundred people show a wider reach than a hundred by one. On the newest posts whose reactions were read person by "
    f"person (at most {ENGAGED_POSTS}) the n-th reaction of the same person is worth 1/n², one from somebody whose attention is divided among "
    "thousands of accounts is worth less, and those of a ring of friends who react to each other at once are worth nothing. Where that makes the "
    "average reaction worth less than is usual, likes and reposts count less in all findings above.",
    source="Uniqueness and selectivity rules: Klout FAQ; divided attention: TunkRank (Tunkelang 2009); the weights are our definition.",
    find=find,
)

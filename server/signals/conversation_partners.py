"""Conversation partners: with how many people an account really talks."""

from __future__ import annotations

import numpy as np

from server.activity import UNKNOWN
from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Finding, Signal, State, missing, not_applicable, post_evidence
from server.signals.typical import shown


def find(sample: Sample, _measures: Measures) -> Finding:
    """The effective number of people replied to."""
    targets = sample.target[sample.replies]
    if not len(targets):
        return not_applicable("It replied to nobody in the last 90 days.")
    targets = targets[targets != UNKNOWN]
    if not len(targets):
        return missing("Whom it replied to was not shown.")
    _, replies = np.unique(targets, return_counts=True)
    effective = effective_number(replies)
    sentence = f"Replied to {counted(len(replies), 'person', 'people')}, spread as evenly as over {shown(effective)}."
    return Finding(
        State.FOUND,
        sentence,
        effective,
        evidence=post_evidence(sample, sample.replies.tolist(), "Reply"),
        count=len(targets),
    )


def effective_number(replies: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
    """exp of the Shannon entropy of the shares: n people answered equally often give n; one favourite pulls it to 1."""
    share = replies / replies.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


SIGNAL = Signal(
    id="conversation_partners",
    title="People it talks with",
    axis=Axis.ENGAGEMENT,
    unit="people",
    why="Fifty replies to one friend are another thing than one reply to each of fifty people. The effective number is the number of equally "
    "often answered people that would show the same variety.",
    source="Effective number (Hill number of order 1): Hill 1973; Jost 2006.",
    find=find,
)

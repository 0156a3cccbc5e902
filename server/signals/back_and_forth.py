"""Back and forth: talk that goes beyond one answer."""

from __future__ import annotations

from collections import Counter

from server.activity import UNKNOWN
from server.scoring.measures import Measures
from server.scoring.sample import DAY, Sample
from server.signals.proportion import counted, wilson
from server.signals.signal import Axis, Finding, Signal, State, missing, not_applicable, post_evidence


def find(sample: Sample, _measures: Measures) -> Finding:
    """The share of people replied to with whom there were at least two turns in one conversation."""
    if not len(sample.replies):
        return not_applicable("It replied to nobody in the last 90 days.")
    turns = _turns(sample)
    if not turns:
        return missing("Whom it replied to was not shown.")
    talked = {person for (person, _), positions in turns.items() if len(positions) > 1}
    partners = {person for person, _ in turns}
    deepest = max(turns.values(), key=len)
    low, high = wilson(len(talked), len(partners))
    sentence = (
        f"Went back and forth with {len(talked):,} of the {counted(len(partners), 'person', 'people')} it replied to."
    )
    evidence = post_evidence(sample, deepest, "Turn of its longest exchange") if len(deepest) > 1 else ()
    return Finding(State.FOUND, sentence, len(talked) / len(partners), low, high, evidence, count=len(partners))


def _turns(sample: Sample) -> dict[tuple[int, str | int], list[int]]:
    """Own replies by person and conversation; where the network names no conversation, by person and day."""
    turns: dict[tuple[int, str | int], list[int]] = {}
    posts = sample.activity.posts
    parents: Counter[str] = Counter()
    for position in sample.replies.tolist():
        row, person = int(sample.rows[position]), int(sample.target[position])
        if person == UNKNOWN:
            continue
        # Two answers to the same post of theirs are one turn of talk: they said nothing in between.
        parents[posts.parent[row]] += 1
        if posts.parent[row] and parents[posts.parent[row]] > 1:
            continue
        turns.setdefault((person, posts.conversation[row] or int(sample.time[position]) // DAY), []).append(position)
    return turns


SIGNAL = Signal(
    id="back_and_forth",
    title="Goes back and forth",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="A single answer can be a courtesy or a template; a second answer to the same person in the same conversation takes somebody who reads. "
    "Two answers to one and the same post count as one.",
    source="Conversation depth: reply chains with at least two own turns (standard); only reciprocated exchange counts: Greetham and Ward 2014.",
    find=find,
)

"""Engagement ring: the same few people and the account reacting to each other, at once, post after post."""

from __future__ import annotations

from server.activity import InteractionKind
from server.scoring.measures import Measures
from server.scoring.reactions import PASSED_ON, standing
from server.scoring.ring import ENGAGED_BACK, FAST_SECONDS, SHARE_OF_POSTS, find_ring
from server.scoring.sample import Sample
from server.signals.proportion import counted, percent, wilson
from server.signals.signal import Axis, Finding, Mark, Signal, State, missing, too_little

FEWEST_MEMBERS = 3
"""Two friends who like each other's posts are no ring."""
STRONG_SHARE = 0.4
SOME_SHARE = 0.2
FEWEST_REACTIONS = 15


def find(sample: Sample, _measures: Measures) -> Finding:
    """Reactions by members of a ring / all reactions read person by person."""
    ring = find_ring(sample)
    if not ring.timed:
        return missing("Who reacted how fast was not looked at yet, or is not shown.")
    seen = standing(sample, InteractionKind.LIKE, *PASSED_ON)
    if seen.reactions < FEWEST_REACTIONS:
        return too_little(f"Only {counted(seen.reactions, 'reaction', 'reactions')} read person by person.")
    low, high = wilson(seen.in_ring, seen.reactions)
    several = len(ring.people) >= FEWEST_MEMBERS
    mark = Mark.STRONG if several and low > STRONG_SHARE else Mark.SOME if several and low > SOME_SHARE else Mark.NONE
    if not len(ring.people):
        sentence = f"No such group among the {counted(seen.people, 'person', 'people')} who reacted."
    else:
        sentence = (
            f"{seen.in_ring:,} of {seen.reactions:,} reactions came within minutes from the same "
            f"{counted(len(ring.people), 'person', 'people')}, to whom it reacts in turn."
        )
    share = seen.in_ring / seen.reactions
    return Finding(State.FOUND, sentence, share, low, high, mark=mark, count=seen.reactions)


SIGNAL = Signal(
    id="engagement_ring",
    title="The same few, both ways, at once",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="Groups that agree to like and repost each other's posts make numbers without readers. Looked for are at least "
    f"{FEWEST_MEMBERS} people who react to {percent(SHARE_OF_POSTS)} or more of the newest posts, mostly within {FAST_SECONDS // 60} minutes, and to "
    f"whom the account replied, or whom it reposted or quoted, {ENGAGED_BACK} times or more. What they do counts nothing in the score. Close friends "
    "may look like that on a small account; it is said only when they are a large part of all who react.",
    source="Reciprocity abuse in pods: Weerasinghe et al., WWW 2020; the bounds are our definition.",
    find=find,
)

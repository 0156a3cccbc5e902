"""People h-index: how many posts move how many people, unmoved by a single hit."""

from __future__ import annotations

from server.scoring.measures import Measures
from server.scoring.reactions import people_reacting, reach
from server.scoring.sample import Floats, Sample
from server.signals.signal import Axis, Finding, Pillar, Signal
from server.signals.typical import LIKES, find_h_index


def measure(sample: Sample) -> Floats:
    """So many posts each moved at least so many people."""
    return reach(sample)


def find(sample: Sample, known: Measures) -> Finding:
    """The index in words, with the posts that moved most people."""
    return find_h_index(
        sample, known[SIGNAL.id], people_reacting(sample), "moved", "people", "people", how=f" ({LIKES})"
    )


SIGNAL = Signal(
    id="people_h_index",
    title="Posts that reach people, again and again",
    axis=Axis.INFLUENCE,
    pillar=Pillar.TRUE_REACH,
    unit="posts",
    why="The number h such that h posts of the window each moved at least h people to react. It asks for many posts that arrive: a single "
    "viral post gives about 1, a thousand posts that nobody notices give nothing, and deleting those that nobody noticed changes nothing.",
    source="h-index: Hirsch 2005; of reactions to posts: Romero et al. 2011. Fractional, by age and for the whole window: our definition.",
    find=find,
    measure=measure,
)

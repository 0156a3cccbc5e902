"""Posting rate: how many broadcasts a day."""

from __future__ import annotations

import numpy as np

from server.scoring.measures import Measures
from server.scoring.sample import DAY, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Finding, Mark, Signal, State, post_evidence, too_little

FEWEST_POSTS = 50
FEWEST_DAYS = 3
STRONG_PER_DAY = 50.0
SOME_PER_DAY = 15.0


def find(sample: Sample, _measures: Measures) -> Finding:
    """Original posts on the days on which there was any; the median day."""
    originals = sample.time[sample.originals]
    _, per_day = np.unique(originals // DAY, return_counts=True)
    if len(originals) < FEWEST_POSTS or len(per_day) < FEWEST_DAYS:
        few = f"{counted(len(originals), 'original post', 'original posts')} on {counted(len(per_day), 'day', 'days')}"
        return too_little(f"Only {few}.", len(originals))
    value = float(np.median(per_day))
    mark = Mark.STRONG if value >= STRONG_PER_DAY else Mark.SOME if value >= SOME_PER_DAY else Mark.NONE
    sentence = f"On a usual day of posting it sends {counted(round(value), 'original post', 'original posts')}."
    evidence = post_evidence(sample, sample.originals.tolist(), "One of these posts") if mark is not Mark.NONE else ()
    return Finding(State.FOUND, sentence, value, evidence=evidence, mark=mark, count=len(originals))


SIGNAL = Signal(
    id="posting_rate",
    title="Posts a day",
    axis=Axis.ENGAGEMENT,
    unit="posts",
    why="How much comes into a timeline by following. A hundred posts a day written by hand are rare; a feed sends them without effort. Some "
    "people do post that much, so this alone decides nothing.",
    source="Our definition: the median over days with at least one original post.",
    find=find,
)

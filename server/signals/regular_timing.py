"""Regular timing: posts that come by the clock."""

from __future__ import annotations

import numpy as np

from server.activity import Ints
from server.scoring.measures import Measures
from server.scoring.sample import Sample
from server.signals.proportion import share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, post_evidence, too_little

FEWEST_POSTS = 20
STRONG_SHARE = 0.6
SOME_SHARE = 0.2
SLOT_MINUTES = 2
"""Width of the slot of the hour in which clockwork posts fall; chance puts 1 post in 30 there."""
GAP_TOLERANCE = 0.05


def find(sample: Sample, _measures: Measures) -> Finding:
    """The share of original posts in one two-minute slot of the hour, or one fixed gap after the post before."""
    originals = sample.originals
    times = np.sort(sample.time[originals])
    if len(times) < FEWEST_POSTS:
        return too_little(f"Only {len(times):,} original posts to time in 90 days.", len(times))
    in_slot, minute = _fullest_slot(times)
    at_gap, gap = _commonest_gap(times)
    if in_slot >= at_gap:
        hits, of = in_slot, len(times)
        sentence = (
            f"{hits:,} of {of:,} original posts came between minute {minute} and {minute + SLOT_MINUTES} of the hour."
        )
    else:
        hits, of = at_gap, len(times) - 1
        sentence = f"{hits:,} of {of:,} original posts came {_duration(gap)} after the one before."
    low, high = share_of_posts(sample, hits, of)
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    evidence = post_evidence(sample, originals.tolist(), "Timed post") if mark is not Mark.NONE else ()
    return Finding(State.FOUND, sentence, hits / of, low, high, evidence, mark, of)


def _fullest_slot(times: Ints) -> tuple[int, int]:
    """How many posts fall in the fullest slot of the hour (slots may straddle the full hour), and its first minute."""
    by_minute = np.bincount(times // 60 % 60, minlength=60)
    slots = np.convolve(np.tile(by_minute, 2), np.ones(SLOT_MINUTES, np.int64), "valid")[:60]
    minute = int(np.argmax(slots))
    return int(slots[minute]), minute


def _commonest_gap(times: Ints) -> tuple[int, float]:
    """How many gaps lie within 5 % of the median gap, and that gap in seconds. Bursts within a minute are one sitting, not a rhythm."""
    gaps = np.diff(times)
    middle = float(np.median(gaps))
    if middle < 60:
        return 0, middle
    return int((np.abs(gaps - middle) <= GAP_TOLERANCE * middle).sum()), middle


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


SIGNAL = Signal(
    id="regular_timing",
    title="Posts by the clock",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="People post when something happens; schedules post on the minute. Measured as the larger of two shares: original posts in the same two "
    "minutes of the hour, and gaps within 5 % of the usual gap. Many people schedule some posts, so this alone decides nothing.",
    source="Our definition, after work on minute-of-hour regularity of automated accounts (Zhang and Paxson 2011).",
    find=find,
)

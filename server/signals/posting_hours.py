"""Posting hours: is there a night, or do posts come around the clock?"""

from __future__ import annotations

import numpy as np

from server.activity import Ints
from server.scoring.measures import Measures
from server.scoring.sample import DAY, Sample
from server.signals.proportion import counted, percent, share_of_posts
from server.signals.signal import Axis, Finding, Mark, Signal, State, post_evidence, too_little

FEWEST_POSTS = 50
FEWEST_DAYS = 3
NIGHT_HOURS = 6
STRONG_SHARE = 0.06
SOME_SHARE = 0.04
"""Of posts spread evenly over the day a quarter would fall in any six hours."""


def find(sample: Sample, _measures: Measures) -> Finding:
    """The share of posts in the quietest six hours of the day, wherever these lie."""
    of = len(sample.rows)
    days = len(np.unique(sample.time // DAY))
    if of < FEWEST_POSTS or days < FEWEST_DAYS:
        return too_little(f"Only {counted(of, 'post', 'posts')} on {counted(days, 'day', 'days')}.", of)
    hits, hour = _quietest(sample.time)
    low, high = share_of_posts(sample, hits, of)
    mark = Mark.STRONG if low > STRONG_SHARE else Mark.SOME if low > SOME_SHARE else Mark.NONE
    sentence = (
        f"In its quietest {NIGHT_HOURS} hours ({hour:02}–{(hour + NIGHT_HOURS) % 24:02} UTC) came {hits:,} of "
        f"{counted(of, 'post', 'posts')} ({percent(hits / of)})."
    )
    inside = ((sample.time // 3600 - hour) % 24 < NIGHT_HOURS) & (mark is not Mark.NONE)
    evidence = post_evidence(sample, np.flatnonzero(inside).tolist(), "Post in its quietest hours")
    return Finding(State.FOUND, sentence, hits / of, low, high, evidence, mark, of)


def _quietest(times: Ints) -> tuple[int, int]:
    """Fewest posts in so many consecutive hours of the day, and the first of these hours (UTC)."""
    by_hour = np.bincount(times // 3600 % 24, minlength=24)
    nights = np.convolve(np.tile(by_hour, 2), np.ones(NIGHT_HOURS, np.int64), "valid")[:24]
    hour = int(np.argmin(nights))
    return int(nights[hour]), hour


SIGNAL = Signal(
    id="posting_hours",
    title="Posts around the clock",
    axis=Axis.ENGAGEMENT,
    unit="share",
    why="People sleep: in their quietest six hours hardly anything comes. Schedules and shared accounts post through the night. Travel and shift "
    "work blur the night, too, so this alone decides nothing.",
    source="Hour-of-day activity of automated accounts: Chu et al. 2012; the quietest six hours are our definition. The median of 62 people's "
    "archives is 1 %.",
    find=find,
)

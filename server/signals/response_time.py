"""Response time: how long people wait for an answer."""

from __future__ import annotations

from bisect import bisect_right
from math import sqrt

import numpy as np

from server.activity import UNKNOWN, PostKind
from server.scoring.interval import Z90
from server.scoring.measures import Measures
from server.scoring.sample import DAY, WINDOW_DAYS, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Mark, Signal, State, missing, not_applicable, too_little

FEWEST_ANSWERS = 5
QUICK_SECONDS = 10
"""Faster than anybody reads and types, time after time."""
QUICK_SHARE = 0.9


def find(sample: Sample, _measures: Measures) -> Finding:
    """The median time from what somebody wrote to it to its first answer."""
    activity = sample.activity
    if not activity.coverage.threads_read:
        return missing("Who wrote to it was not looked at yet.")
    waited = sorted(_first_answers(sample).values())
    if not waited:
        return not_applicable("It answered nobody in the threads that were read.")
    if len(waited) < FEWEST_ANSWERS:
        return too_little(f"Only {counted(len(waited), 'answer', 'answers')} to time in 90 days.", len(waited))
    delays = [delay for delay, _ in waited]
    low, high = median_ranks(len(delays))
    median = (delays[(len(delays) - 1) // 2] + delays[len(delays) // 2]) / 2
    quick = bisect_right(delays, QUICK_SECONDS)
    sentence = f"Half of its {len(delays):,} answers came within {_duration(median)}; {quick:,} within {QUICK_SECONDS} seconds."
    urls = activity.posts.url
    evidence = tuple(
        Evidence(urls[row], f"Answered after {_duration(delay)}") for delay, row in waited[:4] if urls[row]
    )
    mark = Mark.SOME if quick >= QUICK_SHARE * len(delays) else Mark.NONE
    return Finding(State.FOUND, sentence, median / 60, delays[low] / 60, delays[high] / 60, evidence, mark, len(delays))


def _first_answers(sample: Sample) -> dict[str, tuple[int, int]]:
    """For each thing that somebody wrote and it answered: seconds until its first answer, and the row of that answer."""
    interactions, posts = sample.activity.interactions, sample.activity.posts
    recent = (posts.kind == PostKind.REPLY) & (posts.time > sample.now - WINDOW_DAYS * DAY)
    wrote = dict(zip(interactions.id, interactions.time.tolist(), strict=True))
    first: dict[str, tuple[int, int]] = {}
    rows = np.flatnonzero(recent)
    for row, time in zip(rows.tolist(), posts.time[rows].tolist(), strict=True):
        parent = posts.parent[row]
        asked = wrote.get(parent, UNKNOWN)
        # Posts come newest first, so the last one to be noted is the first answer.
        if 0 <= asked <= time:
            first[parent] = (time - asked, row)
    return first


def median_ranks(number: int) -> tuple[int, int]:
    """Positions, among so many values in order, of the ends of a 90 % interval of their median.

    Normal approximation to the binomial distribution of how many lie below it, rounded outwards.
    """
    low = max(0, int((number - 1 - Z90 * sqrt(number)) / 2))
    return low, number - 1 - low


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours = round(seconds / 3600)
    return f"{hours} h" if hours < 48 else f"{round(seconds / DAY):,} days"


SIGNAL = Signal(
    id="response_time",
    title="Time until it answers",
    axis=Axis.ENGAGEMENT,
    unit="minutes",
    why="The time between what somebody wrote to it and its first answer, for the half that was quickest and the half that was slowest: the "
    "median over the threads that were read. Slow is no fault. When nine in ten answers come within "
    f"{QUICK_SECONDS} seconds, faster than anybody types, it is marked as present; never strongly, because clocks differ. "
    "Answers still to come are not in it.",
    source="Our definition; interval of the median from order statistics.",
    find=find,
)

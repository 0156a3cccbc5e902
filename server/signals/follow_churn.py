"""Follow churn: following many, dropping them again, and so on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from server.activity import CountsOverTime, Ints
from server.scoring.measures import Measures
from server.scoring.sample import DAY, Sample
from server.signals.proportion import counted
from server.signals.signal import Axis, Evidence, Finding, Mark, Signal, State, missing, too_little

SMALLEST_SWING = 100
"""Accounts by which following must rise, and then fall, to make a cycle; fewer is an evening's tidying."""
SMALLEST_SWING_SHARE = 0.1
"""The same as a share of the higher level. Of the 350 cycles in the data named under ``source``, nineteen in twenty rise by 14 % and more,
half by 31 %. With 5 % four more of 266 accounts come to three cycles, and ordinary weeding of long lists comes near."""
FASTEST_ORDINARY_RISE = 5.0
"""Accounts a day. Who comes to follow many over months and tidies up now and then makes no cycle; 3 of those 350 were as slow."""
SAME_LEVEL = 0.05
"""A single low reading between two that agree within this share of the dip is a misreading: nobody follows exactly as many again."""
FEWEST_READINGS = 6
"""On different days: the fewest in which three rises and three falls can show."""
FEWEST_DAYS = 14
SOME_CYCLES = 2
STRONG_CYCLES = 3


class Cycle(NamedTuple):
    """The readings of a low, the high after it, and the low after that."""

    low: int
    high: int
    end: int


def find(sample: Sample, _measures: Measures) -> Finding:
    """How often following rose and fell again, over all readings there are."""
    counts = sample.activity.counts
    rows = _readable(counts)
    if not len(rows):
        return missing("How many accounts it followed over time was not shown.")
    times = counts.time[rows].tolist()
    span = (times[-1] - times[0]) // DAY
    read = f"{counted(len(rows), 'day', 'days')} read over {counted(span, 'day', 'days')}"
    if len(rows) < FEWEST_READINGS or span < FEWEST_DAYS:
        return too_little(f"How many it follows is known of only {read}.", len(rows))
    following = counts.following[rows].tolist()
    found = cycles(times, following)
    url = sample.activity.profile.url
    return Finding(
        State.FOUND,
        _sentence(found, following, counts.followers[rows].tolist(), read),
        len(found),
        evidence=(Evidence(url, "Profile"),) if url else (),
        mark=Mark.STRONG if len(found) >= STRONG_CYCLES else Mark.SOME if len(found) >= SOME_CYCLES else Mark.NONE,
        count=len(rows),
    )


def _readable(counts: CountsOverTime) -> Ints:
    """Rows of the last known reading of each day, oldest first, without lone dips between two days of the same level."""
    rows = np.flatnonzero(counts.following >= 0)
    rows = rows[np.argsort(counts.time[rows], kind="stable")]
    date = counts.time[rows] // DAY
    rows = rows[np.append(date[1:] != date[:-1], True)] if len(rows) else rows
    level = counts.following[rows].astype(np.float64)
    before, after = level[:-2], level[2:]
    dip = np.minimum(before, after) - level[1:-1]
    misread = (dip > 0) & (np.abs(after - before) <= SAME_LEVEL * dip)
    return np.delete(rows, np.flatnonzero(misread) + 1)


def cycles(times: list[int], levels: list[int]) -> list[Cycle]:
    """Every rise from a low and the fall after it, each large enough and the rise fast enough (a zigzag with hysteresis)."""
    turns: list[int] = []
    turn, extreme, rising = 0, levels[0], False
    for reading, level in enumerate(levels):
        swing = extreme - level if rising else level - extreme
        if swing <= 0:
            turn, extreme = reading, level
        elif swing >= SMALLEST_SWING and swing >= SMALLEST_SWING_SHARE * max(level, extreme):
            turns.append(turn)
            turn, extreme, rising = reading, level, not rising
    if not rising:
        turns.append(turn)
    every = (Cycle(*three) for three in zip(turns[::2], turns[1::2], turns[2::2], strict=False))
    return [c for c in every if levels[c.high] - levels[c.low] >= FASTEST_ORDINARY_RISE * _days(times, c.low, c.high)]


def _days(times: list[int], start: int, end: int) -> float:
    return max(1.0, (times[end] - times[start]) / DAY)


def _sentence(found: list[Cycle], following: list[int], followers: list[int], read: str) -> str:
    if not found:
        return f"The number it follows never rose fast and fell again ({read})."
    up, down = _change(found, following)
    times = counted(len(found), "time", "times")
    sentence = f"The number it follows rose and fell again {times}: up by {up:,} in all, down by {-down:,} ({read})"
    if min(followers[reading] for cycle in found for reading in cycle) < 0:
        return sentence + "."
    came, after = _change(found, followers)
    return f"{sentence}; its followers changed by {came:+,} in the rises and {after:+,} in the falls."


def _change(found: list[Cycle], counts: list[int]) -> tuple[int, int]:
    """By how much a count changed from the lows to the highs, and from the highs to the lows after them."""
    rises = sum(counts[cycle.high] - counts[cycle.low] for cycle in found)
    return rises, sum(counts[cycle.end] - counts[cycle.high] for cycle in found)


SIGNAL = Signal(
    id="follow_churn",
    title="Follows and unfollows in waves",
    axis=Axis.ENGAGEMENT,
    unit="cycles",
    why="Following many accounts so that they follow back, dropping them, and starting anew collected followers who never meant to listen. "
    f"A cycle is a rise of the number followed by at least {SMALLEST_SWING} accounts and {SMALLEST_SWING_SHARE:.0%} of the level, at "
    f"{FASTEST_ORDINARY_RISE:.0f} a day or faster, and a fall as large after it. One clean-out, steady growth, or a wave of new followers is none. "
    "There is one reading a day at most, so quicker cycles are missed: the number is the least there were. "
    f"Present from {SOME_CYCLES} cycles on, strongly from {STRONG_CYCLES}.",
    source="Our definition: turning points of the network's own count. Sizes set on 266 accounts attributed to the Internet Research "
    "Agency (collected by Linvill and Warren 2018), whose counts at each post are known.",
    find=find,
)

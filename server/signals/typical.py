"""Shared by the per-post signals of influence: the typical count of a post, told and linked."""

from __future__ import annotations

import numpy as np

from server.scoring.interval import interval_of_measure
from server.scoring.reactions import LIKE_WORTH
from server.scoring.sample import WINDOW_DAYS, Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Evidence, Finding, State, missing

LIKES = f"a like counts as {LIKE_WORTH:g} of a person"
"""How a finding that counts people says what a like is."""


def shown(value: float) -> str:
    """A typical count for people: whole from 10 on, one decimal below, never more digits than are known."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def find_typical(sample: Sample, measured: Floats, counts: Floats, one: str, many: str, how: str = "") -> Finding:
    """``3.4 people react to a typical post`` with its 90 % interval and links to the posts with the highest counts."""
    value = float(measured[0])
    if np.isnan(value):
        return missing("None of its newest posts shows this count.")
    low, high = interval_of_measure(measured, sample.effective_posts)
    known = int((counts >= 0).sum())
    number = shown(value)
    much = f"Hardly any {many}" if number == "0.0" else f"About {number} {one if number == '1.0' else many}"
    sentence = f"{much} to a typical post ({counted(known, 'post', 'posts')} seen{how})."
    return Finding(State.FOUND, sentence, value, low, high, evidence=highest(sample, counts, many), count=known)


def find_h_index(
    sample: Sample,
    measured: Floats,
    counts: Floats,
    verb: str,
    times: str,
    many: str,
    passive: bool = False,
    how: str = "",
) -> Finding:
    """``About 12 posts moved at least 12 people each.`` with its interval and links to the posts with the highest counts."""
    value = float(measured[0])
    if np.isnan(value):
        return missing("None of its newest posts shows this count.")
    low, high = interval_of_measure(measured, sample.effective_posts)
    whole = round(value)
    done = f"were {verb}" if passive else verb
    sentence = f"About {whole} posts of {WINDOW_DAYS} days {done} at least {whole} {times} each{how}."
    if whole < 2:
        sentence = f"Hardly any post of {WINDOW_DAYS} days {'was ' if passive else ''}{verb} more than one {'time' if passive else 'person'}."
    known = int((counts >= 0).sum())
    return Finding(State.FOUND, sentence, value, low, high, highest(sample, counts, many), count=known)


def highest(sample: Sample, counts: Floats, many: str, most: int = 3) -> tuple[Evidence, ...]:
    """Links to the posts with the highest counts."""
    best = [int(i) for i in np.argsort(-counts, kind="stable")[:most] if counts[i] > 0]
    urls = [(sample.activity.posts.url[sample.rows[i]], int(counts[i])) for i in best]
    noun = many.split(" ", maxsplit=1)[0]
    return tuple(Evidence(url, f"{count:,} {noun}") for url, count in urls if url)

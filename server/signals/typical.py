"""Shared by the per-post signals of influence: the typical count of a post, told and linked."""

from __future__ import annotations

import numpy as np

from server.activity import Ints
from server.scoring.sample import Floats, Sample
from server.signals.proportion import counted
from server.signals.signal import Evidence, Finding, State, missing


def shown(value: float) -> str:
    """A typical count for people: whole from 10 on, one decimal below, never more digits than are known."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def find_typical(sample: Sample, measured: Floats, counts: Ints, one: str, many: str) -> Finding:
    """``3.4 people react to a typical post`` with its 90 % interval and links to the posts with the highest counts."""
    value = float(measured[0])
    if np.isnan(value):
        return missing("None of its posts of the last 90 days shows this count.")
    low, high = np.nanpercentile(measured[1:], (5, 95))
    known = int((counts >= 0).sum())
    number = shown(value)
    much = f"Hardly any {many}" if number == "0.0" else f"About {number} {one if number == '1.0' else many}"
    sentence = f"{much} to a typical post ({counted(known, 'post', 'posts')} seen)."
    return Finding(
        State.FOUND, sentence, value, float(low), float(high), evidence=highest(sample, counts, many), count=known
    )


def highest(sample: Sample, counts: Ints, many: str, most: int = 3) -> tuple[Evidence, ...]:
    """Links to the posts with the highest counts."""
    best = [int(i) for i in np.argsort(-counts, kind="stable")[:most] if counts[i] > 0]
    urls = [(sample.activity.posts.url[sample.rows[i]], int(counts[i])) for i in best]
    noun = many.split(" ", maxsplit=1)[0]
    return tuple(Evidence(url, f"{count:,} {noun}") for url, count in urls if url)

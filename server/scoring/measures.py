"""The statistics that measures are made of. Each gives shape (1 + RESAMPLES,): the sample as seen, then its resamples; NaN: cannot be had."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from server.activity import Ints, PostKind
from server.scoring.sample import RESAMPLES, Floats, Sample, resamples

Measures = Mapping[str, Floats]
"""Signal id -> its measure, shape (1 + RESAMPLES,). All that the score ever sees."""

REPLY_WEIGHT = 0.02
"""What a reply, or a thread's continuation, counts for beside a broadcast when asking how far a typical post carries: they are
hardly ever passed on, and neither talking nor writing in threads must cost points; not zero, so that somebody who only replies can
be measured at all."""


def missing() -> Floats:
    """A measure that cannot be had."""
    return np.full(1 + RESAMPLES, np.nan)


def exact(value: float | None) -> Floats:
    """A measure that the network states itself, without sampling error."""
    return missing() if value is None else np.full(1 + RESAMPLES, float(value))


def typical_per_post(sample: Sample, counts: Ints) -> Floats:
    """The typical count per own post: exp(mean(ln(1 + count))) - 1, newer posts weighing more.

    ``counts``: one per row of the sample, negative where unknown. A mean of logarithms keeps Klout's ratio rule (100 reposts of
    10 posts count more than 100 of 1,000) and lets one viral post move it little.
    """
    weight = np.where(np.isin(sample.kind, (PostKind.ORIGINAL, PostKind.QUOTE)), 1.0, 0.0)
    weight[np.isin(sample.kind, (PostKind.REPLY, PostKind.THREAD))] = REPLY_WEIGHT
    weight *= sample.decay * (counts >= 0)
    drawn = sample.resamples @ np.column_stack([weight, weight * np.log1p(np.maximum(counts, 0))])
    total = drawn[:, 0]
    if total[0] <= 0:
        return missing()
    # A resample may draw no countable post at all; it then says nothing, so it repeats the sample.
    mean = np.divide(drawn[:, 1], total, out=np.full_like(total, drawn[0, 1] / total[0]), where=total > 0)
    return np.asarray(np.expm1(mean), np.float64)


def h_index(sample: Sample, counts: Ints) -> Floats:
    """The largest h such that h own posts have a count of at least h each (Hirsch 2005; of retweets: Romero et al. 2011)."""
    countable = np.flatnonzero((sample.kind != PostKind.REPOST) & (counts >= 0))
    if not len(countable):
        return missing()
    order = countable[np.argsort(-counts[countable], kind="stable")]
    ranked = np.maximum(counts[order], 0).astype(np.float64)
    reached = np.minimum(ranked, np.cumsum(sample.resamples[:, order], axis=1))
    return np.asarray(reached.max(axis=1), np.float64)


def people_drawn(sample: Sample, actors: Ints) -> tuple[Ints, NDArray[np.float32]]:
    """The distinct people among actors and how often each is drawn, shape (1 + RESAMPLES, people)."""
    people = np.unique(actors)
    every = sample.activity.people.id
    return people, resamples(tuple(every[person] for person in people.tolist()))

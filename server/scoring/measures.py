"""The statistics that measures are made of. Each gives shape (1 + RESAMPLES,): the sample as seen, then its resamples; NaN: cannot be had."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from server.activity import PostKind
from server.scoring.sample import RESAMPLES, Floats, Sample

Measures = Mapping[str, Floats]
"""Signal id -> its measure, shape (1 + RESAMPLES,). All that the score ever sees."""

MOST_REPLY_WEIGHT = 0.1
"""However much an account talks, all its replies together weigh at most this much beside its broadcasts."""
REPLY_WEIGHT = 0.02
"""What a reply, or a thread's continuation, counts for beside a broadcast when asking how far a typical post carries: they are
hardly ever passed on, and neither talking nor writing in threads must cost points; not zero, so that somebody who only replies can
be measured at all."""


def missing() -> Floats:
    """A measure that cannot be had."""
    return np.full(1 + RESAMPLES, np.nan)


def exact(value: float | None) -> Floats:
    """A count that the network states itself, without sampling error; one below nothing is none."""
    return missing() if value is None or value < 0 else np.full(1 + RESAMPLES, float(value))


def typical_per_post(sample: Sample, counts: Floats) -> Floats:
    """The typical count per own post: exp(mean(ln(1 + count))) - 1, newer posts weighing more.

    ``counts``: one per row of the sample; NaN where unknown. A mean of logarithms keeps Klout's ratio rule (100 reposts of
    10 posts count more than 100 of 1,000). The highest count is taken for as much as the second highest (a winsorised mean): a
    single hit does not make the other posts any more typical, not even among posts that got nothing.
    """
    known = counts >= 0
    broadcast = sample.is_of(PostKind.ORIGINAL, PostKind.QUOTE) * sample.decay * known
    answer = REPLY_WEIGHT * sample.is_of(PostKind.REPLY, PostKind.THREAD) * sample.decay * known
    if broadcast.any() and answer.sum() > MOST_REPLY_WEIGHT * broadcast.sum():
        answer *= MOST_REPLY_WEIGHT * broadcast.sum() / answer.sum()
    weight = broadcast + answer
    own = np.sort(counts[weight > 0])
    got = np.minimum(np.where(known, counts, 0.0), own[-2]) if len(own) > 1 else np.where(known, counts, 0.0)
    drawn = sample.resamples @ np.column_stack([weight, weight * np.log1p(got)])
    total = drawn[:, 0]
    if total[0] <= 0:
        return missing()
    # A resample may draw no countable post at all; it then says nothing, so it repeats the sample.
    mean = np.divide(drawn[:, 1], total, out=np.full_like(total, drawn[0, 1] / total[0]), where=total > 0)
    return np.asarray(np.expm1(mean), np.float64)


def h_index(sample: Sample, counts: Floats) -> Floats:
    """How many own posts of the window got at least that much each: the h-index (Hirsch 2005) without its steps.

    ``counts``: one per row of the sample, not negative; NaN where unknown. Three things differ from counting by hand. A post
    weighs by its age, so that a hit wears off instead of dropping out. Posts seen stand for as many as were sent beside them
    (``Sample.stands_for``), so that the first page of a busy account measures the same as its whole window; of such a page the
    highest count is taken for as much as the second highest, since a single hit does not show that there were more. And a post
    with c counts as lying between c - 1 and c, so that one reaction more never moves the index by a whole step; posts that got
    nothing add nothing. Rises with every count.
    """
    own = np.flatnonzero((sample.kind != PostKind.REPOST) & (counts >= 0))
    if not len(own):
        return missing()
    got = counts[own]
    if sample.stands_for > 1 and len(got) > 1:
        got = np.minimum(got, np.partition(got, -2)[-2])
    weight = sample.resamples[:, own] * (sample.decay[own] * (sample.stands_for if len(got) > 1 else 1.0))
    return _where_rank_meets_count(got, weight)


def _where_rank_meets_count(counts: Floats, weight: Floats) -> Floats:
    """For each row of weights the level h at which the weight of counts above h, each spread evenly over c - 1 to c, is h itself.

    That weight falls with the level, in straight pieces between the counts and one below each: it is computed there, and the
    meeting point on the piece on which it lies.
    """
    # No level can lie above the sum of the weights: all counts beyond are one.
    most = float(weight.sum(axis=1).max()) + 2
    levels, column = np.unique(-np.minimum(counts, most), return_inverse=True)
    order = np.argsort(column, kind="stable")
    at_level = np.add.reduceat(weight[:, order], np.searchsorted(column[order], np.arange(len(levels))), axis=1)
    bends = np.unique(np.concatenate([[0.0], -levels, np.maximum(-levels - 1, 0.0)]))
    if len(bends) == 1:
        return np.zeros(len(weight))
    over = _above(-levels, at_level, bends) - bends
    piece = np.minimum((over >= 0).sum(axis=1) - 1, len(bends) - 2)
    rows = np.arange(len(weight))
    before, after = over[rows, piece], over[rows, piece + 1]
    return np.asarray(bends[piece] + (bends[piece + 1] - bends[piece]) * before / (before - after), np.float64)


def _above(levels: Floats, at_level: Floats, bends: Floats) -> Floats:
    """The weight above each bend, shape (rows, bends); ``levels`` fall, each is spread evenly over itself less one to itself."""
    nothing = np.zeros((len(at_level), 1))
    weights = np.hstack([nothing, np.cumsum(at_level, axis=1)])
    sums = np.hstack([nothing, np.cumsum(at_level * levels, axis=1)])
    wholly = np.searchsorted(-levels, -(bends + 1), side="right")
    partly = np.searchsorted(-levels, -bends, side="left")
    inside = weights[:, partly] - weights[:, wholly]
    return np.asarray(weights[:, wholly] + sums[:, partly] - sums[:, wholly] - bends * inside, np.float64)

"""How sure each score of a whole network is: the live path's bootstrap (``server.scoring.interval``), for many accounts at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

import numpy as np
from scipy.sparse import csr_array
from scipy.special import ndtr

from server.activity import Bools, Ints
from server.scoring import interval
from server.scoring.curves import P90, LogNormal
from server.scoring.formula import LEAST_WEIGHT_SEEN, Formula
from server.scoring.measures import MOST_REPLY_WEIGHT, REPLY_WEIGHT
from server.scoring.sample import LEAST_UNSEEN, Floats, counts_by_column
from server.signals.engager_followers import FEWEST_PEOPLE
from server.signals.followers import FOLLOWERS_PER_REACH

ROWS_AT_ONCE = 20_000
"""Posts and people looked at together; each takes 201 numbers a few times over."""


@dataclass(frozen=True, slots=True)
class PostRows:
    """Own posts inside their account's window, those of an account together, accounts in order."""

    account: Ints
    """Number of the account each is of."""
    column: Ints
    """On which column of the resamples each falls by its id (``server.scoring.sample.columns``)."""
    said_to_all: Bools
    decay: Floats
    people: Floats
    passed_on: Floats


@dataclass(frozen=True, slots=True)
class PersonRows:
    """Those who reacted, of ``seen_reacting``; the same order."""

    account: Ints
    column: Ints
    followers: Floats
    rank: Floats
    """These two NaN where they are not known."""
    attention: Floats


@dataclass(frozen=True, slots=True)
class Known:
    """What the network states of each account, by its number: NaN where it is not known."""

    followers: Floats
    listed: Floats
    days_silent: Floats


def intervals(known: Known, posts: PostRows, people: PersonRows, formula: Formula) -> tuple[Floats, Floats]:
    """The ends of the 90 % interval of each account's score, before rounding, shape (accounts,); NaN without own posts or without a score.

    The same resamples as the live path draws, so the same interval to the last digits.
    """
    accounts = len(known.followers)
    low, high = np.full(accounts, np.nan), np.full(accounts, np.nan)

    weighed = frozenset(term.signal for term in formula.terms)

    def fill(some: _Portion) -> None:
        drawn = _Drawn(some, known, posts, people, weighed)
        total, seen = _points(drawn, known, formula)
        low[some.first : some.end], high[some.first : some.end] = _ends(total, seen, drawn, known, formula)

    # NumPy lets other threads work while it does.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for _done in threads.map(fill, _portions(posts, people, accounts)):
            pass
    return low, high


@dataclass(frozen=True, slots=True)
class _Portion:
    """Accounts ``first`` to before ``end``, with where their posts and people stand among the rows."""

    first: int
    end: int
    posts: slice
    people: slice


def _portions(posts: PostRows, people: PersonRows, accounts: int) -> Iterator[_Portion]:
    every = np.arange(accounts + 1)
    of_posts, of_people = np.searchsorted(posts.account, every), np.searchsorted(people.account, every)
    rows = of_posts + of_people
    first = 0
    while first < accounts:
        end = max(first + 1, int(np.searchsorted(rows, rows[first] + ROWS_AT_ONCE, side="right")) - 1)
        end = min(end, accounts, first + ROWS_AT_ONCE // 10)
        yield _Portion(first, end, slice(of_posts[first], of_posts[end]), slice(of_people[first], of_people[end]))
        first = end


class _Drawn:
    """The measures of a portion's accounts in every resample, each of shape (accounts, 1 + RESAMPLES); NaN: cannot be had.

    Of what people are measured by, those ``weighed`` only.
    """

    def __init__(
        self, some: _Portion, known: Known, posts: PostRows, people: PersonRows, weighed: frozenset[str]
    ) -> None:
        self.some, self.accounts = some, some.end - some.first
        of_posts = _Posts(some, posts)
        reach, passed = posts.people[some.posts], posts.passed_on[some.posts]
        self.measures = {
            "people_per_post": of_posts.typical(reach),
            "people_h_index": of_posts.h_index(reach),
            "reposts_per_post": of_posts.typical(passed),
            "repost_h_index": of_posts.h_index(passed),
        }
        self._measure_people(people, weighed)
        stated = slice(some.first, some.end)
        followers = np.broadcast_to(known.followers[stated, None], self.measures["people_h_index"].shape)
        heard = np.minimum(followers, FOLLOWERS_PER_REACH * self.measures["people_h_index"])
        self.measures["followers"] = np.where(np.isnan(self.measures["people_h_index"]), followers, heard)
        self.measures["listed"] = np.broadcast_to(known.listed[stated, None], followers.shape)
        self.effective = of_posts.effective()

    def _measure_people(self, people: PersonRows, weighed: frozenset[str]) -> None:
        rows = self.some.people
        account, column = people.account[rows] - self.some.first, people.column[rows]
        attention = people.attention[rows]
        if "engager_followers" in weighed:
            heard = self._of_people(account, column, attention, np.log1p(people.followers[rows]))
            self.measures["engager_followers"] = np.expm1(heard)
        if "engager_ranks" in weighed:
            ranked = self._of_people(account, column, attention, np.log(people.rank[rows]))
            self.measures["engager_ranks"] = np.exp(ranked)

    def _of_people(self, account: Ints, column: Ints, weight: Floats, values: Floats) -> Floats:
        """``server.scoring.reactions.mean_of_people``, of those whose value is known (not NaN)."""
        known = ~np.isnan(values)
        account, column, weight, values = account[known], column[known], weight[known], values[known]
        begins = _beginnings(account, self.accounts)
        table = _times_of_people()
        mean = _repeating(_sums(begins, column, weight * values, table), _sums(begins, column, weight, table))
        return np.where(np.diff(begins)[:, None] >= FEWEST_PEOPLE, mean, np.nan)


class _Posts:
    """The posts of a portion's accounts, each with its weight by age in every resample."""

    def __init__(self, some: _Portion, posts: PostRows) -> None:
        self.accounts = some.end - some.first
        self.account, self.column = posts.account[some.posts] - some.first, posts.column[some.posts]
        self.decay, self.to_all = posts.decay[some.posts], posts.said_to_all[some.posts]
        self.begins = _beginnings(self.account, self.accounts)
        self.weight = self._weight()
        self.drawn = _sums(self.begins, self.column, self.weight, _times_of_posts())
        # No h-index can lie above the sum of the weights.
        self.most = _sums(self.begins, self.column, self.decay, _times_of_posts()).max(axis=1) + 2

    def _weight(self) -> Floats:
        broadcast = np.where(self.to_all, self.decay, 0.0)
        answer = np.where(self.to_all, 0.0, REPLY_WEIGHT * self.decay)
        of_broadcasts = np.bincount(self.account, broadcast, self.accounts)
        of_answers = np.bincount(self.account, answer, self.accounts)
        bound = MOST_REPLY_WEIGHT * of_broadcasts
        less = np.where((of_broadcasts > 0) & (of_answers > bound), bound / np.maximum(of_answers, 1e-300), 1.0)
        return np.asarray(broadcast + answer * less[self.account], np.float64)

    def effective(self) -> Floats:
        """``Sample.effective_posts`` of each account."""
        weight = np.where(self.to_all, self.decay, 0.0)
        squares = np.bincount(self.account, weight**2, self.accounts)
        return np.asarray(
            np.bincount(self.account, weight, self.accounts) ** 2 / np.where(squares > 0, squares, 1.0), np.float64
        )

    def typical(self, counts: Floats) -> Floats:
        """``server.scoring.measures.typical_per_post``."""
        got = np.minimum(counts, self._second_highest(counts)[self.account])
        some = np.flatnonzero(got > 0)
        begins = np.searchsorted(some, self.begins)
        summed = _sums(begins, self.column[some], self.weight[some] * np.log1p(got[some]), _times_of_posts())
        return np.asarray(np.expm1(_repeating(summed, self.drawn)))

    def _second_highest(self, counts: Floats) -> Floats:
        order = np.lexsort((-counts, self.account))
        second = np.full(self.accounts, np.inf)
        several = np.diff(self.begins) > 1
        second[several] = counts[order][self.begins[:-1][several] + 1]
        return second

    def h_index(self, counts: Floats) -> Floats:
        """``server.scoring.measures.h_index`` of a window that was seen whole: where the weight above a level meets the level."""
        found = np.zeros(self.drawn.shape)
        some = np.flatnonzero(counts > 0)
        if len(some):
            capped = np.minimum(counts[some], self.most[self.account[some]])
            order = np.lexsort((capped, self.account[some]))
            self._meet(found, some[order], capped[order])
        found[np.diff(self.begins) == 0] = np.nan
        return found

    def _meet(self, found: Floats, rows: Ints, counts: Floats) -> None:
        """Fill in the levels. ``rows``: those with a count, by account and ``counts``."""
        account, column, decay = self.account[rows], self.column[rows], self.decay[rows]
        is_next = np.diff(account, prepend=-1) != 0
        # Posts that got as much are one.
        is_other = is_next | (np.diff(counts, prepend=-1.0) != 0)
        first = np.flatnonzero(is_other)
        weight = _sums(np.append(first, len(rows)), column, decay, _times_of_posts())
        begins = np.append(np.flatnonzero(is_next), len(rows))
        above_zero = _sums(begins, column, decay * np.minimum(counts, 1.0), _times_of_posts())
        with_any, of_each = np.unique(account[first], return_inverse=True)
        found[with_any] = _meeting(of_each, weight, counts[first], above_zero)


def _meeting(account: Ints, weight: Floats, counts: Floats, above_zero: Floats) -> Floats:
    """For each account the level at which the weight above it, which falls in straight pieces between bends, is the level itself.

    ``account``: of each row, from 0, each with some; ``weight``: (rows, columns); ``above_zero``: the weight above 0, (accounts, columns).
    """
    accounts = len(above_zero)
    of = np.concatenate([np.arange(accounts), account, account])
    at = np.concatenate([np.zeros(accounts), np.maximum(counts - 1, 0.0), counts])
    order = np.lexsort((at, of))
    of, at = of[order], at[order]
    first = np.flatnonzero(np.diff(of, prepend=-1))
    # The steps of an account add up to nothing, so the next one begins at no slope again.
    slope = np.concatenate([np.zeros((accounts, weight.shape[1])), -weight, weight])[order]
    np.cumsum(slope, axis=0, out=slope)
    slope -= 1
    over = np.empty_like(slope)
    np.multiply(slope[:-1], np.diff(at)[:, None], out=over[1:])
    # Above an account's last bend lies nothing: what is over falls short of nothing by the level itself.
    over[first] = above_zero
    over[first[1:]] += at[first[1:] - 1][:, None]
    np.cumsum(over, axis=0, out=over)
    # Above 0 something lies, however rounding may have it.
    last = first[:, None] + np.maximum(_number_of(over >= 0, first), 1) - 1
    columns = np.arange(over.shape[1])
    return np.asarray(at[last] - over[last, columns] / slope[last, columns], np.float64)


def _number_of(true: Bools, first: Ints) -> Ints:
    """How many are true of the rows from each of ``first`` to before the next, (first, columns); ``np.add.reduceat`` takes three times as long."""
    rows = csr_array((np.ones(len(true), np.float32), np.arange(len(true)), np.append(first, len(true))))
    return np.asarray(rows @ true.astype(np.float32), np.int64)


@cache
def _times_of_people() -> Floats:
    """How often whatever falls on a column is drawn, shape (columns, 1 + RESAMPLES)."""
    return counts_by_column().astype(np.float64)


@cache
def _times_of_posts() -> Floats:
    """The same of posts whose window was seen whole: nearer to once, see ``Sample.resamples``."""
    return (1 + (counts_by_column() - 1) * np.float32(sqrt(LEAST_UNSEEN))).astype(np.float64)


def _sums(begins: Ints, column: Ints, weight: Floats, times: Floats) -> Floats:
    """The weights of the rows from each of ``begins`` to before the next, each as often as its column is drawn, added up: (begins - 1, columns)."""
    rows = csr_array((weight, column, begins), (len(begins) - 1, len(times)))
    return np.asarray(rows @ times, np.float64)


def _beginnings(account: Ints, accounts: int) -> Ints:
    """Where the rows of each account begin, and where the last ends."""
    return np.searchsorted(account, np.arange(accounts + 1))


def _repeating(summed: Floats, weight: Floats) -> Floats:
    """Means; a resample that drew nothing repeats the sample, and where that holds nothing there is none (NaN)."""
    mean = summed / np.where(weight > 0, weight, 1.0)
    mean = np.where(weight > 0, mean, mean[:, :1])
    return np.where(weight[:, :1] > 0, mean, np.nan)


def _points(drawn: _Drawn, known: Known, formula: Formula) -> tuple[Floats, Floats]:
    """Scores in every resample, shape (accounts, 1 + RESAMPLES), NaN without one; and the share of the weight that was seen, (accounts,)."""
    stated = slice(drawn.some.first, drawn.some.end)
    shape = drawn.measures["followers"].shape
    earned, seen, expected = np.zeros(shape), np.zeros(shape[0]), np.zeros(shape[0])
    for term in formula.terms:
        values = drawn.measures[term.signal]
        there = ~np.isnan(values[:, 0])
        told = np.where(np.isnan(values), values[:, :1], values)
        earned[there] += term.weight * _on_curve(term.curve, told[there])
        seen += term.weight * there
        expected += term.weight * (there | (not term.optional))
    whole = sum(term.weight for term in formula.terms)
    fade = formula.fades(known.days_silent[stated])
    part = seen / np.where(expected > 0, expected, 1.0)
    share = np.where((seen > 0) & (part >= LEAST_WEIGHT_SEEN), whole * fade / np.where(seen > 0, seen, 1.0), np.nan)
    return formula.base + earned * share[:, None], part


def _on_curve(curve: LogNormal, values: Floats) -> Floats:
    """``LogNormal`` for many values at once."""
    spread = (log(curve.p90) - log(curve.median)) / P90
    with np.errstate(divide="ignore"):
        return np.asarray(ndtr((np.log(np.maximum(values, 0.0)) - log(curve.median)) / spread))


def _ends(total: Floats, seen: Floats, drawn: _Drawn, known: Known, formula: Formula) -> tuple[Floats, Floats]:
    low, high = np.full(len(total), np.nan), np.full(len(total), np.nan)
    some = np.flatnonzero(~np.isnan(total[:, 0]))
    fade = formula.fades(known.days_silent[drawn.some.first : drawn.some.end][some])
    most = fade * sum(term.weight for term in formula.terms)
    earned = total[some, 0] - formula.base
    low[some], high[some] = interval.intervals(total[some], earned, most, seen[some], drawn.effective[some])
    return low, high

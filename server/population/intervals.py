"""How sure each score of a whole network is: the live path's bootstrap (``server.scoring.interval``), for many accounts at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr

from server.activity import Bools, Ints
from server.scoring.curves import P90, LogNormal
from server.scoring.formula import LEAST_WEIGHT_SEEN, Formula, Points
from server.scoring.interval import interval
from server.scoring.measures import MOST_REPLY_WEIGHT, REPLY_WEIGHT
from server.scoring.sample import LEAST_UNSEEN, Floats, resamples
from server.signals.engager_followers import FEWEST_PEOPLE
from server.signals.followers import FOLLOWERS_PER_REACH

ROWS_AT_ONCE = 20_000
"""Posts and people looked at together; each takes 201 numbers a few times over."""


@dataclass(frozen=True, slots=True)
class PostRows:
    """Own posts inside their account's window, those of an account together, accounts in order."""

    account: Ints
    """Number of the account each is of."""
    ids: Callable[[slice], tuple[str, ...]]
    """The ids of some of the rows."""
    said_to_all: Bools
    decay: Floats
    people: Floats
    passed_on: Floats


@dataclass(frozen=True, slots=True)
class PersonRows:
    """Those who reacted, of ``seen_reacting``; the same order."""

    account: Ints
    ids: Callable[[slice], tuple[str, ...]]
    """The ids of some of the rows."""
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
        account = posts.account[some.posts] - some.first
        decay, to_all = posts.decay[some.posts], posts.said_to_all[some.posts]
        narrowed = np.float32(sqrt(LEAST_UNSEEN))
        times = 1 + (resamples(posts.ids(some.posts)).T - 1) * narrowed
        reach, passed = posts.people[some.posts], posts.passed_on[some.posts]
        self.measures = {
            "people_per_post": _typical(account, self.accounts, times, decay, to_all, reach),
            "people_h_index": _h_index(account, self.accounts, times, decay, reach),
            "reposts_per_post": _typical(account, self.accounts, times, decay, to_all, passed),
            "repost_h_index": _h_index(account, self.accounts, times, decay, passed),
        }
        self._measure_people(people, weighed)
        stated = slice(some.first, some.end)
        followers = np.broadcast_to(known.followers[stated, None], self.measures["people_h_index"].shape)
        heard = np.minimum(followers, FOLLOWERS_PER_REACH * self.measures["people_h_index"])
        self.measures["followers"] = np.where(np.isnan(self.measures["people_h_index"]), followers, heard)
        self.measures["listed"] = np.broadcast_to(known.listed[stated, None], followers.shape)
        weight = np.where(to_all, decay, 0.0)
        squares = np.bincount(account, weight**2, self.accounts)
        self.effective = np.bincount(account, weight, self.accounts) ** 2 / np.where(squares > 0, squares, 1.0)

    def _measure_people(self, people: PersonRows, weighed: frozenset[str]) -> None:
        rows = self.some.people
        account = people.account[rows] - self.some.first
        weight = resamples(people.ids(rows)).T * people.attention[rows, None]
        if "engager_followers" in weighed:
            heard = self._of_people(account, weight, np.log1p(people.followers[rows]))
            self.measures["engager_followers"] = np.expm1(heard)
        if "engager_ranks" in weighed:
            self.measures["engager_ranks"] = np.exp(self._of_people(account, weight, np.log(people.rank[rows])))

    def _of_people(self, account: Ints, weight: NDArray[np.floating], values: Floats) -> Floats:
        """``server.scoring.reactions.mean_of_people``, of those whose value is known (not NaN)."""
        known = ~np.isnan(values)
        account, weight, values = account[known], weight[known], values[known]
        mean = _repeating(
            _sums(account, self.accounts, weight * values[:, None]), _sums(account, self.accounts, weight)
        )
        enough = np.bincount(account, minlength=self.accounts) >= FEWEST_PEOPLE
        return np.where(enough[:, None], mean, np.nan)


def _sums(account: Ints, accounts: int, values: NDArray[np.floating]) -> Floats:
    """The sums of the rows of each account, shape (accounts, columns); rows come in order of their accounts."""
    rows = csr_array(
        (np.ones(len(values)), np.arange(len(values)), _beginnings(account, accounts)), (accounts, len(values))
    )
    return np.asarray(rows @ values, np.float64)


def _beginnings(account: Ints, accounts: int) -> Ints:
    """Where the rows of each account begin, and where the last ends."""
    return np.searchsorted(account, np.arange(accounts + 1))


def _repeating(summed: Floats, weight: Floats) -> Floats:
    """Means; a resample that drew nothing repeats the sample, and where that holds nothing there is none (NaN)."""
    mean = summed / np.where(weight > 0, weight, 1.0)
    mean = np.where(weight > 0, mean, mean[:, :1])
    return np.where(weight[:, :1] > 0, mean, np.nan)


def _typical(
    account: Ints, accounts: int, times: NDArray[np.floating], decay: Floats, to_all: Bools, counts: Floats
) -> Floats:
    """``server.scoring.measures.typical_per_post``."""
    broadcast, answer = np.where(to_all, decay, 0.0), np.where(to_all, 0.0, REPLY_WEIGHT * decay)
    of_broadcasts, of_answers = np.bincount(account, broadcast, accounts), np.bincount(account, answer, accounts)
    bound = MOST_REPLY_WEIGHT * of_broadcasts
    less = np.where((of_broadcasts > 0) & (of_answers > bound), bound / np.maximum(of_answers, 1e-300), 1.0)
    weight = broadcast + answer * less[account]
    got = np.minimum(counts, _second_highest(account, accounts, counts)[account])
    drawn = times * weight[:, None]
    return np.asarray(
        np.expm1(_repeating(_sums(account, accounts, drawn * np.log1p(got)[:, None]), _sums(account, accounts, drawn)))
    )


def _second_highest(account: Ints, accounts: int, counts: Floats) -> Floats:
    order = np.lexsort((-counts, account))
    number = np.bincount(account, minlength=accounts)
    first = np.cumsum(number) - number
    second = np.full(accounts, np.inf)
    several = number > 1
    second[several] = counts[order][first[several] + 1]
    return second


def _h_index(account: Ints, accounts: int, times: NDArray[np.floating], decay: Floats, counts: Floats) -> Floats:
    """``server.scoring.measures.h_index`` of a window that was seen whole: where the weight above a level meets the level."""
    weight = times * decay[:, None]
    there = np.bincount(account, minlength=accounts) > 0
    most = _sums(account, accounts, weight).max(axis=1) + 2
    counts = np.minimum(counts, most[account])
    some = np.flatnonzero(counts > 0)
    of, weight, counts = account[some], weight[some], counts[some]
    above_zero = _sums(of, accounts, weight * np.minimum(counts, 1.0)[:, None])
    found = np.zeros((accounts, times.shape[1]))
    if len(some):
        _meet(found, of, weight, counts, above_zero)
    found[~there] = np.nan
    return found


def _meet(found: Floats, account: Ints, weight: Floats, counts: Floats, above_zero: Floats) -> None:
    """Fill in the level at which the weight above it, which falls in straight pieces between bends, is the level itself."""
    with_any = np.unique(account)
    zeros = np.zeros(len(with_any))
    of = np.concatenate([with_any, account, account])
    at = np.concatenate([zeros, np.maximum(counts - 1, 0.0), counts])
    order = np.lexsort((at, of))
    of, at = of[order], at[order]
    first = np.flatnonzero(np.diff(of, prepend=-1))
    steps = np.concatenate([np.zeros((len(with_any), weight.shape[1])), -weight, weight])[order]
    slope = _running(steps, first) - 1
    width = np.diff(at, append=at[-1:])
    width[np.append(first[1:] - 1, len(at) - 1)] = 0.0
    fallen = _running(slope * width[:, None], first)
    over = above_zero[of] + np.concatenate([np.zeros((1, fallen.shape[1])), fallen[:-1]])
    over[first] = above_zero[with_any]
    bend = np.where(over >= 0, np.arange(len(at))[:, None], -1)
    last = np.maximum.reduceat(bend, first, axis=0)
    columns = np.arange(over.shape[1])
    found[with_any] = at[last] - over[last, columns] / slope[last, columns]


def _running(values: Floats, first: Ints) -> Floats:
    """Sums from the first row of each account on."""
    sums = np.cumsum(values, axis=0)
    before = np.zeros((len(first), values.shape[1]))
    before[1:] = sums[first[1:] - 1]
    lengths = np.diff(np.append(first, len(values)))
    return np.asarray(sums - np.repeat(before, lengths, axis=0))


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
    fade = np.array([formula.fade(days) for days in known.days_silent[stated].tolist()])
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
    of = {"all": sum(term.weight for term in formula.terms)}
    for number in np.flatnonzero(~np.isnan(total[:, 0])).tolist():
        fade = formula.fade(float(known.days_silent[drawn.some.first + number]))
        points = Points({"all": total[number] - formula.base}, of, total[number], float(seen[number]), fade)
        low[number], high[number] = interval(points, float(drawn.effective[number]))
    return low, high

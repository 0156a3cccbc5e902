"""Does the score stay where it is while nothing happens? A week, a month and a year of silence; day after day of ordinary life.

The whole window is seen, and once a week who reacted to the four newest posts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.activity import Activity, Coverage, Depth
from server.scoring.formula import current_formula, points
from server.scoring.sample import DAY, WINDOW_DAYS, Sample, silent_days
from server.signals import all_signals
from tests.evaluation.simulated import NOW, Person, activity, live

ACCOUNTS = 1000
PAIRS = 5
POSTS_READ_A_WEEK = 4


def score(seen: Activity, now: int) -> float:
    """The score as ``report.compose`` gives it, without interval; NaN where there is none. Seconds since 1970."""
    sample = Sample.of_influence(seen, now, resampled=False)
    measured = {s.id: s.measure(sample) for s in all_signals() if s.measure is not None}
    earned = points(measured, current_formula(), silent_days(seen, now))
    return float("nan") if earned is None else float(earned.total[0])


def ordinary_people(number: int, seed: int = 11) -> list[Person]:
    """Accounts of all sizes that post at least every other day, by a fixed lot."""
    random = np.random.default_rng(seed)
    likes = np.exp(random.uniform(np.log(1.0), np.log(600.0), number))
    originals = np.exp(random.uniform(np.log(0.5), np.log(6.0), number))
    return [
        Person(
            name=f"ordinary-{n}",
            followers=int(likes[n] * random.uniform(60, 400)),
            originals=float(originals[n]),
            replies=float(originals[n] * random.uniform(0, 1.5)),
            reposts=float(originals[n] * random.uniform(0, 0.6)),
            likes=float(likes[n]),
            reposted=float(likes[n] * random.uniform(0.05, 0.4)),
            answered=float(likes[n] * random.uniform(0.02, 0.3)),
            engager_followers=float(np.exp(random.uniform(np.log(80), np.log(2000)))),
            seed=n,
        )
        for n in range(number)
    ]


@dataclass(frozen=True)
class Silence:
    """Largest absolute changes of steady accounts after so much silence, and where the highest stands after a year."""

    week: float
    month: float
    year_highest: float
    largest_day: float
    """Largest change from one day to the next in that year."""


def silence(number: int = 40) -> Silence:
    """What silence alone does to steady accounts."""
    changes: dict[int, list[float]] = {7: [], 30: [], 365: []}
    last, by_day = [], 0.0
    for person in ordinary_people(number):
        seen = activity(live(person))
        start = score(seen, NOW)
        for days, found in changes.items():
            found.append(abs(score(seen, NOW + days * DAY) - start))
        year = [score(seen, NOW + day * DAY) for day in range(0, 366, 10)]
        last.append(year[-1])
        by_day = max(by_day, float(np.abs(np.diff(year)).max()) / 10)
    return Silence(max(changes[7]), max(changes[30]), max(last), by_day)


def gathered_twice(number: int = 40) -> float:
    """The largest change when an account is studied again two hours later: the posts of the last day have a tenth more likes.

    Whose reactions were read once is not read again (``server.networks.study``).
    """
    changes = []
    for person in ordinary_people(number, seed=12):
        history, then = live(person), NOW - DAY // 12
        first = activity(history, history.day <= -1 / 12, now=then)
        recent = first.posts.time > then - DAY
        grown = np.where(recent, np.round(first.posts.likes * 1.1), first.posts.likes).astype(np.int64)
        second = replace(first, posts=replace(first.posts, likes=grown), gathered_at=NOW)
        changes.append(abs(score(first, then) - score(second, NOW)))
    return max(changes)


def daily_changes(accounts: Iterable[Person]) -> list[float]:
    """Absolute changes from one day to the next while nothing special happens: PAIRS neighbouring days of each account.

    An account's life does not age, so any three months of two years are as good as any others: only these are lived.
    """
    changes = []
    for person in accounts:
        whole = activity(live(person, WINDOW_DAYS + PAIRS), engaged_posts=0, read_each_week=POSTS_READ_A_WEEK)
        days = [NOW - day * DAY for day in range(PAIRS, -1, -1)]
        scores = np.array([score(_until(whole, now), now) for now in days])
        changes += np.abs(np.diff(scores)).tolist()
    return [change for change in changes if not np.isnan(change)]


def _until(whole: Activity, now: int) -> Activity:
    """What was known at that time: rows of the window before it (posts come newest first)."""
    posts, interactions = whole.posts, whole.interactions
    inside = _between(posts.time, now - WINDOW_DAYS * DAY, now)
    reacted = _between(interactions.time, now - WINDOW_DAYS * DAY, now)
    return replace(
        whole,
        posts=_rows(posts, inside),
        interactions=_rows(interactions, reacted),
        gathered_at=now,
        coverage=Coverage(Depth.STUDY, timeline_complete=True, engagers_read=whole.coverage.engagers_read),
    )


def _between(times: NDArray[np.int64], start: int, end: int) -> slice:
    newest_first = -times
    return slice(
        int(np.searchsorted(newest_first, -end, side="left")), int(np.searchsorted(newest_first, -start, side="left"))
    )


def _rows(table: Any, rows: slice) -> Any:
    return replace(table, **{f.name: getattr(table, f.name)[rows] for f in fields(table)})

"""Follow churn: found in accounts that churn, and in no honest growth.

Which real accounts churn is decided without the signal: peaks of ``following`` in the raw readings, one at each post, that stand
out by at least 100 accounts and a tenth of their height.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from server.account import AccountRef
from server.activity import Activity, ActivityBuilder, Profile
from server.report import compose
from server.scoring.sample import DAY
from server.signals.signal import Mark
from tests.evaluation.engagement import Archive, activity_of
from tests.evaluation.simulated import NOW

CYCLES = 3
HONEST = 500
DAYS = 400
Readings = NDArray[np.float64]


def churns(archive: Archive) -> bool:
    """At least three cycles of following and dropping in the raw readings."""
    following = archive.posts["following_then"].dropna().to_numpy(float)
    if len(following) < CYCLES:
        return False
    # What an archive ends on counts as a peak only if it falls again.
    padded = np.concatenate([[following.min()], following])
    peaks, found = find_peaks(padded, prominence=100)
    return int((found["prominences"] >= 0.1 * padded[peaks]).sum()) >= CYCLES


def shows_churn(archive: Archive) -> bool:
    """Does the signal, given a reading a day, mark it?"""
    return _marked(activity_of(archive, archive.posts.iloc[-1:]))


def _marked(seen: Activity) -> bool:
    report = compose(seen, seen.gathered_at)
    return next(r.finding.mark for r in report.results if r.signal.id == "follow_churn") is not Mark.NONE


def steady(random: np.random.Generator, size: float) -> tuple[Readings, Readings]:
    """Grows by a few a day, follows now and then."""
    days = np.arange(DAYS)
    return size * (1 + days * random.uniform(0, 0.005)), size * random.uniform(0.2, 1.2) * (
        1 + days * random.uniform(0, 0.004)
    )


def viral(random: np.random.Generator, size: float) -> tuple[Readings, Readings]:
    """One post brings as many as it had, within days; some of them leave again."""
    followers, following = steady(random, size)
    day = int(random.integers(50, 350))
    since = np.maximum(np.arange(DAYS) - day, 0)
    return followers + size * random.uniform(0.5, 20) * (1 - np.exp(-since / 3)) * (
        0.8 + 0.2 * np.exp(-since / 60)
    ), following


def starter_pack(random: np.random.Generator, size: float) -> tuple[Readings, Readings]:
    """Put into a pack that hundreds follow at a click; follows many of them back over a week."""
    followers, following = steady(random, size)
    since = np.maximum(np.arange(DAYS) - int(random.integers(50, 350)), 0)
    wave = random.uniform(100, 3000) * (1 - np.exp(-since / 4))
    return followers + wave, following + wave * random.uniform(0.3, 1.0)


def cleans_out(random: np.random.Generator, size: float) -> tuple[Readings, Readings]:
    """Drops a large part of whom it follows, once."""
    followers, following = steady(random, size)
    day = int(random.integers(50, 350))
    following[day:] *= random.uniform(0.1, 0.8)
    return followers, following


GROWTHS: tuple[Callable[[np.random.Generator, float], tuple[Readings, Readings]], ...] = (
    steady,
    viral,
    starter_pack,
    cleans_out,
)


def honest_growths_accused() -> int:
    """How many of 500 honest growths the signal marks."""
    random = np.random.default_rng(5)
    accused = 0
    for number in range(HONEST):
        size = float(np.exp(random.uniform(np.log(50), np.log(100_000))))
        followers, following = GROWTHS[number % len(GROWTHS)](random, size)
        noise = 1 + 0.002 * random.standard_normal((2, DAYS))
        read = random.random(DAYS) > 0.3
        accused += _marked(_read(followers * noise[0], following * noise[1], read))
    return accused


def _read(followers: Readings, following: Readings, read: NDArray[np.bool_]) -> Activity:
    builder = ActivityBuilder(Profile(AccountRef("bluesky", "grown"), "grown"), NOW)
    for day in np.flatnonzero(read).tolist():
        builder.count(NOW - (DAYS - day) * DAY, int(followers[day]), int(following[day]), None)
    return builder.build()

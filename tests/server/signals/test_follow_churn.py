"""Following in waves is seen, ordinary growth is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.activity import UNKNOWN, Activity, CountsOverTime
from server.scoring.sample import Sample
from server.signals.follow_churn import SIGNAL
from server.signals.signal import Finding, Mark, State
from tests.server.invented import DAY, NOW, Invented

ACCOUNT = Invented().build()


def activity(following: list[int], followers: list[int] | None = None, times: list[int] | None = None) -> Activity:
    """An account read once a day, unless times are given."""
    size = len(following)
    time = NOW - DAY * np.arange(size)[::-1] if times is None else np.array(times, np.int64)
    heard = np.full(size, 500) if followers is None else np.array(followers, np.int64)
    return replace(ACCOUNT, counts=CountsOverTime(time, heard, np.array(following, np.int64), np.full(size, UNKNOWN)))


def churn(*args: list[int] | None) -> Finding:
    return SIGNAL.find(Sample(activity(*args), NOW), {})  # type: ignore[arg-type]


def waves(number: int, low: int = 1000, high: int = 2000, days: int = 10) -> list[int]:
    """So many rises and falls, each taking so many days."""
    rise = np.linspace(low, high, days).round().astype(int).tolist()
    return (rise + rise[::-1]) * number


@pytest.mark.parametrize(
    ("cycles", "mark"), [(0, Mark.NONE), (1, Mark.NONE), (2, Mark.SOME), (3, Mark.STRONG), (9, Mark.STRONG)]
)
def test_following_that_rises_and_falls_again_is_marked_from_two_cycles_on(cycles: int, mark: Mark) -> None:
    found = churn([1000] * 30 + waves(cycles) + [1000] * 30)
    assert (found.state, found.value, found.mark) == (State.FOUND, cycles, mark)


def test_the_sentence_says_how_many_were_followed_and_dropped_and_what_it_brought() -> None:
    following = waves(3)
    followers = [500 + 10 * day for day in range(len(following))]
    found = churn(following, followers)
    assert found.sentence == (
        "The number it follows rose and fell again 3 times: up by 3,000 in all, down by 3,000 (60 days read over 59 days); "
        "its followers changed by +300 in the rises and +290 in the falls."
    )
    assert [evidence.url for evidence in found.evidence] == ["https://example.org/alice.test"]


def test_followers_that_were_not_read_are_left_out_of_the_sentence() -> None:
    assert "followers" not in churn(waves(3), [UNKNOWN] * 60).sentence


def test_waves_of_years_ago_still_count() -> None:
    times = [NOW - 900 * DAY + DAY * day for day in range(60)]
    assert churn(waves(3), None, times).mark is Mark.STRONG


def test_tidying_up_now_and_then_what_grew_over_months_is_no_cycle() -> None:
    assert churn(waves(4, 500, 900, 150)).value == 0


def test_swings_below_a_tenth_of_the_level_are_no_cycles() -> None:
    assert churn(waves(5, 20_000, 21_500)).value == 0
    assert churn(waves(5, 300, 390)).value == 0


def test_a_single_misread_day_is_no_fall() -> None:
    following = [2000] * 60
    following[10] = following[20] = following[30] = following[40] = 0
    assert churn(following).value == 0


def test_many_readings_of_one_day_are_one() -> None:
    times = [NOW - 3600 * hour for hour in range(20)][::-1]
    assert churn(waves(1), None, times).state is State.TOO_LITTLE


def test_few_readings_or_few_days_are_too_little_and_none_are_missing() -> None:
    assert churn(waves(1)[:5], None, [NOW - 100 * DAY * turn for turn in range(5)]).state is State.TOO_LITTLE
    assert churn(waves(1)[:13]).state is State.TOO_LITTLE
    assert churn([UNKNOWN] * 100).state is State.MISSING
    assert churn([]).state is State.MISSING


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("following", "times"),
    [
        ([10_000_000_000, 0] * 20, [NOW] * 40),
        ([10_000_000_000, UNKNOWN, 0, 5] * 10, list(range(-20, 20))),
        ([0, 2**62] * 20, [DAY * day * 400_000_000 for day in range(40)]),
        ([7], [0]),
    ],
)
def test_nonsense_readings_break_nothing(following: list[int], times: list[int]) -> None:
    assert churn(following, None, times).state in (State.FOUND, State.TOO_LITTLE)


def honest_growths(number: int) -> Iterator[tuple[str, Activity]]:
    """Accounts of 50 to 100,000 followed, 400 days of daily readings with gaps: steady, viral, on a starter pack, cleaned out once."""
    chance = np.random.default_rng(4)
    for turn in range(number):
        kind = ("steady", "viral jump", "starter-pack wave", "one clean-out")[turn % 4]
        level = 50 * 2000 ** chance.random()
        following = level + np.cumsum(chance.poisson(chance.uniform(0.1, 4), 400) - chance.poisson(0.3, 400))
        followers = level * chance.uniform(0.2, 20) + np.cumsum(chance.poisson(chance.uniform(0.1, 10), 400))
        day = int(chance.integers(20, 380))
        wave = level * chance.uniform(1, 20) * (1 - np.exp(-np.arange(400 - day) / chance.uniform(0.5, 10)))
        if kind == "viral jump":
            followers[day:] += wave
            following[day:] += wave * chance.uniform(0, 0.05)
        elif kind == "starter-pack wave":
            followers[day:] += wave
            following[day:] += wave * chance.uniform(0, 1) + 150 * chance.integers(0, 3)
        elif kind == "one clean-out":
            following[day:] -= following[day] * chance.uniform(0.1, 0.9)
        following += level * chance.normal(0, 0.002, 400)
        read = np.flatnonzero(chance.random(400) > chance.uniform(0, 0.7))
        read = read[(read < day - 10) | (read > day + chance.integers(-10, 40))]
        following[read[chance.random(len(read)) < 0.003]] = 0
        yield (
            kind,
            activity(
                *(np.maximum(c[read], 0).astype(int).tolist() for c in (following, followers)),
                (NOW - DAY * (400 - read)).tolist(),
            ),
        )


def test_of_five_hundred_honest_growths_none_is_marked() -> None:
    found = [(kind, SIGNAL.find(Sample(account, NOW), {})) for kind, account in honest_growths(500)]
    assert all(finding.state is State.FOUND for _, finding in found)
    assert [(kind, finding.sentence) for kind, finding in found if finding.mark is not Mark.NONE] == []


@pytest.fixture(scope="module")
def recorded_accounts() -> dict[str, tuple[list[int], list[int], list[int]]]:
    """Time, following and followers at every post of accounts that were recorded, oldest first."""
    shared = os.environ.get("RAPPORT_SHARED")
    if not shared:
        pytest.skip("RAPPORT_SHARED is not set: the recorded follower counts are not at hand")
    from pyarrow import compute, parquet

    table = parquet.read_table(
        Path(shared) / "data/engagement/posts.parquet",
        columns=["account", "timestamp", "following_then", "followers_then"],
    ).drop_null()
    table = table.sort_by([("account", "ascending"), ("timestamp", "ascending")])
    seconds = compute.divide(table["timestamp"].cast("int64"), 1_000_000)
    accounts: dict[str, tuple[list[int], list[int], list[int]]] = {}
    columns = (seconds, table["following_then"], table["followers_then"])
    for account, *reading in zip(table["account"].to_pylist(), *(c.to_pylist() for c in columns), strict=True):
        for column, value in zip(accounts.setdefault(account, ([], [], [])), reading, strict=True):
            column.append(value)
    return accounts


def peaks(levels: list[int]) -> int:
    """Reference, independent of the signal: peaks at any post, of any speed, as high above the ground on either side as makes a cycle.

    The ground is the lowest level before there is a higher one (topographic prominence).
    """
    level = np.array([now for before, now in zip([-1, *levels], levels, strict=False) if now != before])
    found = 0
    for peak in np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])) + 1:
        higher_before, higher_after = (
            np.flatnonzero(level[:peak] > level[peak]),
            np.flatnonzero(level[peak + 1 :] >= level[peak]),
        )
        start = higher_before[-1] if len(higher_before) else 0
        end = peak + 1 + higher_after[0] if len(higher_after) else len(level)
        ground = max(level[start:peak].min(), level[peak + 1 : end].min())
        found += bool(level[peak] - ground >= max(100, 0.1 * level[peak]))
    return found


def test_accounts_known_to_follow_in_waves_are_marked_nine_times_in_ten(
    recorded_accounts: dict[str, tuple[list[int], list[int], list[int]]],
) -> None:
    of_churners, of_others = [], []
    for time, following, followers in recorded_accounts.values():
        mark = churn(following, followers, time).mark
        number = peaks(following)
        if number >= 3:
            of_churners.append(mark)
        elif number < 2:
            of_others.append(mark)
    assert len(of_churners) > 50
    assert sum(mark is not Mark.NONE for mark in of_churners) >= 0.9 * len(of_churners)
    assert sum(mark is Mark.STRONG for mark in of_churners) >= 0.8 * len(of_churners)
    assert set(of_others) == {Mark.NONE}

"""Whatever a network hands over: no signal fails, nothing warns, and a score is told within its bounds or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from server.activity import (
    Activity,
    CountsOverTime,
    Coverage,
    Depth,
    Interaction,
    InteractionKind,
    Interactions,
    People,
    PostKind,
    Posts,
)
from server.report import Report, compose, to_json
from server.scoring.curves import LogNormal
from server.scoring.formula import current_formula, points
from server.scoring.interval import interval, interval_of_measure
from server.scoring.measures import exact, missing
from server.scoring.reactions import LIKE_WORTH
from server.scoring.sample import RESAMPLES
from server.signals.signal import State
from tests.server.invented import DAY, NOW, Invented

pytestmark = pytest.mark.filterwarnings("error")
YEAR = 365 * DAY
TEN_BILLION = 10_000_000_000


def looked_at(activity: Activity, now: int = NOW) -> Report:
    """The report, after making sure of what holds for every one."""
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        report = compose(activity, now)
        form = to_json(report)
    assert not [r.signal.id for r in report.results if r.finding.state is State.ERROR]
    for result in report.results:
        told = (result.finding.value, result.finding.low, result.finding.high)
        assert all(number is None or np.isfinite(number) for number in told), result.signal.id
        if None not in told:
            value, low, high = told
            assert low <= value <= high, result.signal.id  # type: ignore[operator]
    if report.score is not None:
        assert 1 <= report.score.low <= report.score.value <= report.score.high <= 100
        assert form["score"]["low"] <= form["score"]["exact"] <= form["score"]["high"]
    return report


def everything(posts: int = 40) -> Invented:
    """An account with something for every signal to read."""
    account = Invented(followers=5000, following=4800, listed=12).post(times=posts, likes=30, reposts=9)
    account.replies(people=12, each=2).post(PostKind.REPOST, times=12, target="person-1")
    account.received(people=30, followers=400).received(people=8, kind=InteractionKind.REPLY, name="writer")
    for day in range(20):
        account.builder.count(NOW - day * DAY, 5000 + day, 4000 + 500 * (day % 3), 900 + day)
    return account


def test_an_ordinary_account_has_something_for_every_signal() -> None:
    assert looked_at(everything().build()).score is not None


def test_an_account_of_nothing_at_all_gets_no_score() -> None:
    assert looked_at(Invented(followers=None, following=None, posts=None).build()).score is None


@pytest.mark.parametrize("kind", list(PostKind))
def test_an_account_of_a_single_post_gets_no_score(kind: PostKind) -> None:
    assert looked_at(Invented().post(kind).build()).score is None
    assert looked_at(Invented().post(kind).received(people=5).build()).score is None


@pytest.mark.parametrize("kind", list(PostKind))
def test_accounts_that_only_ever_do_one_thing(kind: PostKind) -> None:
    looked_at(Invented().post(kind, times=60).received(people=5).build())


@pytest.mark.parametrize(
    "time", [0, 1, NOW, NOW - YEAR, NOW + 1, NOW + 10 * YEAR, NOW - 90 * DAY, NOW - 90 * DAY - 1], ids=str
)
def test_posts_all_in_the_same_second(time: int) -> None:
    account = Invented()
    for number in range(60):
        account.post(id=f"p{number}", time=time, likes=number)
    looked_at(account.build())
    looked_at(account.received(people=9, followers=30).build())


def test_posts_of_the_future_and_of_1970_together() -> None:
    account = Invented()
    for number in range(40):
        account.post(id=f"p{number}", time=NOW + YEAR if number % 2 else number)
    looked_at(account.build())


COUNTS = ("likes", "reposts", "replies", "quotes", "mentions")


@pytest.mark.parametrize("count", [-TEN_BILLION, -2, -1, 0, TEN_BILLION], ids=str)
@pytest.mark.parametrize("what", [*COUNTS, "all"])
def test_counts_that_are_negative_missing_or_huge(what: str, count: int) -> None:
    columns = dict.fromkeys(COUNTS if what == "all" else (what,), count)
    looked_at(everything().post(times=30, **columns).build())
    looked_at(Invented().post(times=30, **columns).build())


@pytest.mark.parametrize("count", [-TEN_BILLION, -1, 0, 1, TEN_BILLION], ids=str)
@pytest.mark.parametrize("what", ["followers", "following", "posts", "listed"])
def test_counts_of_the_profile_that_are_negative_or_huge(what: str, count: int) -> None:
    account = Invented(**{what: count}).post(times=30)
    report = looked_at(account.build())
    looked_at(account.received(people=30, followers=max(count, -1)).build())
    if count < 0:
        assert what not in report.measures, "a count below nothing is no count"


def test_people_with_odd_counts() -> None:
    account = Invented().post(times=30).received(people=9)
    activity = account.build()
    for odd in (-TEN_BILLION, -1, 0, TEN_BILLION):
        column = np.full(len(activity.people), odd)
        looked_at(replace(activity, people=replace(activity.people, followers=column, following=column)))


def test_posts_without_text_urls_or_conversations() -> None:
    bare = {"text_hash": 0, "opening_hash": 0, "url": "", "parent": "", "conversation": "", "target": ""}
    account = Invented(url="").post(times=30, **bare).post(PostKind.REPLY, times=30, **bare)
    looked_at(account.post(PostKind.REPOST, times=30, **bare).post(PostKind.QUOTE, times=30, **bare).studied().build())


def empty_people(activity: Activity) -> Activity:
    nobody = np.full(len(activity.posts), -1)
    return replace(activity, people=People(), interactions=Interactions(), posts=replace(activity.posts, target=nobody))


def reversed_targets(activity: Activity) -> Activity:
    target = activity.posts.target
    last = len(activity.people) - 1
    return replace(activity, posts=replace(activity.posts, target=np.where(target < 0, target, last - target)))


def unknown_posts_read(activity: Activity) -> Activity:
    gone = ("gone", "post-1", "", "post-1")
    return replace(activity, coverage=replace(activity.coverage, engagers_read=gone, threads_read=gone))


def only_unknown_posts_read(activity: Activity) -> Activity:
    return replace(activity, coverage=Coverage(Depth.STUDY, engagers_read=("gone",), threads_read=("gone", "")))


def unknown_counts(activity: Activity) -> Activity:
    unknown = np.full(len(activity.counts), -1)
    counts = replace(activity.counts, followers=unknown, following=unknown, posts=unknown)
    return replace(activity, counts=counts)


def counts_of_one_time(activity: Activity) -> Activity:
    return replace(activity, counts=replace(activity.counts, time=np.full(len(activity.counts), NOW)))


def falling_post_counts(activity: Activity) -> Activity:
    times = np.array([NOW - 90 * DAY, NOW])
    counts = CountsOverTime(times, np.array([5, 9]), np.array([7, 7]), np.array([900, 3]))
    return replace(activity, counts=counts)


@pytest.mark.parametrize(
    "spoilt",
    [
        empty_people,
        reversed_targets,
        unknown_posts_read,
        only_unknown_posts_read,
        unknown_counts,
        counts_of_one_time,
        falling_post_counts,
        lambda activity: replace(activity, counts=CountsOverTime()),
        lambda activity: replace(activity, posts=Posts()),
        lambda activity: replace(activity, interactions=Interactions()),
    ],
)
def test_tables_that_do_not_fit_together(spoilt: Callable[[Activity], Activity]) -> None:
    looked_at(spoilt(everything().build()))


def test_interactions_at_odd_times_on_odd_posts() -> None:
    account = everything()
    for number, time in enumerate((-1, 0, NOW + YEAR, NOW - YEAR)):
        for kind in InteractionKind:
            for post in ("", "gone", "post-1"):
                account.builder.interaction(
                    Interaction(f"odd:{number}:{kind}:{post}", kind, f"odd-{number}", time, post=post)
                )
    looked_at(account.build())


@pytest.mark.parametrize("kind", [InteractionKind.LIKE, InteractionKind.REPLY])
def test_a_million_interactions_by_one_person_hardly_count(kind: InteractionKind) -> None:
    times = 1_000_000
    activity = Invented().post(times=40, likes=40, reposts=0).received(people=1).build()
    one = activity.interactions
    million = Interactions(
        id=tuple(f"like {number}" for number in range(times)),
        url=one.url * times,
        time=np.repeat(one.time, times),
        kind=np.repeat(int(kind), times),
        actor=np.repeat(one.actor, times),
        post=one.post * times,
    )
    by_one = compose(replace(activity, interactions=million), NOW)
    assert by_one.score is not None
    if kind is InteractionKind.LIKE:
        assert by_one.measures["people_per_post"] < 0.01, "by one person they hardly count"
    assert looked_at(activity).measures["people_per_post"] == pytest.approx(40 * LIKE_WORTH, rel=0.01)


def test_a_measure_that_is_not_a_number_is_missing() -> None:
    formula = current_formula()
    measured = {term.signal: exact(term.curve.median) for term in formula.terms}
    nothing = points(measured | {"people_per_post": np.full(1 + RESAMPLES, np.nan)}, formula)
    assert nothing is not None
    assert "people_per_post" not in nothing.earned
    assert points({term.signal: missing() for term in formula.terms}, formula) is None
    assert points({}, formula) is None


def test_a_resample_that_is_not_a_number_repeats_the_sample() -> None:
    formula = current_formula()
    measured = {term.signal: exact(term.curve.median) for term in formula.terms}
    torn = exact(3.0)
    torn[5:150] = np.nan
    earned = points(measured | {"people_per_post": torn}, formula)
    whole = points(measured | {"people_per_post": exact(3.0)}, formula)
    assert earned is not None
    assert whole is not None
    np.testing.assert_array_equal(earned.total, whole.total)
    low, high = interval(earned, 20.0)
    assert 1 <= low <= earned.total[0] <= high <= 100


def test_the_interval_of_a_measure_that_no_resample_tells_is_its_value() -> None:
    lone = missing()
    lone[0] = 7.0
    low, high = interval_of_measure(lone, 3.0)
    assert (low, high) == (7.0, 7.0)


@pytest.mark.parametrize("value", [-np.inf, -5.0, -0.0, 0.0, 1e-300, 1e300, np.inf], ids=str)
def test_the_curve_takes_any_number(value: float) -> None:
    with np.errstate(over="raise", invalid="raise"):
        share = LogNormal(median=3, p90=50)(np.array([value]))
    assert 0 <= share[0] <= 1


@pytest.mark.parametrize("now", [0, NOW - 20 * YEAR, NOW + 50 * YEAR], ids=str)
def test_any_clock(now: int) -> None:
    looked_at(everything().build(), now)

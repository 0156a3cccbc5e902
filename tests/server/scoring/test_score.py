"""What the score promises: points that add up, an interval, nothing rewarded that can be bought of oneself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.activity import Coverage, Depth, Interaction, InteractionKind, PostKind
from server.report import compose, to_json
from server.scoring.curves import LogNormal
from server.scoring.formula import Formula, Term, current_formula, points
from server.scoring.measures import exact, missing
from server.scoring.rounding import largest_remainder
from server.scoring.sample import ENGAGED_POSTS, RESAMPLES
from server.signals import all_signals
from tests.server.invented import DAY, NOW, Invented


def score(account: Invented, now: int = NOW) -> float:
    report = compose(account.build(), now)
    assert report.score is not None
    return report.score.tenths / 10


@settings(max_examples=60, deadline=None)
@given(
    followers=st.one_of(st.none(), st.integers(0, 10**8)),
    likes=st.lists(st.integers(-1, 10**6), min_size=10, max_size=40),
    people=st.integers(0, 60),
    audience=st.one_of(st.none(), st.integers(0, 10**7)),
)
def test_points_add_up_exactly_to_the_score(
    followers: int | None, likes: list[int], people: int, audience: int | None
) -> None:
    account = Invented(followers=followers)
    for number in likes:
        account.post(likes=number, reposts=number // 3 if number >= 0 else -1)
    if people:
        account.received(people, followers=audience)
    form = to_json(compose(account.build(), NOW))
    if form["score"] is None:
        assert form["pillars"] == []
        return
    tenths = lambda value: round(value * 10)  # noqa: E731
    assert tenths(form["score"]["exact"]) == sum(tenths(p["points"]) for p in form["pillars"])
    signals = sum(tenths(s["points"]) for s in form["signals"] if s["points"] is not None)
    assert tenths(form["score"]["exact"]) == signals + tenths(form["score"]["base"])
    assert sum(p["rounded"] for p in form["pillars"]) == form["score"]["value"]
    assert 1 <= form["score"]["low"] <= form["score"]["value"] <= form["score"]["high"] <= 100
    assert all(s["points"] <= s["of"] + 0.1 for s in form["signals"] if s["points"] is not None)


def test_the_weights_and_the_base_add_up_to_a_hundred_and_every_influence_signal_has_a_weight() -> None:
    formula = current_formula()
    assert formula.base + sum(term.weight for term in formula.terms) == pytest.approx(100)
    measured = {s.id for s in all_signals() if s.measure is not None}
    # Ranks have control points in a network that was ranked, and nowhere else: its own table weighs them.
    assert {t.signal for t in formula.terms} == measured - {"engager_ranks"}
    assert all(term.provenance for term in formula.terms)


def test_a_table_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to 100"):
        Formula("x", 1.0, {}, (Term("followers", 50.0, LogNormal(1, 2), ""),))
    with pytest.raises(ValueError, match="negative"):
        Formula("x", 1.0, {}, (Term("a", 109.0, LogNormal(1, 2), ""), Term("b", -10.0, LogNormal(1, 2), "")))


def test_the_curve_gives_half_at_the_median_and_nine_tenths_at_the_90th_percentile() -> None:
    curve = LogNormal(median=40, p90=900)
    np.testing.assert_allclose(curve(np.array([0.0, 40, 900])), [0, 0.5, 0.9], atol=1e-12)
    assert np.isnan(curve(np.array([np.nan]))[0])


@given(st.floats(0, 1e12), st.floats(0, 1e12))
def test_the_curve_never_falls(one: float, other: float) -> None:
    low, high = LogNormal(6000, 1_150_000)(np.array(sorted((one, other))))
    assert 0 <= low <= high <= 1


def test_a_missing_measure_is_not_zero_its_weight_is_shared_out() -> None:
    formula = current_formula()
    measured = {term.signal: exact(term.curve.median) for term in formula.terms}
    half = points(measured, formula)
    without = points(measured | {"engager_followers": missing()}, formula)
    zero = points(measured | {"engager_followers": exact(0)}, formula)
    assert half is not None
    assert without is not None
    assert zero is not None
    assert without.total[0] == pytest.approx(half.total[0]) == pytest.approx(1 + 99 / 2)
    assert zero.total[0] < without.total[0]
    network = next(term.weight for term in formula.terms if term.signal == "engager_followers")
    assert without.weight_seen == pytest.approx((99 - network) / 99)


def test_with_less_than_half_of_the_formula_measured_there_is_no_score() -> None:
    formula = current_formula()
    assert points({t.signal: missing() for t in formula.terms} | {"followers": exact(10**6)}, formula) is None


def test_ten_posts_are_needed_for_a_score() -> None:
    assert compose(Invented().post(times=9).build(), NOW).score is None
    assert compose(Invented().post(times=10).build(), NOW).score is not None


def test_the_interval_narrows_with_more_posts_and_with_a_study() -> None:
    def width(account: Invented) -> int:
        found = compose(account.build(), NOW).score
        assert found is not None
        return found.high - found.low

    def mixed(times: int) -> Invented:
        account = Invented()
        for number in range(times):
            account.post(likes=(number * 37) % 200, reposts=(number * 13) % 20, every_hours=0.5)
        return account

    assert width(mixed(300)) < width(mixed(12))
    assert width(mixed(60).received(40, followers=900)) < width(mixed(60))


def test_the_same_posts_give_the_same_interval_in_whatever_order_they_came() -> None:
    first, second = Invented(), Invented()
    for account, order in ((first, range(40)), (second, reversed(range(40)))):
        for number in order:
            account.post(id=f"p{number}", time=NOW - number * 3600, likes=number)
    one, other = compose(first.build(), NOW).score, compose(second.build(), NOW).score
    assert one == other


def test_a_week_of_silence_costs_a_steady_account_less_than_a_point_a_month_less_than_three() -> None:
    account = Invented(followers=2000)
    for number in range(250):
        account.post(likes=10 + number % 7, reposts=2 + number % 3, every_hours=8)
    account.received(50, followers=800)
    now = score(account)
    assert abs(score(account, NOW + 7 * DAY) - now) < 1
    assert abs(score(account, NOW + 30 * DAY) - now) < 3


def test_posting_more_of_the_same_buys_no_points() -> None:
    calm = Invented().post(times=40, likes=5, every_hours=24)
    busy = Invented().post(times=400, likes=5, every_hours=2.4)
    assert score(busy) == pytest.approx(score(calm), abs=0.5)


def test_reposting_ones_own_mentions_buys_no_points() -> None:
    modest = Invented().post(times=40)
    vain = Invented().post(times=40).post(PostKind.REPOST, times=200, mentions_self=True, likes=9000, reposts=900)
    assert score(vain) <= score(modest)


def test_conversation_buys_no_influence() -> None:
    silent, talker = Invented().post(times=40), Invented().post(times=40).replies(people=60)
    assert score(talker) == pytest.approx(score(silent), abs=3)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=8))
def test_rounding_by_largest_remainder_keeps_the_sum_and_moves_no_part_by_one(exact_points: list[float]) -> None:
    total = round(sum(exact_points))
    whole = largest_remainder(exact_points, total)
    if total >= sum(math.floor(p) for p in exact_points):
        assert sum(whole) == total
    assert all(abs(a - b) <= 1 for a, b in zip(whole, exact_points, strict=True))


def test_resamples_come_with_every_measure() -> None:
    assert missing().shape == exact(1.0).shape == (1 + RESAMPLES,)


def test_a_study_lands_inside_the_interval_that_the_glance_gave() -> None:
    for followers, likes, audience in ((1_000_000, 4000, 350), (300, 4, 200), (20_000, 60, 900), (50, 1, 3000)):
        account = Invented(followers=followers)
        for number in range(60):
            account.post(likes=likes + number % 9, reposts=likes // 5, replies=likes // 20, every_hours=5)
        glance = compose(account.build(), NOW).score
        study = compose(account.received(60, followers=audience).build(), NOW).score
        assert glance is not None
        assert study is not None
        # Both as they are shown, in whole points.
        assert glance.low <= study.value <= glance.high, (followers, glance, study)


@pytest.mark.parametrize("audience", [150, 300, 1500])
@pytest.mark.parametrize("likes", [3, 12, 300])
def test_a_study_that_finds_the_same_people_at_every_post_lands_inside_it_too(likes: int, audience: int) -> None:
    # Both at once, the same people and hardly heard ones, is rarer than an interval of 90 % allows for.
    account = Invented(followers=100 * likes)
    account.post(times=60, likes=likes, reposts=likes // 3, every_hours=9)
    glance = compose(account.build(), NOW).score
    read = tuple(f"post-{number}" for number in range(1, ENGAGED_POSTS + 1))
    for post in read:
        for fan in range(likes):
            account.builder.person(f"fan-{fan}", followers=audience)
            for kind in (InteractionKind.LIKE, InteractionKind.REPOST)[: 1 + (fan < likes // 3)]:
                account.builder.interaction(
                    Interaction(f"{kind}:{fan}:{post}", kind, f"fan-{fan}", NOW - DAY, post=post)
                )
    account.builder.coverage = Coverage(Depth.STUDY, engagers_read=read)
    assert glance is not None
    assert glance.low <= score(account) <= glance.high


def test_a_glance_is_wider_by_what_it_did_not_look_at_and_by_no_more() -> None:
    account = Invented(followers=5000).post(times=200, likes=60, reposts=12, every_hours=5)
    glance = compose(account.build(), NOW).score
    study = compose(account.received(60, followers=300).build(), NOW).score
    assert glance is not None
    assert study is not None
    network = next(term.weight for term in current_formula().terms if term.signal == "engager_followers")
    shown = sum(term.weight for term in current_formula().terms if not term.optional)
    assert study.high - study.low < glance.high - glance.low < 1.5 * 99 * network / shown + (study.high - study.low)


def test_being_looked_up_again_and_again_changes_nothing() -> None:
    account = Invented().post(times=40, likes=40)
    glance = score(account)
    for number in range(1, 41):
        for person in range(5):
            # The newest four are liked by the same five people, all others by new ones.
            fan = f"fan-{person}" if number <= 4 else f"late-{number}-{person}"
            account.builder.interaction(
                Interaction(f"like:{number}:{fan}", InteractionKind.LIKE, fan, NOW - DAY, post=f"post-{number}")
            )
    read = tuple(f"post-{number}" for number in range(1, 41))
    account.builder.coverage = Coverage(Depth.STUDY, engagers_read=read[:4], threads_read=read[:10])
    once = score(account)
    account.builder.coverage = Coverage(Depth.STUDY, engagers_read=read, threads_read=read)
    assert score(account) == once < glance


def test_writing_in_threads_costs_no_points() -> None:
    plain, threaded = Invented(), Invented()
    for number in range(20):
        for account in (plain, threaded):
            own = 5 if account is threaded else 0
            account.post(id=f"root-{number}", likes=40, reposts=8, replies=4 + own, time=NOW - number * DAY)
        for part in range(5):
            threaded.post(
                PostKind.THREAD, parent=f"root-{number}", conversation=f"root-{number}", likes=3, reposts=0, replies=0,
                time=NOW - number * DAY + part,
            )  # fmt: skip
    assert score(threaded) == pytest.approx(score(plain), abs=3)

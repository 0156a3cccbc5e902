"""What the signals of influence measure: Klout's published rules, with its faults mended."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.activity import Activity, Coverage, Interaction, InteractionKind, PostKind
from server.report import compose
from server.scoring.sample import Sample
from server.signals import all_signals
from server.signals.signal import Finding
from tests.server.invented import NOW, Invented

PER_POST = ("people_per_post", "reposts_per_post", "people_h_index", "repost_h_index")


def measured(activity: Activity, signal: str) -> float:
    measure = next(s.measure for s in all_signals() if s.id == signal)
    assert measure is not None
    return float(measure(Sample.of_influence(activity, NOW))[0])


def finding(account: Invented, signal: str) -> Finding:
    return next(r.finding for r in compose(account.build(), NOW).results if r.signal.id == signal)


def test_a_hundred_reposts_of_ten_posts_count_more_than_of_a_hundred_posts() -> None:
    few = Invented().post(times=10, reposts=10).build()
    many = Invented().post(times=100, reposts=1).build()
    assert measured(few, "reposts_per_post") > measured(many, "reposts_per_post")


@pytest.mark.parametrize("reposts", [0, 2])
def test_one_viral_post_does_not_move_the_typical_post(reposts: int) -> None:
    steady = Invented().post(times=50, reposts=reposts)
    before = measured(steady.build(), "reposts_per_post")
    once = measured(steady.post(reposts=100_000).build(), "reposts_per_post")
    twice = measured(steady.post(reposts=100_000).build(), "reposts_per_post")
    assert before == pytest.approx(once)
    assert once < twice < before * 1.6 + 1


def test_the_h_index_of_one_viral_post_is_at_most_one() -> None:
    viral = Invented().post(reposts=100_000).post(times=50, reposts=0)
    assert measured(viral.build(), "repost_h_index") <= 1
    viral.builder.coverage = Coverage(timeline_complete=True)
    assert 0.9 < measured(viral.build(), "repost_h_index") <= 1
    assert measured(Invented().post(times=12, reposts=9).build(), "repost_h_index") == pytest.approx(9, abs=0.1)


def test_reactions_of_a_hundred_people_count_in_full_those_of_one_person_hardly() -> None:
    many = Invented(followers=9000).post(times=10, likes=100).received(people=100)
    one = Invented(followers=9000).post(times=10, likes=100).received(people=1, each=100)
    assert finding(many, "engaged_people").value == 1
    assert finding(one, "engaged_people").value < 0.05
    for signal in ("people_per_post", "people_h_index", "followers"):
        assert measured(one.build(), signal) < 0.1 * measured(many.build(), signal)


def test_own_answers_earn_nothing() -> None:
    plain, talked_to_self = Invented(), Invented()
    for account, replies in ((plain, 1), (talked_to_self, 21)):
        account.post(times=10, replies=replies)
    for number in range(20):
        talked_to_self.post(PostKind.THREAD, parent=f"post-{number % 10}", replies=1, likes=0, reposts=0)
    for signal in PER_POST:
        assert measured(talked_to_self.build(), signal) <= measured(plain.build(), signal)


def test_what_the_network_does_not_show_is_missing_not_zero() -> None:
    hidden = Invented(followers=None).post(times=20, likes=-1, reposts=-1, replies=-1, quotes=-1).build()
    for signal in (*PER_POST, "followers", "listed", "engager_followers"):
        assert np.isnan(measured(hidden, signal)), signal


def test_talking_with_people_costs_no_reach() -> None:
    silent = Invented().post(times=30, likes=20)
    talker = Invented().post(times=30, likes=20)
    for number in range(100):
        talker.post(PostKind.REPLY, target=f"p{number}", likes=1, reposts=0, replies=0)
    assert measured(talker.build(), "people_per_post") > 0.8 * measured(silent.build(), "people_per_post")


def test_reposts_of_others_are_not_counted_as_own_success() -> None:
    booster = Invented().post(PostKind.REPOST, times=50, likes=5000, reposts=900)
    assert np.isnan(measured(booster.build(), "people_per_post"))
    assert np.isnan(measured(booster.build(), "repost_h_index"))


def test_too_few_engagers_tell_nothing_about_their_audience() -> None:
    assert np.isnan(measured(Invented().post(times=10).received(people=2, followers=500).build(), "engager_followers"))
    assert measured(
        Invented().post(times=10).received(people=9, followers=500).build(), "engager_followers"
    ) == pytest.approx(500)


COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.integers(0, 39), st.integers(1, 500))
def test_more_of_a_good_thing_never_measures_less(counts: list[int], which: int, more: int) -> None:
    def account(values: list[int]) -> Activity:
        invented = Invented()
        for value in values:
            invented.post(likes=value, reposts=value, replies=value)
        return invented.build()

    raised = [value + more * (i == which % len(counts)) for i, value in enumerate(counts)]
    for signal in (*PER_POST, "followers"):
        assert measured(account(raised), signal) >= measured(account(counts), signal) - 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.integers(1, 6))
def test_the_same_deeds_by_more_people_never_count_less_and_more_where_the_same_few_came_too_often(
    people: int, each: int
) -> None:
    by_few = finding(Invented().post(times=10).received(people, each), "engaged_people")
    by_many = finding(Invented().post(times=10).received(people * each), "engaged_people")
    assert by_few.count == by_many.count == people * each
    assert by_many.value == 1
    assert by_few.value is not None
    # Twice each is what readers who come back do; from three times on it shows.
    assert (by_few.value < 1) == (each > 2)


def test_every_kind_of_interaction_brings_a_person_once_among_those_who_react() -> None:
    account = Invented().post(times=10)
    for kind in InteractionKind:
        account.received(people=3, each=2, kind=kind, name=kind.name, followers=100)
    assert finding(account, "engager_followers").count == 15


def test_likes_reposts_and_quotes_tell_what_reactions_count_replies_and_mentions_do_not() -> None:
    account = Invented().post(times=10)
    for kind in InteractionKind:
        account.received(people=1, each=10, kind=kind, name=kind.name)
    found = finding(account, "engaged_people")
    assert found.count == 30
    assert found.sentence.startswith("3 different people reacted 30 times")


@pytest.mark.parametrize("kind", [PostKind.REPOST, PostKind.QUOTE])
@pytest.mark.parametrize("signal", ["reposts_per_post", "repost_h_index", "people_per_post"])
def test_passing_on_ones_own_posts_earns_nothing(kind: PostKind, signal: str) -> None:
    counts = {"reposts": 1} if kind is PostKind.REPOST else {"quotes": 1}
    nothing = {"likes": 0, "reposts": 0, "quotes": 0}
    plain = Invented().post(times=20, **nothing)
    vain = Invented().post(times=20, **(nothing | counts))
    for number in range(1, 21):
        vain.post(kind, parent=f"post-{number}", own=True, **nothing)
    assert measured(vain.build(), signal) == measured(plain.build(), signal) == 0


def test_a_like_that_does_not_say_when_it_was_is_as_old_as_its_post() -> None:
    account = Invented().post(times=30).post(every_hours=24 * 100).studied()
    for post in ("post-1", "post-31"):
        account.builder.interaction(Interaction(f"like of {post}", InteractionKind.LIKE, f"fan of {post}", post=post))
    activity = account.build()
    received = Sample.of_influence(activity, NOW).received
    assert [activity.interactions.post[row] for row in np.flatnonzero(received)] == ["post-1"]

"""What the signals of influence measure: Klout's published rules, with its faults mended."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.activity import Activity, Interaction, InteractionKind, PostKind
from server.scoring.sample import Sample
from server.signals import all_signals
from tests.server.invented import NOW, Invented


def measured(activity: Activity, signal: str) -> float:
    measure = next(s.measure for s in all_signals() if s.id == signal)
    assert measure is not None
    return float(measure(Sample(activity, NOW))[0])


def test_a_hundred_reposts_of_ten_posts_count_more_than_of_a_hundred_posts() -> None:
    few = Invented().post(times=10, reposts=10).build()
    many = Invented().post(times=100, reposts=1).build()
    assert measured(few, "reposts_per_post") > measured(many, "reposts_per_post")


def test_one_viral_post_moves_the_typical_post_little() -> None:
    steady = Invented().post(times=50, reposts=2)
    before = measured(steady.build(), "reposts_per_post")
    after = measured(steady.post(reposts=100_000).build(), "reposts_per_post")
    assert before < after < before * 1.6


def test_the_h_index_of_one_viral_post_is_one() -> None:
    assert measured(Invented().post(times=50, reposts=0).post(reposts=100_000).build(), "repost_h_index") == 1
    assert measured(Invented().post(times=12, reposts=9).build(), "repost_h_index") == 9


def test_a_hundred_people_count_more_than_one_person_a_hundred_times() -> None:
    many = Invented().post(times=10).received(people=100)
    one = Invented().post(times=10).received(people=1, each=100)
    assert measured(many.build(), "engaged_people") == 100
    assert measured(one.build(), "engaged_people") < 6


def test_own_answers_earn_nothing() -> None:
    answered = Invented().post(id="first", replies=1)
    talked_to_self = Invented().post(id="first", replies=21)
    for _ in range(20):
        talked_to_self.post(PostKind.THREAD, parent="first", replies=0, likes=0, reposts=0)
    plain = Invented().post(id="first", replies=1)
    for _ in range(20):
        plain.post(PostKind.THREAD, parent="other", replies=0, likes=0, reposts=0)
    assert measured(answered.build(), "replies_per_post") == pytest.approx(1)
    assert measured(talked_to_self.build(), "replies_per_post") == pytest.approx(
        measured(plain.build(), "replies_per_post")
    )


def test_what_the_network_does_not_show_is_missing_not_zero() -> None:
    hidden = Invented(followers=None).post(times=20, likes=-1, reposts=-1, replies=-1, quotes=-1).build()
    for signal in ("followers", "people_per_post", "reposts_per_post", "replies_per_post", "repost_h_index"):
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
    for signal in ("people_per_post", "reposts_per_post", "replies_per_post", "repost_h_index"):
        assert measured(account(raised), signal) >= measured(account(counts), signal) - 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.integers(2, 6))
def test_the_same_deeds_by_more_people_always_count_more(people: int, each: int) -> None:
    by_few = measured(Invented().post(times=10).received(people, each).build(), "engaged_people")
    by_many = measured(Invented().post(times=10).received(people * each).build(), "engaged_people")
    assert by_few < by_many == people * each


def test_every_kind_of_interaction_counts_a_person_once_in_full() -> None:
    account = Invented().post(times=10)
    for kind in InteractionKind:
        account.received(people=3, kind=kind, name=kind.name)
    assert measured(account.build(), "engaged_people") == 15


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
    account = Invented().post().post(every_hours=24 * 100).studied()
    for post in ("post-1", "post-2"):
        account.builder.interaction(Interaction(f"like of {post}", InteractionKind.LIKE, f"fan of {post}", post=post))
    assert measured(account.build(), "engaged_people") == 1

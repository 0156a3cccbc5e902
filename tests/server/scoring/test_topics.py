"""What an account talks about: never one stray post, never one burst, never what everybody says."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.activity import Activity, Post, PostKind
from server.scoring.occasions import OCCASIONS
from server.scoring.topics import (
    MOST_TOPICS,
    NO_BACKGROUND,
    Background,
    Topic,
    most_used_tags,
    ranked,
    shared_topics,
    topics_of,
)
from tests.server.invented import DAY, NOW, Invented


def tags(account: Invented, background: Background = NO_BACKGROUND) -> list[str]:
    return [topic.tag for topic in topics_of(account.build(), background)]


def on_days(*posts_of_day: int, tag: str = "trams") -> Invented:
    """An account that used a hashtag in so many posts of each day, one day after the other, at noon."""
    account = Invented()
    noon = NOW - NOW % DAY - DAY // 2
    for day, number in enumerate(posts_of_day):
        for turn in range(number):
            post = Post(
                f"{tag}-{day}-{turn}", noon - day * DAY + turn, PostKind.ORIGINAL, f"https://example.org/{day}/{turn}"
            )
            account.builder.post(replace(post, tags=tag))
    return account


def test_topics_are_the_hashtags_it_comes_back_to_the_most_used_first() -> None:
    account = (
        Invented().post(times=3, every_hours=12, tags="planning trams").post(times=2, every_hours=12, tags="trams cats")
    )
    account.post(times=4, every_hours=12, tags="bikes").post(PostKind.REPLY, times=3, every_hours=12, tags="alps")
    assert tags(account) == ["trams", "bikes", "alps", "planning"]
    assert len(tags(Invented().post(times=9, every_hours=12, tags="a1 b1 c1 d1 e1 f1"))) == MOST_TOPICS


@pytest.mark.parametrize(
    ("posts_of_day", "is_topic"),
    [((1,), False), ((2,), False), ((1, 1), False), ((2, 1), True), ((1, 1, 1), True), ((3,), False), ((50,), False)],
)
def test_it_takes_three_posts_on_two_days(posts_of_day: tuple[int, ...], is_topic: bool) -> None:
    assert bool(tags(on_days(*posts_of_day))) is is_topic


def test_one_busy_day_and_a_stray_post_make_no_topic() -> None:
    assert tags(on_days(49, 1)) == []
    assert tags(on_days(4, 1)) == ["trams"]
    assert tags(on_days(5, 1)) == []


def test_midnight_does_not_make_two_days_of_one_evening() -> None:
    account, midnight = Invented(), NOW - NOW % DAY
    for minute in range(-60, 60, 5):
        account.builder.post(Post(f"post{minute}", midnight + minute * 60, PostKind.ORIGINAL, tags="gig"))
    assert tags(account) == []


def test_a_hashtag_in_few_of_many_posts_is_no_topic() -> None:
    account = Invented().post(times=3, every_hours=12, tags="haiku")
    assert tags(account.post(times=147)) == ["haiku"]
    assert tags(account.post(times=1)) == []


def test_reposts_and_posts_found_only_in_threads_do_not_count() -> None:
    account = Invented().post(PostKind.REPOST, times=9, every_hours=12, tags="news")
    account.post(times=9, every_hours=12, tags="elsewhere", timeline=False).post(times=3)
    assert tags(account) == []


def test_occasions_are_no_topics() -> None:
    account = Invented().post(times=20, every_hours=24, tags="mondaymotivation trams tbt")
    assert tags(account) == ["trams"]
    assert all(tag == tag.lower() and tag.isalnum() for tag in OCCASIONS)


def test_what_everybody_uses_ranks_below_what_sets_an_account_apart() -> None:
    account = Invented().post(times=40, every_hours=12, tags="photo").post(times=3, every_hours=12, tags="trams")
    assert tags(account) == ["photo", "trams"]
    assert tags(account, Background(500, {"photo": 450})) == ["trams", "photo"]


def test_among_few_accounts_how_common_a_hashtag_is_counts_little() -> None:
    account = Invented().post(times=40, every_hours=12, tags="photo").post(times=3, every_hours=12, tags="trams")
    assert tags(account, Background(2, {"photo": 2})) == ["photo", "trams"]


def test_a_topic_comes_with_its_numbers_and_its_newest_posts() -> None:
    account = (
        Invented()
        .post(times=8, every_hours=12, tags="trams")
        .post(times=2, every_hours=12, tags="trams", url="")
        .post(times=30)
    )
    [topic] = topics_of(account.build())
    assert (topic.tag, topic.posts, topic.days, topic.share) == ("trams", 10, 6, 0.25)
    assert topic.newest == tuple((f"https://example.org/post/{n}", NOW - n * 12 * 3600) for n in (1, 2, 3))
    assert topics_of(Invented().post(times=4, every_hours=12, tags="trams", url="").build())[0].newest == ()


def told(account: Invented | Activity) -> Topic:
    activity = account.build() if isinstance(account, Invented) else account
    return topics_of(activity)[0]


def alternating(times: int, every_hours: float = 12, **with_it: Any) -> Invented:
    """So many posts about trams and as many others, in turn; each gets two replies and a repost unless it is said otherwise."""
    account = Invented()
    for _ in range(times):
        account.post(every_hours=every_hours, tags="trams", **({"replies": 2, "reposts": 1} | with_it))
        account.post(every_hours=every_hours, replies=2, reposts=1)
    return account


def test_it_is_told_when_people_answer_more_on_a_topic() -> None:
    answered = told(alternating(30, replies=6, reposts=5)).answered
    assert answered is not None
    assert (answered.per_post, answered.others) == pytest.approx((11, 3))
    assert answered.found
    assert 0 < answered.low < 8 < answered.high


def test_no_difference_is_found_where_there_is_none() -> None:
    answered = told(alternating(30)).answered
    assert answered is not None
    assert not answered.found
    assert answered.low < 0 < answered.high


def test_one_post_that_went_far_is_no_sign_that_people_answer_on_its_topic() -> None:
    account = alternating(15)
    account.post(every_hours=12, tags="trams", replies=5000, reposts=9000)
    answered = told(account).answered
    assert answered is not None
    assert not answered.found
    assert answered.others == pytest.approx(3)
    assert answered.per_post < 7


@pytest.mark.parametrize(
    "account",
    [
        alternating(7),
        alternating(30, every_hours=1),
        alternating(30, replies=-1),
        Invented().post(times=40, every_hours=12, tags="trams"),
        Invented().post(PostKind.REPLY, times=40, every_hours=12, tags="trams").post(times=40, every_hours=12),
    ],
    ids=["too few posts", "too few days", "counts not shown", "no others", "only replies"],
)
def test_with_too_little_to_compare_nothing_is_told_of_answers(account: Invented) -> None:
    assert told(account).answered is None


def test_posts_that_are_too_young_for_reactions_are_not_compared() -> None:
    account = Invented()
    for _ in range(9):
        account.post(every_hours=2, tags="trams", replies=0, reposts=0).post(every_hours=2, replies=9, reposts=9)
    account.post(times=9, every_hours=12, tags="trams", replies=9, reposts=9).post(
        times=9, every_hours=12, replies=9, reposts=9
    )
    answered = told(account).answered
    assert answered is not None
    assert answered.per_post == answered.others == pytest.approx(18)


def test_of_reactions_by_lot_a_difference_is_found_seldom() -> None:
    chance = np.random.default_rng(7)
    found = 0
    for _ in range(200):
        account = Invented()
        for number, reactions in enumerate(chance.poisson(chance.lognormal(0.5, 1.2, 60)).tolist()):
            account.post(every_hours=9, tags="trams" if number % 3 == 0 else "", replies=reactions, reposts=0)
        answered = told(account).answered
        found += bool(answered and answered.found)
    # Nine times in ten none, as the interval promises.
    assert 0 < found <= 27


def test_shared_topics_are_those_both_talk_about_what_sets_them_apart_first() -> None:
    alice = (
        Invented("alice.test")
        .post(times=8, every_hours=12, tags="birds maps photo")
        .post(times=3, every_hours=12, tags="tea")
    )
    ben = (
        Invented("ben.test")
        .post(times=3, every_hours=12, tags="birds")
        .post(times=5, every_hours=12, tags="maps photo cars")
    )
    ben.post(PostKind.REPOST, times=9, every_hours=12, tags="tea")
    assert shared_topics(alice.build(), ben.build()) == ("maps", "photo", "birds")
    assert shared_topics(alice.build(), ben.build(), Background(900, {"photo": 800})) == ("maps", "birds", "photo")
    assert shared_topics(alice.build(), Invented("eva.test").post(times=3, tags="birds").build()) == ()


def test_a_hashtag_counts_as_used_from_its_second_post_on_up_to_a_hundred() -> None:
    account = Invented().post(times=2, tags="twice").post(tags="once").post(PostKind.REPOST, times=5, tags="passed-on")
    assert most_used_tags(account.build()) == ("twice",)
    many = Invented()
    for number in range(150):
        many.post(times=2 + (number < 50), tags=f"tag{number}")
    used = most_used_tags(many.build())
    assert len(used) == 100
    assert {f"tag{number}" for number in range(50)} <= set(used)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=40)
HOSTILE = st.one_of(
    NAMES, st.sampled_from(["<script>", "\u202egnp.exe", "../..", "'--", "x" * 500, "%s", "{{7*7}}", "=1+1"])
)
USES = st.lists(st.tuples(HOSTILE, st.integers(0, 40), st.integers(0, 86_399)), max_size=60)


def having(uses: list[tuple[str, int, int]]) -> Invented:
    """An account with a post for each (hashtag, days ago, second of that day)."""
    account, today = Invented(), NOW - NOW % DAY
    for number, (tag, days_ago, second) in enumerate(uses):
        account.builder.post(Post(f"post{number}", today - days_ago * DAY + second, PostKind.ORIGINAL, tags=tag))
    return account


@given(USES)
@settings(max_examples=60, deadline=None)
def test_whatever_the_hashtags_every_topic_keeps_the_rules(uses: list[tuple[str, int, int]]) -> None:
    activity = having(uses).build()
    found = topics_of(activity)
    assert len(found) <= MOST_TOPICS
    for topic in found:
        posts = [(days_ago, second) for tag, days_ago, second in uses if topic.tag in tag.split()]
        assert topic.posts == len(posts) >= 3
        assert topic.days == len({days_ago for days_ago, _ in posts}) >= 2
        assert 0.02 <= topic.share <= 1


@given(USES, HOSTILE.filter(lambda tag: len(tag.split()) == 1))
@settings(max_examples=60, deadline=None)
def test_one_stray_post_never_makes_a_topic_nor_do_fifty_of_one_day(
    uses: list[tuple[str, int, int]], stray: str
) -> None:
    others = [use for use in uses if stray not in use[0].split()]
    assert stray not in tags(having([*others, (stray, 3, 50)]))
    assert stray not in tags(having([*others, *((stray, 3, 1700 * turn) for turn in range(50))]))


@given(USES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_topics_does_not_depend_on_the_order_of_what_was_seen(
    uses: list[tuple[str, int, int]], chance: Random
) -> None:
    first = [topic.tag for topic in topics_of(having(uses).build())]
    chance.shuffle(uses)
    assert [topic.tag for topic in topics_of(having(uses).build())] == first


@given(st.integers(50, 10**6), st.integers(3, 5000), st.integers(3, 5000))
def test_a_hashtag_of_all_ranks_below_one_of_nobody_else(
    accounts: int, posts_with_one: int, posts_with_other: int
) -> None:
    others = Background(accounts, {"everybodys": accounts})
    # However seldom the account uses the distinctive one; only among few accounts may a thousandfold use outweigh it.
    if accounts >= 500 or posts_with_one <= 20 * posts_with_other:
        assert ranked({"everybodys": posts_with_one, "its-own": posts_with_other}, others)[0] == "its-own"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_share_of_accounts_that_use_a_hashtag_is_always_a_share(accounts: int, using: int) -> None:
    assert 0 < Background(accounts, {"tea": using}).share("tea") <= 1


def naming(times: int, others: int = 0, kind: PostKind = PostKind.ORIGINAL) -> list[str]:
    """Topics of an account of so many posts that name one thing, and others that do not."""
    account = Invented().post(times=times, every_hours=13, tags="~philosophy")
    return tags(account.post(kind, times=others, every_hours=1))


@pytest.mark.parametrize(
    ("times", "others", "is_topic"), [(4, 0, False), (5, 0, True), (5, 95, True), (5, 96, False), (40, 96, True)]
)
def test_a_name_must_come_back_in_more_posts_than_a_hashtag(times: int, others: int, is_topic: bool) -> None:
    assert (naming(times, others) == ["~philosophy"]) is is_topic


def test_answers_to_others_make_a_name_no_rarer() -> None:
    assert naming(5, 500, PostKind.REPLY) == ["~philosophy"]


@pytest.mark.parametrize(("using", "is_topic"), [(0, True), (100, True), (190, False)])
def test_a_name_that_many_accounts_use_is_no_topic_of_one(using: int, is_topic: bool) -> None:
    account = Invented().post(times=20, every_hours=12, tags="~philosophy trams")
    background = Background(600, {"~philosophy": using, "trams": 500})
    assert ("~philosophy" in tags(account, background)) is is_topic
    assert "trams" in tags(account, background)

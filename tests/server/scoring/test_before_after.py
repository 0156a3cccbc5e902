"""Before and after a marked day: what is compared, that chance is seldom taken for a change, and that a change is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.account import AccountRef
from server.activity import Activity, ActivityBuilder, Post, PostKind, Profile
from server.scoring.before_after import FEWEST_POSTS, MEASURES, RIPE_DAYS, BeforeAfter, Difference, compare
from tests.server.invented import DAY, NOW

PROFILE = Profile(AccountRef("bluesky", "did:plc:a"), "a.test")


def activity(posts: list[Post]) -> Activity:
    builder = ActivityBuilder(PROFILE, NOW)
    for post in posts:
        builder.post(post)
    return builder.build()


def daily(days: int, per_day: int = 2, **columns: int) -> list[Post]:
    """The same posts every day, back from now."""
    counts = {"likes": 5, "reposts": 2, "replies": 1, "quotes": 0} | columns
    return [
        Post(f"{day}-{i}", NOW - day * DAY - 1000 * (i + 1), PostKind.ORIGINAL, **counts)
        for day in range(days)
        for i in range(per_day)
    ]


def by_id(found: BeforeAfter) -> dict[str, Difference]:
    return {difference.id: difference for difference in found.differences}


def lively(random: np.random.Generator, factor: float, days: int = 62, spread: float = 1.3) -> Activity:
    """Posts of somebody whose days differ and whose posts now and then spread far; reactions times ``factor`` in the newest 32 days."""
    posts = []
    for day in range(days):
        of_day = np.exp(random.normal(0, 0.4) - 0.08)
        for i in range(random.poisson(3.0 * np.exp(random.normal(0, 0.5) - 0.125))):
            is_reply = random.random() < 0.4
            mean = of_day * np.exp(random.normal(0, spread) - spread**2 / 2) * (factor if day < 32 else 1.0)
            likes, reposts, replies = (int(n) for n in random.poisson([10 * mean, 1.5 * mean, 2 * mean]))
            kind = PostKind.REPLY if is_reply else PostKind.ORIGINAL
            sent = NOW - day * DAY - int(random.integers(DAY)) - 1
            posts.append(Post(f"{day}-{i}", sent, kind, likes=likes, reposts=reposts, replies=replies, quotes=0))
    return activity(posts)


def test_whole_weeks_are_compared_as_many_as_were_seen_on_both_sides_and_four_at_most() -> None:
    for days, ago, compared in ((90, 31, 28), (90, 20, 14), (50, 40, 7), (24, 12, 7)):
        assert compare(activity(daily(days)), NOW - ago * DAY).days == compared


def test_it_says_when_to_ask_again_and_what_was_not_seen() -> None:
    posts = activity(daily(60))
    assert "ask again in 4 days" in compare(posts, NOW - 5 * DAY).sentence
    assert "ask again in 8 days" in compare(posts, NOW - DAY).sentence
    assert "ask again in 49 days" in compare(posts, NOW + 40 * DAY).sentence
    assert "only 4 days were seen" in compare(posts, NOW - 55 * DAY).sentence
    assert "nothing was seen" in compare(posts, NOW - 300 * DAY).sentence
    assert compare(activity([]), NOW - 20 * DAY).sentence == "None of its posts were seen."
    assert compare(posts, NOW - 5 * DAY).differences == ()


def test_few_posts_give_no_rate_of_reactions_but_still_how_often_it_posts() -> None:
    sparse = [Post(f"{day}", NOW - day * DAY - 1, PostKind.ORIGINAL, likes=1) for day in range(0, 60, 9)]
    found = by_id(compare(activity(sparse), NOW - 30 * DAY))
    assert len(sparse) < FEWEST_POSTS
    assert set(found) == {"posts_per_week"}


def test_the_day_itself_belongs_to_what_came_after() -> None:
    mark = NOW - 30 * DAY
    posts = [p for p in daily(60) if p.time < mark] + [Post("on the day", mark, PostKind.ORIGINAL, likes=9)]
    found = by_id(compare(activity(posts), mark))
    assert found["posts_per_week"].after == pytest.approx(7 / 28)
    assert compare(activity(posts), mark).posts == (56, 1)


def test_posts_too_young_for_their_reactions_are_left_out() -> None:
    young = daily(RIPE_DAYS, likes=0, reposts=0, replies=0)
    older = [p for p in daily(60) if p.time < NOW - RIPE_DAYS * DAY]
    mark = NOW - (7 + RIPE_DAYS) * DAY
    found = by_id(compare(activity(young + older), mark))
    assert (found["likes_per_post"].before, found["likes_per_post"].after) == (5, 5)


def test_an_accounts_own_thread_is_no_reply_it_received() -> None:
    posts = []
    for post in daily(60, replies=1):
        posts.append(post)
        posts.append(Post(f"{post.id}-more", post.time + 1, PostKind.THREAD, parent=post.id, replies=0))
    found = by_id(compare(activity(posts), NOW - 31 * DAY))
    assert (found["replies_per_post"].before, found["replies_per_post"].after) == (0, 0)


def test_counts_that_never_change_are_no_difference_and_no_certainty_either() -> None:
    for difference in compare(activity(daily(60)), NOW - 31 * DAY).differences:
        assert not difference.found
        assert difference.low < 0 < difference.high


def test_one_post_that_spreads_is_no_change() -> None:
    posts = daily(60)
    spread = [Post("far", NOW - 10 * DAY, PostKind.ORIGINAL, likes=9000, reposts=3000, replies=800, quotes=100)]
    assert not any(d.found for d in compare(activity(posts + spread), NOW - 31 * DAY).differences)


def test_chance_is_taken_for_a_change_no_more_than_one_time_in_ten_however_many_numbers_are_looked_at() -> None:
    random = np.random.default_rng(5)
    found = [compare(lively(random, factor=1.0), NOW - 32 * DAY).differences for _ in range(150)]
    assert all(len(differences) == len(MEASURES) for differences in found)
    # 1 in 10 of 150, and what chance adds to it 1 time in 100.
    assert sum(any(d.found for d in differences) for differences in found) <= 24


def test_a_change_is_found_named_and_in_the_right_direction() -> None:
    random = np.random.default_rng(6)
    for factor, words, sign in ((3.0, "more", 1), (1 / 3, "fewer", -1)):
        found = [compare(lively(random, factor, spread=0.7), NOW - 32 * DAY) for _ in range(20)]
        right = [f for f in found if by_id(f)["replies_per_post"].found]
        assert len(right) >= 16
        assert all(f"{words} replies" in f.sentence.lower() for f in right)
        assert all(by_id(f)["replies_per_post"].difference * sign > 0 for f in right)


def test_numbers_are_told_with_their_sign_and_shares_as_per_cent() -> None:
    talk = [Post(f"r{d}-{i}", NOW - d * DAY - i - 1, PostKind.REPLY) for d in range(30) for i in range(8)]
    found = compare(activity(daily(60) + talk), NOW - 30 * DAY)
    share = by_id(found)["reply_share"]
    assert share.found
    assert (share.shown_before, share.shown_after, share.shown_low[0], share.shown_high[-2:]) == (
        "0 %",
        "80 %",
        "+",
        " %",
    )
    assert "a larger share of replies to others than before, comparing the 28 days before" in found.sentence.lower()


@settings(max_examples=60, deadline=None)
@given(
    days=st.lists(st.tuples(st.integers(0, 120), st.sampled_from(PostKind), st.integers(-1, 10**9)), max_size=60),
    mark=st.integers(-200, 200),
)
def test_whatever_was_seen_an_interval_holds_its_difference_or_nothing_is_told(
    days: list[tuple[int, PostKind, int]], mark: int
) -> None:
    posts = [Post(str(i), NOW - d * DAY - i, k, likes=n, reposts=n, replies=n) for i, (d, k, n) in enumerate(days)]
    found = compare(activity(posts), NOW - mark * DAY)
    assert found.sentence
    for difference in found.differences:
        assert difference.low <= difference.difference <= difference.high
        assert np.isfinite([difference.low, difference.high, difference.before, difference.after]).all()

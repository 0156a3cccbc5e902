"""Many followers and hardly a reaction is said; small, new or unread accounts are left in peace."""

from __future__ import annotations

import pytest

from server.activity import PostKind
from server.scoring.sample import Sample
from server.signals.hollow_following import SIGNAL, usual_share
from server.signals.signal import Finding, Mark, State
from tests.server.invented import NOW, Invented


def hollow(account: Invented) -> Finding:
    return SIGNAL.find(Sample(account.build(), NOW), {})


def posting(followers: int | None, likes: int, times: int = 40, **columns: object) -> Invented:
    return Invented(followers=followers).post(times=times, every_hours=7, likes=likes, **({"reposts": 0} | columns))  # type: ignore[arg-type]


def test_what_is_usual_falls_with_size() -> None:
    assert [usual_share(size) for size in (1_000, 10_000, 100_000)] == pytest.approx([0.01, 0.00398, 0.00158], rel=0.01)


@pytest.mark.parametrize(
    ("followers", "likes", "mark"),
    [
        (100_000, 160, Mark.NONE),
        (100_000, 17, Mark.NONE),
        (100_000, 10, Mark.SOME),
        (100_000, 2, Mark.SOME),
        (100_000, 1, Mark.STRONG),
        (2_000, 3, Mark.NONE),
        (2_000, 0, Mark.STRONG),
    ],
)
def test_reactions_below_a_tenth_of_the_usual_are_marked_below_a_hundredth_strongly(
    followers: int, likes: int, mark: Mark
) -> None:
    assert hollow(posting(followers, likes)).mark is mark


def test_ten_posts_without_a_reaction_are_too_few_for_a_strong_mark() -> None:
    assert hollow(posting(2_000, 0, times=10)).mark is Mark.SOME


def test_a_few_posts_that_moved_people_keep_it_unmarked() -> None:
    account = posting(100_000, 10, times=20)
    for number in range(20):
        account.post(every_hours=7, likes=10 if number % 2 else 90)
    found = hollow(account)
    assert found.low < found.value < found.high
    assert found.mark is Mark.NONE


def test_the_sentence_sets_reactions_beside_followers_and_what_is_usual_and_links_to_posts() -> None:
    found = hollow(posting(50_000, 7))
    assert found.sentence == (
        "About 7.0 of its 50,000 followers react to a typical post (40 posts seen); usual at this size is 105."
    )
    assert found.value == pytest.approx(7 / 50_000)
    assert found.evidence[0].url == "https://example.org/post/1"


def test_its_own_reposts_of_itself_are_no_reactions() -> None:
    account = posting(100_000, 0, times=20, reposts=1)
    for number in range(1, 21):
        account.post(PostKind.REPOST, own=True, parent=f"post-{number}")
    assert hollow(account).value == 0


def test_replies_and_reposts_do_not_count_as_its_posts() -> None:
    account = posting(100_000, 500, times=20).replies(people=50).post(PostKind.REPOST, times=50, likes=0)
    assert hollow(account).mark is Mark.NONE


def test_posts_of_the_last_hours_are_not_held_against_it() -> None:
    assert hollow(Invented(followers=100_000).post(times=100, every_hours=0.05, likes=0)).state is State.TOO_LITTLE


def test_nothing_is_said_of_small_accounts_of_few_posts_or_without_counts() -> None:
    assert hollow(posting(999, 0)).state is State.NOT_APPLICABLE
    assert hollow(posting(None, 0)).state is State.MISSING
    assert hollow(posting(50_000, 0, times=9)).state is State.TOO_LITTLE
    assert hollow(posting(50_000, -1, reposts=-1)).state is State.TOO_LITTLE
    assert hollow(Invented(followers=50_000)).state is State.TOO_LITTLE


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("followers", [1_000, 10_000_000_000])
def test_nonsense_counts_and_times_break_nothing(followers: int) -> None:
    for time in (0, NOW, NOW + 10**10, NOW - 10):
        found = hollow(posting(followers, 10_000_000_000, time=time))
        assert found.state in (State.FOUND, State.TOO_LITTLE)

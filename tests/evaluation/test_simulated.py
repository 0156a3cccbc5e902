"""On accounts whose truth is known: the interval means what it says, tricks gain nothing, silence and ordinary days move little."""

from __future__ import annotations

import pytest

from tests.evaluation import coverage, gaming, stability


def test_nine_intervals_in_ten_hold_the_score_that_all_posts_give() -> None:
    found = coverage.shares([coverage.of_scores(coverage.people()[::2])])
    for part in coverage.PARTS:
        assert 0.85 <= found[part]["score"] <= 0.96
        assert all(share >= 0.84 for share in found[part].values())


@pytest.mark.parametrize("trick", gaming.TRICKS)
def test_no_trick_gains_a_point(trick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaming, "LIVES", 3)
    monkeypatch.setattr(gaming, "HONEST", gaming.HONEST[:2])
    assert gaming.play(trick).ours <= 1.0


@pytest.mark.parametrize(
    ("trick", "words"),
    [
        ("reposts_every_mention", "pass on posts that mention it"),
        ("follows_and_unfollows_10000", "rose and fell again 3 times"),
        ("buys_50000_followers", "followers react"),
        ("ring_of_10_friends", "the same 10 people"),
        ("200_feed_posts_a_day", "carry a link and address nobody"),
        ("nice_to_500_strangers_a_day", "a word or two"),
        ("sock_puppet", "go to one account"),
    ],
)
def test_the_verdict_names_what_it_sees(trick: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaming, "LIVES", 1)
    monkeypatch.setattr(gaming, "HONEST", gaming.HONEST[:1])
    assert words in gaming.play(trick).sentence


def test_silence_moves_a_steady_account_little_and_a_year_of_it_leaves_little() -> None:
    found = stability.silence(10)
    assert found.week < 1
    assert found.month < 3
    assert found.year_highest <= 10
    assert found.largest_day < 1


def test_gathering_twice_moves_nobody_by_half_a_point() -> None:
    assert stability.gathered_twice(15) < 0.5


def test_ordinary_days_make_no_jumps() -> None:
    changes = sorted(stability.daily_changes(stability.ordinary_people(25)))
    assert len(changes) > 100
    assert changes[len(changes) // 2] < 0.5
    assert changes[-1] < 10

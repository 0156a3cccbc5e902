"""Whether it answers people of its own size, or only the much larger."""

from __future__ import annotations

import pytest

from server.activity import PostKind
from server.scoring.sample import Sample
from server.signals.reply_reach import SIGNAL
from server.signals.signal import Finding, State
from tests.server.invented import NOW, Invented


def answering(followers: int | None, sizes: list[int | None], each: int = 1) -> Invented:
    """An account that answers people with so many followers."""
    account = Invented(followers=followers).replies(len(sizes), each)
    for person, size in enumerate(sizes):
        account.builder.person(f"person-{person}", followers=size)
    return account


def reach(account: Invented) -> Finding:
    return SIGNAL.find(Sample(account.build(), NOW), {})


def test_replies_to_accounts_ten_times_larger_are_counted_apart() -> None:
    found = reach(answering(500, [5_000] * 5 + [5_001] * 15))
    assert found.value == pytest.approx(0.25)
    assert found.low < found.value < found.high
    assert found.sentence == (
        "15 of 20 replies went to accounts more than ten times as large as itself (over 5,000 followers)."
    )


def test_for_a_small_account_nobody_below_a_thousand_followers_is_large() -> None:
    found = reach(answering(3, [999] * 10 + [1_000] * 10))
    assert found.value == pytest.approx(0.5)
    assert "at least 1,000 followers" in found.sentence


def test_both_kinds_of_reply_are_linked() -> None:
    texts = {evidence.text for evidence in reach(answering(500, [10] * 10 + [1_000_000] * 10)).evidence}
    assert texts == {"Reply to a much larger account", "Reply to an account not much larger"}


def test_many_replies_to_one_friend_leave_the_share_uncertain() -> None:
    one, many = reach(answering(500, [100], each=20)), reach(answering(500, [100] * 20))
    assert one.value == many.value == 1
    assert one.low < 0.5 < many.low


def test_it_is_missing_where_followers_were_not_looked_up() -> None:
    assert reach(answering(500, [None] * 20)).state is State.MISSING
    assert reach(answering(None, [100] * 20)).state is State.MISSING
    assert reach(Invented().post(PostKind.REPLY, times=20)).state is State.MISSING


def test_fewer_than_ten_replies_are_too_little_and_none_is_not_applicable() -> None:
    assert reach(answering(500, [100] * 9 + [None] * 20)).state is State.TOO_LITTLE
    assert reach(answering(500, [100] * 10)).state is State.FOUND
    assert reach(Invented().post(times=20)).state is State.NOT_APPLICABLE


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("followers", [0, -1, 10_000_000_000, 10**30])
def test_nonsense_counts_break_nothing(followers: int) -> None:
    found = reach(answering(followers, [0, -1, 10_000_000_000] * 5))
    assert found.state in (State.FOUND, State.MISSING)

"""What two accounts had to do with one another."""

from __future__ import annotations

import pytest

from server.activity import InteractionKind, PostKind
from server.scoring.dealings import Deeds, deeds
from tests.server.invented import Invented

ALICE, BEN = "did:plc:alice.test", "did:plc:ben.test"


def test_replies_reposts_and_quotes_are_counted_in_the_posts_of_whoever_sent_them() -> None:
    alice = Invented("alice.test")
    alice.post(PostKind.REPLY, times=3, target=BEN).post(PostKind.REPOST, target=BEN).post(PostKind.QUOTE, target=BEN)
    alice.post(PostKind.REPLY, times=5, target="did:plc:carla.test").post(PostKind.ORIGINAL, times=4)
    ben = Invented("ben.test").post(times=3)
    assert deeds(alice.build(), ben.build()) == Deeds(replies=3, reposts=1, quotes=1)
    assert deeds(ben.build(), alice.build()) == Deeds()


def test_likes_are_seen_among_what_the_other_received() -> None:
    ben = Invented("ben.test").post(times=3).received(2, each=2, kind=InteractionKind.LIKE, name="fan").build()
    assert deeds(Invented("fan-1", network="mastodon").build(), ben) == Deeds(likes=2)
    assert deeds(Invented("alice.test").build(), ben).total == 0


@pytest.mark.parametrize(("sent", "came"), [(2, 5), (5, 2), (3, 3)])
def test_a_deed_that_both_sides_show_counts_once(sent: int, came: int) -> None:
    ben = Invented("ben", network="mastodon").received(1, each=came, kind=InteractionKind.REPLY, name="alice")
    alice = Invented("alice-0", network="mastodon").post(PostKind.REPLY, times=sent, target="ben")
    assert deeds(alice.build(), ben.build()).replies == max(sent, came)

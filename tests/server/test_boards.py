"""Leaderboards: who is on them, in which order, and who is not."""

from __future__ import annotations

import pytest

from server.boards import board
from server.lookup import FEWEST_GRADED
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.test_ownership import proved


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        Invented("loud.test", followers=50_000)
        .post(times=40, likes=900, reposts=300, replies=9, tags="birds")
        .received(40),
        Invented("alice.test").replies(people=30).post(times=20, every_hours=3, tags="birds"),
        Invented("ben.test").replies(people=45).post(times=20, every_hours=3, tags="maps"),
        Invented("hidden.test").replies(people=90).post(times=20),
    )


def listed(running: Running, *handles: str, place: str = "") -> None:
    for handle in handles:
        running.service.ownership.choose(proved(running, handle)[1], "", True, place)


def names(running: Running, order: str = "score", topic: str = "", place: str = "") -> list[tuple[int, str]]:
    shown = board(running.lookup, running.service.ownership, "bluesky", order, topic, place)
    return [(row.rank, row.entry.owner.handle) for row in shown.ranked]


def test_only_those_who_proved_it_and_want_to_be_listed_are(running: Running) -> None:
    running.lookup.gather("bluesky", "hidden.test", study=False)
    proved(running, "ben.test")
    listed(running, "loud.test", "alice.test")
    assert names(running) == [(1, "loud.test"), (2, "alice.test")]
    assert board(running.lookup, running.service.ownership, "mastodon", "score").ranked == ()


def test_the_most_in_conversation_are_ranked_by_people_answered_and_broadcasters_not_at_all(running: Running) -> None:
    listed(running, "loud.test", "alice.test", "ben.test")
    assert names(running, "conversation") == [(1, "ben.test"), (2, "alice.test")]


def test_equal_scores_share_a_rank(running: Running) -> None:
    for handle in ("one.test", "two.test"):
        running.network.accounts[handle] = Invented(handle).post(times=40, likes=0, reposts=0, replies=0)
    listed(running, "one.test", "two.test", "loud.test")
    assert names(running) == [(1, "loud.test"), (2, "one.test"), (2, "two.test")]


def test_boards_of_a_topic_and_a_place_need_two_to_be_offered(running: Running) -> None:
    listed(running, "loud.test", "ben.test", place="Ghent")
    listed(running, "alice.test", place="ghent")
    shown = board(running.lookup, running.service.ownership, "bluesky", "score")
    assert (shown.topics, shown.places) == (("#birds",), ("Ghent",))
    for spelt in ("#birds", "birds", "Birds"):
        assert names(running, topic=spelt) == [(1, "loud.test"), (2, "alice.test")]
    assert {name for _, name in names(running, place="GHENT")} == {"loud.test", "ben.test", "alice.test"}
    assert names(running, topic="birds", place="Bruges") == []


def test_who_opts_out_asks_not_to_be_kept_or_takes_it_back_is_gone_at_once(running: Running) -> None:
    listed(running, "loud.test", "alice.test", "ben.test")
    running.lookup.opt_out("bluesky", "loud.test")
    ephemeral(running.network.accounts["alice.test"])
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert names(running) == [(1, "ben.test")]
    owner = running.service.ownership.owner_of("bluesky", "did:plc:ben.test")
    assert owner is not None
    running.service.ownership.choose(owner, "", False, "")
    assert names(running) == []


def test_the_grade_and_rank_are_those_among_all_accounts_scored_here(running: Running) -> None:
    for number in range(FEWEST_GRADED):
        handle = f"p{number}.test"
        running.network.accounts[handle] = Invented(handle, followers=10).post(times=12, likes=0, reposts=0, replies=0)
        running.lookup.gather("bluesky", handle, study=False)
    listed(running, "loud.test", "alice.test")
    first, second = board(running.lookup, running.service.ownership, "bluesky", "score").ranked
    assert first.entry.grade is not None
    assert second.entry.grade is not None
    assert (first.entry.grade.rank, second.entry.grade.rank) == (1, 2)
    assert (first.entry.grade.accounts, first.entry.grade.share) == (FEWEST_GRADED + 2, 1.0)

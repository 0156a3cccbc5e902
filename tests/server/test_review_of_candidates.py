"""Going through those whom one may follow: newest followers, a published list, and names with an own account beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.activity import PostKind
from server.errors import BadHandle, UpstreamUnavailable
from server.networks.network import ListedPage
from server.review import FIRST_WAIT, CannotReview
from server.store.reviews import ListKind, Review
from tests.server.conftest import Clock, Running
from tests.server.fake_network import FakeNetwork
from tests.server.invented import Invented

MEMBERS = ["alice.test", "carla.test", "gone.test", "eva.test", "me.test"]


@pytest.fixture
def network() -> FakeNetwork:
    fake = FakeNetwork(
        Invented("alice.test").replies(people=30).post(times=20),
        Invented("carla.test").post(PostKind.ORIGINAL, times=40),
        Invented("eva.test").replies(people=12).post(times=12),
        Invented("me.test").post(PostKind.REPLY, times=4, target="did:plc:alice.test").post(times=9),
    )
    fake.published = {"pack:birds": list(MEMBERS), "pack:empty": []}
    fake.followed_by = {"me.test": ["eva.test", "alice.test", "carla.test"], "lonely.test": []}
    return fake


def found(running: Running, key: str) -> Review:
    review = running.service.reviews.find(key)
    assert review is not None
    return review


def handles(running: Running, key: str) -> list[str]:
    return [row.handle for row in running.service.reviews.rows(found(running, key))]


def dealings(running: Running, key: str) -> dict[str, int | None]:
    rows = running.service.reviews.rows(found(running, key))
    return {
        row.handle: row.finding.between.total if row.finding and row.finding.between else None
        for row in rows
        if row.finding
    }


def test_the_members_of_a_published_list_are_looked_at_and_the_list_is_called_by_its_name(running: Running) -> None:
    key = running.service.reviews.of_members("pack:birds")
    assert (found(running, key).title, found(running, key).kind) == ("", ListKind.MEMBERS)
    running.work()
    review = found(running, key)
    assert (review.title, review.count, review.state, review.cut_short) == ("the pack “birds”", 5, "done", False)
    assert handles(running, key) == MEMBERS
    assert set(dealings(running, key).values()) == {None}, "nobody said whose review it is"


def test_with_the_own_account_named_it_is_told_what_the_two_had_to_do_with_one_another(running: Running) -> None:
    key = running.service.reviews.of_members("pack:birds", "Me.test")
    running.work()
    assert found(running, key).handle == "me.test"
    assert dealings(running, key) == {"alice.test": 4, "carla.test": 0, "eva.test": 0, "me.test": None}


def test_names_with_the_own_account_beside_them_have_dealings_too(running: Running) -> None:
    names = [("bluesky", "carla.test"), ("bluesky", "alice.test")]
    key = running.service.reviews.of_list(names, ("bluesky", "me.test"))
    running.work()
    assert dealings(running, key) == {"carla.test": 0, "alice.test": 4}
    assert (found(running, key).state, found(running, key).kind) == ("done", ListKind.NAMES)


def test_an_own_account_that_does_not_exist_costs_nothing_but_the_dealings(running: Running) -> None:
    key = running.service.reviews.of_members("pack:birds", "nobody.test")
    running.work()
    assert (found(running, key).state, handles(running, key)) == ("done", MEMBERS)
    assert set(dealings(running, key).values()) == {None}


def test_the_newest_followers_are_looked_at_in_the_order_of_the_network(running: Running) -> None:
    key = running.service.reviews.of_followers("bluesky", "me.test")
    running.work()
    assert handles(running, key) == ["eva.test", "alice.test", "carla.test"]
    assert dealings(running, key) == {"eva.test": 0, "alice.test": 4, "carla.test": 0}
    assert found(running, key).kind == ListKind.FOLLOWERS


def test_of_many_followers_only_the_newest_are_listed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.review.MOST_FOLLOWERS", 2)
    key = running.service.reviews.of_followers("bluesky", "me.test")
    running.work()
    assert handles(running, key) == ["eva.test", "alice.test"]
    assert (found(running, key).state, found(running, key).count) == ("done", 3)
    assert running.network.pages == [""], "what is not reviewed is not read either"


def test_followers_that_are_hidden_are_said_to_be(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.network, "followers", lambda *given: ListedPage((), count=9, hidden=True))
    key = running.service.reviews.of_followers("bluesky", "me.test")
    running.work()
    review = found(running, key)
    assert review.state == "failed"
    assert "me.test does not show who follows it" in review.detail


def test_a_list_that_is_not_there_fails_with_the_network_s_words(running: Running) -> None:
    key = running.service.reviews.of_members("pack:nothing")
    running.work()
    assert (found(running, key).state, found(running, key).detail) == ("failed", "There is no such pack.")


def test_an_empty_list_is_done(running: Running) -> None:
    key = running.service.reviews.of_members("pack:empty")
    running.work()
    assert (found(running, key).state, handles(running, key)) == ("done", [])


def test_a_list_taken_away_midway_leaves_what_was_read_of_it_and_says_so(running: Running) -> None:
    key = running.service.reviews.of_members("pack:birds")
    running.service.reviews.work(found(running, key).id)
    del running.network.published["pack:birds"]
    running.work()
    review = found(running, key)
    assert (review.state, review.cut_short, review.count) == ("done", True, 5)
    rows = running.service.reviews.rows(review)
    assert {row.handle: row.state for row in rows} == {"alice.test": "done", "carla.test": "done"}


def test_an_upstream_that_is_down_while_a_list_is_read_is_waited_for(running: Running, clock: Clock) -> None:
    key = running.service.reviews.of_members("pack:birds")
    number = found(running, key).id
    running.service.reviews.work(number)
    running.network.should_raise = UpstreamUnavailable("Fakesky is down.", 30.0)
    running.service.reviews.work(number)
    assert found(running, key).state == "running"
    assert running.service.reviews.waits_for(found(running, key)) == "Fakesky is down."
    running.network.should_raise = None
    clock.time += FIRST_WAIT
    for _ in range(20):
        running.service.reviews.work(number)
    assert (found(running, key).state, handles(running, key)) == ("done", MEMBERS)


@pytest.mark.parametrize("own", ["", "me.test"])
@pytest.mark.parametrize("done", range(9))
def test_a_process_killed_after_any_piece_loses_nobody_on_the_list(
    running: Running, start: Any, tmp_path: Path, done: int, own: str
) -> None:
    key = running.service.reviews.of_members("pack:birds", own)
    for _ in range(done):
        running.service.reviews.work(found(running, key).id)
    again = start(tmp_path)
    again.service.reviews.resume()
    again.work()
    assert handles(again, key) == MEMBERS
    assert (found(again, key).state, found(again, key).title) == ("done", "the pack “birds”")


def test_what_is_no_published_list_is_refused_with_what_to_paste(running: Running) -> None:
    with pytest.raises(BadHandle, match="paste one like pack:birds"):
        running.service.reviews.of_members("alice.test")
    with pytest.raises(BadHandle, match="type one like alice"):
        running.service.reviews.of_members("pack:birds", "two words")


def test_a_network_that_lists_no_followers_says_what_to_do_instead(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeNetwork, "followers")
    with pytest.raises(CannotReview, match=r"Fakesky shows nobody who follows an account\. Paste their names"):
        running.service.reviews.of_followers("bluesky", "me.test")


def test_where_no_network_publishes_lists_it_is_said_so(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FakeNetwork, "members")
    with pytest.raises(CannotReview, match="No network whose accounts publish lists"):
        running.service.reviews.of_members("pack:birds")

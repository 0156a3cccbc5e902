"""Going through the accounts that somebody follows: a piece at a time, whatever breaks in between."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from server.activity import PostKind
from server.errors import AccountUnknown, UnknownNetwork, UpstreamUnavailable
from server.networks.network import ListedPage
from server.review import (
    AT_ONCE,
    FAILURES_BEFORE_PAUSE,
    FIRST_WAIT,
    GIVE_UP_SECONDS,
    KEPT_DAYS,
    MOST_ACCOUNTS,
    CannotReview,
    Reviews,
    finding_of,
)
from server.scoring.sample import DAY
from server.store.reviews import ReviewStore
from tests.server.conftest import Clock, Running
from tests.server.databases import Database
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FOLLOWED = ["alice.test", "carla.test", "quiet.test", "gone.test", "eva.test"]


def me() -> Invented:
    """Whose review it is: replied to alice four times, reposted carla once."""
    mine = Invented("me.test").post(PostKind.REPLY, times=4, target="did:plc:alice.test")
    return mine.post(PostKind.REPOST, target="did:plc:carla.test").post(times=9, every_hours=12, tags="birds")


def looked_at(network: FakeNetwork) -> list[str]:
    """The accounts that were asked for, by name, without the one whose review it is."""
    return sorted(handle for handle in network.glances if handle != "me.test")


@pytest.fixture
def network() -> FakeNetwork:
    fake = FakeNetwork(
        Invented("alice.test").replies(people=30).post(times=20),
        Invented("carla.test").post(PostKind.ORIGINAL, times=40),
        Invented("quiet.test", posts=0),
        Invented("eva.test").replies(people=12).post(times=12),
        me(),
    )
    fake.following = {"me.test": list(FOLLOWED), "lonely.test": []}
    return fake


def begin(running: Running, handle: str = "me.test") -> str:
    return running.service.reviews.of_follows("bluesky", handle)


def states(running: Running, key: str) -> dict[str, str]:
    review = running.service.reviews.find(key)
    assert review is not None
    return {row.handle: row.state for row in running.service.reviews.rows(review)}


def state(running: Running, key: str) -> str:
    review = running.service.reviews.find(key)
    assert review is not None
    return review.state


def pieces(running: Running, key: str, number: int) -> None:
    """Do so many pieces of work, one after the other."""
    review = running.service.reviews.find(key)
    assert review is not None
    for _ in range(number):
        running.service.reviews.work(review.id)


def test_every_account_followed_is_looked_at_once_and_in_the_order_of_the_list(running: Running) -> None:
    key = begin(running)
    running.work()
    assert list(states(running, key).items()) == [
        ("alice.test", "done"),
        ("carla.test", "done"),
        ("quiet.test", "done"),
        ("gone.test", "unknown"),
        ("eva.test", "done"),
    ]
    assert looked_at(running.network) == sorted(FOLLOWED)
    assert running.network.pages == ["", "2", "4"]
    assert state(running, key) == "done"


def test_a_row_says_what_the_report_of_that_account_says(running: Running) -> None:
    key = begin(running)
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    row = running.service.reviews.rows(review)[0]
    report = running.lookup.report("bluesky", "alice.test").report
    assert row.finding is not None
    assert report is not None
    assert (row.finding.score, row.finding.low, row.finding.high) == tuple(
        report["score"][name] for name in ("value", "low", "high")
    )
    assert (row.finding.verdict, row.finding.ratio) == (report["verdict"]["id"], report["balance"]["ratio"])
    assert row.finding.last_post == report["facts"]["last_post"]


def test_a_report_made_before_moves_were_read_says_of_none(running: Running) -> None:
    running.lookup.report("bluesky", "alice.test")
    running.work()
    report = running.lookup.report("bluesky", "alice.test").report
    assert report is not None
    assert finding_of(report).moved_to == ""
    del report["account"]["moved_to"]
    assert finding_of(report).moved_to == ""


def test_an_account_that_is_known_already_is_not_asked_about_again(running: Running) -> None:
    running.lookup.report("bluesky", "alice.test")
    running.work()
    begin(running)
    running.work()
    assert running.network.glances.count("alice.test") == 1


def test_somebody_who_follows_nobody_has_an_empty_review_that_is_done(running: Running) -> None:
    key = begin(running, "lonely.test")
    running.work()
    assert (states(running, key), state(running, key)) == ({}, "done")


def test_an_account_that_does_not_exist_fails_with_the_network_s_words(running: Running) -> None:
    key = begin(running, "nobody.test")
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    assert (review.state, review.detail) == ("failed", "There is no account nobody.test.")


def test_follows_that_are_hidden_are_said_to_be(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running.network, "follows", lambda *given: ListedPage((), count=9, hidden=True))
    key = begin(running)
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    assert review.state == "failed"
    assert "does not show whom it follows" in review.detail


def test_a_network_that_lists_no_follows_says_what_to_do_instead(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeNetwork, "follows")
    with pytest.raises(CannotReview, match=r"Fakesky shows nobody whom an account follows\. Paste their names"):
        begin(running)


def test_a_network_that_is_not_served_is_said_so(running: Running) -> None:
    with pytest.raises(UnknownNetwork):
        running.service.reviews.of_follows("elsewhere", "me.test")


def test_who_follows_more_than_is_reviewed_has_the_first_of_the_list(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.review.MOST_ACCOUNTS", 3)
    key = begin(running)
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    assert list(states(running, key)) == FOLLOWED[:3]
    assert (review.state, review.count) == ("done", 5)


@pytest.mark.parametrize("done", range(12))
def test_a_process_killed_after_any_piece_loses_nothing_and_repeats_nothing(
    running: Running, start: Any, tmp_path: Path, done: int
) -> None:
    key = begin(running)
    pieces(running, key, done)
    again = start(tmp_path)
    again.service.reviews.resume()
    again.work()
    assert list(states(again, key)) == FOLLOWED
    assert state(again, key) == "done"
    assert looked_at(again.network) == sorted(FOLLOWED)


def test_a_process_killed_while_it_looks_at_an_account_looks_again(
    running: Running, start: Any, tmp_path: Path
) -> None:
    key = begin(running)
    pieces(running, key, 3)

    def die(handle: str) -> None:
        raise KeyboardInterrupt

    running.network.before = die
    with pytest.raises(KeyboardInterrupt):
        pieces(running, key, 1)
    running.network.before = lambda handle: None
    again = start(tmp_path)
    again.service.reviews.resume()
    again.work()
    assert set(states(again, key)) == set(FOLLOWED)
    assert state(again, key) == "done"


def test_an_upstream_that_is_down_for_an_hour_costs_no_account(running: Running, clock: Clock) -> None:
    key = begin(running)
    pieces(running, key, 3)
    running.network.should_raise = UpstreamUnavailable("Fakesky is down.", 30.0)
    for _ in range(60):
        pieces(running, key, 2)
        clock.time += 60
    assert "waiting" in states(running, key).values()
    assert state(running, key) == "running"
    asked_while_down = len(looked_at(running.network))
    running.network.should_raise = None
    for _ in range(60):
        pieces(running, key, 2)
        clock.time += 60
    assert states(running, key) == dict.fromkeys(FOLLOWED, "done") | {"gone.test": "unknown"}
    assert state(running, key) == "done"
    assert asked_while_down < 60


def test_after_a_few_failures_the_others_are_left_in_peace_and_it_says_what_it_waits_for(
    running: Running, clock: Clock
) -> None:
    key = begin(running)
    pieces(running, key, 3)
    running.network.should_raise = UpstreamUnavailable("Fakesky is down.", 30.0)
    pieces(running, key, 20)
    review = running.service.reviews.find(key)
    assert review is not None
    assert len(looked_at(running.network)) == FAILURES_BEFORE_PAUSE
    assert running.service.reviews.waits_for(review) == "Fakesky is down."
    assert running.service.reviews.progress(review).put_off == FAILURES_BEFORE_PAUSE
    clock.time += FIRST_WAIT + 1
    assert running.service.reviews.waits_for(review) == ""


def test_one_account_whose_server_is_gone_does_not_hold_up_the_others_and_is_let_go_in_the_end(
    running: Running, clock: Clock
) -> None:
    key = begin(running)

    def down(handle: str) -> None:
        if handle == "carla.test":
            raise UpstreamUnavailable("Its server is down.", 30.0)

    running.network.before = down
    pieces(running, key, 20)
    assert [name for name, now in states(running, key).items() if now == "waiting"] == ["carla.test"]
    for _ in range(GIVE_UP_SECONDS // 600 + 4):
        clock.time += 600
        pieces(running, key, 1)
    pieces(running, key, 1)
    review = running.service.reviews.find(key)
    assert review is not None
    row = next(row for row in running.service.reviews.rows(review) if row.handle == "carla.test")
    assert (row.state, row.detail, review.state) == ("unavailable", "Its server is down.", "done")


def test_a_review_that_was_stopped_goes_on_where_it_was(running: Running) -> None:
    key = begin(running)
    pieces(running, key, 4)
    review = running.service.reviews.find(key)
    assert review is not None
    running.service.reviews.cancel(review)
    running.work()
    looked = len(looked_at(running.network))
    assert state(running, key) == "cancelled"
    assert looked == 1
    running.service.reviews.go_on(review)
    running.work()
    assert state(running, key) == "done"
    assert looked_at(running.network) == sorted(FOLLOWED)


def test_two_reviews_of_the_same_account_at_once_are_both_whole(running: Running) -> None:
    first, second = begin(running), begin(running)
    assert first != second
    running.work()
    assert states(running, first) == states(running, second)
    assert looked_at(running.network) == sorted(FOLLOWED)


def test_many_workers_on_one_review_look_at_no_account_twice(running: Running, network: FakeNetwork) -> None:
    network.following["me.test"] = [f"p{number}.test" for number in range(40)]
    network.page_size = 40
    at_once, most, lock = 0, 0, threading.Lock()

    def count(handle: str) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        threading.Event().wait(0.002)
        with lock:
            at_once -= 1

    key = begin(running)
    pieces(running, key, 1)
    network.before = count
    workers = [threading.Thread(target=running.work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    running.work()
    assert looked_at(network) == sorted(network.following["me.test"])
    assert state(running, key) == "done"
    assert 1 <= most <= AT_ONCE


def test_an_account_that_asks_not_to_be_kept_is_shown_while_it_is_remembered_and_never_written_down(
    running: Running, start: Any, tmp_path: Path
) -> None:
    ephemeral(running.network.accounts["alice.test"])
    key = begin(running)
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    row = running.service.reviews.rows(review)[0]
    assert row.state == "not_kept"
    assert row.finding is not None
    assert row.finding.score
    again = start(tmp_path).service.reviews.rows(review)[0]
    assert again.finding is None
    assert "not to be kept" in again.detail


def test_who_opts_out_is_gone_from_every_review_at_once(running: Running) -> None:
    key = begin(running)
    running.work()
    running.lookup.opt_out("bluesky", "alice.test")
    review = running.service.reviews.find(key)
    assert review is not None
    row = running.service.reviews.rows(review)[0]
    assert (row.state, row.finding, row.detail) == ("refused", None, "This account asked not to be scored.")


def test_a_review_is_deleted_after_its_days_or_when_asked(running: Running, clock: Clock) -> None:
    first, second = begin(running), begin(running)
    running.work()
    review = running.service.reviews.find(first)
    assert review is not None
    running.service.reviews.delete(review)
    assert running.service.reviews.find(first) is None
    clock.time += KEPT_DAYS * DAY - 10
    assert running.service.reviews.tidy() == 0
    clock.time += 20
    assert running.service.reviews.tidy() == 1
    assert running.service.reviews.find(second) is None


def test_a_list_holds_each_account_once_and_neither_none_nor_too_many(running: Running) -> None:
    reviews: Reviews = running.service.reviews
    key = reviews.of_list([("bluesky", "alice.test"), ("bluesky", "eva.test"), ("bluesky", "alice.test")])
    running.work()
    assert states(running, key) == {"alice.test": "done", "eva.test": "done"}
    with pytest.raises(CannotReview, match="no account"):
        reviews.of_list([])
    with pytest.raises(CannotReview, match=f"{MOST_ACCOUNTS + 1:,} accounts"):
        reviews.of_list([("bluesky", f"p{number}.test") for number in range(MOST_ACCOUNTS + 1)])


def test_the_key_itself_is_not_kept(running: Running, database: Database) -> None:
    key = begin(running)
    running.work()
    assert running.service.reviews.find(key) is not None
    assert "me.test" in database.content()
    assert key not in database.content()


def test_a_fault_in_one_account_does_not_stop_the_review(running: Running) -> None:
    def stumble(handle: str) -> None:
        if handle == "carla.test":
            raise AccountUnknown("It moved away.")

    running.network.before = stumble
    key = begin(running)
    running.work()
    assert state(running, key) == "done"
    assert states(running, key)["carla.test"] == "unknown"


def test_what_the_two_had_to_do_with_one_another_is_told_of_each(running: Running, network: FakeNetwork) -> None:
    network.accounts["eva.test"].post(PostKind.REPLY, times=2, target="did:plc:me.test").post(
        times=3, every_hours=12, tags="birds tea"
    )
    key = begin(running)
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    between = {row.handle: row.finding.between for row in running.service.reviews.rows(review) if row.finding}
    alice, carla, eva, quiet = (between[f"{name}.test"] for name in ("alice", "carla", "eva", "quiet"))
    assert alice is not None
    assert (alice.mine.replies, alice.theirs.total) == (4, 0)
    assert carla is not None
    assert (carla.mine.reposts, carla.total) == (1, 1)
    assert eva is not None
    assert (eva.mine.total, eva.theirs.replies, eva.topics) == (0, 2, ["#birds"])
    assert quiet is not None
    assert quiet.total == 0
    assert network.studies == ["me.test"]


def test_of_a_list_and_of_somebody_not_kept_no_dealings_are_told(running: Running, network: FakeNetwork) -> None:
    ephemeral(network.accounts["me.test"])
    keys = begin(running), running.service.reviews.of_list([("bluesky", "alice.test")])
    running.work()
    for key in keys:
        review = running.service.reviews.find(key)
        assert review is not None
        assert all(row.finding.between is None for row in running.service.reviews.rows(review) if row.finding)


def test_a_fault_of_ours_is_tried_again_and_loses_no_account(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    key, store = begin(running), ReviewStore
    pieces(running, key, 3)
    settle = store.settle

    def full(*given: Any, **named: Any) -> None:
        monkeypatch.setattr(store, "settle", settle)
        raise OperationalError("write", {}, Exception("the disk is full"))

    monkeypatch.setattr(store, "settle", full)
    scheduled = []
    schedule = running.service.queue.enqueue_review
    monkeypatch.setattr(
        running.service.queue, "enqueue_review", lambda number, wait: scheduled.append(wait) or schedule(number, 0)
    )
    running.work()
    assert FIRST_WAIT in scheduled
    assert state(running, key) == "done"
    assert set(states(running, key)) == set(FOLLOWED)


def test_too_many_reviews_at_once_are_refused_with_what_to_do(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.review.MOST_RUNNING", 2)
    begin(running)
    begin(running)
    with pytest.raises(CannotReview, match="Stop one"):
        begin(running)
    running.work()
    begin(running)


def test_who_opts_out_while_being_looked_at_is_not_written_down(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, settle = begin(running), ReviewStore.settle

    def opting_out(store: ReviewStore, review: int, position: int, *found: str) -> None:
        if position == 0:
            running.lookup.opt_out("bluesky", "alice.test")
        settle(store, review, position, *found)

    monkeypatch.setattr(ReviewStore, "settle", opting_out)
    running.work()
    review = running.service.reviews.find(key)
    assert review is not None
    row = running.service.reviews.rows(review)[0]
    assert (row.state, row.finding) == ("refused", None)


def test_looking_again_at_who_asks_not_to_be_kept_takes_it_out_of_no_other_review(running: Running) -> None:
    ephemeral(running.network.accounts["alice.test"])
    first = begin(running)
    running.work()
    running.lookup.gather("bluesky", "alice.test", study=False)
    review = running.service.reviews.find(first)
    assert review is not None
    row = running.service.reviews.rows(review)[0]
    assert row.state == "not_kept"
    assert row.finding is not None


def test_who_asks_no_longer_to_be_kept_is_deleted_from_reviews_that_have_it(running: Running) -> None:
    key = begin(running)
    running.work()
    ephemeral(running.network.accounts["alice.test"])
    running.lookup.gather("bluesky", "alice.test", study=False)
    review = running.service.reviews.find(key)
    assert review is not None
    assert running.service.reviews.rows(review)[0].state == "not_kept"
    assert "In conversation" not in running.service.reviews._store.accounts(review.id)[0].finding

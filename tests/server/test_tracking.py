"""Watching accounts: lists, a score a day, marked days, and that wishes are honoured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from server.store.tracking import TrackedList
from server.store.unguessable import key_digest
from server.tracking import (
    MOST_LISTS,
    MOST_MARKS,
    MOST_TRACKED,
    UNUSED_DAYS,
    CannotTrack,
    Tracking,
    day_of,
    read_day,
)
from tests.server.conftest import Running
from tests.server.databases import Database
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import DAY, NOW, Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ALICE = ("bluesky", "did:plc:alice.test")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        Invented("alice.test").replies(people=30).post(times=20),
        Invented("carla.test").post(times=40),
        Invented("quiet.test", posts=0),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )


@pytest.fixture
def tracking(running: Running) -> Tracking:
    return running.service.tracking


@pytest.fixture
def listed(tracking: Tracking) -> TrackedList:
    return tracking.begin()[1]


def handles(tracking: Tracking, listed: TrackedList) -> list[str]:
    return [watched.handle for watched in tracking.accounts(listed)]


def test_a_list_is_found_by_its_key_alone(tracking: Tracking) -> None:
    key, listed = tracking.begin()
    other, _ = tracking.begin()
    assert tracking.find(key) == listed
    assert key != other
    for wrong in ("", key[:-1], key + "x", "é" * 24, "a" * 24, "../" * 8):
        assert tracking.find(wrong) is None


def test_the_database_holds_no_key(tracking: Tracking, database: Database) -> None:
    key, _ = tracking.begin()
    assert key_digest(key) in database.content()
    assert key not in database.content()


def test_an_account_is_looked_at_when_it_is_added_and_stands_on_the_list_once(
    tracking: Tracking, listed: TrackedList, running: Running
) -> None:
    tracking.track(listed, "bluesky", "alice.test")
    tracking.track(listed, "bluesky", "@ALICE.test")
    assert handles(tracking, listed) == ["alice.test"]
    watched = tracking.accounts(listed)[0]
    assert watched.report is not None
    assert len(watched.over_time.points) == 1
    assert tracking.tracks(listed, *ALICE)
    tracking.untrack(listed, *ALICE)
    assert handles(tracking, listed) == []
    assert not tracking.tracks(listed, *ALICE)


@pytest.mark.parametrize(
    ("handle", "said"),
    [("nobody.test", "There is no account nobody.test"), ("shy.test", "asks not to be kept")],
)
def test_what_cannot_be_watched_says_why(tracking: Tracking, listed: TrackedList, handle: str, said: str) -> None:
    with pytest.raises(CannotTrack, match=said):
        tracking.track(listed, "bluesky", handle)
    assert handles(tracking, listed) == []


def test_who_opted_out_cannot_be_watched_and_leaves_every_list_at_once(running: Running, tracking: Tracking) -> None:
    lists = [tracking.begin()[1] for _ in range(2)]
    for listed in lists:
        tracking.track(listed, "bluesky", "alice.test")
        tracking.mark(listed, *ALICE, date(2026, 9, 1), "new job")
    running.lookup.opt_out("bluesky", "alice.test")
    for listed in lists:
        assert handles(tracking, listed) == []
        assert tracking.marks(listed, *ALICE) == []
    with pytest.raises(CannotTrack, match="asked not to be scored"):
        tracking.track(lists[0], "bluesky", "alice.test")


def test_who_asks_not_to_be_kept_later_leaves_the_list_at_the_next_look(
    running: Running, tracking: Tracking, listed: TrackedList
) -> None:
    tracking.track(listed, "bluesky", "alice.test")
    ephemeral(running.network.accounts["alice.test"])
    running.clock.time += DAY
    tracking.gather_due()
    running.work()
    assert handles(tracking, listed) == []


def test_every_watched_account_is_studied_once_a_day_whoever_watches_it(
    running: Running, tracking: Tracking, listed: TrackedList
) -> None:
    other = tracking.begin()[1]
    for one in (listed, other):
        tracking.track(one, "bluesky", "alice.test")
    tracking.track(other, "bluesky", "carla.test")
    assert tracking.gather_due() == 0
    running.network.studies.clear()
    for _hour in range(48):
        running.clock.time += 3600
        tracking.gather_due()
        running.work()
    assert sorted(running.network.studies) == ["alice.test"] * 2 + ["carla.test"] * 2
    assert len(tracking.accounts(listed)[0].over_time.points) == 3


def test_an_account_that_is_gone_stays_on_the_list_and_is_asked_no_more_than_hourly(
    running: Running, tracking: Tracking, listed: TrackedList
) -> None:
    tracking.track(listed, "bluesky", "alice.test")
    del running.network.accounts["alice.test"]
    running.network.glances.clear()
    running.clock.time += DAY
    for _ in range(3):
        tracking.gather_due()
        running.work()
    assert len(running.network.glances) == 1
    assert handles(tracking, listed) == ["alice.test"]


def test_a_renamed_account_is_followed_by_its_id(running: Running, tracking: Tracking, listed: TrackedList) -> None:
    tracking.track(listed, "bluesky", "alice.test")
    account = running.network.accounts.pop("alice.test")
    account.builder.profile = replace(account.builder.profile, handle="moreau.test")
    running.network.accounts["moreau.test"] = account
    running.clock.time += DAY
    tracking.gather_due()
    running.work()
    assert handles(tracking, listed) == ["moreau.test"]
    assert len(tracking.accounts(listed)[0].over_time.points) == 2


@pytest.mark.databases("sqlite")
def test_there_is_an_end_to_what_is_kept(
    running: Running, tracking: Tracking, listed: TrackedList, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_TRACKED + 1):
        running.network.accounts[f"p{number}.test"] = Invented(f"p{number}.test").post(times=3)
    for number in range(MOST_TRACKED):
        tracking.track(listed, "bluesky", f"p{number}.test")
    with pytest.raises(CannotTrack, match="50 accounts are watched already"):
        tracking.track(listed, "bluesky", f"p{MOST_TRACKED}.test")
    tracking.track(listed, "bluesky", "p0.test")
    for number in range(MOST_MARKS):
        tracking.mark(listed, *ALICE, date(2026, 9, 1), f"mark {number}")
    with pytest.raises(CannotTrack, match="50 days are marked already"):
        tracking.mark(listed, *ALICE, date(2026, 9, 1), "one more")
    monkeypatch.setattr("server.tracking.MOST_LISTS", 1)
    with pytest.raises(CannotTrack, match="Try again another day"):
        tracking.begin()
    assert MOST_LISTS == 1000


def test_a_list_that_nobody_asks_for_is_deleted_with_its_marks(running: Running, tracking: Tracking) -> None:
    (used, _), (unused, _) = tracking.begin(), tracking.begin()
    for _ in range(3):
        running.clock.time += UNUSED_DAYS / 2 * DAY
        assert tracking.find(used)
        tracking.tidy()
    assert tracking.find(used)
    assert tracking.find(unused) is None


def test_a_deleted_list_is_gone(tracking: Tracking) -> None:
    key, listed = tracking.begin()
    tracking.track(listed, "bluesky", "alice.test")
    tracking.mark(listed, *ALICE, date(2026, 9, 1), "new job")
    tracking.delete(listed)
    assert tracking.find(key) is None
    assert tracking.accounts(listed) == []
    assert tracking.marks(listed, *ALICE) == []


def test_marks_stand_in_the_order_of_their_days_and_only_on_their_own_list(
    tracking: Tracking, listed: TrackedList
) -> None:
    other = tracking.begin()[1]
    tracking.mark(listed, *ALICE, date(2026, 9, 3), "later")
    tracking.mark(listed, *ALICE, date(2026, 9, 1), " earlier \n on ")
    assert [(day_of(m.day), m.words) for m in tracking.marks(listed, *ALICE)] == [
        (date(2026, 9, 1), "earlier on"),
        (date(2026, 9, 3), "later"),
    ]
    assert tracking.marks(other, *ALICE) == []
    tracking.unmark(other, tracking.marks(listed, *ALICE)[0].id)
    assert len(tracking.marks(listed, *ALICE)) == 2


def test_today_can_be_marked_and_tomorrow_cannot() -> None:
    today = day_of(NOW)
    assert read_day(today.isoformat(), today) == today
    with pytest.raises(CannotTrack, match="still to come"):
        read_day(day_of(NOW + DAY).isoformat(), today)

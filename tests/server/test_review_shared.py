"""Several processes work on one review: each account is looked at by one of them, and what a killed one was at, by another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.review import AT_ONCE, LEASE_SECONDS
from server.store.database import open_database
from server.store.reviews import ListKind, ReviewStore
from tests.server.conftest import Clock, Running
from tests.server.databases import Database
from tests.server.fake_network import FakeNetwork
from tests.server.invented import NOW, Invented
from tests.server.redis_server import redis_url

__all__ = ["redis_url"]

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NAMES = [f"p{number}.test" for number in range(8)]
Store = Callable[[], ReviewStore]


@pytest.fixture
def store(database: Database) -> Store:
    """The reviews as another process has them."""
    return lambda: ReviewStore(open_database(database.url))


@pytest.fixture
def review(store: Store) -> int:
    """One of eight accounts that wait."""
    return store().begin("k", "", "", NOW, ListKind.NAMES, names=[("bluesky", name, name) for name in NAMES])


def claim(store: ReviewStore, review: int, now: int = NOW) -> str | None:
    found = store.claim(review, now, now + LEASE_SECONDS, AT_ONCE)
    return found.name if found else None


def test_no_two_processes_are_at_one_account(store: Store, review: int) -> None:
    one, other = store(), store()
    assert [claim(one, review), claim(other, review), claim(one, review)] == NAMES[:3]


def test_no_more_are_looked_at_at_once_than_one_process_would(store: Store, review: int) -> None:
    one, other = store(), store()
    assert [claim(at, review) for at in (one, other, one, other)] == [*NAMES[:AT_ONCE], None]
    other.settle(review, 1, "unknown", "Not there.", NAMES[1], NOW)
    assert claim(other, review) == NAMES[AT_ONCE]
    assert claim(one, review) is None


def test_at_the_same_moment_each_process_gets_another_account(store: Store, review: int) -> None:
    found: list[str | None] = []
    stores = [store() for _ in range(6)]
    threads = [threading.Thread(target=lambda at=at: found.append(claim(at, review))) for at in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for name in found if name) == NAMES[:AT_ONCE]
    assert found.count(None) == 6 - AT_ONCE


def test_what_a_killed_process_was_at_another_looks_at_after_a_while(store: Store, review: int) -> None:
    killed, other = store(), store()
    assert claim(killed, review) == NAMES[0]
    assert claim(other, review, NOW + LEASE_SECONDS - 1) == NAMES[1]
    assert claim(other, review, NOW + LEASE_SECONDS) == NAMES[0]


def test_what_failed_may_be_looked_at_again_at_once(store: Store, review: int) -> None:
    one, other = store(), store()
    assert claim(one, review) == NAMES[0]
    one.release(review, 0)
    assert claim(other, review) == NAMES[0]


def test_a_page_of_the_list_is_read_by_one(store: Store) -> None:
    one, other = store(), store()
    review = one.begin("k", "bluesky", "me.test", NOW)
    assert one.claim_listing(review, "", NOW, NOW + 60)
    assert not other.claim_listing(review, "", NOW, NOW + 60)
    assert other.claim_listing(review, "", NOW + 60, NOW + 120)
    one.release_listing(review)
    assert one.claim_listing(review, "", NOW + 61, NOW + 120)
    one.add_page(review, [("bluesky", "a.test", "a.test")], "", "2", 2)
    assert not other.claim_listing(review, "", NOW + 999, NOW + 1059)


def test_failures_are_counted_over_all_processes(store: Store, review: int) -> None:
    one, other = store(), store()
    assert one.put_off(review, 0, NOW + 60, NOW, "It does not answer.") == 1
    assert other.put_off(review, 1, NOW + 60, NOW, "It does not answer.") == 2
    one.settle(review, 2, "unknown", "", NAMES[2], NOW)
    assert other.put_off(review, 3, NOW + 60, NOW, "It does not answer.") == 1


@pytest.fixture
def network() -> FakeNetwork:
    fake = FakeNetwork(*(Invented(name).post(times=12) for name in NAMES), Invented("me.test").post(times=12))
    fake.following = {"me.test": list(NAMES)}
    return fake


@pytest.fixture
def begin(start: Any, tmp_path: Path, redis_url: str) -> Callable[[], Running]:
    """A process with the database and the Redis that all of them share."""
    return lambda: start(tmp_path, cache_url=redis_url)


def rows(running: Running, key: str) -> dict[str, str]:
    review = running.service.reviews.find(key)
    assert review is not None
    return {row.handle: row.state for row in running.service.reviews.rows(review)}


def test_what_one_process_is_asked_for_another_one_does(begin: Callable[[], Running]) -> None:
    asked, working = begin(), begin()
    key = asked.service.reviews.of_follows("bluesky", "me.test")
    working.work()
    assert rows(asked, key) == dict.fromkeys(NAMES, "done")
    standing = asked.service.reviews.standing(key)
    assert standing is not None
    assert standing.state == "done"


def test_a_review_whose_work_was_lost_is_gone_on_with(begin: Callable[[], Running], clock: Clock) -> None:
    asked = begin()
    key = asked.service.reviews.of_follows("bluesky", "me.test")
    number = asked.service.reviews._store.number(key)
    assert number is not None
    # Somebody took the piece that waited, and was killed at it.
    assert asked.service.queue._huey.dequeue() is not None
    assert asked.service.reviews._store.claim_listing(number, "", int(clock()), int(clock()) + LEASE_SECONDS)
    other = begin()
    assert other.service.reviews.revive(()) == 0
    clock.time += LEASE_SECONDS
    assert other.service.reviews.revive({number}) == 0
    assert other.service.reviews.revive(()) == 1
    other.work()
    assert rows(asked, key) == dict.fromkeys(NAMES, "done")


def test_a_review_waits_in_all_processes_for_a_network_that_asked_for_time(
    begin: Callable[[], Running], clock: Clock
) -> None:
    asked, working = begin(), begin()
    key = asked.service.reviews.of_follows("bluesky", "me.test")
    review = asked.service.reviews.find(key)
    assert review is not None
    working.service.reviews._store.pause(review.id, int(clock()) + 90, "Bluesky does not answer.")
    found = asked.service.reviews.find(key)
    assert found is not None
    assert asked.service.reviews.waits_for(found) == "Bluesky does not answer."
    working.work()
    assert working.network.pages == []
    clock.time += 90
    assert asked.service.reviews.waits_for(found) == ""

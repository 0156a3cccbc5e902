"""What databases do differently by themselves, and the store must not."""

from __future__ import annotations

import pytest

from server.report import compose, to_json
from server.store.database import open_database
from server.store.repository import Repository
from server.store.reviews import ReviewStore
from server.store.tracking import TrackingStore
from tests.server.databases import Database
from tests.server.invented import NOW, Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def test_text_is_ordered_by_its_code_points(database: Database) -> None:
    store = TrackingStore(open_database(database.url))
    listed = store.begin("k" * 24, NOW)
    for handle in ("é.test", "b.test", "B.test", "_.test", "a-b.test", "aa.test", "a.test", "😀"):
        store.add(listed.id, "bluesky", handle, handle, NOW)
    handles = [account.handle for account in store.accounts(listed.id)]
    assert handles == sorted(handles)
    assert handles[:2] == ["B.test", "_.test"]


def test_accounts_that_were_never_gathered_are_due_first(database: Database) -> None:
    engine = open_database(database.url)
    store, listed = TrackingStore(engine), TrackingStore(engine).begin("k" * 24, NOW)
    for handle in ("new.test", "alice.test"):
        store.add(listed.id, "bluesky", f"did:plc:{handle}", handle, NOW)
    report = compose(Invented("alice.test").post(times=20).build(), NOW)
    Repository(engine, b"k" * 32).save(report, to_json(report), {"alice.test"}, 0)
    assert [name for _, name in store.due(NOW + 1)] == ["did:plc:new.test", "did:plc:alice.test"]


def test_seconds_go_on_after_2038(database: Database) -> None:
    store = ReviewStore(open_database(database.url))
    review = store.begin("k" * 24, "bluesky", "me.test", 5_000_000_000)
    assert store.find(review).created_at == 5_000_000_000  # type: ignore[union-attr]
    assert store.forget_older_than(5_000_000_001) == 1


def test_names_differ_by_case_and_a_network_is_not_taken_for_another(database: Database) -> None:
    repository = Repository(open_database(database.url), b"k" * 32)
    for network, handle in (("x", "alice"), ("bluesky", "alice.test")):
        report = compose(Invented(handle, network=network).post(times=20).build(), NOW)
        repository.save(report, to_json(report), {handle}, 0)
        version = report.formula_version
    assert repository.standing("x", 1000, version)[1] == 1
    for pattern in ("%", "_", "blue"):
        assert repository.standing(pattern, 1000, version) == (0, 0)


def test_a_nul_in_text_costs_nothing_and_makes_no_other_name(database: Database) -> None:
    engine = open_database(database.url)
    reviews, repository = ReviewStore(engine), Repository(engine, b"k" * 32)
    review = reviews.begin("k" * 24, "bluesky", "me.test", NOW)
    reviews.add_page(review, [("bluesky", "a\0.test", "a.test")], "", None, 1)
    reviews.write_note(review, 0, "a\0neighbour")
    account = reviews.account(review, 0)
    assert account is not None
    assert (account.name, account.note) == ("a\ufffd.test", "a\ufffdneighbour")
    report = compose(Invented("alice.test").post(times=20).build(), NOW)
    repository.save(report, to_json(report), {"alice.test"}, 0)
    assert repository.find("bluesky", "alice\0.test") is None


def test_what_is_deleted_is_counted_however_much_it_is(database: Database) -> None:
    store = TrackingStore(open_database(database.url))
    database.rows(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000) "
        "INSERT INTO tracked_list (key_digest, created_at, used_on) SELECT CAST(i AS VARCHAR), 0, 0 FROM n"
    )
    kept = store.begin("k" * 24, NOW)
    assert store.forget_unused_since(NOW) == 70_000
    assert store.find("k" * 24, NOW) == kept

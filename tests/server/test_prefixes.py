"""Look-ups by prefix: how many digits, and what stands under them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import text

from server.account import AccountRef, name_digest
from server.errors import WrongDigits
from server.prefixes import CROWD, Digits, PrefixLookup
from server.report import compose, to_json
from server.store.database import open_database
from server.store.repository import Repository
from tests.server.conftest import Clock
from tests.server.databases import Database
from tests.server.invented import NOW, Invented

HOUR = 3600
REFRESH = 6 * HOUR
DIGITS = "0123456789abcdef"
on_both = pytest.mark.databases("sqlite", "postgresql")
"""Not on all: filling every prefix is slow, and one such test tells how the databases count."""


@pytest.fixture
def repository(database: Database) -> Repository:
    return Repository(open_database(database.url), b"k" * 32)


@pytest.fixture
def lookup(repository: Repository, clock: Clock) -> PrefixLookup:
    return PrefixLookup(repository, clock, REFRESH)


@pytest.fixture
def keep(repository: Repository) -> Callable[..., str]:
    """Store an account of X, where the handle is the id, under its name; gives the name's digest."""
    report = compose(Invented("somebody", network="x").replies(people=20).post(times=20).build(), NOW)
    form = to_json(report)

    def store(name: str, *more_handles: str) -> str:
        profile = replace(report.activity.profile, ref=AccountRef("x", name), handle=name)
        activity = replace(report.activity, profile=profile)
        named = {**form, "account": {**form["account"], "id": f"x:{name}", "handle": name}}
        repository.save(replace(report, activity=activity), named, {name, *more_handles}, 0)
        return name_digest("x", name)

    return store


def names_under(prefix: str, how_many: int) -> list[str]:
    """So many names whose digests begin with the prefix."""
    found, number = [], 0
    while len(found) < how_many:
        number += 1
        if name_digest("x", f"user{number}").startswith(prefix):
            found.append(f"user{number}")
    return found


def crowds(keep: Callable[..., str], each: int = CROWD, without: str = "") -> None:
    """Fill every prefix of one digit with so many accounts, but for those named."""
    for digit in DIGITS:
        if digit not in without:
            for name in names_under(digit, each):
                keep(name)


def test_a_digest_is_that_of_network_and_name_as_the_extension_computes_it() -> None:
    assert name_digest("bluesky", "alice.test") == sha256(b"bluesky:alice.test").hexdigest()


def test_an_empty_service_is_asked_for_all_at_once(lookup: PrefixLookup) -> None:
    assert lookup.digits() == Digits(0, 0)
    assert lookup.entries("") == []


@on_both
def test_the_digits_are_as_many_as_leave_a_crowd_under_every_prefix(
    lookup: PrefixLookup, keep: Callable[..., str]
) -> None:
    crowds(keep)
    assert lookup.digits() == Digits(1, 16 * CROWD)
    for digit in DIGITS:
        entries = lookup.entries(digit)
        assert len(entries) == CROWD
        ids = {entry.report["account"]["id"].removeprefix("x:") for entry in entries}
        assert {name_digest("x", name) for name in ids} == {digit + entry.suffix for entry in entries}


@pytest.mark.parametrize("left", [0, CROWD - 1])
def test_one_prefix_with_too_few_or_none_costs_a_digit(
    lookup: PrefixLookup, keep: Callable[..., str], left: int
) -> None:
    crowds(keep, each=CROWD + 2, without="7")
    for name in names_under("7", left):
        keep(name)
    assert lookup.digits() == Digits(0, 15 * (CROWD + 2) + left)
    assert len(lookup.entries("")) == 15 * (CROWD + 2) + left


def test_accounts_make_a_crowd_not_names(lookup: PrefixLookup, keep: Callable[..., str]) -> None:
    crowds(keep, without="7")
    names = names_under("7", 2 * CROWD)
    for name, also in zip(names[:8], names[8:16], strict=True):
        keep(name, also)
    assert lookup.digits() == Digits(0, 15 * CROWD + 8)


def test_an_account_stands_in_the_crowd_of_each_of_its_names(lookup: PrefixLookup, keep: Callable[..., str]) -> None:
    for one, other in zip(DIGITS[:8], DIGITS[8:], strict=True):
        for name, also in zip(names_under(one, CROWD), names_under(other, CROWD), strict=True):
            keep(name, also)
    assert lookup.digits() == Digits(1, 8 * CROWD)


def test_the_digits_stay_for_an_hour_whatever_comes(
    lookup: PrefixLookup, keep: Callable[..., str], clock: Clock
) -> None:
    assert lookup.digits().digits == 0
    crowds(keep)
    clock.time += HOUR - 1
    assert lookup.digits() == Digits(0, 0)
    clock.time += 1
    assert lookup.digits() == Digits(1, 16 * CROWD)


def test_a_crowd_that_shrinks_within_the_hour_is_not_shown(
    lookup: PrefixLookup, keep: Callable[..., str], repository: Repository
) -> None:
    crowds(keep)
    assert lookup.digits().digits == 1
    repository.forget(AccountRef("x", names_under("c", 1)[0]))
    assert len(lookup.entries("b")) == CROWD
    with pytest.raises(WrongDigits) as caught:
        lookup.entries("c")
    assert caught.value.digits == 0
    assert lookup.digits() == Digits(0, 16 * CROWD - 1)


@pytest.mark.parametrize("prefix", ["a", "ab", "a" * 64])
def test_a_prefix_of_another_length_is_told_the_right_one(lookup: PrefixLookup, prefix: str) -> None:
    with pytest.raises(WrongDigits, match="0 digits, which is written all") as caught:
        lookup.entries(prefix)
    assert caught.value.digits == 0


@on_both
def test_an_account_is_listed_under_its_id_and_every_handle_in_lower_case(
    lookup: PrefixLookup, repository: Repository
) -> None:
    report = compose(Invented("Alice.Test").post(times=20).build(), NOW)
    repository.save(report, to_json(report), {"Alice.Test", "old.test"}, 0)
    assert {entry.suffix for entry in lookup.entries("")} == {
        name_digest("bluesky", name) for name in ("did:plc:Alice.Test", "alice.test", "old.test")
    }


@on_both
def test_a_handle_that_no_longer_leads_to_the_account_is_not_listed(
    lookup: PrefixLookup, repository: Repository
) -> None:
    report = compose(Invented("alice.test").post(times=20).build(), NOW)
    repository.save(report, to_json(report), {"alice.test"}, 0)
    repository.forget_handle("bluesky", "alice.test")
    assert [entry.suffix for entry in lookup.entries("")] == [name_digest("bluesky", "did:plc:alice.test")]


def test_an_old_report_is_listed_as_stale(lookup: PrefixLookup, keep: Callable[..., str], clock: Clock) -> None:
    keep("alice")
    fresh = lookup.entries("")[0]
    assert (fresh.stale, fresh.ask_again_after) == (False, REFRESH)
    clock.time += REFRESH + 1
    old = lookup.entries("")[0]
    assert (old.stale, old.ask_again_after) == (True, 600)


@on_both
def test_names_whose_report_lacks_what_is_listed_come_with_the_next_report(
    lookup: PrefixLookup, keep: Callable[..., str], repository: Repository, clock: Clock
) -> None:
    keep("alice", "alice_before")
    with repository._engine.begin() as connection:
        connection.execute(text("UPDATE handle SET digest = NULL"))
    assert lookup.digits() == Digits(0, 0)
    keep("alice")
    clock.time += HOUR
    assert lookup.digits() == Digits(0, 1)
    assert {e.suffix for e in lookup.entries("")} == {name_digest("x", name) for name in ("alice", "alice_before")}


@pytest.mark.parametrize("broken", [b"junk", zlib.compress(b'{"state": "ready"}')])
def test_a_report_that_cannot_be_read_takes_nobody_else_along(
    lookup: PrefixLookup, keep: Callable[..., str], repository: Repository, broken: bytes
) -> None:
    keep("alice")
    bob = keep("bob")
    with repository._engine.begin() as connection:
        connection.execute(text("UPDATE account SET report = :broken WHERE ref = 'x:alice'"), {"broken": broken})
    assert [entry.suffix for entry in lookup.entries("")] == [bob]


def test_an_answer_reads_only_the_reports_under_its_prefix(
    lookup: PrefixLookup, keep: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowds(keep)
    lookup.digits()
    unpacked = []

    class Counting:
        error = zlib.error

        @staticmethod
        def decompress(data: bytes) -> bytes:
            unpacked.append(data)
            return zlib.decompress(data)

    monkeypatch.setattr("server.store.repository.zlib", Counting)
    assert len(lookup.entries("3")) == CROWD
    assert len(unpacked) == CROWD


@pytest.mark.databases("sqlite")
def test_the_names_under_a_prefix_are_found_by_the_index_alone(repository: Repository) -> None:
    with repository._engine.connect() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT handle.digest, account.report FROM handle JOIN account ON account.ref = handle.ref "
            "WHERE handle.digest >= 'ab' AND handle.digest < 'abg' ORDER BY handle.digest"
        ).all()
    steps = " / ".join(str(row[-1]) for row in plan)
    assert "SEARCH handle USING COVERING INDEX ix_handle_digest" in steps
    assert "SCAN" not in steps
    assert "TEMP B-TREE" not in steps

"""Ranks of whole networks: loaded in the place of earlier ones, read by the ids of a few, and gone with whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import SQLAlchemyError

from server.account import AccountRef
from server.store import ranks as room
from server.store.database import open_database
from server.store.ranks import RankedNetwork, RankStore
from server.store.repository import Repository
from tests.server.databases import Database
from tests.server.invented import NOW

pytestmark = pytest.mark.databases("sqlite", "postgresql")

RANKS = {f"did:plc:p{number}": 0.25 * number for number in range(1, 26)}


def nobody(_network: str) -> Callable[[str], bool]:
    return lambda _name: False


@pytest.fixture
def store(database: Database, monkeypatch: pytest.MonkeyPatch) -> RankStore:
    monkeypatch.setattr(room, "AT_ONCE", 10)
    monkeypatch.setattr(room, "ASKED_AT_ONCE", 4)
    return RankStore(open_database(database.url))


def test_a_few_are_told_of_the_many_that_were_loaded(store: RankStore) -> None:
    assert store.of("bluesky", ["did:plc:p1"]) == {}
    assert store.load("bluesky", NOW, lambda: RANKS.items(), nobody) == 25
    asked = [f"did:plc:p{number}" for number in range(20, 40)]
    assert store.of("bluesky", asked) == {name: RANKS[name] for name in asked[:6]}
    assert store.of("mastodon", asked) == {}
    assert store.of("bluesky", []) == {}
    assert store.networks() == [RankedNetwork("bluesky", NOW, 25)]


def test_later_ones_take_the_place_of_earlier_ones_of_their_network(store: RankStore, database: Database) -> None:
    store.load("mastodon", NOW, lambda: [("a@example.org", 3.0)], nobody)
    store.load("bluesky", NOW, lambda: RANKS.items(), nobody)
    store.load("bluesky", NOW + 1, lambda: [("did:plc:p1", 7.0), ("did:plc:new", 1.0)], nobody)
    assert store.of("bluesky", [*RANKS, "did:plc:new"]) == {"did:plc:p1": 7.0, "did:plc:new": 1.0}
    assert store.of("mastodon", ["a@example.org"]) == {"a@example.org": 3.0}
    assert store.networks() == [RankedNetwork("bluesky", NOW + 1, 2), RankedNetwork("mastodon", NOW, 1)]
    assert database.rows("SELECT count(*) FROM rank") == [(3,)]


def test_a_load_that_is_broken_off_changes_nothing_and_the_next_one_takes_its_rows_away(
    store: RankStore, database: Database
) -> None:
    store.load("bluesky", NOW, lambda: RANKS.items(), nobody)

    def broken_off() -> Iterator[tuple[str, float]]:
        yield from ((f"did:plc:q{number}", 1.0) for number in range(15))
        raise SQLAlchemyError("the disk is full")

    with pytest.raises(SQLAlchemyError, match="the disk is full"):
        store.load("bluesky", NOW + 1, broken_off, nobody)
    assert store.of("bluesky", ["did:plc:p1", "did:plc:q1"]) == {"did:plc:p1": 0.25}
    assert store.networks() == [RankedNetwork("bluesky", NOW, 25)]
    assert database.rows("SELECT count(*) FROM rank") == [(35,)]
    store.load("bluesky", NOW + 2, lambda: [("did:plc:p2", 2.0)], nobody)
    assert database.rows("SELECT name, rank FROM rank") == [("did:plc:p2", 2.0)]


def test_who_is_left_out_gets_none(store: RankStore) -> None:
    assert store.load("bluesky", NOW, lambda: RANKS.items(), lambda _network: "did:plc:p2".__eq__) == 24
    assert store.of("bluesky", ["did:plc:p2", "did:plc:p3"]) == {"did:plc:p3": 0.75}


def test_who_opts_out_while_they_are_loaded_gets_none(store: RankStore) -> None:
    asked: list[str] = []

    def wishes(network: str) -> Callable[[str], bool]:
        asked.append(network)
        return "did:plc:p2".__eq__ if len(asked) > 1 else lambda _name: False

    store.load("bluesky", NOW, lambda: RANKS.items(), wishes)
    assert store.of("bluesky", ["did:plc:p2", "did:plc:p3"]) == {"did:plc:p3": 0.75}


def test_ranks_can_be_taken_away_again(store: RankStore, database: Database) -> None:
    store.load("bluesky", NOW, lambda: RANKS.items(), nobody)
    assert store.unload("bluesky")
    assert not store.unload("bluesky")
    assert (store.networks(), store.of("bluesky", RANKS)) == ([], {})
    assert database.rows("SELECT count(*) FROM rank") == [(0,)]


@pytest.mark.parametrize("wish", ["opts out", "is forgotten"])
def test_whoever_is_left_out_loses_their_rank_at_once(store: RankStore, database: Database, wish: str) -> None:
    store.load("bluesky", NOW, lambda: RANKS.items(), nobody)
    store.load("mastodon", NOW, lambda: [("did:plc:p1", 3.0)], nobody)
    repository = Repository(open_database(database.url), b"k" * 32)
    if wish == "opts out":
        repository.opt_out("bluesky", {"did:plc:p1", "p1.test"}, NOW)
    else:
        repository.forget(AccountRef("bluesky", "did:plc:p1"))
    assert store.of("bluesky", ["did:plc:p1", "did:plc:p2"]) == {"did:plc:p2": 0.5}
    assert store.of("mastodon", ["did:plc:p1"]) == {"did:plc:p1": 3.0}

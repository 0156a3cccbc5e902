"""From one form of the database to the next and back, with what was stored before."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import IntegrityError

from server.account import AccountRef, name_digest
from server.store import database as opening
from server.store.database import open_database
from server.store.repository import Repository
from tests.server.databases import Database

pytestmark = pytest.mark.databases("sqlite", "postgresql")

OLD_MEASURES = '{"followers": 300.0, "engaged_people": 9.0, "replies_per_post": 0.4}'
INSERT = (
    "INSERT INTO report (ref, scored_at, formula_version, score_tenths, low, high, verdict, replies, broadcasts, measures) "
    "VALUES ('bluesky:did:plc:a', :at, :version, :tenths, 30, 40, 'broadcasts', 3, 4, :measures)"
)


def to(database: Database, revision: str) -> None:
    """Bring the database to a form, up or down."""
    engine = create_engine(make_url(database.url).set(drivername=database.driver))
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).with_name("migrations")))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        at = opening.MigrationContext.configure(connection).get_current_revision()
        (command.downgrade if at is not None and at > revision else command.upgrade)(config, revision)
        connection.commit()
    engine.dispose()


def add_score(database: Database, at: int, version: str, tenths: int, measures: str = "{}") -> None:
    database.rows(INSERT, at=at, version=version, tenths=tenths, measures=measures)


def columns(database: Database, table: str) -> set[str]:
    engine = create_engine(make_url(database.url).set(drivername=database.driver))
    found = inspect(engine)
    # Rebuilt or not, its rows still go with the row that they belong to.
    assert [key["options"] for key in found.get_foreign_keys(table)] == [{"ondelete": "CASCADE"}]
    names = {column["name"] for column in found.get_columns(table)}
    engine.dispose()
    return names


@pytest.fixture
def old(empty_database: Database) -> Database:
    """A database of the first form with two scores in it, one of them stored twice."""
    to(empty_database, "0001")
    empty_database.rows("INSERT INTO account VALUES ('bluesky:did:plc:a', 100, NULL, :nothing, :nothing)", nothing=b"0")
    for time, tenths in ((100, 351), (200, 352), (200, 353)):
        add_score(empty_database, time, "1", tenths, OLD_MEASURES)
    return empty_database


def test_scores_stored_before_stay_as_they_are_and_what_was_not_kept_is_unknown(old: Database) -> None:
    engine = open_database(old.url)
    stored = Repository(engine, b"k" * 32).history(AccountRef("bluesky", "did:plc:a"))
    assert [(r.scored.scored_at, r.scored.tenths, r.scored.formula_version) for r in stored] == [
        (100, 351, "1"),
        (200, 353, "1"),
    ]
    first = stored[0].scored
    assert (first.days_silent, first.measured_as, first.depth) == (None, None, None)
    assert first.measures == {"followers": 300.0, "engaged_people": 9.0, "replies_per_post": 0.4}
    engine.dispose()


def test_one_time_holds_one_score_of_each_version(old: Database) -> None:
    to(old, "0002")
    add_score(old, 100, "2", 360)
    with pytest.raises(IntegrityError, match=r"UNIQUE|unique constraint"):
        add_score(old, 100, "2", 361)


def test_the_way_back_leaves_the_scores_that_were_made_at_the_time(old: Database) -> None:
    query = "SELECT scored_at, formula_version, measures FROM report ORDER BY id"
    before = old.rows(query)
    to(old, "0002")
    add_score(old, 100, "2", 360)
    to(old, "0001")
    assert old.rows(query) == before[:2]
    assert not columns(old, "report") & {"days_silent", "measured_as", "depth"}
    to(old, "0002")
    assert len(old.rows(query)) == 2


def test_names_stored_before_are_listed_if_their_report_holds_what_is_listed(old: Database) -> None:
    to(old, "0002")
    whole = {name: {} for name in ("state", "account", "verdict", "balance", "score", "pillars", "scored_at")}
    reports = {
        "bluesky:did:web:A.test": zlib.compress(json.dumps(whole).encode()),
        "bluesky:did:plc:older": zlib.compress(json.dumps({**whole, "pillars": None} | {"x": 1}).encode()),
        "bluesky:did:plc:b": zlib.compress(b'{"state": "ready"}'),
        "bluesky:did:plc:c": zlib.compress(b"[]"),
    }
    put = "INSERT INTO handle VALUES ('bluesky', :handle, :ref, 100)"
    for ref, report in reports.items():
        old.rows(
            "INSERT INTO account VALUES (:ref, 100, NULL, :nothing, :report)", ref=ref, nothing=b"0", report=report
        )
        name = ref.removeprefix("bluesky:")
        for handle in (name.lower(), name.rsplit(":", 1)[-1].lower()):
            old.rows(put, handle=handle, ref=ref)
    old.rows(put, handle="broken.test", ref="bluesky:did:plc:a")
    to(old, "0003")
    digests = dict(old.rows("SELECT handle, digest FROM handle"))
    assert {handle: digest for handle, digest in digests.items() if digest} == {
        "did:web:a.test": name_digest("bluesky", "did:web:A.test"),
        "a.test": name_digest("bluesky", "a.test"),
        "did:plc:older": name_digest("bluesky", "did:plc:older"),
        "older": name_digest("bluesky", "older"),
    }
    assert len(digests) == 9


def test_the_way_back_from_digests_keeps_every_name(old: Database) -> None:
    to(old, "0003")
    old.rows("INSERT INTO handle VALUES ('bluesky', 'a.test', 'bluesky:did:plc:a', 100, 'ff')")
    to(old, "0002")
    assert old.rows("SELECT * FROM handle") == [("bluesky", "a.test", "bluesky:did:plc:a", 100)]
    assert "digest" not in columns(old, "handle")


def test_reviews_begun_before_there_were_notes_stay_and_so_on_the_way_back(old: Database) -> None:
    to(old, "0004")
    old.rows("INSERT INTO review VALUES (1, 'digest', 'bluesky', 'me.test', NULL, 2, 'done', '', 100, 200)")
    old.rows("INSERT INTO reviewed VALUES (1, 0, 'bluesky', 'a.test', 'a.test', 'done', 0, NULL, '{}', TRUE)")
    to(old, "0005")
    assert old.rows("SELECT is_kept, note, revision FROM reviewed") == [(1, "", 0)]
    old.rows("UPDATE reviewed SET note = 'a neighbour', revision = 3")
    to(old, "0004")
    assert old.rows("SELECT name, is_kept FROM reviewed") == [("a.test", 1)]
    assert "note" not in columns(old, "reviewed")
    engine = create_engine(make_url(old.url).set(drivername=old.driver))
    assert len(inspect(engine).get_indexes("reviewed")) == 4
    engine.dispose()


def test_reviews_begun_before_candidates_were_reviewed_are_of_follows_or_of_names_and_so_on_the_way_back(
    old: Database,
) -> None:
    to(old, "0009")
    for number, handle in ((1, "me.test"), (2, "")):
        old.rows(
            "INSERT INTO review VALUES (:number, :digest, 'bluesky', :handle, NULL, 2, 'done', '', 100, 200, 5)",
            number=number + 10,
            digest=f"d{number}",
            handle=handle,
        )
    to(old, "0010")
    query = "SELECT kind, handle, source, title, cut_short FROM review ORDER BY id"
    assert old.rows(query) == [("follows", "me.test", "", "", 0), ("names", "", "", "", 0)]
    old.rows(
        "INSERT INTO review (id, key_digest, network, handle, kind, cursor, state, detail, created_at)"
        " VALUES (13, 'd3', 'bluesky', 'me.test', 'members', '', 'running', '', 100)"
    )
    to(old, "0009")
    found = old.rows("SELECT network, handle, cursor, revision FROM review ORDER BY id")
    assert found == [("bluesky", "me.test", None, 5), ("", "", None, 5), ("", "", None, 0)]


@pytest.mark.databases("postgresql")
def test_what_was_stored_in_narrow_numbers_goes_on_in_wide_ones(old: Database) -> None:
    to(old, "0010")
    old.rows("INSERT INTO handle VALUES ('bluesky', 'a.test', 'bluesky:did:plc:a', 100, 'ff')")
    open_database(old.url).dispose()
    old.rows("UPDATE account SET gathered_at = 5000000000")
    old.rows("SELECT setval('report_id_seq', 3000000000)")
    add_score(old, 6_000_000_000, "1", 300)
    assert old.rows("SELECT id, scored_at FROM report ORDER BY id DESC LIMIT 1") == [(3_000_000_001, 6_000_000_000)]
    assert old.rows("SELECT handle FROM handle") == [("a.test",)]
    to(old, "0009")
    assert len(old.rows("SELECT id FROM report")) == 3

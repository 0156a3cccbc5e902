"""From one form of the database to the next and back, with what was stored before."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from server.account import AccountRef, name_digest
from server.store import database
from server.store.database import open_database
from server.store.repository import Repository

OLD_MEASURES = '{"followers": 300.0, "engaged_people": 9.0, "replies_per_post": 0.4}'
INSERT = (
    "INSERT INTO report (ref, scored_at, formula_version, score_tenths, low, high, verdict, replies, broadcasts, measures) "
    "VALUES ('bluesky:did:plc:a', ?, ?, ?, 30, 40, 'broadcasts', 3, 4, ?)"
)


def to(path: Path, revision: str) -> None:
    """Bring the database at this path to a form, up or down."""
    engine = database.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        at = database.MigrationContext.configure(connection).get_current_revision()
        (command.downgrade if at is not None and at > revision else command.upgrade)(config, revision)
        connection.commit()
    engine.dispose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of the first form with two scores in it, one of them stored twice."""
    path = tmp_path / "rapport.db"
    to(path, "0001")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO account VALUES ('bluesky:did:plc:a', 100, NULL, x'00', x'00')")
        for time, tenths in ((100, 351), (200, 352), (200, 353)):
            connection.execute(INSERT, (time, "1", tenths, OLD_MEASURES))
    return path


def rows(path: Path, columns: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(f"SELECT {columns} FROM report ORDER BY id").fetchall()


def test_scores_stored_before_stay_as_they_are_and_what_was_not_kept_is_unknown(path: Path) -> None:
    engine = open_database(f"sqlite:///{path}")
    stored = Repository(engine, b"k" * 32).history(AccountRef("bluesky", "did:plc:a"))
    assert [(r.scored.scored_at, r.scored.tenths, r.scored.formula_version) for r in stored] == [
        (100, 351, "1"),
        (200, 353, "1"),
    ]
    first = stored[0].scored
    assert (first.days_silent, first.measured_as, first.depth) == (None, None, None)
    assert first.measures == {"followers": 300.0, "engaged_people": 9.0, "replies_per_post": 0.4}
    engine.dispose()


def test_one_time_holds_one_score_of_each_version(path: Path) -> None:
    to(path, "0002")
    with sqlite3.connect(path) as connection:
        connection.execute(INSERT, (100, "2", 360, "{}"))
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(INSERT, (100, "2", 361, "{}"))


def test_the_way_back_leaves_the_scores_that_were_made_at_the_time(path: Path) -> None:
    before = rows(path, "scored_at, formula_version, measures")
    to(path, "0002")
    with sqlite3.connect(path) as connection:
        connection.execute(INSERT, (100, "2", 360, "{}"))
    to(path, "0001")
    assert rows(path, "scored_at, formula_version, measures") == before[:2]
    with sqlite3.connect(path) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(report)")}
        assert not columns & {"days_silent", "measured_as", "depth"}
        assert connection.execute("PRAGMA foreign_key_list(report)").fetchone()[2] == "account"
    to(path, "0002")
    assert len(rows(path, "id")) == 2


def test_names_stored_before_are_listed_if_their_report_holds_what_is_listed(path: Path) -> None:
    to(path, "0002")
    whole = {name: {} for name in ("state", "account", "verdict", "balance", "score", "pillars", "scored_at")}
    reports = {
        "bluesky:did:web:A.test": zlib.compress(json.dumps(whole).encode()),
        "bluesky:did:plc:older": zlib.compress(json.dumps({**whole, "pillars": None} | {"x": 1}).encode()),
        "bluesky:did:plc:b": zlib.compress(b'{"state": "ready"}'),
        "bluesky:did:plc:c": zlib.compress(b"[]"),
    }
    with sqlite3.connect(path) as connection:
        for ref, report in reports.items():
            connection.execute("INSERT INTO account VALUES (?, 100, NULL, x'00', ?)", (ref, report))
            name = ref.removeprefix("bluesky:")
            for handle in (name.lower(), name.rsplit(":", 1)[-1].lower()):
                connection.execute("INSERT INTO handle VALUES ('bluesky', ?, ?, 100)", (handle, ref))
        connection.execute("INSERT INTO handle VALUES ('bluesky', 'broken.test', 'bluesky:did:plc:a', 100)")
    to(path, "0003")
    with sqlite3.connect(path) as connection:
        digests = dict(connection.execute("SELECT handle, digest FROM handle").fetchall())
    assert {handle: digest for handle, digest in digests.items() if digest} == {
        "did:web:a.test": name_digest("bluesky", "did:web:A.test"),
        "a.test": name_digest("bluesky", "a.test"),
        "did:plc:older": name_digest("bluesky", "did:plc:older"),
        "older": name_digest("bluesky", "older"),
    }
    assert len(digests) == 9


def test_the_way_back_from_digests_keeps_every_name(path: Path) -> None:
    to(path, "0003")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO handle VALUES ('bluesky', 'a.test', 'bluesky:did:plc:a', 100, 'ff')")
    to(path, "0002")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT * FROM handle").fetchall() == [
            ("bluesky", "a.test", "bluesky:did:plc:a", 100)
        ]
        assert connection.execute("PRAGMA foreign_key_list(handle)").fetchone()[2] == "account"


def test_reviews_begun_before_there_were_notes_stay_and_so_on_the_way_back(path: Path) -> None:
    to(path, "0004")
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO review VALUES (1, 'digest', 'bluesky', 'me.test', NULL, 2, 'done', '', 100, 200)"
        )
        connection.execute(
            "INSERT INTO reviewed VALUES (1, 0, 'bluesky', 'a.test', 'a.test', 'done', 0, NULL, '{}', 1)"
        )
    to(path, "0005")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT is_kept, note, revision FROM reviewed").fetchall() == [(1, "", 0)]
        connection.execute("UPDATE reviewed SET note = 'a neighbour', revision = 3")
    to(path, "0004")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name, is_kept FROM reviewed").fetchall() == [("a.test", 1)]
        assert "note" not in {row[1] for row in connection.execute("PRAGMA table_info(reviewed)")}
        assert connection.execute("PRAGMA foreign_key_list(reviewed)").fetchone()[2] == "review"
        assert len(connection.execute("PRAGMA index_list(reviewed)").fetchall()) == 5


def test_reviews_begun_before_candidates_were_reviewed_are_of_follows_or_of_names_and_so_on_the_way_back(
    path: Path,
) -> None:
    to(path, "0009")
    with sqlite3.connect(path) as connection:
        for number, handle in ((1, "me.test"), (2, "")):
            connection.execute(
                f"INSERT INTO review VALUES ({number}, 'd{number}', 'bluesky', '{handle}', NULL, 2, 'done', '', 100, 200, 5)"
            )
    to(path, "0010")
    with sqlite3.connect(path) as connection:
        query = "SELECT kind, handle, source, title, cut_short FROM review ORDER BY id"
        assert connection.execute(query).fetchall() == [("follows", "me.test", "", "", 0), ("names", "", "", "", 0)]
        connection.execute(
            "INSERT INTO review (key_digest, network, handle, kind, cursor, state, detail, created_at)"
            " VALUES ('d3', 'bluesky', 'me.test', 'members', '', 'running', '', 100)"
        )
    to(path, "0009")
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT network, handle, cursor, revision FROM review ORDER BY id").fetchall()
    assert found == [("bluesky", "me.test", None, 5), ("", "", None, 5), ("", "", None, 0)]

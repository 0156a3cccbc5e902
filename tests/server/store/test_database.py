"""Opening the database: made at the first start, migrated, and refused with words when it cannot be used."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from server.activity import Activity, InteractionKind, PostKind, columns_of, merge
from server.store import database as opening
from server.store.database import DatabaseUnusable, open_database
from server.store.models import Base
from server.store.repository import Repository
from server.store.serialization import from_bytes, to_bytes
from server.store.tracking import TrackingStore
from tests.server.databases import PREFIX, Database, PostgreSQL, until
from tests.server.invented import NOW, Invented

ROOT = Path(__file__).parents[3]
on_both = pytest.mark.databases("sqlite", "postgresql")


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_the_first_start_makes_the_folder_and_the_tables_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "rapport.db"
    open_database(url(path)).dispose()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert {row[0] for row in connection.execute("SELECT name FROM sqlite_master")} >= {
            "account",
            "report",
            "opt_out",
        }


@on_both
def test_the_migrations_lead_to_exactly_the_tables_the_code_knows(empty_database: Database) -> None:
    engine = open_database(empty_database.url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@on_both
def test_a_database_of_a_newer_version_is_left_alone(empty_database: Database) -> None:
    open_database(empty_database.url).dispose()
    empty_database.rows("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match="written by a newer version"):
        open_database(empty_database.url)


START = "import sys; from server.store.database import open_database; open_database(sys.argv[1]).dispose()"


@on_both
def test_several_processes_may_start_at_once_on_a_new_database(empty_database: Database) -> None:
    command = [sys.executable, "-c", START, empty_database.url]
    starts = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(3)]
    assert [(start.communicate()[1], start.returncode) for start in starts] == [("", 0)] * 3
    assert len(empty_database.rows("SELECT version_num FROM alembic_version")) == 1


@pytest.mark.databases("postgresql")
def test_a_start_waits_until_another_process_has_brought_the_database_to_its_form(empty_database: Database) -> None:
    other = create_engine(make_url(empty_database.url).set(drivername=empty_database.driver))
    with ThreadPoolExecutor(1) as pool, other.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": opening.MIGRATING})
        start = pool.submit(open_database, empty_database.url)
        until(lambda: start.done() or empty_database.somebody_waits())
        assert not start.done()
        connection.commit()
        start.result().dispose()
    other.dispose()


@pytest.mark.parametrize(
    "wrong", ["mysql://me:hush@host/rapport", "postgresql+psycopg2://me:hush@host/rapport", "hush", "postgresql//hush"]
)
def test_an_address_of_another_kind_is_refused_with_what_it_may_be(wrong: str) -> None:
    with pytest.raises(DatabaseUnusable, match=r"^RAPPORT_DATABASE_URL .*postgresql://user:password@host") as caught:
        open_database(wrong)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("kind", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_that_cannot_be_reached_is_said_in_a_sentence_without_the_password(kind: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(DatabaseUnusable) as caught:
            open_database(f"{kind}://me:hush@127.0.0.1:{port}/rapport?password=hush")
    said = str(caught.value)
    assert said.startswith(f"The database postgresql://me:***@127.0.0.1:{port}/rapport cannot be opened (")
    assert "Connection refused" in said
    assert said.endswith("). Set RAPPORT_DATABASE_URL.")
    assert "hush" not in said
    assert "\n" not in said


def test_a_driver_that_is_missing_is_said_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseUnusable, match=r"^The driver of PostgreSQL cannot be used .*pip install"):
        open_database("postgresql://host/rapport")


def test_a_database_without_an_encoding_is_refused_with_how_to_make_another(postgresql: PostgreSQL) -> None:
    with postgresql.without_encoding() as other, pytest.raises(DatabaseUnusable, match=r"encoded in SQL_ASCII.*UTF8"):
        open_database(other.url)


@pytest.mark.databases("postgresql")
def test_a_server_that_takes_no_writes_says_what_to_do(database: Database) -> None:
    read_only = f"{database.url}?options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(DatabaseUnusable, match=r"cannot be written .* or set RAPPORT_DATABASE_URL"):
        open_database(read_only)


@pytest.mark.databases("postgresql")
def test_a_server_that_was_started_again_costs_no_request(database: Database) -> None:
    repository = Repository(open_database(database.url), b"k" * 32)
    repository.ping()
    database.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> :ours",
        ours=PREFIX,
    )
    time.sleep(opening.TRUSTED_SECONDS)
    repository.ping()
    repository.ping()


@pytest.mark.databases("postgresql")
def test_a_writer_waits_so_long_for_another_and_no_longer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)
    store = TrackingStore(open_database(database.url))
    listed = store.begin("k" * 24, NOW)
    other = create_engine(make_url(database.url).set(drivername=database.driver))
    with other.begin() as connection:
        connection.execute(text("SELECT 1 FROM tracked_list FOR UPDATE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            store.delete(listed.id)
    other.dispose()
    assert store.lists() == 1
    store.delete(listed.id)
    assert store.lists() == 0


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rapport.db"
    path.write_text("a shopping list, " * 100)
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        open_database(url(path))
    assert path.read_text().startswith("a shopping list")


def test_a_locked_database_says_who_may_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rapport.db"
    open_database(url(path)).dispose()
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseUnusable, match="locked by another program"):
        open_database(url(path))
    holder.execute("ROLLBACK")
    open_database(url(path)).dispose()


def test_a_read_only_database_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "rapport.db"
    open_database(url(path)).dispose()
    with pytest.raises(DatabaseUnusable, match="cannot be written"):
        open_database(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert not Path("file:").exists(), "no folder of that name is made"


WRITER = """
import sys
from pathlib import Path
from server.report import compose, to_json
from server.store.database import open_database
from server.store.repository import Repository
from tests.server.invented import NOW, Invented
repository = Repository(open_database(sys.argv[1]), b"k" * 32)
print("ready", flush=True)
number = 0
while True:
    number += 1
    report = compose(Invented().replies(people=20).post(times=10 + number % 90).build(), NOW + number * 4000)
    repository.save(report, to_json(report), {"alice.test"}, 0)
    print(number, flush=True)
"""


@on_both
def test_a_process_killed_during_a_write_loses_nothing_already_stored(database: Database) -> None:
    address = database.url
    # That PostgreSQL keeps its word is shown once; each time takes seconds.
    for _ in range(1 if database.is_postgresql else 3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, address], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert writer.stdout is not None
        for line in writer.stdout:
            if line.strip() == "12":
                break
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    open_database(address).dispose()
    if not database.is_postgresql:
        assert database.rows("PRAGMA integrity_check") == [("ok",)]
    assert database.rows("SELECT count(*) FROM report")[0][0] >= 12
    ((stored,),) = database.rows("SELECT activity FROM account")
    assert len(from_bytes(stored).posts) >= 30


def account(posts: list[tuple[int, int]], people: int) -> Activity:
    invented = Invented()
    for kind, count in posts:
        invented.post(PostKind(kind), likes=count, target="somebody" if kind in (1, 3, 4) else "")
    return invented.received(people, kind=InteractionKind.REPLY, followers=7).build()


def same(one: Activity, other: Activity) -> bool:
    tables = ("posts", "people", "interactions", "counts")
    return (one.profile, one.coverage, one.gathered_at) == (other.profile, other.coverage, other.gathered_at) and all(
        columns_of(getattr(one, t)) == columns_of(getattr(other, t)) for t in tables
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 10**9)), max_size=20), st.integers(0, 5))
def test_an_activity_comes_back_from_its_bytes_as_it_was(posts: list[tuple[int, int]], people: int) -> None:
    activity = account(posts, people)
    assert same(from_bytes(to_bytes(activity)), activity)
    assert same(merge(activity, activity), activity)


def test_a_profile_stored_before_moves_were_read_has_not_moved() -> None:
    moved = Invented(moved_to="alice@new.example").post().build()
    assert from_bytes(to_bytes(moved)).profile.moved_to == "alice@new.example"
    form = json.loads(zlib.decompress(to_bytes(moved)))
    del form["profile"]["moved_to"]
    assert from_bytes(zlib.compress(json.dumps(form).encode())).profile.moved_to == ""


def test_bytes_of_another_form_are_an_error_not_an_account() -> None:
    for data in (b"", b"junk", to_bytes(account([], 0))[:-9]):
        with pytest.raises(ValueError, match="not a stored activity"):
            from_bytes(data)


@pytest.mark.parametrize(
    ("form", "lacking"),
    [
        (1, [("people", "following"), ("posts", "mentions"), ("posts", "tags"), ("posts", "language")]),
        (2, [("posts", "tags"), ("posts", "language")]),
        (3, [("posts", "language")]),
        (4, []),
    ],
)
def test_what_an_older_version_stored_is_read_with_what_it_did_not_know_as_unknown(
    form: int, lacking: list[tuple[str, str]]
) -> None:
    activity = Invented().post(times=2, tags="trams", language="de", mentions=1).received(1, followers=7).build()
    stored = json.loads(zlib.decompress(to_bytes(activity)))
    stored["form"] = form
    for table, column in lacking:
        del stored[table][column]
    read = from_bytes(zlib.compress(json.dumps(stored).encode()))
    assert read.posts.tags == (("", "") if form < 3 else ("trams", "trams"))
    assert read.posts.language == (("", "") if form < 4 else ("de", "de"))
    assert read.posts.mentions.tolist() == ([-1, -1] if form == 1 else [1, 1])
    assert read.posts.id == activity.posts.id


def test_what_a_newer_version_stored_is_an_error() -> None:
    stored = json.loads(zlib.decompress(to_bytes(account([], 0))))
    stored["form"] = 6
    with pytest.raises(ValueError, match="activity of form 6"):
        from_bytes(zlib.compress(json.dumps(stored).encode()))

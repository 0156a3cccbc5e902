"""Opening the database: made at the first start, migrated, and refused with words when it cannot be used."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st

from server.activity import Activity, InteractionKind, PostKind, columns_of, merge
from server.store import database
from server.store.database import DatabaseUnusable, open_database
from server.store.models import Base
from server.store.serialization import from_bytes, to_bytes
from tests.server.invented import Invented

ROOT = Path(__file__).parents[3]


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


def test_the_migrations_lead_to_exactly_the_tables_the_code_knows(tmp_path: Path) -> None:
    engine = open_database(url(tmp_path / "rapport.db"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rapport.db"
    open_database(url(path)).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match="written by a newer version"):
        open_database(url(path))


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rapport.db"
    path.write_text("a shopping list, " * 100)
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        open_database(url(path))
    assert path.read_text().startswith("a shopping list")


def test_a_locked_database_says_who_may_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rapport.db"
    open_database(url(path)).dispose()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
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


def test_a_process_killed_during_a_write_loses_nothing_already_stored(tmp_path: Path) -> None:
    address = url(tmp_path / "rapport.db")
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, address], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert writer.stdout is not None
        for line in writer.stdout:
            if line.strip() == "12":
                break
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    engine = open_database(address)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("SELECT count(*) FROM report").scalar() >= 12
        stored = connection.exec_driver_sql("SELECT activity FROM account").scalar()
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

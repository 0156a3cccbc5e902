"""Scoring history again: both versions kept, nothing done twice, broken off without harm, and what changed is said."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.__main__ import main
from server.account import AccountRef
from server.report import compose, to_json
from server.rescore import Moved, explained, rescore, summary
from server.scoring.formula import current_formula
from server.scoring.scored import points_of, score_again
from server.store.database import open_database
from server.store.repository import Repository
from tests.server.databases import Database
from tests.server.invented import DAY, NOW, Invented
from tests.server.scoring.formulas import MEASURES, become_current, next_formula, scored

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.databases("sqlite", "postgresql")
REF = AccountRef("bluesky", "did:plc:alice.test")


def fill(repository: Repository, times: int = 3, *handles: str) -> None:
    """So many stored times, a day apart, for each account."""
    for handle in handles or ("alice.test",):
        for number in range(times):
            account = Invented(handle, followers=300 + 40 * number).replies(people=10).post(times=30, likes=9 + number)
            report = compose(account.received(12, followers=500).build(), NOW + number * DAY)
            repository.save(report, to_json(report), {handle}, 0)


@pytest.fixture
def repository(database: Database) -> Repository:
    return Repository(open_database(database.url), b"k" * 32)


def stored(database: Database) -> list[tuple[Any, ...]]:
    return database.rows("SELECT scored_at, formula_version, score_tenths, measures FROM report ORDER BY id")


def add_old_row(database: Database, scored_at: int = NOW - 90 * DAY) -> None:
    """A score of version 1 as that version stored it."""
    database.rows(
        "INSERT INTO report (ref, scored_at, formula_version, score_tenths, low, high, verdict, replies, broadcasts, measures)"
        " VALUES (:ref, :scored_at, '1', 300, 25, 35, 'broadcasts', 3, 4, :measures)",
        ref=str(REF),
        scored_at=scored_at,
        measures=json.dumps(MEASURES | {"engaged_people": 9.0, "replies_per_post": 0.4}),
    )


def test_a_stored_score_is_exactly_what_its_measures_come_to(repository: Repository) -> None:
    fill(repository)
    for remembered in repository.history(REF):
        earned = points_of(remembered.scored, current_formula())
        assert earned is not None
        assert remembered.scored.tenths == round(float(earned.total[0]) * 10)


def test_every_time_gets_a_second_score_and_the_first_stays(
    repository: Repository, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    before = stored(database)
    become_current(monkeypatch, next_formula())
    said: list[str] = []
    tally = rescore(repository, said.append, batch=2)
    after = stored(database)
    assert after[:3] == before
    assert [(row[0], row[1], row[3]) for row in after[3:]] == [(row[0], "next", row[3]) for row in before]
    assert (tally.scored, tally.cannot, tally.without_score) == (3, 0, 0)
    assert said == ["2 of 3 looked at, 2 scored by version next", "3 of 3 looked at, 3 scored by version next"]


def test_a_second_run_has_nothing_to_do(
    repository: Repository, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    become_current(monkeypatch, next_formula())
    rescore(repository, str)
    once = stored(database)
    tally = rescore(repository, str)
    assert stored(database) == once
    assert list(summary(tally, keep=True)) == ["Nothing to do: every stored time has a score of version next."]


def test_a_dry_run_says_the_same_and_writes_nothing(
    repository: Repository, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    before = stored(database)
    become_current(monkeypatch, next_formula())
    dry = rescore(repository, str, keep=False, batch=2)
    assert stored(database) == before
    assert dry == rescore(repository, str, batch=2)
    assert next(summary(dry, keep=False)).startswith("3 stored times would be scored again by version next")


def test_scores_of_the_first_version_stay_alone_and_are_counted(
    repository: Repository, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    add_old_row(database)
    become_current(monkeypatch, next_formula())
    tally = rescore(repository, str)
    assert (tally.scored, tally.cannot) == (3, 1)
    assert "1 stored time cannot be: the measures that this version needs were not kept." in "\n".join(
        summary(tally, keep=True)
    )
    assert [row[1] for row in stored(database) if row[0] < NOW] == ["1"]


def test_a_third_version_scores_each_time_once_more(
    repository: Repository, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository, 1)
    become_current(monkeypatch, next_formula())
    rescore(repository, str)
    become_current(monkeypatch, replace(next_formula("last"), half_after_days=60.0))
    assert rescore(repository, str).scored == 1
    assert [row[1] for row in stored(database)] == [current_formula().version, "next", "last"]


def test_the_largest_changes_are_told_with_what_the_formula_did_to_each_signal() -> None:
    before = scored(MEASURES)
    formula = next_formula()
    after = score_again(before, formula)
    assert after is not None
    line = explained(Moved("bluesky:did:plc:a", before, after), formula)
    assert line.startswith("bluesky:did:plc:a on 21 Sep 2026: ")
    assert " → " in line
    assert "new formula " in line
    assert "Followers " in line


def test_one_account_is_told_once(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(repository, 3, "alice.test", "bob.test")
    become_current(monkeypatch, next_formula())
    tally = rescore(repository, str, batch=2)
    assert {moved.ref for moved in tally.largest} == {"bluesky:did:plc:alice.test", "bluesky:did:plc:bob.test"}
    assert [abs(m.tenths) for m in tally.largest] == sorted((abs(m.tenths) for m in tally.largest), reverse=True)


def test_a_new_report_within_the_hour_replaces_every_version_of_the_one_before(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository, 1)
    become_current(monkeypatch, next_formula())
    rescore(repository, str)
    report = compose(Invented().post(times=30).build(), NOW + 600)
    repository.save(report, to_json(report), {"alice.test"}, 0)
    assert [(r.scored.scored_at, r.scored.formula_version) for r in repository.history(REF)] == [(NOW + 600, "next")]


# The command


@pytest.fixture
def run(tmp_path: Path, database: Database) -> Callable[..., Any]:
    settings = {"RAPPORT_DATA_FOLDER": str(tmp_path), "RAPPORT_DATABASE_URL": database.url}
    return lambda *words: CliRunner().invoke(main, ["rescore", *words], env=settings)


def test_the_command_scores_again_and_says_what_changed(
    repository: Repository, database: Database, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    become_current(monkeypatch, next_formula())
    dry = run("--dry-run")
    assert dry.exit_code == 0
    assert len(stored(database)) == 3
    done = run()
    assert done.exit_code == 0, done.output
    assert len(stored(database)) == 6
    assert "3 stored times scored again by version next of the formula." in done.stdout
    assert "bluesky:did:plc:alice.test on " in done.stdout
    assert "3 of 3 looked at" in done.stderr


@pytest.mark.databases("sqlite")
def test_the_command_says_in_words_that_the_database_is_in_use(
    repository: Repository, tmp_path: Path, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    become_current(monkeypatch, next_formula())
    monkeypatch.setattr("server.store.database.BUSY_SECONDS", 0.05)
    opened = Repository.score_again

    def while_another_writes(self: Repository, *arguments: Any) -> Any:
        holder = sqlite3.connect(tmp_path / "rapport.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            return opened(self, *arguments)
        finally:
            holder.close()

    monkeypatch.setattr(Repository, "score_again", while_another_writes)
    done = run()
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), "its text is what is printed at the end"
    assert str(done.exception) == (
        "The database could not be used (database is locked). What was scored until now is kept; "
        "start the same command again to go on."
    )


KILLED = """
import sys
from pytest import MonkeyPatch
from server.rescore import rescore
from server.store.database import open_database
from server.store.repository import Repository
from tests.server.scoring.formulas import become_current, next_formula
become_current(MonkeyPatch(), next_formula())
repository = Repository(open_database(sys.argv[1]), b"k" * 32)
print("done", rescore(repository, lambda line: print(line, flush=True), batch=1).scored, flush=True)
"""


@pytest.mark.databases("sqlite")
def test_a_run_that_is_killed_goes_on_where_it_was(repository: Repository, database: Database) -> None:
    fill(repository, 12)
    command = [sys.executable, "-c", KILLED, database.url]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert first.stdout is not None
    for line in first.stdout:
        if line.startswith("3 of 12"):
            os.kill(first.pid, signal.SIGKILL)
            break
    first.wait()
    kept = sum(row[1] == "next" for row in stored(database))
    assert kept >= 3
    second = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert f"done {12 - kept}" in second.stdout
    scored_again = [row[0] for row in stored(database) if row[1] == "next"]
    assert sorted(scored_again) == sorted({row[0] for row in stored(database)})

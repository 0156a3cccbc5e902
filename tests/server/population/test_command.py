"""``python -m server population score``, as a person runs it."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from server.store.database import open_database
from server.store.ranks import RankStore
from tests.server.commands import command
from tests.server.databases import Database
from tests.server.population.invented_network import NOW, invented
from tests.server.population.test_calibrate import scores
from tests.server.population.test_run import write

ROOT = Path(__file__).parents[3]


population = partial(command, "population")
"""One of its commands."""


def test_it_says_how_many_are_scored_and_what_was_left_out(tmp_path: Path) -> None:
    network = invented(2, people=12)
    bad = {"actor": "did:plc:p001", "target": "did:plc:p000", "kind": "wave", "time": NOW, "post": "x", "made": None}
    tables = [str(file) for file in write(tmp_path, network, [*network.acts, bad])]
    words = ["score", *tables, str(tmp_path / "scores.parquet"), "--at", "2026-09-21"]
    done = subprocess.run(
        [sys.executable, "-m", "server", "population", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    scored = pq.read_table(tmp_path / "scores.parquet")
    assert done.returncode == 0
    known = len(scored) - scored["score"].null_count
    assert f"{known} of 12 accounts are scored, by {len(network.acts):,} interactions" in done.stdout
    assert "Left out: 1 row (of no known kind)" in done.stdout
    assert known > 0


def test_a_table_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = population("score", tmp_path / "nothing.parquet", tmp_path / "nobody.parquet", tmp_path / "scores.parquet")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"There is no {tmp_path / 'nothing.parquet'}."


@pytest.mark.parametrize(
    ("option", "said"),
    [(("--at", "yesterday"), "does not match"), (("--memory", "much"), "'much' is no amount of memory")],
)
def test_an_option_that_makes_no_sense_is_said(tmp_path: Path, option: tuple[str, str], said: str) -> None:
    done = population("score", *write(tmp_path, invented(2, people=4)), tmp_path / "scores.parquet", *option)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_too_little_memory_is_said_and_with_more_the_run_goes_on(tmp_path: Path) -> None:
    words = ["score", *write(tmp_path, invented(2, people=12)), tmp_path / "scores.parquet", "--at", "2026-09-21"]
    ended = population(*words, "--memory", "2MB")
    assert ended.returncode == 1
    assert "More memory is needed than --memory 2MB allows" in ended.stderr
    assert "Allow more with --memory. Every step done until then is kept in" in ended.stderr
    assert population(*words, "--memory", "1GB").returncode == 0
    assert not list(tmp_path.glob(".scores.parquet.*"))


@pytest.mark.parametrize("command", ["import", "calibrate"])
def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("no folder")
    out = tmp_path / "file" / "out"
    if command == "import":
        (tmp_path / "who.csv").write_text("id\na\n")
        done = population("import", "accounts", tmp_path / "who.csv", "--out", out)
    else:
        pq.write_table(scores(), tmp_path / "scores.parquet")
        done = population("calibrate", tmp_path / "scores.parquet", out, "--network", "N", "--version", "2-n")
    assert done.returncode == 1
    assert done.stderr == f"{out} cannot be written (File exists).\n"


def test_it_says_how_much_was_new_when_folding_and_what_is_folded_is_scored(tmp_path: Path) -> None:
    network = invented(2, people=12)
    acts, accounts = write(tmp_path, network)
    like = next(row for row in network.acts if row["kind"] == "like")
    write(tmp_path, network, [*network.acts, network.acts[0], like | {"target": like["actor"]}])
    many = len(network.acts)
    first = population("fold", acts, "--into", tmp_path / "folded")
    assert (first.returncode, first.stderr) == (0, "")
    assert f"1 new file: {many + 2:,} rows, of them {many:,} deeds kept" in first.stdout
    assert "Left out: 1 row (done to oneself)" in first.stdout
    assert "0 new files: 0 rows" in population("fold", acts, "--into", tmp_path / "folded").stdout
    done = population("score", tmp_path / "folded", accounts, tmp_path / "scores.parquet", "--at", "2026-09-21")
    assert f"by {many:,} interactions" in done.stdout
    assert "There is no" in population("fold", tmp_path / "nowhere", "--into", tmp_path / "folded").stderr


@pytest.fixture
def database(tmp_path: Path, kept_at: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Database:
    """Where the commands keep what they keep."""
    monkeypatch.setenv("RAPPORT_DATA_FOLDER", str(tmp_path / "data"))
    for name, value in kept_at.items():
        monkeypatch.setenv(f"RAPPORT_{name}", value)
    return Database(kept_at.get("DATABASE_URL") or f"sqlite:///{tmp_path / 'data' / 'rapport.db'}")


def test_ranks_are_loaded_for_the_service_and_taken_away_again(tmp_path: Path, database: Database) -> None:
    pq.write_table(scores(pagerank=[0.5] * 999 + [None]), tmp_path / "scores.parquet")
    loaded = population("ranks", tmp_path / "scores.parquet", "--network", "bluesky")
    assert (loaded.returncode, loaded.stdout) == (0, "999 people of bluesky have a rank here.\n"), loaded.stderr
    assert RankStore(open_database(database.url)).of("bluesky", ["did:plc:p1"]) == {"did:plc:p1": 0.5}
    elsewhere = population("ranks", tmp_path / "scores.parquet", "--network", "myspace")
    assert elsewhere.returncode == 1
    assert elsewhere.stderr.startswith("There is no network 'myspace' here; there are bluesky")
    assert population("forget-ranks", "bluesky").stdout == "The ranks of bluesky are deleted.\n"
    assert population("forget-ranks", "bluesky").stdout == "There were no ranks of bluesky.\n"


NO_WRITING = {
    "sqlite": "CREATE TRIGGER full BEFORE UPDATE ON ranked_network BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
    "postgresql": """
        CREATE OR REPLACE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'disk is full'; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER "full" BEFORE UPDATE ON ranked_network FOR EACH ROW EXECUTE FUNCTION refuse()
    """,
}


@pytest.mark.parametrize("word", ["ranks", "forget-ranks"])
def test_a_database_that_cannot_be_written_is_said_and_earlier_ranks_stay(
    tmp_path: Path, database: Database, word: str
) -> None:
    pq.write_table(scores(), tmp_path / "scores.parquet")
    words = {
        "ranks": ("ranks", tmp_path / "scores.parquet", "--network", "bluesky"),
        "forget-ranks": ("forget-ranks", "bluesky"),
    }
    population(*words["ranks"])
    database.rows(NO_WRITING["postgresql" if database.is_postgresql else "sqlite"])
    try:
        ended = population(*words[word])
    finally:
        if database.is_postgresql:
            database.rows('DROP TRIGGER "full" ON ranked_network')
    assert ended.returncode == 1
    assert "disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert RankStore(open_database(database.url)).of("bluesky", ["did:plc:p1"]) == {"did:plc:p1": 0.5}

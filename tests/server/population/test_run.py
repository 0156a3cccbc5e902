"""From two tables to the scores of a network: what comes out, what is left out, and what is said of tables that cannot be used."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.errors import BadTable, RapportError
from server.population import run
from server.population.engines import in_process
from server.population.run import Outcome, score_network
from server.report import compose
from server.scoring.curves import LogNormal
from server.scoring.formula import Formula, Term, current_formula
from tests.server.population.invented_network import ACCOUNTS, ACTS, DAY, NOW, InventedNetwork, invented

Score = Callable[..., Outcome]
DUCKDB = partial(in_process, "1GB")


def write(folder: Path, network: InventedNetwork, acts: list[dict[str, Any]] | None = None) -> tuple[Path, Path]:
    """Both tables as files; ``acts`` in the place of the network's own rows."""
    pq.write_table(pa.Table.from_pylist(network.acts if acts is None else acts, ACTS), folder / "acts.parquet")
    schema = ACCOUNTS.append(pa.field("consent", pa.string()))
    pq.write_table(pa.Table.from_pylist(list(network.accounts.values()), schema), folder / "accounts.parquet")
    return folder / "acts.parquet", folder / "accounts.parquet"


@pytest.fixture
def score(tmp_path: Path) -> Score:
    """Score a network; its rows stand in ``scores.parquet`` of the folder then."""

    def scored(network: InventedNetwork, acts: list[dict[str, Any]] | None = None) -> Outcome:
        files = write(tmp_path, network, acts)
        return score_network(*files, tmp_path / "scores.parquet", current_formula(), DUCKDB, NOW)

    return scored


def ranked(formula: Formula) -> Formula:
    """A table that weighs ranks, too."""
    half = next(term for term in formula.terms if term.signal == "engager_followers").weight / 2
    terms = tuple(replace(term, weight=half) if term.signal == "engager_followers" else term for term in formula.terms)
    of_ranks = Term("engager_ranks", half, LogNormal(0.8, 3.0), "", optional=True)
    return replace(formula, version="ranked", terms=(*terms, of_ranks))


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["account"]: row for row in pq.read_table(folder / "scores.parquet").to_pylist()}


def same(found: dict[str, dict[str, Any]], expected: dict[str, dict[str, Any]]) -> None:
    """Sums over the same numbers in another order may differ in their last digits."""
    assert found.keys() == expected.keys()
    for name, row in expected.items():
        assert found[name] == pytest.approx(row, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("seed", [3, 12, 15])
def test_every_account_has_the_score_of_its_report_and_the_best_come_first(
    score: Score, tmp_path: Path, seed: int
) -> None:
    network = invented(seed)
    network.account("did:plc:nobody")
    network.account("did:plc:hardly-anybody", followers=None)
    for number in range(9 + seed % 2):
        network.act("did:plc:hardly-anybody", "post", NOW - number * DAY)
    outcome = score(network)
    found = rows(tmp_path)
    assert outcome.accounts == len(network.accounts) == len(found)
    assert outcome.left_out == {}
    for name, row in found.items():
        told = compose(network.activity(name), NOW).score
        expected = (None, None, None) if told is None else (told.value, told.low, told.high)
        assert (row["score"], row["low"], row["high"]) == expected
        assert told is None or row["exact"] == pytest.approx(told.tenths / 10, abs=0.05 + 1e-9)
    assert 5 < outcome.scored < outcome.accounts
    ranks = [row["rank"] for row in pq.read_table(tmp_path / "scores.parquet").to_pylist()]
    assert ranks == sorted(ranks, key=lambda rank: (rank is None, rank))
    assert (
        pq.read_schema(tmp_path / "scores.parquet").metadata[b"formula_version"] == current_formula().version.encode()
    )


@pytest.mark.parametrize("seed", [3, 12])
def test_with_the_ranks_that_come_out_each_account_alone_has_the_same_score(tmp_path: Path, seed: int) -> None:
    network, formula = invented(seed), ranked(current_formula())
    # What those ask for is not known who are in no table of accounts: they act, and have no rank that anybody is told.
    for stranger in ("did:plc:p006", "did:plc:p007", "did:plc:p011"):
        del network.accounts[stranger]
    score_network(*write(tmp_path, network), tmp_path / "scores.parquet", formula, DUCKDB, NOW)
    found, differing = rows(tmp_path), 0
    ranks = {name: row["pagerank"] for name, row in found.items()}
    for name, row in found.items():
        report = compose(replace(network.activity(name), ranks=ranks), NOW, formula)
        told = report.score
        expected = (None, None, None) if told is None else (told.value, told.low, told.high)
        assert (row["score"], row["low"], row["high"]) == expected, name
        assert row["engager_ranks"] == pytest.approx(report.measures.get("engager_ranks"), abs=1e-9)
        without = compose(network.activity(name), NOW, formula).score
        differing += told is not None and without is not None and told.tenths != without.tenths
    assert differing > 3


def test_a_few_accounts_at_a_time_give_what_all_at_once_do(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = invented(3)
    score(network)
    expected = rows(tmp_path)
    monkeypatch.setattr(run, "ACCOUNTS_AT_ONCE", 4)
    score(network)
    same(rows(tmp_path), expected)
    assert sum(row["low"] is not None for row in expected.values()) > 8


def test_late_and_repeated_rows_change_nothing(score: Score, tmp_path: Path) -> None:
    network = invented(4)
    score(network)
    expected = rows(tmp_path)
    again = network.acts + [row | {"time": row["time"] + 60} for row in network.acts[::3] if row["kind"] != "mention"]
    random.Random(1).shuffle(again)
    outcome = score(network, again)
    assert outcome.left_out == {}
    same(rows(tmp_path), expected)


BAD: dict[str, dict[str, Any]] = {
    "who, what or when is not given": {"actor": None},
    "of no known kind": {"kind": "wave"},
    "the post is not given": {"kind": "like", "post": None},
    "to whom is not given": {"kind": "reply", "target": None},
    "lies in the future": {"time": NOW + 30 * DAY},
    "an id is longer than 1,000 characters": {"actor": "x" * 10_000},
}


def test_rows_that_make_no_sense_are_left_out_and_counted_by_reason(score: Score, tmp_path: Path) -> None:
    network = invented(5)
    score(network)
    expected = rows(tmp_path)
    like = {
        "actor": "did:plc:p001",
        "target": "did:plc:p000",
        "kind": "like",
        "time": NOW,
        "post": "post-000000",
        "made": None,
    }
    bad = [like | columns for columns in BAD.values()]
    outcome = score(network, [*network.acts, *bad, *bad, *bad])
    assert outcome.left_out == dict.fromkeys(BAD, 3)
    assert outcome.acts == len(network.acts)
    same(rows(tmp_path), expected)


def test_what_an_account_likes_of_its_own_counts_nothing(score: Score, tmp_path: Path) -> None:
    network = invented(5)
    score(network)
    expected = rows(tmp_path)
    own = [
        row | {"target": row["actor"], "kind": "like", "post": row["made"], "made": None}
        for row in network.acts
        if row["kind"] == "post"
    ]
    assert score(network, network.acts + own).left_out == {"done to oneself": len(own)}
    same(rows(tmp_path), expected)


@pytest.mark.parametrize("consent", ["refused", "ephemeral"])
def test_who_asked_not_to_be_looked_at_is_neither_ranked_nor_counted_with_others(
    score: Score, tmp_path: Path, consent: str
) -> None:
    network = invented(6)
    gone = "did:plc:p000"
    without = InventedNetwork(
        [act for act in network.acts if gone not in (act["actor"], act["target"])],
        {name: row for name, row in network.accounts.items() if name != gone},
    )
    score(without)
    expected = rows(tmp_path)
    network.accounts[gone]["consent"] = consent
    outcome = score(network)
    assert list(outcome.left_out) == ["of an account that asked not to be looked at"]
    same(rows(tmp_path), expected)


def test_a_post_of_the_next_minute_counts_as_sent_now(score: Score, tmp_path: Path) -> None:
    network = invented(7)
    ahead = [row | {"time": row["time"] + (90 if row["time"] > NOW - 60 else 0)} for row in network.acts]
    assert score(network, ahead).left_out == {}


def test_a_network_in_which_nothing_happened_has_accounts_without_scores(score: Score, tmp_path: Path) -> None:
    network = InventedNetwork()
    network.account("did:plc:alone")
    outcome = score(network)
    assert (outcome.accounts, outcome.scored, outcome.acts) == (1, 0, 0)
    assert rows(tmp_path)["did:plc:alone"]["score"] is None


def test_a_table_without_any_account_gives_one_without_any_score(score: Score, tmp_path: Path) -> None:
    assert score(InventedNetwork()) == Outcome(0, 0, 0, {})
    assert rows(tmp_path) == {}


def test_a_folder_of_files_is_one_table_and_numbers_may_be_ids(tmp_path: Path) -> None:
    network = invented(8)
    number = {name: place for place, name in enumerate(network.accounts)}
    table = pa.Table.from_pylist(network.acts, ACTS)
    numbered = {
        name: pa.array([number.get(v) for v in table[name].to_pylist()], pa.int64()) for name in ("actor", "target")
    }
    for name, column in numbered.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    table = table.set_column(table.schema.get_field_index("time"), "time", table["time"].cast(pa.timestamp("s", "UTC")))
    folder = tmp_path / "acts"
    folder.mkdir()
    (folder / ".unfinished.parquet").write_bytes(b"half")
    half = len(table) // 2
    pq.write_table(table.slice(0, half), folder / "1.parquet")
    pq.write_table(table.slice(half), folder / "2.parquet")
    known = pa.Table.from_pylist([row | {"id": number[name]} for name, row in network.accounts.items()])
    pq.write_table(known, tmp_path / "known.parquet")
    score_network(folder, tmp_path / "known.parquet", tmp_path / "scores.parquet", current_formula(), DUCKDB, NOW)
    found = rows(tmp_path)
    score_network(*write(tmp_path, network), tmp_path / "scores.parquet", current_formula(), DUCKDB, NOW)
    # People and posts are drawn by their ids, so under other ids the ends of the interval lie a little elsewhere.
    ends = {"low": None, "high": None}
    for name, row in rows(tmp_path).items():
        renamed = row | {"account": str(number[name])} | ends
        assert found[str(number[name])] | ends == pytest.approx(renamed, abs=1e-9, nan_ok=True)


def broken_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def without_kind(path: Path) -> None:
    pq.write_table(pq.read_table(path).drop_columns(["kind"]), path)


def times_as_words(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(
        table.set_column(table.schema.get_field_index("time"), "time", table["time"].cast(pa.string())), path
    )


UNUSABLE = {
    "acts.parquet is no whole Parquet file": broken_off,
    "acts.parquet has no column kind. It has actor, target, time, post, made": without_kind,
    "the column time is string; it must be whole seconds since 1970 UTC, or a timestamp": times_as_words,
    "There is no": Path.unlink,
}


@pytest.mark.parametrize(("said", "spoil"), UNUSABLE.items(), ids=UNUSABLE)
def test_a_table_that_cannot_be_used_is_named_with_what_is_wrong_and_earlier_scores_stay(
    score: Score, tmp_path: Path, said: str, spoil: Callable[[Path], object]
) -> None:
    network = invented(9, people=8)
    score(network)
    before = (tmp_path / "scores.parquet").read_bytes()
    files = write(tmp_path, network)
    spoil(files[0])
    with pytest.raises(BadTable, match=said):
        score_network(*files, tmp_path / "scores.parquet", current_formula(), DUCKDB, NOW)
    assert (tmp_path / "scores.parquet").read_bytes() == before


def test_a_place_that_cannot_be_written_is_told_before_any_work(tmp_path: Path) -> None:
    files, begun = write(tmp_path, invented(10, people=8)), list[str]()
    (tmp_path / "file").touch()
    with pytest.raises(RapportError, match=r"file cannot be written \(Not a directory\)\. Name another place\.$"):
        score_network(*files, tmp_path / "file" / "scores.parquet", current_formula(), DUCKDB, NOW, begun.append)
    assert begun == []


def test_a_disk_that_is_full_at_the_last_step_is_told_in_words_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, out = write(tmp_path, invented(10, people=8)), tmp_path / "scores.parquet"
    as_usual = run.pq.write_table

    def full(table: pa.Table, path: Path) -> None:
        if "score" in table.column_names:
            raise OSError(28, "No space left on device")
        as_usual(table, path)

    monkeypatch.setattr(run.pq, "write_table", full)
    with pytest.raises(RapportError, match=r"There was no room left .* start the same command again to go on"):
        score_network(*files, out, current_formula(), DUCKDB, NOW)
    assert not out.exists()
    monkeypatch.undo()
    assert score_network(*files, out, current_formula(), DUCKDB, NOW).accounts == len(pq.read_table(out))


def test_a_run_that_was_broken_off_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = invented(10, people=8)
    files, out = write(tmp_path, network), tmp_path / "scores.parquet"

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "measures", broken)
    with pytest.raises(RapportError, match=r"There was no room left .* start the same command again to go on"):
        score_network(*files, out, current_formula(), DUCKDB, NOW)
    assert not out.exists()
    monkeypatch.undo()
    of_other_tables = tmp_path / ".scores.parquet.0123456789ab.partial"
    of_other_tables.mkdir()
    cleaned = next(tmp_path.glob(".scores.parquet.*.partial/acts.parquet"))
    # Were it cleaned again, this file would be written again; were the half of another one taken for whole, it could not be read.
    marked = cleaned.stat().st_mtime_ns
    (cleaned.parent / ".measures.parquet").write_bytes(b"half")
    seen = []
    monkeypatch.setattr(run, "measures", lambda *given: (seen.append(cleaned.stat().st_mtime_ns), MEASURES(*given))[1])
    score_network(*files, out, current_formula(), DUCKDB, NOW)
    assert seen == [marked]
    assert len(rows(tmp_path)) == 8
    assert not list(tmp_path.glob(".scores*"))


MEASURES = run.measures


def test_scores_are_finite_or_not_there(score: Score, tmp_path: Path) -> None:
    score(invented(11))
    table = pq.read_table(tmp_path / "scores.parquet")
    for name in ("exact", "grade"):
        values = table[name].drop_null().to_numpy()
        assert len(values)
        assert np.isfinite(values).all()

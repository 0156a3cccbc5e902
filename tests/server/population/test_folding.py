"""Whatever way rows come in, file by file, they are scored as all of them at once are; and a fold that is broken off leaves nothing half."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import BadTable, RapportError
from server.population.engines import Engine, in_process
from server.population.folding import Folded, fold, once_each
from server.population.run import score_network
from server.population.tables import clean, judged, typed, typed_acts
from server.scoring.formula import current_formula
from tests.server.population.invented_network import ACCOUNTS, ACTS, NOW, invented
from tests.server.population.test_run import rows, same, write

DUCKDB = partial(in_process, "1GB")
WITH_RECORD = ACTS.append(pa.field("record", pa.string()))
BACKEND = ibis.duckdb.connect()

PEOPLE = st.sampled_from(["ann", "bob", None])
ANYTHING = st.fixed_dictionaries(
    {
        "actor": PEOPLE,
        "target": PEOPLE,
        "kind": st.sampled_from(["post", "reply", "like", "delete", "mention", "wave", None]),
        "time": st.one_of(st.none(), st.integers(NOW - 3, NOW), st.just(NOW + 10**6)),
        "post": st.sampled_from(["p1", None]),
        "made": st.sampled_from(["m1", None]),
        "record": st.sampled_from(["r1", "r2", None]),
    }
)
DONE_AND_UNDONE = st.fixed_dictionaries(
    {
        "actor": st.just("ann"),
        "target": st.just("bob"),
        "kind": st.sampled_from(["like", "like", "delete"]),
        "time": st.integers(NOW - 4, NOW),
        "post": st.just("p1"),
        "record": st.sampled_from(["r1", "r1", "r1", None]),
    }
)
ROWS = st.one_of(st.lists(ANYTHING, max_size=14), st.lists(DONE_AND_UNDONE, min_size=3, max_size=6))


def table(rows: list[dict[str, Any]]) -> ibis.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, WITH_RECORD))


def counting(acts: ibis.Table, consent: str) -> list[str]:
    """The rows that count, in order."""
    known = pa.Table.from_pylist([{"id": "bob", "consent": consent}])
    found = BACKEND.to_pyarrow(clean(judged(*typed(acts, ibis.memtable(known)), NOW), NOW)).to_pylist()
    return sorted(map(str, found))


@settings(max_examples=15, deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.sampled_from(["open", "refused"]))
def test_rows_split_and_shuffled_at_will_are_after_folding_what_they_are_at_once(
    rows: list[dict[str, Any]], draw: random.Random, consent: str
) -> None:
    portions: list[list[dict[str, Any]]] = [[] for _ in range(draw.choice([1, 2, 3]))]
    for row in rows:
        # Some come twice, in one portion or in two.
        for _turn in range(draw.choice([1, 1, 2])):
            draw.choice(portions).append(row)
    folded = [BACKEND.to_pyarrow(once_each(typed_acts(table(portion)))) for portion in portions]
    assert counting(ibis.memtable(pa.concat_tables(folded)), consent) == counting(table(rows), consent)


def test_what_was_done_anew_after_it_was_taken_back_still_counts_once_folded() -> None:
    like = {"actor": "ann", "target": "bob", "kind": "like", "time": NOW - 3, "post": "p1", "record": "r1"}
    acts = [like, like | {"kind": "delete", "time": NOW - 2}, like | {"time": NOW - 1}]
    folded = ibis.memtable(BACKEND.to_pyarrow(once_each(typed_acts(table(acts)))))
    assert len(counting(folded, "open")) == 1
    assert counting(folded, "open") == counting(table(acts), "open")


def in_files(folder: Path, acts: list[dict[str, Any]], many: int) -> list[Path]:
    """The rows dealt out to so many files."""
    folder.mkdir()
    for number in range(many):
        pq.write_table(pa.Table.from_pylist(acts[number::many], WITH_RECORD), folder / f"{number}.parquet")
    return sorted(folder.iterdir())


def score(tmp_path: Path, interactions: Path) -> dict[str, dict[str, Any]]:
    out = tmp_path / "scores.parquet"
    score_network(interactions, tmp_path / "accounts.parquet", out, current_formula(), DUCKDB, NOW)
    return rows(tmp_path)


def test_a_folder_folded_day_by_day_has_the_scores_of_all_rows_at_once(tmp_path: Path) -> None:
    network = invented(4, people=15)
    late = [row | {"time": row["time"] + 60} for row in network.acts[::3] if row["kind"] != "mention"]
    like = next(row for row in network.acts if row["kind"] == "like")
    taken_back = like | {"post": "post-of-another-day", "time": NOW - 90, "record": "once"}
    deletion = {"actor": like["actor"], "kind": "delete", "time": NOW - 50, "record": "once"}
    write(tmp_path, network)
    expected = score(tmp_path, tmp_path / "acts.parquet")
    acts = [deletion, *network.acts, *late, taken_back]
    random.Random(1).shuffle(acts)
    files = in_files(tmp_path / "days", acts, 4)
    told = [fold([file], tmp_path / "folded", DUCKDB) for file in files]
    assert sum(one.rows for one in told) == len(acts)
    assert [one.files for one in told] == [1, 1, 1, 1]
    same(score(tmp_path, tmp_path / "folded"), expected)


def test_what_was_folded_is_not_read_again_and_what_has_changed_since_counts_once(tmp_path: Path) -> None:
    network = invented(5, people=8)
    files = in_files(tmp_path / "days", network.acts, 2)
    write(tmp_path, network)
    first = fold([tmp_path / "days"], tmp_path / "folded", DUCKDB)
    assert (first.files, first.rows, first.deeds) == (2, len(network.acts), len(network.acts))
    assert fold(files, tmp_path / "folded", DUCKDB) == Folded(0, 0, 0, {})
    pq.write_table(pa.concat_tables([pq.read_table(files[0]), pq.read_table(files[1]).slice(0, 5)]), files[0])
    again = fold(files, tmp_path / "folded", DUCKDB)
    assert (again.files, again.rows) == (1, len(network.acts[::2]) + 5)
    assert fold(files, tmp_path / "folded", DUCKDB).files == 0
    same(score(tmp_path, tmp_path / "folded"), score(tmp_path, tmp_path / "acts.parquet"))


def test_many_small_portions_and_some_large_ones_are_folded_side_by_side_to_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = invented(9, people=12)
    files = in_files(tmp_path / "days", network.acts, 12)
    pq.write_table(pa.Table.from_pylist(network.acts[::2], WITH_RECORD), files[0])
    write(tmp_path, network)
    monkeypatch.setattr("server.population.folding.ROWS_AT_ONCE", len(network.acts) // 4)
    folded = fold(files, tmp_path / "folded", DUCKDB)
    assert (folded.files, folded.rows) == (12, sum(pq.read_metadata(file).num_rows for file in files))
    assert len(list(tmp_path.glob("folded/[!.]*/deeds.parquet"))) >= 4
    pq.write_table(pa.Table.from_pylist(network.acts, WITH_RECORD), tmp_path / "acts.parquet")
    same(score(tmp_path, tmp_path / "folded"), score(tmp_path, tmp_path / "acts.parquet"))


def test_ids_of_two_kinds_among_portions_folded_side_by_side_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.population.folding.ROWS_AT_ONCE", 1)
    files = in_files(tmp_path / "days", invented(7, people=8).acts, 3)
    numbers = pa.table({"actor": [1], "target": [2], "kind": ["like"], "time": [NOW], "post": [3]})
    pq.write_table(numbers, tmp_path / "days" / "numbers.parquet")
    with pytest.raises(BadTable, match="Make them alike"):
        fold([*files, tmp_path / "days" / "numbers.parquet"], tmp_path / "folded", DUCKDB)


def test_rows_that_make_no_sense_are_left_out_and_counted_by_reason(tmp_path: Path) -> None:
    good = {"actor": "ann", "target": "bob", "kind": "like", "time": NOW, "post": "p1"}
    bad = [good | {"actor": None}, good | {"kind": "wave"}, good | {"actor": "bob"}, good | {"kind": "delete"}]
    folded = fold(in_files(tmp_path / "days", [good, good, *bad], 1), tmp_path / "folded", DUCKDB)
    assert (folded.rows, folded.deeds) == (6, 1)
    assert folded.left_out == {
        "who, what or when is not given": 1,
        "of no known kind": 1,
        "done to oneself": 1,
        "what is deleted is not given": 1,
    }


def test_a_fold_that_is_broken_off_leaves_nothing_half_and_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = invented(6, people=8)
    files = in_files(tmp_path / "days", network.acts, 3)
    write(tmp_path, network)
    monkeypatch.setattr("server.population.folding.ROWS_AT_ONCE", 1)
    written = 0

    @contextmanager
    def full_disk(scratch: Path) -> Iterator[Engine]:
        with DUCKDB(scratch) as engine:

            class Full:
                read, rows = staticmethod(engine.read), staticmethod(engine.rows)

                @staticmethod
                def write(acts: ibis.Table, path: Path) -> None:
                    nonlocal written
                    written += 1
                    if written == 2:
                        path.write_bytes(b"half")
                        raise OSError(28, "No space left on device")
                    engine.write(acts, path)

                @contextmanager
                def side_by_side(self) -> Iterator[list[Engine]]:
                    yield [self]

            yield Full()

    with pytest.raises(RapportError, match="What was folded until then is kept: start the same command again to go on"):
        fold(files, tmp_path / "folded", full_disk)
    assert len(list(tmp_path.glob("folded/[!.]*/deeds.parquet"))) == 1
    # The half of the second is hidden from whoever scores now.
    score(tmp_path, tmp_path / "folded")
    assert fold(files, tmp_path / "folded", DUCKDB).files == 2
    assert not list((tmp_path / "folded").glob(".*.partial"))
    same(score(tmp_path, tmp_path / "folded"), score(tmp_path, tmp_path / "acts.parquet"))


def test_ids_of_another_kind_than_those_folded_before_are_refused(tmp_path: Path) -> None:
    network = invented(7, people=8)
    fold(in_files(tmp_path / "days", network.acts, 1), tmp_path / "folded", DUCKDB)
    numbers = pa.table({"actor": [1], "target": [2], "kind": ["like"], "time": [NOW], "post": [3]})
    pq.write_table(numbers, tmp_path / "numbers.parquet")
    with pytest.raises(BadTable, match="ids are int64"):
        fold([tmp_path / "numbers.parquet"], tmp_path / "folded", DUCKDB)


def test_one_process_at_a_time_folds_into_a_folder_and_none_folds_a_folder_into_itself(tmp_path: Path) -> None:
    files = in_files(tmp_path / "days", invented(7, people=8).acts, 1)

    @contextmanager
    def meanwhile(scratch: Path) -> Iterator[Engine]:
        with pytest.raises(RapportError, match="Another process folds into"):
            fold(files, tmp_path / "folded", DUCKDB)
        with DUCKDB(scratch) as engine:
            yield engine

    assert fold(files, tmp_path / "folded", meanwhile).files == 1
    with pytest.raises(BadTable, match="would be folded into itself"):
        fold([tmp_path], tmp_path / "folded", DUCKDB)


def test_a_folder_that_does_not_say_what_was_folded_is_named(tmp_path: Path) -> None:
    (tmp_path / "folded" / "one").mkdir(parents=True)
    (tmp_path / "folded" / "one" / "folded.json").write_text("{")
    pq.write_table(pa.Table.from_pylist([], ACCOUNTS), tmp_path / "days.parquet")
    with pytest.raises(RapportError, match=r"does not say what was folded\. Delete"):
        fold([tmp_path / "days.parquet"], tmp_path / "folded", DUCKDB)

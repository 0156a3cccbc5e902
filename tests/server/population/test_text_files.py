"""Tables that researchers hand round as CSV or JSON lines become the tables that are scored."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from server.errors import BadTable
from server.population.run import score_network
from server.population.text_files import Imported, import_table
from server.scoring.formula import current_formula
from tests.server.population.invented_network import NOW, invented
from tests.server.population.test_command import population
from tests.server.population.test_run import DUCKDB, rows, same, write

HEADER = "actor,target,kind,time,post\n"
SOME = {"actor": "a", "target": "b", "kind": "like", "time": 1790000000, "post": "p"}


def imported(folder: Path, text: str, name: str = "acts.csv", **called: str) -> tuple[Imported, list[dict[str, Any]]]:
    """What comes of one file of interactions."""
    (folder / name).write_text(text, encoding="utf-8")
    found = import_table("interactions", [folder / name], folder / "out.parquet", called)
    return found, pq.read_table(folder / "out.parquet").to_pylist()


def test_a_network_scores_the_same_from_csv_and_from_json_lines(tmp_path: Path) -> None:
    network = invented(2, people=12)
    write(tmp_path, network)
    with gzip.open(tmp_path / "acts.csv.gz", "wt", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["made", "kind", "actor", "post", "time", "target"])
        table.writeheader()
        table.writerows(network.acts)
    lines = [json.dumps({key: value for key, value in row.items() if value is not None}) for row in network.acts]
    half = len(lines) // 2
    (tmp_path / "1.jsonl").write_text("\n".join(lines[:half]), encoding="utf-8")
    (tmp_path / "2.ndjson").write_text("\n".join(lines[half:]), encoding="utf-8")
    (tmp_path / "who.tsv").write_text(
        "id\tfollowers\tfollowing\tlisted\n"
        + "".join(
            "\t".join("" if value is None else str(value) for value in row.values()) + "\n"
            for row in network.accounts.values()
        ),
        encoding="utf-8",
    )
    found = []
    for source in (
        ["acts.parquet", "accounts.parquet"],
        [["acts.csv.gz"], ["who.tsv"]],
        [["1.jsonl", "2.ndjson"], ["who.tsv"]],
    ):
        files = [tmp_path / name for name in source if isinstance(name, str)]
        for table_name, names in zip(("interactions", "accounts"), source, strict=True):
            if not isinstance(names, str):
                files.append(tmp_path / f"{table_name}-imported.parquet")
                import_table(table_name, [tmp_path / name for name in names], files[-1], {})
        score_network(*files, tmp_path / "scores.parquet", current_formula(), DUCKDB, NOW)
        found.append(rows(tmp_path))
    same(found[1], found[0])
    same(found[2], found[0])


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1790000000", 1790000000),
        ("1790000000123", 1790000000),
        ("1790000000123456", 1790000000),
        ("2026-09-21T14:13:20Z", 1790000000),
        ("2026-09-21 14:13:20", 1790000000),
        ("2026-09-21T16:13:20+02:00", 1790000000),
        ("2026-09-21T14:13:20.999Z", 1790000000),
        ("yesterday", None),
        ("17900000001", None),
        ("99999999999999999999", None),
    ],
)
def test_times_are_read_in_the_forms_that_networks_write(tmp_path: Path, written: str, seconds: int | None) -> None:
    found, written_rows = imported(tmp_path, f"{HEADER}a,b,like,{written},p\n")
    assert [row["time"] for row in written_rows] == [seconds]
    assert found.unreadable == ({} if seconds else {"time": 1})


def test_columns_may_be_called_otherwise_and_others_are_left_out(tmp_path: Path) -> None:
    text = 'text,user "id",to,verb,at,status\nhello,a,b,LIKE,1790000000,p\n'
    _, written = imported(tmp_path, text, actor='user "id"', target="to", kind="verb", time="at", post="status")
    assert written == [SOME]


def test_lines_that_are_no_rows_are_passed_over_and_counted(tmp_path: Path) -> None:
    lines = [
        json.dumps(SOME),
        "{broken",
        "[1, 2]",
        '"words"',
        "",
        json.dumps(SOME | {"nested": {"a": [1]}, "post": 12}),
    ]
    found, written = imported(tmp_path, "\n".join(lines), "acts.jsonl")
    assert found == Imported(2, 3, {})
    assert written == [SOME, SOME | {"post": "12"}]
    found, written = imported(tmp_path, f"{HEADER}a,b,like,1790000000,p\na,b\na,b,like,1790000000,p,too,many\n")
    assert (found, written) == (Imported(1, 2, {}), [SOME])


def test_a_file_written_on_windows_is_read_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_bytes(
        b"\xef\xbb\xbf" + f"{HEADER}a,b,like,1790000000,p\n".replace("\n", "\r\n").encode()
    )
    import_table("interactions", [tmp_path / "acts.csv"], tmp_path / "out.parquet", {})
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == [SOME]


def test_hostile_names_and_values_are_only_texts(tmp_path: Path) -> None:
    folder = tmp_path / "it's; drop table texts; --"
    folder.mkdir()
    hostile = "'); drop table texts; --"
    found, written = imported(folder, json.dumps({**SOME, "actor": hostile, "a'/~\"b": 1}), "acts'.jsonl")
    assert (found.rows, written[0]["actor"]) == (1, hostile)


UNUSABLE = {
    "Missing is kind: one of post, reply": ("actor,target,time,post\na,b,1,p\n", "acts.csv"),
    "say so: --column kind=": ("actor,target,time,post\na,b,1,p\n", "acts.csv"),
    "all of one kind: .csv, .tsv, .jsonl": ("actor", "acts.xlsx"),
    "The files have the columns . Missing is actor": ("", "acts.jsonl"),
    "acts.csv is empty": ("", "acts.csv"),
    "acts.csv has a column twice": ("actor,actor\n", "acts.csv"),
}


@pytest.mark.parametrize(("said", "file"), UNUSABLE.items(), ids=UNUSABLE)
def test_files_that_cannot_be_used_are_told_and_what_was_there_stays(
    tmp_path: Path, said: str, file: tuple[str, str]
) -> None:
    imported(tmp_path, f"{HEADER}a,b,like,1790000000,p\n")
    with pytest.raises(BadTable) as told:
        imported(tmp_path, *file)
    assert said in str(told.value)
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == [SOME]


def test_files_with_other_columns_than_the_first_are_told(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(HEADER)
    (tmp_path / "2.csv").write_text("target,actor,kind,time,post\n")
    with pytest.raises(BadTable, match=r"2\.csv has other columns"):
        import_table("interactions", [tmp_path / "1.csv", tmp_path / "2.csv"], tmp_path / "out.parquet", {})


def test_the_command_says_what_it_read_and_what_it_could_not(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,followers,name\na,12,A\nb,many,B\nc\n")
    done = population("import", "accounts", tmp_path / "a.csv", "--out", tmp_path / "who.parquet")
    assert done.stdout == (
        f"2 rows: {tmp_path / 'who.parquet'}\nPassed over: 1 line that is no row\n"
        "In 1 row the column followers could not be read; it is empty there now.\n"
    )
    wrong = population("import", "accounts", tmp_path / "a.csv", "--out", tmp_path / "who.parquet", "--column", "id")
    assert "write --column OURS=THEIRS" in wrong.stderr

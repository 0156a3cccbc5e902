"""Rows kept by the hour: whole or not there, and never behind what is said to have been read."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.errors import RapportError
from server.population.bluesky_records import Act
from server.population.hourly_files import ACCOUNTS, INTERACTIONS, HourlyFiles
from server.population.tables import ACCOUNTS as NEEDED_OF_ACCOUNTS
from server.population.tables import ACCOUNTS_IF_KNOWN, ACTS, ACTS_IF_KNOWN, check, files_of

TWO = 1_789_999_200
"""Two o'clock in the afternoon of 21 September 2026."""
HOUR = 3600


@pytest.fixture
def files(tmp_path: Path) -> Iterator[HourlyFiles]:
    opened = HourlyFiles(tmp_path)
    yield opened
    opened.close()


def act(time: int, key: str = "1") -> Act:
    return Act("ann", "bob", "like", time, "p", None, key)


def add(files: HourlyFiles, *times: int) -> None:
    for time in times:
        files.add("interactions", time, act(time, str(time)))


def kept(folder: Path) -> list[int]:
    return sorted(
        time for file in files_of(folder / "interactions") for time in pq.read_table(file)["time"].to_pylist()
    )


def names(folder: Path, table: str = "interactions") -> list[str]:
    return sorted(path.name.partition("part-")[0] for path in (folder / table).iterdir())


def test_rows_of_an_hour_are_parts_until_it_is_over_and_one_file_then(files: HourlyFiles, tmp_path: Path) -> None:
    add(files, TWO, TWO + 60)
    files.write((TWO + 60) * 1_000_000, TWO + 60)
    add(files, TWO + 120)
    files.write((TWO + 120) * 1_000_000, TWO + 120)
    assert names(tmp_path) == ["2026-09-21T14.", "2026-09-21T14."]
    assert kept(tmp_path) == [TWO, TWO + 60, TWO + 120]
    add(files, TWO + HOUR)
    files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    assert names(tmp_path) == ["2026-09-21T14.parquet", "2026-09-21T15."]
    assert kept(tmp_path) == [TWO, TWO + 60, TWO + 120, TWO + HOUR]


def test_a_late_row_joins_the_file_of_its_hour(files: HourlyFiles, tmp_path: Path) -> None:
    add(files, TWO, TWO + HOUR)
    files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    add(files, TWO + 5)
    files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    assert names(tmp_path) == ["2026-09-21T14.parquet", "2026-09-21T15."]
    assert kept(tmp_path) == [TWO, TWO + 5, TWO + HOUR]


def test_the_files_are_tables_that_can_be_scored(files: HourlyFiles, tmp_path: Path) -> None:
    add(files, TWO)
    files.add("accounts", TWO, ("ann", "open", TWO))
    files.write(TWO * 1_000_000, TWO)
    check(files_of(tmp_path / "interactions"), ACTS, ACTS_IF_KNOWN)
    check(files_of(tmp_path / "accounts"), NEEDED_OF_ACCOUNTS, ACCOUNTS_IF_KNOWN)
    assert set(INTERACTIONS.names) == {*ACTS, *ACTS_IF_KNOWN}
    (written,) = files_of(tmp_path / "accounts")
    assert pq.read_table(written) == pa.Table.from_pylist([{"id": "ann", "consent": "open", "seen": TWO}], ACCOUNTS)


def test_the_next_process_knows_how_far_was_read_and_clears_away_what_is_half_written(tmp_path: Path) -> None:
    first = HourlyFiles(tmp_path)
    assert first.cursor == 0
    add(first, TWO)
    first.write(TWO * 1_000_000, TWO)
    add(first, TWO + 1)
    first.close()
    half = tmp_path / "interactions" / ".2026-09-21T14.part-0.parquet"
    half.write_bytes(b"half")
    assert kept(tmp_path) == [TWO]
    second = HourlyFiles(tmp_path)
    assert second.cursor == TWO * 1_000_000
    assert not half.exists()
    second.close()


def test_what_was_read_never_goes_back(files: HourlyFiles) -> None:
    files.write(TWO * 1_000_000, TWO)
    files.write((TWO - 5) * 1_000_000, TWO - 5)
    assert files.cursor == TWO * 1_000_000


def test_only_one_process_writes_to_a_folder(files: HourlyFiles, tmp_path: Path) -> None:
    with pytest.raises(RapportError, match=r"Another process writes to .* already"):
        HourlyFiles(tmp_path)


@pytest.mark.parametrize(
    "said", ["", "{}", "[]", '{"cursor": "x"}', '{"cursor": -1}', '{"cursors": {"jetstream": -1}}']
)
def test_a_note_of_how_far_was_read_that_makes_no_sense_is_said(tmp_path: Path, said: str) -> None:
    (tmp_path / "listened.json").write_text(said)
    with pytest.raises(RapportError, match=r"listened\.json does not say how far was listened"):
        HourlyFiles(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RapportError, match=r"could not be written \(Not a directory\)"):
        HourlyFiles(tmp_path / "file" / "folder")


@contextmanager
def no_room() -> Iterator[None]:
    """Files beyond a few bytes cannot be written, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_where_there_is_no_room_nothing_half_written_is_left_and_it_goes_on_when_there_is(
    files: HourlyFiles, tmp_path: Path
) -> None:
    add(files, TWO)
    files.write(TWO * 1_000_000, TWO)
    add(files, TWO + 60, TWO + HOUR)
    with no_room(), pytest.raises(RapportError, match=r"could not be written \(.*\)\. .* start the same command again"):
        files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    assert kept(tmp_path) == [TWO]
    assert files.cursor == TWO * 1_000_000
    assert not list(tmp_path.glob("*/.*.parquet"))
    files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    assert kept(tmp_path) == [TWO, TWO + 60, TWO + HOUR]
    assert names(tmp_path) == ["2026-09-21T14.parquet", "2026-09-21T15."]


def test_where_there_is_no_room_for_the_file_of_an_hour_its_parts_stay(files: HourlyFiles, tmp_path: Path) -> None:
    add(files, TWO)
    files.write(TWO * 1_000_000, TWO)
    with no_room(), pytest.raises(RapportError):
        files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    assert kept(tmp_path) == [TWO]
    assert names(tmp_path) == ["2026-09-21T14."]
    files.write((TWO + HOUR) * 1_000_000, TWO + HOUR)
    assert names(tmp_path) == ["2026-09-21T14.parquet"]
    assert kept(tmp_path) == [TWO]

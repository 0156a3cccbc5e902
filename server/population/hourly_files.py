"""Rows that come in for weeks, kept as Parquet files by the hour, together with how far the stream they come from was read.

Below the folder: ``interactions/2026-09-21T14.parquet`` (and the same below ``accounts``) for an hour that is over; until then what came in
lies beside it in parts (``2026-09-21T14.part-….parquet``). What is unfinished has a hidden name, which nobody reads. How far each stream was
read (``listened.json``) is written after the rows, so a process that is killed at any moment reads some of them again and loses none; rows
that are there twice count once (``server.population.tables.clean``).
"""

from __future__ import annotations

import os
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from server.errors import RapportError
from server.population.locks import held

_TEXTS = ("actor", "target", "kind", "post", "made", "record")
INTERACTIONS = pa.schema(
    [pa.field(name, pa.int64() if name == "time" else pa.string()) for name in (*_TEXTS[:3], "time", *_TEXTS[3:])]
)
ACCOUNTS = pa.schema([("id", pa.string()), ("consent", pa.string()), ("seen", pa.int64())])
TABLES = {"interactions": INTERACTIONS, "accounts": ACCOUNTS}

HOUR = 3600
_PART = re.compile(r"(\d{4}-\d\d-\d\dT\d\d)\.part-[0-9a-f]{32}\.parquet")
_STATE = "listened.json"

JETSTREAM = "jetstream"
"""The name of what is read where none is given: places in a Jetstream are times, so that every one of them goes on where another ended."""

Row = Sequence[Any]
Place = Annotated[int, msgspec.Meta(ge=0)]


class _Noted(msgspec.Struct, omit_defaults=True):
    cursors: dict[str, Place] | None = None
    cursor: Place | None = None
    """Of a Jetstream, as it was noted when there was nothing else to be listened to."""


class HourlyFiles:
    """The files below one folder; one process at a time writes there."""

    def __init__(self, folder: Path, stream: str = JETSTREAM) -> None:
        """``folder`` is made if need be; ``stream``: what is read, as a place in one stream says nothing of another.

        Raises RapportError when the folder cannot be written, or another process writes there.
        """
        self.folder, self._stream = folder, stream
        self.rows = 0
        """How many wait to be written."""
        self._waiting: dict[tuple[str, int], list[Row]] = defaultdict(list)
        with in_words(folder):
            for table in TABLES:
                (folder / table).mkdir(parents=True, exist_ok=True)
            self._lock = held(folder / ".lock", f"Another process writes to {folder} already.")
        self._cursors = self._read_cursors()
        with in_words(folder):
            for unfinished in folder.glob("*/.[0-9]*.parquet"):
                unfinished.unlink()

    def add(self, table: str, time: int, row: Row) -> None:
        """Take in a row of TABLES for the hour of ``time`` (seconds since 1970 UTC); it is kept at the next ``write``."""
        self._waiting[table, time // HOUR].append(row)
        self.rows += 1

    @property
    def cursor(self) -> int:
        """How far the stream was read and all rows of it are kept; 0: it was not begun."""
        return self._cursors.get(self._stream, 0)

    def write(self, cursor: int, time: int) -> None:
        """Keep what was added, then that the stream was read up to ``cursor``; hours that are over at ``time`` (seconds since 1970 UTC) become
        one file each.

        Raises RapportError when it could not be written; what waits goes on waiting then.
        """
        with in_words(self.folder):
            for (table, hour), rows in self._waiting.items():
                columns = zip(*rows, strict=True)
                schema = TABLES[table]
                whole = pa.table(
                    [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
                )
                put(
                    self.folder / table / f"{_name(hour)}.part-{uuid.uuid4().hex}.parquet",
                    partial(iter, [whole]),
                    schema,
                )
            self._write_cursor(max(cursor, self.cursor))
            self._waiting.clear()
            self.rows = 0
            self._merge(_name(time // HOUR))

    def close(self) -> None:
        """Let other processes write."""
        self._lock.close()

    def _merge(self, current: str) -> None:
        for table, schema in TABLES.items():
            parts: dict[str, list[Path]] = defaultdict(list)
            for path in sorted((self.folder / table).iterdir()):
                found = _PART.fullmatch(path.name)
                if found and found[1] < current:
                    parts[found[1]].append(path)
            for hour, paths in parts.items():
                whole = self.folder / table / f"{hour}.parquet"
                earlier = [whole] if whole.exists() else []
                put(whole, partial(_pieces, [*earlier, *paths]), schema)
                # Killed before all are gone, their rows are there twice, which changes nothing.
                for path in paths:
                    path.unlink()

    def _read_cursors(self) -> dict[str, int]:
        path = self.folder / _STATE
        try:
            noted = msgspec.json.decode(path.read_bytes(), type=_Noted)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            noted = _Noted()
        if noted.cursors is None and noted.cursor is None:
            raise RapportError(f"{path} does not say how far was listened. Delete it to begin at the present.")
        return noted.cursors or {JETSTREAM: noted.cursor or 0}

    def _write_cursor(self, cursor: int) -> None:
        cursors = self._cursors | {self._stream: cursor}
        unfinished = self.folder / f".{_STATE}"
        with unfinished.open("wb") as file:
            file.write(msgspec.json.encode(_Noted(cursors)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.folder / _STATE)
        self._cursors = cursors


def _name(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR, UTC).strftime("%Y-%m-%dT%H")


def _pieces(files: Sequence[Path]) -> Iterator[pa.Table]:
    for file in files:
        with pq.ParquetFile(file) as opened:
            for place in range(opened.num_row_groups):
                yield opened.read_row_group(place)


def put(path: Path, pieces: Callable[[], Iterator[pa.Table]], schema: pa.Schema) -> None:
    """Write a Parquet file beside and put it in its place; it lasts through a loss of power once this returns."""
    unfinished = path.with_name(f".{path.name}")
    try:
        with unfinished.open("wb") as file:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for piece in pieces():
                    writer.write_table(piece)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    have_last(path.parent)


def have_last(path: Path) -> None:
    """Have what is in a file, or which names are in a folder, last through a loss of power from here on."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        why = os.strerror(problem.errno) if problem.errno else str(problem).splitlines()[0]
        raise RapportError(
            f"{folder} could not be written ({why}). What was kept until then is whole; make room or leave to write there, and start the same "
            "command again to go on."
        ) from None
    except pa.ArrowInvalid as problem:
        raise RapportError(
            f"A file below {folder} is no whole Parquet file ({str(problem).splitlines()[0]})."
        ) from None

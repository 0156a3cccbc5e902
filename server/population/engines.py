"""What works through the tables: DuckDB inside this process, or Apache Spark on a cluster. Both are handed the same expressions."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import ibis
from ibis import Table

from server.errors import RapportError


class Engine(Protocol):
    """Reads tables, and writes what an expression over them gives."""

    def read(self, files: Sequence[Path]) -> Table:
        """Parquet files, or folders of them, as one table."""
        ...

    def write(self, table: Table, path: Path) -> None:
        """Work a table out and write it as Parquet: a file, or a folder of them."""
        ...

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        """Work a small table out, a row each."""
        ...

    def side_by_side(self) -> AbstractContextManager[list[Engine]]:
        """Engines for many small pieces of work, each to be used in a thread of its own; this one rests meanwhile."""
        ...


Open = Callable[[Path], AbstractContextManager[Engine]]
"""Opens an engine; what it cannot hold in memory goes below the folder."""


_FEW_VALUED = ("kind", "reason")
_OF_NUMBERS = {"parquet_version": "v2", "dictionary_size_limit": 64}
"""Numbers differ too much for dictionaries of them, which are sought in vain; differences between them take half the room."""


class _DuckDB:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.backend = ibis.duckdb.from_connection(connection)
        # It would be drawn into what the command prints.
        self.backend.raw_sql("set enable_progress_bar = false")

    def read(self, files: Sequence[Path]) -> Table:
        # Those who listen and those who ask for profiles know different things of accounts.
        return self.backend.read_parquet([str(file) for file in files], union_by_name=True)

    def write(self, table: Table, path: Path) -> None:
        texts = [name for name, of_type in table.schema().items() if of_type.is_string() and name not in _FEW_VALUED]
        self.backend.to_parquet(table, path, **({} if texts else _OF_NUMBERS))

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        # Ibis would go by way of pandas, which takes a third of a second to be loaded.
        found: list[tuple[Any, ...]] = self.backend.raw_sql(self.backend.compile(table)).fetchall()
        return found

    @contextmanager
    def side_by_side(self) -> Iterator[list[Engine]]:
        cores = int(self.backend.raw_sql("select current_setting('threads')").fetchall()[0][0])
        # What is small keeps one core busy at best; so there is one engine for each, and none spreads over others'.
        self.backend.raw_sql("set threads = 1")
        beside = [_DuckDB(self.backend.con.cursor()) for _core in range(cores)]
        try:
            yield list(beside)
        finally:
            for engine in beside:
                engine.backend.disconnect()
            self.backend.raw_sql(f"set threads = {cores}")


class _Spark:
    def __init__(self, session: Any) -> None:
        self.session, self.backend, self._read = session, ibis.pyspark.connect(session), 0

    def read(self, files: Sequence[Path]) -> Table:
        self._read += 1
        name = f"read_{self._read}"
        self.session.read.option("mergeSchema", "true").parquet(*(str(file) for file in files)).createOrReplaceTempView(
            name
        )
        return self.backend.table(name)

    def write(self, table: Table, path: Path) -> None:
        # What a run that was killed left behind at this place is half of it.
        self.session.sql(self.backend.compile(table)).write.mode("overwrite").parquet(str(path))

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(self.backend.compile(table)).collect()]

    @contextmanager
    def side_by_side(self) -> Iterator[list[Engine]]:
        # A cluster spreads each piece over all of it.
        yield [self]


@contextmanager
def in_process(memory: str, scratch: Path) -> Iterator[Engine]:
    """DuckDB; beyond ``memory`` ("2GB") it goes on in files below ``scratch``. Raises RapportError when it cannot go on."""
    try:
        engine = _DuckDB(duckdb.connect(config={"memory_limit": memory, "temp_directory": str(scratch)}))
        try:
            yield engine
        finally:
            engine.backend.disconnect()
    except duckdb.OutOfMemoryException as problem:
        raise RapportError(
            f"More memory is needed than --memory {memory} allows ({_first_line(problem)}). Allow more with --memory."
        ) from None
    except (duckdb.Error, OSError) as problem:
        raise RapportError(in_words(problem)) from None


@contextmanager
def on_cluster(master: str, partitions: int, _scratch: Path) -> Iterator[Engine]:
    """Spark at an address such as ``spark://host:7077``; every machine of it must see the same files at the same places.

    Raises RapportError when there is none, or when it cannot go on.
    """
    with warnings.catch_warnings():
        # It warns of every newer pandas; none of what it does with pandas is used here.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ModuleNotFoundError:
            raise RapportError(
                "Working on a cluster needs pyspark of the cluster's version: pip install pyspark==4.3.0"
            ) from None
        from py4j.protocol import Py4JError

        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        try:
            session = (
                SparkSession.builder.master(master)
                .appName("rapport")
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.log.level", "ERROR")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.shuffle.partitions", str(partitions))
                .getOrCreate()
            )
            try:
                yield _Spark(session)
            finally:
                session.stop()
        except (PySparkException, Py4JError, OSError, RuntimeError) as problem:
            raise RapportError(
                f"Spark at {master} could not work the tables through ({_first_line(problem)})."
            ) from None


def in_words(problem: Exception) -> str:
    """Why tables could not be worked through, as a sentence."""
    kind = "There was no room left" if "No space left" in str(problem) else "The tables could not be worked through"
    return f"{kind} ({_first_line(problem)})."


def _first_line(problem: Exception) -> str:
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    # What was thrown on the Java side stands below a line that says only that something was.
    return next((line[1:].strip() for line in lines if line.startswith(":")), lines[0])

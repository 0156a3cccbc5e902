"""Who takes part in what is kept below a folder (see ``server.population.hourly_files``), and what is known of them there."""

# Paths stand in queries through _text only.
# ruff: noqa: S608

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from server.activity import Consent
from server.errors import RapportError

ABSENT = "absent"
"""The table, beside the accounts and the interactions, of accounts that the network did not know when it was asked: ``id``, ``seen``."""
PAGE = 10_000
"""Accounts that are given at a time."""
_MEMORY = "1GB"
_TRIES, _WAIT = 5, 0.1
"""Parts become the file of their hour while somebody listens, and are gone then; seconds, twice as many before each further try."""
_COLUMNS = {
    "interactions": "null::varchar actor, null::varchar target, null::varchar kind",
    "accounts": "null::varchar id, null::varchar consent, null::bigint followers, null::bigint seen",
    ABSENT: "null::varchar id, null::bigint seen",
}
_CLOSED = f"""create temp table found as select id, consent from (
    select id, arg_max(consent, 2 * seen + (consent <> '{Consent.OPEN.value}')::int) consent from accounts group by id)
    where consent <> '{Consent.OPEN.value}'"""
# Those to whom most is done come first: whoever breaks it off has the best of it.
_UNCOUNTED = f"""create temp table found as select id from (
    select id, sum(given) given from (
        select actor id, 0 given from interactions where kind <> 'delete' union all select target, 1 from interactions)
    where id like 'did:%' group by id)
    anti join (select id from accounts group by id having
        max(seen) filter (followers is not null) >= $since or
        arg_max(consent, 2 * seen + (consent <> '{Consent.OPEN.value}')::int) <> '{Consent.OPEN.value}') using (id)
    anti join (select id from {ABSENT} where seen >= $since) using (id)
    order by given desc, id"""


def closed(folder: Path) -> Iterator[tuple[str, Consent]]:
    """The accounts that are not open to be looked at, as their newest row says, each with what it asks for.

    Raises RapportError for a file that cannot be read.
    """
    with _found(folder, _CLOSED, {}) as engine:
        for page in _pages(engine):
            yield from ((account, Consent(consent)) for account, consent in page)


def newly_closed(folder: Path, known: set[Path]) -> Iterator[tuple[str, Consent]]:
    """The same of what ``server.population.profiles`` wrote since; ``known``: its files that were read, those read now among them afterwards."""
    for path in sorted(set((folder / "accounts").glob("profiles-*.parquet")) - known):
        rows = pq.read_table(path, columns=["id", "consent"]).to_pylist()
        yield from ((row["id"], Consent(row["consent"])) for row in rows if row["consent"] != Consent.OPEN.value)
        known.add(path)


@contextmanager
def uncounted(folder: Path, since: int) -> Iterator[tuple[int, Iterator[list[str]]]]:
    """How many accounts that took part are open, as far as is known, and were not counted since (seconds since 1970 UTC); and these, in pages.

    To have looked for in vain counts as well. Raises RapportError for a file that cannot be read.
    """
    with _found(folder, _UNCOUNTED, {"since": since}) as engine:
        count = engine.execute("select count(*) from found").fetchall()[0][0]
        yield count, ([account for (account,) in page] for page in _pages(engine))


@contextmanager
def _found(folder: Path, query: str, values: dict[str, int]) -> Iterator[duckdb.DuckDBPyConnection]:
    """What a query leaves as the table ``found``."""
    with (
        tempfile.TemporaryDirectory(prefix="rapport-") as scratch,
        duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": scratch}) as engine,
    ):
        try:
            _find(engine, folder, query, values)
            yield engine
        except duckdb.Error as problem:
            first = str(problem).strip().splitlines()[0]
            raise RapportError(f"What is kept in {folder} cannot be read ({first}).") from None


def _find(engine: duckdb.DuckDBPyConnection, folder: Path, query: str, values: dict[str, int]) -> None:
    # It would be drawn into what the command prints.
    engine.execute("set enable_progress_bar = false")
    for tried in range(_TRIES):
        try:
            for table, columns in _COLUMNS.items():
                engine.execute(f"create or replace temp view {table} as {_rows(folder / table, columns)}")
            engine.execute(query, values)
            return
        except duckdb.Error:
            if tried == _TRIES - 1:
                raise
            time.sleep(_WAIT * 2**tried)


def _rows(folder: Path, columns: str) -> str:
    # The empty table gives the columns that files without counts lack.
    none = f"select {columns} where false"
    files = ", ".join(_text(file) for file in sorted(folder.glob("[!.]*.parquet")))
    return f"{none} union all by name from read_parquet([{files}], union_by_name = true)" if files else none


def _pages(engine: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[str, ...]]]:
    rows = engine.execute("from found")
    while page := rows.fetchmany(PAGE):
        yield page


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"

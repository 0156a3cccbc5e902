"""Tables that come as CSV or JSON lines, as researchers hand them round, made into the Parquet tables that are worked with."""

# Column names and paths stand in queries through _quoted and _text only.
# ruff: noqa: S608

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from server.errors import BadTable, RapportError
from server.population.tables import ACCOUNTS, ACCOUNTS_IF_KNOWN, ACTS, ACTS_IF_KNOWN

TABLES = {"interactions": (ACTS, ACTS_IF_KNOWN), "accounts": (ACCOUNTS, ACCOUNTS_IF_KNOWN)}
"""What can be imported: the columns that must be there, and those that may."""
DELIMITERS = {".csv": ",", ".tsv": "\t"}
LINES = (".jsonl", ".ndjson", ".json")
"""Endings of JSON lines, one object each. Compressed files (.gz, .zst) have such an ending before that."""
_NUMBERS = frozenset({"followers", "following", "listed"})
# Milliseconds and microseconds have three and six digits more than seconds; all of them until the year 2286.
_TIME = """case when regexp_full_match({0}, '\\d{{1,10}}') then try_cast({0} as bigint)
    when regexp_full_match({0}, '\\d{{13}}') then try_cast({0} as bigint) // 1000
    when regexp_full_match({0}, '\\d{{16}}') then try_cast({0} as bigint) // 1000000
    else floor(epoch(try_cast({0} as timestamptz)))::bigint end"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: ``rows`` written, lines that were no row, and by column how many values could not be read (they are null now)."""

    rows: int
    no_rows: int
    unreadable: dict[str, int]


def import_table(name: str, files: list[Path], out: Path, called: dict[str, str]) -> Imported:
    """Write one of TABLES to ``out`` (Parquet) from files of one kind, by the names of their columns; all others are left out.

    ``called``: what a column is called in the files, where it is not called what it is here. Times may be seconds, milliseconds or
    microseconds since 1970 or ISO 8601, which is UTC where it says nothing else. Raises BadTable for files that cannot be used, RapportError
    when there is no room.
    """
    ending = _ending(files)
    needed, if_known = TABLES[name]
    unfinished = out.with_name(f".{out.name}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as engine:
            engine.execute("set timezone = 'UTC'")
            if ending in LINES:
                there, no_rows = _read_lines(engine, files)
            else:
                there, no_rows = _read_columns(engine, files, DELIMITERS[ending])
            columns = _columns(there, needed, if_known, called)
            texts = ", ".join(f"nullif(trim({_quoted(called.get(c, c))}::varchar), '') as {c}" for c in columns)
            engine.execute(f"create temp table texts as select {texts} from given")
            engine.execute(f"copy (select {_typed(columns)} from texts) to {_text(unfinished)} (format parquet)")
            imported = _tally(engine, columns, unfinished, no_rows)
        unfinished.replace(out)
    except OSError as problem:
        raise RapportError(f"{out} cannot be written ({problem.strerror}).") from None
    except duckdb.Error as problem:
        raise _in_words(problem) from None
    return imported


def _ending(files: list[Path]) -> str:
    endings = set()
    for file in files:
        if not file.is_file():
            raise BadTable(f"There is no {file}.")
        plain = file.with_suffix("") if file.suffix in (".gz", ".zst") else file
        ending = plain.suffix.lower()
        endings.add(LINES[0] if ending in LINES else ending)
    if len(endings) != 1 or not endings <= {*DELIMITERS, *LINES}:
        kinds = ", ".join((*DELIMITERS, *LINES))
        raise BadTable(f"Files to import are all of one kind: {kinds}, each also compressed (.gz, .zst).")
    return endings.pop()


def _read_columns(engine: duckdb.DuckDBPyConnection, files: list[Path], delimiter: str) -> tuple[list[str], int]:
    """Have CSV files as the table ``given``; gives its columns, and how many lines were no row."""
    headers = [_header(engine, file, delimiter) for file in files]
    for file, header in zip(files, headers, strict=True):
        if header != headers[0]:
            raise BadTable(f"{file} has other columns ({', '.join(header)}) than {files[0]} ({', '.join(headers[0])}).")
    # Nothing is left to be guessed from the first rows, which may be bad ones.
    columns = ", ".join(f"{_text(name)}: 'varchar'" for name in headers[0])
    how = f"auto_detect = false, header = true, delim = {_text(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}"
    engine.execute(
        f"create temp table given as from read_csv([{', '.join(map(_text, files))}], {how}, ignore_errors = true, store_rejects = true)"
    )
    return headers[0], _number(engine, "select count(distinct (file_id, line)) from reject_errors")


def _header(engine: duckdb.DuckDBPyConnection, file: Path, delimiter: str) -> list[str]:
    whole_line = (
        "auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '', columns = {'line': 'varchar'}"
    )
    first = engine.execute(f"from read_csv({_text(file)}, {whole_line}, ignore_errors = true) limit 1").fetchall()
    header = next(csv.reader([str(first[0][0]).removeprefix("\ufeff")], delimiter=delimiter)) if first else []
    if not header:
        raise BadTable(f"{file} is empty.")
    if len(set(header)) < len(header):
        raise BadTable(f"{file} has a column twice; it has {', '.join(header)}.")
    return header


def _read_lines(engine: duckdb.DuckDBPyConnection, files: list[Path]) -> tuple[list[str], int]:
    """Have the objects of JSON lines as the table ``given``; gives its columns, and how many lines were no object."""
    engine.execute(
        f"create temp table lines as select json, coalesce(json_type(json) = 'OBJECT', false) is_row from "
        f"read_json_objects([{', '.join(map(_text, files))}], format = 'newline_delimited', ignore_errors = true)"
    )
    keys = engine.execute("select distinct unnest(json_keys(json)) k from lines where is_row order by k").fetchall()
    there = [str(row[0]) for row in keys]
    values = ", ".join(f"json_extract_string(json, {_text(_pointer(key))}) as {_quoted(key)}" for key in there)
    engine.execute(f"create temp view given as select {values or 'null'} from lines where is_row")
    return there, _number(engine, "select count(*) from lines where not is_row")


def _number(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(engine.execute(query).fetchall()[0][0])


def _pointer(key: str) -> str:
    """A key as a path that JSON functions follow (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _columns(there: list[str], needed: dict[str, str], if_known: dict[str, str], called: dict[str, str]) -> list[str]:
    """Our names of the columns that are there."""
    unknown = [name for name in called if name not in needed and name not in if_known]
    if unknown:
        raise BadTable(
            f"There is no column {', '.join(unknown)} to be named; there are {', '.join([*needed, *if_known])}."
        )
    missing = [name for name in dict.fromkeys((*needed, *called)) if called.get(name, name) not in there]
    if missing:
        wanted = "; ".join(f"{called.get(name, name)}: {(needed | if_known)[name]}" for name in missing)
        raise BadTable(
            f"The files have the columns {', '.join(there)}. Missing is {wanted}. If one of them is called otherwise, say so: --column {missing[0]}=…"
        )
    return [name for name in (*needed, *if_known) if called.get(name, name) in there]


def _typed(columns: list[str]) -> str:
    return ", ".join(f"{_value(name)} as {name}" for name in columns)


def _value(name: str) -> str:
    if name == "time":
        return _TIME.format("time")
    if name in _NUMBERS:
        return f"try_cast({name} as bigint)"
    return f"lower({name})" if name in ("kind", "consent") else name


def _tally(engine: duckdb.DuckDBPyConnection, columns: list[str], written: Path, no_rows: int) -> Imported:
    read = [name for name in columns if name == "time" or name in _NUMBERS]
    lost = ", ".join(f"(select count({name}) from texts) - count({name})" for name in read)
    rows, *unreadable = engine.execute(
        f"select count(*){', ' if lost else ''}{lost} from read_parquet({_text(written)})"
    ).fetchall()[0]
    return Imported(rows, no_rows, {name: lost for name, lost in zip(read, unreadable, strict=True) if lost})


def _in_words(problem: duckdb.Error) -> RapportError:
    said = str(problem).strip().splitlines()[0]
    if "No space left" in said or isinstance(problem, duckdb.OutOfMemoryException):
        return RapportError(f"There was no room left ({said}).")
    return BadTable(f"The files could not be read ({said}).")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: Path | str) -> str:
    return "'" + str(path).replace("'", "''") + "'"

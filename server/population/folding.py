"""Interactions that come in day by day, folded once each into what scoring needs of them; a folder of those is scored like any other.

Below the folder: ``<portion>/deeds.parquet`` for what was new when it was folded (as a rule a day), and ``<portion>/folded.json``, which says of
which files that was and what was left out. A portion appears there whole, by one renaming, or not at all; what is folded is never read again
to fold more.

A folded row is the deed itself, once for each (actor, target, kind, post, made, record), not a sum over (actor, target, kind, day). Sums of days
cannot be added up to the same answer: of a deed that comes twice, on two days, only the earliest counts; a deletion takes one deed out of a
sum; and people are counted post by post, for the h-index, or by how fast they were, for rings. What is saved is checking and sorting out
what comes in anew for each scoring; what is measured (``server.population.measures``) is measured on the whole window again. Measuring only
those again with whom something happened would save little: in a hundred days of an invented network (``tests.benchmarks.population``) the
accounts that one day touches, 38 of 100, hold 77 of 100 rows.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import ibis
import pyarrow.parquet as pq
from ibis import Table, _

from server.errors import BadTable, RapportError
from server.population.engines import Engine, Open
from server.population.hourly_files import have_last
from server.population.locks import held
from server.population.tables import (
    ACTS,
    ACTS_IF_KNOWN,
    BY_TIME,
    TAKES_BACK,
    check,
    files_of,
    nonsense,
    typed_acts,
)

ROWS_AT_ONCE = 1_000_000
"""Files are folded together up to so many rows: those are sorted out within a core's own reach, several portions at a time."""
_ABOUT = "folded.json"


@dataclass(frozen=True, slots=True)
class Folded:
    """What came of folding."""

    files: int
    """Files that were new."""
    rows: int
    deeds: int
    """What is left of those rows: each deed once."""
    left_out: dict[str, int]
    """Rows that make no sense, by reason."""


def fold(sources: list[Path], into: Path, engine: Open) -> Folded:
    """Fold the interactions of all files that were not folded ``into`` this folder before; it is made if need be.

    ``sources``: Parquet files or folders of them, see ``server.population.tables``. A file that has changed since counts as new: what is in it
    twice then counts once. Rows may be late or repeated, and deletions may come before what they take back, in any order of files: the
    folder scores as all rows at once do.

    Raises BadTable for tables that cannot be used, and RapportError when the engine cannot finish; what was folded until then stays.
    """
    for source in sources:
        if into.resolve().is_relative_to(source.resolve()):
            raise BadTable(f"{into} lies in {source}, and would be folded into itself. Choose a folder beside it.")
    with _alone(into):
        return _fold_new([file for source in sources for file in files_of(source)], into, engine)


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    try:
        into.mkdir(parents=True, exist_ok=True)
        lock = held(into / ".lock", f"Another process folds into {into} already.")
    except OSError as problem:
        raise RapportError(f"{into} cannot be written ({problem.strerror}).") from None
    with lock:
        yield


def _fold_new(files: list[Path], into: Path, engine: Open) -> Folded:
    known = [_about(path) for path in sorted(into.glob(f"[!.]*/{_ABOUT}"))]
    done = {told for portion in known for told in portion["files"].items()}
    new = {file: _state(file) for file in dict.fromkeys(path.resolve() for path in files)}
    new = {file: state for file, state in new.items() if (str(file), state) not in done}
    check(list(new), ACTS, ACTS_IF_KNOWN)
    rows = deeds = 0
    left_out: Counter[str] = Counter()
    try:
        for unfinished in into.glob(".*.partial"):
            shutil.rmtree(unfinished)
        with engine(into / ".scratch") as opened:
            for about in _each_folded(_Folding(into, {portion["ids"] for portion in known}), new, opened):
                rows, deeds = rows + about["rows"], deeds + about["deeds"]
                left_out.update(about["left_out"])
    except BadTable:
        raise
    except (RapportError, OSError) as problem:
        raise RapportError(
            f"{problem} What was folded until then is kept: start the same command again to go on."
        ) from None
    finally:
        shutil.rmtree(into / ".scratch", ignore_errors=True)
    return Folded(len(new), rows, deeds, dict(left_out))


def _each_folded(folding: _Folding, new: dict[Path, str], engine: Engine) -> Iterator[dict[str, Any]]:
    """What came of each portion of these files (and their state), in the order in which they are done."""
    small: list[dict[Path, str]] = []
    large: list[dict[Path, str]] = []
    for rows, some in _portions(list(new)):
        (small if rows <= ROWS_AT_ONCE else large).append({file: new[file] for file in some})
    for files in large:
        yield folding.fold(engine, files)
    with engine.side_by_side() as engines, ThreadPoolExecutor(len(engines)) as pool:
        idle: SimpleQueue[Engine] = SimpleQueue()
        for each in engines:
            idle.put(each)

        def with_idle(files: dict[Path, str]) -> dict[str, Any]:
            free = idle.get()
            try:
                return folding.fold(free, files)
            finally:
                idle.put(free)

        waiting = [pool.submit(with_idle, files) for files in small]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


class _Folding:
    """One going on: the folder, and of which type the ids in it are."""

    def __init__(self, into: Path, ids: set[str]) -> None:
        self._into, self._ids, self._lock = into, ids, threading.Lock()

    def fold(self, engine: Engine, files: dict[Path, str]) -> dict[str, Any]:
        """Fold these files as one portion and say what came of it."""
        name = hashlib.sha256("\n".join(f"{file} {state}" for file, state in files.items()).encode()).hexdigest()[:16]
        unfinished = self._into / f".{name}.partial"
        acts = typed_acts(engine.read(list(files)))
        self._check_ids(str(acts.actor.type()), next(iter(files)))
        unfinished.mkdir()
        engine.write(once_each(acts), unfinished / "deeds.parquet")
        left_out = acts.select(reason=_reason(acts)).filter(_.reason.notnull()).group_by("reason").agg(rows=_.count())
        about = {
            "files": {str(file): state for file, state in files.items()},
            "ids": str(acts.actor.type()),
            "rows": sum(pq.read_metadata(file).num_rows for file in files),
            "deeds": pq.read_metadata(unfinished / "deeds.parquet").num_rows,
            "left_out": dict(engine.rows(left_out)),
        }
        (unfinished / _ABOUT).write_text(json.dumps(about))
        # Whoever folds may delete the files afterwards.
        for path in (unfinished / "deeds.parquet", unfinished / _ABOUT, unfinished):
            have_last(path)
        unfinished.replace(self._into / name)
        have_last(self._into)
        return about

    def _check_ids(self, of_type: str, file: Path) -> None:
        with self._lock:
            self._ids.add(of_type)
            others = self._ids - {of_type}
        if others:
            raise BadTable(
                f"In {file} ids are {of_type}, in what is folded in {self._into} already they are not. Make them alike."
            )


def once_each(acts: Table) -> Table:
    """The rows of ``typed_acts`` that may count, each deed once at the earliest time given.

    What has a ``record`` can be taken back, and done anew under it: such a row stays for each time that was given.
    """
    may_count = acts.filter(_reason(acts).isnull())
    timed = may_count.mutate(at=ibis.ifelse(BY_TIME | _.record.notnull(), _.time, ibis.null("int64")))
    return timed.group_by("actor", "target", "kind", "post", "made", "record", "at").agg(time=_.time.min()).drop("at")


def _reason(acts: Table) -> ibis.Value:
    takes_back = TAKES_BACK.resolve(acts)
    return ibis.cases(*((~takes_back & condition, reason) for condition, reason in nonsense(acts)))


def _state(file: Path) -> str:
    stat = file.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _portions(files: list[Path]) -> Iterator[tuple[int, list[Path]]]:
    """Files to fold together, and how many rows they have: those with the same columns, ROWS_AT_ONCE at most unless one alone has more."""
    some: list[Path] = []
    rows, columns = 0, None
    for file in files:
        about = pq.read_metadata(file)
        found = str(about.schema.to_arrow_schema().remove_metadata())
        if some and (rows + about.num_rows > ROWS_AT_ONCE or found != columns):
            yield rows, some
            some, rows = [], 0
        some.append(file)
        rows, columns = rows + about.num_rows, found
    if some:
        yield rows, some


def _about(path: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads(path.read_text())
        about["files"], about["ids"]
    except (OSError, ValueError, KeyError, TypeError):
        raise RapportError(
            f"{path} does not say what was folded. Delete {path.parent} and fold its files again."
        ) from None
    return about

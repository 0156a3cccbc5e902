"""From two Parquet tables to the scores of a whole network, in steps that are kept: a run that was broken off goes on where it was."""

from __future__ import annotations

import glob
import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import dataset

from server.activity import Ints
from server.errors import BadTable, RapportError
from server.population.engines import Engine, Open, in_words
from server.population.intervals import Known, PersonRows, PostRows, intervals
from server.population.measures import MEASURED, measures
from server.population.ranks import by_number, numbered, pagerank, votes
from server.population.scores import exact_scores, standings
from server.population.sent import TO_ALL
from server.population.tables import (
    ACCOUNTS,
    ACCOUNTS_IF_KNOWN,
    ACTS,
    ACTS_IF_KNOWN,
    check,
    clean,
    files_of,
    judged,
    typed,
)
from server.scoring.formula import Formula
from server.scoring.interval import WIDEST
from server.scoring.sample import Floats, columns
from server.scoring.versions import MEASURED_AS

STEPS = ("Reading and cleaning", "Ranking people", "Measuring", "Scoring")

Tell = Callable[[str], None]
Rows = Callable[[str, list[str], pa.Array], pa.Table]
ACCOUNTS_AT_ONCE = 200_000
"""So many get their intervals together: the rows of all of a network would not fit into memory."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    accounts: int
    scored: int
    acts: int
    left_out: dict[str, int]
    """Rows of the interactions that count nowhere, by reason."""


def score_network(
    interactions: Path,
    accounts: Path,
    out: Path,
    formula: Formula,
    engine: Open,
    now: int | None = None,
    tell: Tell = lambda _step: None,
) -> Outcome:
    """Write the scores of every account of ``accounts`` that did not ask to be left alone to ``out`` (Parquet).

    ``interactions`` and ``accounts``: a Parquet file or a folder of them, see ``server.population.tables``. ``now``: as of when, seconds since
    1970 UTC; None: as of the beginning of this run, or of the one that it goes on with. ``tell`` hears of each step as it begins. What is found
    in ``out`` is replaced once all is done, never before.

    Raises BadTable for tables that cannot be used, and RapportError when the engine cannot finish.
    """
    act_files, account_files = files_of(interactions), files_of(accounts)
    check(act_files, ACTS, ACTS_IF_KNOWN)
    check(account_files, ACCOUNTS, ACCOUNTS_IF_KNOWN)
    work = out.with_name(f".{out.name}.{_fingerprint(act_files + account_files, now, formula)}.partial")
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise RapportError(f"{out.parent} cannot be written ({problem.strerror}). Name another place.") from None
    try:
        begun = _kept(work / "now", lambda path: path.write_text(str(now or int(time.time()))))
        now = int(begun.read_text())
        with engine(work / "scratch") as opened:
            left_out = _Measuring(opened, work, now, tell).measure(act_files, account_files)
        # An engine keeps hold of all the memory it may have, and none is needed any more.
        tell(STEPS[3])
        scored = _scored(work, now, formula)
        counting = left_out.pop("", 0)
        outcome = Outcome(len(scored), len(scored) - scored["score"].null_count, counting, left_out)
        (work / "scores.parquet").replace(out)
        # Those of runs that were broken off, too, whose tables have changed since: nothing goes on with them any more.
        for done_with in out.parent.glob(f".{glob.escape(out.name)}.*.partial"):
            shutil.rmtree(done_with)
    except BadTable:
        raise
    except (RapportError, OSError) as problem:
        why = in_words(problem) if isinstance(problem, OSError) else str(problem)
        raise RapportError(
            f"{why} Every step done until then is kept in {work}: start the same command again to go on."
        ) from None
    return outcome


def _fingerprint(files: list[Path], now: int | None, formula: Formula) -> str:
    """Of what a run is about, and of how it measures: another one shares no step with it."""
    try:
        about = [f"{file.resolve()} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    except FileNotFoundError as gone:
        raise BadTable(f"{gone.filename} is gone by now; start the same command again.") from None
    return hashlib.sha256("\n".join([*about, str(now), str(MEASURED_AS), formula.version]).encode()).hexdigest()[:12]


class _Measuring:
    """Of one run, with an engine: in its folder every table that is done stands."""

    def __init__(self, engine: Engine, work: Path, now: int, tell: Tell) -> None:
        self.engine, self.work, self.now, self.tell = engine, work, now, tell

    def measure(self, act_files: list[Path], account_files: list[Path]) -> dict[str, int]:
        """Work out all that scores are made of, and say how many rows were left out why (empty: counting)."""
        self.tell(STEPS[0])
        acts, known, reasons = self._cleaned(*typed(self.engine.read(act_files), self.engine.read(account_files)))
        self.tell(STEPS[1])
        _kept(self.work / "ranks.parquet", lambda path: pq.write_table(self._ranks(acts, known), path))
        # The engine takes all that it may next; what this process no longer holds must not stand beside that.
        pa.default_memory_pool().release_unused()
        self.tell(STEPS[2])
        ranks = self.engine.read([self.work / "ranks.parquet"])
        self._keep("measures", measures(acts, known, ranks, self.now, self._keep))
        return reasons

    def _keep(self, name: str, table: ibis.Table) -> ibis.Table:
        return self.engine.read([_kept(self.work / f"{name}.parquet", lambda path: self.engine.write(table, path))])

    def _ranks(self, acts: ibis.Table, accounts: ibis.Table) -> pa.Table:
        """Each person's PageRank: ``account``, ``pagerank``."""
        given = self._keep("votes", votes(acts, self.now))
        people = self._keep("people", numbered(given, accounts))
        self._keep("links", by_number(given, people))
        links, everybody = (pq.read_table(self.work / f"{name}.parquet") for name in ("links", "people"))
        source, target, share = (links[name].to_numpy() for name in ("source", "target", "share"))
        ranks = pagerank(source, target, share, len(everybody))
        return pa.table({"account": everybody["person"], "pagerank": ranks[everybody["number"].to_numpy()]})

    def _cleaned(self, acts: ibis.Table, accounts: ibis.Table) -> tuple[ibis.Table, ibis.Table, dict[str, int]]:
        """The cleaned tables, and how many rows were left out why (empty: counting)."""
        known = self._keep("accounts", accounts)
        rows = judged(acts, known, self.now)
        reasons = self._keep("reasons", rows.group_by("reason").agg(rows=ibis._.count()))
        counts = {reason or "": number for reason, number in self.engine.rows(reasons.select("reason", "rows"))}
        return self._keep("acts", clean(rows, self.now, self._keep)), known.filter(known.open), counts


def _kept(path: Path, write: Callable[[Path], object]) -> Path:
    """The file, written now unless it was before; half of one is never taken for it."""
    if not path.exists():
        unfinished = path.with_name(f".{path.name}")
        write(unfinished)
        unfinished.replace(path)
    return path


def _scored(work: Path, now: int, formula: Formula) -> pa.Table:
    """The scores that the tables in the folder of a run give, which stand there as well then."""
    ranks, measured = (pq.read_table(work / f"{name}.parquet") for name in ("ranks", "measures"))
    scored = _scores(measured, partial(_rows, work), ranks, now, formula)
    _kept(work / "scores.parquet", lambda path: pq.write_table(scored, path))
    return scored


def _rows(work: Path, name: str, columns: list[str], accounts: pa.Array) -> pa.Table:
    """The rows of these accounts in a table of the folder."""
    kept = dataset.dataset(work / f"{name}.parquet", format="parquet")
    return kept.to_table(columns=columns, filter=dataset.field("account").isin(accounts))


def _scores(table: pa.Table, rows: Rows, ranks: pa.Table, now: int, formula: Formula) -> pa.Table:
    """The table of measures with ``score``, ``low``, ``high``, ``exact``, ``rank``, ``grade`` (null: too little was seen) and ``pagerank``,
    best first. ``rows`` gives columns of tables that were kept."""
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in (*MEASURED, "days_silent", "posts_seen")}
    exact = exact_scores(
        {name: columns[name] for name in MEASURED}, columns["days_silent"], columns["posts_seen"], formula
    )
    low, high = _intervals(table, exact, rows, formula)
    found = standings(np.where(high - low <= WIDEST, exact, np.nan))
    unknown = found.rank == 0
    told = {
        "score": found.score,
        "low": np.maximum(1, np.round(np.nan_to_num(low))).astype(np.int64),
        "high": np.minimum(100, np.round(np.nan_to_num(high))).astype(np.int64),
        "exact": found.exact,
        "rank": found.rank,
        "grade": found.grade,
    }
    arrays = {name: pa.array(values, mask=unknown) for name, values in told.items()}
    about = {"formula_version": formula.version, "measured_as": str(MEASURED_AS), "scored_at": str(now)}
    whole = pa.table({"account": table["account"]} | arrays | {name: table[name] for name in columns})
    whole = whole.join(ranks, "account").replace_schema_metadata(about)
    return whole.sort_by([("rank", "ascending"), ("account", "ascending")])


def _intervals(table: pa.Table, exact: Floats, rows: Rows, formula: Formula) -> tuple[Floats, Floats]:
    """The ends of the interval of every account of the table; NaN for those without a score."""
    with_score = np.flatnonzero(~np.isnan(exact))
    low, high = np.full(len(exact), np.nan), np.full(len(exact), np.nan)
    for first in range(0, len(with_score), ACCOUNTS_AT_ONCE):
        some = with_score[first : first + ACCOUNTS_AT_ONCE]
        low[some], high[some] = _intervals_of(table.take(some), rows, formula)
    return low, high


def _intervals_of(some: pa.Table, rows: Rows, formula: Formula) -> tuple[Floats, Floats]:
    """The same of the accounts of a table that all have a score."""
    accounts = some["account"].combine_chunks()
    stated = {name: _numbers(some, name) for name in ("followers_stated", "listed", "days_silent")}
    known = Known(stated["followers_stated"], stated["listed"], stated["days_silent"])
    return intervals(known, _posts_of(accounts, rows), _people_of(accounts, rows), formula)


def _posts_of(accounts: pa.Array, rows: Rows) -> PostRows:
    found = rows("reached", ["account", "id", "kind", "decay", "people", "passed_on"], accounts)
    number, order = _by_account(accounts, found["account"])
    to_all = pc.is_in(found["kind"], pa.array(TO_ALL)).to_numpy()[order]
    counts = (_numbers(found, name)[order] for name in ("decay", "people", "passed_on"))
    return PostRows(number, _columns(found["id"])[order], to_all, *counts)


def _people_of(accounts: pa.Array, rows: Rows) -> PersonRows:
    found = rows("seen", ["account", "actor", "followers", "rank", "attention"], accounts)
    number, order = _by_account(accounts, found["account"])
    known = (_numbers(found, name)[order] for name in ("followers", "rank", "attention"))
    return PersonRows(number, _columns(found["actor"])[order], *known)


def _by_account(accounts: pa.Array, of_rows: pa.ChunkedArray) -> tuple[Ints, Ints]:
    """The number of each row's account, in their order; and the order in which the rows are so."""
    number = pc.index_in(of_rows, value_set=accounts).to_numpy()
    order = np.argsort(number, kind="stable")
    return number[order], order


def _numbers(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(zero_copy_only=False), np.float64)


def _columns(ids: pa.ChunkedArray) -> Ints:
    """On which column of the resamples each id falls."""
    return np.concatenate([np.empty(0, np.int32), *map(_columns_of, ids.chunks)])


def _columns_of(ids: pa.Array) -> Ints:
    # A person is there once for each account that they reacted to.
    told = ids.dictionary_encode()
    of_each = columns(told.dictionary.cast(pa.string()).cast(pa.binary()).to_pylist()).astype(np.int32)
    return np.asarray(of_each[told.indices.to_numpy()])

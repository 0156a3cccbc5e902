"""How the service fares, for its operator: what it is, what it keeps, what waits, what came of the last hour's work. Of nobody in particular."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server import __version__
from server.errors import QueueUnreachable
from server.fetching.outcomes import ANSWERED, HELD_BACK
from server.jobs.queue import GatherQueue
from server.last_hour import LastHour
from server.lookup import Lookup
from server.review import Reviews
from server.scoring.formula import current_formula
from server.signals.engager_ranks import SIGNAL as ENGAGER_RANKS
from server.store.extent import extent, kind_of
from server.store.ranks import RankStore

CHORES = {"tidy": "daily clean-up", "hourly": "hourly work"}
"""What is done by the clock, as it is called for people."""
NO_RANKS = "The table of weights counts the ranks of those who react, and there are none: load them by python -m server population ranks."
STORES = {"badges": "finished badges", "answers": "reports in the cache", "store": "reports in the database"}


class Database(msgspec.Struct):
    """``size``: bytes; ``problem``: why size, rows and what is ranked are not known, or what is missing; empty when all is well."""

    kind: str
    size: int | None
    rows: dict[str, int]
    ranked: list[Ranked]
    problem: str


class Ranked(msgspec.Struct):
    """Ranks of everybody in a network that are here: ``people`` with one, as of ``ranked_at``."""

    network: str
    people: int
    ranked_at: str


class Disk(msgspec.Struct):
    """Bytes of the disk that the data folder lies on."""

    free: int
    total: int


class Queue(msgspec.Struct):
    """``waiting`` and ``working``: glances, studies, and pieces of reviews; the latter in this process. ``workers``: how many there are for
    them in all. ``problem``: why nothing is being done, or ``waiting`` and ``workers`` are not known; empty when all is well.

    ``reviews_running``: None when the database does not tell.
    """

    waiting: dict[str, int]
    working: dict[str, int]
    workers: int | None
    problem: str
    reviews_running: int | None
    streams_open: int


class Gathers(msgspec.Struct):
    """The last hour's of one network and depth, by outcome (see ``server.happenings.Gathered``)."""

    network: str
    depth: str
    outcomes: dict[str, int]


class Upstream(msgspec.Struct):
    """The last hour's requests to one network, by outcome (see ``server.fetching.outcomes``); ``asked``: without those held back.

    ``state``: ``answers``, ``waited for`` (one of its servers allows nothing until ``waits_until``, RFC 3339), ``does not answer``, or
    ``not asked``.
    """

    network: str
    title: str
    state: str
    asked: int
    answered: int
    outcomes: dict[str, int]
    waits_until: str | None


class Share(msgspec.Struct):
    """The last hour's look-ups in one place. ``share``: those that found something, also if it was old; None without any."""

    kept_in: str
    title: str
    hit: int
    stale: int
    miss: int
    share: float | None


class Chore(msgspec.Struct):
    """How it went the last time since the start. ``ended_at``: RFC 3339, None before the first time; ``failure``: the kind of error."""

    name: str
    title: str
    ended_at: str | None
    seconds: float
    failure: str


class Status(msgspec.Struct):
    """Everything that the operator is shown. Times are RFC 3339. ``web_processes``: how many answer; the last hour, the chores and what is worked
    on are of the one that answers now."""

    version: str
    formula_version: str
    now: str
    started_at: str
    web_processes: int
    database: Database
    disk: Disk | None
    queue: Queue
    gathers: list[Gathers]
    upstreams: list[Upstream]
    look_ups: list[Share]
    chores: list[Chore]


class Operation:
    """The running service as its operator sees it."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        web_processes: int,
        queue: GatherQueue,
        reviews: Reviews,
        lookup: Lookup,
        ranks: RankStore,
        last_hour: LastHour,
        clock: Callable[[], float],
    ) -> None:
        """``folder``: where data is kept; ``clock`` gives seconds since 1970."""
        self._engine, self._folder, self._web_processes = engine, folder, web_processes
        self._queue, self._reviews, self._lookup, self._last_hour = queue, reviews, lookup, last_hour
        self._ranks = ranks
        self._clock = clock
        self._started_at = int(clock())

    def status(self) -> Status:
        """How it fares now. A database that does not answer is said, and the rest told all the same."""
        return Status(
            version=__version__,
            formula_version=current_formula().version,
            now=_at(int(self._clock())),
            started_at=_at(self._started_at),
            web_processes=self._web_processes,
            database=self._database(),
            disk=self._disk(),
            queue=self._waiting(),
            gathers=[Gathers(*which, outcomes) for which, outcomes in self._last_hour.gathered().items()],
            upstreams=self._upstreams(),
            look_ups=self._look_ups(),
            chores=self._chores(),
        )

    def _database(self) -> Database:
        try:
            found = extent(self._engine)
            ranked = [Ranked(one.network, one.people, _at(one.ranked_at)) for one in self._ranks.networks()]
        except SQLAlchemyError as problem:
            return Database(kind_of(self._engine), None, {}, [], f"It does not answer ({type(problem).__name__}).")
        counts = any(term.signal == ENGAGER_RANKS.id for term in current_formula().terms)
        return Database(found.kind, found.size, found.rows, ranked, NO_RANKS if counts and not ranked else "")

    def _disk(self) -> Disk | None:
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:
            return None
        return Disk(usage.free, usage.total)

    def _waiting(self) -> Queue:
        try:
            running: int | None = self._reviews.running()
        except SQLAlchemyError:
            running = None
        waiting, workers, problem = self._handed_out()
        return Queue(waiting, self._queue.working(), workers, problem, running, self._last_hour.streams())

    def _handed_out(self) -> tuple[dict[str, int], int | None, str]:
        try:
            waiting, workers = self._queue.waiting(), self._queue.workers()
        except QueueUnreachable as problem:
            return {}, None, f"{problem} Nothing new is gathered until it can; what is known is shown."
        return waiting, workers, "" if workers else "Nobody gathers: start python -m server work."

    def _upstreams(self) -> list[Upstream]:
        asked = self._last_hour.asked()
        return [
            _upstream(network, place.title, asked.get(network, {}), self._last_hour.waits_until(network))
            for network, place in self._lookup.networks.items()
        ]

    def _look_ups(self) -> list[Share]:
        counted = self._last_hour.looked_up()
        return [_share(kept_in, title, counted.get(kept_in, {})) for kept_in, title in STORES.items()]

    def _chores(self) -> list[Chore]:
        ended = self._last_hour.chores()
        return [
            Chore(name, title, _at(ended[name].at), ended[name].seconds, ended[name].failure)
            if name in ended
            else Chore(name, title, None, 0.0, "")
            for name, title in CHORES.items()
        ]


def _upstream(network: str, title: str, outcomes: Mapping[str, int], waits_until: int | None) -> Upstream:
    asked = sum(number for outcome, number in outcomes.items() if outcome != HELD_BACK)
    answered = sum(outcomes.get(outcome, 0) for outcome in ANSWERED)
    if waits_until is not None:
        state = "waited for"
    elif not asked:
        state = "not asked"
    else:
        state = "answers" if answered else "does not answer"
    until = _at(waits_until) if waits_until is not None else None
    return Upstream(network, title, state, asked, answered, dict(outcomes), until)


def _share(kept_in: str, title: str, counted: Mapping[str, int]) -> Share:
    hit, stale, miss = (counted.get(outcome, 0) for outcome in ("hit", "stale", "miss"))
    total = hit + stale + miss
    return Share(kept_in, title, hit, stale, miss, (hit + stale) / total if total else None)


def _at(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()

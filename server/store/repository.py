"""Reading and writing what is remembered. Every write is one transaction: a process killed midway leaves what was there before.

On SQLite one transaction writes at a time. On PostgreSQL several do: those that write the same account wait for one another at its row,
which each of them takes first, and those of several accounts take them by ref, so that no two wait for each other.
"""

from __future__ import annotations

import hmac
import json
import logging
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any, TypedDict

import msgspec
from sqlalchemy import Engine, Select, case, delete, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from server.account import AccountRef, name_digest
from server.activity import Activity
from server.errors import AccountRefused
from server.history import Remembered
from server.report import Report
from server.scoring.scored import Scored, clean_days, clean_measures
from server.scoring.topics import Background, most_used_tags
from server.scoring.versions import MEASURED_AS
from server.store.database import reading
from server.store.models import AccountRow, HandleRow, KeyRow, OptOutRow, ReportRow, TagUseRow
from server.store.ranks import forget_rank
from server.store.serialization import from_bytes, to_bytes
from server.store.writing import insert_if_none, lock_postgresql, lock_sqlite, rows_changed, upsert

log = logging.getLogger(__name__)

HISTORY_SECONDS = 3600
_PROFILE = " profile"
_WISHES = 0x52617070_00000002
"""The advisory lock of a PostgreSQL database that who stores an account shares, and who writes down a wish has alone."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is remembered of one account. ``report``: its JSON form as ``server.report.to_json`` gave it."""

    ref: AccountRef
    gathered_at: int
    studied_at: int | None
    report: dict[str, Any]


class ListedReport(TypedDict):
    """The parts of a report that are read where many are: skipping the rest saves two thirds of the time."""

    state: str
    account: dict[str, Any]
    score: dict[str, Any] | None
    pillars: list[dict[str, Any]]
    verdict: dict[str, Any]
    balance: dict[str, Any]
    scored_at: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A name of an account by its digest (``server.account.name_digest``), and that account's report."""

    digest: str
    ref: str
    report: ListedReport


@dataclass(frozen=True, slots=True)
class Batch:
    """Stored scores that were looked at: whose they are, as stored, and scored again (None: cannot be). ``last``: to go on after."""

    scores: tuple[tuple[str, Scored, Scored | None], ...]
    last: int


_listed_report = msgspec.json.Decoder(ListedReport)


class Repository:
    """All access to the database. ``key``: secret bytes for the hashes of those who opted out."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine, self._reading = engine, reading(engine)
        self._key = key
        self._merging = Lock()

    @contextmanager
    def merging(self, ref: AccountRef) -> Iterator[None]:
        """Nobody else adds to what is known of an account within this: who reads it, adds to it and saves it loses nothing of theirs.

        On SQLite, nobody else in this process; other processes do not gather there.
        """
        # Of this process one at a time, so that no more than one connection does nothing but hold the lock.
        with self._merging, Session(self._engine) as session, session.begin():
            lock_postgresql(session, _merging_lock(ref))
            yield

    def find(self, network: str, handle: str) -> Stored | None:
        """What is remembered of the account last seen under this handle (or of this id)."""
        query = (
            select(AccountRow.ref, AccountRow.gathered_at, AccountRow.studied_at, AccountRow.report)
            .join(HandleRow, HandleRow.ref == AccountRow.ref)
            .where(HandleRow.network == network, HandleRow.handle == handle.lower())
        )
        with Session(self._reading) as session:
            row = session.execute(query).one_or_none()
        if row is None:
            return None
        report = json.loads(zlib.decompress(row.report))
        return Stored(AccountRef.parse(row.ref), row.gathered_at, row.studied_at, report)

    def activity(self, ref: AccountRef) -> Activity | None:
        """The merged activity of an account; None when there is none or it is of a form no longer read."""
        with Session(self._reading) as session:
            data = session.scalar(select(AccountRow.activity).filter_by(ref=str(ref)))
        if data is None:
            return None
        try:
            return from_bytes(data)
        except ValueError:
            return None

    def save(self, report: Report, report_json: dict[str, Any], handles: set[str], studied_at: int) -> int:
        """Remember a report, its activity and the handles it answers to, its id among them. Gives when the account was last studied.

        Raises AccountRefused, and remembers nothing, when the account opted out meanwhile under any of these names.
        ``studied_at`` 0 keeps the earlier time. Within an hour and a formula version, history keeps the newest report only.
        """
        ref = str(report.activity.ref)
        with Session(self._engine) as session, session.begin():
            lock_postgresql(session, _WISHES, shared=True)
            row = {
                "ref": ref,
                "gathered_at": report.activity.gathered_at,
                "studied_at": studied_at,
                "activity": to_bytes(report.activity),
                "report": zlib.compress(json.dumps(report_json, separators=(",", ":")).encode(), 3),
            }
            upsert(session, AccountRow, [row], kept=() if studied_at else ("studied_at",))
            names = handles | {report.activity.ref.id}
            _write_names(session, report.activity.ref, names, report.scored_at)
            _write_tags(session, report.activity)
            recent = select(ReportRow.scored_at).where(
                ReportRow.ref == ref,
                ReportRow.scored_at > report.scored_at - HISTORY_SECONDS,
                ReportRow.formula_version == report.formula_version,
            )
            # With a time its other versions go, too, or it would come back as a point of theirs.
            gone = delete(ReportRow).where(ReportRow.ref == ref, ReportRow.scored_at.in_(recent))
            session.execute(gone, execution_options={"synchronize_session": False})
            session.add(_report_row(report))
            session.flush()
            # Asked last, when nobody can write a wish before this transaction ends: one written later deletes this.
            if session.scalar(self._wishes(report.activity.ref.network, names)):
                raise AccountRefused("This account asked not to be scored.")
            return session.scalar(select(AccountRow.studied_at).filter_by(ref=ref)) or 0

    def fewest_listed(self, digits: int) -> int:
        """How many accounts are listed under that prefix of so many digits which has the fewest; 0 when one has none."""
        prefix = func.substr(HandleRow.digest, 1, digits)
        listed = select(func.count(HandleRow.ref.distinct()).label("accounts")).where(HandleRow.digest.is_not(None))
        by_prefix = listed.group_by(prefix).subquery()
        with Session(self._engine) as session:
            prefixes, fewest = session.execute(select(func.count(), func.min(by_prefix.c.accounts))).one()
        return int(fewest or 0) if prefixes == 16**digits else 0

    def listed(self, prefix: str) -> list[Listed]:
        """Every name whose digest begins with the prefix, by digest."""
        # "g" stands after every hexadecimal digit.
        query = (
            select(HandleRow.digest, AccountRow.ref, AccountRow.report)
            .join(AccountRow, AccountRow.ref == HandleRow.ref)
            .where(HandleRow.digest >= prefix, HandleRow.digest < prefix + "g")
            .order_by(HandleRow.digest)
        )
        with Session(self._engine) as session:
            rows = session.execute(query).all()
        reports = {ref: report for _, ref, report in rows}
        read = {ref: _read_listed(report) for ref, report in reports.items()}
        return [Listed(str(digest), ref, report) for digest, ref, _ in rows if (report := read[ref]) is not None]

    def history(self, ref: AccountRef) -> list[Remembered]:
        """What was stored over time, oldest first; of one time, what was scored again stands later."""
        query = select(ReportRow).filter_by(ref=str(ref)).order_by(ReportRow.scored_at, ReportRow.id)
        with Session(self._engine) as session:
            return [
                Remembered(_scored(row), row.verdict, row.replies, row.broadcasts) for row in session.scalars(query)
            ]

    def standing(self, network: str, tenths: int, version: str) -> tuple[int, int]:
        """How many accounts of the network stand at or below so many tenths of a point, and how many there are.

        By the newest score of this version of the formula that each has.
        """
        scored = (
            select(ReportRow.ref, func.max(ReportRow.scored_at).label("newest"))
            .where(
                ReportRow.ref.startswith(f"{network}:", autoescape=True),
                ReportRow.formula_version == version,
                ReportRow.score_tenths.is_not(None),
            )
            .group_by(ReportRow.ref)
            .subquery()
        )
        query = (
            select(func.count(), func.sum(case((ReportRow.score_tenths <= tenths, 1), else_=0)))
            .join(scored, (ReportRow.ref == scored.c.ref) & (ReportRow.scored_at == scored.c.newest))
            .where(ReportRow.formula_version == version)
        )
        with Session(self._engine) as session:
            of, at_or_below = session.execute(query).one()
        return int(at_or_below or 0), int(of)

    def background(self, tags: Collection[str], left_out: Iterable[AccountRef]) -> Background:
        """How many accounts use each of these hashtags, some accounts left out."""
        refs = [str(ref) for ref in left_out]
        users = select(TagUseRow.tag, func.count().label("users")).where(
            TagUseRow.tag.in_(tags), TagUseRow.ref.not_in(refs)
        )
        accounts = select(func.count(AccountRow.ref)).where(AccountRow.ref.not_in(refs))
        with Session(self._engine) as session:
            rows = session.execute(users.group_by(TagUseRow.tag))
            return Background(session.scalar(accounts) or 0, {row.tag: row.users for row in rows})

    def not_scored_by(self, version: str) -> int:
        """How many times (of all accounts) are stored without a score of this version of the formula."""
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(_lacking(version).subquery())) or 0

    def score_again(
        self, version: str, again: Callable[[Scored], Scored | None], after: int, most: int, keep: bool = True
    ) -> Batch:
        """Score the next ``most`` times that this version has not scored, and keep the new scores beside the old: one transaction.

        ``again`` gives a score of that version, or None. ``after``: the last batch's ``last``, 0 at first. Without ``keep`` nothing
        is written.
        """
        with Session(self._engine) as session, session.begin():
            if keep:
                # Before reading: an account that is deleted meanwhile must not come back.
                lock_sqlite(session)
            query = _lacking(version).where(ReportRow.id > after).order_by(ReportRow.id).limit(most)
            rows = session.scalars(query).all()
            last = rows[-1].id if rows else after
            if keep:
                rows = _held(session, version, rows)
            scores = [(row, old, again(old)) for row, old in ((row, _scored(row)) for row in rows)]
            if keep:
                session.add_all(_row_again(row, new) for row, _, new in scores if new is not None)
            return Batch(tuple((row.ref, old, new) for row, old, new in scores), last)

    def forget_handle(self, network: str, handle: str) -> None:
        """The handle no longer leads to an account; the account itself is kept."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(HandleRow).filter_by(network=network, handle=handle.lower()))

    def forget(self, ref: AccountRef) -> None:
        """Delete everything kept about an account."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(AccountRow).filter_by(ref=str(ref)))
            forget_rank(session, ref.network, [ref.id])

    def forget_older_than(self, time: int) -> int:
        """Delete everything about accounts last gathered before this time. Gives how many."""
        old = select(AccountRow.ref).where(AccountRow.gathered_at < time).order_by(AccountRow.ref).with_for_update()
        with Session(self._engine) as session, session.begin():
            gone = delete(AccountRow).where(AccountRow.ref.in_(old))
            return rows_changed(session, gone)

    def opt_out(self, network: str, names: set[str], now: int, in_profile: bool = False) -> None:
        """Remember, as keyed hashes only, that this account (its id and handles) is not to be scored.

        ``in_profile``: its profile says so; that wish can be withdrawn by changing the profile.
        """
        source = network + _PROFILE if in_profile else network
        digests = sorted({self._digest(source, name) for name in names})
        with Session(self._engine) as session, session.begin():
            # What is being stored is there for all to see from here on, and nothing more is stored until this is.
            lock_postgresql(session, _WISHES)
            upsert(session, OptOutRow, [{"digest": digest, "created_at": now} for digest in digests])
            forget_rank(session, network, names)

    def withdraw_profile_wish(self, network: str, name: str) -> None:
        """The profile no longer asks to be left out."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(OptOutRow).filter_by(digest=self._digest(network + _PROFILE, name)))

    def opted_out(self, network: str, *names: str) -> bool:
        """Did this account, under any of these names, opt out?"""
        with Session(self._reading) as session:
            return bool(session.scalar(self._wishes(network, names)))

    def wishes(self, network: str) -> Callable[[str], bool]:
        """The same question to be asked of very many accounts of a network, by their ids, as of now."""
        with Session(self._reading) as session:
            digests = frozenset(session.scalars(select(OptOutRow.digest)))
        sources = (network, network + _PROFILE) if digests else ()
        return lambda name: any(self._digest(source, name) in digests for source in sources)

    def _wishes(self, network: str, names: Iterable[str]) -> Select[int]:
        digests = [self._digest(network + source, name) for name in names for source in ("", _PROFILE)]
        return select(func.count()).select_from(OptOutRow).where(OptOutRow.digest.in_(digests))

    def handles(self, ref: AccountRef) -> set[str]:
        """The handles under which an account was found."""
        with Session(self._reading) as session:
            return set(session.scalars(select(HandleRow.handle).filter_by(ref=str(ref))))

    def ping(self) -> None:
        """Ask the database anything. Raises SQLAlchemy's error when it does not answer."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def _digest(self, network: str, name: str) -> str:
        return hmac.new(self._key, f"{network}:{name.lower()}".encode(), sha256).hexdigest()


def _merging_lock(ref: AccountRef) -> int:
    """An advisory lock of a PostgreSQL database for what is known of an account: 64 bits with a sign."""
    return int.from_bytes(sha256(f"merging {ref}".encode()).digest()[:8], signed=True)


def holds_wishes(engine: Engine) -> bool:
    """Did anybody opt out?"""
    with Session(engine) as session:
        return session.scalar(select(OptOutRow.digest).limit(1)) is not None


def knows_key(engine: Engine, key: bytes) -> bool:
    """Is this the key that the database was begun with? The first one it is asked about is; on SQLite, another one is as long as nobody
    opted out: nobody else has that file."""
    digest = hmac.new(key, b"the key of this database", sha256).hexdigest()
    with Session(engine) as session, session.begin():
        known = session.scalar(select(KeyRow.digest))
        if known == digest:
            return True
        if (
            known is not None
            and engine.dialect.name == "sqlite"
            and not session.scalar(select(OptOutRow.digest).limit(1))
        ):
            session.execute(delete(KeyRow))
        insert_if_none(session, KeyRow, {"id": 1, "digest": digest})
        return session.scalar(select(KeyRow.digest)) == digest


def _held(session: Session, version: str, rows: Sequence[ReportRow]) -> Sequence[ReportRow]:
    """Those of the rows that still lack a score of this version once nobody else can write their accounts."""
    refs = {row.ref for row in rows}
    session.execute(select(AccountRow.ref).where(AccountRow.ref.in_(refs)).order_by(AccountRow.ref).with_for_update())
    there = _lacking(version).where(ReportRow.id.in_([row.id for row in rows])).order_by(ReportRow.id)
    return session.scalars(there).all()


def _write_names(session: Session, ref: AccountRef, names: Iterable[str], now: int) -> None:
    """Have the account found under these names, and listed under all it has."""
    common = {"network": ref.network, "ref": str(ref), "seen_at": now}
    spelt = sorted({name.lower() for name in names})
    upsert(session, HandleRow, [common | {"handle": name, "digest": _listed_under(ref, name)} for name in spelt])
    # Older names, from when the stored report lacked what is listed.
    for older in session.scalars(select(HandleRow).filter_by(ref=str(ref), digest=None)):
        older.digest = _listed_under(ref, older.handle)


def _write_tags(session: Session, activity: Activity) -> None:
    """Have it noted which hashtags the account uses; only what changed is written."""
    ref, used = str(activity.ref), set(most_used_tags(activity))
    noted = set(session.scalars(select(TagUseRow.tag).filter_by(ref=ref)))
    if gone := noted - used:
        session.execute(delete(TagUseRow).where(TagUseRow.ref == ref, TagUseRow.tag.in_(gone)))
    session.add_all(TagUseRow(ref=ref, tag=tag) for tag in sorted(used - noted))


def _listed_under(ref: AccountRef, name: str) -> str:
    """The digest of a name in lower case; an id has that of the case it is written in."""
    return name_digest(ref.network, ref.id if name == ref.id.lower() else name)


def _read_listed(report: bytes) -> ListedReport | None:
    """The parts that are listed; None for a report that cannot be read, which must not cost all others under its prefix."""
    try:
        return _listed_report.decode(zlib.decompress(report))
    except (zlib.error, msgspec.MsgspecError) as problem:
        log.error("a stored report could not be read: %s", type(problem).__name__)
        return None


def _report_row(report: Report) -> ReportRow:
    score = report.score
    return ReportRow(
        ref=str(report.activity.ref),
        scored_at=report.scored_at,
        formula_version=report.formula_version,
        score_tenths=score and score.tenths,
        low=score and score.low,
        high=score and score.high,
        verdict=report.verdict.id.value,
        replies=report.replies,
        broadcasts=report.broadcasts,
        measures=json.dumps(report.measures),
        days_silent=report.days_silent,
        measured_as=MEASURED_AS,
        depth=report.activity.coverage.depth.value,
    )


def _row_again(row: ReportRow, new: Scored) -> ReportRow:
    """The row of a time that another version scored: all that does not depend on the formula as it was."""
    return ReportRow(
        ref=row.ref,
        scored_at=row.scored_at,
        formula_version=new.formula_version,
        score_tenths=new.tenths,
        low=new.low,
        high=new.high,
        verdict=row.verdict,
        replies=row.replies,
        broadcasts=row.broadcasts,
        measures=row.measures,
        days_silent=row.days_silent,
        measured_as=row.measured_as,
        depth=row.depth,
    )


def _scored(row: ReportRow) -> Scored:
    return Scored(
        scored_at=row.scored_at,
        formula_version=row.formula_version,
        tenths=row.score_tenths,
        low=row.low,
        high=row.high,
        measures=clean_measures(row.measures),
        days_silent=clean_days(row.days_silent),
        measured_as=row.measured_as,
        depth=row.depth,
    )


def _lacking(version: str) -> Select[ReportRow]:
    """Of each time that has no row of this version of the formula, the row stored last."""
    other = aliased(ReportRow)
    better = or_(other.formula_version == version, other.id > ReportRow.id)
    same = select(other.id).where(other.ref == ReportRow.ref, other.scored_at == ReportRow.scored_at, better)
    return select(ReportRow).where(ReportRow.formula_version != version, ~same.exists())

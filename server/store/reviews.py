"""Reviews on disk: which accounts one goes through, what was found of each, and where the work stands.

Every write is one transaction, so that a process killed midway leaves a review that goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import ColumnElement, Engine, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from server.store.models import ReviewedRow, ReviewRow
from server.store.unguessable import key_digest
from server.store.writing import lock_sqlite, rows_changed

WAITING, DONE, NOT_KEPT, REFUSED = "waiting", "done", "not_kept", "refused"
"""States of an account in a review; those without a finding have, besides, the states of ``server.lookup.Answer``."""
RUNNING = "running"
WITHOUT_NOTE = (NOT_KEPT, REFUSED)
"""States of accounts to which no note is kept either."""
NOTHING: Mapping[str, object] = MappingProxyType({})


class ListKind(StrEnum):
    """What a review is a list of."""

    FOLLOWS = "follows"
    FOLLOWERS = "followers"
    MEMBERS = "members"
    """Those on a list that somebody published, a starter pack for instance."""
    NAMES = "names"
    """Those that the person named."""


@dataclass(frozen=True, slots=True)
class Review:
    """``handle``: whose review it is, and of follows and followers, whose they are; with the account's ``network``. Both empty for a
    list of names, and ``handle`` for a published list, when the person named no account as the own.

    ``source``: the address of a published list, and ``title``: what it is called, empty until it has been read. ``cursor``: where the
    list goes on, None once it is all here. ``count``: how many are on it as the network says. ``cut_short``: it was taken away before
    all of it had been read. ``state``: running, done, cancelled or failed. Times are seconds since 1970. ``revision`` grows with every
    change of its accounts. ``paused_until``: nothing is asked for before, because of ``waits_for``.
    """

    id: int
    network: str
    handle: str
    kind: str
    source: str
    title: str
    cursor: str | None
    count: int | None
    cut_short: bool
    state: str
    detail: str
    created_at: int
    finished_at: int | None
    revision: int
    paused_until: int
    waits_for: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One account of a review. ``name``: what it is looked up by; ``finding``: what was found, as it was given; ``note``: the person's own."""

    position: int
    network: str
    name: str
    handle: str
    state: str
    again_at: int
    failed_at: int | None
    finding: str
    is_kept: bool
    note: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many accounts are done, wait, and of those, how many wait for a network that could not be asked."""

    done: int
    waiting: int
    put_off: int
    next_at: int | None
    """When the first of those that wait may be asked."""


@dataclass(frozen=True, slots=True)
class Stood:
    """What of a review changes while its work goes on, at the cost of one row."""

    id: int
    revision: int
    state: str
    paused_until: int
    waits_for: str


class ReviewStore:
    """All access to reviews.

    Several processes work on one: who is at which account of it stands in the database, and only for a while, as a process may be killed at it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self,
        key: str,
        network: str,
        handle: str,
        now: int,
        kind: ListKind = ListKind.FOLLOWS,
        source: str = "",
        names: Iterable[tuple[str, str, str]] = (),
    ) -> int:
        """A new review; of a list of names, ``names`` are (network, name, handle) each. Gives its number."""
        with Session(self._engine) as session, session.begin():
            row = ReviewRow(
                key_digest=key_digest(key),
                network=network,
                handle=handle,
                kind=kind,
                source=source,
                # With an own account named, that is read first, in the place of a list.
                cursor=None if kind is ListKind.NAMES and not handle else "",
                state=RUNNING,
                detail="",
                created_at=now,
            )
            session.add(row)
            session.flush()
            _add(session, row.id, names)
            return row.id

    def number(self, key: str) -> int | None:
        """The number of the review at this address; None when there is none."""
        with Session(self._engine) as session:
            return session.scalar(select(ReviewRow.id).filter_by(key_digest=key_digest(key)))

    def standing(self, key: str) -> Stood | None:
        """How the review at this address stands, and nothing that takes longer to read; None when there is none."""
        query = select(*(getattr(ReviewRow, name) for name in Stood.__slots__)).filter_by(key_digest=key_digest(key))
        with Session(self._engine) as session:
            row = session.execute(query).one_or_none()
            return Stood(*row) if row else None

    def find(self, review: int) -> Review | None:
        """The review, without its accounts."""
        with Session(self._engine) as session:
            row = session.get(ReviewRow, review)
            return _review(row) if row else None

    def running(self) -> list[int]:
        """The reviews that still have something to do, oldest first."""
        with Session(self._engine) as session:
            return list(session.scalars(select(ReviewRow.id).filter_by(state=RUNNING).order_by(ReviewRow.id)))

    def add_page(
        self,
        review: int,
        names: Iterable[tuple[str, str, str]],
        before: str,
        cursor: str | None,
        count: int | None,
        title: str = "",
    ) -> None:
        """What a page of the list brought: the accounts and where it goes on, together; with the first, ``count`` and ``title``.

        Nothing when the review does not stand at ``before`` any more: another process, or another run, has that page already.
        """
        with Session(self._engine) as session, session.begin():
            at = update(ReviewRow).filter_by(id=review, cursor=before, state=RUNNING)
            values: dict[str, object] = {"cursor": cursor} | ({} if count is None else {"count": count})
            values |= {"title": title} if title else {}
            if rows_changed(session, at.values(values)):
                _add(session, review, names)

    def cut_short(self, review: int, before: str) -> None:
        """The list is no longer there: what was read of it until ``before`` is all that there will be."""
        with Session(self._engine) as session, session.begin():
            at = update(ReviewRow).filter_by(id=review, cursor=before, state=RUNNING)
            session.execute(at.values(cursor=None, cut_short=True))

    def finish(self, review: int, state: str, detail: str, now: int) -> None:
        """End a running review."""
        with Session(self._engine) as session, session.begin():
            at = update(ReviewRow).filter_by(id=review, state=RUNNING)
            session.execute(at.values(state=state, detail=detail, finished_at=now))

    def go_on(self, review: int) -> None:
        """Have a cancelled or failed review running again."""
        with Session(self._engine) as session, session.begin():
            at = update(ReviewRow).filter_by(id=review).where(ReviewRow.state.in_(("cancelled", "failed")))
            fresh = {"paused_until": 0, "waits_for": "", "failures": 0}
            session.execute(at.values(state=RUNNING, detail="", finished_at=None, **fresh))

    def claim_listing(self, review: int, cursor: str, now: int, until: int) -> bool:
        """Be the only one to read the page of its list at ``cursor``, until then or ``release_listing``. False: somebody else is at it."""
        at = update(ReviewRow).filter_by(id=review, cursor=cursor, state=RUNNING).where(ReviewRow.claimed_until <= now)
        with Session(self._engine) as session, session.begin():
            return bool(rows_changed(session, at.values(claimed_until=until)))

    def release_listing(self, review: int) -> None:
        """Let others read its list again."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(ReviewRow).filter_by(id=review).values(claimed_until=0))

    def claim(self, review: int, now: int, until: int, at_once: int) -> Reviewed | None:
        """An account that waits and may be asked about now, for nobody else to look at until then, or until something is written of it.

        None when there is none, or ``at_once`` are being looked at.
        """
        waits = (
            select(ReviewedRow)
            .filter_by(review_id=review, state=WAITING)
            .where(ReviewedRow.again_at <= now, ReviewedRow.claimed_until <= now)
            .order_by(ReviewedRow.again_at, ReviewedRow.position)
            .limit(1)
        )
        with Session(self._engine) as session, session.begin():
            # Before reading, and whoever else claims of this review waits: or two would take one account.
            lock_sqlite(session)
            session.execute(select(ReviewRow.id).filter_by(id=review).with_for_update())
            if (session.scalar(_claims(review, now)) or 0) >= at_once or (row := session.scalar(waits)) is None:
                return None
            row.claimed_until = until
            return _reviewed(row)

    def release(self, review: int, position: int) -> None:
        """Let others look at an account of which nothing was written."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(ReviewedRow).filter_by(review_id=review, position=position).values(claimed_until=0))

    def release_all(self) -> None:
        """Let everything be looked at again, whoever was at it: for the only process that works, when it begins."""
        with Session(self._engine) as session, session.begin():
            for table in (ReviewRow, ReviewedRow):
                session.execute(update(table).where(table.claimed_until > 0).values(claimed_until=0))

    def claimed(self, review: int, now: int) -> int:
        """How many of its accounts, and pages of its list, are being looked at."""
        with Session(self._engine) as session:
            listing = session.scalar(select(ReviewRow.claimed_until).filter_by(id=review)) or 0
            return (session.scalar(_claims(review, now)) or 0) + (listing > now)

    def settle(self, review: int, position: int, state: str, finding: str, handle: str, now: int) -> None:
        """What was found of an account. Of one that must not be kept, the note goes, too."""
        found: dict[str, object] = {"state": state, "finding": finding, "handle": handle, "settled_at": now}
        of_review = {"failures": 0, "waits_for": ""}
        self._change(review, position, of_review=of_review, claimed_until=0, **found, **_note_of(state))

    def put_off(self, review: int, position: int, again_at: int, failed_at: int, why: str) -> int:
        """Its network could not be asked: it waits until then. Gives how many of the review failed in a row."""
        of_review = {"failures": ReviewRow.failures + 1}
        values = {"again_at": again_at, "failed_at": failed_at, "finding": why, "claimed_until": 0}
        self._change(review, position, of_review=of_review, **values)
        with Session(self._engine) as session:
            return session.scalar(select(ReviewRow.failures).filter_by(id=review)) or 0

    def pause(self, review: int, until: int, why: str) -> None:
        """Nothing of it is asked for before that time."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(ReviewRow).filter_by(id=review).values(paused_until=until, waits_for=why))

    def settled(self, review: int, most: int) -> list[int]:
        """When the accounts settled last ceased to wait, newest first."""
        query = select(ReviewedRow.settled_at).filter_by(review_id=review).where(ReviewedRow.settled_at.is_not(None))
        with Session(self._engine) as session:
            newest = session.scalars(query.order_by(ReviewedRow.revision.desc()).limit(most))
            return sorted((at for at in newest if at is not None), reverse=True)

    def keep(self, review: int, position: int, is_kept: bool) -> None:
        """Put an account on the keep-list, or take it off."""
        self._change(review, position, is_kept=is_kept)

    def write_note(self, review: int, position: int, note: str) -> bool:
        """Keep this note to an account instead of the one before. False when there is no such account, or no note may be kept to it."""
        return self._change(review, position, ReviewedRow.state.not_in(WITHOUT_NOTE), note=note)

    def account(self, review: int, position: int) -> Reviewed | None:
        """One account of a review; None when there is none at this position."""
        with Session(self._engine) as session:
            row = session.get(ReviewedRow, (review, position))
            return _reviewed(row) if row else None

    def accounts(self, review: int, since: int = -1) -> list[Reviewed]:
        """The accounts of a review that changed after revision ``since``, usually all, in the order in which they were listed."""
        columns = [getattr(ReviewedRow, name) for name in Reviewed.__slots__]
        query = select(*columns).filter_by(review_id=review).order_by(ReviewedRow.position)
        if since >= 0:
            query = query.where(ReviewedRow.revision > since)
        # Thousands of them: as plain rows at a quarter of what objects cost.
        with Session(self._engine) as session:
            return [Reviewed(*row) for row in session.execute(query)]

    def progress(self, review: int) -> Progress:
        """Where the work stands."""
        waits = ReviewedRow.state == WAITING
        query = select(
            func.count(),
            func.count().filter(waits),
            func.count().filter(waits, ReviewedRow.failed_at.is_not(None)),
            func.min(ReviewedRow.again_at).filter(waits),
        ).filter_by(review_id=review)
        with Session(self._engine) as session:
            total, waiting, put_off, next_at = session.execute(query).one()
        return Progress(total - waiting, waiting, put_off, next_at)

    def delete(self, review: int) -> None:
        """Delete a review with all that was found."""
        self._delete(ReviewRow.id == review)

    def forget_older_than(self, time: int) -> int:
        """Delete the reviews begun before this time. Gives how many."""
        return self._delete(ReviewRow.created_at < time)

    def forget_account(self, network: str, names: Iterable[str], state: str, why: str) -> None:
        """Delete what was found of an account, under any of these names or handles, in every review; ``state`` and ``why`` stand instead.

        Accounts that still wait go on waiting.
        """
        known = {spelling for name in names for spelling in (name, name.lower())}
        theirs = or_(ReviewedRow.name.in_(known), ReviewedRow.handle.in_(known)) & (ReviewedRow.network == network)
        found, note = theirs & (ReviewedRow.state == DONE), _note_of(state)
        kept = found | (theirs & (ReviewedRow.note != "")) if note else found
        with Session(self._engine) as session, session.begin():
            # Reading first: most accounts stand in no review, and need no write lock. In order, or two of these could wait for each other.
            reviews = select(ReviewedRow.review_id).where(kept).distinct().order_by(ReviewedRow.review_id)
            for review in session.scalars(reviews).all():
                here, revision = ReviewedRow.review_id == review, _next_revision(session, review)
                if note:
                    session.execute(update(ReviewedRow).where(here, theirs).values(revision=revision, **note))
                changed = {"state": state, "finding": why, "revision": revision}
                session.execute(update(ReviewedRow).where(here, found).values(changed))

    def _change(
        self,
        review: int,
        position: int,
        *only_if: ColumnElement[bool],
        of_review: Mapping[str, object] = NOTHING,
        **values: object,
    ) -> bool:
        """Change an account, and ``of_review`` its review, and count the change. False when there is no such account."""
        with Session(self._engine) as session, session.begin():
            at = update(ReviewedRow).filter_by(review_id=review, position=position).where(*only_if)
            changed = at.values(revision=_next_revision(session, review, of_review), **values)
            return bool(rows_changed(session, changed))

    def _delete(self, which: ColumnElement[bool]) -> int:
        # Their accounts go with them: every other writer takes the review before its accounts, too.
        numbers = select(ReviewRow.id).where(which).order_by(ReviewRow.id).with_for_update()
        with Session(self._engine) as session, session.begin():
            return rows_changed(session, delete(ReviewRow).where(ReviewRow.id.in_(numbers)))


def _add(session: Session, review: int, names: Iterable[tuple[str, str, str]]) -> None:
    """Add accounts behind those that are there; each only once."""
    at = session.execute(
        select(func.coalesce(func.max(ReviewedRow.position) + 1, 0)).filter_by(review_id=review)
    ).scalar_one()
    known = session.execute(select(ReviewedRow.network, ReviewedRow.name).filter_by(review_id=review))
    there = {(network, name) for network, name in known}
    revision = _next_revision(session, review)
    for network, name, handle in names:
        if (network, name) not in there:
            there.add((network, name))
            session.add(
                ReviewedRow(
                    review_id=review,
                    position=at,
                    network=network,
                    name=name,
                    handle=handle,
                    state=WAITING,
                    again_at=0,
                    finding="",
                    is_kept=False,
                    revision=revision,
                )
            )
            at += 1


def _claims(review: int, now: int) -> Select[int]:
    """How many accounts of a review are being looked at."""
    return (
        select(func.count()).select_from(ReviewedRow).filter_by(review_id=review).where(ReviewedRow.claimed_until > now)
    )


def _next_revision(session: Session, review: int, also: Mapping[str, object] = NOTHING) -> int:
    """The revision under which this transaction writes. ``also``: what else is to be changed of the review.

    Counting it up locks the review until the transaction ends, so that whoever has read a revision has all that was written under it.
    """
    session.execute(update(ReviewRow).filter_by(id=review).values(revision=ReviewRow.revision + 1, **also))
    return session.scalar(select(ReviewRow.revision).filter_by(id=review)) or 0


def _note_of(state: str) -> dict[str, str]:
    """What becomes of the note to an account that comes into this state."""
    return {"note": ""} if state in WITHOUT_NOTE else {}


def _review(row: ReviewRow) -> Review:
    return Review(**{name: getattr(row, name) for name in Review.__slots__})


def _reviewed(row: ReviewedRow) -> Reviewed:
    return Reviewed(**{name: getattr(row, name) for name in Reviewed.__slots__})

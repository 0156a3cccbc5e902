"""Owners of accounts on disk: how they prove it, their notes and disputes, and which accounts are on leaderboards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from server.store.models import DisputeRow, OwnerRow
from server.store.unguessable import key_digest
from server.store.writing import lock_sqlite, rows_changed


@dataclass(frozen=True, slots=True)
class Owner:
    """``name``: the account's id; ``code``: what is to stand in its profile; ``proven_at``: None until it was seen there.

    ``is_listed``: on leaderboards, under ``place`` if that is not empty. Times are seconds since 1970.
    """

    id: int
    network: str
    name: str
    handle: str
    code: str
    created_at: int
    proven_at: int | None
    note: str
    is_listed: bool
    place: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """``before`` and ``after``: what the finding said when it was disputed, and after the account was read again (``answered_at``)."""

    id: int
    signal: str
    words: str
    made_at: int
    before: str
    after: str
    answered_at: int | None


class OwnerStore:
    """All access to owners and disputes. Every write is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, key: str, network: str, name: str, handle: str, code: str, now: int) -> None:
        """Somebody says that an account is theirs."""
        with Session(self._engine) as session, session.begin():
            session.add(
                OwnerRow(
                    key_digest=key_digest(key),
                    network=network,
                    name=name,
                    handle=handle,
                    code=code,
                    created_at=now,
                    note="",
                    is_listed=False,
                    place="",
                )
            )

    def waiting(self) -> int:
        """How many claims are not proved."""
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(OwnerRow).filter_by(proven_at=None)) or 0

    def find(self, key: str) -> Owner | None:
        """The owner of this key; None when there is none (any more)."""
        with Session(self._engine) as session:
            row = session.scalar(select(OwnerRow).filter_by(key_digest=key_digest(key)))
            return _owner(row) if row else None

    def prove(self, number: int, now: int) -> None:
        """A claim is proved. Who proved the same account before gives way: what was chosen stays, under the newer key alone."""
        with Session(self._engine) as session, session.begin():
            lock_sqlite(session)
            account = select(OwnerRow.network, OwnerRow.name).filter_by(id=number)
            network, name = session.execute(account).one()
            # All claims of the account, in order: of two proved at once, the second finds the first.
            claims = select(OwnerRow).filter_by(network=network, name=name).order_by(OwnerRow.id).with_for_update()
            rows = session.scalars(claims).all()
            claim = session.get_one(OwnerRow, number)
            for older in (row for row in rows if row.proven_at is not None and row is not claim):
                claim.note, claim.is_listed, claim.place = older.note, older.is_listed, older.place
                session.execute(update(DisputeRow).filter_by(owner_id=older.id).values(owner_id=number))
                session.delete(older)
            claim.proven_at = now

    def choose(self, number: int, note: str, is_listed: bool, place: str) -> None:
        """What an owner wants said of the account, and whether it stands on leaderboards."""
        with Session(self._engine) as session, session.begin():
            chosen = update(OwnerRow).filter_by(id=number)
            session.execute(chosen.values(note=note, is_listed=is_listed, place=place))

    def owner_of(self, network: str, name: str) -> Owner | None:
        """Who proved that the account is theirs; None when nobody did."""
        query = select(OwnerRow).where(
            OwnerRow.network == network, OwnerRow.name == name, OwnerRow.proven_at.is_not(None)
        )
        with Session(self._engine) as session:
            row = session.scalar(query)
            return _owner(row) if row else None

    def listed(self, network: str) -> list[Owner]:
        """The proved owners of accounts of a network that want to be on its leaderboards."""
        query = select(OwnerRow).where(OwnerRow.network == network, OwnerRow.is_listed, OwnerRow.proven_at.is_not(None))
        query = query.order_by(OwnerRow.id)
        with Session(self._engine) as session:
            return [_owner(row) for row in session.scalars(query)]

    def dispute(self, number: int, signal: str, words: str, before: str, now: int) -> None:
        """An owner says that a finding is wrong; an earlier dispute of the same one goes."""
        with Session(self._engine) as session, session.begin():
            # Whose row is taken: of two that are made at once, the second finds the first.
            session.execute(select(OwnerRow.id).filter_by(id=number).with_for_update())
            session.execute(delete(DisputeRow).filter_by(owner_id=number, signal=signal))
            session.add(DisputeRow(owner_id=number, signal=signal, words=words, made_at=now, before=before, after=""))

    def answer(self, dispute: int, after: str, now: int) -> None:
        """The account was read again since; ``after``: what the finding says now."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(DisputeRow).filter_by(id=dispute).values(after=after, answered_at=now))

    def withdraw(self, number: int, dispute: int) -> None:
        """An owner takes a dispute back."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(DisputeRow).filter_by(owner_id=number, id=dispute))

    def disputes(self, number: int) -> list[Dispute]:
        """What an owner disputes, oldest first."""
        query = select(DisputeRow).filter_by(owner_id=number).order_by(DisputeRow.made_at, DisputeRow.id)
        with Session(self._engine) as session:
            return [
                Dispute(row.id, row.signal, row.words, row.made_at, row.before, row.after, row.answered_at)
                for row in session.scalars(query)
            ]

    def forget(self, number: int) -> None:
        """Delete an owner or a claim with all that was chosen."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(OwnerRow).filter_by(id=number))

    def forget_account(self, network: str, names: Iterable[str]) -> None:
        """Delete every owner and claim of an account, under any of these names."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(OwnerRow).where(OwnerRow.network == network, OwnerRow.name.in_(set(names))))

    def forget_claims_before(self, time: int) -> int:
        """Delete claims made before this time (seconds since 1970) that were not proved. Gives how many."""
        old = delete(OwnerRow).where(OwnerRow.proven_at.is_(None), OwnerRow.created_at < time)
        with Session(self._engine) as session, session.begin():
            return rows_changed(session, old)


def _owner(row: OwnerRow) -> Owner:
    return Owner(
        row.id,
        row.network,
        row.name,
        row.handle,
        row.code,
        row.created_at,
        row.proven_at,
        row.note,
        row.is_listed,
        row.place,
    )

"""Lists of watched accounts on disk, with the days that were marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, or_, select, update
from sqlalchemy.orm import Session

from server.scoring.sample import DAY
from server.store.models import AccountRow, MarkRow, TrackedListRow, TrackedRow
from server.store.unguessable import key_digest
from server.store.writing import rows_changed, upsert


@dataclass(frozen=True, slots=True)
class TrackedList:
    """A list, by its number. ``created_at``: seconds since 1970."""

    id: int
    created_at: int


@dataclass(frozen=True, slots=True)
class Tracked:
    """An account of a list. ``name``: its id on the network; ``handle``: as it was called when it was added."""

    network: str
    name: str
    handle: str
    added_at: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked day. ``day``: the second since 1970 with which it begins, UTC."""

    id: int
    day: int
    words: str


@dataclass(frozen=True, slots=True)
class Mailing:
    """Where the weekly mails of a list go. ``address``: empty for nowhere; ``confirmed_at``: None until whoever reads there said yes.

    ``told_until``: the end of the last week that was told. Times are seconds since 1970.
    """

    list_id: int
    address: str
    token: str
    asked_at: int
    confirmed_at: int | None
    told_until: int


class TrackingStore:
    """All access to lists of watched accounts. Every write is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, key: str, now: int) -> TrackedList:
        """A new list without accounts."""
        with Session(self._engine) as session, session.begin():
            row = TrackedListRow(key_digest=key_digest(key), created_at=now, used_on=now // DAY)
            session.add(row)
            session.flush()
            return TrackedList(row.id, row.created_at)

    def find(self, key: str, now: int) -> TrackedList | None:
        """The list of this key, which is then used today; None when there is none (any more)."""
        with Session(self._engine) as session:
            row = session.scalar(select(TrackedListRow).filter_by(key_digest=key_digest(key)))
            if row is None:
                return None
            found = TrackedList(row.id, row.created_at)
            if row.used_on < now // DAY:
                session.execute(update(TrackedListRow).filter_by(id=row.id).values(used_on=now // DAY))
                session.commit()
            return found

    def lists(self) -> int:
        """How many lists there are."""
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(TrackedListRow)) or 0

    def add(self, number: int, network: str, name: str, handle: str, now: int) -> None:
        """Put an account on a list; one that stands there already stays, under the handle it has now."""
        row = {"list_id": number, "network": network, "name": name, "handle": handle, "added_at": now}
        with Session(self._engine) as session, session.begin():
            upsert(session, TrackedRow, [row], kept=("added_at",))

    def remove(self, number: int, network: str, name: str) -> None:
        """Take an account off a list, with the days marked for it."""
        with Session(self._engine) as session, session.begin():
            for table in (TrackedRow, MarkRow):
                session.execute(delete(table).filter_by(list_id=number, network=network, name=name))

    def accounts(self, number: int) -> list[Tracked]:
        """The accounts of a list in the order they were added."""
        query = select(TrackedRow).filter_by(list_id=number).order_by(TrackedRow.added_at, TrackedRow.handle)
        with Session(self._engine) as session:
            return [Tracked(row.network, row.name, row.handle, row.added_at) for row in session.scalars(query)]

    def due(self, before: int) -> list[tuple[str, str]]:
        """Every watched account, once: (network, name), that was not gathered since this time; the longest ago first."""
        query = (
            select(TrackedRow.network, TrackedRow.name)
            .outerjoin(AccountRow, AccountRow.ref == TrackedRow.network + ":" + TrackedRow.name)
            .where(or_(AccountRow.gathered_at.is_(None), AccountRow.gathered_at < before))
            .group_by(TrackedRow.network, TrackedRow.name)
            # Those that were never gathered first: databases differ in where they put what is not known.
            .order_by(func.min(AccountRow.gathered_at).nulls_first())
        )
        with Session(self._engine) as session:
            return [(network, name) for network, name in session.execute(query)]

    def mark(self, number: int, network: str, name: str, day: int, words: str) -> None:
        """Mark a day in an account's history."""
        with Session(self._engine) as session, session.begin():
            session.add(MarkRow(list_id=number, network=network, name=name, day=day, words=words))

    def unmark(self, number: int, mark: int) -> None:
        """Take a mark of a list away."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(MarkRow).filter_by(list_id=number, id=mark))

    def marks(self, number: int, network: str, name: str) -> list[Mark]:
        """The marks of a list in an account's history, oldest day first."""
        query = select(MarkRow).filter_by(list_id=number, network=network, name=name).order_by(MarkRow.day, MarkRow.id)
        with Session(self._engine) as session:
            return [Mark(row.id, row.day, row.words) for row in session.scalars(query)]

    def mailing(self, number: int) -> Mailing:
        """Where the mails of a list go."""
        with Session(self._engine) as session:
            return _mailing(session.get_one(TrackedListRow, number))

    def mailing_of(self, token: str) -> Mailing | None:
        """The mails that this token was made for; None when there are none (any more)."""
        with Session(self._engine) as session:
            row = session.scalar(select(TrackedListRow).filter_by(mail_token=token))
            return _mailing(row) if row else None

    def confirmed(self) -> list[Mailing]:
        """Every list whose mails were confirmed."""
        query = select(TrackedListRow).where(TrackedListRow.mail_confirmed_at.is_not(None))
        with Session(self._engine) as session:
            return [_mailing(row) for row in session.scalars(query)]

    def asked_since(self, time: int) -> int:
        """For how many lists an address was asked since this time."""
        query = select(func.count()).select_from(TrackedListRow).where(TrackedListRow.mail_asked_at >= time)
        with Session(self._engine) as session:
            return session.scalar(query) or 0

    def ask_mail(self, number: int, address: str, token: str, now: int) -> None:
        """An address is asked whether it wants the mails of a list; one asked before is forgotten."""
        self._set_mail(number, mail_address=address, mail_token=token, mail_asked_at=now)

    def confirm_mail(self, token: str, now: int) -> bool:
        """The address that got this token wants the mails. False when there is none (any more)."""
        at = update(TrackedListRow).filter_by(mail_token=token).where(TrackedListRow.mail_address != "")
        with Session(self._engine) as session, session.begin():
            first = func.coalesce(TrackedListRow.mail_confirmed_at, now)
            return bool(rows_changed(session, at.values(mail_confirmed_at=first)))

    def end_mail(self, number: int) -> None:
        """No further mails for a list. When one was asked for stays, so that asking again and again is seen."""
        self._set_mail(number, mail_address="", mail_token="")

    def _set_mail(self, number: int, **values: object) -> None:
        changed = update(TrackedListRow).filter_by(id=number).values(values)
        with Session(self._engine) as session, session.begin():
            session.execute(changed.values(mail_confirmed_at=None, mail_told_until=0))

    def told(self, number: int, end: int) -> None:
        """The week that ended then was told by mail."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(TrackedListRow).filter_by(id=number).values(mail_told_until=end))

    def delete(self, number: int) -> None:
        """Delete a list with all that is on it."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(TrackedListRow).filter_by(id=number))

    def forget_account(self, network: str, names: Iterable[str]) -> None:
        """Take an account, under any of these names, off every list."""
        wanted = set(names)
        with Session(self._engine) as session, session.begin():
            for table in (TrackedRow, MarkRow):
                session.execute(delete(table).where(table.network == network, table.name.in_(wanted)))

    def forget_unused_since(self, time: int) -> int:
        """Delete the lists that nobody has asked for since this time. Gives how many."""
        with Session(self._engine) as session, session.begin():
            return rows_changed(session, delete(TrackedListRow).where(TrackedListRow.used_on < time // DAY))


def _mailing(row: TrackedListRow) -> Mailing:
    return Mailing(
        row.id, row.mail_address, row.mail_token, row.mail_asked_at, row.mail_confirmed_at, row.mail_told_until
    )

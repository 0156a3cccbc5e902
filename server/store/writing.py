"""How two processes may write at the same time: between asking for a row and writing it, another one may have written it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Update, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.models import Base


def upsert(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], kept: Collection[str] = ()) -> None:
    """Write rows of the same columns in one statement, each over the one of its primary key if there is one. Columns ``kept`` stay as there.

    The rows are locked in the order given: who writes several gives them sorted, so that no two writers wait for one another.
    """
    if not rows:
        return
    key = [column.name for column in inspect(table).primary_key]
    changed = [name for name in rows[0] if name not in key and name not in kept]
    insert = (postgresql.insert if _is_postgresql(session) else sqlite.insert)(table).values(list(rows))
    session.execute(
        insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changed})
    )


def insert_if_none(session: Session, table: type[Base], row: Mapping[str, Any]) -> None:
    """Write a row unless there is one with its primary key."""
    insert = (postgresql.insert if _is_postgresql(session) else sqlite.insert)(table).values(row)
    session.execute(insert.on_conflict_do_nothing())


def rows_changed(session: Session, statement: Update | Delete) -> int:
    """Execute it. Gives how many rows it changed or deleted, without those that went with them."""
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def lock_sqlite(session: Session) -> None:
    """Have nobody else write an SQLite database until this transaction ends, also before it writes: called first, by who reads in order to
    write. On PostgreSQL, which does nothing here, rows are locked one by one as they are read (``with_for_update``)."""
    if not _is_postgresql(session):
        session.execute(text("BEGIN IMMEDIATE"))


def lock_postgresql(session: Session, lock: int, shared: bool = False) -> None:
    """Take an advisory lock of a PostgreSQL database until this transaction ends; SQLite, with its one writer, needs none."""
    if _is_postgresql(session):
        session.execute(select(func.pg_advisory_xact_lock_shared(lock) if shared else func.pg_advisory_xact_lock(lock)))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"

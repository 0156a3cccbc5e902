"""How large the database is: its kind, its bytes, and the rows of the tables that grow."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from server.store.models import (
    AccountRow,
    Base,
    HandleRow,
    OptOutRow,
    OwnerRow,
    ReportRow,
    ReviewRow,
    TrackedListRow,
)

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_BYTES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
_TABLES: dict[str, type[Base]] = {
    "accounts": AccountRow,
    "handles": HandleRow,
    "reports over time": ReportRow,
    "opt-outs": OptOutRow,
    "reviews": ReviewRow,
    "watched lists": TrackedListRow,
    "owners and claims": OwnerRow,
}


@dataclass(frozen=True, slots=True)
class Extent:
    """``kind``: SQLite or PostgreSQL; ``size``: bytes; ``rows``: by what each table is called for people."""

    kind: str
    size: int
    rows: dict[str, int]


def kind_of(engine: Engine) -> str:
    """What kind of database it is; asks nothing of it."""
    return KINDS[engine.dialect.name]


def extent(engine: Engine) -> Extent:
    """Count. Each number is read off an index, which takes milliseconds up to some hundred thousand rows."""
    with Session(engine) as session:
        size = session.scalar(text(_BYTES[engine.dialect.name]))
        rows = {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in _TABLES.items()}
    return Extent(kind_of(engine), int(size or 0), rows)

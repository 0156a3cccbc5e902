"""Who does the work of the clock: of several processes one, and another one when that was killed at it."""

from __future__ import annotations

from sqlalchemy import Engine, or_, update
from sqlalchemy.orm import Session

from server.store.models import ChoreRow
from server.store.writing import insert_if_none, rows_changed

GIVEN_UP_SECONDS = 1800
"""After so long work that has not ended is begun again."""


class ChoreStore:
    """When each chore was begun and ended last."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, name: str, due_at: int, now: int) -> bool:
        """Take on what is due since ``due_at``. False when that is done, or somebody is at it. Both: seconds since 1970."""
        undone = or_(
            ChoreRow.due_at < due_at, ChoreRow.ended_at.is_(None) & (ChoreRow.begun_at < now - GIVEN_UP_SECONDS)
        )
        begun = update(ChoreRow).filter_by(name=name).where(undone)
        with Session(self._engine) as session, session.begin():
            # The first time ever there is no row; one process makes it and takes it.
            insert_if_none(session, ChoreRow, {"name": name, "due_at": -1, "begun_at": 0, "ended_at": 0})
            return bool(rows_changed(session, begun.values(due_at=due_at, begun_at=now, ended_at=None)))

    def end(self, name: str, now: int) -> None:
        """It is done, or failed and is done again when it is due the next time."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(ChoreRow).filter_by(name=name).values(ended_at=now))

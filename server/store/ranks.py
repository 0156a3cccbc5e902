"""Ranks of whole networks on disk: where those who react stand in theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from server.store.database import reading
from server.store.models import RankedNetworkRow, RankRow
from server.store.writing import rows_changed

AT_ONCE = 10_000
"""Rows written, or deleted, in one transaction: others write meanwhile."""
ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RankedNetwork:
    """``ranked_at``: as of when, seconds since 1970; ``people``: how many have a rank."""

    network: str
    ranked_at: int
    people: int


class RankStore:
    """All access to ranks. A table that is not whole is never read; the next one takes its place."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(
        self,
        network: str,
        ranked_at: int,
        ranks: Callable[[], Iterable[tuple[str, float]]],
        wishes: Callable[[str], Callable[[str], bool]],
    ) -> int:
        """Put ``ranks()``, by id, in the place of the network's. Gives how many were written.

        ``wishes(network)`` tells of an id whether it opted out by now: such are left out. The earlier ranks serve until all are there, and after
        a run that was broken off.
        """
        is_left_out = wishes(network)
        self._delete(network, RankedNetworkRow.is_whole.is_(False))
        with Session(self._engine) as session, session.begin():
            row = RankedNetworkRow(network=network, ranked_at=ranked_at, people=0, is_whole=False)
            session.add(row)
            session.flush()
            number = row.id
        people = 0
        wanted = ((name, rank) for name, rank in ranks() if not is_left_out(name))
        while some := list(islice(wanted, AT_ONCE)):
            with Session(self._engine) as session, session.begin():
                session.execute(
                    insert(RankRow), [{"ranked_network_id": number, "name": name, "rank": rank} for name, rank in some]
                )
            people += len(some)
        with Session(self._engine) as session, session.begin():
            done = update(RankedNetworkRow).where(RankedNetworkRow.network == network)
            session.execute(done.values(is_whole=RankedNetworkRow.id == number))
            session.execute(done.where(RankedNetworkRow.id == number).values(people=people))
        self._delete(network, RankedNetworkRow.id != number)
        # Somebody may have opted out meanwhile, before their row was there.
        is_left_out = wishes(network)
        late = (name for name, _ in ranks() if is_left_out(name))
        while names := list(islice(late, ASKED_AT_ONCE)):
            with Session(self._engine) as session, session.begin():
                forget_rank(session, network, names)
        return people

    def unload(self, network: str) -> bool:
        """Delete the network's ranks. False when there were none."""
        with Session(self._engine) as session, session.begin():
            gone = (
                update(RankedNetworkRow)
                .filter_by(network=network)
                .values(is_whole=False)
                .returning(RankedNetworkRow.id)
            )
            were_there = bool(session.scalars(gone).all())
        self._delete(network, RankedNetworkRow.is_whole.is_(False))
        return were_there

    def of(self, network: str, names: Collection[str]) -> dict[str, float]:
        """The ranks of those of these accounts (ids) that have one."""
        found: dict[str, float] = {}
        whole = select(RankedNetworkRow.id).filter_by(network=network, is_whole=True)
        with Session(reading(self._engine)) as session:
            number = session.scalar(whole)
            if number is None:
                return found
            asked = list(names)
            for first in range(0, len(asked), ASKED_AT_ONCE):
                some = asked[first : first + ASKED_AT_ONCE]
                query = select(RankRow.name, RankRow.rank).where(
                    RankRow.ranked_network_id == number, RankRow.name.in_(some)
                )
                found.update((name, rank) for name, rank in session.execute(query))
        return found

    def networks(self) -> list[RankedNetwork]:
        """The networks whose ranks are here."""
        query = select(RankedNetworkRow).filter_by(is_whole=True).order_by(RankedNetworkRow.network)
        with Session(self._engine) as session:
            return [RankedNetwork(row.network, row.ranked_at, row.people) for row in session.scalars(query)]

    def _delete(self, network: str, which: ColumnElement[bool]) -> None:
        """Delete tables of a network, a part at a time."""
        with Session(self._engine) as session:
            numbers = session.scalars(
                select(RankedNetworkRow.id).where(RankedNetworkRow.network == network, which)
            ).all()
        for number in numbers:
            while self._delete_some(number):
                pass
            with Session(self._engine) as session, session.begin():
                session.execute(delete(RankedNetworkRow).filter_by(id=number))

    def _delete_some(self, number: int) -> int:
        some = select(RankRow.name).filter_by(ranked_network_id=number).limit(AT_ONCE)
        with Session(self._engine) as session, session.begin():
            return rows_changed(
                session, delete(RankRow).where(RankRow.ranked_network_id == number, RankRow.name.in_(some))
            )


def forget_rank(session: Session, network: str, names: Collection[str]) -> None:
    """Delete the ranks of an account, known by these ids, in this transaction."""
    tables = select(RankedNetworkRow.id).filter_by(network=network)
    session.execute(delete(RankRow).where(RankRow.ranked_network_id.in_(tables), RankRow.name.in_(names)))

"""The use case of watching accounts: a list under an unguessable key, a score a day for each account on it, and days marked in their histories."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from server.account import AccountRef
from server.errors import RapportError
from server.history import OverTime
from server.lookup import Lookup
from server.scoring.sample import DAY
from server.store.tracking import Mark, Tracked, TrackedList, TrackingStore
from server.store.unguessable import may_be_key, new_key

log = logging.getLogger(__name__)

MOST_TRACKED = 50
"""Accounts on one list."""
NEWEST_TOLD = 150
"""So many scores of each are looked at: one a day for the 90 of a list's small pictures and the twelve weeks of the feed, and the last two days'
every one."""
MOST_LISTS = 1000
"""In one service: every account on them is gathered daily."""
MOST_MARKS = 50
"""Marked days of one account on one list."""
UNUSED_DAYS = 180
"""A list that nobody asks for is deleted after so many days."""
SNAPSHOT_SECONDS = 20 * 3600
"""An account that was gathered so long ago is gathered again: asked every hour, that is once a day."""
LONGEST_WORDS = 80
FIRST_DAY = date(2006, 3, 21)
"""No network served is older (the first post on X)."""


class CannotTrack(RapportError):
    """Something that was asked for cannot be done; the text says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Watched:
    """An account of a list and what is known of it. ``over_time``: the newest ones, without pillars; empty while nothing is kept of it."""

    network: str
    name: str
    handle: str
    report: dict[str, Any] | None
    over_time: OverTime


class Tracking:
    """Lists of watched accounts."""

    def __init__(self, store: TrackingStore, lookup: Lookup) -> None:
        self._store, self._lookup = store, lookup
        lookup.on_forget(lambda network, names, _state, _why: store.forget_account(network, names))

    def begin(self) -> tuple[str, TrackedList]:
        """A new list and its unguessable key, which is told this once. Raises CannotTrack when there are too many."""
        if self.lists() >= MOST_LISTS:
            raise CannotTrack(
                f"This service keeps {MOST_LISTS:,} lists of watched accounts already. Try again another day."
            )
        key = new_key()
        return key, self._store.begin(key, self._lookup.now())

    def lists(self) -> int:
        """How many lists there are."""
        return self._store.lists()

    def find(self, key: str) -> TrackedList | None:
        """The list of this key; None when there is none (any more)."""
        return self._store.find(key, self._lookup.now()) if may_be_key(key) else None

    def track(self, listed: TrackedList, network: str, handle: str) -> Tracked:
        """Watch an account, which is looked at now. Gives it as it is called.

        Raises UnknownNetwork, BadHandle, and CannotTrack for one that is not there, is not scored, asks not to be kept, cannot be
        asked just now, or is one too many.
        """
        answer = self._lookup.read(network, handle)
        if answer.report is None:
            raise CannotTrack(answer.detail)
        if not answer.report.get("kept", True):
            raise CannotTrack("This account asks not to be kept, so its score cannot be followed over time.")
        account = answer.report["account"]
        name, known = AccountRef.parse(account["id"]).id, self._store.accounts(listed.id)
        if len(known) >= MOST_TRACKED and (network, name) not in {(one.network, one.name) for one in known}:
            raise CannotTrack(f"{MOST_TRACKED} accounts are watched already. Let one of them go first.")
        now = self._lookup.now()
        self._store.add(listed.id, network, name, account["handle"], now)
        return Tracked(network, name, account["handle"], now)

    def untrack(self, listed: TrackedList, network: str, name: str) -> None:
        """Watch an account no more; the days marked for it go, too."""
        self._store.remove(listed.id, network, name)

    def tracks(self, listed: TrackedList, network: str, name: str) -> bool:
        """Does the account of this id stand on the list?"""
        return any((one.network, one.name) == (network, name) for one in self._store.accounts(listed.id))

    def accounts(self, listed: TrackedList) -> list[Watched]:
        """The accounts of a list with what is known of them."""
        return [self._watched(one) for one in self._store.accounts(listed.id)]

    def _watched(self, one: Tracked) -> Watched:
        known = one.network in self._lookup.networks
        report = self._lookup.kept_report(one.network, one.name) if known else None
        over_time = self._lookup.over_time(one.network, one.name, NEWEST_TOLD) if report else OverTime((), (), None)
        handle = report["account"]["handle"] if report else one.handle
        return Watched(one.network, one.name, handle, report, over_time)

    def marks(self, listed: TrackedList, network: str, name: str) -> list[Mark]:
        """The days marked in the history of the account of this id, oldest first."""
        return self._store.marks(listed.id, network, name)

    def mark(self, listed: TrackedList, network: str, name: str, day: date, words: str) -> None:
        """Mark a day. Raises CannotTrack when it is no day of a history, has no words, or there are too many."""
        words = " ".join(words.split())
        if not words:
            raise CannotTrack("Say in a few words what happened on that day, as in “new job”.")
        if len(words) > LONGEST_WORDS:
            raise CannotTrack(f"That is {len(words)} characters long; at most {LONGEST_WORDS} are kept.")
        if len(self._store.marks(listed.id, network, name)) >= MOST_MARKS:
            raise CannotTrack(f"{MOST_MARKS} days are marked already. Take one away first.")
        self._store.mark(listed.id, network, name, beginning_of(day), words)

    def unmark(self, listed: TrackedList, mark: int) -> None:
        """Take a mark away."""
        self._store.unmark(listed.id, mark)

    def delete(self, listed: TrackedList) -> None:
        """Delete a list with all that is on it."""
        self._store.delete(listed.id)

    def tidy(self) -> int:
        """Delete the lists that nobody asks for any more. Gives how many."""
        return self._store.forget_unused_since(self._lookup.now() - UNUSED_DAYS * DAY)

    def gather_due(self) -> int:
        """Have every watched account gathered that was not lately. Gives how many."""
        due = [
            (network, name)
            for network, name in self._store.due(self._lookup.now() - SNAPSHOT_SECONDS)
            if network in self._lookup.networks
        ]
        for network, name in due:
            self._lookup.refresh(network, name)
        if due:
            log.info("watched accounts are gathered", extra={"accounts": len(due)})
        return len(due)


def read_day(text: str, today: date) -> date:
    """A day as YYYY-MM-DD. Raises CannotTrack for what is none, for one to come, and for one before there were such networks."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise CannotTrack("Give the day as year-month-day, as in 2026-11-27.") from None
    if day > today:
        raise CannotTrack("That day is still to come; what it changed can be told a week after it, at the earliest.")
    if day < FIRST_DAY:
        raise CannotTrack(f"Give a day from {FIRST_DAY.isoformat()} on.")
    return day


def beginning_of(day: date) -> int:
    """The second since 1970 with which a day begins, UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(time: int) -> date:
    """The day, UTC, of a second since 1970."""
    return datetime.fromtimestamp(time, UTC).date()

"""Leaderboards: accounts whose owners proved them and want to be listed, by score or by how many people they talk with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.lookup import Grade, Lookup
from server.ownership import Ownership
from server.report import label_of
from server.scoring.formula import current_formula
from server.scoring.verdict import VerdictId
from server.store.owners import Owner

SHOWN = 100
PARTNERS = "conversation_partners"
ORDERS = {"score": "Influence score", "conversation": "Most in conversation"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed account. ``partners``: how many people it answered in 90 days; None when that is not known."""

    owner: Owner
    report: Mapping[str, Any]
    grade: Grade | None
    partners: int | None

    @property
    def topics(self) -> list[str]:
        """What it talks about, as it is called."""
        facts = self.report.get("facts") or {}
        return [label_of(topic) for topic in facts.get("talks_about", [])]


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry and its rank, from 1; those that are equal share one."""

    rank: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Board:
    """``ranked``: best first; ``topics`` and ``places``: those that two or more of the listed accounts have in common."""

    ranked: tuple[Ranked, ...]
    topics: tuple[str, ...]
    places: tuple[str, ...]


def board(lookup: Lookup, ownership: Ownership, network: str, order: str, topic: str = "", place: str = "") -> Board:
    """The leaderboard of a network in one of ORDERS, of those who talk about a topic or are at a place, if one is given."""
    entries = [entry for owner in ownership.listed(network) if (entry := _entry(lookup, owner)) is not None]
    wanted = [
        entry
        for entry in entries
        if (not topic or _bare(topic) in map(_bare, entry.topics))
        and (not place or entry.owner.place.casefold() == place.casefold())
    ]
    return Board(
        ranked(wanted, order)[:SHOWN],
        _in_common(topic for entry in entries for topic in set(entry.topics)),
        _in_common(entry.owner.place for entry in entries if entry.owner.place),
    )


def _entry(lookup: Lookup, owner: Owner) -> Entry | None:
    report = lookup.kept_report(owner.network, owner.name)
    if report is None or not report.get("kept", True):
        return None
    told = [s["value"] for s in report["signals"] if s["id"] == PARTNERS and s["state"] == "found"]
    return Entry(owner, report, lookup.grade(owner.network, report), int(told[0]) if told and told[0] else None)


def ranked(entries: Sequence[Entry], order: str) -> tuple[Ranked, ...]:
    """The entries that have what is ranked by, best first.

    By score: those of the current formula. By conversation: accounts whose verdict says that they are in conversation, by how many
    people they answered; numbers alone can be made by program, which the verdict sees.
    """
    value = _partners if order == "conversation" else _tenths
    told = sorted(
        ((number, entry) for entry in entries if (number := value(entry)) is not None),
        key=lambda pair: (-pair[0], pair[1].owner.handle),
    )
    numbers = [number for number, _ in told]
    return tuple(Ranked(numbers.index(number) + 1, entry) for number, entry in told)


def _tenths(entry: Entry) -> int | None:
    score = entry.report["score"]
    if not score or entry.report["formula_version"] != current_formula().version:
        return None
    return round(float(score["exact"]) * 10)


def _partners(entry: Entry) -> int | None:
    return entry.partners if entry.report["verdict"]["id"] == VerdictId.IN_CONVERSATION.value else None


def _bare(topic: str) -> str:
    return topic.removeprefix("#").casefold()


def _in_common(values: Iterable[str]) -> tuple[str, ...]:
    """Those that occur more than once, whatever their case, the most frequent first; a board of one is none."""
    spellings = Counter(values)
    times: Counter[str] = Counter()
    for value, number in spellings.items():
        times[value.casefold()] += number
    often = sorted(
        (folded for folded, number in times.items() if number > 1), key=lambda folded: (-times[folded], folded)
    )
    usual = {value.casefold(): value for value, _ in reversed(spellings.most_common())}
    return tuple(usual[folded] for folded in often)

"""The table of a review: which rows are shown, in which order, and as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.pages.entry import Place
from server.review import Between, Row
from server.scoring.verdict import VerdictId
from server.signals.proportion import counted

PAGE = 75
"""Rows on one page, which stays below 100 kB."""
SILENT_MONTHS = (3, 6, 12)
MONTH = 30.44 * 86400
ORDERS = {
    "listed": "as followed",
    "-score": "score, highest first",
    "score": "score, lowest first",
    "last_post": "silent longest first",
    "-posts_per_week": "posts most first",
    "share": "fewest replies first",
    "-share": "most replies first",
    "-dealings": "most dealings first",
    "name": "name",
}
"""What a person may sort by."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked to be shown.

    ``silent``: months without a post; ``dealings``: ``never`` or ``some``, between the two; ``kept``: whether the keep-list is shown
    instead of the rest.
    """

    search: str = ""
    verdict: str = ""
    silent: int = 0
    dealings: str = ""
    order: str = "listed"
    kept: bool = False
    page: int = 1

    def address_values(self, **changed: Any) -> dict[str, Any]:
        """As values of an address, with some of them changed; what is as usual is left out."""
        values = {
            name: getattr(self, name) for name in ("search", "verdict", "silent", "dealings", "order", "kept", "page")
        }
        usual = Asked()
        return {
            name: int(value) if isinstance(value, bool) else value
            for name, value in (values | changed).items()
            if value != getattr(usual, name)
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """``rows``: those of the page; ``matching``: how many there are on all pages; ``verdicts``: how many of each among all not kept."""

    rows: tuple[Row, ...]
    matching: int
    pages: int
    verdicts: Mapping[str, int]
    kept: int


def read_asked(arguments: Mapping[str, str]) -> Asked:
    """What an address asks for; what it asks for wrongly is as usual."""
    silent, page = arguments.get("silent", ""), arguments.get("page", "")
    dealings = arguments.get("dealings", "")
    verdict, order = arguments.get("verdict", ""), arguments.get("order", "")
    return Asked(
        search=arguments.get("search", "").strip()[:100],
        verdict=verdict if verdict in {v.value for v in VerdictId} or verdict in OTHER_STATES else "",
        silent=int(silent) if silent in map(str, SILENT_MONTHS) else 0,
        dealings=dealings if dealings in DEALINGS else "",
        order=order if order in ORDERS else "listed",
        kept=arguments.get("kept") == "1",
        page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
    )


DEALINGS = {"never": "none seen", "some": "some"}
OTHER_STATES = {
    "unknown": "Gone",
    "refused": "Not scored",
    "unavailable": "Could not be asked",
    "not_kept": "Asks not to be kept",
    "waiting": "Not looked at yet",
}
"""What stands in the place of a verdict for accounts that have none."""


def selected(rows: Iterable[Row], asked: Asked, now: int) -> list[Row]:
    """The rows that were asked for, in the order asked for."""
    wanted = [row for row in rows if row.is_kept == asked.kept and _matches(row, asked, now)]
    key = _KEYS.get(asked.order.removeprefix("-"))
    if key is None:
        return wanted
    known = [row for row in wanted if key(row) is not None]
    known.sort(key=key, reverse=asked.order.startswith("-"))
    # What is not known stands last, whichever end was asked for first.
    return known + [row for row in wanted if key(row) is None]


def shown(rows: Sequence[Row], asked: Asked, now: int) -> Shown:
    """A page of the rows that were asked for."""
    matching = selected(rows, asked, now)
    pages = max(1, -(-len(matching) // PAGE))
    start = (min(asked.page, pages) - 1) * PAGE
    return Shown(
        tuple(matching[start : start + PAGE]),
        len(matching),
        pages,
        Counter(verdict_of(row) for row in rows if not row.is_kept),
        sum(row.is_kept for row in rows),
    )


def verdict_of(row: Row) -> str:
    """The verdict of a row, or the state of one that has none."""
    return row.finding.verdict if row.finding else row.state


def silent_seconds(row: Row, now: int) -> float | None:
    """How long ago it posted last; None when that is not known."""
    return now - _seconds(row.finding.last_post) if row.finding and row.finding.last_post else None


def _matches(row: Row, asked: Asked, now: int) -> bool:
    if asked.verdict and verdict_of(row) != asked.verdict:
        return False
    if asked.silent:
        silent = silent_seconds(row, now)
        if silent is None or silent < asked.silent * MONTH:
            return False
    if asked.dealings and _dealings(row) is None:
        return False
    if asked.dealings and (asked.dealings == "never") is bool(_dealings(row)):
        return False
    if not asked.search:
        return True
    words = [row.handle, *((row.finding.display_name, *row.finding.talks_about) if row.finding else ())]
    return asked.search.casefold() in " ".join(words).casefold()


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _share(row: Row) -> float | None:
    finding = row.finding
    of = finding.replies + finding.broadcasts if finding else 0
    return finding.replies / of if finding and of else None


def _dealings(row: Row) -> int | None:
    between = row.finding.between if row.finding else None
    return None if between is None else between.total


_KEYS: dict[str, Callable[[Row], Any]] = {
    "score": lambda row: row.finding and row.finding.score,
    "last_post": lambda row: _seconds(row.finding.last_post) if row.finding and row.finding.last_post else None,
    "posts_per_week": lambda row: row.finding.posts_per_week if row.finding else None,
    "share": _share,
    "dealings": _dealings,
    "name": lambda row: row.handle.casefold(),
}

COLUMNS = (
    "account", "network", "address", "verdict", "score", "low", "high", "replies", "broadcasts", "last_post",
    "posts_per_week", "talks_about", "strangers_answered", "strangers", "followers",
    "my_replies", "my_reposts", "my_quotes", "my_likes", "their_replies", "their_reposts", "their_quotes", "their_likes",
    "shared_topics", "kept", "remark",
)  # fmt: skip


def as_file(rows: Iterable[Row], networks: Mapping[str, Place]) -> str:
    """The rows as CSV (RFC 4180) with a heading; an empty field is not known."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        found = row.finding
        place = networks.get(row.network)
        writer.writerow(
            _harmless(value)
            for value in (
                row.handle,
                row.network,
                place.profile_url(row.handle) if place else "",
                verdict_of(row),
                *((found.score, found.low, found.high, found.replies, found.broadcasts) if found else [None] * 5),
                found and found.last_post,
                found and found.posts_per_week,
                " ".join(found.talks_about) if found else "",
                *((found.answered, found.strangers) if found and found.strangers else (None, None)),
                found and found.followers,
                *_dealings_fields(found.between if found else None),
                "yes" if row.is_kept else "",
                row.detail or (found.sentence if found else ""),
            )
        )
    return file.getvalue()


def _dealings_fields(between: Between | None) -> list[Any]:
    if between is None:
        return [None] * 9
    counts = [getattr(side, kind) for side in (between.mine, between.theirs) for kind in DEEDS]
    return [*counts, " ".join(between.topics)]


DEEDS = {"replies": "reply", "reposts": "repost", "quotes": "quote", "likes": "like"}


def dealings_in_words(between: Between) -> str:
    """What the two did, whoever did it: ``9 replies, 1 like``; empty for nothing."""
    totals = {kind: getattr(between.mine, kind) + getattr(between.theirs, kind) for kind in DEEDS}
    return ", ".join(counted(number, DEEDS[kind], kind) for kind, number in totals.items() if number)


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as a text (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def ago(row: Row, now: int) -> str:
    """How long ago it posted last, roughly: ``today``, ``9 days``, ``14 months``; empty when that is not known."""
    silent = silent_seconds(row, now)
    if silent is None:
        return ""
    days = int(max(0.0, silent) // 86400)
    if days < 1:
        return "today"
    if days < 60:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{round(silent / MONTH)} months"

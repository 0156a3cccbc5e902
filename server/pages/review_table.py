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
from server.review import Between, Finding, Row
from server.scoring.verdict import VerdictId
from server.signals.proportion import counted

PAGE = 75
"""Rows on one page, which stays below 100 kB."""
SILENT_MONTHS = (3, 6, 12)
MONTH = 30.44 * 86400
ORDERS = {
    "listed": "as listed",
    "-score": "score, highest first",
    "score": "score, lowest first",
    "last_post": "silent longest first",
    "-last_post": "posted last first",
    "-posts_per_week": "posts most first",
    "posts_per_week": "posts least first",
    "share": "fewest replies first",
    "-share": "most replies first",
    "-answers": "answers strangers most first",
    "answers": "answers strangers least first",
    "-dealings": "most dealings first",
    "dealings": "fewest dealings first",
    "verdict": "verdict",
    "-verdict": "verdict, the other way round",
    "name": "name",
    "-name": "name, from the end",
}
"""What a person may sort by."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column. ``order``: what it sorts by when it is clicked first, the other way round after that; empty for nothing."""

    title: str
    order: str = ""
    is_number: bool = False

    @property
    def key(self) -> str:
        """The order without its direction."""
        return self.order.removeprefix("-")

    def next(self, order: str) -> str:
        """What a click sorts by while the table is in this order."""
        return (self.key if order.startswith("-") else f"-{self.key}") if order == self.order else self.order

    def sorted(self, order: str) -> str:
        """How the table is sorted by this column, in the words of aria-sort; empty when it is not."""
        if not self.order or order.removeprefix("-") != self.key:
            return ""
        return "descending" if order.startswith("-") else "ascending"


HEADINGS = (
    Heading("Account", "name"),
    Heading("Verdict", "verdict"),
    Heading("Score", "-score", is_number=True),
    Heading("Replies : broadcasts", "-share", is_number=True),
    Heading("Last post", "last_post"),
    Heading("Posts a week", "-posts_per_week", is_number=True),
    Heading("Talks about"),
    Heading("Answers strangers", "-answers"),
)
DEALINGS_HEADING = Heading("You two", "-dealings")


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

    def offered(name: str) -> str:
        value = arguments.get(name, "")
        return value if value in OFFERED[name] else ""

    page = arguments.get("page", "")
    return Asked(
        search=arguments.get("search", "").strip()[:100],
        verdict=offered("verdict"),
        silent=int(offered("silent") or 0),
        dealings=offered("dealings"),
        order=offered("order") or "listed",
        kept=arguments.get("kept") == "1",
        page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
    )


DEALINGS = {"never": "none seen", "some": "some"}
OTHER_STATES = {
    "moved": "Moved",
    "unknown": "Gone",
    "refused": "Not scored",
    "unavailable": "Could not be asked",
    "not_kept": "Asks not to be kept",
    "waiting": "Not looked at yet",
}
"""What stands in the place of a verdict for accounts that have none, or have moved and are no longer posted from."""
VERDICT_TITLES = {verdict.value: verdict.label for verdict in VerdictId} | OTHER_STATES
"""Both, in the order in which they are sorted."""
OFFERED: dict[str, list[str]] = {
    "verdict": list(VERDICT_TITLES),
    "silent": [str(months) for months in SILENT_MONTHS],
    "dealings": list(DEALINGS),
    "order": list(ORDERS),
}
"""What an address may ask for, by name."""
_RANKS = {verdict: rank for rank, verdict in enumerate(VERDICT_TITLES)}


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
    """The verdict of a row, or the state of one that has none or has moved."""
    if row.finding and row.finding.moved_to:
        return "moved"
    return row.finding.verdict if row.finding else row.state


def page_numbers(page: int, pages: int) -> list[int]:
    """The pages that are offered beside this one: the first, the last and its neighbours; 0 stands for those left out in between."""
    near = [number for number in range(1, pages + 1) if number in (1, pages) or abs(number - page) <= 2]
    offered: list[int] = []
    for number in near:
        if offered and number - offered[-1] > 1:
            offered.append(0)
        offered.append(number)
    return offered


def last_post(row: Row) -> float | None:
    """When it posted last, in seconds since 1970; None when that is not known."""
    return _seconds(row.finding.last_post) if row.finding and row.finding.last_post else None


def share(row: Row) -> float | None:
    """The share of replies in what it posts; None when nothing was seen."""
    finding = row.finding
    of = finding.replies + finding.broadcasts if finding else 0
    return finding.replies / of if finding and of else None


def answers(row: Row) -> float | None:
    """The share of strangers it answered; None when none was seen to write to it."""
    finding = row.finding
    return finding.answered / finding.strangers if finding and finding.strangers else None


def dealings(row: Row) -> int | None:
    """All that the two of them did to one another; None when that is not known."""
    between = row.finding.between if row.finding else None
    return None if between is None else between.total


def _matches(row: Row, asked: Asked, now: int) -> bool:
    if asked.verdict and verdict_of(row) != asked.verdict:
        return False
    if asked.silent:
        posted = last_post(row)
        if posted is None or now - posted < asked.silent * MONTH:
            return False
    if asked.dealings:
        number = dealings(row)
        if number is None or (asked.dealings == "never") is bool(number):
            return False
    if not asked.search:
        return True
    words = [row.handle, *((row.finding.display_name, *row.finding.talks_about) if row.finding else ()), row.note]
    return _folded(asked.search) in _folded(" ".join(words))


def _folded(text: str) -> str:
    # Capitals: browsers and Python make the same ones, whatever letters stand beside; of small letters and casefold that is not so.
    return text.upper()


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


_KEYS: dict[str, Callable[[Row], Any]] = {
    "score": lambda row: row.finding and row.finding.score,
    "last_post": last_post,
    "posts_per_week": lambda row: row.finding.posts_per_week if row.finding else None,
    "share": share,
    "answers": answers,
    "dealings": dealings,
    "verdict": lambda row: _RANKS.get(verdict_of(row)),
    # By units of UTF-16, as browsers compare texts.
    "name": lambda row: _folded(row.handle).encode("utf-16-be", "surrogatepass"),
}

COLUMNS = (
    "account", "network", "address", "verdict", "score", "low", "high", "replies", "broadcasts", "last_post",
    "posts_per_week", "talks_about", "strangers_answered", "strangers", "followers",
    "my_replies", "my_reposts", "my_quotes", "my_likes", "their_replies", "their_reposts", "their_quotes", "their_likes",
    "shared_topics", "kept", "note", "remark", "list",
)  # fmt: skip


def as_file(rows: Iterable[Row], networks: Mapping[str, Place], title: str) -> str:
    """The rows as CSV (RFC 4180) with a heading; an empty field is not known. ``title``: what they are a list of."""
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
                ", ".join(found.talks_about) if found else "",
                *((found.answered, found.strangers) if found and found.strangers else (None, None)),
                found and found.followers,
                *_dealings_fields(found.between if found else None),
                "yes" if row.is_kept else "",
                row.note,
                row.detail or (_remark(found) if found else ""),
                title,
            )
        )
    return file.getvalue()


def _remark(found: Finding) -> str:
    return f"Moved to {found.moved_to}. {found.sentence}" if found.moved_to else found.sentence


def _dealings_fields(between: Between | None) -> list[Any]:
    if between is None:
        return [None] * 9
    counts = [getattr(side, kind) for side in (between.mine, between.theirs) for kind in DEEDS]
    return [*counts, ", ".join(between.topics)]


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
    posted = last_post(row)
    if posted is None:
        return ""
    silent = max(0.0, now - posted)
    days = int(silent // 86400)
    if days < 1:
        return "today"
    if days < 60:
        return f"{days} day{'' if days == 1 else 's'}"
    return f"{round(silent / MONTH)} months"

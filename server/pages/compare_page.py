"""The page that shows accounts side by side."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from server.comparison import FEWEST, MOST, in_words, obstacle, shared_topics
from server.errors import BadHandle, UnknownNetwork
from server.lookup import Answer
from server.pages.answered import HEADLINES
from server.pages.entry import Entry, read_entry
from server.pages.rendering import page, service
from server.scoring.formula import current_formula
from server.signals.signal import Pillar


@dataclass(frozen=True, slots=True)
class Column:
    """One account that was asked for: as typed, what is wrong with that (empty: nothing), and what is known of it."""

    entry: str
    network: str
    error: str = ""
    meant: Entry | None = None
    answer: Answer | None = None

    @property
    def report(self) -> dict[str, Any] | None:
        """Its report, if there is one to compare."""
        return self.answer.report if self.answer else None


def add_compare_page(pages: Blueprint) -> None:
    """Register it with the other pages."""
    pages.add_url_rule("/compare", "compare", show)


def show() -> Response:
    """Two to five accounts side by side; a bad entry is marked, and the others are kept."""
    columns = _columns()
    reports = [column.report for column in columns if column.report]
    waits = [c.answer.ask_again_after for c in columns if c.answer and (c.answer.state == "pending" or _refreshes(c))]
    wrong = any(column.error for column in columns)
    return page(
        "compare.html",
        HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        columns=columns,
        fields=columns + [Column("", "")] * max(FEWEST - len(columns), min(1, MOST - len(columns))),
        reports=reports,
        words=in_words(reports, current_formula().agreement) if len(reports) >= FEWEST else [],
        shared=shared_topics(reports),
        comparable=not obstacle(reports),
        headlines=HEADLINES | {"pending": "Its public posts are being read"},
        places=service().lookup.networks,
        pillars=list(Pillar),
        wait=max(1, min(waits)) if waits else None,
        most=MOST,
    )


def _refreshes(column: Column) -> bool:
    return bool(column.report and column.report["refreshing"])


def _columns() -> list[Column]:
    texts, networks = request.args.getlist("account"), request.args.getlist("network")
    networks += [""] * (len(texts) - len(networks))
    asked = [(text.strip(), network) for text, network in zip(texts, networks, strict=False) if text.strip()][:MOST]
    columns: list[Column] = []
    for text, network in asked:
        column = _column(text, network)
        if column.meant is None or column.meant not in [other.meant for other in columns]:
            columns.append(column)
    return columns


def _column(text: str, network: str) -> Column:
    lookup = service().lookup
    try:
        entry = read_entry(text, network, lookup.networks)
    except (BadHandle, UnknownNetwork) as error:
        return Column(text, network, error=str(error))
    return Column(text, network, meant=entry, answer=lookup.report(entry.network, entry.handle, study=True))

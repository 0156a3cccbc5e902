"""The rows of a review as they are told: to the template, which writes a page of them, and to the page's script, which sorts all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from server.pages import review_table
from server.pages.entry import Place
from server.review import Row
from server.signals.proportion import amount


class ToldRow(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One account: what stands in its row, and what it is sorted by.

    ``profile``: the address of its profile. ``place``: the title of its network, in a list of several. ``verdict``: or the state of an
    account that has none, and why in ``remark``. ``moved_to``: the handle of the account that it says it has moved to. ``last_post``:
    seconds since 1970; ``share``: of replies in what it posts; ``answers``: the share of strangers it answered; ``dealings``: how much the
    two of them had to do with one another. What is not known is None, or left out. Names that end in ``_told`` are the same in words.
    """

    position: int
    network: str
    handle: str
    profile: str = ""
    place: str = ""
    verdict: str
    remark: str = ""
    is_found: bool = False
    is_kept: bool = False
    note: str = ""
    takes_note: bool = True
    display_name: str = ""
    moved_to: str = ""
    score: int | None = None
    low: int | None = None
    high: int | None = None
    ratio: str = ""
    share: float | None = None
    last_post: float | None = None
    last_post_told: str = ""
    posts_per_week: float | None = None
    posts_per_week_told: str = ""
    talks_about: list[str] = msgspec.field(default_factory=list)
    answers: float | None = None
    answered: int = 0
    strangers: int = 0
    dealings: int | None = None
    dealings_told: str = ""
    mine: int = 0
    theirs: int = 0
    topics: list[str] = msgspec.field(default_factory=list)


def told(rows: Iterable[Row], places: Mapping[str, Place], now: int, one_network: bool) -> list[ToldRow]:
    """These rows as they are told. ``one_network``: all are of the same, so that it need not be named."""
    return [_told(row, places.get(row.network), now, one_network) for row in rows]


def _told(row: Row, place: Place | None, now: int, one_network: bool) -> ToldRow:
    found = row.finding
    told = ToldRow(
        position=row.position,
        network=row.network,
        handle=row.handle,
        profile=place.profile_url(row.handle) if place else "",
        place=place.title if place and not one_network else "",
        verdict=review_table.verdict_of(row),
        remark=row.detail,
        is_found=found is not None,
        is_kept=row.is_kept,
        note=row.note,
        takes_note=row.takes_note,
    )
    if found is not None:
        told.display_name, told.moved_to = found.display_name, found.moved_to
        told.score, told.low, told.high = found.score, found.low, found.high
        told.ratio, told.share = found.ratio, review_table.share(row)
        told.last_post, told.last_post_told = review_table.last_post(row), review_table.ago(row, now)
        told.posts_per_week = found.posts_per_week
        told.posts_per_week_told = amount(found.posts_per_week) if found.posts_per_week is not None else ""
        told.talks_about = found.talks_about
        told.answers, told.answered, told.strangers = review_table.answers(row), found.answered, found.strangers
        told.dealings = review_table.dealings(row)
        if found.between is not None:
            told.dealings_told = review_table.dealings_in_words(found.between)
            told.mine, told.theirs = found.between.mine.total, found.between.theirs.total
            told.topics = found.between.topics
    return told

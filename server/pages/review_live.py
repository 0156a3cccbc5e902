"""What an open page of a review asks for: the rows that its script sorts and filters, and what has changed since."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, request

from server.pages import review_progress
from server.pages.rendering import service
from server.pages.review_pages import found, is_of_one_network
from server.pages.review_rows import ToldRow, told
from server.store.reviews import Review


class Live(msgspec.Struct):
    """The answer of ``/review/<key>/rows.json?since=<revision>``, and each message of ``/review/<key>/events`` (see ``review_events``).

    ``revision``: what to ask for ``since`` the next time; ``rows``: those that changed after the one asked for, or all, in the order of the
    list, each a ``ToldRow`` without what is as usual. ``now``: seconds since 1970, against which silence is measured. ``state``: that of the
    review; ``progress``: where it stands, in words; ``done`` and ``total``: accounts; ``is_listing``: more of them are still being listed.
    """

    revision: int
    now: int
    state: str
    progress: str
    done: int
    total: int
    is_listing: bool
    rows: list[ToldRow]


def add_live_review(pages: Blueprint) -> None:
    """Register it with the other pages."""
    pages.add_url_rule("/review/<key>/rows.json", "review_rows", rows)


def rows(key: str) -> Response:
    """The rows as JSON (see ``Live``)."""
    review = found(key)
    response = make_response(msgspec.json.encode(live(service(), review, revision_of(request.args.get("since", "")))))
    response.headers["Content-Type"] = "application/json"
    return response


def revision_of(text: str) -> int:
    """The revision that a page has; one that is none asks for all rows."""
    return int(text) if text.isdecimal() and len(text) < 16 else -1


def live(known: Any, review: Review, since: int) -> Live:
    """What is told of a review to a page that has it as of revision ``since``. ``known``: the service of the application.

    The review, with its revision, was read before the rows are: what is written in between is sent again the next time, never missed.
    """
    reviews, lookup = known.reviews, known.lookup
    now, progress = lookup.now(), reviews.progress(review)
    remaining = reviews.remaining_seconds(review, progress.waiting)
    return Live(
        review.revision,
        now,
        review.state,
        review_progress.in_words(review, progress, remaining, reviews.waits_for(review)),
        progress.done,
        progress.done + progress.waiting,
        review.cursor is not None,
        told(reviews.rows(review, since), lookup.networks, now, one_network=is_of_one_network(review)),
    )

"""Pages of the follow review: beginning one, its progress and table, its file."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.errors import BadHandle, UnknownNetwork
from server.networks.network import ListingNetwork
from server.pages import review_table
from server.pages.entry import read_entry
from server.pages.name_list import read_names
from server.pages.rendering import page, service
from server.pages.same_origin import from_another_site
from server.report import moment
from server.review import KEPT_DAYS, MOST_ACCOUNTS, CannotReview, Reviews
from server.scoring.verdict import VerdictId
from server.store.reviews import Progress, Review

LOOK_AGAIN_SECONDS = 3


def add_review_pages(pages: Blueprint) -> None:
    """Register them with the other pages."""
    pages.add_app_template_global(review_table.ago, "last_post_ago")
    pages.add_app_template_global(review_table.verdict_of, "verdict_of")
    pages.add_app_template_global(review_table.dealings_in_words, "dealings_in_words")
    pages.add_url_rule("/review", "review_start", start)
    pages.add_url_rule("/review", "review_begin", begin, methods=["POST"])
    pages.add_url_rule("/review/<key>", "review", show)
    pages.add_url_rule("/review/<key>.csv", "review_file", download)
    pages.add_url_rule("/review/<key>/<any(stop, go_on, delete):what>", "review_change", change, methods=["POST"])
    pages.add_url_rule("/review/<key>/keep", "review_keep", keep, methods=["POST"])


def _reviews() -> Reviews:
    reviews: Reviews = service().reviews
    return reviews


def start() -> Response:
    """The form with which a review begins."""
    return _form(HTTPStatus.OK, entry=request.args.get("account", ""), chosen=request.args.get("network", ""))


def _form(status: HTTPStatus, **values: Any) -> Response:
    listing = [place.title for place in service().lookup.networks.values() if isinstance(place, ListingNetwork)]
    return page("review_start.html", status, listing=listing, most=MOST_ACCOUNTS, kept_days=KEPT_DAYS, **values)


def begin() -> AnyResponse:
    """Begin a review of whom an account follows, or of a list; a bad entry shows the form again, kept, with what is wrong with it."""
    _only_from_here()
    account, network = request.form.get("account", "").strip(), request.form.get("network", "")
    listed, file = request.form.get("names", ""), request.files.get("file")
    try:
        key, passed_over = _begun(account, network, (file.read() if file else b"") or listed)
    except (BadHandle, UnknownNetwork, CannotReview) as error:
        wrong = {"error": str(error)} if account else {"list_error": str(error)}
        return _form(HTTPStatus.BAD_REQUEST, entry=account, chosen=network, listed=listed, **wrong)
    return redirect(url_for("pages.review", key=key, passed_over=passed_over or None), HTTPStatus.SEE_OTHER)


def _begun(account: str, network: str, names: bytes | str) -> tuple[str, int]:
    """The key of a new review, and how many lines of the list name no account."""
    networks = service().lookup.networks
    if account:
        entry = read_entry(account, network, networks)
        return _reviews().of_follows(entry.network, entry.handle), 0
    listed = read_names(names, network, networks)
    return _reviews().of_list(listed.names), len(listed.not_understood)


def show(key: str) -> Response:
    """How far a review is, and its table as it stands."""
    review = _found(key)
    asked, now, rows = review_table.read_asked(request.args), service().lookup.now(), _reviews().rows(review)
    progress = _reviews().progress(review)
    passed_over = request.args.get("passed_over", "")
    return page(
        "review.html",
        places=service().lookup.networks,
        kept_days=KEPT_DAYS,
        key=key,
        review=review,
        progress=progress,
        total=progress.done + progress.waiting,
        waits_for=_reviews().waits_for(review),
        remaining=_in_words(_reviews().remaining_seconds(review, progress.waiting)),
        not_listed=_not_listed(review, progress),
        asked=asked,
        shown=review_table.shown(rows, asked, now),
        now=now,
        orders=review_table.ORDERS,
        dealings=review_table.DEALINGS,
        knows_dealings=any(row.finding and row.finding.between for row in rows),
        silent_months=review_table.SILENT_MONTHS,
        verdict_titles={v.value: v.label for v in VerdictId} | review_table.OTHER_STATES,
        most=MOST_ACCOUNTS,
        passed_over=int(passed_over) if passed_over.isdecimal() and len(passed_over) < 8 else 0,
        look_again=LOOK_AGAIN_SECONDS if review.state == "running" else None,
        begun=moment(review.created_at),
    )


def download(key: str) -> Response:
    """The rows that are asked for as a file."""
    review = _found(key)
    rows = review_table.selected(_reviews().rows(review), review_table.read_asked(request.args), service().lookup.now())
    response = make_response(review_table.as_file(rows, service().lookup.networks))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="follow-review.csv"'
    return response


def change(key: str, what: str) -> AnyResponse:
    """Stop a review, go on with it, or delete it."""
    _only_from_here()
    review = _found(key)
    if what == "delete":
        _reviews().delete(review)
        return redirect(url_for("pages.review_start"), HTTPStatus.SEE_OTHER)
    if what == "stop":
        _reviews().cancel(review)
    else:
        _reviews().go_on(review)
    return redirect(url_for("pages.review", key=key), HTTPStatus.SEE_OTHER)


def keep(key: str) -> AnyResponse:
    """Put an account on the keep-list, or take it off; back to the table as it was."""
    _only_from_here()
    review = _found(key)
    position = request.form.get("position", "")
    if not position.isdecimal() or len(position) > 6:
        abort(HTTPStatus.BAD_REQUEST, "Which account is to be kept was not said.")
    _reviews().keep(review, int(position), request.form.get("keep") == "1")
    asked = review_table.read_asked(request.form).address_values()
    return redirect(url_for("pages.review", key=key, **asked, _anchor="table"), HTTPStatus.SEE_OTHER)


def _found(key: str) -> Review:
    review = _reviews().find(key)
    if review is None:
        abort(HTTPStatus.NOT_FOUND, "There is no review at this address; it may have been deleted.")
    return review


def _only_from_here() -> None:
    if from_another_site(request):
        abort(HTTPStatus.FORBIDDEN, "This form can only be sent from Rapport's own page.")


def _not_listed(review: Review, progress: Progress) -> int:
    """How many it follows that its network does not list; 0 while the list is not complete, or was cut off."""
    total = progress.done + progress.waiting
    if review.cursor is not None or review.count is None or total >= MOST_ACCOUNTS:
        return 0
    return max(0, review.count - total)


def _in_words(seconds: float | None) -> str:
    """A time that is left, roughly; empty when it cannot be told yet."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(minutes / 60)} hours"

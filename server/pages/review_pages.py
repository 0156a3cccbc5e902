"""Pages of the review of whom one follows, or may follow: beginning one, its progress and table, its file."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.errors import BadHandle, UnknownNetwork
from server.networks.network import ListingNetwork, PublishingNetwork
from server.pages import review_progress, review_table, review_title
from server.pages.entry import read_entry
from server.pages.name_list import read_names
from server.pages.rendering import page, service
from server.pages.review_rows import told
from server.pages.same_origin import only_from_here
from server.report import moment
from server.review import (
    KEPT_DAYS,
    LONGEST_NOTE,
    MOST_ACCOUNTS,
    MOST_FOLLOWERS,
    BadOwnAccount,
    CannotReview,
    Reviews,
)
from server.store.reviews import RUNNING, ListKind, Review

LOOK_AGAIN_SECONDS = 3


def add_review_pages(pages: Blueprint) -> None:
    """Register them with the other pages."""
    pages.add_url_rule("/review", "review_start", start)
    pages.add_url_rule("/review", "review_begin", begin, methods=["POST"])
    pages.add_url_rule("/review/<key>", "review", show)
    pages.add_url_rule("/review/<key>.csv", "review_file", download)
    pages.add_url_rule("/review/<key>/<any(stop, go_on, delete):what>", "review_change", change, methods=["POST"])
    pages.add_url_rule("/review/<key>/keep", "review_keep", keep, methods=["POST"])


def reviews() -> Reviews:
    """The reviews of the application that is answering."""
    known: Reviews = service().reviews
    return known


def start() -> Response:
    """The form with which a review begins."""
    wanted = {"follows": request.args.get("account", ""), "network": request.args.get("network", "")}
    return _form(HTTPStatus.OK, wanted)


def _form(
    status: HTTPStatus, filled: dict[str, str], wrong: str = "", error: str = "", is_own_wrong: bool = False
) -> Response:
    """The forms. ``filled``: what stands in their fields, by name; ``wrong``: the form that the ``error`` belongs to, and in it, to
    the field of the own account when ``is_own_wrong``."""
    places = service().lookup.networks.values()
    return page(
        "review_start.html",
        status,
        filled=filled,
        wrong=wrong,
        error=error,
        is_own_wrong=is_own_wrong,
        listing=[place.title for place in places if isinstance(place, ListingNetwork)],
        publishing=[place.title for place in places if isinstance(place, PublishingNetwork)],
        most=MOST_ACCOUNTS,
        most_followers=MOST_FOLLOWERS,
        kept_days=KEPT_DAYS,
    )


def begin() -> AnyResponse:
    """Begin a review; a bad entry shows the form again, kept, with what is wrong with it."""
    only_from_here()
    filled = {
        name: request.form.get(name, "").strip() for name in ("account", "network", "of", "published", "own", "names")
    }
    file = request.files.get("file")
    form = _form_sent(filled)
    try:
        key, passed_over = _begun(form, filled, (file.read() if file else b"") or filled["names"])
    except (BadHandle, UnknownNetwork, CannotReview) as error:
        # Each field has a name of its own on the page that is shown again: of two forms with an account, one is right.
        filled[form] = filled["account"]
        return _form(HTTPStatus.BAD_REQUEST, filled, form, str(error), isinstance(error, BadOwnAccount))
    return redirect(url_for("pages.review", key=key, passed_over=passed_over or None), HTTPStatus.SEE_OTHER)


def _form_sent(filled: dict[str, str]) -> str:
    """Which of the forms was sent."""
    if filled["account"]:
        return "followers" if filled["of"] == "followers" else "follows"
    return "members" if filled["of"] == "members" else "list"


def _begun(form: str, filled: dict[str, str], names: bytes | str) -> tuple[str, int]:
    """The key of a new review, and how many lines of the list name no account."""
    networks, network = service().lookup.networks, filled["network"]
    if form == "members":
        return reviews().of_members(filled["published"], filled["own"]), 0
    if form in ("follows", "followers"):
        entry = read_entry(filled["account"], network, networks)
        start = reviews().of_followers if form == "followers" else reviews().of_follows
        return start(entry.network, entry.handle), 0
    listed = read_names(names, network, networks)
    try:
        own = read_entry(filled["own"], network, networks) if filled["own"] else None
    except BadHandle as error:
        raise BadOwnAccount(f"Your own account: {error}") from error
    mine = (own.network, own.handle) if own else None
    return reviews().of_list(listed.names, mine), len(listed.not_understood)


def show(key: str) -> Response:
    """How far a review is, and its table as it stands."""
    review, networks = found(key), service().lookup.networks
    asked, now, rows = review_table.read_asked(request.args), service().lookup.now(), reviews().rows(review)
    progress = reviews().progress(review)
    remaining, waits_for = reviews().remaining_seconds(review, progress.waiting), reviews().waits_for(review)
    shown, passed_over = review_table.shown(rows, asked, now), request.args.get("passed_over", "")
    is_running = review.state == RUNNING
    # While it runs, the column stands ready for those that come.
    knows_dealings = any(row.finding and row.finding.between for row in rows) or bool(is_running and review.handle)
    return page(
        "review.html",
        kept_days=KEPT_DAYS,
        key=key,
        review=review,
        progress=progress,
        told=review_progress.in_words(review, progress, remaining, waits_for),
        total=progress.done + progress.waiting,
        title=review_title.title(review),
        not_there=review_title.not_there(review, progress),
        asked=asked,
        shown=shown,
        rows=told(shown.rows, networks, now, one_network=is_of_one_network(review)),
        table=review_table,
        knows_dealings=knows_dealings,
        headings=review_table.HEADINGS + ((review_table.DEALINGS_HEADING,) if knows_dealings else ()),
        longest_note=LONGEST_NOTE,
        passed_over=int(passed_over) if passed_over.isdecimal() and len(passed_over) < 8 else 0,
        look_again=LOOK_AGAIN_SECONDS,
        begun=moment(review.created_at),
    )


def download(key: str) -> Response:
    """The rows that are asked for as a file."""
    review = found(key)
    rows = review_table.selected(reviews().rows(review), review_table.read_asked(request.args), service().lookup.now())
    response = make_response(review_table.as_file(rows, service().lookup.networks, review_title.title(review)))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{review_title.FILE_NAMES[review.kind]}"'
    return response


def change(key: str, what: str) -> AnyResponse:
    """Stop a review, go on with it, or delete it."""
    only_from_here()
    review = found(key)
    if what == "delete":
        reviews().delete(review)
        return redirect(url_for("pages.review_start"), HTTPStatus.SEE_OTHER)
    if what == "stop":
        reviews().cancel(review)
    else:
        reviews().go_on(review)
    return redirect(url_for("pages.review", key=key), HTTPStatus.SEE_OTHER)


def keep(key: str) -> AnyResponse:
    """Put an account on the keep-list, or take it off; back to the table as it was."""
    only_from_here()
    review = found(key)
    position = request.form.get("position", "")
    if not position.isdecimal() or len(position) > 6:
        abort(HTTPStatus.BAD_REQUEST, "Which account is to be kept was not said.")
    reviews().keep(review, int(position), request.form.get("keep") == "1")
    if is_from_script():
        return make_response("", HTTPStatus.NO_CONTENT)
    asked = review_table.read_asked(request.form).address_values()
    return redirect(url_for("pages.review", key=key, **asked, _anchor="table"), HTTPStatus.SEE_OTHER)


def found(key: str) -> Review:
    """The review at this key; a page that says so where there is none."""
    review = reviews().find(key)
    if review is None:
        abort(HTTPStatus.NOT_FOUND, "There is no review at this address; it may have been deleted.")
    return review


def is_of_one_network(review: Review) -> bool:
    """Whether all of its accounts are, so that the network need not be named beside each."""
    return review.kind != ListKind.NAMES


def is_from_script() -> bool:
    """Whether the page's script sent this, and has no use for another page."""
    return request.accept_mimetypes.best == "application/json"

"""The notes that a person writes to the accounts of a review."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.pages.rendering import page
from server.pages.review_pages import found, is_from_script, reviews
from server.pages.review_table import read_asked
from server.pages.same_origin import only_from_here
from server.review import KEPT_DAYS, LONGEST_NOTE, BadNote


def add_note_pages(pages: Blueprint) -> None:
    """Register them with the other pages."""
    pages.add_url_rule("/review/<key>/notes/<int:position>", "review_note", show)
    pages.add_url_rule("/review/<key>/notes/<int:position>", "review_write_note", write, methods=["POST"])


def show(key: str, position: int) -> AnyResponse:
    """The form for the note to one account; the page's script needs none."""
    return _form(key, position)


def write(key: str, position: int) -> AnyResponse:
    """Keep the note; back to its row in the table as it was. A note that cannot be kept shows the form again, with what is wrong."""
    only_from_here()
    review, note = found(key), request.form.get("note", "")
    try:
        reviews().write_note(review, position, note)
    except BadNote as error:
        if is_from_script():
            abort(HTTPStatus.BAD_REQUEST, str(error))
        return _form(key, position, HTTPStatus.BAD_REQUEST, note, str(error))
    if is_from_script():
        return make_response("", HTTPStatus.NO_CONTENT)
    asked = read_asked(request.form).address_values()
    return redirect(url_for("pages.review", key=key, **asked, _anchor=f"row-{position}"), HTTPStatus.SEE_OTHER)


def _form(
    key: str, position: int, status: HTTPStatus = HTTPStatus.OK, note: str | None = None, error: str = ""
) -> AnyResponse:
    review = found(key)
    row = reviews().row(review, position)
    if row is None:
        abort(HTTPStatus.NOT_FOUND, "There is no such account in this review.")
    return page(
        "review_note.html",
        status,
        key=key,
        row=row,
        note=row.note if note is None else note,
        error=error,
        asked=read_asked(request.values),
        longest=LONGEST_NOTE,
        kept_days=KEPT_DAYS,
    )

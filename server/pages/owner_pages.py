"""Pages for the owner of an account: proving it, the note, disputes, leaderboards, taking everything along, deleting everything."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.errors import BadHandle, UnknownNetwork
from server.networks.network import ProfiledNetwork
from server.ownership import CLAIM_DAYS, LONGEST_DISPUTE, LONGEST_NOTE, LONGEST_PLACE, CannotOwn, Ownership
from server.pages.entry import read_entry
from server.pages.rendering import page, service
from server.pages.same_origin import only_from_here
from server.report import moment
from server.store.owners import Owner


def add_owner_pages(pages: Blueprint) -> None:
    """Register them with the other pages."""
    pages.add_url_rule("/owner", "owner_start", start)
    pages.add_url_rule("/owner", "owner_claim", claim, methods=["POST"])
    pages.add_url_rule("/owner/<key>", "owner", show)
    pages.add_url_rule("/owner/<key>.json", "owner_export", export)
    for what, function in (
        ("prove", prove),
        ("choose", choose),
        ("dispute", dispute),
        ("withdraw", withdraw),
        ("leave", leave),
        ("delete", delete),
    ):
        pages.add_url_rule(f"/owner/<key>/{what}", f"owner_{what}", function, methods=["POST"])


def _ownership() -> Ownership:
    ownership: Ownership = service().ownership
    return ownership


def start() -> Response:
    """The form with which an owner begins."""
    return _form(HTTPStatus.OK, entry=request.args.get("account", ""), chosen=request.args.get("network", ""))


def _form(status: HTTPStatus, **values: Any) -> Response:
    shown = [place.title for place in service().lookup.networks.values() if isinstance(place, ProfiledNetwork)]
    return page("owner_start.html", status, profiled=shown, claim_days=CLAIM_DAYS, **values)


def claim() -> AnyResponse:
    """Begin to prove that an account is one's own; a bad entry shows the form again, kept, with what is wrong with it."""
    only_from_here()
    text, network = request.form.get("account", ""), request.form.get("network", "")
    try:
        entry = read_entry(text, network, service().lookup.networks)
        key = _ownership().claim(entry.network, entry.handle)
    except (BadHandle, UnknownNetwork, CannotOwn) as error:
        return _form(HTTPStatus.BAD_REQUEST, entry=text, chosen=network, error=str(error))
    return redirect(url_for("pages.owner", key=key), HTTPStatus.SEE_OTHER)


def show(key: str) -> Response:
    """The code to put into the profile, or, once it was seen there, what an owner can do."""
    return _page(key, _found(key), HTTPStatus.OK)


def _page(key: str, owner: Owner, status: HTTPStatus, **values: Any) -> Response:
    place = service().lookup.networks.get(owner.network)
    title = place.title if place else owner.network
    if owner.proven_at is None:
        return page("owner_proof.html", status, key=key, owner=owner, title=title, claim_days=CLAIM_DAYS, **values)
    report = service().lookup.kept_report(owner.network, owner.name)
    given = {"note": owner.note, "place": owner.place, "is_listed": owner.is_listed, "signal": "", "words": ""} | values
    return page(
        "owner.html",
        status,
        key=key,
        owner=owner,
        title=title,
        proved=moment(owner.proven_at),
        signals={s["id"]: s for s in report["signals"] if s["sentence"]} if report else {},
        disputes=_ownership().disputes(owner),
        longest_note=LONGEST_NOTE,
        longest_place=LONGEST_PLACE,
        longest_dispute=LONGEST_DISPUTE,
        **given,
    )


def prove(key: str) -> AnyResponse:
    """Look into the profile for the code."""
    only_from_here()
    owner = _found(key)
    try:
        _ownership().prove(owner)
    except CannotOwn as error:
        return _page(key, owner, HTTPStatus.BAD_REQUEST, error=str(error))
    return _back(key)


def choose(key: str) -> AnyResponse:
    """The note, and whether and where the account stands on leaderboards."""
    only_from_here()
    owner = _proven(key)
    note, place = request.form.get("note", ""), request.form.get("place", "")
    is_listed = request.form.get("listed") == "1"
    try:
        _ownership().choose(owner, note, is_listed, place)
    except CannotOwn as error:
        return _page(
            key,
            owner,
            HTTPStatus.BAD_REQUEST,
            choice_error=str(error),
            note=note,
            place=place,
            is_listed=is_listed,
        )
    return _back(key)


def dispute(key: str) -> AnyResponse:
    """Say that a finding is wrong; the account is read again."""
    only_from_here()
    owner = _proven(key)
    signal, words = request.form.get("signal", ""), request.form.get("words", "")
    try:
        _ownership().dispute(owner, signal, words)
    except CannotOwn as error:
        return _page(key, owner, HTTPStatus.BAD_REQUEST, dispute_error=str(error), signal=signal, words=words)
    return _back(key, "disputes")


def withdraw(key: str) -> AnyResponse:
    """Take a dispute back."""
    only_from_here()
    owner, number = _proven(key), request.form.get("dispute", "")
    if number.isdecimal() and len(number) < 12:
        _ownership().withdraw(owner, int(number))
    return _back(key, "disputes")


def export(key: str) -> Response:
    """Everything that is kept about the account, as a file."""
    response = make_response(json.dumps(_ownership().export(_proven(key)), ensure_ascii=False, indent=1))
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Disposition"] = 'attachment; filename="rapport-account.json"'
    return response


def leave(key: str) -> AnyResponse:
    """Delete the owner's page; the report stays."""
    only_from_here()
    _ownership().leave(_found(key))
    return redirect(url_for("pages.owner_start"), HTTPStatus.SEE_OTHER)


def delete(key: str) -> AnyResponse:
    """Delete everything about the account, for good if that is wished."""
    only_from_here()
    owner = _proven(key)
    for_good = request.form.get("for_good") == "1"
    _ownership().delete_all(owner, for_good)
    return page("owner_deleted.html", owner=owner, for_good=for_good)


def _found(key: str) -> Owner:
    owner = _ownership().find(key)
    if owner is None:
        abort(
            HTTPStatus.NOT_FOUND,
            "There is no owner's page at this address (any more). It is found again by proving the account once more.",
        )
    return owner


def _proven(key: str) -> Owner:
    owner = _found(key)
    if owner.proven_at is None:
        abort(HTTPStatus.FORBIDDEN, "That this account is yours is not proved yet.")
    return owner


def _back(key: str, anchor: str | None = None) -> AnyResponse:
    return redirect(url_for("pages.owner", key=key, _anchor=anchor), HTTPStatus.SEE_OTHER)

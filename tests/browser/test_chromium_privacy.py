"""What leaves the browser, and what only leaves it when the person says so, in Chromium."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import Call, FakeService
from tests.browser.sites import BLUESKY, SITES, Site, X

ALL_SITES = pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)


def told(calls: list[Call]) -> str:
    """Everything a service could read."""
    return json.dumps([[call.path, call.headers, call.body] for call in calls])


@ALL_SITES
def test_content_scripts_fetch_nothing(tab: Tab, console: Console, site: Site) -> None:
    hosts: set[str] = set()

    def note(request: Request) -> None:
        if not request.url.startswith("data:"):
            hosts.add(request.url.split("/")[2])

    tab.page.on("request", note)
    console.change(everyone=True)
    tab.page.goto(site.home())
    badge = tab.wait(tab.badges, lambda now: len(now) >= 4)[0]
    tab.page.mouse.move(badge["x"] + 9, badge["y"] + 9)
    tab.wait(lambda: tab.page.locator("rapport-card").count(), bool)
    tab.settle(300)
    assert hosts == {site.host}


def test_by_prefixes_no_name_is_sent_and_listed_accounts_have_their_badges(
    tab: Tab, console: Console, service: FakeService
) -> None:
    service.digits = 1
    service.listed = {"bluesky": [BLUESKY.handle("alice"), BLUESKY.handle("ben")]}
    console.change(lookups="prefixes", everyone=True)
    tab.page.goto(BLUESKY.home())
    tab.wait(
        lambda: {badge["account"] for badge in tab.badges()},
        lambda now: now == {BLUESKY.account("alice"), BLUESKY.account("ben")},
    )
    tab.page.goto(BLUESKY.profile("alice"))
    badge = tab.wait_badges(1, BLUESKY.header)[0]
    tab.page.mouse.move(badge["x"] + 9, badge["y"] + 9)
    tab.wait(lambda: tab.page.locator("rapport-card").count(), bool)
    tab.settle(400)
    assert {call.path.rsplit("/", 1)[0] for call in service.calls} == {"/api/v1", "/api/v1/range"}
    assert ".test" not in told(service.calls)


def test_an_account_that_the_service_does_not_tell_of_is_asked_about_only_on_a_click(
    tab: Tab, console: Console, service: FakeService
) -> None:
    console.change(lookups="prefixes", everyone=True)
    tab.page.goto(BLUESKY.home())
    tab.settle(800)
    assert tab.badges() == []
    tab.page.goto(BLUESKY.profile("alice"))
    badge = tab.wait_badges(1, BLUESKY.header)[0]
    assert badge["text"] == "not asked"
    assert "it then learns the name" in badge["label"]
    assert ".test" not in told(service.calls)
    tab.page.mouse.click(badge["x"] + 9, badge["y"] + 9)
    button = "root(document.querySelector('rapport-card'))?.querySelector('button.ask')"
    tab.wait(lambda: tab.inside(f"Boolean({button})"), bool)
    assert ".test" not in told(service.calls)
    tab.inside(f"{button}.click()")
    tab.wait(lambda: tab.badges(BLUESKY.header)[0]["text"], lambda text: text == "62 · 1 : 0.8")
    path = f"/api/v1/accounts/bluesky/{BLUESKY.handle('alice')}"
    assert {call.path for call in service.calls if "/accounts/" in call.path} - {f"{path}/history"} == {path}


def test_a_service_that_knows_no_look_ups_by_prefix_is_not_asked_again_and_again(
    tab: Tab, console: Console, service: FakeService
) -> None:
    service.fails_with = 404
    console.change(lookups="prefixes")
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(lambda: len(service.calls), bool)
    tab.settle(3_000)
    assert [call.path for call in service.calls] == ["/api/v1/range"]
    assert tab.badges() == []


def test_the_look_up_box_is_a_click_too(console: Console, service: FakeService) -> None:
    console.change(lookups="prefixes")
    popup = console.open("popup")
    popup.get_by_label("Account name").fill("alice.test")
    popup.get_by_role("button", name="Look up").click()
    expect(popup.locator("#found")).to_contain_text("62")
    assert service.asked() == ["alice.test"]
    popup.close()


def test_the_page_of_what_is_sent_lists_each_thing_and_forgets_on_request(console: Console, tab: Tab) -> None:
    tab.page.goto(X.profile("alice"))
    tab.wait_badges(1, X.header)
    page = console.open("sent")
    expect(page.locator("tbody tr")).to_have_count(6)
    assert page.locator("tbody td").evaluate_all("(cells) => cells.every((cell) => cell.textContent.trim().length > 3)")
    stored = "chrome.storage.local.get(null).then((all) => Object.keys(all).filter((key) => key.startsWith('answer:')))"
    assert page.evaluate(stored) == ["answer:x:alice_moreau"]
    page.get_by_role("button", name="Forget the answers").click()
    expect(page.get_by_role("status")).to_contain_text("Forgotten")
    assert page.evaluate(stored) == []
    page.close()

"""When a site changes: mended by data of the service, noticed where it is not, in Chromium."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import Call, FakeService
from tests.browser.sites import BLUESKY

RENAMED = """(() => { const rename = () => { for (const element of document.querySelectorAll('[data-testid="profileHeaderDisplayName"]'))
  element.setAttribute('data-testid', 'profileTitle'); };
  new MutationObserver(rename).observe(document, {childList: true, subtree: true}); })()"""


def correction(**changed: Any) -> dict[str, Any]:
    selectors = {"profile": '[data-testid="profileTitle"]'}
    return {"id": "bluesky", "revision": 1_000, "off": False, "why": "", "selectors": selectors, **changed}


def from_here(service: FakeService) -> list[Call]:
    """Without those of another browser that tests had open before."""
    return [call for call in service.site_calls if "Chrome" in call.headers["User-Agent"]]


def test_a_site_that_changed_is_mended_by_data_of_the_service_without_a_new_version(
    tab: Tab, service: FakeService
) -> None:
    service.sites = [correction()]
    tab.page.add_init_script(RENAMED)
    tab.page.goto(BLUESKY.profile("alice"))
    assert tab.wait_badges(1, BLUESKY.header, seconds=10)[0]["account"] == BLUESKY.account("alice")
    assert len(from_here(service)) == 1
    tab.page.goto(BLUESKY.profile("ben"))
    tab.wait_badges(1, BLUESKY.header)
    tab.settle(3_500)
    assert len(from_here(service)) == 1, "what is younger than six hours is not asked for again"


def test_data_that_are_older_or_no_selectors_change_nothing(tab: Tab, console: Console) -> None:
    old = correction(revision=0)
    odd = correction(selectors={"profile": "((", "feedPost": "", "unheardOf": "a"})
    for site in (old, odd):
        console.store({"siteData": {"at": console.page.evaluate("Date.now()"), "sites": [site]}})
        tab.page.goto(BLUESKY.profile("alice"))
        tab.wait_badges(1, BLUESKY.header)
    assert tab.problems == []


def test_a_site_is_left_alone_while_the_service_says_so_and_the_popup_tells_why(
    tab: Tab, console: Console, service: FakeService
) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    service.sites = [correction(off=True, why="Names are being mixed up; a correction is on its way.")]
    console.store({"siteData": {"at": 0, "sites": []}})
    console.stop_worker()
    tab.page.reload()
    tab.wait(lambda: len(service.site_calls), bool)
    tab.wait(lambda: tab.page.locator("rapport-badge").count(), lambda count: count == 0)
    popup = console.open("popup", tab.page)
    expect(popup.get_by_role("alert")).to_contain_text("Names are being mixed up")
    popup.close()


def test_the_popup_says_which_site_seems_to_have_changed(tab: Tab, console: Console, service: FakeService) -> None:
    console.store({"surfacesMissed": {"bluesky profile": 2}})
    tab.page.add_init_script(RENAMED)
    tab.page.goto(BLUESKY.profile("alice"))
    popup = console.open("popup")
    expect(popup.locator("#changes")).to_be_hidden()
    popup.close()
    tab.page.bring_to_front()
    read = "chrome.storage.local.get('surfacesMissed').then((s) => s.surfacesMissed)"
    tab.wait(lambda: console.page.evaluate(read), lambda now: now == {"bluesky profile": 3}, 15)
    popup = console.open("popup")
    expect(popup.locator("#changes")).to_contain_text("Bluesky: some of its pages seem to have changed.")
    popup.close()
    assert {call.path for call in service.calls} <= {"/api/v1/badges", "/readyz"}, "nothing is sent about it"

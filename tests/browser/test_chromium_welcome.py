"""The first minutes: nothing is enabled by installing, and the person chooses where badges appear, in Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.conftest import ROOT, WATCH_PAGE, Console, Tab, id_of_extension, launch
from tests.browser.fake_service import FakeService
from tests.browser.replicas import Replicas
from tests.browser.sites import BLUESKY


@pytest.fixture
def installed(
    playwright_: Playwright, replicas: Replicas, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A Chromium with the extension exactly as it is built, just installed."""
    extension: Path = tmp_path_factory.mktemp("build") / "chrome"
    shutil.copytree(ROOT / "extension" / "dist" / "chrome", extension)
    context = launch(playwright_, extension, tmp_path_factory.mktemp("profile"), replicas)
    context.add_init_script(WATCH_PAGE)
    yield context
    context.close()


def welcome_of(context: BrowserContext) -> Page:
    for _ in range(50):
        found = [page for page in context.pages if page.url.endswith("/welcome.html")]
        if found:
            return found[0]
        context.pages[0].wait_for_timeout(100)
    raise AssertionError("no page of welcome opened")


def test_installing_enables_nothing_and_opens_a_page_on_which_to_choose(
    installed: BrowserContext, service: FakeService
) -> None:
    console = Console(installed, id_of_extension(installed))
    welcome = welcome_of(installed)
    expect(welcome.get_by_text("Nothing has been enabled yet")).to_be_visible()
    for name in ("Bluesky (bsky.app)", "Mastodon (mastodon.social)"):
        expect(welcome.get_by_label(name)).to_be_checked()
    console.reset(service)
    tab = Tab(installed, console.identifier)
    tab.page.goto(BLUESKY.profile("alice"))
    tab.settle(600)
    assert not tab.has_content_script()
    assert service.calls == []
    options = console.open("options")
    expect(options.get_by_label("Bluesky (bsky.app)")).not_to_be_checked()
    assert console.page.evaluate("chrome.scripting.getRegisteredContentScripts()") == []


def test_a_site_switched_off_in_the_options_is_not_read_any_more(
    tab: Tab, console: Console, service: FakeService
) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    options = console.open("options")
    expect(options.get_by_role("status")).to_contain_text("The service answers")  # its own question has been answered
    box = options.get_by_label("Bluesky (bsky.app)")
    expect(box).to_be_checked()
    box.uncheck()
    tab.page.bring_to_front()
    tab.wait(lambda: tab.page.locator("rapport-badge").count(), lambda count: count == 0)
    service.calls.clear()
    tab.page.goto(BLUESKY.profile("ben"))
    tab.settle(500)
    registered = console.page.evaluate("chrome.scripting.getRegisteredContentScripts()")
    assert "https://bsky.app/*" not in [match for script in registered for match in script["matches"]]
    assert tab.badges() == []
    assert service.calls == []
    options.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("page", ["welcome", "sent", "options"])
def test_the_pages_fit_into_any_window(console: Console, page: str, width: int) -> None:
    opened = console.open(page)
    opened.set_viewport_size({"width": width, "height": 700})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()

"""Popup, options, and enabling another Mastodon server, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from tests.browser.conftest import WATCH_PAGE, Console, Tab, built, id_of_extension, launch
from tests.browser.fake_service import FakeService
from tests.browser.replicas import Replicas
from tests.browser.sites import BLUESKY, MASTODON, SITES, Site, X

ALL_SITES = pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)


@ALL_SITES
def test_the_popup_shows_this_pages_account(tab: Tab, console: Console, service: FakeService, site: Site) -> None:
    tab.page.goto(site.profile("alice"))
    tab.wait_badges(1, site.header)
    popup = console.open("popup", tab.page)
    account = popup.locator("#account")
    expect(account).to_contain_text("62")
    expect(account).to_contain_text("In conversation")
    link = account.get_by_role("link").get_attribute("href")
    assert link is not None
    assert link.replace("%40", "@") == f"{service.address}/accounts/{site.network}/{site.handle('alice')}"
    popup.close()


def test_the_popup_says_when_a_page_has_no_profile(tab: Tab, console: Console) -> None:
    tab.page.goto(BLUESKY.home())
    popup = console.open("popup", tab.page)
    expect(popup.locator("#account")).to_contain_text("No profile on this page")
    popup.close()


def test_whom_somebody_follows_on_x_can_be_taken_along_as_far_as_it_was_on_screen(
    tab: Tab, console: Console, service: FakeService
) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.goto("https://x.com/reader_here/following")
    tab.page.locator('[data-testid="UserCell"]').first.wait_for()
    tab.settle(400)
    people = [
        name.removeprefix("UserAvatar-Container-").lower()
        for name in tab.page.locator('[data-testid="UserCell"] [data-testid^="UserAvatar"]').evaluate_all(
            "avatars => avatars.map((avatar) => avatar.dataset.testid)"
        )
    ]
    popup = console.open("popup", tab.page)
    expect(popup.locator("#listed-words")).to_contain_text(f"{len(people)} accounts of this list")
    link = popup.get_by_role("link", name="Follow review").get_attribute("href")
    assert link == f"{service.address}/review#of-list"
    popup.get_by_role("button", name="Copy their names").click()
    expect(popup.locator("#copied")).to_contain_text("Copied")
    assert popup.evaluate("navigator.clipboard.readText()").split("\n") == [
        f"https://x.com/{handle}" for handle in people
    ]
    popup.close()
    # Nothing of it stays when the page is another one, though the people are still shown.
    tab.page.goto("https://x.com/home")
    tab.page.locator('[data-testid="User-Name"]').first.wait_for()
    popup = console.open("popup", tab.page)
    expect(popup.locator("#status")).not_to_be_empty()
    expect(popup.locator("#listed")).to_be_hidden()
    popup.close()


@pytest.mark.parametrize(
    ("network", "typed", "answer"),
    [
        ("bluesky", "@Alice.Test", "62"),
        ("bluesky", "https://bsky.app/profile/ben.test", "48"),
        ("mastodon", "@gazette@news.example", "71"),
        ("x", "https://x.com/Deals_247/status/1", "33"),
        ("x", "quinn_iversen", "Too little to tell"),
        ("bluesky", "uma.test", "No such account"),
        ("bluesky", "ravi.test", "asked not to be scored"),
        ("bluesky", "not a name", "no account name"),
    ],
)
def test_the_look_up_box_takes_what_people_type(console: Console, network: str, typed: str, answer: str) -> None:
    popup = console.open("popup")
    popup.get_by_label("Network").select_option(network)
    popup.get_by_label("Account name").fill(typed)
    popup.get_by_role("button", name="Look up").click()
    expect(popup.locator("#found")).to_contain_text(answer)
    popup.close()


def test_the_look_up_box_follows_an_account_that_is_being_gathered(console: Console, service: FakeService) -> None:
    service.pending_left["alice.test"] = 1
    popup = console.open("popup")
    popup.get_by_label("Account name").fill("alice.test")
    popup.get_by_role("button", name="Look up").click()
    expect(popup.locator("#found")).to_contain_text("Being gathered")
    expect(popup.locator("#found")).to_contain_text("62")
    popup.close()


@pytest.mark.parametrize(
    ("status", "words"), [(None, "answers"), (401, "token"), (500, "fault"), (0, "does not answer")]
)
def test_the_popup_says_how_the_service_is(
    console: Console, service: FakeService, status: int | None, words: str
) -> None:
    if status == 0:
        service.stop()
    else:
        service.fails_with = status
    popup = console.open("popup")
    expect(popup.get_by_role("status")).to_contain_text(words)
    popup.close()


def test_looking_up_everyone_is_switched_on_in_the_popup_and_works_at_once(tab: Tab, console: Console) -> None:
    tab.page.goto(BLUESKY.home())
    tab.settle(300)
    assert tab.badges() == []
    popup = console.open("popup", tab.page)
    switch = popup.get_by_label("Look up everyone on screen")
    assert not switch.is_checked()
    switch.check()
    tab.page.bring_to_front()
    tab.wait(tab.badges, lambda now: len(now) >= 4)
    switch.uncheck()
    expect(switch).not_to_be_checked()
    popup.close()


def test_a_site_switched_off_is_left_alone_at_once(tab: Tab, console: Console, service: FakeService) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    popup = console.open("popup", tab.page)
    popup.get_by_label("Show badges on").uncheck()
    tab.page.bring_to_front()
    tab.wait(lambda: tab.page.locator("rapport-badge").count(), lambda count: count == 0)
    asked = len(service.badge_calls)
    tab.page.goto(BLUESKY.profile("ben"))
    tab.settle(400)
    assert tab.badges() == []
    assert len(service.badge_calls) == asked
    popup.get_by_label("Show badges on").check()
    tab.page.bring_to_front()
    tab.wait_badges(1, BLUESKY.header)
    popup.close()


def test_the_options_save_address_and_token(console: Console, service: FakeService) -> None:
    service.token = "seven-plums"
    console.change(service="http://127.0.0.1:1")
    options = console.open("options")
    expect(options.get_by_role("status")).to_contain_text("does not answer")
    options.get_by_label("Address").fill(service.address + "/")
    options.get_by_label("Token").fill("seven-plums")
    options.get_by_role("button", name="Save").click()
    expect(options.get_by_role("status")).to_contain_text("The service answers")
    stored = console.settings()
    assert (stored["service"], stored["token"]) == (service.address, "seven-plums")
    options.close()


@pytest.mark.parametrize("address", ["http://192.0.2.7:8765", "http://rapport.example", "ftp://127.0.0.1/"])
def test_an_address_that_would_send_names_in_the_open_is_not_taken(
    console: Console, service: FakeService, address: str
) -> None:
    options = console.open("options")
    options.get_by_label("Address").fill(address)
    options.get_by_role("button", name="Save").click()
    expect(options.get_by_role("status")).to_contain_text("no address")
    assert console.settings()["service"] == service.address
    options.close()


def test_a_slow_service_does_not_talk_over_what_was_said_of_an_address(console: Console, service: FakeService) -> None:
    service.delay = 1.0
    options = console.open("options")
    options.get_by_label("Address").fill("ftp://127.0.0.1/")
    options.get_by_role("button", name="Save").click()
    expect(options.get_by_role("status")).to_contain_text("no address")
    options.wait_for_timeout(1500)
    expect(options.get_by_role("status")).to_contain_text("no address")
    options.close()


def test_the_options_list_the_sites_and_their_switches_hold(console: Console) -> None:
    options = console.open("options")
    options.get_by_label("mastodon.social").uncheck()
    options.wait_for_timeout(200)
    assert console.settings()["sitesOff"] == ["mastodon.social"]
    options.reload()
    expect(options.get_by_label("mastodon.social")).not_to_be_checked()
    expect(options.get_by_label("bsky.app")).to_be_checked()
    options.close()


@pytest.mark.parametrize("page", ["popup", "options", "welcome", "sent"])
@pytest.mark.parametrize(
    "look",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"contrast": "more"}, {"forced_colors": "active"}],
    ids=str,
)
def test_the_extensions_own_pages_are_accessible(
    console: Console, tab: Tab, axe: str, page: str, look: dict[str, Any]
) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    opened = console.open(page, tab.page)
    opened.emulate_media(**look)
    opened.wait_for_timeout(300)
    opened.evaluate(axe + ";1")
    found = opened.evaluate(
        "axe.run().then((r) => [...r.violations, ...r.incomplete].map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    )
    assert found == []
    opened.close()


@pytest.mark.parametrize("width", [320, 400])
def test_the_popup_fits_into_a_narrow_window(console: Console, width: int) -> None:
    popup = console.open("popup")
    popup.set_viewport_size({"width": width, "height": 600})
    popup.get_by_label("Account name").fill("not a name")
    popup.get_by_role("button", name="Look up").click()
    assert popup.evaluate("document.documentElement.scrollWidth") <= width
    popup.close()


# ---------------------------------------------------------------- another Mastodon server


@pytest.fixture(scope="module")
def allowed_elsewhere(
    playwright_: Playwright, replicas: Replicas, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A Chromium in which the browser's own question "may it read mastodon.example?" was answered with yes."""
    extension: Path = built("chrome", tmp_path_factory.mktemp("build") / "chrome", "https://mastodon.example/*")
    context = launch(playwright_, extension, tmp_path_factory.mktemp("profile"), replicas)
    context.add_init_script(WATCH_PAGE)
    yield context
    context.close()


def test_another_mastodon_server_is_enabled_and_removed_again(
    allowed_elsewhere: BrowserContext, service: FakeService
) -> None:
    console = Console(allowed_elsewhere, id_of_extension(allowed_elsewhere))
    console.reset(service)
    tab = Tab(allowed_elsewhere, console.identifier)
    address = "https://mastodon.example/@ben@social.example"
    tab.page.goto(address)
    tab.settle(300)
    assert not tab.has_content_script()

    popup = console.open("popup", tab.page)
    popup.get_by_role("button", name="Enable on this site").click()
    tab.page.bring_to_front()
    assert tab.wait_badges(1, MASTODON.header)[0]["account"] == "mastodon:ben@social.example"
    popup.close()
    assert console.settings()["instances"] == ["https://mastodon.example"]

    console.stop_worker()
    tab.page.goto("https://mastodon.example/@reader")
    # Its question must not be taken for the later page's.
    tab.wait(service.asked, lambda now: "reader@mastodon.example" in now)
    tab.page.goto(address)
    tab.wait_badges(1, MASTODON.header)
    service.calls.clear()
    tab.page.goto("https://mastodon.example/@member007")
    tab.settle(500)
    assert service.asked() == ["member007@mastodon.example"]

    options = console.open("options")
    expect(options.get_by_role("status")).to_contain_text("The service answers")  # its own question has been answered
    options.get_by_role("button", name="Remove mastodon.example").click()
    options.wait_for_timeout(400)
    options.close()
    service.calls.clear()
    tab.page.goto("https://mastodon.example/@member008")
    tab.settle(500)
    tab.page.goto(address)
    tab.settle(500)
    assert tab.page.locator("rapport-badge").count() == 0
    assert service.calls == []
    tab.page.close()


def test_no_question_is_asked_about_pages_of_sites_that_are_enabled_already(tab: Tab, console: Console) -> None:
    tab.page.goto(X.profile("alice"))
    tab.wait_badges(1, X.header)
    popup = console.open("popup", tab.page)
    expect(popup.get_by_label("Show badges on")).to_be_visible()
    expect(popup.get_by_role("button", name="Enable on this site")).to_be_hidden()
    popup.close()

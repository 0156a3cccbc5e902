"""The card that a badge opens, in Chromium."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import FakeService
from tests.browser.sites import BLUESKY, SITES, Site, X

ALL_SITES = pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)
CARD = "root(document.querySelector('rapport-card')).querySelector('.card')"
FOCUSED_BADGE = """(() => { const active = document.activeElement;
  return active?.localName === 'rapport-badge' && root(active).activeElement ? active.dataset.rapport : null; })()"""


def card_text(tab: Tab) -> str | None:
    """The words of the open card; None when none is open."""
    text = tab.inside(f"document.querySelector('rapport-card') ? {CARD}.innerText : null")
    return text and " ".join(text.split())


def card_box(tab: Tab) -> dict[str, float]:
    return tab.inside(
        f"(() => {{ const b = {CARD}.getBoundingClientRect(); return {{x: b.x, y: b.y, right: b.right, bottom: b.bottom}}; }})()"
    )


def open_profile(tab: Tab, site: Site, key: str = "alice") -> dict[str, Any]:
    tab.page.goto(site.profile(key))
    return tab.wait_badges(1, site.header)[0]


def hover(tab: Tab, badge: dict[str, Any]) -> None:
    tab.page.mouse.move(badge["x"] + badge["width"] / 2, badge["y"] + badge["height"] / 2, steps=3)


@ALL_SITES
def test_hovering_the_badge_opens_a_card_that_fills_from_the_report(tab: Tab, service: FakeService, site: Site) -> None:
    badge = open_profile(tab, site)
    hover(tab, badge)
    words = tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    for part in (
        "62", "In conversation", "Replied to 41 people in 90 days", "57–66", "74 replies", "60 broadcasts",
        "True Reach 28", "Amplification 20", "Network 14", "100 of 190 posts seen", "Why?", "Something wrong?",
    ):  # fmt: skip
        assert part in words, words
    links = dict(tab.inside(f"[...{CARD}.querySelectorAll('a')].map((a) => [a.innerText, a.href])"))
    page = f"{service.address}/accounts/{site.network}/{site.handle('alice')}"
    assert (links["Why?"], links["Something wrong?"]) == (page, page + "#wrong")
    assert "https://example.test/post/1" in links.values()
    asked = [call.path for call in service.calls if call.path.startswith("/api/v1/accounts/")]
    assert asked == [f"/api/v1/accounts/{site.network}/{site.handle('alice')}"]
    assert (tab.problems, tab.refused(), tab.shifts()) == ([], [], [])


def test_the_card_shows_at_once_what_the_badge_knows(tab: Tab, service: FakeService) -> None:
    badge = open_profile(tab, BLUESKY)
    service.delay = 2
    hover(tab, badge)
    words = tab.wait(lambda: card_text(tab), bool, 1.5)
    assert "62" in words
    assert "Replied to 41 people" in words
    assert "True Reach" not in words


@ALL_SITES
def test_the_keyboard_opens_the_card_and_escape_closes_it(tab: Tab, site: Site) -> None:
    open_profile(tab, site)
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        if tab.inside(FOCUSED_BADGE):
            break
    assert tab.inside(FOCUSED_BADGE) == site.account("alice")
    address = tab.page.url
    tab.page.keyboard.press("Enter")
    tab.wait(lambda: card_text(tab), bool)
    assert tab.page.url == address
    tab.page.keyboard.press("Escape")
    tab.wait(lambda: card_text(tab), lambda text: text is None)
    assert tab.inside(FOCUSED_BADGE) == site.account("alice")


def test_the_links_of_a_card_opened_by_key_can_be_reached_by_key(tab: Tab) -> None:
    open_profile(tab, BLUESKY)
    tab.inside("root(document.querySelector('rapport-badge')).querySelector('button').focus()")
    tab.page.keyboard.press("Enter")
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "Why?" in text)
    reached = set()
    for _ in range(6):
        tab.page.keyboard.press("Tab")
        reached.add(tab.inside("root(document.querySelector('rapport-card'))?.activeElement?.innerText ?? ''"))
    assert {"Why?", "Something wrong?"} <= reached


def test_moving_from_the_badge_into_the_card_keeps_it_and_leaving_closes_it(tab: Tab) -> None:
    hover(tab, open_profile(tab, BLUESKY))
    tab.wait(lambda: card_text(tab), bool)
    box = card_box(tab)
    tab.page.mouse.move(box["x"] + 40, box["y"] + 40, steps=6)
    tab.settle(500)
    assert card_text(tab)
    tab.page.mouse.move(1190, 790)
    tab.wait(lambda: card_text(tab), lambda text: text is None)


def test_there_is_one_card_at_a_time(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.goto(BLUESKY.home())
    badges = tab.wait(tab.badges, lambda now: len(now) >= 4)
    hover(tab, badges[0])
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "In conversation" in text)
    tab.page.keyboard.press("Escape")
    hover(tab, badges[2])
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "Broadcasts" in text)
    assert tab.page.locator("rapport-card").count() == 1


@ALL_SITES
def test_a_click_on_the_badge_opens_the_card_and_not_the_post(tab: Tab, console: Console, site: Site) -> None:
    console.change(everyone=True)
    tab.page.goto(site.home())
    badge = tab.wait(tab.badges, lambda now: len(now) >= 3)[1]
    address = tab.page.url
    tab.page.mouse.click(badge["x"] + 8, badge["y"] + 8)
    tab.wait(lambda: card_text(tab), bool, 1)
    assert tab.page.url == address


def test_a_tap_opens_the_card(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": 360, "height": 740})
    tab.cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    tab.page.goto(BLUESKY.home())
    badge = tab.wait(tab.badges, lambda now: len(now) >= 3)[1]
    point = {"x": badge["x"] + 8, "y": badge["y"] + 8}
    tab.cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    tab.cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.wait(lambda: card_text(tab), bool, 2)
    tab.settle(600)
    assert card_text(tab)


@pytest.mark.parametrize("width", [320, 360, 1200])
def test_the_card_is_never_wider_than_the_screen(tab: Tab, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 700})
    hover(tab, open_profile(tab, X))
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    box = card_box(tab)
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["right"] <= width
    assert box["bottom"] <= 700
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


BESIDE = """(() => { const host = document.querySelector(HEADER + ' rapport-badge'), names = host.parentElement.getBoundingClientRect();
  const card = CARD.getBoundingClientRect(), at = host.getBoundingClientRect(); const range = document.createRange();
  range.setStartBefore(host.parentElement.firstChild); range.setEndBefore(host); const name = range.getBoundingClientRect();
  const covers = (box) => box.width > 0 && card.left < box.right && card.right > box.left && card.top < box.bottom && card.bottom > box.top;
  return {badge: covers(at), name: covers(name), top: card.top, bottom: card.bottom, left: card.left, right: card.right}; })()"""


@pytest.mark.parametrize("height", [260, 380, 480, 900])
@pytest.mark.parametrize("width", [360, 1200])
@ALL_SITES
def test_the_card_covers_neither_its_badge_nor_the_name_beside_it(
    tab: Tab, site: Site, width: int, height: int
) -> None:
    open_profile(tab, site)
    tab.page.set_viewport_size({"width": width, "height": height})
    tab.page.evaluate("(s) => document.querySelector(s).scrollIntoView({block: 'center'})", site.header)
    tab.settle(100)
    hover(tab, tab.badges(site.header)[0])
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    found = tab.inside(BESIDE.replace("CARD", CARD).replace("HEADER", f"'{site.header}'"))
    assert (found["badge"], found["name"]) == (False, False), found
    assert 0 <= found["top"] < found["bottom"] <= height, found
    assert 0 <= found["left"] < found["right"] <= width, found


@pytest.mark.parametrize(("replies", "broadcasts"), [(0, 214), (10, 100), (1, 9999), (74, 60), (96, 4), (300, 0)])
def test_both_numbers_of_the_balance_stand_whole_on_one_colour(
    tab: Tab, service: FakeService, replies: int, broadcasts: int
) -> None:
    badge = service.badge("bluesky", "alice.test")
    service.badge = lambda network, handle: {
        **badge,
        "network": network,
        "handle": handle,
        "replies": replies,
        "broadcasts": broadcasts,
    }  # type: ignore[method-assign]
    try:
        hover(tab, open_profile(tab, BLUESKY))
        tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
        labels = tab.inside(
            f"[...{CARD}.querySelectorAll('.balance span')].map((s) => {{ const a = s.getBoundingClientRect(),"
            " b = s.parentElement.getBoundingClientRect(); return [s.innerText, a.left >= b.left - 0.5 && a.right <= b.right + 0.5]; })"
        )
    finally:
        del service.badge
    assert [inside for _words, inside in labels] == [True, True], labels
    assert [int(words.split()[0]) for words, _inside in labels] == [replies, broadcasts]


def test_the_links_below_the_card_stay_in_one_line(tab: Tab) -> None:
    hover(tab, open_profile(tab, BLUESKY))
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    rows = tab.inside(
        f"[...{CARD}.querySelectorAll('.foot a')].map((a) => [a.getClientRects().length, a.getBoundingClientRect().top])"
    )
    assert [count for count, _top in rows] == [1, 1]
    assert rows[0][1] == rows[1][1]
    assert tab.inside(f"{CARD}.querySelector('.foot').getBoundingClientRect().height") < 50


def test_a_report_that_is_still_being_refreshed_is_asked_for_again_and_then_left_alone(
    tab: Tab, service: FakeService
) -> None:
    badge = open_profile(tab, BLUESKY)
    service.refreshing_left = 1
    hover(tab, badge)

    def reports() -> int:
        return sum(call.path.startswith("/api/v1/accounts/") for call in service.calls)

    tab.wait(reports, lambda count: count == 2)
    tab.settle(1500)
    assert reports() == 2


def test_the_card_stays_with_what_the_badge_knows_when_the_service_fails(tab: Tab, service: FakeService) -> None:
    badge = open_profile(tab, BLUESKY)
    service.stop()
    hover(tab, badge)
    words = tab.wait(lambda: card_text(tab), bool)
    tab.settle(500)
    assert "62" in words
    assert "62" in (card_text(tab) or "")
    assert tab.problems == []


def test_too_little_to_tell_says_so_without_a_score(tab: Tab) -> None:
    badge = open_profile(tab, BLUESKY, "quiet")
    assert badge["text"] == "too little to tell"
    hover(tab, badge)
    words = tab.wait(lambda: card_text(tab), lambda text: bool(text) and "Why?" in text)
    assert "6 posts seen in 90 days." in words
    assert "9 times in 10" not in words


def test_the_card_closes_when_its_row_shows_somebody_else(tab: Tab, console: Console) -> None:
    console.change(everyone=True)
    tab.page.goto(X.home("authors=20"))
    badge = tab.wait(tab.badges, lambda now: len(now) >= 3)[0]
    hover(tab, badge)
    tab.wait(lambda: card_text(tab), bool)
    tab.page.evaluate("replica.recycle(1)")
    tab.wait(lambda: card_text(tab), lambda text: text is None)

"""The card that a badge opens, in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.browser.conftest import WATCH_PAGE, Console, Tab, built, id_of_extension, launch
from tests.browser.fake_service import FakeService, point
from tests.browser.replicas import Replicas
from tests.browser.sites import BLUESKY, MASTODON, SITES, Site, X

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
    path = f"/api/v1/accounts/{site.network}/{site.handle('alice')}"
    tab.wait(lambda: [call.path for call in service.calls if "/accounts/" in call.path], lambda asked: len(asked) == 2)
    assert [call.path for call in service.calls if "/accounts/" in call.path] == [path, f"{path}/history"]
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
  const follows = [...document.querySelectorAll('button.follow, .account__header__tabs__buttons .button, .account__relationship .button, ' +
    'button[min-w-30], .account-container .buttons button')].filter((e) => e.checkVisibility());
  const covers = (box) => box.width > 0 && card.left < box.right && card.right > box.left && card.top < box.bottom && card.bottom > box.top;
  return {badge: covers(at), name: covers(name),
    follow: follows.some((e) => covers(e.getBoundingClientRect())), follows: follows.length,
    top: card.top, bottom: card.bottom, left: card.left, right: card.right}; })()"""


@pytest.mark.parametrize("height", [260, 380, 480, 900])
@pytest.mark.parametrize("width", [360, 1200])
@ALL_SITES
def test_the_card_covers_neither_its_badge_nor_the_name_beside_it_nor_the_button_to_follow(
    tab: Tab, site: Site, width: int, height: int
) -> None:
    open_profile(tab, site)
    tab.page.set_viewport_size({"width": width, "height": height})
    tab.page.evaluate("(s) => document.querySelector(s).scrollIntoView({block: 'center'})", site.header)
    tab.settle(100)
    hover(tab, tab.badges(site.header)[0])
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    found = tab.inside(BESIDE.replace("CARD", CARD).replace("HEADER", f"'{site.header}'"))
    assert (found["badge"], found["name"], found["follow"]) == (False, False, False), found
    assert found["follows"] > 0
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
    assert [int(words.split()[0].replace(",", "")) for words, _inside in labels] == [replies, broadcasts]


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
        return sum("/accounts/" in call.path and not call.path.endswith("/history") for call in service.calls)

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


def full_card(tab: Tab, site: Site = BLUESKY, key: str = "alice") -> str:
    """The words of a card that was opened by pointing at the badge of a profile, with everything that comes later."""
    hover(tab, open_profile(tab, site, key))
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    tab.settle(300)
    return card_text(tab) or ""


def press(tab: Tab, button: str) -> None:
    """Press a button of the open card."""
    box = tab.inside(
        f"(() => {{ const b = {CARD}.querySelector('{button}').getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    tab.page.mouse.click(*box)


LINE = f"""(() => {{ const svg = {CARD}.querySelector('svg'), count = (name) => svg.querySelectorAll(name).length;
  return svg && {{says: svg.getAttribute('aria-label'), role: svg.getAttribute('role'),
    lines: count('polyline'), bands: count('polygon'), breaks: count('line')}}; }})()"""


def test_the_card_says_whether_an_account_is_worth_following_and_draws_its_score_over_time(tab: Tab) -> None:
    words = full_card(tab)
    for part in (
        "Last post ", " days ago", "about 4 posts a week", "answers strangers: 7 of 12", "talks about #trams, #planning",
        "3 Mar lowest 58, highest 62 20 Nov",
    ):  # fmt: skip
        assert part in words, words
    drawn = tab.inside(LINE)
    assert drawn["says"] == "Score from 58 to 62 between 3 March and 20 November"
    assert (drawn["role"], drawn["lines"], drawn["bands"], drawn["breaks"]) == ("img", 1, 1, 0)
    height = tab.inside(f"{CARD}.scrollHeight")
    assert height <= 520


def test_the_line_is_broken_where_the_formula_changed_or_no_score_was_made(tab: Tab, service: FakeService) -> None:
    service.points = [
        point("2026-03-03", 58.2),
        point("2026-04-03", 59.2),
        point("2026-05-03", None),
        point("2026-06-03", 60.4),
        point("2026-07-03", 71.4, version="2"),
        point("2026-08-03", 72.4, version="2"),
    ]
    full_card(tab)
    drawn = tab.wait(lambda: tab.inside(LINE), bool)
    assert (drawn["lines"], drawn["breaks"]) == (3, 1)


def test_too_short_a_history_or_none_costs_only_the_line(tab: Tab, console: Console, service: FakeService) -> None:
    service.points = [point("2026-11-19", 58.2), point("2026-11-20", 59.2), point("2026-11-21", 60.2)]
    assert "answers strangers" in full_card(tab)
    assert tab.inside(LINE)
    service.points = service.points[1:]
    full_card(tab)
    assert tab.inside(LINE) is None
    service.points, service.facts = None, None
    words = full_card(tab)
    assert "Distinct reposters" in words
    assert "Last post" not in words
    assert tab.inside(LINE) is None
    assert full_card(tab, key="ben")  # a service without a history is not left alone for it
    assert tab.problems == []


def test_an_account_is_compared_with_the_one_that_is_remembered(tab: Tab, service: FakeService) -> None:
    full_card(tab)
    press(tab, ".compare")
    words = tab.wait(lambda: card_text(tab), lambda text: "Stop comparing" in (text or ""))
    assert "noise" not in words
    words = full_card(tab, key="ben")
    for part in (
        "Ben Okafor 48", "Alice Moreau 62", "replies to broadcasts 1 : 4 · 1 : 0.8", "True Reach 22 · 28",
        "The difference of 14 is larger than the noise.",
    ):  # fmt: skip
        assert part in words, words
    own = service.badge("bluesky", "ben.test")
    service.badge = lambda network, handle: {**own, "network": network, "handle": handle, "low": 40, "high": 57}  # type: ignore[method-assign]
    try:
        hover(tab, open_profile(tab, BLUESKY, "gazette"))
        words = tab.wait(lambda: card_text(tab), lambda text: "noise" in (text or ""))
    finally:
        del service.badge
    assert "The difference of 14 is within the noise." in words
    words = full_card(tab, X, "ben")
    assert "Scores of different networks are not compared with each other." in words
    press(tab, ".compare")
    words = tab.wait(lambda: card_text(tab), lambda text: "Stop comparing" not in (text or ""))
    assert "Scores of different networks" not in words
    assert "9 times in 10" in words
    assert tab.problems == []


SEEN_AT = """(() => { window.__times = {}; const is = (name) => (__times[name] ??= performance.now());
  document.addEventListener('mouseover', (e) => { if (e.target.localName === 'rapport-badge') is('over'); }, true);
  new MutationObserver(() => { if (document.querySelector('rapport-card')) is('open'); }).observe(document.body, {childList: true}); })()"""


@pytest.mark.parametrize(("site", "wait"), [(BLUESKY, 500), (MASTODON, 750)], ids=["bluesky", "mastodon"])
def test_the_card_opens_when_the_sites_own_would(tab: Tab, site: Site, wait: int) -> None:
    badge = open_profile(tab, site)
    tab.page.evaluate(SEEN_AT)
    hover(tab, badge)
    times = tab.wait(lambda: tab.page.evaluate("window.__times"), lambda now: "open" in now)
    assert times["open"] - times["over"] >= wait - 5


def focus_badge(tab: Tab) -> None:
    """Come to the first badge by the Tab key."""
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        if tab.inside(FOCUSED_BADGE):
            return
    raise AssertionError("no badge got the focus")


def test_the_focus_on_a_badge_opens_its_card_without_moving_and_leaving_closes_it(tab: Tab) -> None:
    alice = BLUESKY.account("alice")
    open_profile(tab, BLUESKY)
    focus_badge(tab)
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    assert tab.inside(FOCUSED_BADGE) == alice
    tab.page.keyboard.press("Escape")
    tab.wait(lambda: card_text(tab), lambda text: text is None)
    assert tab.inside(FOCUSED_BADGE) == alice
    tab.settle(800)
    assert card_text(tab) is None
    tab.page.keyboard.press("Enter")
    tab.wait(lambda: card_text(tab), bool)
    assert tab.inside("document.activeElement.localName") == "rapport-card"
    tab.page.keyboard.press("Escape")
    tab.wait(lambda: tab.inside(FOCUSED_BADGE), lambda now: now == alice)
    tab.settle(800)
    assert card_text(tab) is None
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("Tab")
    tab.wait(lambda: card_text(tab), bool)
    tab.page.keyboard.press("Shift+Tab")
    tab.wait(lambda: card_text(tab), lambda text: text is None)


def test_the_focus_leaves_a_card_to_where_it_came_from(tab: Tab) -> None:
    open_profile(tab, BLUESKY)
    focus_badge(tab)
    tab.page.keyboard.press("Enter")
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    tab.page.keyboard.press("Shift+Tab")
    assert tab.inside(FOCUSED_BADGE) == BLUESKY.account("alice")
    assert card_text(tab) is None
    tab.page.keyboard.press("Enter")
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    for _ in range(12):
        if card_text(tab) is None:
            break
        tab.page.keyboard.press("Tab")
    assert card_text(tab) is None
    assert tab.inside("document.activeElement.localName") not in ("body", "rapport-card")


@pytest.mark.parametrize(("width", "height"), [(400, 760), (900, 700), (1200, 1000)])
def test_in_a_list_of_people_no_button_to_follow_is_covered(
    tab: Tab, console: Console, width: int, height: int
) -> None:
    console.change(everyone=True)
    tab.page.set_viewport_size({"width": width, "height": height})
    tab.page.goto(X.url(X.path_of("alice") + "/followers"))
    badges = tab.wait(tab.badges, lambda now: len(now) >= 4)
    for badge in badges[:3]:
        hover(tab, badge)
        tab.wait(lambda: card_text(tab), lambda text: bool(text) and "Why?" in text)
        covered = tab.inside(
            f"(() => {{ const c = {CARD}.getBoundingClientRect(); return [...document.querySelectorAll('button.follow')]"
            ".filter((e) => e.checkVisibility()).map((e) => { const b = e.getBoundingClientRect();"
            " return c.left < b.right && c.right > b.left && c.top < b.bottom && c.bottom > b.top; }); })()"
        )
        assert len(covered) >= 4
        assert not any(covered)
        tab.page.keyboard.press("Escape")


def test_who_hides_scores_sees_only_engagement_in_the_card(tab: Tab, console: Console, service: FakeService) -> None:
    console.change(show="engagement")
    words = full_card(tab)
    for part in ("In conversation", "74 replies", "Conversation partners", "Answers given", "answers strangers"):
        assert part in words, words
    for part in ("62", "9 times in 10", "True Reach", "Distinct reposters", "lowest"):
        assert part not in words, words
    assert not any(call.path.endswith("/history") for call in service.calls)


def test_not_this_account_takes_its_badge_away_and_closes_the_card(tab: Tab, console: Console) -> None:
    full_card(tab)
    press(tab, ".not")
    tab.wait_badges(0)
    assert card_text(tab) is None
    assert console.settings()["notAccounts"] == [BLUESKY.account("alice")]


def test_by_prefixes_the_reasons_of_a_known_account_come_on_a_click(
    tab: Tab, console: Console, service: FakeService
) -> None:
    service.digits = 1
    service.listed = {"bluesky": [BLUESKY.handle("alice")]}
    console.change(lookups="prefixes")
    hover(tab, open_profile(tab, BLUESKY))
    words = tab.wait(lambda: card_text(tab), lambda text: "Show the reasons" in (text or ""))
    assert "62" in words
    assert "the service then learns that you asked about this account" in words
    assert not any("/accounts/" in call.path for call in service.calls)
    service.pending_left = {BLUESKY.handle("alice"): 1}
    press(tab, ".ask")
    words = tab.wait(lambda: card_text(tab), lambda text: "Asking …" in (text or ""))
    words = tab.wait(lambda: card_text(tab), lambda text: "Distinct reposters" in (text or ""))
    assert "Show the reasons" not in words
    assert tab.problems == []


def test_an_asked_service_that_fails_says_so_and_can_be_asked_again(
    tab: Tab, console: Console, service: FakeService
) -> None:
    console.change(lookups="prefixes")
    hover(tab, open_profile(tab, BLUESKY))
    words = tab.wait(lambda: card_text(tab), lambda text: "Ask the service" in (text or ""))
    assert "Nothing is known of this account here" in words
    service.states[BLUESKY.handle("alice")] = "unknown"
    press(tab, ".ask")
    words = tab.wait(lambda: card_text(tab), lambda text: "No such account was found." in (text or ""))
    assert "Ask the service" in words
    del service.states[BLUESKY.handle("alice")]
    press(tab, ".ask")
    tab.wait(lambda: card_text(tab), lambda text: "Replied to 41 people" in (text or ""))


OVERFLOWING = f"""[...{CARD}.querySelectorAll('*')].filter((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
  .filter((e) => getComputedStyle(e).textOverflow !== 'ellipsis').map((e) => e.className + ': ' + e.textContent)
  .concat({CARD}.scrollWidth > {CARD}.clientWidth ? ['card'] : [])"""


@pytest.mark.parametrize("language", ["de", "pt"])
def test_the_longest_words_of_other_languages_fit_into_the_card(
    playwright_: Playwright,
    replicas: Replicas,
    service: FakeService,
    tmp_path_factory: pytest.TempPathFactory,
    language: str,
) -> None:
    extension = built("chrome", tmp_path_factory.mktemp("build") / "chrome")
    words = extension / "_locales" / language / "messages.json"
    (extension / "_locales" / "en" / "messages.json").write_bytes(words.read_bytes())
    context = launch(playwright_, extension, tmp_path_factory.mktemp("profile"), replicas)
    try:
        context.add_init_script(WATCH_PAGE)
        console = Console(context, id_of_extension(context))
        console.reset(service)
        tab = Tab(context, console.identifier)
        tab.page.set_viewport_size({"width": 320, "height": 900})
        assert {"de": "Im Gespräch", "pt": "Em conversa"}[language] in full_card(tab)
        assert tab.inside(OVERFLOWING) == []
        assert tab.inside(f"{CARD}.lang") == language
        tab.page.set_viewport_size({"width": 1200, "height": 900})
        full_card(tab)
        assert tab.inside(OVERFLOWING) == []
        assert tab.inside(f"{CARD}.scrollHeight") <= 520
    finally:
        context.close()


def test_on_a_page_read_from_right_to_left_the_card_stays_on_the_screen_beside_its_badge(tab: Tab) -> None:
    open_profile(tab, MASTODON)
    tab.page.evaluate("document.documentElement.dir = 'rtl'")
    tab.settle(100)
    badge = tab.badges(MASTODON.header)[0]
    hover(tab, badge)
    tab.wait(lambda: card_text(tab), lambda text: bool(text) and "posts seen" in text)
    found = tab.inside(BESIDE.replace("CARD", CARD).replace("HEADER", f"'{MASTODON.header}'"))
    assert (found["badge"], found["name"], found["follow"]) == (False, False, False), found
    assert 0 <= found["left"] < found["right"] <= 1200
    assert tab.inside(f"getComputedStyle({CARD}).direction") == "ltr"
    assert tab.inside(OVERFLOWING) == []


def test_a_page_that_takes_the_name_of_the_card_for_itself_gets_no_say(tab: Tab) -> None:
    open_profile(tab, BLUESKY)
    tab.page.evaluate(
        "customElements.define('rapport-card', class extends HTMLElement { constructor() { super(); this.attachShadow({mode: 'open'}); } })"
    )
    hover(tab, tab.badges(BLUESKY.header)[0])
    inside = "[...document.body.children].filter((e) => e.localName.startsWith('rapport-card-')).map((e) => root(e).textContent).join()"
    tab.wait(lambda: tab.inside(inside), lambda text: "In conversation" in text)

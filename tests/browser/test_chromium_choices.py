"""What the person chose to see, and not to see, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import FakeService
from tests.browser.people import BY_KEY
from tests.browser.sites import BLUESKY, MASTODON, Site, X


def shown(tab: Tab) -> dict[str, str]:
    """Account -> what its badge shows."""
    return {badge["account"]: badge["text"] for badge in tab.badges()}


def open_home(tab: Tab, console: Console, site: Site = BLUESKY, **choices: object) -> None:
    console.change(everyone=True, **choices)
    tab.page.set_viewport_size({"width": 1200, "height": 2400})
    tab.page.goto(site.home())


def test_compact_badges_leave_out_the_ratio_and_engagement_only_leaves_out_the_score(
    tab: Tab, console: Console
) -> None:
    alice = BLUESKY.account("alice")
    open_home(tab, console)
    tab.wait(lambda: shown(tab).get(alice), lambda text: text == "62 · 1 : 0.8")
    console.change(badge="compact")
    tab.wait(lambda: shown(tab).get(alice), lambda text: text == "62")
    console.change(badge="full", show="engagement")
    tab.wait(lambda: shown(tab).get(alice), lambda text: text == "1 : 0.8")
    label = next(badge["label"] for badge in tab.badges() if badge["account"] == alice)
    assert label == "In conversation, replies to broadcasts 1 : 0.8. Show why"
    console.change(badge="compact")
    tab.wait(lambda: shown(tab).get(alice), lambda text: text == "")
    assert tab.problems == []


def test_below_the_thresholds_nothing_is_drawn(tab: Tab, console: Console) -> None:
    open_home(tab, console, leastScore=45)
    scores = {BLUESKY.account(key): p.badge["score"] for key, p in BY_KEY.items() if p.badge["state"] == "ready"}
    little = BLUESKY.account("quiet")
    expected = {account for account, score in scores.items() if score >= 45} | {little}
    assert 0 < len(expected) < len(scores)
    tab.wait(lambda: shown(tab).keys(), lambda now: now == expected)
    widths = {BLUESKY.account(k): p.badge["high"] - p.badge["low"] for k, p in BY_KEY.items() if "high" in p.badge}
    narrow = sorted(set(widths.values()))[0]
    console.change(leastScore=1, widest=narrow, little=False)
    expected = {account for account, width in widths.items() if width <= narrow}
    assert 0 < len(expected) < len(widths)
    tab.wait(lambda: shown(tab).keys(), lambda now: now == expected)


def test_an_account_that_is_not_wished_is_neither_drawn_nor_asked_about(
    tab: Tab, console: Console, service: FakeService
) -> None:
    open_home(tab, console, notAccounts=[BLUESKY.account("alice"), MASTODON.account("ben")])
    tab.wait(lambda: shown(tab).keys(), lambda now: BLUESKY.account("ben") in now)
    tab.settle(300)
    assert BLUESKY.account("alice") not in shown(tab)
    assert BLUESKY.handle("alice") not in service.asked()
    options = console.open("options")
    options.get_by_role("button", name=f"Remove {BLUESKY.account('alice')}").click()
    tab.wait(lambda: console.settings()["notAccounts"], lambda now: now == [MASTODON.account("ben")])
    options.close()
    tab.page.bring_to_front()
    tab.wait(lambda: shown(tab).keys(), lambda now: BLUESKY.account("alice") in now)


def test_the_shortcut_hides_all_badges_and_shows_them_again(
    tab: Tab, console: Console, chromium: BrowserContext
) -> None:
    tab.page.goto(X.profile("alice"))
    tab.wait_badges(1, X.header)
    # A browser's own shortcut cannot be pressed by a test: the command it gives is.
    press = "chrome.commands.onCommand.dispatch('toggle')"
    chromium.service_workers[0].evaluate(press)
    tab.wait(lambda: tab.page.locator("rapport-badge").count(), lambda count: count == 0)
    popup = console.open("popup", tab.page)
    expect(popup.get_by_label("Show badges", exact=True)).not_to_be_checked()
    popup.close()
    chromium.service_workers[0].evaluate(press)
    tab.page.bring_to_front()
    tab.wait_badges(1, X.header)


def test_the_options_keep_what_was_chosen(console: Console) -> None:
    options = console.open("options")
    options.get_by_label("Badge", exact=True).select_option("compact")
    options.get_by_label("Show", exact=True).select_option("engagement")
    options.get_by_label("Draw no badge for scores below").fill("20")
    options.get_by_label("Draw no badge for scores below").blur()
    options.get_by_label("Show “too little to tell”").uncheck()
    options.get_by_label("How the service is asked").select_option("prefixes")
    options.wait_for_timeout(200)
    stored = console.settings()
    assert (stored["badge"], stored["show"], stored["leastScore"]) == ("compact", "engagement", 20)
    assert (stored["little"], stored["lookups"]) == (False, "prefixes")
    options.close()


@pytest.mark.parametrize("typed", ["", "0", "101", "2.5"])
def test_a_threshold_that_is_none_changes_nothing_and_the_old_one_comes_back(console: Console, typed: str) -> None:
    console.change(leastScore=30)
    options = console.open("options")
    field = options.get_by_label("Draw no badge for scores below")
    field.fill(typed)
    field.blur()
    expect(field).to_have_value("30")
    assert console.settings()["leastScore"] == 30
    options.close()


def test_a_right_to_left_page_keeps_the_badge_beside_its_name(tab: Tab) -> None:
    tab.page.goto(MASTODON.profile("alice"))
    tab.wait_badges(1, MASTODON.header)
    tab.page.evaluate("document.documentElement.dir = 'rtl'")
    tab.settle(100)
    margins = tab.inside(
        "(({marginLeft, marginRight}) => [marginLeft, marginRight])(getComputedStyle(document.querySelector('rapport-badge')))"
    )
    assert margins == ["0px", "6px"]

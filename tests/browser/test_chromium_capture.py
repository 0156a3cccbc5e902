"""What of X is sent to the service: nothing, until the person switches it on; then public posts only."""

from __future__ import annotations

import re

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import FakeService
from tests.browser.sites import BLUESKY, X


def fragments(service: FakeService) -> list[str]:
    return [fragment for call in service.observations for fragment in call.body["fragments"]]


def test_nothing_is_sent_unless_it_was_switched_on(tab: Tab, service: FakeService) -> None:
    tab.page.goto(X.home())
    tab.settle(2800)
    assert service.observations == []


def test_posts_on_screen_are_sent_once_and_without_a_trace_of_the_viewer(
    tab: Tab, console: Console, service: FakeService
) -> None:
    console.change(capture=True)
    tab.page.goto(X.home())
    tab.wait(lambda: fragments(service), lambda now: len(now) >= 5, 8)
    sent = fragments(service)
    posts = [m[1] for html in sent if (m := re.search(r'href="/(\w+/status/\d+)"', html))]
    assert len(posts) == len(set(posts)) == len(sent)
    first = next(html for html in sent if "alice_moreau" in html)
    for part in (
        'data-testid="tweet"',
        'data-testid="User-Name"',
        "Alice Moreau",
        "planning meeting",
        "datetime=",
        "tweetText",
    ):
        assert part in first
    everything = " ".join(sent)
    assert not re.search(
        r"<(script|style|svg|img|input|form)|aria-label|style=|class=|reader_here|rapport-", everything
    )
    for call in service.observations:
        assert set(call.body) == {"network", "url", "fragments", "observed_at"}
        assert (call.body["network"], call.body["url"]) == ("x", "https://x.com/home")
        assert not {"Cookie", "Referer"} & set(call.headers)
    tab.page.reload()
    tab.settle(2600)
    assert tab.problems == []


def test_the_profile_header_is_sent_with_its_numbers(tab: Tab, console: Console, service: FakeService) -> None:
    console.change(capture=True)
    tab.page.goto(X.profile("alice"))
    tab.wait(lambda: fragments(service), lambda now: any("UserDescription" in html for html in now), 8)
    header = next(html for html in fragments(service) if "UserDescription" in html)
    for part in ("@alice_moreau", "/alice_moreau/following", "3,412", "Joined March 2021", "Town planner"):
        assert part in header
    assert "Follow @" not in header


def test_protected_accounts_are_never_sent(tab: Tab, console: Console, service: FakeService) -> None:
    console.change(capture=True)
    tab.page.add_init_script(
        """new MutationObserver(() => { const data = document.getElementById('replica-data'); if (data && !window.done) { window.done = true;
        const all = JSON.parse(data.textContent); all.people[1].locked = true; data.textContent = JSON.stringify(all); } })
        .observe(document, {childList: true, subtree: true});"""
    )
    tab.page.goto(X.home())
    assert tab.page.locator("[data-testid=icon-lock]").count() >= 1
    tab.wait(lambda: fragments(service), lambda now: len(now) >= 4, 8)
    assert "ben_okafor" not in " ".join(fragments(service))
    service.calls.clear()
    tab.go("/ben_okafor")
    tab.settle(2600)
    assert "ben_okafor" not in " ".join(fragments(service))


def test_switching_it_off_stops_it_at_once(tab: Tab, console: Console, service: FakeService) -> None:
    console.change(capture=True)
    tab.page.goto(X.home())
    tab.wait(lambda: fragments(service), bool, 8)
    console.change(capture=False)
    tab.settle(200)
    service.calls.clear()
    tab.page.mouse.wheel(0, 2000)
    tab.settle(2600)
    assert service.observations == []


def test_other_sites_are_never_sent(tab: Tab, console: Console, service: FakeService) -> None:
    console.change(capture=True)
    tab.page.goto(BLUESKY.home())
    tab.settle(2600)
    assert service.observations == []

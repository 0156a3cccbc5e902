"""The extension with a service that is slow, down, refusing, restarting, or still gathering, in Chromium."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Console, Tab
from tests.browser.fake_service import FakeService
from tests.browser.sites import BLUESKY, SITES, Site, X

ALL_SITES = pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)


def test_a_pending_account_gets_its_badge_when_it_is_ready(tab: Tab, service: FakeService) -> None:
    service.pending_left["alice.test"] = 1
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(service.asked, bool)
    tab.settle(300)
    assert tab.badges() == []
    assert tab.wait_badges(1, BLUESKY.header)[0]["account"] == "bluesky:alice.test"
    assert service.asked() == ["alice.test", "alice.test"]


def test_an_account_that_stays_pending_is_not_asked_for_without_pause(tab: Tab, service: FakeService) -> None:
    service.states["alice.test"] = "pending"
    tab.page.goto(BLUESKY.profile("alice"))
    tab.settle(2600)
    assert tab.badges() == []
    assert 2 <= len(service.asked()) <= 4


@pytest.mark.parametrize("key", ["uma", "ravi", "ulla"])
def test_an_account_nothing_can_be_said_of_is_asked_for_once(tab: Tab, service: FakeService, key: str) -> None:
    tab.page.goto(BLUESKY.profile(key))
    tab.wait(service.asked, bool)
    tab.go("/")
    tab.go(BLUESKY.path_of(key))
    tab.settle(600)
    assert tab.badges() == []
    assert service.asked() == [BLUESKY.handle(key)]
    assert tab.problems == []


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_an_error_draws_nothing_and_the_next_success_does(tab: Tab, service: FakeService, status: int) -> None:
    service.fails_with = status
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(lambda: len(service.badge_calls), lambda count: count >= 1)
    tab.settle(200)
    assert tab.badges() == []
    assert tab.problems == []
    service.fails_with = None
    tab.wait_badges(1, BLUESKY.header, seconds=8)


def test_a_failing_service_is_asked_ever_more_seldom(tab: Tab, service: FakeService) -> None:
    service.fails_with = 500
    tab.page.goto(BLUESKY.profile("alice"))
    tab.settle(4500)
    times = [call.at for call in service.badge_calls]
    assert 2 <= len(times) <= 4
    assert times[1] - times[0] >= 0.9


def test_retry_after_is_honoured(tab: Tab, service: FakeService) -> None:
    service.fails_with, service.retry_after = 429, 3
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(lambda: len(service.badge_calls), lambda count: count == 1)
    service.fails_with = None
    tab.settle(2000)
    assert len(service.calls) == 1
    tab.wait_badges(1, BLUESKY.header)
    assert service.badge_calls[1].at - service.badge_calls[0].at >= 2.9


def test_a_service_that_is_down_and_comes_back_is_found_again(tab: Tab, service: FakeService) -> None:
    service.stop()
    tab.page.goto(BLUESKY.profile("alice"))
    tab.settle(500)
    assert tab.badges() == []
    assert tab.problems == []
    service.start()
    tab.wait_badges(1, BLUESKY.header, seconds=8)


def test_what_is_known_stays_on_screen_while_the_service_restarts(tab: Tab, service: FakeService) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    service.stop()
    tab.page.reload()
    assert tab.wait_badges(1, BLUESKY.header)[0]["text"] == "62 · 1 : 0.8"
    service.start()
    tab.go(BLUESKY.path_of("ben"))
    tab.wait(lambda: tab.badges(BLUESKY.header), lambda now: [b["text"] for b in now] == ["48 · 1 : 4"], 8)


def test_a_slow_service_holds_nothing_up(tab: Tab, service: FakeService) -> None:
    service.delay = 1.5
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait(service.asked, lambda asked: asked == ["alice.test"])
    tab.go(BLUESKY.path_of("ben"))
    tab.wait(lambda: tab.badges(BLUESKY.header), lambda now: [b["account"] for b in now] == ["bluesky:ben.test"])
    assert sorted(service.asked()) == ["alice.test", "ben.test"]


def test_a_restarted_worker_still_knows_what_it_knew(tab: Tab, console: Console, service: FakeService) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    tab.settle(300)
    console.stop_worker()
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    console.stop_worker()
    tab.go(BLUESKY.path_of("ben"))
    tab.wait(lambda: tab.badges(BLUESKY.header), lambda now: [b["account"] for b in now] == ["bluesky:ben.test"])
    assert service.asked() == ["alice.test", "ben.test"]


def test_two_tabs_share_what_one_of_them_learnt(tab: Tab, console: Console, service: FakeService) -> None:
    tab.page.goto(X.profile("alice"))
    tab.wait_badges(1, X.header)
    second = Tab(tab.page.context, console.identifier)
    second.page.goto(X.profile("alice"))
    second.wait_badges(1, X.header)
    second.page.close()
    assert service.asked() == ["alice_moreau"]


def test_a_token_is_sent_when_one_is_set(tab: Tab, console: Console, service: FakeService) -> None:
    service.token = "seven-plums"
    console.change(token="seven-plums")
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    assert service.badge_calls[0].headers["Authorization"] == "Bearer seven-plums"


@ALL_SITES
def test_only_network_and_handle_leave_the_browser(
    tab: Tab, console: Console, service: FakeService, site: Site
) -> None:
    cookies = [{"name": "session", "value": "secret", "url": url} for url in (service.address, f"https://{site.host}")]
    tab.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    console.change(everyone=True)
    tab.page.goto(site.home("secret=words"))
    badge = tab.wait(tab.badges, lambda now: len(now) >= 4)[0]
    tab.page.mouse.move(badge["x"] + 9, badge["y"] + 9)
    tab.wait(lambda: [call.path for call in service.calls], lambda paths: any("/accounts/" in path for path in paths))
    for call in service.badge_calls:
        assert set(call.body) == {"accounts"}
        assert {frozenset(account) for account in call.body["accounts"]} == {frozenset({"network", "handle"})}
        assert {account["network"] for account in call.body["accounts"]} == {site.network}
    for call in service.calls:
        assert not {"Cookie", "Referer"} & set(call.headers)
        sent = f"{call.headers} {call.body} {call.path}"
        assert "secret" not in sent
        assert f"https://{site.host}" not in sent
        assert "Alice Moreau" not in sent
    assert {call.path.split("/")[3] for call in service.calls} == {"badges", "accounts"}

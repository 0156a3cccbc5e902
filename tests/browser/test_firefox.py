"""The core of it in a stock Firefox, spoken to over WebDriver BiDi."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import bidi
from tests.browser.conftest import FIREFOX_UUID
from tests.browser.fake_service import FakeService
from tests.browser.sites import ADOPT, BLUESKY, IMPORTANT, MASTODON, SITES, Site, X

ALL_SITES = pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)
SHOWN = """[...document.querySelectorAll(CSS)].flatMap((scope) => [...scope.querySelectorAll('rapport-badge')])
  .filter((b) => b.checkVisibility() && b.getBoundingClientRect().width).map((b) => b.dataset.rapport)"""


def shown(firefox: bidi.Firefox, tab: str, css: str = "body") -> list[str]:
    """The accounts of the badges that can be seen."""
    return list(firefox.js(tab, SHOWN.replace("CSS", json.dumps(css))))


def wait(read: Callable[[], Any], good: Callable[[Any], bool] = bool, seconds: float = 10) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        value = read()
        if good(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: last read {value!r}")
        time.sleep(0.05)


def in_root(firefox: bidi.Firefox, tab: str, css: str, body: str) -> Any:
    """Call a function with the closed shadow root of the first element that matches; None when there is none."""
    found = firefox.call(
        "browsingContext.locateNodes",
        {
            "context": tab,
            "locator": {"type": "css", "value": css},
            "maxNodeCount": 1,
            "serializationOptions": {"includeShadowTree": "all", "maxDomDepth": 1},
        },
    )["nodes"]
    if not found or not found[0]["value"].get("shadowRoot"):
        return None
    answer = firefox.call(
        "script.callFunction",
        {
            "functionDeclaration": body,
            "arguments": [{"sharedId": found[0]["value"]["shadowRoot"]["sharedId"]}],
            "awaitPromise": True,
            "target": {"context": tab},
        },
    )
    assert answer["type"] == "success", answer
    return answer["result"].get("value")


def point_at(firefox: bidi.Firefox, tab: str, css: str) -> None:
    """Rest the mouse on the first element that matches and can be seen."""
    spot = firefox.js(
        tab,
        f"(() => {{ const e = [...document.querySelectorAll({json.dumps(css)})].find((n) => n.checkVisibility());"
        " const b = e.getBoundingClientRect(); return [Math.round(b.x + b.width / 2), Math.round(b.y + b.height / 2)]; })()",
    )
    moves = [
        {"type": "pointerMove", "x": max(0, spot[0] - 3), "y": spot[1]},
        {"type": "pointerMove", "x": spot[0], "y": spot[1]},
    ]
    firefox.call(
        "input.performActions",
        {
            "context": tab,
            "actions": [
                {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves},
            ],
        },
    )


def press_mouse(firefox: bidi.Firefox, tab: str, css: str) -> None:
    """A real click on the first element that matches and can be seen."""
    point_at(firefox, tab, css)
    presses = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
    pointer = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": presses}
    firefox.call("input.performActions", {"context": tab, "actions": [pointer]})


def press(firefox: bidi.Firefox, tab: str, key: str) -> None:
    strokes = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
    firefox.call(
        "input.performActions", {"context": tab, "actions": [{"type": "key", "id": "keys", "actions": strokes}]}
    )


def errors(firefox: bidi.Firefox) -> list[str]:
    return [event["params"]["text"] for event in firefox.events if event["params"].get("level") == "error"]


@ALL_SITES
def test_a_profile_page_shows_the_badge(firefox: bidi.Firefox, firefox_tab: str, site: Site) -> None:
    firefox.goto(firefox_tab, site.profile("alice"))
    assert wait(lambda: shown(firefox, firefox_tab, site.header)) == [site.account("alice")]
    text = in_root(
        firefox, firefox_tab, "rapport-badge", "r => r.querySelector('button').innerText.replace(/\\s+/g, ' ').trim()"
    )
    assert text == "62 · 1 : 0.8"
    height = firefox.js(firefox_tab, "document.querySelector('rapport-badge').getBoundingClientRect().height")
    assert height == pytest.approx(18, abs=0.5)
    assert errors(firefox) == []
    assert firefox.script_errors() == []


def test_no_rule_of_a_page_is_important_enough_to_hide_a_badge(firefox: bidi.Firefox, firefox_tab: str) -> None:
    firefox.goto(firefox_tab, BLUESKY.profile("alice"))
    wait(lambda: shown(firefox, firefox_tab, BLUESKY.header))
    box = "(({x, y, width, height}) => [x, y, width, height].join())(document.querySelector('rapport-badge').getBoundingClientRect())"
    before = firefox.js(firefox_tab, box)
    firefox.js(firefox_tab, f"({ADOPT})({json.dumps(IMPORTANT)})")
    assert shown(firefox, firefox_tab, BLUESKY.header) == [BLUESKY.account("alice")]
    assert firefox.js(firefox_tab, box) == before


@pytest.mark.parametrize("site", [site for site in SITES if site.hover_card], ids=lambda site: site.id)
def test_the_sites_hover_card_shows_the_badge(firefox: bidi.Firefox, firefox_tab: str, site: Site) -> None:
    firefox.goto(firefox_tab, site.home())
    point_at(firefox, firefox_tab, site.author)
    assert wait(lambda: shown(firefox, firefox_tab, site.hover_card)) == [site.account("alice")]
    assert errors(firefox) == []


def test_the_card_opens_on_hover_fills_and_closes_on_escape(firefox: bidi.Firefox, firefox_tab: str) -> None:
    firefox.goto(firefox_tab, BLUESKY.profile("alice"))
    wait(lambda: shown(firefox, firefox_tab, BLUESKY.header))
    point_at(firefox, firefox_tab, "rapport-badge")

    def words() -> str:
        return (
            in_root(
                firefox, firefox_tab, "rapport-card", "r => r.querySelector('.card').innerText.replace(/\\s+/g, ' ')"
            )
            or ""
        )

    full = wait(words, lambda text: "posts seen" in text)
    for part in ("62", "In conversation", "57–66", "True Reach 28", "Network 14", "Why?"):
        assert part in full
    press(firefox, firefox_tab, "\ue00c")
    wait(lambda: firefox.js(firefox_tab, "document.querySelector('rapport-card') === null"))
    assert errors(firefox) == []


def test_recycled_rows_show_the_right_account(firefox: bidi.Firefox, firefox_console: str, firefox_tab: str) -> None:
    change(firefox, firefox_console, everyone=True)
    firefox.goto(firefox_tab, X.home("rows=8", "authors=4"))
    own = """replica.rows.map((r) => [r.handle, [...r.node.querySelectorAll('rapport-badge')]
      .filter((b) => !b.closest('.quote, .context')).map((b) => b.dataset.rapport.slice(2)).join()])"""
    firefox.js(firefox_tab, "scrollTo(0, 400) ?? 1")
    wait(lambda: firefox.js(firefox_tab, own), lambda now: all(handle == badge for handle, badge in now))
    for step in (1, 3, 7):
        rows = firefox.js(firefox_tab, f"(replica.recycle({step}), Promise.resolve().then(() => {own}))")
        assert [badge for _handle, badge in rows] == [handle for handle, _badge in rows]


def test_navigation_inside_the_site_shows_the_new_account(firefox: bidi.Firefox, firefox_tab: str) -> None:
    firefox.goto(firefox_tab, MASTODON.profile("alice"))
    wait(lambda: shown(firefox, firefox_tab, MASTODON.header))
    firefox.js(firefox_tab, f"(window.go({json.dumps(MASTODON.path_of('ben'))}), 1)")
    wait(lambda: shown(firefox, firefox_tab, MASTODON.header), lambda now: now == [MASTODON.account("ben")])


def test_the_event_page_starts_again_and_still_knows(
    firefox: bidi.Firefox, firefox_tab: str, firefox_policy: str, service: FakeService
) -> None:
    firefox.goto(firefox_tab, BLUESKY.profile("alice"))
    wait(lambda: shown(firefox, firefox_tab, BLUESKY.header))
    time.sleep(0.3)
    firefox.chrome(f"{firefox_policy}.terminateBackground().then(() => 1)")
    assert firefox.chrome(f"{firefox_policy}.backgroundState") == "stopped"
    firefox.goto(firefox_tab, BLUESKY.profile("alice"))
    wait(lambda: shown(firefox, firefox_tab, BLUESKY.header))
    assert firefox.chrome(f"{firefox_policy}.backgroundState") == "running"
    assert service.asked() == ["alice.test"]
    assert firefox.script_errors() == []


def test_the_popup_switches_and_saves(firefox: bidi.Firefox, firefox_console: str, firefox_tab: str) -> None:
    firefox.goto(firefox_tab, f"moz-extension://{FIREFOX_UUID}/popup.html")
    wait(lambda: firefox.js(firefox_tab, "document.body.innerText.includes('look up everyone on screen')"))
    firefox.js(
        firefox_tab,
        "([...document.querySelectorAll('label')].find((l) => l.innerText.includes('everyone on screen')).control.click(), 1)",
    )
    wait(lambda: settings(firefox, firefox_console).get("everyone"))
    assert firefox.script_errors() == []


def test_a_site_is_read_only_while_the_person_lets_it_and_enabling_it_reaches_open_pages(
    firefox: bidi.Firefox, firefox_console: str, firefox_tab: str, service: FakeService
) -> None:
    origins = json.dumps({"origins": ["https://x.com/*", "https://twitter.com/*", "https://mobile.x.com/*"]})
    assert firefox.js(firefox_console, f"browser.permissions.remove({origins})") is True
    firefox.goto(firefox_tab, X.profile("alice"))
    time.sleep(0.6)
    assert shown(firefox, firefox_tab) == []
    assert service.asked() == []
    welcome = firefox.new_tab()
    try:
        firefox.goto(welcome, f"moz-extension://{FIREFOX_UUID}/welcome.html")
        wait(lambda: firefox.js(welcome, "document.querySelectorAll('#sites input').length > 2"))
        press_mouse(firefox, welcome, "#choice button")
        wait(lambda: firefox.js(welcome, "document.getElementById('enabled').textContent.startsWith('Enabled')"))
    finally:
        firefox.close_tab(welcome)
    wait(lambda: shown(firefox, firefox_tab, X.header), lambda now: now == [X.account("alice")])
    assert firefox.js(firefox_console, f"browser.permissions.contains({origins})") is True


def settings(firefox: bidi.Firefox, console: str) -> dict[str, Any]:
    return dict(firefox.js(console, "browser.storage.local.get('settings').then((s) => s.settings ?? {})"))


def change(firefox: bidi.Firefox, console: str, **values: Any) -> None:
    merged = json.dumps({"settings": {**settings(firefox, console), **values}})
    firefox.js(console, f"browser.storage.local.set({merged}).then(() => 1)")

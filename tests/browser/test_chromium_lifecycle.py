"""Updates of the extension under an open page, its manifest, and how accessible what it draws is, in Chromium."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright

from tests.browser.conftest import WATCH_PAGE, Console, Tab, built, id_of_extension, launch
from tests.browser.fake_service import FakeService
from tests.browser.replicas import Replicas
from tests.browser.sites import BLUESKY, MASTODON, SITES, Site

# axe files bad contrast of very short texts under "incomplete": both count. One experimental rule is left out: it wants the
# bare numbers "62 · 1 : 0.8" in the badge's name, which says what each of them counts instead.
AXE = """axe.run({include: [SELECTOR]}, {rules: {'label-content-name-mismatch': {enabled: false}}}).then((r) => JSON.stringify({
  found: [...r.violations, ...r.incomplete].map((v) => [v.id, v.nodes.map((n) => n.html)]),
  inside: [...r.passes, ...r.violations, ...r.incomplete].some((p) => p.nodes.some((n) => Array.isArray(n.target[0])))}))"""
# axe tells no contrast of a text on an image, wherever in the box that stands. The marks are images: they are shown to stand beside
# the text, and then left away.
TEXTS_OFF_THEIR_MARKS = """[...document.querySelectorAll('rapport-badge')].map((host) => {
  const button = root(host).querySelector('button'), style = getComputedStyle(button), range = document.createRange();
  const ends = style.backgroundPositionX.split(', ').map((x, n) => parseFloat(x) + parseFloat(style.backgroundSize.split(', ')[n]));
  range.setStart(button.firstChild, 1); range.setEndAfter(button.firstChild);
  const left = button.getBoundingClientRect().x + 1, room = range.getBoundingClientRect().x - left - Math.max(...ends);
  button.style.setProperty('background-image', 'none', 'important');
  return style.backgroundRepeat.split(', ').every((kind) => kind === 'no-repeat') && ends.every((end) => end > 0) && room > 1; })"""
OPEN_CLOSED_ROOTS = """Object.defineProperty(Element.prototype, 'shadowRoot', {configurable: true,
  get() { return this instanceof HTMLElement ? chrome.dom.openOrClosedShadowRoot(this) : null; }})"""


def test_an_update_of_the_extension_leaves_no_orphans_and_open_pages_go_on(
    playwright_: Playwright, replicas: Replicas, service: FakeService, tmp_path_factory: pytest.TempPathFactory
) -> None:
    extension = built("chrome", tmp_path_factory.mktemp("build") / "chrome")
    context = launch(playwright_, extension, tmp_path_factory.mktemp("profile"), replicas)
    try:
        context.add_init_script(WATCH_PAGE)
        console = Console(context, id_of_extension(context))
        console.reset(service)
        settings = context.new_page()
        settings.goto("chrome://extensions/")  # a reload keeps an unpacked extension only in developer mode
        settings.evaluate("chrome.developerPrivate.updateProfileConfiguration({inDeveloperMode: true})")
        tab = Tab(context, console.identifier)
        tab.page.goto(BLUESKY.profile("alice"))
        tab.wait_badges(1, BLUESKY.header)
        tab.page.evaluate(f"window.before = document.querySelector({json.dumps(BLUESKY.header + ' rapport-badge')})")
        with suppress(Error):  # the page that said so is gone with the extension
            console.page.evaluate("chrome.runtime.reload()")
        of_header = f"""[...document.querySelectorAll({json.dumps(BLUESKY.header + " rapport-badge")})]
          .filter((badge) => badge.checkVisibility()).map((badge) => [badge.dataset.rapport, badge !== window.before])"""
        tab.wait(lambda: tab.page.evaluate(of_header), lambda now: now == [["bluesky:alice.test", True]])
        tab.go(BLUESKY.path_of("ben"))
        tab.wait(lambda: tab.page.evaluate(of_header), lambda now: now == [["bluesky:ben.test", True]])
        assert tab.problems == []
        assert service.asked() == ["alice.test", "ben.test"]
    finally:
        context.close()


def test_chromium_accepts_the_manifest_without_complaint(chromium: BrowserContext, console: Console) -> None:
    page = chromium.new_page()
    page.goto("chrome://extensions/")
    info = page.evaluate("id => chrome.developerPrivate.getExtensionInfo(id)", console.identifier)
    page.close()
    assert (info["state"], info["manifestErrors"], info["runtimeErrors"]) == ("ENABLED", [], [])


CHOSEN: dict[str, dict[str, Any]] = {
    "as_usual": {},
    "more_contrast": {"contrast": "more"},
    "forced_colors": {"forced_colors": "active"},
}


@pytest.mark.parametrize("chosen", CHOSEN)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("site", [BLUESKY, MASTODON], ids=lambda site: site.id)
def test_badges_of_every_verdict_and_the_card_are_accessible(
    tab: Tab, console: Console, axe: str, site: Site, theme: str, chosen: str
) -> None:
    console.change(everyone=True)
    tab.page.emulate_media(color_scheme=theme, **CHOSEN[chosen])  # type: ignore[arg-type]
    tab.page.set_viewport_size({"width": 1200, "height": 2400})
    tab.page.goto(site.home(f"theme={theme}"))
    badges = tab.wait(tab.badges, lambda now: len({b["account"] for b in now}) == 7)
    tab.inside(f"({OPEN_CLOSED_ROOTS}, 1)")
    tab.run_inside(axe)
    assert set(tab.inside(TEXTS_OFF_THEIR_MARKS)) == {True}
    check_with_axe(tab, "rapport-badge")
    tab.page.mouse.move(badges[0]["x"] + 9, badges[0]["y"] + 9)
    words = "root(document.querySelector('rapport-card'))?.textContent ?? ''"
    tab.wait(lambda: tab.inside(words), lambda text: "posts seen" in text)
    tab.settle(300)
    check_with_axe(tab, "rapport-card")


def check_with_axe(tab: Tab, selector: str) -> None:
    result = json.loads(tab.inside(AXE.replace("SELECTOR", json.dumps([selector]))))
    assert result["inside"], "axe did not look inside the closed root"
    assert result["found"] == []


def test_the_accessibility_check_itself_can_fail(tab: Tab, axe: str) -> None:
    tab.page.goto(BLUESKY.profile("alice"))
    tab.wait_badges(1, BLUESKY.header)
    button = "root(document.querySelector('rapport-badge')).querySelector('button')"
    tab.inside(f"{button}.style.setProperty('background', '#0b7a6e', 'important')")
    tab.inside(f"({OPEN_CLOSED_ROOTS}, 1)")
    tab.run_inside(axe)
    result = json.loads(tab.inside(AXE.replace("SELECTOR", json.dumps(["rapport-badge"]))))
    assert [rule for rule, _nodes in result["found"]] == ["color-contrast"]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)
def test_every_badge_has_a_name_and_can_be_reached_by_key(tab: Tab, console: Console, site: Site) -> None:
    console.change(everyone=True)
    tab.page.goto(site.home())
    for badge in tab.wait(tab.badges, lambda now: len(now) >= 4):
        assert badge["label"].endswith("Show why")
    assert tab.inside(
        "[...document.querySelectorAll('rapport-badge')].every((h) => root(h).querySelector('button').tabIndex === 0)"
    )

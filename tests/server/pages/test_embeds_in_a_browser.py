"""The badge as a browser draws it: nothing cut, in any font; in pages of other origins; the place to copy it from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template
from playwright.sync_api import Page
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Request, Response

from server.lookup import Answer
from server.pages.badge_picture import FONT_SIZE, HEIGHT, INSTEAD, Said, Show, draw_badge, said_of
from server.scoring.verdict import VerdictId
from tests.server.pages.in_a_browser import AXE, InBrowser, served, visit

ALICE = "/accounts/bluesky/alice.test"
WHO = "alice.test on Bluesky"


def all_badges(app: Flask) -> list[str]:
    """Every verdict with small, middling and full numbers, and everything said instead."""
    said = []
    for verdict in VerdictId:
        for value, low, high in ((1, 1, 9), (47, 40, 58), (100, 88, 100)):
            score = {"value": value, "low": low, "high": high, "confidence": 0.9}
            known = Answer("ready", 1, {"kept": True, "score": score, "verdict": {"id": verdict.value}})
            said += [said_of(known, show, WHO) for show in Show]
    said += [said_of(Answer(state, 1), Show.BOTH, WHO) for state in INSTEAD]
    said += [
        said_of(Answer("ready", 1, {"kept": False}), Show.BOTH, WHO),
        *(
            Said(words, words)
            for words in ("no such handle", "no such network", "wrong address: show", "too many requests")
        ),
    ]
    with app.app_context():
        drawn = {
            render_template("badge.svg", badge=draw_badge(each), height=HEIGHT, font_size=FONT_SIZE) for each in said
        }
    return sorted(drawn)


MEASURE = """(family) => [...document.querySelectorAll('svg')].flatMap((svg) => {
  const width = svg.width.baseVal.value;
  let end = 0;
  return [...svg.querySelectorAll('text')].map((text) => {
    if (family) text.setAttribute('font-family', family);
    const box = text.getBBox();
    const taken = text.textLength.baseVal.value;
    const before = end;
    end = box.x + box.width;
    text.removeAttribute('textLength');
    return { words: text.textContent, natural: text.getComputedTextLength(), taken, left: box.x - before, right: width - end };
  });
})"""


@pytest.mark.parametrize("family", ["", "serif", "monospace"])
def test_nothing_on_a_badge_is_cut_or_overlaps_whatever_the_font(
    in_browser: InBrowser, app: Flask, family: str
) -> None:
    def look(page: Page) -> list[dict[str, Any]]:
        page.set_content("<br>".join(all_badges(app)))
        found: list[dict[str, Any]] = page.evaluate(MEASURE, family)
        return found

    measured = visit(in_browser, look)
    assert len(measured) > 100
    assert [m for m in measured if m["left"] < 2 or m["right"] < 5] == []


def test_texts_are_taken_to_be_about_as_wide_as_they_are(in_browser: InBrowser, app: Flask) -> None:
    def look(page: Page) -> list[dict[str, Any]]:
        page.set_content("<br>".join(all_badges(app)))
        found: list[dict[str, Any]] = page.evaluate(MEASURE, "'DejaVu Sans'")
        return found

    assert [m for m in visit(in_browser, look) if not 0.93 < m["taken"] / m["natural"] < 1.1] == []


@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"])
def test_badges_are_accessible_on_light_and_dark_pages(
    in_browser: InBrowser, app: Flask, pictures: Path, ground: str
) -> None:
    def look(page: Page) -> Any:
        page.set_content(
            f'<!doctype html><html lang="en"><title>Badges</title><body bgcolor="{ground}"><main>'
            + "<br>".join(all_badges(app))
        )
        page.screenshot(path=str(pictures / f"badges-on-{ground[1:]}.png"), full_page=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        return page.evaluate(
            "axe.run(document, { rules: { 'page-has-heading-one': { enabled: false } } })"
            ".then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.failureSummary)]))"
        )

    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")
    assert visit(in_browser, look) == []


def blog(image: str) -> Any:
    """A page of somebody else, which insists on being allowed to show what it shows."""
    page = f'<!doctype html><title>A blog</title><img src="{image}" alt="A badge">'
    policy = {"Cross-Origin-Embedder-Policy": "require-corp"}
    return Request.application(lambda request: Response(page, content_type="text/html", headers=policy))


def shown_elsewhere(in_browser: InBrowser, service: Any, path: str = "/badge/bluesky/alice.test.svg") -> int:
    """How wide the badge is in a page of another site; 0 when it is not shown."""
    with served(service) as address, served(blog(address + path), "localhost") as elsewhere:

        def look(page: Page) -> int:
            page.goto(elsewhere)
            return int(page.evaluate("document.images[0].naturalWidth"))

        return int(visit(in_browser, look))


def test_a_page_of_another_origin_shows_a_badge_of_a_service_open_to_others(
    in_browser: InBrowser, start: Any, tmp_path: Path
) -> None:
    running = start(tmp_path, embeds_at="https://rapport.example", token="secret words")
    running.client.get("/badge/bluesky/alice.test.svg")
    running.work()
    assert shown_elsewhere(in_browser, running.app) > 200


def test_a_page_of_another_origin_learns_nothing_from_a_service_that_is_not(
    in_browser: InBrowser, running: Any
) -> None:
    assert shown_elsewhere(in_browser, running.app) == 0
    assert running.work() == 0


def test_a_failure_is_seen_in_place_of_the_badge(
    in_browser: InBrowser, start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(tmp_path, embeds_at="https://rapport.example")

    def broken(*_: Any, **__: Any) -> Answer:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(running.service.lookup, "report", broken)
    assert running.client.get("/badge/bluesky/alice.test.svg").status_code == 503
    assert shown_elsewhere(in_browser, running.app) > 100


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_place_to_copy_from_opens_shows_the_badge_and_fits_a_phone(
    in_browser: InBrowser, address: str, alice: dict[str, Any], pictures: Path, scheme: str, width: int
) -> None:
    def look(page: Page) -> tuple[float, int, Any]:
        page.goto(address + ALICE)
        folded = page.locator("#embed").bounding_box() or {"height": 0}
        page.locator("#embed summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('#embed img').naturalWidth > 200")
        page.locator("#embed").scroll_into_view_if_needed()
        page.screenshot(path=str(pictures / f"embed-{scheme}-{width}.png"))
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "axe.run('#embed').then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.failureSummary)]))"
        )
        return folded["height"], page.evaluate("document.documentElement.scrollWidth"), found

    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")
    folded, wide, violations = visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert folded < 40
    assert wide <= width
    assert violations == []


def test_a_click_selects_the_whole_of_what_is_copied(
    in_browser: InBrowser, address: str, alice: dict[str, Any]
) -> None:
    def look(page: Page) -> tuple[str, str]:
        page.goto(address + ALICE)
        page.click("#embed summary")
        page.click("#embed pre[aria-label=Markdown]")
        return page.evaluate("getSelection().toString().trim()"), page.inner_text("#embed pre[aria-label=Markdown]")

    selected, offered = visit(in_browser, look)
    assert selected == offered
    assert selected.startswith("[![alice.test on Rapport](http://127.0.0.1:")


def test_what_is_copied_as_html_shows_the_badge(in_browser: InBrowser, address: str, alice: dict[str, Any]) -> None:
    def look(page: Page) -> tuple[str, int]:
        page.goto(address + ALICE)
        code = page.text_content("#embed pre[aria-label=HTML]") or ""
        page.goto(address + "/privacy")
        page.evaluate("(code) => { document.querySelector('main').innerHTML = code; }", code)
        page.wait_for_function("() => document.querySelector('main img').complete")
        return str(page.get_attribute("main a", "href")), int(
            page.evaluate("document.querySelector('main img').naturalWidth")
        )

    link, wide = visit(in_browser, look)
    assert link == address + ALICE
    assert wide == draw_badge(said_of(Answer("ready", 1, alice), Show.BOTH, WHO)).width

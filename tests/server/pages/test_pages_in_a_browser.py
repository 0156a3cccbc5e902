from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from server.lookup import Answer
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup
from tests.server.pages.in_a_browser import AXE, InBrowser
from tests.server.pages.in_a_browser import visit as visit_new

ALICE = "/accounts/bluesky/alice.test"
PAGES = {
    "start": "/",
    "look-up": "/look-up?account=two+words",
    "report": ALICE,
    "broadcasts": "/accounts/mastodon/gazette@news.example",
    "quiet": "/accounts/bluesky/quiet.test",
    "pending": "/accounts/bluesky/pending.test",
    "unknown": "/accounts/bluesky/nobody.test",
    "methodology": "/methodology",
    "calculator": "/calculator",
    "calculator-wrong": "/calculator?version=0&followers=many&people_per_post=-4&people_h_index=7",
    "privacy": "/privacy",
    "reference": "/docs",
}


@pytest.fixture(autouse=True)
def known(lookup: FakeLookup, alice: dict[str, Any]) -> None:
    lookup.histories["bluesky", "alice.test"] = samples.history()
    lookup.changed["bluesky", "alice.test"] = samples.changes()
    lookup.know(samples.report_of(samples.broadcaster(), stale=True, kept=False))
    lookup.know(samples.report_of(samples.quiet()))
    lookup.answers["bluesky", "pending.test"] = Answer("pending", 60, detail="Its public posts are being read.")


def visit(in_browser: InBrowser, address: str, look: Callable[[Page], Any], **context: Any) -> Any:
    def open_and_look(page: Page) -> Any:
        page.goto(address, wait_until="load")
        return look(page)

    return visit_new(in_browser, open_and_look, **context)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_accessible_fit_a_narrow_phone_and_break_no_content_policy(
    in_browser: InBrowser, address: str, pictures: Path, name: str, scheme: str, width: int
) -> None:
    def look(page: Page) -> tuple[list[Any], list[str], int]:
        refused = page.evaluate("__refused")
        page.screenshot(path=str(pictures / f"{name}-{scheme}-{width}.png"), full_page=True)
        wide = int(page.evaluate("document.documentElement.scrollWidth"))
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary)]))"
        )
        return found, refused, wide

    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")
    context = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    violations, refused, wide = visit(in_browser, address + PAGES[name], look, **context)
    assert violations == []
    assert refused == []
    assert wide <= width


def test_a_very_long_name_does_not_widen_the_page(in_browser: InBrowser, address: str, lookup: FakeLookup) -> None:
    lookup.know(samples.report_of(samples.talkative("W" * 300)))
    assert (
        visit(
            in_browser,
            address + ALICE,
            lambda page: page.evaluate("document.documentElement.scrollWidth"),
            viewport={"width": 360, "height": 740},
        )
        <= 360
    )


def test_everything_can_be_read_without_javascript(in_browser: InBrowser, address: str, alice: dict[str, Any]) -> None:
    def look(page: Page) -> tuple[str, bool, bool]:
        return page.inner_text("main"), page.is_visible("#history tbody tr"), page.is_visible("#chart")

    text, table, chart = visit(in_browser, address + ALICE, look, java_script_enabled=False)
    assert (table, chart) == (True, False)
    assert all(signal["sentence"] in text for signal in alice["signals"])


def test_the_look_up_form_leads_to_the_report_without_javascript(in_browser: InBrowser, address: str) -> None:
    def look(page: Page) -> tuple[str, str]:
        page.fill("#look-up-account", "https://bsky.app/profile/alice.test")
        page.keyboard.press("Enter")
        page.wait_for_url("**/accounts/**")
        return page.url.removeprefix(address), page.inner_text("h1")

    assert visit(in_browser, address, look, java_script_enabled=False) == (ALICE, "Alice Moreau")


def test_a_person_can_leave_an_account_out_through_the_form(
    in_browser: InBrowser, address: str, lookup: FakeLookup
) -> None:
    def look(page: Page) -> str:
        page.click("text=Leave it out")
        page.wait_for_url("**/opt-out")
        return page.inner_text("h1")

    assert visit(in_browser, address + "/privacy?account=alice.test&network=bluesky", look) == "Left out"
    assert lookup.left_out == [("bluesky", "alice.test")]


def test_the_history_is_drawn_and_its_table_folded_away(in_browser: InBrowser, address: str) -> None:
    def look(page: Page) -> tuple[int, bool]:
        page.wait_for_selector("#chart canvas")
        painted = page.evaluate(
            "(() => { const c = document.querySelector('#chart canvas');"
            " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length; })()"
        )
        return painted, page.is_visible("#history tbody tr")

    painted, table = visit(in_browser, address + ALICE, look)
    assert painted > 1000
    assert not table


def test_a_pending_page_shows_the_report_as_soon_as_it_is_there(
    in_browser: InBrowser, address: str, lookup: FakeLookup
) -> None:
    finished = lookup.answers["bluesky", "alice.test"]
    lookup.answers["bluesky", "alice.test"] = Answer("pending", 1)

    def look(page: Page) -> tuple[str, str]:
        waiting = page.inner_text("h1")
        lookup.answers["bluesky", "alice.test"] = finished
        page.wait_for_selector(".score")
        return waiting, page.inner_text("h1")

    assert visit(in_browser, address + ALICE, look) == ("Looking at alice.test", "Alice Moreau")


def test_a_deeper_report_is_offered_and_not_forced_on_a_reader(
    in_browser: InBrowser, address: str, lookup: FakeLookup
) -> None:
    finished = lookup.answers["bluesky", "alice.test"]
    lookup.know(samples.report_of(samples.talkative("Early Alice"), refreshing=True, ask_again_after=1))

    def look(page: Page) -> tuple[str, str]:
        lookup.answers["bluesky", "alice.test"] = finished
        page.wait_for_selector("text=A deeper report is ready")
        before = page.inner_text("h1")
        page.click("text=Show it.")
        page.wait_for_selector("h1:has-text('Alice Moreau')")
        return before, page.inner_text("h1")

    assert visit(in_browser, address + ALICE, look) == ("Early Alice", "Alice Moreau")


def shown(page: Page) -> list[str]:
    """All that the calculator says of its numbers."""
    said: list[str] = page.evaluate(
        "[...document.querySelectorAll('[data-live]')].map((part) => part.textContent.trim())"
    )
    return said


def settled(page: Page, what: str) -> None:
    """Wait until the address holds what was set."""
    page.wait_for_function("(what) => location.search.includes(what)", arg=what)


def test_a_slider_of_the_calculator_changes_the_score_and_the_address_that_then_shows_the_same(
    in_browser: InBrowser, address: str
) -> None:
    def look(page: Page) -> tuple[list[str], list[str], list[str], str, str]:
        before = shown(page)
        page.focus("[data-field=people_h_index] .slider")
        for _ in range(20):
            page.keyboard.press("ArrowRight")
        settled(page, f"people_h_index={page.input_value('#people_h_index')}&")
        moved, said = shown(page), page.text_content("#said") or ""
        page.reload()
        return before, moved, shown(page), said, page.inner_text("#total")

    before, moved, reloaded, said, total = visit(in_browser, address + "/calculator", look)
    assert before != moved
    assert moved == reloaded
    assert said == f"Influence score {int(float(total) + 0.5)}"


def test_a_number_typed_into_the_calculator_is_asked_for_to_the_last_digit_and_moves_its_slider(
    in_browser: InBrowser, address: str
) -> None:
    def look(page: Page) -> tuple[str, str | None]:
        page.fill("#reposts_per_post", "12.345678901234567")
        settled(page, "reposts_per_post=12.345678901234567&")
        slider = page.locator("[data-field=reposts_per_post] .slider")
        return page.input_value("#reposts_per_post"), slider.get_attribute("aria-valuetext")

    assert visit(in_browser, address + "/calculator", look) == ("12.345678901234567", "12.3 reposts per post")


def test_a_measure_can_be_switched_to_not_seen_and_back(in_browser: InBrowser, address: str) -> None:
    def look(page: Page) -> tuple[list[str], str, list[str]]:
        before, unseen = shown(page), page.locator("[data-field=engager_followers] [type=checkbox]")
        unseen.check()
        page.wait_for_url(lambda url: "?" in url and "engager_followers" not in url)
        told = page.inner_text("#earned-engager_followers")
        unseen.uncheck()
        settled(page, "engager_followers=")
        return before, told, shown(page)

    before, told, again = visit(in_browser, address + "/calculator", look)
    assert told == "not seen, weight shared out"
    assert again == before


def test_a_number_the_calculator_cannot_take_is_marked_and_what_was_shown_stays(
    in_browser: InBrowser, address: str
) -> None:
    def look(page: Page) -> tuple[str, str, str, str | None]:
        before = page.inner_text("#outcome")
        page.fill("#followers", "-5")
        page.wait_for_selector("#followers[aria-invalid]")
        told, kept = page.inner_text("#error-followers"), page.inner_text("#outcome")
        page.fill("#followers", "900")
        settled(page, "followers=900&")
        return before, kept, told, page.get_attribute("#followers", "aria-invalid")

    before, kept, told, mended = visit(in_browser, address + "/calculator", look)
    assert told
    assert (kept, mended) == (before, None)


def test_the_calculator_says_when_the_service_does_not_answer_and_asks_again_at_the_next_change(
    in_browser: InBrowser, address: str
) -> None:
    def look(page: Page) -> str:
        page.route("**/calculator?*", lambda route: route.abort())
        page.fill("#followers", "700")
        page.wait_for_selector("#unanswered", state="visible")
        page.unroute("**/calculator?*")
        page.fill("#followers", "701")
        page.wait_for_selector("#unanswered", state="hidden")
        return page.inner_text("tr:has(a[href='#signal-followers']) .value")

    assert visit(in_browser, address + "/calculator", look) == "701 accounts"


def test_only_the_last_of_many_settings_is_shown_however_late_the_others_come(
    in_browser: InBrowser, address: str
) -> None:
    slow_at_first = """(() => {
      const real = fetch;
      let number = 0;
      window.fetch = async (to, how) => {
        await new Promise((done) => setTimeout(done, number++ ? 0 : 700));
        return real(to, { ...how, signal: undefined });
      };
    })()"""

    def look(page: Page) -> tuple[str, bool]:
        page.evaluate(slow_at_first)
        page.fill("#followers", "20")
        page.wait_for_timeout(200)
        page.fill("#followers", "700")
        page.wait_for_timeout(1500)
        return page.inner_text("tr:has(a[href='#signal-followers']) .value"), "followers=700&" in page.url

    assert visit(in_browser, address + "/calculator", look) == ("700 accounts", True)


def test_the_calculator_works_out_numbers_without_javascript(in_browser: InBrowser, address: str) -> None:
    def look(page: Page) -> tuple[str, str, bool]:
        page.fill("#followers", "12")
        page.fill("#engager_followers", "")
        page.click("text=Work it out")
        page.wait_for_url("**/calculator?**")
        return page.input_value("#followers"), page.inner_text("#earned-engager_followers"), page.is_visible(".slider")

    expected = ("12", "not seen, weight shared out", False)
    assert visit(in_browser, address + "/calculator", look, java_script_enabled=False) == expected


def test_every_control_is_reached_by_keyboard_starting_with_the_skip_link(in_browser: InBrowser, address: str) -> None:
    def look(page: Page) -> list[str]:
        reached = []
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        return reached

    reached = visit(in_browser, address, look)
    assert reached[0] == "To the content"
    assert {"look-up-account", "look-up-network", "Look up"} <= set(reached)

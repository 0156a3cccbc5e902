"""The table of a review in an open page: the script shows what the service would, at once, and leaves people in peace."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from playwright.sync_api import Page, expect

from server.pages import review_table
from server.pages.review_table import DEALINGS, OFFERED, ORDERS, PAGE, SILENT_MONTHS, VERDICT_TITLES, Asked
from server.review import LONGEST_NOTE
from tests.server.conftest import Running
from tests.server.pages.in_a_browser import AXE, InBrowser, served, visit
from tests.server.pages.reviewed import found_of, review_of

SEARCHES = (
    "",
    "ZOO1",
    "STRASSE",
    "straße",
    "οδοσ",
    "ΟΔΟΣ",
    "i",
    "İ",
    "𐐷",
    "<b>",
    "FINE",
    "birds",
    "nobody",
    "&",
    "noted",
)
TAKEN_OVER = "#filters button[hidden]"


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as at:
        yield at


@pytest.fixture
def path(running: Running) -> str:
    """A review of 230 accounts that are done, some of them on the keep-list, some with a note."""
    path = review_of(running, found_of(230))
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    for position in range(0, 230, 9):
        running.service.reviews.keep(review, position, True)
    for row in running.service.reviews.rows(review)[::7]:
        if row.takes_note:
            running.service.reviews.write_note(review, row.position, f"noted {row.position}: Straße")
    return path


def opened(page: Page, address: str) -> None:
    """Wait until the script has taken over."""
    page.goto(address)
    page.locator(TAKEN_OVER).wait_for(state="attached")


def tree(node: Tag) -> list[Any]:
    """Elements, attributes and words, without what a browser shows the same."""
    parts: list[Any] = []
    for child in node.children:
        if isinstance(child, Tag):
            attributes = {name: value for name, value in child.attrs.items() if name != "selected"}
            parts.append((child.name, attributes, tree(child)))
        elif isinstance(child, NavigableString) and (words := " ".join(child.split())):
            parts.append(words)
    return parts


def parts_of(html: str) -> dict[str, list[Any]]:
    page = BeautifulSoup(html, "html.parser")
    wanted = ("#rows", "#matching", "#which", "#pages", "#keeping", "#verdict", "#keep")
    return {name: tree(part) for name in wanted if (part := page.select_one(name))}


def every_way_to_ask() -> list[Asked]:
    """Each order with each value of one filter; and each combination of filters in the order of the list."""
    single = [Asked()]
    single += [Asked(verdict=verdict) for verdict in VERDICT_TITLES]
    single += [Asked(silent=months) for months in SILENT_MONTHS]
    single += [Asked(dealings=dealings) for dealings in DEALINGS]
    single += [Asked(search=search) for search in SEARCHES]
    ordered = [replace(one, order=order, kept=kept) for one in single for order in ORDERS for kept in (False, True)]
    filters = itertools.product(SEARCHES, ("", *VERDICT_TITLES), (0, *SILENT_MONTHS), ("", *DEALINGS))
    return ordered + [Asked(search=s, verdict=v, silent=m, dealings=d) for s, v, m, d in filters]


def test_the_browser_finds_and_orders_rows_as_the_service_does_whatever_is_asked(
    in_browser: InBrowser, address: str, running: Running, path: str
) -> None:
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    rows, ways, now = running.service.reviews.rows(review), every_way_to_ask(), running.lookup.now()
    assert {way.order for way in ways} == set(ORDERS)
    by_service = [[row.position for row in review_table.selected(rows, way, now)] for way in ways]
    queries = [asked_query(way) for way in ways]

    def look(page: Page) -> Any:
        page.goto(address + path)
        return page.evaluate(
            """async ([queries, rowsAt, offered]) => {
              const { readAsked, prepared, selected } = await import("/assets/review_rows.js");
              const { rows, now } = await (await fetch(rowsAt)).json();
              const all = rows.map((row) => prepared(row, offered.verdict));
              return queries.map((query) => selected(all, readAsked(query, offered), now).map((row) => row.position));
            }""",
            [queries, f"{path}/rows.json", OFFERED],
        )

    by_browser = visit(in_browser, look)
    different = [(way, s, b) for way, s, b in zip(ways, by_service, by_browser, strict=True) if s != b]
    assert different[:3] == []
    found = {way.search for way, some in zip(ways, by_service, strict=True) if some}
    assert found == set(SEARCHES) - {"nobody"}


def asked_query(asked: Asked) -> str:
    return "?" + urlencode(asked.address_values())


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?order=-score&page=2",
        "?order=name&verdict=broadcasts",
        "?kept=1&order=-name",
        "?search=stra%C3%9Fe&silent=6",
        "?dealings=some&order=-dealings",
        "?search=nobody",
        "?verdict=refused",
        "?verdict=moved",
        "?page=99",
        "?order=nonsense&page=x&silent=4&verdict=%3Cb%3E",
    ],
)
def test_the_browser_writes_the_table_as_the_service_does(
    in_browser: InBrowser, address: str, running: Running, path: str, query: str
) -> None:
    def look(page: Page) -> str:
        opened(page, address + path + query)
        # Away and back, so that nothing is left of what the service wrote.
        page.evaluate("document.querySelector('#rows tbody').replaceChildren()")
        page.locator("#search").dispatch_event("input")
        page.locator("#rows:not([aria-busy])").wait_for()
        return "" if "page=" in query else page.content()

    by_browser = visit(in_browser, look)
    if by_browser:
        assert parts_of(by_browser) == parts_of(running.client.get(path + query).text)


def test_the_pages_of_the_table_are_the_same_ones(
    in_browser: InBrowser, address: str, running: Running, path: str
) -> None:
    def look(page: Page) -> list[tuple[str, str]]:
        opened(page, f"{address}{path}?order=score")
        seen = []
        for number in ("2", "3", "1"):
            page.locator("#pages").get_by_role("link", name=number, exact=True).click()
            page.wait_for_url(re.compile("page=" + number if number != "1" else r"\?order=score$"))
            page.locator("#rows:not([aria-busy])").wait_for()
            seen.append((urlsplit(page.url).query, page.content()))
        return seen

    for query, by_browser in visit(in_browser, look):
        assert parts_of(by_browser) == parts_of(running.client.get(f"{path}?{query}").text)


def test_sorting_filtering_and_searching_load_nothing_and_keep_address_form_and_table_in_step(
    in_browser: InBrowser, address: str, running: Running, path: str
) -> None:
    def look(page: Page) -> str:
        opened(page, address + path)
        asked: list[str] = []
        # A new address has browsers ask for the icon again.
        page.on("request", lambda request: request.url.endswith("mark.svg") or asked.append(request.url))
        page.get_by_role("link", name="Score", exact=True).click()
        heading = page.locator("#rows th", has_text="Score")
        expect(heading).to_have_attribute("aria-sort", "descending")
        expect(page.locator("#order")).to_have_value("-score")
        page.get_by_role("link", name="Score", exact=True).click()
        expect(heading).to_have_attribute("aria-sort", "ascending")
        page.get_by_label("Verdict").select_option("broadcasts")
        page.get_by_label("Name, topic or note").press_sequentially("a")
        expect(page.locator("#announced")).to_have_text(re.compile(r"^\d+ of 230 accounts shown$"))
        page.wait_for_url(re.compile(r"\?search=a&verdict=broadcasts&order=score$"))
        file = page.locator("#file").get_attribute("href")
        assert file == f"{path}.csv?search=a&verdict=broadcasts&order=score"
        assert asked == []
        page.locator("#rows:not([aria-busy])").wait_for()
        shown = page.locator("#rows tbody tr").evaluate_all("(rows) => rows.map((row) => row.id)")
        page.reload()
        assert page.locator("#rows tbody tr").evaluate_all("(rows) => rows.map((row) => row.id)") == shown
        assert 0 < len(shown) < PAGE
        return page.locator("#search").input_value()

    assert visit(in_browser, look) == "a"


def test_the_table_is_worked_by_keyboard_and_the_focus_stays(
    in_browser: InBrowser, address: str, running: Running, path: str
) -> None:
    def look(page: Page) -> None:
        opened(page, address + path)
        page.get_by_role("link", name="Last post").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#order")).to_have_value("last_post")
        expect(page.get_by_role("link", name="Last post")).to_be_focused()
        page.locator("#pages").get_by_role("link", name="2").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#pages [aria-current=page]")).to_have_text("2")
        expect(page.locator("#scroll")).to_be_focused()

    visit(in_browser, look)


def test_only_a_page_of_rows_is_in_the_document_and_the_page_itself_stays_small(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    path = review_of(running, found_of(1500))
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    for row in running.service.reviews.rows(review)[:PAGE]:
        if row.takes_note:
            running.service.reviews.write_note(review, row.position, "x" * LONGEST_NOTE)
    assert len(running.client.get(path).data) < 100_000

    def look(page: Page) -> int:
        opened(page, address + path)
        page.get_by_label("Order").select_option("name")
        expect(page.locator("#rows tbody tr")).to_have_count(PAGE)
        page.wait_for_timeout(200)
        return page.locator("#rows tbody tr").count()

    assert visit(in_browser, look) == PAGE


def test_rows_stay_where_they_are_under_pointer_and_focus_and_come_when_both_have_left(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    found = found_of(12)
    path = review_of(running, found[:3], waiting=[handle for handle, _, _ in found[3:]])
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    store = running.service.reviews._store

    def look(page: Page) -> None:
        opened(page, f"{address}{path}?verdict=unknown")
        before = page.locator("#rows tbody").inner_text()
        page.locator("#scroll").hover()
        store.settle(review.id, 4, "unknown", "Not there any more.", found[4][0], running.lookup.now())
        held = page.locator("#held")
        expect(held).to_have_text("1 result has come in since; shown when you leave the table.", timeout=10_000)
        assert page.locator("#rows tbody").inner_text() == before
        page.locator("#rows thead a").first.focus()
        page.mouse.move(0, 0)
        expect(held).to_be_visible()
        assert page.locator("#rows tbody").inner_text() == before
        page.locator("#search").focus()
        expect(held).to_be_hidden()
        expect(page.locator("#row-4")).to_contain_text("Not there any more.")

    visit(in_browser, look)


def test_a_look_at_what_has_changed_brings_that_and_no_more(running: Running, path: str) -> None:
    first = running.client.get(f"{path}/rows.json").json
    assert [row["position"] for row in first["rows"]] == list(range(230))
    since = f"{path}/rows.json?since={first['revision']}"
    assert running.client.get(since).json["rows"] == []
    running.client.post(f"{path}/keep", data={"position": "1", "keep": "1"})
    running.client.post(f"{path}/notes/3", data={"note": "a friend of Bo"})
    later = running.client.get(since).json
    assert [(row["position"], row.get("note")) for row in later["rows"]] == [(1, None), (3, "a friend of Bo")]
    assert later["revision"] > first["revision"]
    for none in ("x", "", "-1", "9" * 30):
        assert len(running.client.get(f"{path}/rows.json?since={none}").json["rows"]) == 230


def test_who_opts_out_is_told_to_an_open_page_as_changed(running: Running) -> None:
    running.lookup.report("bluesky", "alice.test")
    running.work()
    path = running.client.post("/review", data={"names": "alice.test", "network": "bluesky"}).headers["Location"]
    running.work()
    before = running.client.get(f"{path}/rows.json").json
    assert before["rows"][0]["is_found"]
    running.lookup.opt_out("bluesky", "alice.test")
    row = running.client.get(f"{path}/rows.json?since={before['revision']}").json["rows"][0]
    assert (row["verdict"], "is_found" in row, "score" in row) == ("refused", False, False)


def test_the_rows_of_no_review_are_no_rows(running: Running) -> None:
    assert running.client.get("/review/nothing/rows.json").status_code == 404


def test_keeping_goes_on_with_the_next_account_without_loading_the_page(
    in_browser: InBrowser, address: str, running: Running, path: str
) -> None:
    def look(page: Page) -> None:
        opened(page, f"{address}{path}?order=name")
        page.evaluate("window.isSamePage = true")
        first, second = page.locator("#rows tbody tr").evaluate_all("(rows) => rows.slice(0, 2).map((row) => row.id)")
        page.locator(f"#{first} button").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#{first}")).to_have_count(0)
        expect(page.locator(f"#{second} button")).to_be_focused()
        assert page.evaluate("window.isSamePage")
        page.get_by_role("link", name="on your keep-list").click()
        expect(page.locator("#which")).to_have_text("Your keep-list")
        page.wait_for_url(re.compile(r"\?order=name&kept=1$|\?kept=1$"))
        page.reload()
        page.locator(f"#{first} button").click()
        expect(page.locator(f"#{first}")).to_have_count(0)
        page.goto(f"{address}{path}?order=name")
        assert page.locator(f"#{first}").count() == 1

    visit(in_browser, look)


def test_a_decision_that_cannot_be_saved_is_said_and_the_row_stays(
    in_browser: InBrowser, address: str, running: Running, path: str
) -> None:
    def look(page: Page) -> None:
        opened(page, address + path)
        page.route("**/keep", lambda route: route.abort())
        row = page.locator("#rows tbody tr").first
        name = row.get_attribute("id")
        row.get_by_role("button").click()
        expect(page.get_by_role("alert").filter(has_text="could not be saved")).to_be_visible()
        assert page.locator(f"#{name}").count() == 1

    visit(in_browser, look)


def test_the_end_of_a_running_review_comes_into_the_open_page(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    path = review_of(running, found_of(3), waiting=["alice.test"])
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None

    def look(page: Page) -> None:
        opened(page, address + path)
        page.evaluate("window.isSamePage = true")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        running.service.reviews._store.settle(review.id, 3, "unknown", "", "alice.test", running.lookup.now())
        running.service.reviews._store.finish(review.id, "done", "", 0)
        expect(page.locator("#progress")).to_contain_text("All 4 accounts looked at", timeout=10_000)
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        expect(page.locator("#row-3")).to_contain_text("Gone")
        assert page.evaluate("window.isSamePage")

    visit(in_browser, look)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_table_that_the_browser_wrote_is_accessible_and_fits_a_phone(
    in_browser: InBrowser, address: str, running: Running, path: str, pictures: Path, scheme: str, width: int
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")

    def look(page: Page) -> list[Any]:
        found: list[Any] = []
        for name, at in (("table", f"{path}?silent=6"), ("note", f"{path}/notes/3")):
            page.goto(address + at)
            if name == "table":
                page.locator(TAKEN_OVER).wait_for(state="attached")
                page.get_by_role("link", name="Last post").click()
                page.locator("a.write").first.click()
            page.screenshot(path=str(pictures / f"review-{name}-{scheme}-{width}.png"))
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found += page.evaluate("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
            found += page.evaluate("document.documentElement.scrollWidth <= innerWidth ? [] : ['too wide']")
        return found

    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []

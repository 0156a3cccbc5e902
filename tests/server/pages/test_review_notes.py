"""Notes to the accounts of a review: written, found again, kept no longer than they may be."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, Route, expect

from server.review import LONGEST_NOTE
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import InBrowser, served, visit
from tests.server.pages.reviewed import found_of, review_of

NAMES = ["alice.test", "eva.test", "gone.test"]


@pytest.fixture
def network() -> FakeNetwork:
    fake = FakeNetwork(
        Invented("alice.test").replies(people=30).post(times=20),
        Invented("eva.test").post(times=12),
        Invented("me.test").post(times=4),
    )
    fake.following = {"me.test": list(NAMES)}
    return fake


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


@pytest.fixture
def path(running: Running) -> str:
    """A review of three accounts that is done."""
    begun = running.client.post("/review", data={"account": "me.test", "network": "bluesky"})
    running.work()
    path: str = begun.headers["Location"]
    return path


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as at:
        yield at


def write(client: Any, path: str, position: int, note: str, **also: str) -> Any:
    return client.post(f"{path}/notes/{position}", data={"note": note, **also})


def notes(client: Any, path: str) -> dict[str, str]:
    rows = BeautifulSoup(client.get(path).text, "html.parser").select("#rows tbody tr")
    return {str(row.a and row.a.text): note.text for row in rows if (note := row.select_one(".note"))}


def in_the_database(folder: Path, words: str) -> bool:
    return any(words.encode() in file.read_bytes() for file in folder.glob("rapport.db*"))


def test_a_note_is_written_and_read_in_its_row_and_the_way_back_leads_there(client: Any, path: str) -> None:
    form = BeautifulSoup(client.get(f"{path}/notes/1?order=name&search=e").text, "html.parser").select_one("main form")
    assert form is not None
    sent = {field["name"]: field.get("value", "") for field in form.select("[name]")}
    answer = client.post(form["action"], data={**sent, "note": "  met in\r\n Leeds <b> "})
    assert answer.headers["Location"] == f"{path}?search=e&order=name#row-1"
    assert notes(client, path) == {"eva.test": "met in Leeds <b>"}
    assert "met in Leeds &lt;b&gt;" in client.get(f"{path}/notes/1").text
    write(client, path, 1, "")
    assert notes(client, path) == {}


def test_notes_are_searched_and_stand_in_the_file(client: Any, path: str) -> None:
    write(client, path, 2, "=who was that in Straßburg")
    page = BeautifulSoup(client.get(f"{path}?search=STRASSBURG").text, "html.parser")
    assert [row["id"] for row in page.select("#rows tbody tr")] == ["row-2"]
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}.csv").text)))
    assert [row["note"] for row in rows] == ["", "", "'=who was that in Straßburg"]


def test_a_note_that_is_too_long_is_shown_again_with_what_is_wrong(client: Any, path: str) -> None:
    answer = write(client, path, 1, "é" * (LONGEST_NOTE + 1))
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert (
        page.select_one(".error").text
        == f"That note has {LONGEST_NOTE + 1} characters; at most {LONGEST_NOTE} are kept."
    )  # type: ignore[union-attr]
    assert page.select_one("textarea").text == "é" * (LONGEST_NOTE + 1)  # type: ignore[union-attr]
    assert notes(client, path) == {}
    assert write(client, path, 1, "é" * LONGEST_NOTE).status_code == 303


def test_no_note_is_taken_from_another_site_or_to_an_account_that_is_not_there(client: Any, path: str) -> None:
    from_elsewhere = client.post(
        f"{path}/notes/1", data={"note": "x"}, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://a.example"}
    )
    assert from_elsewhere.status_code == 403
    assert write(client, path, 77, "x").status_code == 404
    assert client.get(f"{path}/notes/77").status_code == 404
    assert client.get("/review/nothing/notes/1").status_code == 404
    assert notes(client, path) == {}


def test_the_note_goes_when_the_account_opts_out_and_no_other_is_taken(
    client: Any, running: Running, path: str, tmp_path: Path
) -> None:
    write(client, path, 0, "an old colleague")
    write(client, path, 1, "a neighbour")
    running.lookup.opt_out("bluesky", "alice.test")
    assert notes(client, path) == {"eva.test": "a neighbour"}
    assert "asks not to be kept" in write(client, path, 0, "again").text
    assert "asks not to be kept" in client.get(f"{path}/notes/0").text
    assert notes(client, path) == {"eva.test": "a neighbour"}
    running.service.reviews._store._engine.dispose()
    assert not in_the_database(tmp_path, "an old colleague")


def test_the_note_goes_when_the_account_asks_not_to_be_kept_any_more(client: Any, running: Running, path: str) -> None:
    write(client, path, 0, "an old colleague")
    ephemeral(running.network.accounts["alice.test"])
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert notes(client, path) == {}


def test_the_note_to_an_account_that_waits_goes_when_it_is_found_to_ask_not_to_be_kept(
    client: Any, running: Running
) -> None:
    ephemeral(running.network.accounts["alice.test"])
    begun = client.post("/review", data={"names": "alice.test", "network": "bluesky"}).headers["Location"]
    assert write(client, begun, 0, "an old colleague").status_code == 303
    assert notes(client, begun) == {"alice.test": "an old colleague"}
    running.work()
    assert notes(client, begun) == {}


def test_an_account_that_is_gone_keeps_its_note(client: Any, path: str) -> None:
    write(client, path, 2, "was the baker")
    assert notes(client, path) == {"gone.test": "was the baker"}


def test_notes_are_deleted_with_the_review(client: Any, running: Running, path: str, tmp_path: Path) -> None:
    write(client, path, 0, "an old colleague")
    client.post(f"{path}/delete")
    running.service.reviews._store._engine.dispose()
    assert not in_the_database(tmp_path, "an old colleague")


def test_without_a_script_a_page_of_its_own_takes_the_note(in_browser: InBrowser, address: str, path: str) -> None:
    def look(page: Page) -> str:
        page.goto(f"{address}{path}?order=name")
        page.get_by_role("link", name="Note to eva.test").click()
        page.locator("#note").fill("met in Leeds")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#row-1 .note")).to_have_text("met in Leeds")
        return page.url

    assert visit(in_browser, look, java_script_enabled=False) == f"{address}{path}?order=name#row-1"


@pytest.fixture
def long(running: Running) -> str:
    """A review of 60 accounts."""
    return review_of(running, [found for found in found_of(70) if found[1] == "done"][:60])


def in_its_row(page: Page, address: str, long: str) -> Any:
    page.goto(f"{address}{long}?order=name")
    page.locator("#filters button[hidden]").wait_for(state="attached")
    page.locator("#row-30 a.write").click()
    expect(page.locator("#rows tbody tr")).to_have_count(60)
    return page.locator("#row-30 .writing")


def test_a_note_is_written_in_its_row_without_losing_the_place(
    in_browser: InBrowser, address: str, running: Running, long: str
) -> None:
    def look(page: Page) -> None:
        field = in_its_row(page, address, long)
        order = page.locator("#rows tbody tr").evaluate_all("(rows) => rows.map((row) => row.id)")
        scrolled = page.evaluate("scrollY")
        assert scrolled > 200
        expect(field).to_be_focused()
        field.fill("met in <i>Leeds</i>")
        with page.expect_response("**/notes/30") as answer:
            field.press("Enter")
        assert answer.value.status == 204
        expect(page.locator("#row-30 .note")).to_have_text("met in <i>Leeds</i>")
        expect(page.locator("#row-30 a.write")).to_be_focused()
        assert page.evaluate("scrollY") == scrolled
        assert page.locator("#rows tbody tr").evaluate_all("(rows) => rows.map((row) => row.id)") == order
        page.get_by_label("Name, topic or note").fill("leeds")
        expect(page.locator("#rows tbody tr")).to_have_count(1)

    visit(in_browser, look)
    assert list(notes(running.client, long).values()) == ["met in <i>Leeds</i>"]


def test_escape_leaves_a_note_as_it_was_and_leaving_the_field_saves_it(
    in_browser: InBrowser, address: str, running: Running, long: str
) -> None:
    def look(page: Page) -> None:
        field = in_its_row(page, address, long)
        field.fill("nothing")
        field.press("Escape")
        expect(page.locator("#row-30 a.write")).to_be_focused()
        page.keyboard.press("Enter")
        expect(field).to_have_value("")
        field.fill("something")
        with page.expect_response("**/notes/30"):
            page.get_by_role("link", name="Score", exact=True).click()
        expect(page.locator("#order")).to_have_value("-score")
        expect(page.locator("#row-30 .note")).to_have_text("something")

    visit(in_browser, look)
    assert list(notes(running.client, long).values()) == ["something"]


@pytest.mark.parametrize(
    "failing",
    [lambda route: route.abort(), lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>")],
    ids=["nothing answers", "something else answers"],
)
def test_what_was_typed_is_not_lost_when_it_cannot_be_saved(
    in_browser: InBrowser, address: str, running: Running, long: str, failing: Callable[[Route], None]
) -> None:
    def look(page: Page) -> None:
        page.route("**/notes/30", failing)
        field = in_its_row(page, address, long)
        field.fill("a long thought")
        field.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="was not saved. The service does not answer.")).to_be_visible()
        expect(page.locator("#row-30 .note")).to_have_count(0)
        page.unroute("**/notes/30")
        page.locator("#row-30 a.write").click()
        expect(field).to_have_value("a long thought")
        field.press("Enter")
        expect(page.locator("#failed")).to_be_empty()
        expect(page.locator("#row-30 .note")).to_have_text("a long thought")

    visit(in_browser, look)
    assert list(notes(running.client, long).values()) == ["a long thought"]

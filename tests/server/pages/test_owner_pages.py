"""What the owner of an account meets: the code, the page of choices, what others then see; and the leaderboards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import InBrowser, follow, problems_of, served, soup, visit, words

ALICE = "/accounts/bluesky/alice.test"


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        Invented("alice.test", display_name="Alice <b>Moreau</b>")
        .replies(people=30)
        .post(times=20, every_hours=6, tags="birds"),
        Invented("ben.test").replies(people=45).post(times=20, every_hours=6, tags="birds"),
    )


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


def claim(client: Any, handle: str = "alice.test") -> str:
    """Begin; gives the path of the owner's page."""
    answer = client.post("/owner", data={"account": handle, "network": "bluesky"})
    assert answer.status_code == 303, answer.text
    path: str = answer.headers["Location"]
    return path


def prove(client: Any, running: Running, handle: str = "alice.test") -> str:
    """The path of the page of a proved owner."""
    path = claim(client, handle)
    code = soup(client.get(path)).select_one("#code")
    assert code is not None
    running.network.profiles[handle] = (code.get_text(),)
    assert client.post(f"{path}/prove").status_code == 303
    return path


def test_the_way_from_the_form_over_the_code_to_the_page(client: Any, running: Running) -> None:
    path = claim(client)
    page = client.get(path)
    assert "rapport-" in words(page)
    refused = client.post(f"{path}/prove")
    assert refused.status_code == 400
    assert "does not stand in the profile of alice.test yet" in words(refused)
    path = prove(client, running)
    assert "proved to be yours" in words(client.get(path))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"account": "two words", "network": "bluesky"}, "type one like alice.test"),
        ({"account": "nobody.test", "network": "bluesky"}, "There is no account"),
        ({}, "Type an account"),
    ],
)
def test_an_account_that_cannot_be_owned_says_why(client: Any, form: dict[str, str], said: str) -> None:
    answer = client.post("/owner", data=form)
    assert answer.status_code == 400
    assert said in words(answer)


def test_a_claim_that_is_not_proved_can_do_nothing(client: Any, running: Running) -> None:
    path = claim(client)
    for what in ("choose", "dispute", "withdraw", "delete"):
        assert client.post(f"{path}/{what}", data={"note": "mine", "listed": "1"}).status_code == 403
    assert client.get(f"{path}.json").status_code == 403
    assert "mine" not in words(client.get(ALICE))
    assert running.lookup.kept_report("bluesky", "alice.test") is not None


def test_the_note_stands_with_the_report_and_is_no_markup(client: Any, running: Running) -> None:
    path = prove(client, running)
    client.post(f"{path}/choose", data={"note": "I <b>answer</b> on weekdays", "listed": "", "place": ""})
    page = client.get(ALICE)
    assert "I &lt;b&gt;answer" in page.text
    assert "A note of its owner" in words(page)
    too_long = client.post(f"{path}/choose", data={"note": "x" * 301, "listed": "1", "place": "Ghent"})
    assert too_long.status_code == 400
    assert "301 characters" in words(too_long)
    field, place = soup(too_long).select_one("#note"), soup(too_long).select_one("#place")
    assert field is not None
    assert place is not None
    assert (len(field.get_text()), place["value"]) == (301, "Ghent")


def test_a_dispute_stands_beside_the_finding_with_its_outcome(client: Any, running: Running) -> None:
    path = prove(client, running)
    running.clock.time += 60
    client.post(f"{path}/dispute", data={"signal": "reply_share", "words": "I <i>answer</i> more."})
    finding = soup(client.get(ALICE)).select_one("#signal-reply_share .disputed")
    assert finding is not None
    assert "I <i>answer</i> more.” The account is being read again." in finding.get_text()
    running.network.accounts["alice.test"].replies(people=45)
    running.clock.time += 60
    running.work()
    finding = soup(client.get(ALICE)).select_one("#signal-reply_share .disputed")
    assert finding is not None
    assert "Before, it said: " in finding.get_text()
    page = client.get(path)
    button = soup(page).select_one("button[name=dispute]")
    assert button is not None
    client.post(f"{path}/withdraw", data={"dispute": button["value"]})
    assert soup(client.get(ALICE)).select_one(".disputed") is None
    empty = client.post(f"{path}/dispute", data={"signal": "reply_share", "words": ""})
    assert empty.status_code == 400
    assert "Say in a sentence" in words(empty)


def test_everything_can_be_taken_along_and_deleted(client: Any, running: Running) -> None:
    path = prove(client, running)
    taken = client.get(f"{path}.json")
    assert "attachment" in taken.headers["Content-Disposition"]
    assert taken.json["account"] == "bluesky:did:plc:alice.test"
    gone = client.post(f"{path}/delete")
    assert "Nothing is kept about alice.test any more" in words(gone)
    assert client.get(path).status_code == 404
    assert running.lookup.kept_report("bluesky", "alice.test") is None
    path = prove(client, running)
    client.post(f"{path}/delete", data={"for_good": "1"})
    assert client.get(ALICE).status_code == 403


@pytest.mark.parametrize("what", ["prove", "choose", "dispute", "withdraw", "leave", "delete"])
def test_another_site_can_do_nothing_to_an_owner(client: Any, running: Running, what: str) -> None:
    path = prove(client, running)
    answer = client.post(f"{path}/{what}", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "proved to be yours" in words(client.get(path))


@pytest.mark.parametrize("key", ["x", "a" * 32, "%00", "../../etc"])
def test_an_address_of_nobody_leads_nowhere(client: Any, key: str) -> None:
    assert client.get(f"/owner/{key}").status_code == 404


def rows(answer: Any) -> list[str]:
    return [row.a.get_text() for row in soup(answer).select("#board tbody th") if row.a]


def test_the_leaderboards_hold_who_wants_to_be_there(client: Any, running: Running) -> None:
    assert "Nobody is listed here yet" in words(client.get("/boards"))
    for handle in ("alice.test", "ben.test"):
        client.post(f"{prove(client, running, handle)}/choose", data={"note": "", "listed": "1", "place": "Ghent"})
    assert set(rows(client.get("/boards"))) == {"alice.test", "ben.test"}
    assert rows(client.get("/boards?order=conversation")) == ["ben.test", "alice.test"]
    assert set(rows(client.get("/boards?topic=birds&place=ghent"))) == {"alice.test", "ben.test"}
    nowhere = client.get("/boards?place=%3Cscript%3E&order=nonsense&network=nowhere")
    assert nowhere.status_code == 200
    assert "under that topic or place" in words(nowhere)
    assert "<script>" not in nowhere.text.split("</form>")[0].split("filters")[1]
    running.lookup.opt_out("bluesky", "ben.test")
    assert rows(client.get("/boards")) == ["alice.test"]


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_owners_pages_and_the_boards_are_accessible_and_fit_a_phone(
    in_browser: InBrowser, address: str, running: Running, pictures: Path, scheme: str, width: int
) -> None:
    def look(page: Page) -> list[Any]:
        def take(name: str) -> list[Any]:
            page.screenshot(path=str(pictures / f"{name}-{scheme}-{width}.png"), full_page=True)
            return problems_of(page)

        page.goto(address + "/owner")
        found = take("owner-start")
        page.get_by_role("textbox", name="Account").fill("alice.test")
        page.get_by_label("Network").select_option("bluesky")
        page.get_by_role("button", name="Begin").click()
        running.network.profiles["alice.test"] = (page.locator("#code").inner_text(),)
        found += take("owner-proof")
        page.get_by_role("button", name="Check now").click()
        page.get_by_label("A note").fill("I answer on weekdays")
        page.get_by_label("Show it on the leaderboards").check()
        follow(page, page.get_by_role("button", name="Save", exact=True))
        page.get_by_label("What is wrong with it").fill("I answer more than that.")
        page.get_by_role("button", name="Dispute it").click()
        page.get_by_text("Being read again").wait_for()
        found += take("owner")
        mine = page.url
        page.get_by_role("link", name="leaderboards", exact=True).click()
        page.locator("#board").wait_for()
        found += take("boards")
        page.get_by_role("link", name="alice.test").click()
        page.locator("#owner-note").wait_for()
        found += take("report-with-owner")
        page.goto(mine)
        page.get_by_role("button", name="Delete everything about this account").click()
        page.get_by_role("heading", name="Deleted").wait_for()
        return found + take("owner-deleted")

    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []

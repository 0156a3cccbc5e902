"""Going through candidates as a person meets it: the forms, what the page and the file say that it is a list of, and what is not there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.activity import PostKind
from server.networks.mastodon import Mastodon
from server.networks.network import ListedPage
from server.networks.x import X
from server.pages.name_list import read_names
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import AXE, InBrowser, served, soup, visit, words

MEMBERS = ["alice.test", "carla.test", "gone.test"]


@pytest.fixture
def network() -> FakeNetwork:
    fake = FakeNetwork(
        Invented("alice.test", display_name="Alice Moreau").replies(people=30).post(times=20),
        Invented("carla.test").post(PostKind.ORIGINAL, times=40),
        Invented("me.test").post(PostKind.REPLY, times=9, target="did:plc:alice.test").post(times=4),
    )
    fake.published = {"pack:<b>birds</b>": list(MEMBERS), "pack:empty": []}
    fake.followed_by = {"me.test": ["carla.test", "alice.test"], "lonely.test": []}
    return fake


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


def begin(client: Any, **form: Any) -> str:
    answer = client.post("/review", data=form)
    assert answer.status_code == 303, answer.text
    path: str = answer.headers["Location"]
    return path


def heading(answer: Any) -> str:
    h1 = soup(answer).h1
    assert h1 is not None
    return h1.get_text()


def accounts(answer: Any) -> list[str]:
    return [row.a.get_text() for row in soup(answer).select("#rows tbody th") if row.a]


def rows_of(file: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.text)))


def test_a_published_list_is_reviewed_under_its_name_which_is_never_read_as_markup(
    client: Any, running: Running
) -> None:
    path = begin(client, of="members", published=" pack:<b>birds</b> ")
    assert heading(client.get(path)) == "Members of a published list"
    running.work()
    page = client.get(path)
    assert heading(page) == "Members of the pack “<b>birds</b>”"
    assert "<b>birds" not in page.text
    assert accounts(page) == MEMBERS
    assert "You two" not in words(page)
    file = client.get(f"{path}.csv")
    assert {row["list"] for row in rows_of(file)} == {"Members of the pack “<b>birds</b>”"}
    assert file.headers["Content-Disposition"] == 'attachment; filename="published-list-review.csv"'


def test_with_the_own_account_named_it_says_what_the_two_had_to_do_with_one_another(
    client: Any, running: Running
) -> None:
    path = begin(client, of="members", published="pack:<b>birds</b>", own="me.test")
    running.work()
    assert "9 replies yours 9, theirs 0" in words(client.get(path))
    assert accounts(client.get(f"{path}?dealings=some")) == ["alice.test"]


def test_newest_followers_are_reviewed_with_the_dealings_of_whose_they_are(client: Any, running: Running) -> None:
    path = begin(client, of="followers", account="me.test", network="bluesky")
    running.work()
    page = client.get(path)
    assert heading(page) == "Newest followers of me.test"
    assert accounts(page) == ["carla.test", "alice.test"]
    assert "9 replies yours 9, theirs 0" in words(page)
    assert {row["list"] for row in rows_of(client.get(f"{path}.csv"))} == {"Newest followers of me.test"}


def test_names_are_reviewed_with_the_own_account_beside_them(client: Any, running: Running) -> None:
    path = begin(client, names="alice.test\ncarla.test", own="@me.test", network="bluesky")
    running.work()
    page = client.get(path)
    assert heading(page) == "A list of accounts"
    assert "9 replies yours 9, theirs 0" in words(page)
    assert "Fakesky" in words(page), "a list of names may be of several networks, so each is named"


@pytest.mark.parametrize(
    ("form", "wrong", "said"),
    [
        ({"of": "members", "published": "alice.test"}, "published", "paste one like pack:birds"),
        ({"of": "members", "published": ""}, "published", "paste one like pack:birds"),
        ({"of": "members", "published": "pack:empty", "own": "two words"}, "own", "Your own account: 'two words' is"),
        ({"of": "followers", "account": "two words", "network": "bluesky"}, "account", "type one like alice.test"),
        ({"names": "alice.test", "own": "two words", "network": "bluesky"}, "own", "Your own account: 'two words' is"),
    ],
)
def test_a_bad_entry_shows_its_form_again_as_it_was_filled_with_what_is_wrong(
    client: Any, form: dict[str, str], wrong: str, said: str
) -> None:
    answer = client.post("/review", data=form)
    assert answer.status_code == 400
    error = soup(answer).select_one(".error")
    assert error is not None
    assert said in error.get_text()
    again = error.find_parent("form")
    assert again is not None
    for name, value in form.items():
        if name != "network":
            field = again.select_one(f'[name="{name}"]')
            assert field is not None
            assert (field.get("value") or field.get_text().strip()) == value
    (invalid,) = soup(answer).select('[aria-invalid="true"]')
    assert invalid["name"] == wrong
    assert invalid["aria-describedby"] == error["id"]


def test_without_a_network_that_publishes_lists_the_form_asks_for_none(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "A starter pack or a list on Fakesky" in words(client.get("/review"))
    monkeypatch.delattr(FakeNetwork, "members")
    page = client.get("/review")
    assert soup(page).select_one('[name="published"]') is None
    assert "The newest followers of an account" in words(page)


def test_an_empty_list_and_an_account_without_followers_are_said_to_be_so(client: Any, running: Running) -> None:
    empty, lonely = (
        begin(client, of="members", published="pack:empty"),
        begin(client, of="followers", account="lonely.test"),
    )
    running.work()
    assert "There is nobody on that list." in words(client.get(empty))
    assert heading(client.get(empty)) == "Members of the pack “empty”"
    assert "Nobody follows lonely.test." in words(client.get(lonely))


def test_a_list_taken_away_midway_is_said_to_have_been(client: Any, running: Running) -> None:
    path = begin(client, of="members", published="pack:<b>birds</b>")
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    running.service.reviews.work(review.id)
    running.network.published.clear()
    running.work()
    assert "taken away while it was being read: those here are the 2 of 3 read until then" in words(client.get(path))


def test_of_many_followers_it_is_said_how_many_are_not_there(
    client: Any, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.review.MOST_FOLLOWERS", 1)
    path = begin(client, of="followers", account="me.test")
    running.work()
    page = words(client.get(path))
    assert "2 accounts follow it; the newest 1 that the network lists are here" in page
    assert "deleted, suspended" not in page


def test_members_that_the_network_does_not_list_are_admitted(client: Any, running: Running) -> None:
    pages = running.network.members

    def with_more(address: str, cursor: str, fetcher: Any) -> ListedPage:
        return replace(pages(address, cursor, fetcher), count=None if cursor else 8)

    running.network.members = with_more  # type: ignore[method-assign]
    path = begin(client, of="members", published="pack:<b>birds</b>")
    running.work()
    assert "The list is said to hold 8; the network lists 3. The other 5 are deleted" in words(client.get(path))


def test_the_lists_that_a_mastodon_server_exports_are_read_by_their_second_column() -> None:
    file = 'Friends,alice@social.example\n"Trams, buses",bob@far.example\nJustoneword,@eva@far.example\n'
    read = read_names(file.encode(), "", {"mastodon": Mastodon(), "x": X()})
    assert read.names == (
        ("mastodon", "alice@social.example"),
        ("mastodon", "bob@far.example"),
        ("mastodon", "eva@far.example"),
    )


def x_export(which: str, number: int) -> str:
    """A file such as X exports: an assignment with numbers and links of intent."""
    link = "https://twitter.com/intent/user?user_id="
    accounts = [{which: {"accountId": str(n), "userLink": f"{link}{n}"}} for n in range(10**9, 10**9 + number)]
    return f"window.YTD.{which}.part0 = {json.dumps(accounts, indent=2)}"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (x_export("following", 1_204), "the 1,204 accounts you follow. It has a number for each"),
        (x_export("follower", 1), "the 1 account that follows you"),
        (x_export("following", 3)[:60], "accounts you follow. It has a number"),
        ("window.YTD.mute.part0 = [ ]", "accounts in it"),
    ],
)
def test_x_s_own_export_is_told_for_what_it_is_with_what_to_do_instead(client: Any, file: str, said: str) -> None:
    answer = client.post("/review", data={"file": (io.BytesIO(file.encode()), "following.js")})
    assert answer.status_code == 400
    error = soup(answer).select_one(".error")
    assert error is not None
    assert said in error.get_text()
    assert "paste their handles" in error.get_text()
    assert "whose posts you had on screen on X while the extension was allowed" in error.get_text()


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as at:
        yield at


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_forms_with_what_is_wrong_and_the_review_are_accessible_and_fit_a_phone(
    in_browser: InBrowser, address: str, running: Running, pictures: Path, scheme: str, width: int
) -> None:
    running.network.accounts["carla.test"] = Invented("carla.test", moved_to="carla@new.example").post(times=40)

    def look(page: Page) -> list[Any]:
        page.goto(address + "/review")
        page.get_by_label("Address of its page").fill("https://bsky.example/profile/alice")
        page.get_by_role("button", name="Begin").nth(1).click()
        page.get_by_role("alert").wait_for()
        expect(page.get_by_label("Address of its page")).to_be_focused()
        expect(page.get_by_role("alert")).to_be_in_viewport()
        found = [*checked(page, f"review-candidates-wrong-{scheme}-{width}")]
        page.get_by_label("Address of its page").fill("pack:<b>birds</b>")
        page.get_by_label("Your own account").first.fill("me.test")
        page.keyboard.press("Enter")
        page.locator("#progress").wait_for()
        running.work()
        page.locator("#row-2").wait_for(timeout=15_000)
        page.get_by_text("All 3 accounts looked at").wait_for()
        assert page.locator("h1").inner_text() == "Members of the pack “<b>birds</b>”"
        return found + checked(page, f"review-candidates-{scheme}-{width}")

    def checked(page: Page, name: str) -> list[Any]:
        page.screenshot(path=str(pictures / f"{name}.png"), full_page=True)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        broken: list[Any] = page.evaluate(
            "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html + n.failureSummary)]))"
        )
        return broken + ([] if page.evaluate("document.documentElement.scrollWidth <= innerWidth") else ["too wide"])

    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")
    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []


def test_an_open_page_of_an_empty_list_is_renamed_when_it_ends(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    path = begin(running.client, of="members", published="pack:empty")

    def look(page: Page) -> str:
        page.goto(address + path)
        running.work()
        page.get_by_text("There is nobody on that list.").wait_for(timeout=15_000)
        return page.locator("h1").inner_text()

    assert visit(in_browser, look) == "Members of the pack “empty”"

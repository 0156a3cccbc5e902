"""Watched accounts as a person meets them: the list in this browser, its own address, its feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page

from server.pages.tracked_list import COOKIE
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import DAY, NOW, Invented
from tests.server.pages.in_a_browser import InBrowser, follow, problems_of, served, soup, visit, words

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        Invented("alice.test", display_name="Alice <b>Moreau</b>").replies(people=30).post(times=20),
        Invented("carla.test").post(times=40),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


def watch(client: Any, handle: str = "alice.test") -> Any:
    return client.post("/tracked", data={"account": handle, "network": "bluesky"})


def watched(client: Any) -> list[str]:
    return [row.a.get_text() for row in soup(client.get("/tracked")).select("#rows tbody th") if row.a]


def key_of(client: Any) -> str:
    value: str = client.get_cookie(COOKIE).value
    return value


def live(running: Running, days: int) -> None:
    """So many days with the hourly work, on which Alice gains ten followers each."""
    builder = running.network.accounts["alice.test"].builder
    for _ in range(days):
        running.clock.time += DAY
        followers = 300 + 10 * round((running.clock.time - NOW) / DAY)
        builder.profile = replace(builder.profile, followers=followers)
        builder.count(int(running.clock.time), followers, 200, 1000)
        running.service.tracking.gather_due()
        running.work()


def test_watching_begins_a_list_that_this_browser_remembers_and_no_other(client: Any, running: Running) -> None:
    assert "No account is watched yet" in words(client.get("/tracked"))
    assert client.get_cookie(COOKIE) is None
    answer = watch(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tracked")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    watch(client, "carla.test")
    assert watched(client) == ["alice.test", "carla.test"]
    assert watched(running.app.test_client()) == []


def test_only_an_answer_over_https_has_the_cookie_sent_over_https_alone(running: Running) -> None:
    for base, secure in (("http://127.0.0.1:8765", False), ("https://127.0.0.1:8765", True)):
        form = {"account": "alice.test", "network": "bluesky"}
        answer = running.app.test_client().post("/tracked", data=form, base_url=base)
        assert ("Secure" in answer.headers["Set-Cookie"]) is secure


@pytest.mark.parametrize(
    ("handle", "said"),
    [
        ("two words", "type one like alice.test"),
        ("nobody.test", "There is no account nobody.test"),
        ("shy.test", "asks not to be kept"),
        ("", "Type an account"),
    ],
)
def test_what_cannot_be_watched_says_why_what_was_typed_stays_and_no_list_is_left_behind(
    client: Any, running: Running, handle: str, said: str
) -> None:
    answer = watch(client, handle)
    assert answer.status_code == 400
    assert said in words(answer)
    field = soup(answer).select_one("#track-account")
    assert field is not None
    assert field["value"] == handle
    assert client.get_cookie(COOKIE) is None
    assert running.service.tracking.lists() == 0


def test_the_report_and_the_history_offer_to_watch_and_to_stop(client: Any, running: Running) -> None:
    running.lookup.gather("bluesky", "alice.test", study=True)
    for path in ("/accounts/bluesky/alice.test", "/history/bluesky/alice.test"):
        assert "Watch this account" in words(client.get(path))
        watch(client)
        assert "Watch no more" in words(client.get(path))
        client.post("/tracked/untrack", data={"network": "bluesky", "name": "did:plc:alice.test"})
        assert watched(client) == []


def test_a_week_of_an_account_is_told_from_the_eighth_day_on(client: Any, running: Running) -> None:
    watch(client)
    live(running, 3)
    assert "not known yet" in words(client.get("/tracked"))
    live(running, 5)
    row = soup(client.get("/tracked")).select_one("#rows tbody tr")
    assert row is not None
    told = " ".join(row.get_text(" ").split())
    assert "not known yet" not in told
    assert "380 +70" in told
    points = running.lookup.over_time("bluesky", "alice.test").points
    difference = points[-1]["score"] - points[-8]["score"]
    assert f"{difference:+.1f}".replace("-", "−").replace("+0.0", "0.0") in told
    assert row.select_one("svg.sparkline path")
    assert "&lt;b&gt;Moreau" in client.get("/tracked").text


def test_a_list_is_opened_elsewhere_by_its_address_but_only_when_the_person_says_so(
    client: Any, running: Running
) -> None:
    watch(client)
    other = running.app.test_client()
    watch(other, "carla.test")
    address = f"/tracked/{key_of(client)}"
    asked = other.get(address)
    assert "1 account is watched here: alice.test" in words(asked)
    assert "shows another list now" in words(asked)
    assert "Set-Cookie" not in asked.headers
    assert watched(other) == ["carla.test"]
    other.post(address)
    assert watched(other) == ["alice.test"]
    assert "shows another list now" not in words(client.get(address))


def test_a_deleted_list_leaves_nothing_here_or_at_its_address(client: Any) -> None:
    watch(client)
    key = key_of(client)
    client.post("/tracked/delete")
    assert client.get_cookie(COOKIE) is None
    assert watched(client) == []
    for path in (f"/tracked/{key}", f"/tracked/{key}.atom"):
        assert client.get(path).status_code == 404
    client.set_cookie(COOKIE, key)
    assert watched(client) == []
    watch(client)
    assert key_of(client) != key


@pytest.mark.parametrize("path", ["/tracked", "/tracked/untrack", "/tracked/delete", "/tracked/" + "a" * 32])
def test_another_site_can_change_no_list(client: Any, path: str) -> None:
    watch(client)
    answer = client.post(path, data={"account": "carla.test"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert watched(client) == ["alice.test"]


@pytest.mark.parametrize("cookie", ["", "x", "a" * 3000, "%00%ff", "' OR 1=1"])
def test_a_cookie_that_means_nothing_is_no_list(client: Any, cookie: str) -> None:
    client.set_cookie(COOKIE, cookie)
    assert client.get("/tracked").status_code == 200
    assert watched(client) == []


def feed(client: Any, key: str) -> ElementTree.Element:
    answer = client.get(f"/tracked/{key}.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.text)


def test_the_feed_has_an_entry_for_each_whole_week_that_stays_as_it_is(client: Any, running: Running) -> None:
    watch(client)
    key = key_of(client)
    assert feed(client, key).findall("a:entry", ATOM) == []
    live(running, 8)
    first = feed(client, key).findall("a:entry", ATOM)
    live(running, 7)
    second = feed(client, key).findall("a:entry", ATOM)
    assert len(second) == len(first) + 1
    assert first
    assert [(e.findtext("a:id", "", ATOM), e.findtext("a:content", "", ATOM)) for e in second[1:]] == [
        (e.findtext("a:id", "", ATOM), e.findtext("a:content", "", ATOM)) for e in first
    ]
    told = second[0].findtext("a:content", "", ATOM)
    assert "alice.test</a>: score " in told
    assert "70 followers more" in told
    assert 'href="http://localhost/history/bluesky/alice.test"' in told


def test_the_feed_is_whole_atom_and_keeps_no_markup_of_others(client: Any, running: Running) -> None:
    watch(client)
    account = running.network.accounts["alice.test"]
    live(running, 8)
    tree = feed(client, key_of(client))
    for name in ("id", "title", "updated", "author/a:name"):
        assert tree.findtext(f"a:{name}", "", ATOM)
    for entry in tree.findall("a:entry", ATOM):
        for name in ("id", "title", "updated"):
            assert entry.findtext(f"a:{name}", "", ATOM)
        content = ElementTree.fromstring(entry.findtext("a:content", "", ATOM))
        assert {element.tag for element in content.iter()} == {"ul", "li", "a"}
    assert account.builder.profile.handle in client.get(f"/tracked/{key_of(client)}.atom").text


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_list_is_accessible_and_fits_a_phone(
    in_browser: InBrowser, address: str, running: Running, pictures: Path, scheme: str, width: int
) -> None:
    def look(page: Page) -> list[Any]:
        page.goto(address + "/tracked")
        found = problems_of(page)
        page.screenshot(path=str(pictures / f"tracked-none-{scheme}-{width}.png"), full_page=True)
        for handle in ("alice.test", "carla.test"):
            page.get_by_role("textbox", name="Account").fill(handle)
            page.get_by_label("Network").select_option("bluesky")
            page.get_by_role("button", name="Watch", exact=True).click()
            page.get_by_role("link", name=handle).first.wait_for()
        live(running, 9)
        page.reload()
        page.screenshot(path=str(pictures / f"tracked-{scheme}-{width}.png"), full_page=True)
        found += problems_of(page)
        page.get_by_role("link", name="This list’s own address").click()
        page.get_by_role("button", name="Show this list").wait_for()
        page.screenshot(path=str(pictures / f"tracked-elsewhere-{scheme}-{width}.png"), full_page=True)
        found += problems_of(page)
        follow(page, page.get_by_role("button", name="Show this list"))
        follow(page, page.get_by_role("button", name="Remove alice.test"))
        page.get_by_role("button", name="Delete this list").click()
        page.get_by_text("No account is watched yet").wait_for()
        return found

    context = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    assert visit(in_browser, look, java_script_enabled=True, **context) == []

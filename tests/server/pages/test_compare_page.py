"""Accounts side by side as a person meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from server.errors import UpstreamUnavailable
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import InBrowser, problems_of, served, soup, visit, words

TWO = "/compare?account=alice.test&network=bluesky&account=carla.test&network=bluesky"


@pytest.fixture
def network() -> FakeNetwork:
    loud = Invented("alice.test", display_name="Alice <b>Moreau</b>", followers=90_000)
    return FakeNetwork(
        loud.replies(people=30).post(times=40, likes=900, reposts=300, replies=90).received(60, followers=5000),
        Invented("carla.test").post(times=40, likes=0, reposts=0, replies=0),
        Invented("quiet.test", posts=0),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


def ready(running: Running, *handles: str) -> None:
    for handle in handles:
        running.lookup.gather("bluesky", handle, study=True)


def row(answer: Any, title: str) -> list[str]:
    found = [row for row in soup(answer).select("#compared tbody tr") if row.th and row.th.get_text() == title]
    return [" ".join(cell.get_text(" ").split()) for cell in found[0].select("td")]


def test_two_accounts_stand_side_by_side_with_what_their_reports_say(client: Any, running: Running) -> None:
    ready(running, "alice.test", "carla.test")
    answer = client.get(TWO)
    assert answer.status_code == 200
    for handle, column in (("alice.test", 0), ("carla.test", 1)):
        report = running.lookup.report("bluesky", handle).report
        assert report is not None
        assert row(answer, "Score")[column].startswith(str(report["score"]["value"]))
        assert row(answer, "Verdict")[column].startswith(report["verdict"]["title"])
        for pillar in report["pillars"]:
            assert row(answer, pillar["title"])[column].split()[0] in (str(pillar["rounded"]), "not")
        assert row(answer, "Replies : broadcasts")[column].startswith(report["balance"]["ratio"])
    assert row(answer, "Followers") == ["90,000", "300"]
    told = words(answer)
    assert "The words of Alice <b>Moreau</b> carry farther than those of carla.test" in told
    assert "<b>Moreau" not in answer.text


def test_what_they_both_talk_about_is_told_of_those_who_do(client: Any, running: Running) -> None:
    for handle, tags in (("alice.test", "trams bikes"), ("carla.test", "bikes trams tea"), ("dora.test", "tea bikes")):
        account = Invented(handle, display_name=handle[:5].strip(".").title()).post(times=20, every_hours=12, tags=tags)
        running.network.accounts[handle] = account
    ready(running, "alice.test", "carla.test", "dora.test")
    told = [" ".join(line.text.split()) for line in soup(client.get(TWO)).select("#words .shared")]
    assert told == ["Alice and Carla both talk about #bikes and #trams."]
    answer = client.get(TWO + "&account=dora.test&network=bluesky")
    assert [" ".join(line.text.split()) for line in soup(answer).select("#words .shared")] == [
        "Alice, Carla and Dora all talk about #bikes.",
        "Alice and Carla both talk about #trams.",
        "Carla and Dora both talk about #tea.",
    ]


def test_accounts_that_share_no_topic_are_not_said_to(client: Any, running: Running) -> None:
    ready(running, "alice.test", "carla.test")
    assert soup(client.get(TWO)).select("#words .shared") == []


def test_up_to_five_are_compared_each_once_and_more_are_left_out(client: Any, running: Running) -> None:
    for number in range(6):
        running.network.accounts[f"p{number}.test"] = Invented(f"p{number}.test").post(times=20)
        ready(running, f"p{number}.test")
    names = [*(f"p{number}.test" for number in range(4)), "P0.test", "p4.test", "p5.test"]
    answer = client.get("/compare?" + "&".join(f"account={name}&network=bluesky" for name in names))
    shown = [cell.a.get_text() for cell in soup(answer).select("#compared thead th") if cell.a]
    assert shown == ["p0.test", "p1.test", "p2.test", "p3.test", "p4.test"][: len(shown)]
    assert len(shown) >= 4


def test_an_entry_that_is_no_account_is_marked_and_the_others_are_compared(client: Any, running: Running) -> None:
    ready(running, "alice.test", "carla.test")
    answer = client.get(TWO + "&account=two+words&network=bluesky")
    assert answer.status_code == 400
    field = soup(answer).select_one("[aria-invalid]")
    assert field is not None
    assert field["value"] == "two words"
    assert "type one like alice.test" in words(answer)
    assert len(row(answer, "Score")) == 2


def test_accounts_without_a_report_say_why_beside_the_others(client: Any, running: Running) -> None:
    ready(running, "alice.test", "quiet.test", "nobody.test", "shy.test")
    answer = client.get(
        "/compare?" + "&".join(f"account={n}.test&network=bluesky" for n in ("alice", "quiet", "nobody", "shy"))
    )
    assert "nobody.test : No such account." in words(answer)
    assert row(answer, "Score")[1] == "too little seen"
    assert len(row(answer, "Score")) == 3
    running.network.should_raise = UpstreamUnavailable("Fakesky does not answer.", 60)
    ready(running, "down.test")
    assert "Fakesky does not answer." in words(client.get("/compare?account=down.test&network=bluesky"))


def test_one_that_is_being_read_is_waited_for(client: Any, running: Running) -> None:
    answer = client.get(TWO)
    assert "Its public posts are being read" in words(answer)
    assert soup(answer).select_one("[data-wait]")
    running.work()
    answer = client.get(TWO)
    assert soup(answer).select_one("[data-wait]") is None
    assert len(row(answer, "Score")) == 2


def test_without_accounts_there_is_a_form_and_an_empty_field_is_left_out(client: Any) -> None:
    assert len(soup(client.get("/compare")).select("input[name=account]")) == 2
    assert client.get("/compare?account=&account=+&network=x").status_code == 200
    answer = client.get("/compare?account=alice.test&network=nowhere")
    assert answer.status_code == 400
    assert "No such network is served here" in words(answer)


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_comparison_is_accessible_and_fits_a_phone(
    in_browser: InBrowser, address: str, running: Running, pictures: Path, scheme: str, width: int
) -> None:
    ready(running, "alice.test", "carla.test", "quiet.test")

    def look(page: Page) -> list[Any]:
        page.goto(address + "/compare")
        found = problems_of(page)
        page.get_by_label("Account 1").fill("alice.test")
        page.locator("#compare-1-network").select_option("bluesky")
        page.get_by_label("Account 2").fill("carla.test")
        page.locator("#compare-2-network").select_option("bluesky")
        page.get_by_role("button", name="Compare").click()
        page.locator("#compared").wait_for()
        page.screenshot(path=str(pictures / f"compare-{scheme}-{width}.png"), full_page=True)
        found += problems_of(page)
        page.goto(address + TWO + "&account=quiet.test&network=bluesky&account=two+words&network=bluesky")
        page.screenshot(path=str(pictures / f"compare-four-{scheme}-{width}.png"), full_page=True)
        return found + problems_of(page)

    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []

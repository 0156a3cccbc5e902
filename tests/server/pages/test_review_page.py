"""The follow review as a person meets it: the form, the progress, the table, the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from server.activity import PostKind
from server.errors import UpstreamUnavailable
from server.pages.review_table import PAGE
from server.review import MOST_ACCOUNTS
from tests.server.conftest import Clock, Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.pages.in_a_browser import AXE, InBrowser, follow, served, soup, visit, words

FOLLOWED = ["alice.test", "carla.test", "quiet.test", "gone.test", "eva.test", "shy.test"]


@pytest.fixture
def network() -> FakeNetwork:
    fake = FakeNetwork(
        Invented("alice.test", display_name="Alice Moreau").replies(people=30).post(times=20),
        Invented("carla.test", display_name="=HYPERLINK(1)").post(PostKind.ORIGINAL, times=40),
        Invented("quiet.test", posts=0),
        Invented("eva.test", display_name="<b>Eva</b>").post(times=12, every_hours=24 * 12),
        Invented("me.test").post(PostKind.REPLY, times=9, target="did:plc:alice.test").post(times=4),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )
    fake.following = {"me.test": list(FOLLOWED), "lonely.test": []}
    fake.page_size = 4
    return fake


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


def begin(client: Any, **form: Any) -> str:
    """Begin a review; gives the path of its page."""
    answer = client.post("/review", data=form or {"account": "me.test", "network": "bluesky"})
    assert answer.status_code == 303, answer.text
    path: str = answer.headers["Location"]
    return path


def accounts(answer: Any) -> list[str]:
    return [row.a.get_text() for row in soup(answer).select("#rows tbody th") if row.a]


def scores(answer: Any) -> list[int]:
    return [int(number.get_text()) for number in soup(answer).select("#rows td.n:nth-child(3) b")]


def test_the_way_from_the_form_to_the_finished_table(client: Any, running: Running) -> None:
    form = soup(client.get("/review"))
    assert {field["name"] for field in form.select("form [name]")} == {
        "of",
        "account",
        "network",
        "published",
        "own",
        "names",
        "file",
    }
    path = begin(client)
    assert "Reading the list" in words(client.get(path))
    running.work()
    page = client.get(path)
    assert "All 6 accounts looked at" in words(page)
    assert accounts(page) == FOLLOWED
    row = soup(page).select_one("#row-0")
    assert row is not None
    report = running.lookup.report("bluesky", "alice.test").report
    assert report is not None
    told = " ".join(row.get_text(" ").split())
    assert f"{report['score']['value']} {report['score']['low']}–{report['score']['high']}" in told
    assert report["verdict"]["title"] in told
    assert row.select_one("th a")["href"] == "https://fakesky.example/alice.test"  # type: ignore[index]
    assert row.select_one("td a")["href"] == "/accounts/bluesky/alice.test"  # type: ignore[index]


def test_what_an_account_is_called_is_written_and_never_read_as_markup(client: Any, running: Running) -> None:
    path = begin(client)
    running.work()
    page = client.get(path)
    assert "&lt;b&gt;Eva&lt;/b&gt;" in page.text
    assert "<b>Eva</b>" not in page.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"account": "two words", "network": "bluesky"}, "type one like alice.test"),
        ({"account": "", "names": "  \n"}, "There is no account in that list"),
        ({"names": "two words\nthree more words", "network": "bluesky"}, "None of the 2 lines names an account"),
        ({"names": "\n".join(f"p{n}.test" for n in range(MOST_ACCOUNTS + 1))}, "at most 10,000"),
        ({"names": "x\n" * (2 * MOST_ACCOUNTS + 1), "network": "bluesky"}, "more than 20,000 lines"),
        ({"file": (io.BytesIO(b"\x89PNG\0\0"), "face.png")}, "That file is no text"),
        ({"file": (io.BytesIO(b'window.YTD.following.part0 = [{"following": {"accountId": "1"}}]'), "following.js")},
         "the 1 account you follow. It has a number for each of them and no handle"),
    ],
)  # fmt: skip
def test_a_bad_entry_shows_the_form_again_with_what_is_wrong(client: Any, form: dict[str, Any], said: str) -> None:
    answer = client.post("/review", data=form)
    assert answer.status_code == 400
    error = soup(answer).select_one(".error")
    assert error is not None
    assert said in error.get_text()
    kept = soup(answer).select_one("textarea")
    assert kept is not None
    assert kept.get_text().strip() == form.get("names", "").strip()


def test_an_upload_that_is_far_too_large_is_refused_with_words(client: Any) -> None:
    answer = client.post("/review", data={"file": (io.BytesIO(b"a.test\n" * 1_000_000), "big.csv")})
    assert answer.status_code == 413
    assert "larger than" in answer.text


def test_the_file_of_a_mastodon_server_is_read_by_its_first_column(client: Any, running: Running) -> None:
    file = (
        'Account address,Show boosts,Notify on new posts,Languages\nalice.test,true,false,\n"eva.test",true,false,en\n'
    )
    path = begin(client, file=(io.BytesIO("\ufeff".encode() + file.encode()), "following_accounts.csv"))
    running.work()
    assert accounts(client.get(path)) == ["alice.test", "eva.test"]


def test_lines_that_name_no_account_are_passed_over_and_counted(client: Any, running: Running) -> None:
    path = begin(client, names="alice.test\nnot an account\n# a remark\neva.test", network="bluesky")
    running.work()
    page = client.get(path)
    assert accounts(page) == ["alice.test", "eva.test"]
    assert "1 line of your list named no account" in words(page)


def test_another_site_s_page_can_begin_and_change_nothing(client: Any, running: Running) -> None:
    path = begin(client)
    for address in ("/review", f"{path}/stop", f"{path}/delete", f"{path}/keep"):
        answer = client.post(address, data={"account": "me.test"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    assert client.get(path).status_code == 200


def test_the_table_is_searched_filtered_and_sorted_by_its_address(client: Any, running: Running) -> None:
    path = begin(client)
    running.work()
    assert accounts(client.get(f"{path}?search=MOREAU")) == ["alice.test"]
    assert accounts(client.get(f"{path}?verdict=unknown")) == ["gone.test"]
    assert scores(client.get(f"{path}?order=-score")) == sorted(scores(client.get(path)), reverse=True)
    assert scores(client.get(f"{path}?order=score")) == sorted(scores(client.get(path)))
    for order in ("score", "-score"):
        assert set(accounts(client.get(f"{path}?order={order}"))[-2:]) == {"quiet.test", "gone.test"}
    assert accounts(client.get(f"{path}?order=name")) == sorted(FOLLOWED)
    assert accounts(client.get(f"{path}?order=nonsense&page=99&verdict=<x>")) == FOLLOWED
    assert "None of the 6 accounts is like that" in words(client.get(f"{path}?search=nobody"))


def test_who_was_silent_for_months_is_found(client: Any, running: Running, clock: Clock) -> None:
    path = begin(client)
    running.work()
    assert accounts(client.get(f"{path}?silent=3")) == []
    clock.time += 100 * 86400 / 4
    clock.time += 75 * 86400
    silent = accounts(client.get(f"{path}?silent=3"))
    assert set(silent) == {"alice.test", "carla.test", "eva.test", "shy.test"}


def test_what_the_two_had_to_do_with_one_another_is_shown_and_filtered(client: Any, running: Running) -> None:
    path = begin(client)
    running.work()
    page = client.get(path)
    row = soup(page).select_one("#row-0")
    assert row is not None
    assert "9 replies yours 9, theirs 0" in " ".join(row.get_text(" ").split())
    assert accounts(client.get(f"{path}?dealings=some")) == ["alice.test"]
    assert accounts(client.get(f"{path}?dealings=never")) == ["carla.test", "quiet.test", "eva.test"]
    assert accounts(client.get(f"{path}?order=-dealings"))[0] == "alice.test"
    assert "Dealings and shared topics are those in the posts that were read" in words(page)


def test_a_list_says_that_it_does_not_know_who_asks(client: Any, running: Running) -> None:
    path = begin(client, names="alice.test", network="bluesky")
    running.work()
    page = client.get(path)
    assert "You two" not in words(page)
    assert "a list does not say who you are" in words(page)


def test_what_is_kept_leaves_the_table_and_can_come_back(client: Any, running: Running) -> None:
    path = begin(client)
    running.work()
    answer = client.post(f"{path}/keep", data={"position": "1", "keep": "1", "order": "name", "search": ""})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{path}?order=name#table"
    assert "carla.test" not in accounts(client.get(path))
    assert accounts(client.get(f"{path}?kept=1")) == ["carla.test"]
    client.post(f"{path}/keep", data={"position": "1", "keep": "0"})
    assert accounts(client.get(path)) == FOLLOWED


def test_the_file_holds_what_the_table_shows_and_no_formula_for_a_spreadsheet(client: Any, running: Running) -> None:
    path = begin(client)
    running.work()
    answer = client.get(f"{path}.csv?order=name")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["account"] for row in rows] == sorted(FOLLOWED)
    alice = rows[0]
    report = running.lookup.report("bluesky", "alice.test").report
    assert report is not None
    assert (alice["score"], alice["verdict"]) == (str(report["score"]["value"]), report["verdict"]["id"])
    assert not [value for row in rows for value in row.values() if re.match(r"[=+@-]", value)]
    assert [row["verdict"] for row in rows if row["account"] == "gone.test"] == ["unknown"]


def test_who_has_moved_is_said_with_a_link_to_look_at_the_new_account_and_found_by_a_filter(
    client: Any, running: Running
) -> None:
    running.network.accounts["carla.test"] = Invented("carla.test", moved_to="<i>new.test").post(times=40)
    path = begin(client)
    running.work()
    page = client.get(f"{path}?verdict=moved")
    assert accounts(page) == ["carla.test"]
    row = soup(page).select_one("#row-1")
    assert row is not None
    assert "Moved to @<i>new.test" in " ".join(row.get_text(" ").split())
    link = row.select_one(".moved a")
    assert link is not None
    assert link["href"] == "/accounts/bluesky/%3Ci%3Enew.test"
    assert row.select_one(".chip").get_text() == "Moved"  # type: ignore[union-attr]
    assert "<i>new" not in page.text
    assert "<i>new.test" not in running.network.glances, "nobody is looked at unasked"
    (told,) = csv.DictReader(io.StringIO(client.get(f"{path}.csv?verdict=moved").text))
    assert told["verdict"] == "moved"
    assert told["remark"].startswith("Moved to <i>new.test. ")


def test_a_review_is_stopped_gone_on_with_and_deleted_from_its_page(client: Any, running: Running) -> None:
    path = begin(client)
    client.post(f"{path}/stop")
    running.work()
    assert "Stopped after 0 of 0" in words(client.get(path))
    client.post(f"{path}/go_on")
    running.work()
    assert "All 6 accounts looked at" in words(client.get(path))
    client.post(f"{path}/delete")
    gone = client.get(path, headers={"Accept": "text/html"})
    assert gone.status_code == 404
    assert "it may have been deleted" in gone.text


def test_it_says_what_it_waits_for(client: Any, running: Running) -> None:
    path = begin(client)
    running.network.should_raise = UpstreamUnavailable("Fakesky allows no further requests for 200 seconds", 200.0)
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    running.service.reviews.work(review.id)
    assert "waiting: Fakesky allows no further requests" in words(client.get(path))


def test_accounts_that_the_network_does_not_list_are_admitted(client: Any, running: Running) -> None:
    pages = running.network.follows

    def with_more(handle: str, cursor: str, fetcher: Any) -> Any:
        return replace(pages(handle, cursor, fetcher), count=9)

    running.network.follows = with_more  # type: ignore[method-assign]
    path = begin(client)
    running.work()
    assert "follows 9; the network lists 6. The other 3 are deleted" in words(client.get(path))


def test_a_long_table_has_pages(client: Any, running: Running) -> None:
    names = [f"p{n}.test" for n in range(2 * PAGE + 10)]
    for name in names:
        busy = Invented(name, display_name=f"Person {name} of the town").replies(people=12)
        running.network.accounts[name] = busy.post(times=12, every_hours=12, tags="birds maps tea")
    running.network.following["me.test"] = names
    running.network.page_size = len(names)
    path = begin(client)
    running.work()
    first = client.get(path)
    assert len(accounts(first)) == PAGE
    assert len(first.data) < 100_000
    assert accounts(client.get(f"{path}?page=3"))[-1] == f"p{len(names) - 1}.test"


def test_a_review_is_not_to_be_indexed_or_cached(client: Any, running: Running) -> None:
    answer = client.get(begin(client))
    assert answer.headers["Cache-Control"] == "no-store"
    assert soup(answer).select_one('meta[name="robots"][content="noindex"]')


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as at:
        yield at


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_review_is_accessible_and_fits_a_phone(
    in_browser: InBrowser, address: str, running: Running, pictures: Path, scheme: str, width: int
) -> None:
    path = begin(running.client)
    running.work()

    def look(page: Page) -> list[Any]:
        found = []
        for name, at in (("review-start", "/review"), ("review", path)):
            page.goto(address + at)
            page.screenshot(path=str(pictures / f"{name}-{scheme}-{width}.png"), full_page=True)
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found += page.evaluate(
                "axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html + n.failureSummary)]))"
            )
            found += page.evaluate(
                "document.documentElement.scrollWidth <= innerWidth ? [] :"
                " [...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth)"
                ".map((e) => `${e.tagName}.${e.className} stands out`)"
            )
        return found

    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix extension")
    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []


def test_results_come_into_an_open_page_by_themselves(in_browser: InBrowser, address: str, running: Running) -> None:
    path = begin(running.client)

    def look(page: Page) -> tuple[str, str, list[str]]:
        page.goto(address + path)
        before = page.locator("#progress").inner_text()
        running.work()
        page.locator("#row-5").wait_for(timeout=15_000)
        page.locator("#progress", has_text="All 6").wait_for(timeout=15_000)
        after = page.locator("#progress").inner_text()
        return before, after, page.locator("#rows tbody th a").all_inner_texts()

    before, after, rows = visit(in_browser, look)
    assert "Reading the list" in before
    assert "All 6 accounts looked at" in after
    assert rows == FOLLOWED


def test_without_a_script_the_page_still_works(in_browser: InBrowser, address: str, running: Running) -> None:
    def look(page: Page) -> tuple[list[str], list[str]]:
        page.goto(address + "/review")
        page.locator("#follows-account").fill("me.test")
        page.locator("#follows-network").select_option("bluesky")
        follow(page, page.get_by_role("button", name="Begin").first)
        running.work()
        page.reload()
        follow(page, page.get_by_role("button", name="Keep alice.test"))
        kept = page.locator("#rows tbody th a").all_inner_texts()
        page.get_by_label("Order").select_option("name")
        follow(page, page.get_by_role("button", name="Show"))
        return kept, page.locator("#rows tbody th a").all_inner_texts()

    kept, sorted_rows = visit(in_browser, look, java_script_enabled=False)
    assert kept == FOLLOWED[1:]
    assert sorted_rows == sorted(FOLLOWED[1:])

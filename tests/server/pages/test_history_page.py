"""An account over time as a person meets it: charts with tables, marked days, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from server.activity import Post, PostKind
from server.pages.history_pages import ROWS
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import DAY, NOW, Invented
from tests.server.pages.in_a_browser import InBrowser, follow, problems_of, served, soup, visit, words

ALICE = "/history/bluesky/alice.test"
CHANGED = datetime.fromtimestamp(NOW - 40 * DAY, UTC).date()
"""The day from which on Alice got more replies."""


def changed_account(handle: str) -> Invented:
    """Posts of 120 days, with five times the replies in the newest 40, and reactions that differ from post to post."""
    account, random = Invented(handle, display_name="Alice <b>Moreau</b>"), np.random.default_rng(3)
    for hours in range(0, 110 * 24, 9):
        likes, replies = (int(n) for n in random.poisson([6, 10 if hours < 40 * 24 else 2]))
        sent = NOW - hours * 3600
        account.builder.post(
            Post(f"p{hours}", sent, PostKind.ORIGINAL, likes=likes, reposts=1, replies=replies, quotes=0)
        )
        account.builder.post(Post(f"r{hours}", sent - 60, PostKind.REPLY, target="ben", parent="b", conversation="c"))
    return account


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        changed_account("alice.test"),
        Invented("quiet.test", posts=0),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )


@pytest.fixture
def client(running: Running) -> Any:
    return running.client


def grow(running: Running, days: int, handle: str = "alice.test") -> None:
    """So many days on which it is gathered, each with ten followers more."""
    builder = running.network.accounts[handle].builder
    for day in range(days):
        builder.count(int(running.clock.time), 300 + 10 * day, 200, 1000)
        running.lookup.gather("bluesky", handle, study=False)
        running.clock.time += DAY
    running.clock.time -= DAY


def table(answer: Any, name: str) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]
        for row in soup(answer).select(f"#{name} tbody tr")
    ]


def test_every_chart_has_its_table_newest_first(client: Any, running: Running) -> None:
    grow(running, 4)
    answer = client.get(ALICE)
    assert {len(table(answer, f"{name}-rows")) for name in ("score", "pillar", "share", "follower")} == {4}
    points = running.lookup.over_time("bluesky", "alice.test").points[::-1]
    assert [row[1] for row in table(answer, "score-rows")] == [f"{point['score']:.1f}" for point in points]
    for row, point in zip(table(answer, "pillar-rows"), points, strict=True):
        assert sum(round(float(cell) * 10) for cell in row[1:]) == round(point["score"] * 10)
    assert [row[1:] for row in table(answer, "follower-rows")] == [
        ["330", "+10"], ["320", "+10"], ["310", "+10"], ["300", "–"],
    ]  # fmt: skip
    assert table(answer, "share-rows")[0][1] == f"{points[0]['replies']} : {points[0]['broadcasts']}"


def test_the_charts_get_the_same_numbers_as_the_tables(client: Any, running: Running) -> None:
    grow(running, 3)
    drawn = client.get(f"{ALICE}.json").json
    points = running.lookup.over_time("bluesky", "alice.test").points
    assert drawn["score"] == [point["score"] for point in points]
    assert drawn["network"] == [point["pillars"]["network"] for point in points]
    assert drawn["share_low"] == [point["reply_share"]["low"] for point in points]
    assert drawn["followers"]["followers"] == [300, 310, 320]
    assert len(drawn["time"]) == len(drawn["new_formula"]) == 3
    assert drawn["marks"] == []


def test_every_score_of_the_last_days_is_shown_before_that_one_a_day_and_long_ago_one_a_week(running: Running) -> None:
    for days in (0, 0.1, 1, 400, 400.1, 401, 402, 402.3):
        running.clock.time = NOW + days * DAY
        running.lookup.gather("bluesky", "alice.test", study=False)
    points = running.lookup.over_time("bluesky", "alice.test").points
    times = [datetime.fromisoformat(point["scored_at"]).timestamp() for point in points]
    # The first three lie in one week, the next two on one day.
    assert [round((time - NOW) / DAY, 1) for time in times] == [1, 400.1, 401, 402, 402.3]


def test_a_long_history_has_pages_and_stays_small(client: Any, running: Running) -> None:
    grow(running, ROWS + 5)
    first, second = client.get(ALICE), client.get(f"{ALICE}?page=2")
    assert (len(table(first, "score-rows")), len(table(second, "score-rows"))) == (ROWS, 5)
    assert len(first.data) < 100_000
    assert table(client.get(f"{ALICE}?page=99"), "score-rows") == table(second, "score-rows")
    assert table(client.get(f"{ALICE}?page=x"), "score-rows") == table(first, "score-rows")


def test_what_stands_in_the_way_of_a_history_is_said(client: Any, running: Running) -> None:
    assert "Looking at alice.test" in words(client.get(ALICE))
    running.work()
    assert "Only one day is kept of it so far" in words(client.get(ALICE))
    running.lookup.gather("bluesky", "shy.test", study=False)
    shy = words(client.get("/history/bluesky/shy.test"))
    assert "asks not to be indexed. Nothing is kept of it, so there is no history" in shy
    assert "Marked days" not in shy
    assert client.get("/history/bluesky/two%20words").status_code == 400
    assert client.get("/history/nowhere/alice.test").status_code == 404
    running.lookup.gather("bluesky", "nobody.test", study=False)
    assert client.get("/history/bluesky/nobody.test").status_code == 404


def test_what_changed_at_a_day_is_told_in_a_sentence_with_every_number(client: Any, running: Running) -> None:
    grow(running, 1)
    answer = client.get(f"{ALICE}?day={CHANGED}")
    asked = soup(answer).select_one("#asked")
    assert asked is not None
    assert "More replies than before, comparing the 28 days before and the 28 days after." in asked.get_text()
    rows = {row.th.get_text(): row.get_text(" ") for row in asked.select("tbody tr") if row.th}
    assert "a difference: between +" in rows["Replies per post"]
    assert "no difference found" in rows["Likes per post"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("yesterday", "as in 2026-11-27"),
        ("2026-02-30", "as in 2026-11-27"),
        ("2999-01-01", "still to come"),
        ("1999-01-01", "from 2006-03-21 on"),
        ("2026-09-20", "ask again in"),
        ("2020-01-01", "nothing was seen"),
    ],
)
def test_a_day_of_which_nothing_can_be_told_says_why(client: Any, running: Running, day: str, said: str) -> None:
    grow(running, 1)
    assert said in words(client.get(f"{ALICE}?day={day}"))


def test_a_marked_day_is_kept_for_this_browser_with_what_changed_at_it(client: Any, running: Running) -> None:
    grow(running, 2)
    answer = client.post(f"{ALICE}/mark", data={"day": str(CHANGED), "words": "  the <i>prize</i> "})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ALICE}#marked")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    page = client.get(ALICE)
    assert "&lt;i&gt;prize" in page.text
    assert "More replies than before" in words(page)
    assert [mark["words"] for mark in client.get(f"{ALICE}.json").json["marks"]] == ["the <i>prize</i>"]
    somebody_else = running.app.test_client()
    assert "prize" not in words(somebody_else.get(ALICE))
    assert somebody_else.get(f"{ALICE}.json").json["marks"] == []
    button = soup(page).select_one("button[name=mark]")
    assert button is not None
    somebody_else.post(f"{ALICE}/unmark", data={"mark": button["value"]})
    assert "prize" in words(client.get(ALICE))
    client.post(f"{ALICE}/unmark", data={"mark": button["value"]})
    assert "prize" not in words(client.get(ALICE))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"day": str(CHANGED), "words": "  "}, "Say in a few words"),
        ({"day": str(CHANGED), "words": "x" * 81}, "81 characters long; at most 80"),
        ({"day": "soon", "words": "new job"}, "as in 2026-11-27"),
        ({"day": "2999-01-01", "words": "new job"}, "still to come"),
        ({}, "Give the day"),
    ],
)
def test_a_mark_that_cannot_be_made_says_why_and_loses_nothing(
    client: Any, running: Running, form: dict[str, str], said: str
) -> None:
    grow(running, 2)
    answer = client.post(f"{ALICE}/mark", data=form)
    assert answer.status_code == 400
    assert said in words(answer)
    field = soup(answer).select_one("#mark-words")
    assert field is not None
    assert field["value"] == form.get("words", "")


def test_another_site_can_mark_nothing(client: Any, running: Running) -> None:
    grow(running, 1)
    answer = client.post(
        f"{ALICE}/mark", data={"day": str(CHANGED), "words": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_who_opts_out_loses_history_and_marks(client: Any, running: Running) -> None:
    grow(running, 2)
    client.post(f"{ALICE}/mark", data={"day": str(CHANGED), "words": "new job"})
    running.lookup.opt_out("bluesky", "alice.test")
    assert client.get(ALICE).status_code == 403
    drawn = client.get(f"{ALICE}.json").json
    assert (drawn["time"], drawn["marks"], drawn["followers"]["time"]) == ([], [], [])


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as address:
        yield address


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_history_is_accessible_and_fits_a_phone(
    in_browser: InBrowser, address: str, running: Running, pictures: Path, scheme: str, width: int
) -> None:
    grow(running, 12)

    def look(page: Page) -> list[Any]:
        page.goto(address + ALICE)
        page.get_by_label("What happened").fill("new job")
        page.locator("#mark-day").fill(str(CHANGED))
        page.get_by_role("button", name="Mark", exact=True).click()
        page.locator("#marked .differences").wait_for()
        page.locator(".chart canvas").nth(3).wait_for()
        page.screenshot(path=str(pictures / f"history-{scheme}-{width}.png"), full_page=True)
        return problems_of(page)

    assert visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800}) == []


def test_the_charts_are_drawn_and_their_tables_folded_away(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    grow(running, 5)

    def look(page: Page) -> tuple[list[bool], int, str]:
        page.goto(address + ALICE)
        page.locator(".chart canvas").nth(3).wait_for()
        painted = page.evaluate(
            "[...document.querySelectorAll('.chart canvas')].map((c) =>"
            " c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length > 1000)"
        )
        page.locator(".chart .u-over").first.hover()
        return painted, page.locator("details.rows[open]").count(), page.locator(".chart .u-legend").first.inner_text()

    painted, tables, legend = visit(in_browser, look)
    assert painted == [True] * 4
    assert tables == 0
    assert "score" in legend


def test_without_a_script_the_tables_stand_open_and_a_day_can_be_compared(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    grow(running, 3)

    def look(page: Page) -> tuple[int, str]:
        page.goto(address + ALICE)
        tables = page.locator("table:visible").count()
        page.locator("#compare-day").fill(str(CHANGED))
        follow(page, page.get_by_role("button", name="Compare"))
        return tables, page.locator("#asked").inner_text()

    tables, asked = visit(in_browser, look, java_script_enabled=False)
    assert tables == 4
    assert "More replies than before" in asked

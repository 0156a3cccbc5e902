from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.pages.calculator import LONGEST_TEXT, as_text
from server.report import compose, to_json
from server.scoring.formula import current_formula
from server.scoring.what_if import LARGEST
from server.signals.followers import FOLLOWERS_PER_REACH
from tests.server.invented import DAY, NOW, Invented
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup

VERSION = current_formula().version
NUMBERS = {
    "followers": "5000",
    "people_per_post": "12.5",
    "people_h_index": "20",
    "reposts_per_post": "3",
    "repost_h_index": "5",
    "engager_followers": "420",
}


def read(client: FlaskClient, status: int = 200, **given: Any) -> BeautifulSoup:
    answer = client.get("/calculator", query_string=given)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def one(page: BeautifulSoup, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found is not None, selector
    return found


def typed(page: BeautifulSoup) -> dict[str, str]:
    return {field["name"]: field["value"] for field in page.select("input[type=number]")}


def table(page: BeautifulSoup) -> list[list[str]]:
    """Name, points and possible points of every row that counts, and of the total."""
    rows = [[row.th.text, *(cell.text for cell in row.select("td.n"))] for row in page.select("table.sum tr")[1:]]
    return [row for row in rows if "–" not in row]


def shown(page: BeautifulSoup) -> list[str]:
    return [one(page, ".score").text, *(part.get_text(" ", strip=True) for part in page.select(".pillars dd.points"))]


def report_page(client: FlaskClient, lookup: FakeLookup, report: dict[str, Any]) -> BeautifulSoup:
    return BeautifulSoup(client.get(lookup.know(report)).text, "html.parser")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    followers=st.one_of(st.none(), st.integers(-5, 10**19)),
    likes=st.lists(st.integers(-1, 10**6), min_size=10, max_size=40),
    people=st.integers(0, 40),
    audience=st.one_of(st.none(), st.integers(0, 10**7)),
    listed=st.one_of(st.none(), st.integers(0, 10**6)),
    silent=st.integers(0, 900 * DAY),
)
def test_a_report_leads_to_the_very_same_points_in_the_calculator(
    client: FlaskClient,
    lookup: FakeLookup,
    followers: int | None,
    likes: list[int],
    people: int,
    audience: int | None,
    listed: int | None,
    silent: int,
) -> None:
    account = Invented(followers=followers, listed=listed)
    for number in likes:
        account.post(likes=number, reposts=number // 3 if number >= 0 else -1)
    if people:
        account.received(people, followers=audience)
    report = to_json(compose(account.build(), NOW + silent)) | samples.WITH_THE_ANSWER | {"report_url": ""}
    page = report_page(client, lookup, report)
    link = page.select_one("#what-if")
    assert (link is None) == (report["score"] is None)
    if link is not None:
        answer = client.get(link["href"])
        assert answer.status_code == 200
        again = BeautifulSoup(answer.text, "html.parser")
        assert table(again) == table(page)
        assert shown(again) == shown(page)
        assert one(again, "#total").text == f"{report['score']['exact']:.1f}"


def test_the_link_of_a_report_holds_all_followers_and_not_only_those_that_count(
    client: FlaskClient, lookup: FakeLookup
) -> None:
    report = samples.report_of(samples.talkative())
    link = one(report_page(client, lookup, report), "#what-if")["href"]
    asked = parse_qs(urlsplit(str(link)).query)
    counted = next(signal["value"] for signal in report["signals"] if signal["id"] == "followers")
    assert asked["followers"] == ["5400"]
    assert counted < 5400
    assert asked["version"] == [VERSION]


def test_reports_stored_before_there_was_a_calculator_do_not_lead_to_it(
    client: FlaskClient, lookup: FakeLookup
) -> None:
    report = samples.report_of(samples.talkative())
    del report["calculator"]
    assert report_page(client, lookup, report).select_one("#what-if") is None


@given(st.floats(0, LARGEST))
def test_a_number_in_the_address_is_read_back_to_the_last_digit(number: float) -> None:
    assert float(as_text(number)) == number
    assert len(as_text(number)) <= LONGEST_TEXT


def test_the_points_of_all_rows_add_up_to_the_total(client: FlaskClient) -> None:
    page = read(client, version=VERSION, days_silent="45.5", **NUMBERS)
    rows = [Decimal(row["data-points"]) for row in page.select("table.sum tr[data-points]")]
    pillars = [Decimal(one_row.select_one(".n").text) for one_row in page.select("table.sum tr.pillar")]
    assert sum(rows) == sum(pillars) == Decimal(one(page, "#total").text)
    for name in NUMBERS:
        assert (
            one(page, f"#earned-{name} b").text in one(page, f'table a[href="#signal-{name}"]').find_parent("tr").text
        )


def test_without_numbers_it_stands_in_the_middle_of_every_curve(client: FlaskClient) -> None:
    page = read(client)
    for term in current_formula().terms:
        assert typed(page)[term.signal] == ("" if term.optional else as_text(term.curve.median))


def test_numbers_are_kept_as_they_were_typed(client: FlaskClient) -> None:
    asked = NUMBERS | {"days_silent": "3", "people_per_post": "12.500", "reposts_per_post": "3e0"}
    assert typed(read(client, version=VERSION, **asked)) == asked | {"listed": ""}


def test_a_measure_left_empty_or_out_is_not_seen_and_its_weight_is_shared_out(client: FlaskClient) -> None:
    seen = read(client, **NUMBERS)
    left_empty = read(client, **NUMBERS | {"engager_followers": ""})
    left_out = read(client, **{k: v for k, v in NUMBERS.items() if k != "engager_followers"})
    assert table(left_empty) == table(left_out) != table(seen)
    assert "weight shared out" in one(left_out, "#earned-engager_followers").text
    assert one(left_out, "#network").text.strip() == "Network"
    assert table(left_out)[-1][-1] == "100.0"


def test_zero_is_seen_and_earns_nothing(client: FlaskClient) -> None:
    assert one(read(client, **NUMBERS | {"reposts_per_post": "0"}), "#earned-reposts_per_post b").text == "0.0"


def test_with_less_than_half_of_the_formula_seen_there_is_no_score(client: FlaskClient) -> None:
    page = read(client, followers="1000")
    assert "less than 50 %" in one(page, "#outcome").text
    assert page.select_one(".score") is None
    assert page.select_one("#total") is None


@pytest.mark.parametrize(
    ("followers", "reach", "says"),
    [
        ("5000", "20", f"2,000 of them count: at most {FOLLOWERS_PER_REACH} for each step"),
        ("1500", "20", "All of them count"),
        ("5000", "", "All of them count, because"),
    ],
)
def test_how_many_followers_count_is_said(client: FlaskClient, followers: str, reach: str, says: str) -> None:
    page = read(client, **NUMBERS | {"followers": followers, "people_h_index": reach})
    assert one(page, "#told-followers").text.startswith(says)


def test_followers_beyond_those_that_count_earn_nothing(client: FlaskClient) -> None:
    few, many = (read(client, **NUMBERS | {"followers": number}) for number in ("2000", "2000000"))
    assert table(few) == table(many)


def test_silence_fades_what_was_earned_and_leaves_the_starting_point(client: FlaskClient) -> None:
    awake, silent = read(client, **NUMBERS), read(client, **NUMBERS, days_silent="120")
    assert one(silent, "#earned-days_silent b").text == "50 %"
    assert f"{one(awake, '#total').text} without the silence" in one(silent, "#told-days_silent").text
    assert float(one(silent, "#total").text) - 1 == pytest.approx((float(one(awake, "#total").text) - 1) / 2, abs=0.1)


def test_another_version_of_the_formula_is_said_to_be_gone_and_this_one_is_shown(client: FlaskClient) -> None:
    page = read(client, version="<b>0", **NUMBERS)
    assert (
        f"Version “<b>0” of the formula is not available any more. This is version {VERSION}"
        in one(page, ".notice").text
    )
    assert page.select_one("main .notice b") is None
    assert one(page, "input[name=version]")["value"] == VERSION
    assert typed(page) == NUMBERS | {"listed": "", "days_silent": "0"}
    assert one(page, "#total")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("many", "“many” is not a number. Type digits"),
        ("12,000", "“12,000” is not a number. Type digits, with a point for decimals, such as 1200 or 3.5."),
        ("1_000", "is not a number"),
        ("٣", "is not a number"),
        ("nan", "is not a number"),
        ("inf", "is not a number"),
        ("-Infinity", "is not a number"),
        ("0x10", "is not a number"),
        ("-1", "cannot be below zero. Type 0 or more"),
        ("-1e400", "cannot be below zero"),
        ("1e400", "more than there can be. Type at most 1,000,000,000,000."),
        ("1e13", "more than there can be"),
        ("9" * 100_000, "too long for a number"),
        ("<script>alert(1)</script>", "is not a number"),
        ('"><img src=x onerror=alert(1)>', "is not a number"),
        ("1\n2", "is not a number"),
        ("\x00", "is not a number"),
    ],
)
def test_a_field_at_fault_says_what_is_wrong_and_the_others_are_kept(client: FlaskClient, text: str, says: str) -> None:
    page = read(client, 400, version=VERSION, **NUMBERS | {"people_per_post": text})
    field = one(page, "#people_per_post")
    assert field["aria-invalid"] == "true"
    assert "error-people_per_post" in field["aria-describedby"]
    assert says in one(page, "#error-people_per_post").text
    assert len(one(page, "#error-people_per_post").text) < 200
    assert one(page, "#wrong a")["href"] == "#people_per_post"
    assert typed(page) | {"people_per_post": ""} == NUMBERS | {"people_per_post": "", "listed": "", "days_silent": "0"}
    assert page.select("[aria-invalid]") == [field]
    assert not page.select("main script, main img")
    assert page.select_one(".score") is None


def test_a_number_given_twice_is_not_guessed(client: FlaskClient) -> None:
    answer = client.get("/calculator?followers=10&followers=20&people_per_post=3")
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 400
    assert "more than once" in one(page, "#error-followers").text
    assert typed(page)["people_per_post"] == "3"


def test_a_silence_of_more_than_a_century_is_refused(client: FlaskClient) -> None:
    page = read(client, 400, **NUMBERS, days_silent="40000")
    assert "Type at most 36,500." in one(page, "#error-days_silent").text


@given(st.dictionaries(st.sampled_from([*NUMBERS, "listed", "days_silent", "version", "x"]), st.text(max_size=60)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_the_address_there_is_a_page(client: FlaskClient, given: dict[str, str]) -> None:
    answer = client.get("/calculator", query_string=given)
    assert answer.status_code in (200, 400)
    assert (answer.status_code == 400) == ("aria-invalid" in answer.text)


def test_every_field_has_a_label_and_every_part_taken_anew_a_name_of_its_own(client: FlaskClient) -> None:
    page = read(client)
    for field in page.select("input[type=number]"):
        assert page.select_one(f'label[for="{field["id"]}"]') is not None
    assert all(part.get("id") for part in page.select("[data-live]"))
    names = [part["id"] for part in page.select("[id]")]
    assert len(names) == len(set(names))
    assert one(page, "#said")["aria-live"] == "polite"


def test_search_engines_are_shown_one_calculator_and_not_every_setting_of_it(client: FlaskClient) -> None:
    assert read(client).select_one("meta[name=robots]") is None
    assert one(read(client, **NUMBERS), "meta[name=robots]")["content"] == "noindex"


@pytest.mark.parametrize("address", ["/", "/methodology"])
def test_the_calculator_is_linked_from_other_pages(client: FlaskClient, address: str) -> None:
    page = BeautifulSoup(client.get(address).text, "html.parser")
    assert page.select_one('nav a[href="/calculator"]') is not None
    assert (address == "/") or page.select_one('main a[href="/calculator"]') is not None

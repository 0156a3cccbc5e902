from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.pages import wording
from server.pages.drawing import draw_curve, on_scale
from server.pages.report_page import replies_share


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://example.org/",
        "//example.org",
        "",
        "https://",
        "https://[x",
        "ftp://a.b",
        "http://localhost.evil.example/",
    ],
)
def test_only_safe_addresses_become_links(address: str) -> None:
    assert wording.address(address) == ""


@pytest.mark.parametrize(
    "address", ["https://bsky.app/profile/a", "http://127.0.0.1:2582/x", "http://localhost/x", "http://[::1]/x"]
)
def test_secure_addresses_and_those_of_this_machine_become_links(address: str) -> None:
    assert wording.address(address) == address


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (184_320, "184 kB"),
        (999_600, "1 MB"),
        (3_400_000, "3.4 MB"),
        (80_449_093_632, "80 GB"),
        (2_500_000_000_000, "2.5 TB"),
    ],
)
def test_sizes_are_told_in_the_unit_that_fits(count: int, text: str) -> None:
    assert wording.size(count) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.552, "share", "55 %"),
        (1, "people per post", "1 person per post"),
        (1, "posts", "1 post"),
        (12.4, "people", "12 people"),
        (0.04, "posts", "0.04 posts"),
        (5400, "accounts", "5,400 accounts"),
        (3.44, "replies per post", "3.4 replies per post"),
        (0, "posts", "0 posts"),
    ],
)
def test_values_come_with_their_unit_and_no_more_digits_than_mean_something(value: float, unit: str, text: str) -> None:
    assert wording.measured(value, unit) == text


def test_intervals_are_written_in_the_unit_of_their_value() -> None:
    assert wording.span(0.48, 0.62, "share") == "48–62 %"
    assert wording.span(2.1, 14.6, "people") == "2.1–15"


def test_an_age_is_told_in_the_largest_unit_that_fits() -> None:
    def ago(**span: float) -> str:
        return wording.age((datetime.now(UTC) - timedelta(**span)).isoformat())

    assert [ago(seconds=5), ago(minutes=20), ago(hours=5), ago(days=3)] == [
        "just now",
        "20 min ago",
        "5 h ago",
        "3 days ago",
    ]


def test_the_scale_runs_from_1_to_100() -> None:
    assert (on_scale(1), on_scale(100), on_scale(50.5)) == (0, 100, 50)


def test_the_dot_on_a_curve_lies_on_its_line_and_rises_with_the_value() -> None:
    at_median, at_p90 = draw_curve(10, 100, 10), draw_curve(10, 100, 100)
    assert at_median.x == at_median.median_x
    assert at_p90.x == at_p90.p90_x
    assert f"{at_median.x} {at_median.y}" in at_median.line
    assert at_p90.y is not None
    assert at_median.y is not None
    assert at_p90.y < at_median.y


@pytest.mark.parametrize("value", [0.0, 1e-9, 1e12])
def test_values_beyond_a_curve_are_drawn_at_its_ends(value: float) -> None:
    picture = draw_curve(10, 100, value, 0.0, 1e15)
    assert f"{picture.x} {picture.y}" in (picture.line[1:].split("L")[0], picture.line.split("L")[-1])


def test_no_words_at_all_have_no_reply_share() -> None:
    assert replies_share({"replies": 0, "broadcasts": 0}) is None
    assert replies_share({"replies": 3, "broadcasts": 1}) == 75

"""What headers say about when to ask again."""

from __future__ import annotations

import pytest

from server.fetching.rate_limits import LONGEST_PAUSE, exhausted_for, retry_after

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60),
        ("Mon, 21 Sep 2026 14:00:00 GMT", 0),
        ("999999999", LONGEST_PAUSE),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_no_retry_after_says_nothing() -> None:
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-remaining": "0", "ratelimit-reset": "1790000030"},
        {"ratelimit-remaining": "0", "ratelimit-reset": "30"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-09-21T14:13:50.000Z"},
        {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1790000030"},
        {"ratelimit": '"default";r=0;t=30'},
    ],
)
def test_an_exhausted_limit_is_read_in_every_dialect(headers: dict[str, str]) -> None:
    assert exhausted_for(headers, NOW) == 30


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ratelimit-remaining": "12", "ratelimit-reset": "30"},
        {"ratelimit-remaining": "0"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "tomorrow"},
        {"ratelimit": '"default";r=5;t=30'},
    ],
)
def test_a_limit_with_calls_left_or_without_an_end_stops_nothing(headers: dict[str, str]) -> None:
    assert exhausted_for(headers, NOW) is None

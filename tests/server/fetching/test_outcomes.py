"""What the guarded client tells of its requests: what came of each, by the network, and never whom it asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from server.errors import RapportError, UpstreamUnavailable
from server.fetching import FetchingLimits, GuardedClient
from server.happenings import Asked, Happening, ToldToWait

QUICK = {"total": 10.0, "connect": 5.0, "read": 10.0, "back_off": 0.01, "spacing": 0.0, "longest_wait": 0.2}


class Told(list[Happening]):
    """Everything that was told, in order."""

    def outcomes(self) -> list[str]:
        return [one.outcome for one in self if isinstance(one, Asked)]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def client(told: Told) -> GuardedClient:
    limits = FetchingLimits(allowed_networks=("127.0.0.0/8",), attempts=2, **QUICK)  # type: ignore[arg-type]
    return GuardedClient(limits, tell=told.append)


def asked(client: GuardedClient, url: str, **options: bool) -> None:
    with suppress(RapportError):
        client.get_json(url, **options)


@pytest.mark.parametrize(
    ("status", "outcomes"),
    [(200, ["2xx"]), (404, ["4xx"]), (500, ["5xx"]), (503, ["5xx", "5xx"]), (429, ["429", "429"])],
)
def test_each_request_is_told_with_the_class_of_its_answer_repetitions_too(
    client: GuardedClient, told: Told, httpserver: HTTPServer, status: int, outcomes: list[str]
) -> None:
    httpserver.expect_request("/a").respond_with_json({}, status=status)
    asked(client.on_behalf_of("bluesky"), httpserver.url_for("/a"))
    assert told.outcomes() == outcomes
    assert {one.network for one in told if isinstance(one, Asked)} == {"bluesky"}
    assert all(one.seconds is not None and one.seconds > 0 for one in told if isinstance(one, Asked))


def test_a_redirect_is_a_request_of_its_own(client: GuardedClient, told: Told, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/b"})
    httpserver.expect_request("/b").respond_with_json({})
    asked(client, httpserver.url_for("/a"))
    assert told.outcomes() == ["3xx", "2xx"]


def test_a_server_that_allows_no_more_is_told_once_and_then_held_back_from(
    client: GuardedClient, told: Told, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=429, headers={"Retry-After": "600"})
    asked(client.on_behalf_of("mastodon"), httpserver.url_for("/a"))
    asked(client.on_behalf_of("mastodon"), httpserver.url_for("/a"))
    assert told.outcomes() == ["429", "held_back"]
    waits = [one for one in told if isinstance(one, ToldToWait)]
    assert waits == [ToldToWait("mastodon", 600.0)]
    assert isinstance(told[-1], Asked)
    assert told[-1].seconds is None


def test_one_that_is_too_slow_is_told(told: Told, raw_upstream: Callable[..., object]) -> None:
    limits = FetchingLimits(allowed_networks=("127.0.0.0/8",), **(QUICK | {"read": 0.1}))  # type: ignore[arg-type]
    asked(GuardedClient(limits, tell=told.append), f"{raw_upstream(hang=5.0).url}/a")  # type: ignore[attr-defined]
    assert told.outcomes() == ["timeout"]


def test_one_that_breaks_off_is_told(client: GuardedClient, told: Told, raw_upstream: Callable[..., object]) -> None:
    upstream = raw_upstream(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{")
    asked(client, f"{upstream.url}/a")  # type: ignore[attr-defined]
    assert told.outcomes() == ["broken", "broken"]


def test_one_that_listens_nowhere_is_told(client: GuardedClient, told: Told) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        asked(client, f"http://127.0.0.1:{probe.getsockname()[1]}/a")
    assert told.outcomes() == ["unreachable", "unreachable"]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/a", "https://10.0.0.1/a", "https://somewhere.example:8443/a", "ftp://a"]
)
def test_addresses_that_are_refused_are_told(told: Told, url: str) -> None:
    client = GuardedClient(FetchingLimits(**QUICK), tell=told.append)  # type: ignore[arg-type]
    with pytest.raises(UpstreamUnavailable):
        client.get_json(url)
    assert told.outcomes() == ["refused_address"]


def test_nothing_that_is_told_names_a_host_or_an_address(
    client: GuardedClient, told: Told, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/alice").respond_with_handler(lambda _: Response("", 429, {"Retry-After": "60"}))
    asked(client.on_behalf_of("mastodon"), httpserver.url_for("/alice"))
    asked(client.on_behalf_of("mastodon"), httpserver.url_for("/alice"))
    assert len(told) == 3
    assert "alice" not in repr(told)
    assert "127.0.0.1" not in repr(told)
    assert str(httpserver.port) not in repr(told)


def test_waits_are_shared_by_all_on_whose_behalf_it_asks(
    client: GuardedClient, told: Told, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=429, headers={"Retry-After": "600"})
    asked(client.on_behalf_of("bluesky"), httpserver.url_for("/a"))
    asked(client.on_behalf_of("mastodon"), httpserver.url_for("/a"))
    assert told.outcomes() == ["429", "held_back"]

"""What the guarded client asks, refuses, waits for and gives up on."""

from __future__ import annotations

import gzip
import io
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from server.errors import (
    AnswerTooLarge,
    CallBudgetSpent,
    UnreadableAnswer,
    UpstreamRefusal,
    UpstreamUnavailable,
)
from server.fetching import FetchingLimits, GuardedClient
from tests.server.certificates import certificate_for

Make = Callable[..., GuardedClient]


def test_json_is_decoded_and_parameters_are_encoded(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a", query_string={"who": "a b&c"}).respond_with_json({"fine": True})
    assert client.get_json(upstream.url_for("/a"), {"who": "a b&c"}) == {"fine": True}


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://a.example/?p=2>; rel="next", <https://a.example/?p=0>; rel="prev"', "https://a.example/?p=2"),
        ("<https://a.example/?p=2>; rel=next", "https://a.example/?p=2"),
        ('<https://a.example/?p=0>; rel="prev"', ""),
        ("nonsense;;;,", ""),
        (None, ""),
    ],
)
def test_the_next_page_that_an_answer_names_comes_with_it(
    client: GuardedClient, upstream: HTTPServer, header: str | None, address: str
) -> None:
    upstream.expect_request("/a").respond_with_json([1], headers={"Link": header} if header else {})
    assert client.get_linked_json(upstream.url_for("/a"), {}) == ([1], address)


def test_every_json_media_type_is_read(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("[1]", content_type="application/jrd+json; charset=utf-8")
    assert client.get_json(upstream.url_for("/a")) == [1]


def test_the_client_says_who_it_is_and_carries_no_cookies(make_client: Make, upstream: HTTPServer) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        seen.append({k.lower(): v for k, v in request.headers.items()})
        return Response("{}", content_type="application/json", headers={"Set-Cookie": "who=you"})

    upstream.expect_request("/a").respond_with_handler(answer)
    client = make_client(user_agent="Rapport/0.1 (+https://example.org/contact)")
    client.get_json(upstream.url_for("/a"))
    client.get_json(upstream.url_for("/a"))
    assert seen[1]["user-agent"] == "Rapport/0.1 (+https://example.org/contact)"
    assert "cookie" not in seen[1]


def test_proxies_of_the_environment_are_not_used(
    client: GuardedClient, upstream: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    upstream.expect_request("/a").respond_with_json(1)
    assert client.get_json(upstream.url_for("/a")) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_carries_status_and_body_and_is_not_repeated(
    client: GuardedClient, upstream: HTTPServer, status: int
) -> None:
    upstream.expect_request("/a").respond_with_json({"error": "no"}, status=status)
    with pytest.raises(UpstreamRefusal) as refusal:
        client.get_json(upstream.url_for("/a"))
    assert (refusal.value.status, refusal.value.body) == (status, {"error": "no"})
    assert len(upstream.log) == 1


def test_a_failing_server_is_not_asked_again_and_named(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("oops", status=500)
    with pytest.raises(UpstreamUnavailable, match=r"localhost failed \(it answered 500\)"):
        client.get_json(upstream.url_for("/a"))
    assert len(upstream.log) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_failure_is_repeated_until_it_passes(
    client: GuardedClient, upstream: HTTPServer, status: int
) -> None:
    upstream.expect_ordered_request("/a").respond_with_data("", status=status)
    upstream.expect_ordered_request("/a").respond_with_data("", status=status)
    upstream.expect_ordered_request("/a").respond_with_json({"now": 1})
    assert client.get_json(upstream.url_for("/a")) == {"now": 1}


def test_a_lasting_failure_is_repeated_only_so_often(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("", status=503)
    with pytest.raises(UpstreamUnavailable, match="is not available just now"):
        client.get_json(upstream.url_for("/a"))
    assert len(upstream.log) == 3


def test_a_short_retry_after_is_waited_for(client: GuardedClient, upstream: HTTPServer) -> None:
    times: list[float] = []

    def answer(_: Request) -> Response:
        times.append(time.monotonic())
        if len(times) == 1:
            return Response("", status=429, headers={"Retry-After": "1"})
        return Response("{}", content_type="application/json")

    upstream.expect_request("/a").respond_with_handler(answer)
    client.get_json(upstream.url_for("/a"))
    assert times[1] - times[0] >= 0.95


@pytest.mark.parametrize("as_date", [False, True])
def test_a_long_retry_after_is_handed_on_and_the_host_left_alone(
    client: GuardedClient, upstream: HTTPServer, as_date: bool
) -> None:
    value = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True) if as_date else "120"
    upstream.expect_request("/a").respond_with_data("", status=429, headers={"Retry-After": value})
    with pytest.raises(UpstreamUnavailable) as first:
        client.get_json(upstream.url_for("/a"))
    with pytest.raises(UpstreamUnavailable, match="allows no further requests") as second:
        client.get_json(upstream.url_for("/b"))
    assert 110 <= first.value.retry_after <= 120
    assert 110 <= second.value.retry_after <= 120
    assert len(upstream.log) == 1


def test_a_host_whose_headers_say_nothing_is_left_is_not_asked_again(
    client: GuardedClient, upstream: HTTPServer
) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    upstream.expect_request("/a").respond_with_json({"last": 1}, headers=headers)
    assert client.get_json(upstream.url_for("/a")) == {"last": 1}
    with pytest.raises(UpstreamUnavailable) as refused:
        client.get_json(upstream.url_for("/a"))
    assert 50 <= refused.value.retry_after <= 60


def test_a_hang_ends_at_the_deadline_in_plain_words(
    make_client: Make, raw_upstream: Callable[..., Any], seconds_of: Callable[..., float]
) -> None:
    server = raw_upstream(hang=20)
    client = make_client(total=0.6)
    with pytest.raises(UpstreamUnavailable, match=r"127\.0\.0\.1 did not answer within 0\.6 seconds"):
        client.get_json(server.url)
    assert seconds_of(lambda: client.get_json(server.url)) < 2
    assert server.connections == 2, "a slow server is not asked again at once"


def test_an_answer_that_comes_in_drops_ends_at_the_deadline_too(
    make_client: Make, raw_upstream: Callable[..., Any], seconds_of: Callable[..., float]
) -> None:
    for drops in ([b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 100], [b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * 100]):
        server = raw_upstream(*drops, pause=0.2)
        assert seconds_of(lambda url=server.url: make_client(total=0.8).get_json(url)) < 2


def test_a_body_broken_off_is_no_answer(client: GuardedClient, raw_upstream: Callable[..., Any]) -> None:
    server = raw_upstream(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"a": [1')
    with pytest.raises(UpstreamUnavailable, match="broke off its answer"):
        client.get_json(server.url)


def test_a_gzip_body_broken_off_is_no_answer(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data(
        gzip.compress(b'{"a": 1}' * 1000)[:-20], content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(UpstreamUnavailable, match="broke off its answer"):
        client.get_json(upstream.url_for("/a"))


def test_broken_compression_is_said(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data(
        b"no gzip", content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(UnreadableAnswer, match="broken compression"):
        client.get_json(upstream.url_for("/a"))


def test_what_is_no_http_is_no_answer(client: GuardedClient, raw_upstream: Callable[..., Any]) -> None:
    with pytest.raises(UpstreamUnavailable):
        client.get_json(raw_upstream(b"SSH-2.0-OpenSSH_9.2\r\n").url)


def test_html_where_json_was_asked_is_said(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("<html>", content_type="text/html")
    with pytest.raises(UnreadableAnswer, match="not with JSON"):
        client.get_json(upstream.url_for("/a"))


@pytest.mark.parametrize("body", ["{", "", "[" * 100_000, '{"a": NaN}'])
def test_broken_json_is_said(client: GuardedClient, upstream: HTTPServer, body: str) -> None:
    upstream.expect_request("/a").respond_with_data(body, content_type="application/json")
    with pytest.raises(UnreadableAnswer, match="broken JSON"):
        client.get_json(upstream.url_for("/a"))


def test_a_body_above_the_cap_is_not_read_to_its_end(make_client: Make, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data(b"[" + b"1," * 60_000 + b"1]", content_type="application/json")
    with pytest.raises(AnswerTooLarge, match="more than 64 KiB"):
        make_client(body_bytes=65536).get_json(upstream.url_for("/a"))


def test_a_gzip_bomb_is_stopped_at_the_cap(make_client: Make, upstream: HTTPServer) -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as file:
        for _ in range(64):
            file.write(b"0" * 1024 * 1024)
    upstream.expect_request("/a").respond_with_data(
        bomb.getvalue(), content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(AnswerTooLarge):
        make_client().get_json(upstream.url_for("/a"))


def test_gzip_is_asked_for_and_read(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a", headers={"Accept-Encoding": "gzip"}).respond_with_data(
        gzip.compress(b'{"a": 1}'), content_type="application/json", headers={"Content-Encoding": "gzip"}
    )
    assert client.get_json(upstream.url_for("/a")) == {"a": 1}


def test_three_redirects_are_followed(client: GuardedClient, upstream: HTTPServer) -> None:
    for number in range(3):
        upstream.expect_request(f"/{number}").respond_with_data("", status=302, headers={"Location": f"/{number + 1}"})
    upstream.expect_request("/3").respond_with_json("arrived")
    assert client.get_json(upstream.url_for("/0")) == "arrived"


def test_a_fourth_redirect_is_not_followed(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("", status=301, headers={"Location": "/a"})
    with pytest.raises(UpstreamUnavailable, match="redirects too often"):
        client.get_json(upstream.url_for("/a"))
    assert len(upstream.log) == 4


@pytest.mark.parametrize(
    "target",
    ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "http://[fd00::1]/"],
)
def test_a_redirect_to_a_private_address_is_not_followed(
    client: GuardedClient, upstream: HTTPServer, target: str
) -> None:
    upstream.expect_request("/a").respond_with_data("", status=302, headers={"Location": target})
    with pytest.raises(UpstreamUnavailable, match="is not a public address"):
        client.get_json(upstream.url_for("/a"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.org/"])
def test_a_redirect_out_of_the_web_is_not_followed(client: GuardedClient, upstream: HTTPServer, target: str) -> None:
    upstream.expect_request("/a").respond_with_data("", status=302, headers={"Location": target})
    with pytest.raises(UpstreamUnavailable, match="only web addresses"):
        client.get_json(upstream.url_for("/a"))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "http://localhost/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "http://0.0.0.0/",
    ],
)
def test_without_leave_nothing_local_is_reached(make_client: Make, url: str) -> None:
    with pytest.raises(UpstreamUnavailable, match="is not a public address"):
        make_client(allowed_networks=()).get_json(url)


def _resolver(*addresses: str) -> Callable[..., Any]:
    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


@pytest.mark.parametrize("addresses", [("10.1.2.3",), ("192.0.2.1", "127.0.0.1"), ("93.184.215.14", "10.0.0.1")])
def test_a_name_that_leads_to_a_private_address_is_not_asked(make_client: Make, addresses: tuple[str, ...]) -> None:
    client = make_client(_resolver(*addresses), allowed_networks=())
    with pytest.raises(UpstreamUnavailable, match=r"rebound\.example is not a public address"):
        client.get_json("https://rebound.example/x")


def test_a_name_is_looked_up_once_a_connection_so_that_it_cannot_change_in_between(
    make_client: Make, upstream: HTTPServer
) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])
    upstream.expect_request("/a").respond_with_json("from loopback")
    client = make_client(lambda host, port, *_, **__: _resolver(next(answers))(host, port))
    assert client.get_json(f"http://turns.example:{upstream.port}/a") == "from loopback"


def test_a_name_look_up_that_hangs_ends_at_the_deadline(make_client: Make, seconds_of: Callable[..., float]) -> None:
    client = make_client(lambda *_, **__: time.sleep(5), total=0.5)
    assert seconds_of(lambda: client.get_json("https://slow.example/")) < 2


def test_a_name_that_is_not_known_is_said(make_client: Make) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "no")

    with pytest.raises(UpstreamUnavailable, match=r"nowhere\.example could not be reached"):
        make_client(unknown).get_json("https://nowhere.example/")


def test_hosts_that_people_named_are_asked_encrypted_only(make_client: Make) -> None:
    with pytest.raises(UpstreamUnavailable, match="is not asked without encryption"):
        make_client(allowed_networks=()).get_json("http://example.org/", user_named=True)


def test_odd_ports_are_not_asked(make_client: Make) -> None:
    with pytest.raises(UpstreamUnavailable, match="is not asked on port 6379"):
        make_client(allowed_networks=()).get_json("https://example.org:6379/", user_named=True)


def test_leave_for_loopback_gives_no_leave_for_odd_ports_elsewhere(make_client: Make) -> None:
    client = make_client(_resolver("93.184.215.14"))
    with pytest.raises(UpstreamUnavailable, match="is not a public address"):
        client.get_json("http://example.org:8080/")


def test_loopback_with_leave_is_asked_by_http_on_any_port(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_json(1)
    assert client.get_json(upstream.url_for("/a"), user_named=True) == 1


@pytest.mark.parametrize("url", ["https://[broken/", "https://a b/", "no address", "", "https://"])
def test_what_is_no_address_is_not_asked(client: GuardedClient, url: str) -> None:
    with pytest.raises(UpstreamUnavailable, match=r"only web addresses|is not a public address"):
        client.get_json(url)


@pytest.mark.parametrize("location", [b"https://[broken/", b"https://a:b/", b"\xff\xfe://", b"https://\xc3\xbc\x7f/"])
def test_a_redirect_to_what_is_no_address_is_not_followed(
    client: GuardedClient, raw_upstream: Callable[..., Any], location: bytes
) -> None:
    server = raw_upstream(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
    with pytest.raises(UpstreamUnavailable):
        client.get_json(server.url)


def test_a_budget_ends(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_json(1)
    two = client.budget(2)
    two.get_json(upstream.url_for("/a"))
    inner = two.budget(5)
    inner.get_json(upstream.url_for("/a"))
    with pytest.raises(CallBudgetSpent):
        inner.get_json(upstream.url_for("/a"))
    with pytest.raises(CallBudgetSpent):
        two.get_text(upstream.url_for("/a"), accept="text/plain")
    assert len(upstream.log) == 2


def test_text_is_given_only_of_the_kind_asked_for(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("<XRD/>", content_type="application/xrd+xml; charset=utf-8")
    assert client.get_text(upstream.url_for("/a"), accept="application/xrd+xml") == "<XRD/>"
    with pytest.raises(UnreadableAnswer):
        client.get_text(upstream.url_for("/a"), accept="text/plain")


def test_no_log_holds_what_was_asked(
    client: GuardedClient, upstream: HTTPServer, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.expect_ordered_request("/alice.test").respond_with_data("", status=503)
    upstream.expect_ordered_request("/alice.test").respond_with_json(1)
    client.get_json(upstream.url_for("/alice.test"), {"actor": "alice.test"})
    own = [record for record in caplog.records if record.name != "werkzeug"]
    written = capsys.readouterr()
    assert not any("alice" in record.getMessage() or "localhost" in record.getMessage() for record in own)
    assert "localhost" not in written.out


@pytest.fixture
def over_tls(tmp_path: Path) -> Iterator[tuple[HTTPServer, ssl.SSLContext]]:
    """A server whose certificate names social.example, and a context that trusts it."""
    shown, trusting = certificate_for("social.example", tmp_path)
    server = HTTPServer(host="127.0.0.1", ssl_context=shown)
    server.start()
    server.expect_request("/a").respond_with_json("over TLS")
    yield server, trusting
    server.stop()


def test_the_certificate_is_checked_against_the_name_not_the_address(
    over_tls: tuple[HTTPServer, ssl.SSLContext],
) -> None:
    server, trusted = over_tls
    limits = FetchingLimits(allowed_networks=("127.0.0.0/8",))
    with closing(GuardedClient(limits, resolver=_resolver("127.0.0.1"), ssl_context=trusted)) as client:
        assert client.get_json(f"https://social.example:{server.port}/a", user_named=True) == "over TLS"
        with pytest.raises(UpstreamUnavailable, match=r"other\.example does not show a valid certificate"):
            client.get_json(f"https://other.example:{server.port}/a", user_named=True)
    with closing(GuardedClient(limits, resolver=_resolver("127.0.0.1"))) as client, pytest.raises(UpstreamUnavailable):
        client.get_json(f"https://social.example:{server.port}/a", user_named=True)


def test_a_budget_of_time_ends_too(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_json({})
    assert client.budget(5, seconds=60).get_json(upstream.url_for("/a")) == {}
    with pytest.raises(CallBudgetSpent):
        client.budget(5, seconds=-1).get_json(upstream.url_for("/a"))


def test_a_bare_connection_reaches_what_a_request_would(client: GuardedClient, upstream: HTTPServer) -> None:
    upstream.expect_request("/a").respond_with_data("here")
    with closing(client.connect("127.0.0.1", upstream.port, encrypted=False)) as connection:
        connection.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        assert connection.makefile("rb").read().endswith(b"here")


@pytest.mark.parametrize(
    ("host", "port", "encrypted", "said"),
    [
        ("127.0.0.1", 443, True, "is not a public address"),
        ("rebound.example", 443, True, "is not a public address"),
        ("rebound.example", 6379, True, "is not asked on port 6379"),
        ("rebound.example", 80, False, "is not asked without encryption"),
    ],
)
def test_a_bare_connection_is_guarded_like_a_request(
    make_client: Make, host: str, port: int, encrypted: bool, said: str
) -> None:
    client = make_client(_resolver("127.0.0.1"), allowed_networks=())
    with pytest.raises(UpstreamUnavailable, match=said):
        client.connect(host, port, encrypted=encrypted)


def test_a_bare_connection_that_nobody_takes_is_said(client: GuardedClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(UpstreamUnavailable, match=r"127\.0\.0\.1 could not be reached"):
        client.connect("127.0.0.1", port, encrypted=False)

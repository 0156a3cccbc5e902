"""The badge for pages of others, as an address that is asked: states, headers, wrong addresses, hostile ones."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from server.lookup import Answer
from server.pages.badge_pages import KEPT_SECONDS
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup

ALICE = "/badge/bluesky/alice.test.svg"
OPEN = "https://rapport.example"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


def words(answer: TestResponse) -> str:
    """What is written on a badge; fails when it is none."""
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    picture = ElementTree.fromstring(answer.data)
    return " ".join("".join(part.itertext()) for part in picture.iter("{http://www.w3.org/2000/svg}text"))


def test_a_badge_says_score_interval_and_verdict(client: FlaskClient, alice: dict[str, Any]) -> None:
    answer, score = client.get(ALICE), alice["score"]
    assert answer.status_code == 200
    assert words(answer) == f"Rapport {score['value']} ({score['low']}–{score['high']}) · In conversation"
    assert f"alice.test on Bluesky: influence score {score['value']}" in answer.text


def test_it_can_be_asked_for_one_of_the_two(client: FlaskClient, alice: dict[str, Any]) -> None:
    assert words(client.get(ALICE + "?show=engagement")) == "Rapport In conversation"
    assert "conversation" not in client.get(ALICE + "?show=score").text
    assert client.get(ALICE + "?show=both").data == client.get(ALICE).data


@pytest.mark.parametrize(
    ("state", "said", "seconds"),
    [
        ("pending", "being read", 2),
        ("unknown", "no such account", KEPT_SECONDS),
        ("refused", "not scored", KEPT_SECONDS),
        ("unavailable", "not known just now", 45),
    ],
)
def test_what_stands_in_the_way_of_a_score_is_drawn_where_every_proxy_shows_it(
    client: FlaskClient, lookup: FakeLookup, state: str, said: str, seconds: int
) -> None:
    asked_again = {"pending": 2, "unavailable": 45}.get(state, 6 * 3600)
    lookup.answers["bluesky", "other.test"] = Answer(state, asked_again, detail="Because.")
    answer = client.get("/badge/bluesky/other.test.svg")
    assert (answer.status_code, words(answer)) == (200, f"Rapport {said}")
    assert answer.headers["Cache-Control"] == f"private, max-age={seconds}"


def test_too_little_seen_is_said(client: FlaskClient, lookup: FakeLookup) -> None:
    lookup.know(samples.report_of(samples.quiet()))
    assert words(client.get("/badge/bluesky/quiet.test.svg")) == "Rapport Too little to tell"


def test_an_account_that_asks_not_to_be_kept_has_no_score_in_public(running: Running, network: FakeNetwork) -> None:
    shy = Invented("shy.test").replies(people=30).post(times=20)
    network.accounts["shy.test"] = ephemeral(shy)
    running.client.get("/accounts/bluesky/shy.test")
    running.work()
    assert b"shown to you, and not kept" in running.client.get("/accounts/bluesky/shy.test").data
    assert words(running.client.get("/badge/bluesky/shy.test.svg")) == "Rapport asks not to be listed"


def test_a_badge_changes_as_soon_as_its_account_is_left_out(running: Running) -> None:
    running.client.get(ALICE)
    running.work()
    assert "In conversation" in words(running.client.get(ALICE))
    running.client.post("/privacy/opt-out", data={"account": "alice.test", "network": "bluesky"})
    assert words(running.client.get(ALICE)) == "Rapport not scored"


def test_a_badge_has_its_account_glanced_at_and_never_studied(running: Running, network: FakeNetwork) -> None:
    assert words(running.client.get(ALICE)) == "Rapport being read"
    running.work()
    running.client.get(ALICE)
    running.work()
    assert (network.glances, network.studies) == (["alice.test"], [])


@pytest.mark.parametrize(
    ("path", "said", "explained"),
    [
        ("/badge/bluesky/two%20words.svg", "no such handle", "type it in full"),
        ("/badge/myspace/tom.svg", "no such network", "There is no network"),
        (ALICE + "?show=everything", "wrong address: show", "it can be both, score, engagement"),
        (ALICE + "?show=", "wrong address: show", "it can be both, score, engagement"),
    ],
)
def test_a_wrong_address_is_drawn_with_what_is_wrong(
    client: FlaskClient, alice: dict[str, Any], path: str, said: str, explained: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, words(answer)) == (200, f"Rapport {said}")
    assert explained in answer.text


HOSTILE = [
    "<script>alert(1)</script>",
    '"/><image href="https://evil.example/x"/>',
    "]]><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "\x00\x0b\x1f\x7f\ufffe\uffff",
    "\u202egnp.tset",
    "a" * 5000,
    "%F0%9F.svg",
    "../../../etc/passwd",
    "{{ 7 * 7 }}",
    "did:plc:<b>",
    "-->",
]


@pytest.mark.parametrize("handle", HOSTILE)
@pytest.mark.parametrize("network", ["bluesky", "mastodon", "x", "<b>"])
def test_a_hostile_handle_becomes_a_badge_of_plain_text(client: FlaskClient, network: str, handle: str) -> None:
    answer = client.get(f"/badge/{quote(network)}/{quote(handle)}.svg")
    assert answer.status_code == 200
    assert words(answer).startswith("Rapport no such ")
    picture = ElementTree.fromstring(answer.data)
    assert {element.tag.partition("}")[2] for element in picture.iter()} == {"svg", "title", "path", "g", "text"}
    assert len(answer.data) < 3000


def test_bytes_that_are_no_text_make_a_badge_too(client: FlaskClient) -> None:
    assert words(client.get("/badge/bluesky/%ff%fe%ed%a0%80.svg")) == "Rapport no such handle"


def test_who_has_the_badge_already_is_not_sent_it_again(client: FlaskClient, alice: dict[str, Any]) -> None:
    first = client.get(ALICE)
    again = client.get(ALICE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert client.get(ALICE, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_tag_of_a_badge_follows_what_it_says(
    client: FlaskClient, lookup: FakeLookup, alice: dict[str, Any]
) -> None:
    before = client.get(ALICE).headers["ETag"]
    assert client.get(ALICE + "?show=score").headers["ETag"] != before
    alice["score"]["value"] += 1
    assert client.get(ALICE, headers={"If-None-Match": before}).status_code == 200


def test_a_badge_may_do_nothing_and_is_not_for_search_engines(client: FlaskClient, alice: dict[str, Any]) -> None:
    headers = client.get(ALICE).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in headers


def test_unless_opened_a_badge_is_kept_by_nobody_else_and_shown_on_no_page_of_others(running: Running) -> None:
    answer = running.client.get(ALICE)
    assert answer.headers["Cache-Control"].startswith("private, ")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"Origin", "Sec-Fetch-Site", "Authorization"} <= set(answer.headers["Vary"].split(", "))
    refused = running.client.get(ALICE, headers=ELSEWHERE)
    assert refused.status_code == 403
    assert "RAPPORT_EMBEDS_AT" in refused.get_json()["detail"]


def test_once_opened_pages_of_others_and_proxies_may_show_and_keep_it(start: Any, tmp_path: Path) -> None:
    running = start(tmp_path, embeds_at=OPEN)
    running.client.get(ALICE)
    running.work()
    for headers in (ELSEWHERE, ELSEWHERE | {"Origin": "https://blog.example"}, {"Host": "rapport.example"}, {}):
        answer = running.client.get(ALICE, headers=headers)
        assert "In conversation" in words(answer)
        assert answer.headers["Cache-Control"] == f"public, max-age={KEPT_SECONDS}"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Vary" not in answer.headers


def test_once_opened_only_the_badge_is_open(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, embeds_at=OPEN, token="secret words").client
    assert client.get(ALICE).status_code == 200
    assert client.get("/oembed", headers=ELSEWHERE).status_code == 400
    assert client.post(ALICE).status_code == 401
    for path in ("/", "/accounts/bluesky/alice.test", "/api/v1/accounts/bluesky/alice.test", "/badge", "/badges/x.svg"):
        assert client.get(path).status_code == 401, path
        assert client.get(path, headers=ELSEWHERE).status_code == 403, path


def test_a_token_guards_badges_that_are_not_opened(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, token="secret words").client
    assert client.get(ALICE).status_code == 401
    assert client.get(ALICE, headers={"Authorization": "Bearer secret words"}).status_code == 200


def test_too_many_requests_are_drawn_and_not_kept(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, requests_per_minute=2).client
    answers = [client.get(ALICE) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert words(answers[-1]) == "Rapport too many requests"
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("failure", "status"), [(OperationalError("SELECT", {}, Exception("gone")), 503), (KeyError("alice.test"), 500)]
)
def test_a_failure_of_ours_is_drawn_not_kept_and_logged_without_a_name(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failure: Exception, status: int
) -> None:
    def broken(*_: Any, **__: Any) -> Answer:
        raise failure

    monkeypatch.setattr(running.service.lookup, "report", broken)
    with caplog.at_level(logging.ERROR):
        answer = running.client.get(ALICE)
    assert (answer.status_code, words(answer)) == (status, "Rapport not known just now")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(caplog.records) == 1
    assert "alice" not in caplog.records[0].getMessage()

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.lookup import Answer
from server.pages.badge_picture import HEIGHT, WIDEST, Show
from tests.server.conftest import Running
from tests.server.pages import samples
from tests.server.pages.fake_lookup import FakeLookup

ALICE = "http://localhost/accounts/bluesky/alice.test"


def ask(client: FlaskClient, url: str = ALICE, more: str = "") -> Any:
    return client.get(f"/oembed?url={quote(url, safe='')}{more}")


def test_a_report_is_shown_as_its_badge_with_a_link_to_it(client: FlaskClient, alice: dict[str, Any]) -> None:
    answer = ask(client)
    document = answer.get_json()
    assert answer.content_type == "application/json; charset=utf-8"
    shown = BeautifulSoup(document.pop("html"), "html.parser")
    assert document == {
        "version": "1.0",
        "type": "rich",
        "title": "alice.test on Bluesky",
        "provider_name": "Rapport",
        "provider_url": "http://localhost/",
        "cache_age": 600,
        "width": WIDEST[Show.BOTH],
        "height": HEIGHT,
    }
    assert shown.a["href"] == ALICE
    assert shown.img["src"] == "http://localhost/badge/bluesky/alice.test.svg"
    assert shown.img["alt"] == "alice.test on Rapport"
    assert client.get(urlsplit(shown.img["src"]).path).status_code == 200


def test_xml_says_the_same(client: FlaskClient, alice: dict[str, Any]) -> None:
    answer = ask(client, more="&format=xml")
    assert answer.content_type == "text/xml; charset=utf-8"
    document = ElementTree.fromstring(answer.data)
    assert document.tag == "oembed"
    assert {part.tag: part.text for part in document} == {k: str(v) for k, v in ask(client).get_json().items()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(wide=st.integers(1, 500), high=st.integers(1, 60))
def test_the_embed_is_never_larger_than_asked_for(
    client: FlaskClient, lookup: FakeLookup, wide: int, high: int
) -> None:
    lookup.know(samples.report_of(samples.quiet()))
    document = ask(
        client, "http://localhost/accounts/bluesky/quiet.test", f"&maxwidth={wide}&maxheight={high}"
    ).get_json()
    shown = BeautifulSoup(document["html"], "html.parser").img
    assert document["width"] <= wide
    assert document["height"] <= high
    show = Show.ENGAGEMENT if "show=engagement" in shown["src"] else Show.BOTH
    assert int(shown["height"]) == document["height"]
    # A single pixel cannot be made lower; anything else keeps the widest badge inside the width told.
    assert document["height"] == 1 or WIDEST[show] * document["height"] / HEIGHT <= document["width"] + 1


def test_a_narrow_place_gets_the_verdict_in_full_size(client: FlaskClient, alice: dict[str, Any]) -> None:
    document = ask(client, more="&maxwidth=250").get_json()
    assert "?show=engagement" in document["html"]
    assert document["height"] == HEIGHT


@pytest.mark.parametrize("name", ["maxwidth", "maxheight"])
@pytest.mark.parametrize("value", ["0", "-1", "wide", "1.5", "٣", "99999999999999999999"])
def test_a_size_that_is_none_is_a_bad_request(
    client: FlaskClient, alice: dict[str, Any], name: str, value: str
) -> None:
    answer = ask(client, more=f"&{name}={quote(value)}")
    assert answer.status_code == 400
    assert f"{name} is" in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/accounts/bluesky/alice.test",
        "http://localhost.evil.example/accounts/bluesky/alice.test",
        "http://localhost@evil.example/accounts/bluesky/alice.test",
        "http://evil.example#http://localhost/accounts/bluesky/alice.test",
        "ftp://localhost/accounts/bluesky/alice.test",
        "javascript:alert(1)",
        "http://localhost/privacy",
        "http://localhost/accounts/bluesky",
        "http://localhost/badge/bluesky/alice.test.svg",
        "http://localhost/accounts/myspace/tom",
        "http://localhost/accounts/bluesky/two%20words",
        "http://localhost/accounts/bluesky/nobody.test",
        "http://[/accounts/bluesky/alice.test",
        "http://localhost/accounts/bluesky/" + "a" * 5000,
        "<script>",
    ],
)
def test_an_address_that_is_no_report_of_ours_is_not_found(
    client: FlaskClient, alice: dict[str, Any], url: str
) -> None:
    assert ask(client, url).status_code == 404


def test_without_an_address_the_request_is_bad(client: FlaskClient) -> None:
    assert client.get("/oembed").status_code == 400


@pytest.mark.parametrize("form", ["yaml", "JSON", ""])
def test_a_format_that_is_not_offered_is_not_implemented(client: FlaskClient, alice: dict[str, Any], form: str) -> None:
    assert ask(client, more=f"&format={form}").status_code == 501


def test_errors_are_told_to_programs_as_problem_documents(running: Running) -> None:
    answer = ask(running.client, "http://localhost/privacy")
    assert answer.content_type == "application/problem+json"
    assert "http://localhost/accounts/" in answer.get_json()["detail"]


@pytest.mark.parametrize("state", ["pending", "refused", "unavailable"])
def test_an_account_without_a_report_is_embedded_with_a_badge_that_says_so(
    client: FlaskClient, lookup: FakeLookup, state: str
) -> None:
    lookup.answers["bluesky", "other.test"] = Answer(state, 30)
    document = ask(client, "http://localhost/accounts/bluesky/other.test").get_json()
    assert (document["type"], document["title"], document["cache_age"]) == ("rich", "other.test on Bluesky", 30)


def test_an_answer_is_kept_and_confirmed_like_the_badge(client: FlaskClient, alice: dict[str, Any]) -> None:
    first = ask(client)
    assert first.headers["Cache-Control"] == "private, max-age=600"
    assert first.headers["X-Robots-Tag"] == "noindex"
    again = client.get(f"/oembed?url={quote(ALICE, safe='')}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_public_address_stands_in_what_is_embedded_and_is_understood(start: Any, tmp_path: Path) -> None:
    running = start(tmp_path, embeds_at="https://rapport.example")
    running.client.get("/badge/bluesky/alice.test.svg")
    running.work()
    for url in (ALICE, "https://rapport.example/accounts/bluesky/alice.test"):
        document = ask(running.client, url).get_json()
        assert 'href="https://rapport.example/accounts/bluesky/alice.test"' in document["html"]
        assert 'src="https://rapport.example/badge/bluesky/alice.test.svg"' in document["html"]
        assert document["provider_url"] == "https://rapport.example/"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_report_page_tells_programs_where_to_ask(client: FlaskClient, alice: dict[str, Any], form: str) -> None:
    page = BeautifulSoup(client.get(ALICE).text, "html.parser")
    kind = {"json": "application/json+oembed", "xml": "text/xml+oembed"}[form]
    link = page.select_one(f"head link[rel=alternate][type='{kind}']")
    answer = client.get(link["href"])
    assert answer.status_code == 200
    assert form in answer.content_type

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from server.errors import UpstreamUnavailable
from tests.server.pages.fake_lookup import FakeLookup

FORM = {"account": "@Ben@Social.Example", "network": ""}


def test_leaving_out_works_without_login_and_confirms(client: FlaskClient, lookup: FakeLookup) -> None:
    answer = client.post("/privacy/opt-out", data=FORM, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert "ben@social.example on Mastodon is deleted" in answer.text
    assert lookup.left_out == [("mastodon", "ben@social.example")]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_sites_cannot_leave_accounts_out(
    client: FlaskClient, lookup: FakeLookup, headers: dict[str, str]
) -> None:
    assert client.post("/privacy/opt-out", data=FORM, headers=headers).status_code == 403
    assert lookup.left_out == []


def test_a_program_that_states_no_origin_may_leave_an_account_out(client: FlaskClient, lookup: FakeLookup) -> None:
    assert client.post("/privacy/opt-out", data=FORM).status_code == 200
    assert len(lookup.left_out) == 1


def test_a_mistyped_account_keeps_the_entry_and_deletes_nothing(client: FlaskClient, lookup: FakeLookup) -> None:
    answer = client.post("/privacy/opt-out", data={"account": "who is this", "network": "x"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 400
    assert page.select_one("#opt-out-account")["value"] == "who is this"
    assert "no handle on X" in page.select_one("#opt-out-error").text
    assert lookup.left_out == []


def test_a_network_that_cannot_be_asked_is_said_to_be_so(client: FlaskClient, lookup: FakeLookup) -> None:
    lookup.failure = UpstreamUnavailable("Mastodon did not answer.")
    answer = client.post("/privacy/opt-out", data=FORM)
    assert answer.status_code == 503
    assert "Mastodon did not answer." in answer.text


def test_leaving_out_takes_a_form_and_no_link(client: FlaskClient, lookup: FakeLookup) -> None:
    assert client.get("/privacy/opt-out?account=alice.test").status_code == 405
    assert lookup.left_out == []


def test_how_long_things_are_kept_follows_the_settings(client: FlaskClient, app: object) -> None:
    service = app.extensions["rapport"]  # type: ignore[attr-defined]
    service.settings = service.settings.model_copy(update={"keep_days": 17})
    assert "nobody asked for it for 17 days" in client.get("/privacy").text


@pytest.mark.parametrize("word", ["noindex", "discoverable", "!no-unauthenticated", "#nobot", "Hiring"])
def test_wishes_and_limits_are_named(client: FlaskClient, word: str) -> None:
    assert word in client.get("/privacy").text


def test_that_hashtags_are_kept_is_said(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/privacy").text, "html.parser")
    posts = next(row for row in page.select("tr") if row.th.text == "Posts")
    assert "hashtags" in posts.td.text


def test_what_a_badge_in_another_page_sends_is_said_as_it_is_set(client: FlaskClient, app: object) -> None:
    def told() -> str:
        page = BeautifulSoup(client.get("/privacy").text, "html.parser")
        return str(page.select_one("section[aria-labelledby=embeds] p").text)

    assert told().startswith("Pages of others may not show badges of this service")
    service = app.extensions["rapport"]  # type: ignore[attr-defined]
    service.settings = service.settings.model_copy(update={"embeds_at": "https://rapport.example"})
    assert "no record is kept of who asked" in told()
    assert told().startswith("Pages of others may show badges of this service")
    assert "for 10 minutes at most" in told()

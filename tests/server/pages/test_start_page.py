from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from server.settings import Settings


def test_the_start_page_names_the_folders_to_load_the_extension_from(client: FlaskClient) -> None:
    page = client.get("/").text
    folder = Settings().extension_folder
    assert f"{folder}/chrome" in page
    assert f"{folder}/firefox/manifest.json" in page


def test_every_network_can_be_chosen_and_working_it_out_is_the_default(client: FlaskClient) -> None:
    options = BeautifulSoup(client.get("/").text, "html.parser").select("select[name=network] option")
    assert [option["value"] for option in options] == ["", "bluesky", "mastodon", "x"]
    assert not any(option.has_attr("selected") for option in options)


@pytest.mark.parametrize(
    ("typed", "report"),
    [
        ("Alice.bsky.social", "/accounts/bluesky/alice.bsky.social"),
        (" https://bsky.app/profile/alice.bsky.social ", "/accounts/bluesky/alice.bsky.social"),
        ("@ben@Social.Example", "/accounts/mastodon/ben@social.example"),
        ("https://social.example/@ben", "/accounts/mastodon/ben@social.example"),
        ("https://x.com/Carol/status/1", "/accounts/x/carol"),
        ("@Carol", "/accounts/x/carol"),
    ],
)
def test_whatever_is_pasted_leads_to_its_report(client: FlaskClient, typed: str, report: str) -> None:
    answer = client.get("/look-up", query_string={"account": typed, "network": ""})
    assert (answer.status_code, answer.location) == (302, report)


def test_a_bad_entry_shows_the_form_again_with_the_entry_kept_and_what_is_wrong(client: FlaskClient) -> None:
    answer = client.get("/look-up", query_string={"account": "no <b>such", "network": "bluesky"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 400
    assert page.select_one("input[name=account]")["value"] == "no <b>such"
    assert page.select_one("option[selected]")["value"] == "bluesky"
    error = page.select_one("#look-up-error")
    assert "no Bluesky handle" in error.text
    assert page.select_one("input[name=account]")["aria-describedby"] == error["id"]


@pytest.mark.parametrize("typed", ["", "   ", "two words", "x" * 501])
def test_what_is_no_account_anywhere_is_refused_with_a_sentence(client: FlaskClient, typed: str) -> None:
    answer = client.get("/look-up", query_string={"account": typed})
    assert answer.status_code == 400
    assert BeautifulSoup(answer.text, "html.parser").select_one("#look-up-error").text.endswith(".")


def test_a_network_not_served_here_is_refused(client: FlaskClient) -> None:
    answer = client.get("/look-up", query_string={"account": "alice.test", "network": "myspace"})
    assert answer.status_code == 400
    assert "No such network" in answer.text

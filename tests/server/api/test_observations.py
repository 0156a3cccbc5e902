"""POST /api/v1/observations: public X posts that stood on a screen become an account's report."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.api.schemas import ObservedAll
from server.app import create_app
from server.settings import Settings
from tests.server.conftest import Clock
from tests.server.fake_network import NoFetcher
from tests.server.invented import NOW
from tests.server.x_pages import header, tweet

URL = "https://x.com/alice/with_replies"


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> FlaskClient:
    return create_app(Settings(data_folder=tmp_path), fetcher=NoFetcher(), clock=clock, work=False).test_client()


def posts(first: int, number: int, **columns: Any) -> list[str]:
    newest = datetime.fromtimestamp(NOW, UTC)
    ages = [timedelta(minutes=n * n * 17 % 60_000) for n in range(first, first + number)]
    times = [(newest - age).strftime("%Y-%m-%dT%H:%M:%S.000Z") for age in ages]
    return [
        tweet(first + n, when=when, text=f"Thought number {n} on {'tea ' * (n % 5 + 3)}", **columns)
        for n, when in enumerate(times)
    ]


def send(client: FlaskClient, *fragments: str, url: str = URL) -> dict[str, dict[str, Any]]:
    response = client.post("/api/v1/observations", json={"network": "x", "url": url, "fragments": list(fragments)})
    assert response.status_code == 200, response.text
    ObservedAll.model_validate(response.get_json())
    return {account["handle"]: account for account in response.get_json()["accounts"]}


def badge(client: FlaskClient, handle: str = "alice") -> dict[str, Any]:
    answer = client.post("/api/v1/badges", json={"accounts": [{"network": "x", "handle": handle}]}).get_json()
    return dict(answer["badges"][0])


def test_what_stood_on_the_screen_adds_up_to_a_report_and_a_post_counts_once(client: FlaskClient) -> None:
    assert send(client, header(), *posts(1, 8))["alice"]["posts_added"] == 8
    assert badge(client)["state"] == "too_little"
    again = send(client, header(), *posts(5, 30, answers="bob"), url=URL)["alice"]
    assert (again["posts_added"], again["posts_known"]) == (26, 34)
    known = badge(client)
    assert (known["state"], known["verdict"]) == ("ready", "some_replies"), "all its replies go to one person"
    assert known["replies"] + known["broadcasts"] == 34


def test_counts_keep_their_newest_value(client: FlaskClient) -> None:
    send(client, header(), *posts(1, 20, counts=("0", "0", "1")))
    before = badge(client)["score"]
    send(client, header(), *posts(1, 20, counts=("90", "800", "9000")))
    assert badge(client)["score"] > before


def test_the_posts_tab_alone_does_not_say_broadcasts_for_replies_stand_elsewhere(client: FlaskClient) -> None:
    send(client, header(), *posts(1, 30), url="https://x.com/alice")
    assert badge(client)["verdict"] == "too_little"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "not JSON"),
        (json.dumps({"network": "bluesky", "url": URL, "fragments": ["<p>"]}).encode(), 400, "network"),
        (json.dumps({"network": "x", "url": URL, "fragments": []}).encode(), 400, "fragments"),
        (json.dumps({"network": "x", "url": URL, "fragments": ["<p>"] * 101}).encode(), 400, "at most 100"),
        (json.dumps({"network": "x", "url": URL, "fragments": ["<p>" * 400_000]}).encode(), 400, "fragments.0"),
        (json.dumps({"network": "x", "url": URL, "fragments": ["x" * 900_000] * 6}).encode(), 413, "Send less at once"),
    ],
)
def test_what_cannot_be_an_observation_is_said(client: FlaskClient, body: bytes, status: int, says: str) -> None:
    response = client.post("/api/v1/observations", data=body)
    assert response.status_code == status
    assert says in response.get_json()["detail"]


@pytest.mark.parametrize(
    "fragment",
    [
        "<div>" * 10_000,
        tweet(1)[:200],
        "<article data-testid='tweet'>",
        "\x00\x01",
        "<html><body>another page</body></html>",
    ],
    ids=["nested", "truncated", "empty", "bytes", "changed"],
)
def test_hostile_truncated_or_changed_html_takes_nothing_away(client: FlaskClient, fragment: str) -> None:
    send(client, header(), *posts(1, 20))
    before = badge(client)
    response = client.post("/api/v1/observations", json={"network": "x", "url": URL, "fragments": [fragment]})
    assert response.status_code in (200, 400)
    assert badge(client) == before


def test_a_script_in_a_name_is_only_ever_text(client: FlaskClient) -> None:
    send(client, header(name="<script>alert(1)</script>"), *posts(1, 20, name="<script>alert(1)</script>"))
    page = client.get("/accounts/x/alice")
    assert page.status_code == 200
    assert b"<script>alert" not in page.data
    assert b"&lt;script&gt;alert" in page.data


def test_who_opted_out_is_not_observed(client: FlaskClient) -> None:
    send(client, header(), *posts(1, 20))
    client.application.extensions["rapport"].lookup.opt_out("x", "alice")
    assert "alice" not in send(client, header(), *posts(1, 20))
    assert badge(client)["state"] == "refused"


@pytest.mark.parametrize("wish", ["#nobot", "#noindex"])
def test_a_wish_seen_in_the_profile_deletes_and_holds_until_the_profile_changes(client: FlaskClient, wish: str) -> None:
    def known(*fragments: str) -> int:
        return sum(account["posts_known"] for account in send(client, *fragments).values())

    assert known(*posts(1, 12)) == 12
    assert known(header(bio=wish)) == 0
    assert badge(client)["state"] == "refused"
    assert known(*posts(13, 1)) == 0
    assert known(header(bio="Tea."), *posts(14, 1)) == 1, "nothing of before is left"


def test_posts_that_cannot_be_stored_are_not_said_to_be_known(client: FlaskClient, tmp_path: Path) -> None:
    repository = client.application.extensions["rapport"].repository
    with repository._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    blocker = sqlite3.connect(tmp_path / "rapport.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    body = {"network": "x", "url": URL, "fragments": posts(1, 1)}
    assert client.post("/api/v1/observations", json=body).status_code == 503
    blocker.close()
    assert send(client, *posts(1, 1))["alice"]["posts_added"] == 1

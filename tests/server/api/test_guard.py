"""Who may call the service, and what every answer carries."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from server.logs import set_up_logs
from tests.server.conftest import Running


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "127.0.0.1"])
def test_the_service_answers_under_its_own_names(running: Running, host: str) -> None:
    assert running.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_foreign_name_that_points_here_is_not_answered(running: Running) -> None:
    response = running.client.get("/healthz", headers={"Host": "evil.example"})
    assert response.status_code == 421
    assert "RAPPORT_ALLOWED_HOSTS" in response.get_json()["detail"]


def test_a_name_that_was_allowed_is_answered(start: Any, tmp_path: Path) -> None:
    running = start(tmp_path, allowed_hosts=("rapport.home",))
    assert running.client.get("/healthz", headers={"Host": "rapport.home:8765"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_pages_of_others_may_not_use_it(running: Running, headers: dict[str, str]) -> None:
    body = {"accounts": [{"network": "bluesky", "handle": "alice.test"}]}
    assert running.client.post("/api/v1/badges", json=body, headers=headers).status_code == 403
    assert running.client.get("/api/v1/accounts/bluesky/alice.test", headers=headers).status_code == 403
    assert running.work() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "chrome-extension://abcdefghijklmnop"},
        {"Origin": "moz-extension://11111111-2222-4333-8444-555555555555"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_programs_the_extension_own_pages_and_links_may(running: Running, headers: dict[str, str]) -> None:
    assert running.client.get("/healthz", headers=headers).status_code == 200


def test_with_a_token_nothing_but_the_health_check_is_open(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, token="secret words").client
    assert client.get("/healthz").status_code == 200
    refused = client.get("/metrics")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "Authorization: Bearer" in refused.get_json()["detail"]
    for wrong in ("Bearer", "Bearer secret", "Basic c2VjcmV0", "Basic secret words", "secret words"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer secret words"}).status_code == 200
    assert client.get("/", auth=("anybody", "secret words")).status_code == 200


def test_too_many_requests_are_told_to_wait(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, requests_per_minute=3).client
    statuses = [client.get("/healthz").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert client.get("/healthz").headers["Retry-After"] == "60"


def test_every_answer_forbids_scripts_of_others_framing_and_guessing_of_types(running: Running) -> None:
    for path in ("/", "/healthz", "/nothing", "/api/v1/accounts/bluesky/alice.test"):
        headers = running.client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_metrics_name_routes_never_accounts(running: Running) -> None:
    running.client.get("/api/v1/accounts/bluesky/alice.test")
    running.work()
    text = running.client.get("/metrics").get_data(as_text=True)
    assert "rapport_requests_total" in text
    running.client.open("/healthz", method="ALICE")
    text += running.client.get("/metrics").get_data(as_text=True).lower()
    assert "alice" not in text


def test_readiness_says_when_the_database_does_not_answer(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert running.client.get("/readyz").get_json() == {"status": "ready"}

    def broken() -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(running.service.repository, "ping", broken)
    response = running.client.get("/readyz")
    assert (response.status_code, response.get_json()["detail"]) == (
        503,
        "The database does not answer (OperationalError).",
    )


def test_a_token_of_odd_characters_is_a_wrong_token_and_no_fault(start: Any, tmp_path: Path) -> None:
    guarded = start(tmp_path / "guarded", token="sécret")
    assert guarded.client.get("/", headers={"Authorization": "Bearer \udce9"}).status_code == 401


@pytest.mark.databases("sqlite")
def test_a_database_that_cannot_be_written_is_said_to_who_opts_out(running: Running) -> None:
    blocker = sqlite3.connect(running.settings.data_folder / "rapport.db", isolation_level=None)
    with running.service.repository._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    blocker.execute("BEGIN IMMEDIATE")
    response = running.client.post("/privacy/opt-out", data={"account": "alice.test", "network": "bluesky"})
    blocker.close()
    assert response.status_code == 503
    assert "was not done" in response.text


@pytest.mark.databases("sqlite")
def test_logs_name_nobody_even_when_the_database_fails(
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Both are put back afterwards, the level too, which set_up_logs sets for all.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    caplog.set_level(logging.DEBUG)
    set_up_logs("DEBUG")
    with sqlite3.connect(running.settings.data_folder / "rapport.db") as database:
        database.executescript("DROP TABLE handle; DROP TABLE account")
    assert running.client.get("/api/v1/accounts/bluesky/alice.test").status_code == 503
    with pytest.raises(OperationalError, match=r"hidden due to hide_parameters"):
        running.lookup.gather("bluesky", "alice.test", study=False)
    logging.getLogger("any").exception("a fault", exc_info=KeyError("alice.test"))
    logged = capsys.readouterr().err
    assert "KeyError" in logged
    assert "alice" not in logged


def test_a_null_origin_may_not_post(running: Running) -> None:
    body = {"accounts": [{"network": "bluesky", "handle": "alice.test"}]}
    assert running.client.post("/api/v1/badges", json=body, headers={"Origin": "null"}).status_code == 403
    assert running.client.get("/", headers={"Origin": "null"}).status_code == 200


def test_guessing_tokens_is_stopped_and_leaves_the_right_one_working(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, token="secret words").client
    statuses = [client.get("/metrics", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(40)]
    assert set(statuses[:30]) == {401}
    assert set(statuses[30:]) == {429}
    assert client.get("/metrics", headers={"Authorization": "Bearer secret words"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {
            "Origin": "chrome-extension://edldjmbmgidbibkjhmiodkeedeikhihp",
            "Sec-Fetch-Site": "none",
            "Sec-Fetch-Mode": "cors",
        },
        {
            "Origin": "moz-extension://11111111-2222-4333-8444-555555555555",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "cors",
        },
    ],
    ids=["Chromium 156", "Firefox 153"],
)
def test_what_the_extension_posts_from_each_browser_is_let_through(running: Running, headers: dict[str, str]) -> None:
    body = {"accounts": [{"network": "bluesky", "handle": "alice.test"}]}
    assert running.client.post("/api/v1/badges", json=body, headers=headers).status_code == 200

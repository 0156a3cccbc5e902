"""POST /api/v1/badges, as the extension uses it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from server.api.schemas import Badges
from server.errors import AccountRefused, UpstreamUnavailable
from tests.server.conftest import Running
from tests.server.fake_network import handles


def ask(running: Running, *accounts: tuple[str, str]) -> list[dict[str, Any]]:
    response = running.client.post("/api/v1/badges", json=handles(accounts))
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json"
    form = response.get_json()
    Badges.model_validate(form)
    return form["badges"]


def test_badges_come_in_the_order_asked_each_with_its_state(running: Running) -> None:
    asked = [("bluesky", h) for h in ("alice.test", "quiet.test", "nobody.test", "alice.test", "two words")]
    asked.append(("myspace", "tom"))
    assert [b["state"] for b in ask(running, *asked)] == [
        "pending",
        "pending",
        "pending",
        "pending",
        "unknown",
        "unknown",
    ]
    running.work()
    badges = ask(running, *asked)
    assert [b["handle"] for b in badges] == [handle for _, handle in asked]
    assert [b["state"] for b in badges] == ["ready", "too_little", "unknown", "ready", "unknown", "unknown"]
    alice, quiet = badges[0], badges[1]
    assert alice["low"] <= alice["score"] <= alice["high"]
    assert (alice["ratio"], alice["verdict"], alice["title"]) == ("1 : 0.7", "in_conversation", "In conversation")
    assert "score" not in quiet
    assert quiet["sentence"].startswith("No post seen in the last 90 days")
    assert badges[5]["detail"].startswith("There is no network 'myspace' here")


def test_all_accounts_of_a_request_that_are_not_known_are_gathered_once_each(running: Running) -> None:
    for _ in range(3):
        ask(running, ("bluesky", "alice.test"), ("bluesky", "carla.test"), ("bluesky", "Alice.test"))
    running.work()
    assert sorted(running.network.glances) == ["alice.test", "carla.test"]


def test_a_cached_badge_changes_as_soon_as_the_account_was_gathered_again(running: Running) -> None:
    ask(running, ("bluesky", "alice.test"))
    running.work()
    before = ask(running, ("bluesky", "alice.test"))[0]
    running.network.accounts["alice.test"].post(times=200, every_hours=0.1)
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert ask(running, ("bluesky", "alice.test"))[0]["broadcasts"] > before["broadcasts"]


@pytest.mark.parametrize(
    ("error", "state"),
    [(AccountRefused("It asks not to be scored."), "refused"), (UpstreamUnavailable("No answer."), "unavailable")],
)
def test_refused_and_unavailable_say_why_and_carry_no_score(running: Running, error: Exception, state: str) -> None:
    running.network.should_raise = error
    ask(running, ("bluesky", "alice.test"))
    running.work()
    badge = ask(running, ("bluesky", "alice.test"))[0]
    assert (badge["state"], badge["detail"], "score" in badge) == (state, str(error), False)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "not JSON of the expected form"),
        (b'{"accounts": []}', "accounts: List should have at least 1 item"),
        (b'{"accounts": [%s]}' % b",".join([b'{"network":"bluesky","handle":"a.test"}'] * 51), "at most 50 items"),
        (b'{"accounts": [{"network": "bluesky"}]}', "accounts.0.handle: Field required"),
        (b'{"accounts": [{"network": "bluesky", "handle": 5}]}', "accounts.0.handle"),
        (b'{"accounts": [{"network": "bluesky", "handle": "a.test", "cookie": "x"}]}', "accounts.0.cookie"),
        (b'{"accounts": [{"network": "bluesky", "handle": "%s"}]}' % (b"a" * 301), "accounts.0.handle"),
    ],
)
def test_a_malformed_request_is_answered_with_what_was_wrong_and_where(
    running: Running, body: bytes, says: str
) -> None:
    response = running.client.post("/api/v1/badges", data=body)
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    problem = response.get_json()
    assert says in problem["detail"]
    assert problem["status"] == 400


def test_a_body_beyond_two_mebibytes_is_refused_with_what_to_do(running: Running) -> None:
    response = running.client.post("/api/v1/badges", data=b" " * (2 * 1024 * 1024 + 1))
    assert response.status_code == 413
    assert "Send less at once" in response.get_json()["detail"]


def test_who_opted_out_has_no_badge_left_however_the_name_is_typed(running: Running) -> None:
    spellings = [("bluesky", name) for name in ("alice.test", "@alice.test", " ALICE.test")]
    ask(running, *spellings)
    running.work()
    assert {badge["state"] for badge in ask(running, *spellings)} == {"ready"}
    running.lookup.opt_out("bluesky", "alice.test")
    assert {badge["state"] for badge in ask(running, *spellings)} == {"refused"}


def test_a_cached_badge_does_not_put_off_the_next_look(
    start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start(tmp_path, cache_url="memory://")
    ask(running, ("bluesky", "alice.test"))
    running.work()
    ask(running, ("bluesky", "alice.test"))
    running.clock.time += 5 * 3600
    late = time.time() + 5 * 3600
    monkeypatch.setattr("server.api.memory_cache.time", lambda: late)
    assert ask(running, ("bluesky", "alice.test"))[0]["ask_again_after"] == 3600

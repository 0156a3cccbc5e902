"""Several processes with one Redis: what is cached and counted is there for all of them, and none of them needs it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import redis

from server.api import shared_cache
from server.lookup import Answer
from tests.server.conftest import Clock, Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import Invented
from tests.server.redis_server import redis_url, wire
from tests.server.wires import Wire

__all__ = ["redis_url", "wire"]

Begin = Callable[..., Running]


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        Invented("alice.test").replies(people=30).post(times=20),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )


@pytest.fixture
def begin(start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Start a process on the database that all of them share."""
    monkeypatch.setattr(shared_cache, "AWAY_SECONDS", 0.0)
    return lambda url, **settings: start(tmp_path, cache_url=url, **settings)


def badge(running: Running, handle: str = "alice.test") -> dict[str, Any]:
    asked = {"accounts": [{"network": "bluesky", "handle": handle}]}
    answer = running.client.post("/api/v1/badges", json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()["badges"][0]
    return found


def in_redis(url: str) -> list[bytes]:
    found: list[bytes] = list(redis.Redis.from_url(url).scan_iter("rapport:*"))
    return sorted(found)


def test_what_one_process_gathered_and_may_not_keep_another_one_can_tell(begin: Begin, redis_url: str) -> None:
    one, other = begin(redis_url), begin(redis_url)
    assert badge(one, "shy.test")["state"] == "pending"
    one.work()
    assert badge(one, "shy.test")["state"] == "ready"
    assert badge(other, "shy.test") == badge(one, "shy.test")
    assert one.lookup.report("bluesky", "shy.test") == other.lookup.report("bluesky", "shy.test")


def test_a_badge_that_changed_in_one_process_is_no_longer_told_by_another(begin: Begin, redis_url: str) -> None:
    one, other = begin(redis_url), begin(redis_url)
    one.lookup.gather("bluesky", "alice.test", study=False)
    before = badge(other)
    assert in_redis(redis_url)
    one.network.accounts["alice.test"] = Invented("alice.test").post(times=40)
    one.lookup.gather("bluesky", "alice.test", study=False)
    assert badge(other) != before


def test_requests_are_counted_together(begin: Begin, redis_url: str) -> None:
    one, other = begin(redis_url, requests_per_minute=3), begin(redis_url, requests_per_minute=3)
    codes = [running.client.get("/methodology").status_code for running in (one, other, one, other, one)]
    assert codes == [200, 200, 200, 429, 429]


def test_without_redis_everything_is_answered_as_before(begin: Begin, wire: Wire) -> None:
    running = begin(wire.url)
    running.lookup.gather("bluesky", "alice.test", study=False)
    before = badge(running)
    wire.cut()
    assert badge(running) == before
    assert running.client.get("/accounts/bluesky/alice.test").status_code == 200
    assert running.client.get("/readyz").status_code == 200


def test_without_redis_it_is_said_that_nobody_can_be_told_to_read_what_is_not_known(begin: Begin, wire: Wire) -> None:
    running = begin(wire.url)
    wire.cut()
    told = badge(running, "alice.test")
    assert (told["state"], told["detail"], told["ask_again_after"]) == (
        "unavailable",
        "Its public posts cannot be read just now: this service does not reach its own list of work. Ask again in half a minute.",
        30,
    )
    wire.mend()
    assert badge(running, "alice.test")["state"] == "pending"
    running.work()
    assert badge(running, "alice.test")["state"] == "ready"


def test_an_older_report_is_shown_as_such_while_nobody_can_be_told_to_read_it_anew(
    begin: Begin, wire: Wire, clock: Clock
) -> None:
    running = begin(wire.url)
    running.lookup.gather("bluesky", "alice.test", study=False)
    clock.time += running.settings.refresh_hours * 3600 + 1
    wire.cut()
    report = running.lookup.report("bluesky", "alice.test").report
    assert report is not None
    assert (report["stale"], report["refreshing"], report["ask_again_after"]) == (True, False, 30)
    assert badge(running)["state"] == "ready"
    wire.mend()
    report = running.lookup.report("bluesky", "alice.test").report
    assert report is not None
    assert report["refreshing"]


def test_a_process_that_starts_without_redis_uses_it_once_it_is_there(begin: Begin, wire: Wire, redis_url: str) -> None:
    wire.cut()
    running = begin(wire.url)
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert badge(running)["state"] == "ready"
    wire.mend()
    badge(running)
    assert in_redis(redis_url)


def test_what_could_not_be_forgotten_is_not_there_when_redis_comes_back(
    begin: Begin, wire: Wire, redis_url: str
) -> None:
    running = begin(wire.url)
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert badge(running)["state"] == "ready"
    assert in_redis(redis_url)
    redis.Redis.from_url(redis_url).set("others:key", 1)
    wire.cut()
    running.network.accounts["alice.test"] = Invented("alice.test").post(times=40)
    running.lookup.gather("bluesky", "alice.test", study=False)
    now = badge(running)
    wire.mend()
    assert badge(running) == now
    assert redis.Redis.from_url(redis_url).get("others:key") == b"1"


def test_what_an_earlier_run_left_is_dropped_at_the_start(begin: Begin, redis_url: str) -> None:
    redis.Redis.from_url(redis_url).set("rapport:badge:bluesky:alice.test", b"!damaged")
    running = begin(redis_url)
    assert badge(running)["state"] == "pending"


class Runs:
    """What is pickled runs as it is read."""

    ran: ClassVar[list[str]] = []

    def __reduce__(self) -> Any:
        return self.ran.append, ("somebody's code",)


@pytest.mark.parametrize("written", [b"!" + pickle.dumps(Runs()), pickle.dumps(Runs()), b"a" + pickle.dumps(Runs())])
def test_nothing_is_run_and_nothing_told_that_others_wrote_into_redis(
    begin: Begin, redis_url: str, written: bytes
) -> None:
    running = begin(redis_url)
    running.lookup.gather("bluesky", "alice.test", study=False)
    before = badge(running)
    client = redis.Redis.from_url(redis_url)
    for key in in_redis(redis_url):
        client.set(key, written)
    assert badge(running) == before
    assert Runs.ran == []


def test_only_finished_badges_and_answers_are_cached_in_redis(begin: Begin, redis_url: str) -> None:
    cache = begin(redis_url).service.badge_cache
    for value in (b"", b"{}", Answer("ready", 60, {"score": {"value": 7}}), Answer("unknown", 5, detail="Not there.")):
        cache.set("any", value)
        assert cache.get("any") == value
    with pytest.raises(TypeError, match="list is not cached"):
        cache.set("any", [])


def test_wrong_tokens_are_counted_while_redis_is_away(begin: Begin, wire: Wire) -> None:
    running = begin(wire.url, token="the right one")
    wire.cut()

    def tried(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return running.client.get("/api/v1/sites", headers=headers).status_code

    codes = [tried(f"guess {number}") for number in range(40)]
    assert codes[0] == 401
    assert codes[-1] == 429
    assert tried("the right one") == 200


def test_limits_hold_while_redis_is_away(begin: Begin, wire: Wire) -> None:
    running = begin(wire.url, requests_per_minute=3)
    wire.cut()
    codes = [running.client.get("/methodology").status_code for _ in range(6)]
    assert codes == [200, 200, 200, 429, 429, 429]

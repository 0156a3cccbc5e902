"""What /metrics counts, and that it names nobody."""

from __future__ import annotations

import sqlite3
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from server.app import create_app
from server.errors import UpstreamUnavailable
from server.fetching.outcomes import OUTCOMES
from server.settings import Settings
from tests.server.conftest import Running
from tests.server.fake_network import handles
from tests.server.metrics import grown, sample, samples
from tests.server.pages.reviewed import found_of, review_of

ALICE = handles([("bluesky", "alice.test")])
TWO = handles([("bluesky", "alice.test"), ("bluesky", "carla.test")])
HOURS = 3600


def ask(running: Running, body: dict[str, Any] = ALICE) -> None:
    assert running.client.post("/api/v1/badges", json=body).status_code == 200


def test_gathers_are_counted_and_timed_by_network_and_depth_and_what_came_of_them(running: Running) -> None:
    with grown(running.client) as more:
        ask(running, TWO)
        ask(running, handles([("bluesky", "nobody.test"), ("bluesky", "quiet.test")]))
        running.client.get("/api/v1/accounts/bluesky/alice.test?depth=study")
        running.work()
    glances = more.by("outcome", "rapport_gathers_total", network="bluesky", depth="glance")
    assert glances == {"ready": 2, "unknown": 1, "too_little": 1}
    assert more.by("outcome", "rapport_gathers_total", network="bluesky", depth="study") == {"ready": 1}
    assert more("rapport_gather_seconds_count", network="bluesky", depth="glance") == 4
    assert more("rapport_gather_seconds_count", network="bluesky", depth="study") == 1
    assert more("rapport_gather_seconds_sum", network="bluesky", depth="glance") > 0


def test_an_older_report_in_the_place_of_a_new_one_is_no_success(running: Running) -> None:
    running.lookup.gather("bluesky", "alice.test", study=False)
    running.network.should_raise = UpstreamUnavailable("It is asleep.")
    with grown(running.client) as more:
        running.lookup.gather("bluesky", "alice.test", study=False)
        running.lookup.gather("bluesky", "carla.test", study=False)
    assert more.by("outcome", "rapport_gathers_total") == {"fallen_back": 1, "unavailable": 1}


@pytest.mark.databases("sqlite")
def test_a_gather_that_fails_here_is_counted_as_a_fault(running: Running) -> None:
    with grown(running.client) as more:
        with sqlite3.connect(running.settings.data_folder / "rapport.db") as database:
            database.executescript("DROP TABLE opt_out")
        assert running.lookup.gather("bluesky", "alice.test", study=False).state == "unavailable"
    assert more.by("outcome", "rapport_gathers_total") == {"fault": 1}


def test_scoring_is_timed_by_how_thoroughly_was_looked(running: Running) -> None:
    with grown(running.client) as more:
        running.lookup.gather("bluesky", "alice.test", study=False)
    counts = more.by("depth", "rapport_scoring_seconds_count")
    assert sum(counts.values()) == 1
    assert counts.keys() <= {"observed", "glance", "study"}
    assert sum(more.by("depth", "rapport_scoring_seconds_sum").values()) > 0


def looked_up(more: Any) -> dict[str, dict[str, float]]:
    found = {place: more.by("outcome", "rapport_cache_lookups_total", kept_in=place) for place in PLACES}
    return {place: outcomes for place, outcomes in found.items() if outcomes}


PLACES = ("badges", "answers", "store")


def test_look_ups_are_counted_by_where_they_looked_and_what_they_found(running: Running) -> None:
    with grown(running.client) as first:
        ask(running, TWO)
    assert looked_up(first) == {"badges": {"miss": 2}, "answers": {"miss": 2}, "store": {"miss": 2}}
    running.work()
    with grown(running.client) as second:
        ask(running)
    assert looked_up(second) == {"badges": {"miss": 1}, "answers": {"hit": 1}}
    with grown(running.client) as third:
        ask(running, TWO)
    assert looked_up(third) == {"badges": {"hit": 1, "miss": 1}, "answers": {"hit": 1}}


def test_what_is_found_but_old_is_counted_as_stale(running: Running, start: Any, tmp_path: Path) -> None:
    running.lookup.gather("bluesky", "alice.test", study=False)
    again = start(tmp_path)
    with grown(again.client) as fresh:
        ask(again)
    assert looked_up(fresh) == {"badges": {"miss": 1}, "answers": {"miss": 1}, "store": {"hit": 1}}
    again = start(tmp_path)
    again.clock.time += 7 * HOURS
    with grown(again.client) as old:
        ask(again)
    assert looked_up(old) == {"badges": {"miss": 1}, "answers": {"miss": 1}, "store": {"stale": 1}}


def waiting(client: FlaskClient) -> dict[str, float]:
    found = samples(client)
    return {kind: found[sample("rapport_queue_waiting", kind=kind)] for kind in ("glance", "study", "review")}


def test_how_much_waits_is_read_when_it_is_asked_for(running: Running) -> None:
    ask(running, TWO)
    running.client.get("/api/v1/accounts/bluesky/quiet.test?depth=study")
    assert waiting(running.client) == {"glance": 2, "study": 1, "review": 0}
    running.work()
    assert waiting(running.client) == {"glance": 0, "study": 0, "review": 0}


def test_it_is_told_how_many_workers_there_are_for_what_waits(running: Running) -> None:
    running.service.queue._presence.tell(5)
    assert samples(running.client)[sample("rapport_workers")] == 5
    running.service.queue._presence.leave()
    assert samples(running.client)[sample("rapport_workers")] == 0


def test_what_workers_are_at_is_told_while_they_are(running: Running) -> None:
    seen: list[float] = []
    running.network.before = lambda handle: seen.append(
        samples(running.client)[sample("rapport_queue_working", kind="glance")]
    )
    ask(running)
    running.work()
    assert seen == [1]
    assert samples(running.client)[sample("rapport_queue_working", kind="glance")] == 0


def test_reviews_under_way_and_open_streams_are_told(running: Running) -> None:
    path = review_of(running, found_of(2), waiting=["waits.test"])
    review_of(running, found_of(2))
    before = samples(running.client)
    assert before[sample("rapport_reviews_running")] == 1
    stream = running.client.get(f"{path}/events", buffered=False)
    open_now = samples(running.client)[sample("rapport_streams_open")]
    stream.close()
    after = samples(running.client)
    assert open_now == before[sample("rapport_streams_open")] + 1
    assert after[sample("rapport_streams_open")] == before[sample("rapport_streams_open")]


@pytest.mark.databases("sqlite")
def test_metrics_are_told_also_while_the_database_does_not_answer(running: Running) -> None:
    with sqlite3.connect(running.settings.data_folder / "rapport.db") as database:
        database.executescript("DROP TABLE reviewed; DROP TABLE review")
    assert isnan(samples(running.client)[sample("rapport_reviews_running")])


def test_requests_to_a_network_are_counted_under_its_name(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/xrpc/app.bsky.actor.getProfile").respond_with_json(
        {"error": "InvalidRequest", "message": "Profile not found"}, status=400
    )
    settings = Settings(
        data_folder=tmp_path,
        bluesky_appview=httpserver.url_for("").rstrip("/"),
        allow_networks=("127.0.0.0/8",),
    )
    app = create_app(settings, work=False)
    client = app.test_client()
    with grown(client) as more:
        answer = app.extensions["rapport"].lookup.gather("bluesky", "alice.test", study=False)
    assert answer.state == "unknown"
    assert more("rapport_upstream_calls_total", network="bluesky", outcome="4xx") >= 1
    assert more.by("network", "rapport_upstream_calls_total").keys() == {"bluesky"}
    assert more("rapport_upstream_seconds_count", network="bluesky") >= 1
    text = client.get("/metrics").text
    assert "127.0.0.1" not in text
    assert "alice" not in text


def test_every_label_is_one_of_few(running: Running) -> None:
    ask(running, TWO)
    running.client.get("/accounts/bluesky/alice.test")
    running.work()
    running.client.get("/nothing/at/all")
    known = {
        "network": {*running.lookup.networks, "bluesky", "mastodon", "x", "none"},
        "depth": {"observed", "glance", "study"},
        "kind": {"glance", "study", "review"},
        "kept_in": set(PLACES),
        "chore": {"tidy", "hourly"},
        "outcome": {
            *OUTCOMES,
            *("ready", "too_little", "unknown", "refused", "unavailable", "fallen_back", "fault"),
            *("hit", "stale", "miss", "done", "failed"),
        },
        "route": {*(str(rule) for rule in running.app.url_map.iter_rules()), "none"},
    }
    for name, labels in samples(running.client):
        for label, value in labels:
            if name.startswith("rapport_") and label in known:
                assert value in known[label], (name, label)


def test_work_done_by_the_clock_is_counted_by_how_it_ended(running: Running) -> None:
    with grown(running.client) as more:
        running.service.queue._hourly()
        running.service.queue._tidy()
        running.work()
    assert more("rapport_chores_total", chore="hourly", outcome="done") == 1
    assert more("rapport_chores_total", chore="tidy", outcome="done") == 1

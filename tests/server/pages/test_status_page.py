"""The operator's page: what it tells, whom it never names, and who is let in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page
from pytest_httpserver import HTTPServer
from werkzeug import Response

from server.app import create_app
from server.errors import UpstreamUnavailable
from server.scoring.formula import current_formula
from server.settings import Settings
from tests.server.conftest import Running
from tests.server.databases import Database, PostgreSQL, until
from tests.server.fake_network import handles
from tests.server.pages.in_a_browser import InBrowser, problems_of, served, visit, words
from tests.server.pages.reviewed import found_of, review_of
from tests.server.redis_server import redis_url, wire
from tests.server.wires import Wire

__all__ = ["redis_url", "wire"]

PAGE, JSON = "/admin/status", "/admin/status.json"
TOKEN = "operator of this service"
ROOT = Path(__file__).parents[3]


def busy(running: Running) -> None:
    """Some accounts were looked up, one is not there, one could not be asked again, and two wait."""
    asked = [("bluesky", name) for name in ("alice.test", "carla.test", "nobody.test")]
    running.client.post("/api/v1/badges", json=handles(asked))
    running.work()
    running.client.post("/api/v1/badges", json=handles(asked))
    running.network.should_raise = UpstreamUnavailable("It is asleep.")
    running.lookup.gather("bluesky", "alice.test", study=False)
    running.network.should_raise = None
    running.client.get("/api/v1/accounts/bluesky/quiet.test")
    running.client.get("/api/v1/accounts/bluesky/dora.test?depth=study")


def status(client: FlaskClient, **options: Any) -> dict[str, Any]:
    answer = client.get(JSON, **options)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def test_it_says_what_runs_and_since_when(running: Running) -> None:
    running.clock.time += 3600
    told = status(running.client)
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert told["version"] == tomllib.load(file)["project"]["version"]
    assert told["formula_version"] == current_formula().version
    assert (told["started_at"], told["now"]) == ("2026-09-21T14:13:20+00:00", "2026-09-21T15:13:20+00:00")


@pytest.mark.databases("sqlite", "postgresql")
def test_it_says_how_much_is_kept(running: Running, database_kind: str) -> None:
    busy(running)
    running.lookup.opt_out("bluesky", "carla.test")
    review_of(running, found_of(2))
    told = status(running.client)["database"]
    assert told["kind"] == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database_kind]
    assert told["size"] > 50_000
    assert told["rows"]["accounts"] == 1
    assert told["rows"]["reviews"] == 1
    assert told["rows"]["opt-outs"] >= 1


def test_it_says_what_waits(running: Running) -> None:
    busy(running)
    review_of(running, found_of(2), waiting=["waits.test"])
    queue = status(running.client)["queue"]
    assert queue["waiting"] == {"glance": 1, "study": 1, "review": 0}
    assert queue["working"] == {"glance": 0, "study": 0, "review": 0}
    # Of those who share the work, the ones that are at it are counted; here nobody is.
    workers = 0 if running.settings.shares_work else 6
    assert (queue["workers"], queue["reviews_running"], queue["streams_open"]) == (workers, 1, 0)


def test_it_says_that_nobody_works_or_that_those_who_do_cannot_be_reached(
    start: Any, tmp_path: Path, wire: Wire
) -> None:
    running = start(tmp_path, cache_url=wire.url)
    queue = status(running.client)["queue"]
    assert (queue["workers"], queue["problem"]) == (0, "Nobody gathers: start python -m server work.")
    wire.cut()
    queue = status(running.client)["queue"]
    assert (queue["workers"], queue["waiting"]) == (None, {})
    assert queue["problem"].startswith("Redis cannot be asked (ConnectionError). Nothing new is gathered until it can")
    page = running.client.get("/admin/status").text
    assert "Nothing new is gathered until it can" in page
    wire.mend()
    running.service.queue.start()
    until(lambda: status(running.client)["queue"]["workers"] == 6)
    assert status(running.client)["queue"]["problem"] == ""
    running.service.queue.stop()


def test_of_several_processes_it_says_that_the_last_hour_is_of_one(
    running: Running, start: Any, tmp_path: Path, postgresql: PostgreSQL, redis_url: str
) -> None:
    about = "is of the one that answered now"
    assert about not in running.client.get("/admin/status").text
    database = postgresql.without_rows().url
    of_two = start(tmp_path / "two", web_processes=2, database_url=database, cache_url=redis_url)
    assert about in of_two.client.get("/admin/status").text


def test_it_says_what_came_of_the_last_hours_gathers_and_forgets_those_before(running: Running) -> None:
    busy(running)
    glances = {"ready": 2, "unknown": 1, "fallen_back": 1}
    assert status(running.client)["gathers"] == [{"network": "bluesky", "depth": "glance", "outcomes": glances}]
    running.clock.time += 3700
    assert status(running.client)["gathers"] == []


def test_it_says_how_much_was_found_where_it_is_kept(running: Running) -> None:
    busy(running)
    told = {one["kept_in"]: one for one in status(running.client)["look_ups"]}
    assert (told["badges"]["hit"], told["badges"]["miss"], told["badges"]["share"]) == (0, 6, 0.0)
    assert (told["answers"]["hit"], told["answers"]["miss"]) == (3, 5)
    assert told["answers"]["share"] == pytest.approx(3 / 8)
    running.clock.time += 3700
    assert {one["share"] for one in status(running.client)["look_ups"]} == {None}


def test_it_says_how_much_room_the_disk_has(running: Running) -> None:
    disk = status(running.client)["disk"]
    assert 0 < disk["free"] <= disk["total"]


def test_it_says_when_the_work_of_the_clock_was_done_and_whether_it_failed(
    running: Running, database: Database
) -> None:
    assert {one["ended_at"] for one in status(running.client)["chores"]} == {None}
    running.service.queue._tidy()
    running.work()
    database.rows("DROP TABLE tracked")
    running.clock.time += 60
    running.service.queue._hourly()
    running.work()
    told = {one["name"]: (one["ended_at"], one["failure"]) for one in status(running.client)["chores"]}
    assert told == {
        "tidy": ("2026-09-21T14:13:20+00:00", ""),
        "hourly": ("2026-09-21T14:14:20+00:00", no_table(database)),
    }
    assert f"The hourly work failed at 21 Sep 2026, 14:14 UTC ({no_table(database)})" in words(running.client.get(PAGE))


def no_table(database: Database) -> str:
    """What an application is told that asks for a table that is not there."""
    return "ProgrammingError" if database.is_postgresql else "OperationalError"


def test_a_database_that_does_not_answer_is_said_and_the_rest_told_all_the_same(
    running: Running, database: Database
) -> None:
    busy(running)
    for table in ("reviewed", "review"):
        database.rows(f"DROP TABLE {table}")
    told = status(running.client)
    assert told["database"] == {
        "kind": "PostgreSQL" if database.is_postgresql else "SQLite",
        "size": None,
        "rows": {},
        "ranked": [],
        "problem": f"It does not answer ({no_table(database)}).",
    }
    assert told["queue"]["reviews_running"] is None
    assert told["gathers"]
    shown = words(running.client.get(PAGE))
    assert f"It does not answer ({no_table(database)})." in shown
    assert "the database does not tell" in shown


def upstream(client: FlaskClient, network: str) -> dict[str, Any]:
    return next(one for one in status(client)["upstreams"] if one["network"] == network)


def test_it_says_which_networks_answer_and_which_are_waited_for(tmp_path: Path, httpserver: HTTPServer) -> None:
    answer = Response("{}", 400, content_type="application/json")
    httpserver.expect_request(re.compile("/xrpc/.*")).respond_with_handler(lambda _: answer)
    settings = Settings(
        data_folder=tmp_path,
        bluesky_appview=httpserver.url_for("").rstrip("/"),
        allow_networks=("127.0.0.0/8",),
    )
    app = create_app(settings, work=False)
    client, lookup = app.test_client(), app.extensions["rapport"].lookup
    assert (upstream(client, "bluesky")["state"], upstream(client, "mastodon")["state"]) == ("not asked", "not asked")
    lookup.gather("bluesky", "alice.test", study=False)
    before = upstream(client, "bluesky")
    assert before["state"] == "answers"
    assert before["asked"] == before["answered"] == before["outcomes"]["4xx"] >= 1
    answer = Response("", 429, {"Retry-After": "600"})
    lookup.gather("bluesky", "alice.test", study=False)
    told = upstream(client, "bluesky")
    assert told["state"] == "waited for"
    assert told["answered"] == before["answered"] < told["asked"]
    assert told["outcomes"]["429"] >= 1
    assert told["waits_until"] > status(client)["now"]
    lookup.gather("bluesky", "alice.test", study=False)
    again = upstream(client, "bluesky")
    assert again["outcomes"]["held_back"] > told["outcomes"].get("held_back", 0)
    assert again["asked"] == told["asked"]
    assert "Bluesky waited for until" in words(client.get(PAGE))


def test_a_network_of_which_nothing_came_does_not_answer(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request(re.compile("/xrpc/.*")).respond_with_data("", status=500)
    appview = httpserver.url_for("").rstrip("/")
    app = create_app(
        Settings(data_folder=tmp_path, bluesky_appview=appview, allow_networks=("127.0.0.0/8",)), work=False
    )
    app.extensions["rapport"].lookup.gather("bluesky", "alice.test", study=False)
    assert upstream(app.test_client(), "bluesky")["state"] == "does not answer"


def test_the_page_tells_what_the_json_tells(running: Running) -> None:
    busy(running)
    shown = words(running.client.get(PAGE))
    assert f"formula {current_formula().version}" in shown
    assert "Runs since 21 Sep 2026, 14:13 UTC" in shown
    assert "Waiting 1 glances, 1 studies, 0 pieces of reviews" in shown
    assert "bluesky glance 2 scored, 1 older report kept, 1 not there" in shown
    assert "reports in the cache 3 0 5 38 %" in shown
    assert "2 accounts" in shown


def test_nobody_is_named(running: Running) -> None:
    busy(running)
    for path in (PAGE, JSON):
        text = running.client.get(path).text.lower()
        for name in ("alice", "carla", "nobody.test", "quiet", "dora", "did:plc"):
            assert name not in text


# Who is let in


def answers(client: FlaskClient, **options: Any) -> set[int]:
    """What the page and its JSON answer."""
    return {client.get(path, **options).status_code for path in (PAGE, JSON)}


def test_without_a_token_it_is_shown_on_this_machine(running: Running) -> None:
    for host in ("127.0.0.1:8765", "localhost:8765", "[::1]:8765"):
        assert answers(running.client, headers={"Host": host}) == {200}
    assert answers(running.client, environ_base={"REMOTE_ADDR": "::1"}) == {200}


@pytest.mark.parametrize("address", ["192.168.1.20", "172.17.0.1", "203.0.113.9", "::ffff:203.0.113.9", ""])
def test_other_machines_are_refused_in_words(running: Running, address: str) -> None:
    assert answers(running.client, environ_base={"REMOTE_ADDR": address}) == {403}
    told = running.client.get(PAGE, environ_base={"REMOTE_ADDR": address}).get_json()
    assert told["type"] == "/docs#problem-operator"
    assert "RAPPORT_ADMIN_TOKEN" in told["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "rapport.example"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=203.0.113.9"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 caddy"},
        {"CF-Connecting-IP": "203.0.113.9"},
        {"Host": "192.168.1.2:8765"},
    ],
)
def test_what_a_proxy_hands_on_is_not_from_this_machine(running: Running, headers: Mapping[str, str]) -> None:
    assert answers(running.client, headers=headers) == {403}


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1"])
def test_a_proxy_that_adds_no_header_is_known_by_its_old_protocol(running: Running, protocol: str) -> None:
    assert answers(running.client, environ_overrides={"SERVER_PROTOCOL": protocol}) == {403}


@pytest.mark.parametrize(
    "settings",
    [
        {"allowed_hosts": ("rapport.example",)},
        {"embeds_at": "https://rapport.example"},
        {"host": "0.0.0.0", "token": "for everybody"},
    ],
)
def test_a_service_set_up_for_others_shows_it_to_nobody_without_the_operators_token(
    start: Any, tmp_path: Path, settings: dict[str, Any]
) -> None:
    client = start(tmp_path, **settings).client
    assert answers(client) == {403}
    assert answers(client, auth=("anybody", "for everybody")) == {403}


@pytest.mark.parametrize("settings", [{}, {"embeds_at": "https://rapport.example"}, {"token": "for everybody"}])
def test_with_the_operators_token_it_is_shown_to_who_has_it_wherever_they_are(
    start: Any, tmp_path: Path, settings: dict[str, Any]
) -> None:
    client = start(tmp_path, admin_token=TOKEN, **settings).client
    through_proxy = {"X-Forwarded-For": "203.0.113.9"}
    assert answers(client, headers={"Authorization": f"Bearer {TOKEN}"} | through_proxy) == {200}
    assert answers(client, auth=("anybody", TOKEN), headers=through_proxy) == {200}
    assert answers(client) == {401}
    assert answers(client, headers={"Authorization": "Bearer for everybody"}) == {401}
    assert answers(client, auth=("anybody", "for everybody")) == {401}
    refused = client.get(PAGE)
    assert refused.headers["WWW-Authenticate"].startswith('Basic realm="Rapport: any name, the operator')
    assert "RAPPORT_ADMIN_TOKEN" in refused.get_json()["detail"]


def test_the_operators_token_opens_nothing_else(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, admin_token=TOKEN, token="for everybody").client
    assert client.get("/", auth=("anybody", TOKEN)).status_code == 401
    assert client.get("/", auth=("anybody", "for everybody")).status_code == 200


def test_the_token_of_everybody_is_asked_for_on_this_machine_too(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, token="for everybody").client
    assert answers(client) == {401}
    assert answers(client, auth=("anybody", "for everybody")) == {200}


def test_guessing_the_operators_token_is_stopped(start: Any, tmp_path: Path) -> None:
    client = start(tmp_path, admin_token=TOKEN).client
    statuses = [client.get(JSON, headers={"Authorization": f"Bearer {n}"}).status_code for n in range(32)]
    assert (statuses[:30], statuses[30:]) == ([401] * 30, [429] * 2)
    assert client.get(JSON, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/admin//status", "/.//admin/status", "/admin/./status", "/admin/%73tatus", "/ADMIN/status"]
)
def test_no_other_spelling_of_the_address_leads_past_the_door(start: Any, tmp_path: Path, path: str) -> None:
    client = start(tmp_path, admin_token=TOKEN).client
    assert client.get(path, follow_redirects=True).status_code in (401, 404)


def test_pages_of_others_cannot_read_it_through_the_operators_browser(running: Running) -> None:
    assert answers(running.client, headers={"Origin": "https://evil.example"}) == {403}
    assert answers(running.client, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}) == {403}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_is_accessible_and_fits_a_narrow_phone(
    in_browser: InBrowser, running: Running, scheme: str, width: int
) -> None:
    busy(running)
    with served(running.app) as address:

        def look(page: Page) -> Any:
            page.goto(address + PAGE)
            return problems_of(page)

        found = visit(in_browser, look, color_scheme=scheme, viewport={"width": width, "height": 800})
    assert found == []

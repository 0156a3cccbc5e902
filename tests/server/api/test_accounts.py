"""The report, its history, and their refusals."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from server.api.schemas import History, ReportForm
from server.errors import AccountRefused, UpstreamUnavailable
from server.scoring.formula import current_formula
from server.signals import all_signals
from tests.server.conftest import Running

URL = "/api/v1/accounts/bluesky/alice.test"


def test_the_first_request_is_accepted_the_next_has_the_whole_report(running: Running) -> None:
    first = running.client.get(URL)
    assert (first.status_code, first.headers["Retry-After"], first.get_json()["state"]) == (202, "2", "pending")
    running.work()
    report = running.client.get(URL)
    assert report.status_code == 200
    form = report.get_json()
    ReportForm.model_validate(form)
    assert form["account"]["id"] == "bluesky:did:plc:alice.test"
    assert form["report_url"] == "/accounts/bluesky/alice.test"
    # A measure that the table of weights does not count says nothing of this score.
    weighed = {term.signal for term in current_formula().terms}
    told = [signal.id for signal in all_signals() if signal.measure is None or signal.id in weighed]
    assert [signal["id"] for signal in form["signals"]] == told


def test_asking_for_a_study_shows_the_glance_at_once_and_says_that_more_comes(running: Running) -> None:
    running.client.get(URL)
    running.work()
    glance = running.client.get(URL + "?depth=study").get_json()
    assert (glance["depth"], glance["refreshing"], glance["ask_again_after"]) == ("glance", True, 5)
    running.work()
    study = running.client.get(URL + "?depth=study").get_json()
    assert (study["depth"], study["refreshing"]) == ("study", False)


def test_history_is_what_was_stored(running: Running) -> None:
    running.client.get(URL)
    running.work()
    form = running.client.get(URL + "/history").get_json()
    History.model_validate(form)
    assert len(form["points"]) == 1
    assert form["points"][0]["scored_at"].endswith("Z")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/v1/accounts/myspace/tom", 404, "There is no network 'myspace' here"),
        ("/api/v1/accounts/bluesky/two%20words", 400, "type one like alice.test"),
        ("/api/v1/accounts/bluesky/alice.test?depth=abyss", 400, "glance or study"),
        ("/api/v1/nothing", 404, "/docs"),
    ],
)
def test_a_wrong_address_says_what_was_wrong(running: Running, path: str, status: int, says: str) -> None:
    response = running.client.get(path)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert says in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (None, 404, {}),
        (AccountRefused("It asks not to be scored."), 403, {}),
        (UpstreamUnavailable("No answer.", 90), 503, {"Retry-After": "90"}),
    ],
)
def test_accounts_without_a_report_are_problem_documents(
    running: Running, error: Exception | None, status: int, headers: dict[str, str]
) -> None:
    running.network.should_raise = error
    url = "/api/v1/accounts/bluesky/nobody.test"
    running.client.get(url)
    running.work()
    response = running.client.get(url)
    assert response.status_code == status
    assert response.get_json()["detail"] == (str(error) if error else "There is no account nobody.test.")
    assert {name: response.headers[name] for name in headers} == headers


def test_the_openapi_document_describes_every_route_and_form(running: Running) -> None:
    spec: dict[str, Any] = running.client.get("/openapi.json").get_json()
    assert spec["openapi"].startswith("3.1")
    routes = {
        str(rule)
        for rule in running.app.url_map.iter_rules()
        if str(rule).startswith(("/api/", "/healthz", "/readyz", "/metrics", "/badge/", "/oembed"))
    }
    documented = {path.replace("{", "<").replace("}", ">") for path in spec["paths"]}
    assert {r.replace("path:", "") for r in routes} == documented
    for path in spec["paths"].values():
        for operation in path.values():
            assert operation["summary"]
    text = str(spec)
    for name in {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in spec["components"]["schemas"], name


def test_badges_and_observations_document_the_body_they_take(running: Running) -> None:
    spec = running.client.get("/openapi.json").get_json()
    for path in ("/api/v1/badges", "/api/v1/observations"):
        assert "requestBody" in spec["paths"][path]["post"]


def test_the_page_of_an_account_with_a_history_shows_it_over_time(running: Running) -> None:
    running.client.get(URL)
    running.work()
    running.clock.time += 7 * 3600
    running.lookup.gather("bluesky", "alice.test", study=False)
    page = running.client.get("/accounts/bluesky/alice.test")
    assert page.status_code == 200
    assert b"Score over time" in page.data


def test_the_type_of_every_problem_leads_to_its_explanation(running: Running) -> None:
    page = running.client.get("/docs").get_data(as_text=True)
    wrong = ["/api/v1/accounts/myspace/tom", "/api/v1/accounts/bluesky/two%20words", "/api/v1/nothing"]
    answers = [running.client.get(path) for path in wrong]
    answers.append(running.client.post("/api/v1/badges", data=b"{"))
    answers.append(running.client.delete("/api/v1/badges"))
    answers.append(running.client.get("/healthz", headers={"Host": "evil.example"}))
    for answer in answers:
        path, _, anchor = answer.get_json()["type"].partition("#")
        assert path == "/docs"
        assert f'id="{anchor}"' in page, anchor
        assert anchor != "problem-error"


@pytest.mark.databases("sqlite")
def test_a_report_stored_before_facts_were_told_is_still_answered(running: Running, start: Any) -> None:
    running.client.get(URL)
    running.work()
    assert running.client.get(URL).get_json()["facts"]["last_post"] is not None
    with running.service.repository._engine.begin() as connection:
        stored = connection.exec_driver_sql("SELECT report FROM account").scalar()
        older = {name: part for name, part in json.loads(zlib.decompress(stored)).items() if name != "facts"}
        connection.exec_driver_sql("UPDATE account SET report = ?", (zlib.compress(json.dumps(older).encode()),))
    again = start(running.settings.data_folder)
    answer = again.client.get(URL)
    assert answer.status_code == 200
    assert ReportForm.model_validate(answer.get_json()).facts is None

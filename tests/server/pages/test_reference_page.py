from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import render_template
from flask.testing import FlaskClient

from server.pages import api_reference
from server.pages.api_reference import Kind, kind_of
from tests.server.pages.fake_lookup import OPENAPI


def test_every_operation_and_shape_of_the_document_is_listed_and_linked(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/docs").text, "html.parser")
    assert [h.get_text(" ", strip=True) for h in page.select(".operation h2")] == [
        "POST /api/v1/badges",
        "GET /api/v1/accounts/{network}/{handle}",
    ]
    for link in page.select("main a[href^='#']"):
        assert page.select_one(link["href"]) is not None, link["href"]
    assert page.select_one("#schema-Badges").find_next("td").text.startswith("“ready” or “pending”")


def test_kinds_are_told_in_words() -> None:
    assert kind_of({"type": ["integer", "null"]}) == Kind("integer or null")
    assert kind_of({"type": "array", "items": {"$ref": "#/components/schemas/Badge"}}) == Kind(
        "array of Badge", "Badge"
    )
    assert kind_of({"anyOf": [{"$ref": "#/components/schemas/Score"}, {"type": "null"}]}) == Kind(
        "Score or null", "Score"
    )
    assert kind_of({}) == Kind("any")


def test_shared_responses_are_followed() -> None:
    document = {
        "paths": {"/x": {"get": {"responses": {"429": {"$ref": "#/components/responses/Slow"}}}}},
        "components": {"responses": {"Slow": {"description": "Too many requests"}}},
    }
    [operation] = api_reference.operations(document)
    assert operation.responses[0].description == "Too many requests"


def test_a_problem_has_a_page_for_people(app: object) -> None:
    with app.test_request_context("/nowhere"):  # type: ignore[attr-defined]
        page = render_template("problem.html", title="Not found", detail="There is <nothing> here.", status=404)
    assert "There is &lt;nothing&gt; here." in page


def test_code_in_descriptions_is_set_as_code_and_nothing_else_is_markup(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPENAPI["info"], "description", "A <b>page</b>")
    monkeypatch.setitem(OPENAPI["paths"]["/api/v1/badges"]["post"], "summary", "Say `pen<ding>` first")
    page = BeautifulSoup(client.get("/docs").text, "html.parser")
    assert page.select_one(".operation p code").text == "pen<ding>"
    assert page.select_one(".lead").text == "A <b>page</b>"

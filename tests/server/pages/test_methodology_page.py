from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from server.scoring import verdict
from server.scoring.formula import current_formula
from server.signals import all_signals


@pytest.fixture
def page(client: FlaskClient) -> BeautifulSoup:
    return BeautifulSoup(client.get("/methodology").text, "html.parser")


def described(page: BeautifulSoup, anchor: str) -> Tag:
    found = page.select_one(f"#{anchor}")
    assert found is not None, f"{anchor} is not described"
    return found


def test_every_signal_is_described(page: BeautifulSoup) -> None:
    for signal in all_signals():
        text = described(page, f"signal-{signal.id}").text
        assert all(part in text for part in (signal.title, signal.why, signal.source))


def test_every_weight_stands_with_its_control_points_and_where_they_come_from(page: BeautifulSoup) -> None:
    for term in current_formula().terms:
        text = described(page, f"signal-{term.signal}").text
        assert f"{term.weight:.1f}" in text
        assert term.provenance in text


def test_every_verdict_has_its_rule(page: BeautifulSoup) -> None:
    assert next(rule["id"] for rule in page.select(".rules li")) == "verdict-declared_bot"
    for one in verdict.VerdictId:
        assert one.label in described(page, f"verdict-{one.value}").text


def test_the_page_follows_the_numbers_of_the_code(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "CONVERSATION_SHARE", 0.37)
    assert "At least 37 %" in client.get("/methodology").text


def test_what_a_score_is_not_for_and_what_is_not_known_are_said(page: BeautifulSoup) -> None:
    assert "hiring" in described(page, "not-for").parent.text
    unknown = described(page, "unknown").parent.text
    assert all(
        s.title in unknown
        for s in all_signals()
        for t in current_formula().terms
        if t.signal == s.id and t.provenance.startswith("by hand")
    )

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from server.scoring import reactions, sample, topics, verdict
from server.scoring.formula import current_formula
from server.signals import all_signals
from tests.server.scoring import test_rules


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


def test_what_this_table_gives_no_weight_is_said_to_earn_nothing(page: BeautifulSoup) -> None:
    weighted = {term.signal for term in current_formula().terms}
    unweighted = {signal.id for signal in all_signals() if signal.measure} - weighted
    said = {found.find_parent("article")["id"] for found in page.find_all(string="no points by this table")}
    assert said == {f"signal-{name}" for name in unweighted} != set()


def test_every_curve_and_every_bound_of_a_mark_is_drawn(page: BeautifulSoup) -> None:
    weighted = {term.signal for term in current_formula().terms}
    for signal in all_signals():
        drawn = described(page, f"signal-{signal.id}").select_one("svg.curve")
        marked = "Marked as present when" in described(page, f"signal-{signal.id}").text
        assert (drawn is not None) == (signal.id in weighted or marked), signal.id


def test_what_a_difference_means_is_told_for_every_gap(page: BeautifulSoup) -> None:
    for gap in current_formula().agreement:
        row = next(r for r in page.select("tr") if r.text.strip().startswith(f"{gap.least} to {gap.most}"))
        assert f"{round(100 * gap.agree)} %" in row.text


def test_every_verdict_has_its_rule(page: BeautifulSoup) -> None:
    assert next(rule["id"] for rule in page.select(".rules li")) == "verdict-declared_bot"
    for one in verdict.VerdictId:
        assert one.label in described(page, f"verdict-{one.value}").text


def test_the_page_follows_the_numbers_of_the_code(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "CONVERSATION_SHARE", 0.37)
    assert "At least 37 %" in client.get("/methodology").text


def test_every_rule_that_is_tested_is_named_and_said_how_it_is_kept(page: BeautifulSoup) -> None:
    names = [
        "ratio", "selectivity", "uniqueness", "monotone", "oneself", "viral", "deleting", "volume", "audience", "silence",
        "missing", "networks", "order",
    ]  # fmt: skip
    assert [rule["id"] for rule in page.select("#kept ~ .prose li")] == [f"rule-{name}" for name in names]
    assert all(len(described(page, f"rule-{name}").text) > 60 for name in names)


def test_the_bounds_that_are_told_are_those_of_the_tests(page: BeautifulSoup) -> None:
    viral, deleting, volume = (described(page, f"rule-{name}").text for name in ("viral", "deleting", "volume"))
    assert f"by less than {test_rules.MOST_OF_A_HIT_OF_A_STEADY_ACCOUNT:.0f} point" in viral
    assert f"by less than {test_rules.MOST_OF_A_HIT:.0f}." in viral
    assert f"less than {test_rules.MOST_BY_DELETING_A_TENTH:.0f} points" in deleting
    assert test_rules.MOST_BY_POSTING_MORE == 0.5
    assert "Less than half a point" in volume
    assert f"less than {test_rules.MOST_BY_POSTING_TWICE_AS_MUCH:.0f}." in volume


def test_the_rules_follow_the_numbers_of_the_code(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "ATTENTIVE_FOLLOWING", 1234)
    monkeypatch.setattr(sample, "PAUSE_DAYS", 17)
    text = client.get("/methodology").text
    assert "more than 1,234 accounts a reaction is worth 1,234" in text
    assert "the posts before it 17 days older, no more" in text
    assert "of a pause 17 days at most" in text


def test_the_formula_is_told_with_its_fade(page: BeautifulSoup) -> None:
    score = described(page, "score").parent.text
    assert "score = 1.0 + fade × Σ weight × curve(value)" in score
    assert f"{current_formula().half_after_days:.0f}" in score


def test_what_a_score_is_not_for_and_what_is_not_known_are_said(page: BeautifulSoup) -> None:
    assert "hiring" in described(page, "not-for").parent.text
    unknown = described(page, "unknown").parent.text
    for admission in ("2011-2012", "stand-in", "One table serves all networks", "How often the badge errs"):
        assert admission in unknown


def test_when_a_hashtag_is_a_topic_follows_the_numbers_of_the_code(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "FEWEST_POSTS", 17)
    told = (
        described(BeautifulSoup(client.get("/methodology").text, "html.parser"), "topics").find_parent("section").text
    )
    assert "at least 17 of its own posts and 2 % of them, on at least 2 days" in told
    assert "5 posts on 3 days and 5 % of the posts to everybody" in told
    assert "The words of posts are not kept" in told

"""Scores over time: which score stands for a time, what is compared with what, and that it adds up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.history import Remembered, changes, points_over_time
from server.rescore import rescore
from server.scoring.formula import current_formula
from server.scoring.scored import Scored
from tests.server.conftest import Running
from tests.server.databases import Database
from tests.server.invented import DAY, Invented
from tests.server.scoring.formulas import MEASURES, become_current, next_formula, scored
from tests.server.test_rescore import add_old_row

CURRENT = current_formula().version
HISTORY = "/api/v1/accounts/bluesky/alice.test/history"


def remembered(stored: Scored) -> Remembered:
    return Remembered(stored, "broadcasts", 3, 4)


def compared(*days_ago: float) -> list[tuple[str, str]]:
    stored = [remembered(scored(MEASURES, days_ago=days)) for days in sorted(days_ago, reverse=True)]
    return [(change["against"], change["since"][:10]) for change in changes(points_over_time(stored, CURRENT), [])]


def test_the_newest_score_is_compared_with_the_one_before_and_about_a_week_and_a_month_before() -> None:
    assert compared(100, 33, 29, 9, 6, 1, 0) == [
        ("previous", "2026-09-20"),
        ("week", "2026-09-15"),
        ("month", "2026-08-23"),
    ]


def test_what_does_not_exist_is_not_compared_and_nothing_is_compared_twice() -> None:
    assert compared(0) == []
    assert compared(7, 0) == [("previous", "2026-09-14")]
    assert compared(100, 0) == [("previous", "2026-06-13")]


def test_times_without_a_score_are_passed_over() -> None:
    none = replace(scored(MEASURES, days_ago=1), tenths=None)
    older, newest = scored(MEASURES, days_ago=2), scored(MEASURES)
    points = points_over_time([remembered(s) for s in (older, none, newest)], CURRENT)
    assert [change["since"][:10] for change in changes(points, [])] == ["2026-09-19"]
    assert changes(points_over_time([remembered(older), remembered(none)], CURRENT), []) == []


def test_of_one_time_the_current_version_stands_and_the_others_beside_it() -> None:
    first, again = scored(MEASURES), replace(scored(MEASURES), formula_version="next")
    for version, chosen in ((CURRENT, first), ("next", again), ("last", again)):
        point = points_over_time([remembered(first), remembered(again)], version)[0]
        assert point.chosen.scored == chosen
        assert len(point.others) == 1


def gathered_over(running: Running, days: int) -> None:
    """Look alice up and gather again each day: every day more people react."""
    running.lookup.report("bluesky", "alice.test")
    running.work()
    for day in range(1, days + 1):
        running.clock.time += DAY
        followers = 300 if day < days else 900
        account = Invented("alice.test", followers=followers).replies(people=30).post(times=20, likes=3 + 10 * day)
        account.builder.count(int(running.clock.time), followers, 200, 1000)
        running.network.accounts["alice.test"] = account
        running.lookup.gather("bluesky", "alice.test", study=day == days)


def tenths(points: float) -> int:
    return round(points * 10)


def test_changes_in_the_api_add_up_to_the_difference_and_name_what_happened(running: Running) -> None:
    gathered_over(running, 8)
    found = running.client.get(HISTORY).get_json()["changes"]
    assert [change["against"] for change in found] == ["previous", "week"]
    for change in found:
        difference = tenths(change["score_now"]) - tenths(change["score_then"])
        assert tenths(change["difference"]) == difference
        assert sum(tenths(part["points"]) for part in change["parts"]) == difference
        assert sum(tenths(signal["points"]) for signal in change["signals"]) == difference
        assert change["parts"]
    events = {event["kind"]: event["words"] for event in found[0]["events"]}
    assert events["depth"] == "It was looked at more closely: a glance then, a study now."
    assert events["followers"].startswith("Followers went from 300 to 900 between ")


def test_after_scoring_again_the_chart_has_the_current_version_and_no_line(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered_over(running, 2)
    before = running.lookup.history("bluesky", "alice.test")
    become_current(monkeypatch, next_formula())
    assert {p["formula_version"] for p in running.lookup.history("bluesky", "alice.test")} == {CURRENT}
    rescore(running.service.repository, str)
    after = running.lookup.history("bluesky", "alice.test")
    assert {p["formula_version"] for p in after} == {"next"}
    assert [p["scored_at"] for p in after] == [p["scored_at"] for p in before]
    assert [p["other_versions"] for p in after] == [[{"formula_version": CURRENT, "score": p["score"]}] for p in before]


def test_after_scoring_again_what_the_formula_changed_is_told_for_a_month(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered_over(running, 2)
    old = running.lookup.history("bluesky", "alice.test")[-1]["score"]
    become_current(monkeypatch, next_formula())
    rescore(running.service.repository, str)
    change = running.client.get(HISTORY).get_json()["changes"][-1]
    assert change["against"] == "formula"
    assert (change["since"], change["score_then"]) == (change["until"], old)
    assert [part["cause"] for part in change["parts"]] == ["formula"]
    assert sum(tenths(signal["points"]) for signal in change["signals"]) == tenths(change["difference"]) != 0
    for days, told in ((20, True), (11, False)):
        running.clock.time += days * DAY
        running.lookup.gather("bluesky", "alice.test", study=False)
        against = [change["against"] for change in running.lookup.changes("bluesky", "alice.test")]
        assert ("formula" in against) == told


def test_a_new_formula_before_scoring_again_is_one_part_of_the_change(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered_over(running, 1)
    become_current(monkeypatch, next_formula())
    running.clock.time += DAY
    running.lookup.gather("bluesky", "alice.test", study=False)
    change = running.lookup.changes("bluesky", "alice.test")[0]
    assert change["parts"][0]["cause"] == "formula"
    assert change["parts"][0]["words"].startswith("new formula: ")
    assert sum(tenths(part["points"]) for part in change["parts"]) == tenths(change["difference"])
    assert "formula" in {event["kind"] for event in change["events"]}


def test_a_score_of_the_first_version_is_said_not_to_be_comparable(running: Running, database: Database) -> None:
    running.lookup.report("bluesky", "alice.test")
    running.work()
    add_old_row(database, int(running.clock.time) - 30 * DAY)
    change: dict[str, Any] = running.client.get(HISTORY).get_json()["changes"][0]
    assert (change["difference"], change["parts"], change["signals"]) == (None, [], [])
    assert change["sentence"].startswith(
        "The two scores cannot be compared: version 1 of the formula measured other things"
    )
    assert [event["kind"] for event in change["events"]] == ["formula"]

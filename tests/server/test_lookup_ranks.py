"""What is said of an account where everybody in its network was ranked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.population.calibrate import as_toml
from server.scoring.formula import shipped_formula, use_formula
from tests.server.conftest import Running
from tests.server.databases import Database
from tests.server.fake_network import FakeNetwork
from tests.server.invented import NOW, Invented
from tests.server.population.test_run import ranked
from tests.server.store.test_rank_store import nobody

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(Invented("alice.test").post(times=20).received(people=9, followers=500))


@pytest.fixture
def weights(tmp_path: Path) -> Any:
    file = tmp_path / "ranked.toml"
    file.write_text(as_toml(ranked(shipped_formula())), encoding="utf-8")
    yield file
    use_formula(None)


def report(running: Running) -> dict[str, Any]:
    running.lookup.gather("bluesky", "alice.test", study=False)
    told = running.lookup.report("bluesky", "alice.test").report
    assert told is not None
    return told


def those_who_react(running: Running) -> list[str]:
    activity = running.lookup.activity("bluesky", "alice.test")
    assert activity is not None
    return [activity.people.id[actor] for actor in set(activity.interactions.actor.tolist())]


def load(running: Running, rank: float) -> None:
    names = those_who_react(running)
    running.service.ranks.load("bluesky", NOW, dict.fromkeys(names, rank).items, nobody)


def engager_ranks(told: dict[str, Any]) -> dict[str, Any]:
    return next(signal for signal in told["signals"] if signal["id"] == "engager_ranks")


def test_ranks_that_are_loaded_count_from_the_next_look_on(start: Any, tmp_path: Path, weights: Path) -> None:
    running = start(tmp_path, weights_file=weights)
    before = report(running)
    assert engager_ranks(before)["points"] is None
    load(running, 20.0)
    after = report(running)
    assert engager_ranks(after)["value"] == 20.0
    assert engager_ranks(after)["points"] > 4
    assert after["score"]["exact"] > before["score"]["exact"]
    page = running.client.get("/accounts/bluesky/alice.test").text
    assert "about 20 times the attention" in page


def test_ranks_that_cannot_be_read_leave_the_rest_of_the_report(
    start: Any, tmp_path: Path, weights: Path, database: Database
) -> None:
    running = start(tmp_path, weights_file=weights)
    database.rows("DROP TABLE rank")
    database.rows("DROP TABLE ranked_network")
    told = report(running)
    assert engager_ranks(told)["state"] == "missing"
    assert told["score"] is not None


def test_what_is_kept_of_an_account_includes_its_rank_and_goes_with_it(running: Running) -> None:
    report(running)
    running.service.ranks.load("bluesky", NOW, lambda: [("did:plc:alice.test", 2.5)], nobody)
    assert running.lookup.export("bluesky", "alice.test")["rank"] == 2.5
    running.lookup.opt_out("bluesky", "alice.test")
    assert running.service.ranks.of("bluesky", ["did:plc:alice.test"]) == {}


@pytest.mark.parametrize("read", [True, False])
def test_an_owner_who_has_everything_deleted_has_the_rank_deleted_too(running: Running, read: bool) -> None:
    name = "did:plc:alice.test"
    if read:
        report(running)
    running.service.ranks.load("bluesky", NOW, lambda: [(name, 2.5)], nobody)
    assert running.lookup.export("bluesky", name)["rank"] == 2.5
    running.lookup.delete("bluesky", name, "Its owner had it deleted.")
    assert running.service.ranks.of("bluesky", [name]) == {}
    assert running.lookup.export("bluesky", name)["rank"] is None


def test_the_operator_is_told_of_ranks_and_of_a_table_that_counts_them_in_vain(
    start: Any, tmp_path: Path, weights: Path
) -> None:
    running = start(tmp_path, weights_file=weights)
    report(running)
    told = running.client.get("/admin/status.json").get_json()["database"]
    assert told["ranked"] == []
    assert "load them by python -m server population ranks" in told["problem"]
    load(running, 1.5)
    told = running.client.get("/admin/status.json").get_json()["database"]
    people = len(those_who_react(running))
    assert told["ranked"] == [{"network": "bluesky", "people": people, "ranked_at": "2026-09-21T14:13:20+00:00"}]
    assert told["problem"] == ""
    assert f"{people} people, as of" in running.client.get("/admin/status").text

"""A network becomes the reference population, and the service scores by it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.errors import BadTable
from server.population.calibrate import FEWEST, as_toml, calibrated, read_scores
from server.population.measures import MEASURED
from server.scoring.formula import Formula, Term, current_formula, formula_in, shipped_formula, use_formula
from server.scoring.versions import MEASURED_AS, choose, formula_of
from server.settings import BadSetting
from tests.server.fake_network import FakeNetwork
from tests.server.invented import Invented

NAMES = 'Bluesky “"\\\x7f\n'


@pytest.fixture(autouse=True)
def shipped_again() -> Iterator[None]:
    yield
    use_formula(None)


def scores(people: int = 1000, **columns: list[float | None]) -> pa.Table:
    """As ``population score`` writes them: a measure of 1, 2, … for everybody."""
    some: dict[str, Any] = {name: [float(n + 1) for n in range(people)] for name in MEASURED}
    some |= {"listed": [None] * people, "score": [50] * people, "account": [f"did:plc:p{n}" for n in range(people)]}
    some |= {"pagerank": [0.5] * people} | columns
    told = {"scored_at": "1790000000", "measured_as": str(MEASURED_AS)}
    types = {"listed": pa.float64()}
    return pa.table({name: pa.array(values, types.get(name)) for name, values in some.items()}).replace_schema_metadata(
        told
    )


def term(formula: Formula, signal: str) -> Term:
    return next(term for term in formula.terms if term.signal == signal)


def test_control_points_are_the_middle_and_the_top_tenth_of_those_who_move_anybody() -> None:
    nothing = [0.0] * 500
    table = scores(1500, people_per_post=[*nothing, *(float(n + 1) for n in range(1000))])
    found = term(calibrated(table, shipped_formula(), "2-test", "Bluesky"), "people_per_post")
    assert found.curve(np.array([found.curve.median, found.curve.p90])) == pytest.approx([0.5, 0.9])
    assert (found.curve.median, found.curve.p90) == (500.0, 900.0)
    assert found.provenance == "weight as before; control points: the 1,000 accounts of Bluesky with any, 2026-09-21"


def test_what_hardly_anybody_shows_keeps_its_points_and_weights_stay_as_they_are() -> None:
    table = scores(listed=[3.0] * (FEWEST - 1) + [None] * (1001 - FEWEST), engager_followers=[7.0] * 1000)
    found, before = calibrated(table, shipped_formula(), "2-test", "Bluesky", ranks=False), shipped_formula()
    for kept in ("listed", "engager_followers"):
        assert term(found, kept) == term(before, kept)
    assert [(t.signal, t.weight, t.optional) for t in found.terms] == [
        (t.signal, t.weight, t.optional) for t in before.terms
    ]
    assert "Control points of version 2 are kept for listed, engager_followers." in found.reference["note"]


def test_the_ranks_of_those_who_react_take_half_of_what_their_followers_weighed() -> None:
    found = calibrated(scores(), shipped_formula(), "2-test", "Bluesky")
    before, halves = term(shipped_formula(), "engager_followers"), ("engager_followers", "engager_ranks")
    assert [term(found, name).weight for name in halves] == pytest.approx([before.weight / 2] * 2)
    assert (term(found, "engager_ranks").optional, term(found, "engager_ranks").curve.median) == (True, 500.0)
    assert "the other half is that of their ranks" in found.reference["note"]
    again = calibrated(scores(), found, "3-test", "Bluesky")
    assert [(t.signal, t.weight) for t in again.terms] == [(t.signal, t.weight) for t in found.terms]
    assert "the other half" not in again.reference["note"]


@pytest.mark.parametrize("ranks", [[None] * 1000, [2.0] * 1000])
def test_where_ranks_tell_accounts_not_apart_they_weigh_nothing(ranks: list[float | None]) -> None:
    table = scores()
    place = table.column_names.index("engager_ranks")
    table = table.set_column(place, "engager_ranks", pa.array(ranks, pa.float64()))
    found = calibrated(table, shipped_formula(), "2-test", "Bluesky")
    assert [t.signal for t in found.terms] == [t.signal for t in shipped_formula().terms]


def test_accounts_without_a_score_are_no_part_of_it() -> None:
    table = scores(score=[50] * 500 + [None] * 500)
    found = calibrated(table, shipped_formula(), "2-test", "Bluesky")
    assert term(found, "followers").curve.median == 250.0
    assert found.reference["population"] == "the 500 scored accounts of Bluesky on 2026-09-21"


def test_a_table_is_read_back_as_it_was_written() -> None:
    formula = calibrated(scores(), shipped_formula(), "2-test", NAMES)
    assert formula_in(as_toml(formula)) == formula
    assert formula_in(as_toml(shipped_formula())).terms == shipped_formula().terms


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda table: table.drop_columns(["score"]), "was not written by `population score`"),
        (lambda table: table.replace_schema_metadata({}), "was not written by `population score`"),
        (
            lambda table: table.replace_schema_metadata({"scored_at": "1", "measured_as": "1"}),
            "by another version of Rapport",
        ),
    ],
)
def test_other_tables_are_refused(tmp_path: Path, spoil: Any, said: str) -> None:
    pq.write_table(spoil(scores()), tmp_path / "scores.parquet")
    with pytest.raises(BadTable, match=said):
        read_scores(tmp_path / "scores.parquet")
    (tmp_path / "scores.parquet").write_text("score,followers\n")
    with pytest.raises(BadTable, match="is no whole Parquet file"):
        read_scores(tmp_path / "scores.parquet")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(Invented("alice.test").replies(people=30).post(times=20))


def test_the_service_scores_by_the_table_that_it_is_given_and_says_so(start: Any, tmp_path: Path) -> None:
    def told(**settings: Any) -> tuple[dict[str, Any], str]:
        running = start(tmp_path / "data", **settings)
        running.lookup.gather("bluesky", "alice.test", study=False)
        report = running.lookup.report("bluesky", "alice.test").report
        assert report is not None
        return report, running.client.get("/methodology").text

    before, _ = told()
    file = tmp_path / "weights.toml"
    harder = calibrated(scores(people_per_post=[1e4 + n for n in range(1000)]), shipped_formula(), "2-test", "Testnet")
    file.write_text(as_toml(harder), encoding="utf-8")
    after, methodology = told(weights_file=file)
    assert (before["formula_version"], after["formula_version"]) == ("2", "2-test")
    assert after["score"]["exact"] < before["score"]["exact"]
    assert "the 1,000 scored accounts of Testnet on 2026-09-21" in methodology
    assert "Two people asked about the same two" not in methodology


def test_versions_that_were_shipped_are_still_known_beside_another_table(tmp_path: Path) -> None:
    file = tmp_path / "weights.toml"
    file.write_text(as_toml(calibrated(scores(), shipped_formula(), "2-test", "Testnet")), encoding="utf-8")
    choose(file)
    assert current_formula().version == "2-test"
    assert [getattr(formula_of(version), "version", None) for version in ("1", "2", "2-test", "9")] == [
        "1",
        "2",
        "2-test",
        None,
    ]
    choose(None)
    assert current_formula() is shipped_formula()


def test_a_table_that_cannot_be_used_stops_the_start_with_what_is_wrong(start: Any, tmp_path: Path) -> None:
    file = tmp_path / "weights.toml"
    good = as_toml(calibrated(scores(), shipped_formula(), "2-test", "Testnet"))
    spoilt = {
        "is no table of weights": [
            None,
            "",
            "version = 2",
            good.replace("weight = 33.0", "weight = 40.0"),
            good.replace("median", "middle"),
        ],
        "which is another table": [good.replace('"2-test"', '"1"'), good.replace('"2-test"', '"2"')],
        "weights for what is not measured here: fame": [good.replace('"followers"', '"fame"')],
    }
    for said, texts in spoilt.items():
        for text in texts:
            file.unlink(missing_ok=True)
            if text is not None:
                file.write_text(text, encoding="utf-8")
            with pytest.raises(BadSetting, match=said):
                start(tmp_path / "service", weights_file=file)
    assert math.isclose(sum(term.weight for term in current_formula().terms), 99.0)

"""Scores, ranks and grades of a whole network are what the live path gives each account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.population.measures import MEASURED
from server.population.scores import exact_scores, standings
from server.scoring.formula import current_formula, points, totals
from server.scoring.tally import tally

VALUES = st.one_of(st.none(), st.floats(0, 1e7), st.just(0.0))
ROWS = st.lists(st.tuples(st.tuples(*[VALUES] * len(MEASURED)), st.floats(0, 2000)), min_size=1, max_size=20)


def columns(rows: list[tuple[tuple[float | None, ...], float]]) -> dict[str, np.ndarray]:
    """By signal, NaN for what is missing."""
    return {
        name: np.array([np.nan if row[0][number] is None else row[0][number] for row in rows], float)
        for number, name in enumerate(MEASURED)
    }


@given(ROWS)
def test_each_account_gets_the_points_that_it_would_get_alone(
    rows: list[tuple[tuple[float | None, ...], float]],
) -> None:
    formula, measures = current_formula(), columns(rows)
    found = totals(measures, formula, np.array([days for _, days in rows]))
    for number, (_, days) in enumerate(rows):
        alone = points({name: values[[number]] for name, values in measures.items()}, formula, days)
        expected = float("nan") if alone is None else float(alone.total[0])
        assert found[number] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(ROWS)
def test_the_score_shown_is_the_tallys(rows: list[tuple[tuple[float | None, ...], float]]) -> None:
    formula, measures = current_formula(), columns(rows)
    days_silent = np.array([days for _, days in rows])
    found = standings(exact_scores(measures, days_silent, np.full(len(rows), 50), formula))
    for number, (_, days) in enumerate(rows):
        alone = tally({name: float(values[number]) for name, values in measures.items()}, days, formula)
        assert found.score[number] == (alone.value if alone else 0)


def test_equal_scores_share_a_rank_and_a_grade_and_what_was_hardly_seen_has_neither() -> None:
    followers = np.array([10.0, 5000.0, 5000.0, 200.0, 9e6])
    measures = {name: np.full(5, 3.0) for name in MEASURED} | {"followers": followers}
    found = standings(exact_scores(measures, np.zeros(5), np.array([50, 50, 50, 50, 9]), current_formula()))
    assert found.rank.tolist() == [4, 1, 1, 3, 0]
    assert found.grade[:4].tolist() == [0.25, 1.0, 1.0, 0.5]
    assert np.isnan(found.grade[4])
    assert np.isnan(found.exact[4])
    assert found.score[4] == 0

"""The score agrees with people, and the table that ships is the one that was fitted."""

from __future__ import annotations

import numpy as np
import pytest

from server.scoring.formula import current_formula
from server.scoring.measures import h_index, typical_per_post
from server.scoring.sample import Sample
from tests.evaluation.fit import MOST_FOR_FOLLOWERS, TABLE, fit_weights, table_text
from tests.evaluation.influence import (
    Pairs,
    agreement_by_gap,
    expected_h_index,
    expected_typical,
    measures_of,
    scores,
    without_lists,
)
from tests.evaluation.simulated import NOW, Person, activity, live


def test_the_table_that_ships_is_what_the_fit_writes(pairs: Pairs) -> None:
    assert TABLE.read_text(encoding="utf-8") == table_text(pairs)


def test_the_score_agrees_with_people_better_than_followers_or_lists_alone(pairs: Pairs) -> None:
    measures, formula = measures_of(pairs), current_formula()
    followers = pairs.auc(np.log1p(pairs.columns["follower_count"]))
    assert pairs.auc(scores(measures, formula)) >= max(
        0.852, followers + 0.020, pairs.auc(np.log1p(pairs.columns["listed_count"]))
    )
    assert pairs.auc(scores(without_lists(measures), formula)) >= 0.838
    assert len(formula.terms) <= 8


def test_people_agree_the_more_the_larger_the_gap(pairs: Pairs) -> None:
    agree = [row["agree"] for row in agreement_by_gap(pairs, scores(measures_of(pairs), current_formula()))]
    assert agree == sorted(agree)
    assert agree[2] > 0.65
    assert agree[-1] > 0.95


def test_no_person_is_on_both_sides_of_a_split(pairs: Pairs) -> None:
    for train, test in list(pairs.splits())[:5]:
        assert train.any()
        assert test.any()
        people = [set(pairs.a[side]) | set(pairs.b[side]) for side in (train, test)]
        assert not people[0] & people[1]


def test_weights_are_never_negative_and_the_bounded_one_keeps_its_bound() -> None:
    random = np.random.default_rng(0)
    difference = random.standard_normal((600, 3))
    first = (difference @ np.array([2.0, 0.5, -1.0]) + random.logistic(size=600) > 0).astype(int)
    free = fit_weights(difference, first, None, 0.1)
    bounded = fit_weights(difference, first, 0, 0.1)
    assert free[0] > free[1] > free[2] == 0
    assert bounded[0] / bounded.sum() == pytest.approx(0.1)


def test_followers_earn_at_most_a_tenth_because_they_can_be_bought() -> None:
    formula = current_formula()
    weights = {term.signal: term.weight for term in formula.terms}
    assert weights["followers"] / sum(weights.values()) <= MOST_FOR_FOLLOWERS + 0.001


@pytest.mark.parametrize(("mean", "posts_a_day"), [(0.5, 3.0), (4.0, 1.0), (40.0, 6.0)])
def test_the_judged_people_are_measured_as_a_real_account_of_such_rates_would_be(
    mean: float, posts_a_day: float
) -> None:
    person = Person(originals=posts_a_day, replies=0.001, reposts=0.001, likes=0.0, reposted=mean, answered=0.0)
    seen = [
        Sample.of_influence(activity(live(Person(**{**vars(person), "seed": n})), study=False), NOW) for n in range(12)
    ]
    counts = [np.where(s.kind >= 0, s.activity.posts.reposts[s.rows], 0).astype(float) for s in seen]
    index = np.mean([h_index(s, c)[0] for s, c in zip(seen, counts, strict=True)])
    typical = np.mean([typical_per_post(s, c)[0] for s, c in zip(seen, counts, strict=True)])
    assert expected_h_index(np.array([mean]), np.array([posts_a_day]))[0] == pytest.approx(index, rel=0.12)
    assert expected_typical(np.array([mean]))[0] == pytest.approx(typical, rel=0.12)


def test_a_curve_is_the_share_of_the_reference_people_below(pairs: Pairs) -> None:
    measures = measures_of(pairs)
    for term in current_formula().terms:
        places = term.curve(measures[term.signal])
        assert np.mean(places < 0.5) == pytest.approx(0.5, abs=0.01)
        assert np.mean(places < 0.9) == pytest.approx(0.9, abs=0.01)

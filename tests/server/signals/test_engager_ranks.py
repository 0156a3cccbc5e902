"""How much attention those who react get themselves, where their network was ranked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from server.activity import Activity
from server.report import compose
from server.scoring.formula import current_formula
from server.scoring.sample import Sample
from server.signals.engager_ranks import SIGNAL, measure
from server.signals.signal import State
from tests.server.invented import NOW, Invented
from tests.server.population.test_run import ranked


def reacted_to(ranks: dict[str, float], people: int = 9, following: int = 200) -> Activity:
    account = Invented().post(times=12).received(people=people, followers=500)
    for person in list(account.builder.build().people.id):
        account.builder.person(person, following=following)
    return replace(account.build(), ranks=ranks)


def names(activity: Activity) -> list[str]:
    return [activity.people.id[actor] for actor in np.unique(activity.interactions.actor).tolist()]


def measured(activity: Activity) -> float:
    return float(measure(Sample.of_influence(activity, NOW))[0])


def test_it_is_the_geometric_mean_of_their_ranks() -> None:
    people = names(reacted_to({}))
    ranks = {name: 2.0**number for number, name in enumerate(people)}
    assert measured(reacted_to(ranks)) == pytest.approx(2 ** np.mean(range(len(people))))


def test_people_without_a_rank_say_nothing_and_fewer_than_three_with_one_are_too_few() -> None:
    people = names(reacted_to({}))
    assert np.isnan(measured(reacted_to({})))
    assert np.isnan(measured(reacted_to(dict.fromkeys(people[:2], 4.0))))
    assert measured(reacted_to(dict.fromkeys(people[:3], 4.0) | {"did:plc:somebody-else": 900.0})) == pytest.approx(4.0)


def test_somebody_who_follows_thousands_weighs_less() -> None:
    activity = reacted_to({})
    people = names(activity)
    ranks = dict.fromkeys(people, 1.0) | {people[0]: 100.0}
    account = Invented().post(times=12).received(people=9, followers=500)
    account.builder.person(people[0], following=40_000)
    assert measured(replace(account.build(), ranks=ranks)) < measured(reacted_to(ranks))


def test_the_report_says_it_where_the_table_of_weights_counts_it_and_nothing_elsewhere() -> None:
    activity = reacted_to(dict.fromkeys(names(reacted_to({})), 3.5))
    formula = ranked(current_formula())
    found = next(r for r in compose(activity, NOW, formula).results if r.signal is SIGNAL)
    assert found.tenths is not None
    assert found.finding.sentence == (
        "Those who react get about 3.5 times the attention that an account of the network gets on average (9 people with a rank)."
    )
    unknown = next(r for r in compose(replace(activity, ranks={}), NOW, formula).results if r.signal is SIGNAL)
    assert (unknown.finding.state, unknown.tenths) == (State.MISSING, None)
    assert SIGNAL not in [result.signal for result in compose(activity, NOW).results]


def test_without_ranks_a_table_that_counts_them_is_as_sure_as_before() -> None:
    activity, formula = reacted_to({}), ranked(current_formula())
    known = compose(replace(activity, ranks=dict.fromkeys(names(activity), 3.5)), NOW, formula)
    unknown = compose(activity, NOW, formula)
    assert known.score is not None
    assert unknown.score is not None
    assert unknown.score.high - unknown.score.low <= known.score.high - known.score.low + 1

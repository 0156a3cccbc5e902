"""Why a score changed: parts that add up exactly, in whatever order the causes came about, and in plain words."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.scoring.change import Cause, attribute
from server.scoring.explanation import Explanation, Kind, explain, words
from server.scoring.formula import Formula, current_formula, points
from server.scoring.scored import Scored, clean_days, clean_measures, points_of, score_again
from server.scoring.versions import formula_of
from tests.server.scoring.formulas import MEASURES, made_up, next_formula, scored

NAMES = ("followers", "listed", "people_per_post", "people_h_index", "reposts_per_post", "repost_h_index")
measured = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1e9), max_size=6)
silences = st.floats(0, 2000)
formulas = st.builds(
    made_up,
    st.sampled_from(["a", "b"]),
    st.dictionaries(st.sampled_from(NAMES), st.floats(0.5, 40), min_size=1, max_size=6),
    st.floats(20, 400),
)


@settings(max_examples=300, deadline=None)
@given(measured, silences, formulas, measured, silences, st.none() | formulas)
def test_parts_add_up_exactly_to_the_difference(
    old: dict[str, float], was: float, first: Formula, new: dict[str, float], now: float, second: Formula | None
) -> None:
    second = first if second is None else replace(second, version="later")
    before, after = scored(old, was, first), scored(new, now, second)
    change = attribute(before, first, after, second)
    if before.tenths is None or after.tenths is None or points_of(before, second) is None:
        assert change is None
        return
    assert change is not None
    assert change.tenths == after.tenths - before.tenths
    assert sum(part.tenths for part in change.parts) == change.tenths
    assert sum(tenths for _, tenths in change.signals) == change.tenths
    of_the_formula = sum(part.tenths for part in change.parts if part.cause is Cause.FORMULA)
    assert sum(tenths for _, tenths in change.by_formula) == of_the_formula
    assert all(part.tenths for part in change.parts)


@settings(max_examples=100, deadline=None)
@given(measured, silences, measured, silences, formulas)
def test_the_way_back_is_the_way_there_with_the_signs_turned(
    old: dict[str, float], was: float, new: dict[str, float], now: float, formula: Formula
) -> None:
    there = attribute(scored(old, was, formula), formula, scored(new, now, formula), formula)
    back = attribute(scored(new, now, formula), formula, scored(old, was, formula), formula)
    assert (there is None) == (back is None)
    if there is None or back is None:
        return
    turned = {(_kind(p.cause), p.signal): -p.tenths for p in back.parts}
    for part in there.parts:
        assert abs(part.tenths - turned.get((_kind(part.cause), part.signal), 0)) <= 1, "up to the rounding"


def _kind(cause: Cause) -> str:
    return "sight" if cause in (Cause.NEWLY_SEEN, Cause.NO_LONGER_SEEN) else cause.value


def test_each_cause_gets_the_mean_of_what_it_changes_over_every_order() -> None:
    formula = current_formula()
    state = dict(MEASURES), 1.0
    changes = {
        "reposts_per_post": lambda m, d: (m | {"reposts_per_post": 9.0}, d),
        "fade": lambda m, d: (m, 90.0),
        "listed": lambda m, d: (m | {"listed": 500.0}, d),
        "engager_followers": lambda m, d: ({k: v for k, v in m.items() if k != "engager_followers"}, d),
    }

    def total(measures: dict[str, float], days: float) -> float:
        earned = points({name: np.array([value]) for name, value in measures.items()}, formula, days)
        assert earned is not None
        return float(earned.total[0]) * 10

    orders = list(permutations(changes))
    means = dict.fromkeys(changes, 0.0)
    for order in orders:
        at = state
        for name in order:
            then = total(*at)
            at = changes[name](*at)
            means[name] += (total(*at) - then) / len(orders)
    before, after = scored(*state), scored(*at)
    change = attribute(before, formula, after, formula)
    assert change is not None
    assert {part.signal or part.cause.value for part in change.parts} == set(changes)
    for part in change.parts:
        assert part.tenths == pytest.approx(means[part.signal or part.cause.value], abs=1)


def test_a_measure_that_stays_and_a_signal_still_unseen_are_no_cause() -> None:
    change = attribute(
        scored(MEASURES, 2.0), current_formula(), scored(MEASURES | {"followers": 9000.0}, 2.0), current_formula()
    )
    assert change is not None
    assert [(part.cause, part.signal) for part in change.parts] == [(Cause.MEASURE, "followers")]
    assert dict(change.signals)["followers"] == pytest.approx(change.tenths, abs=1), "the others move by rounding alone"


def test_nothing_different_changes_nothing() -> None:
    change = attribute(scored(MEASURES, 3.0), current_formula(), scored(MEASURES, 3.0), current_formula())
    assert change is not None
    assert (change.tenths, change.parts, change.signals) == (0, (), ())


def test_a_stored_score_that_its_measures_do_not_come_to_is_not_explained() -> None:
    before = scored(MEASURES)
    assert before.tenths is not None
    formula = current_formula()
    assert attribute(replace(before, tenths=before.tenths + 30), formula, scored(MEASURES), formula) is None


# In words


def told(before: Scored, after: Scored) -> list[str]:
    return [part.words for part in explain(before, after).parts]


def test_each_part_is_told_in_words_with_what_it_was_and_what_it_is() -> None:
    less, more = scored(MEASURES), scored(MEASURES | {"reposts_per_post": 14.0})
    assert told(less, more)[0].startswith("Reposts of a typical post: +")
    assert told(less, more)[0].endswith("(0.8 → 14)")
    assert told(scored(MEASURES), scored(MEASURES, 41.0))[0].startswith("a pause of 41 days: −")
    assert told(scored(MEASURES, 41.0), scored(MEASURES))[0].startswith("posting again after a pause of 41 days: +")
    listed = scored(MEASURES | {"listed": 90_000.0})
    assert told(scored(MEASURES), listed)[0].startswith("On other people's lists, newly seen: +")
    assert told(listed, scored(MEASURES))[0].startswith("On other people's lists, no longer seen: −")


def test_another_formula_is_a_part_of_its_own_with_what_it_did_to_each_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    later = next_formula()
    monkeypatch.setattr(
        "server.scoring.explanation.formula_of", lambda version: later if version == "next" else formula_of(version)
    )
    before = scored(MEASURES)
    after = score_again(before, later)
    assert after is not None
    found = explain(before, after)
    assert found.change is not None
    assert found.change.tenths != 0
    assert [part.cause for part in found.change.parts] == [Cause.FORMULA]
    assert found.change.by_formula == found.change.signals
    assert words(found.change.parts[0], "next").startswith("new formula: ")
    assert [event.kind for event in found.events] == [Kind.FORMULA]


def test_a_score_of_the_first_version_cannot_be_compared_and_the_sentence_says_why() -> None:
    found = explain(_of_version_1(), scored(MEASURES))
    assert (found.change, found.parts) == (None, ())
    assert found.sentence == (
        "The two scores cannot be compared: version 1 of the formula measured other things than version "
        f"{current_formula().version}."
    )


def test_two_scores_of_the_first_version_are_explained_by_its_table() -> None:
    before, after = _of_version_1(), _of_version_1(followers=90_000.0)
    found = explain(before, after)
    assert [part.words.split(":")[0] for part in found.parts] == ["Followers"]


def _of_version_1(**measures: float) -> Scored:
    first = formula_of("1")
    assert first is not None
    kept = {"engaged_people": 9.0, "replies_per_post": 0.4} | MEASURES | measures
    return replace(scored(kept, 0.0, first), days_silent=None, measured_as=None, depth=None)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (replace(scored(MEASURES), tenths=None), scored(MEASURES), "there was none then, because too little was seen"),
        (scored(MEASURES), replace(scored(MEASURES), tenths=None), "there is none now, because too little was seen"),
        (
            replace(scored(MEASURES), formula_version="x"),
            scored(MEASURES),
            "version x of the formula is not known here",
        ),
        (replace(scored(MEASURES), measures={}), scored(MEASURES), "what the older one was made from was not kept"),
        (
            replace(scored(MEASURES), days_silent=None),
            scored(MEASURES),
            "what the older one was made from was not kept",
        ),
    ],
)
def test_scores_that_cannot_be_compared_say_why(before: Scored, after: Scored, says: str) -> None:
    found = explain(before, after)
    assert found.change is None
    assert found.sentence == f"The two scores cannot be compared: {says}."


def test_a_difference_smaller_than_the_interval_is_unchanged_within_the_noise() -> None:
    before, after = scored(MEASURES), replace(scored(MEASURES | {"followers": 340.0}), low=20, high=40)
    assert after.tenths is not None
    assert before.tenths != after.tenths
    found = explain(before, after)
    assert found.within_noise
    assert found.sentence.startswith("Unchanged within the noise: +0.")
    assert not explain(before, replace(after, low=20, high=20)).within_noise


def test_what_happened_between_two_scores_is_named() -> None:
    before = replace(scored(MEASURES, days_ago=30.0), depth="glance")
    after = replace(scored(MEASURES, 29.0), depth="study")
    start, end = before.scored_at, after.scored_at
    readings = [(start - 90, 10), (start - 60, 100), (start + 50, 119), (start + 99, -1), (end, 150), (end + 9, 900)]
    events = {event.kind: event.words for event in explain(before, after, readings).events}
    assert events[Kind.DEPTH] == "It was looked at more closely: a glance then, a study now."
    assert events[Kind.PAUSE] == "Its newest post is 29 days old."
    assert events[Kind.FOLLOWERS].startswith("Followers went from 119 to 150 between ")
    assert set(events) == {Kind.DEPTH, Kind.PAUSE, Kind.FOLLOWERS}


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
odd_measures = st.dictionaries(st.sampled_from(NAMES), st.floats() | st.integers(), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_odd_stored_data_is_never_an_error(data: st.DataObject) -> None:
    def odd() -> Scored:
        return Scored(
            data.draw(st.integers(0, 10**18)),
            data.draw(st.sampled_from(["1", current_formula().version, "", "../weights"])),
            data.draw(st.none() | st.integers(-100, 2000)),
            data.draw(st.none() | st.integers()),
            data.draw(st.none() | st.integers()),
            data.draw(junk | odd_measures),
            data.draw(junk),
            data.draw(st.sampled_from([None, 2])),
            data.draw(st.none() | st.text(max_size=5)),
        )

    times = data.draw(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(-1, 2**62)), max_size=4))
    assert isinstance(explain(odd(), odd(), times), Explanation)


@given(junk)
def test_measures_and_days_read_from_anything_are_finite_numbers_or_nothing(stored: object) -> None:
    assert all(np.isfinite(value) for value in clean_measures(stored).values())
    assert clean_days(stored) is None or 0 <= (clean_days(stored) or 0) < np.inf
    assert clean_measures("{'not': json}") == clean_measures("[" * 100_000) == {}
    assert clean_measures('{"followers": 3, "listed": NaN, "x": true, "y": "4"}') == {"followers": 3.0}


# Scored again


def test_measures_scored_again_keep_the_width_of_their_interval_and_stay_within_1_and_100() -> None:
    before = scored(MEASURES)
    after = score_again(before, next_formula())
    assert after is not None
    assert after.high is not None
    assert after.low is not None
    assert (after.formula_version, after.high - after.low) == ("next", 10)
    assert 1 <= after.low <= after.high <= 100


def test_a_time_without_a_score_stays_without_one() -> None:
    again = score_again(replace(scored(MEASURES), tenths=None), next_formula())
    assert again is not None
    assert (again.tenths, again.low, again.high, again.formula_version) == (None, None, None, "next")


def test_measures_of_an_older_form_or_too_few_are_not_scored_again() -> None:
    assert score_again(_of_version_1(), next_formula()) is None
    assert score_again(replace(scored(MEASURES), measures={"followers": 3.0}), next_formula()) is None
    assert score_again(replace(scored(MEASURES), days_silent=None), next_formula()) is None

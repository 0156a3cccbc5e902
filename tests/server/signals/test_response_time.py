"""How long people wait for an answer."""

from __future__ import annotations

from math import comb

import pytest

from server.activity import Coverage, Depth, Interaction, InteractionKind, PostKind
from server.scoring.sample import Sample
from server.signals.response_time import SIGNAL, median_ranks
from server.signals.signal import Finding, Mark, State
from tests.server.invented import DAY, NOW, Invented


def answering(seconds: list[int], asked: int = NOW - 5 * DAY, timeline: bool = True) -> Invented:
    """An account that answered so many people after so many seconds."""
    account = Invented().post(times=3).studied()
    for number, delay in enumerate(seconds):
        write(account, f"asked-{number}", asked)
        answer(account, f"asked-{number}", asked + delay, timeline=timeline)
    return account


def write(account: Invented, id_: str, time: int) -> None:
    account.builder.interaction(Interaction(id_, InteractionKind.REPLY, f"person-{id_}", time, post="post-1"))


def answer(account: Invented, parent: str, time: int, **columns: object) -> None:
    account.post(PostKind.REPLY, parent=parent, time=time, target=f"person-{parent}", **columns)  # type: ignore[arg-type]


def response(account: Invented) -> Finding:
    return SIGNAL.find(Sample(account.build(), NOW), {})


def test_the_median_is_told_in_minutes_with_its_interval_and_links() -> None:
    found = response(answering([60 * minutes for minutes in range(1, 22)]))
    assert (found.value, found.count) == (11, 21)
    assert (found.low, found.high) == (7, 15)
    assert found.sentence == "Half of its 21 answers came within 11 min; 0 within 10 seconds."
    assert found.evidence[0].text == "Answered after 60 s"


def test_the_interval_holds_the_median_nine_times_in_ten() -> None:
    for number in range(5, 400):
        low, high = median_ranks(number)
        outside = 2 * sum(comb(number, below) for below in range(low + 1)) / 2**number
        assert high == number - 1 - low
        assert 1 - outside > 0.895, number


@pytest.mark.parametrize(
    ("seconds", "mark"),
    [
        ([2] * 5, Mark.SOME),
        ([3] * 18 + [4000] * 2, Mark.SOME),
        ([3] * 17 + [4000] * 3, Mark.NONE),
        ([11] * 20, Mark.NONE),
        ([86_400] * 20, Mark.NONE),
    ],
)
def test_only_nearly_all_answers_within_seconds_are_marked(seconds: list[int], mark: Mark) -> None:
    assert response(answering(seconds)).mark is mark


def test_only_the_first_answer_to_a_message_counts() -> None:
    account = answering([600] * 6)
    for number in range(6):
        answer(account, f"asked-{number}", NOW - 3 * DAY)
    found = response(account)
    assert (found.value, found.count) == (10, 6)


def test_answers_found_only_inside_threads_count_too() -> None:
    assert response(answering([600] * 6, timeline=False)).count == 6


def test_answers_before_the_question_and_questions_of_unknown_time_are_left_out() -> None:
    assert response(answering([-60] * 6 + [600] * 5)).count == 5
    assert response(answering([600] * 6, asked=-1)).state is State.NOT_APPLICABLE


def test_it_is_missing_until_threads_were_read_and_too_little_below_five() -> None:
    account = answering([600] * 6)
    account.builder.coverage = Coverage(Depth.GLANCE)
    assert response(account).state is State.MISSING
    assert response(answering([600] * 4)).state is State.TOO_LITTLE
    assert response(Invented().post(times=5).studied()).state is State.NOT_APPLICABLE


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seconds", [0, 10**10, 10**15])
def test_nonsense_times_break_nothing(seconds: int) -> None:
    assert response(answering([seconds] * 6)).state is State.FOUND
    assert response(answering([seconds] * 6, asked=0)).state in (State.FOUND, State.NOT_APPLICABLE)

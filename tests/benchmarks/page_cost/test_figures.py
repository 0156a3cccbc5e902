"""What is made of the runs: ratios that a drifting or disturbed machine leaves alone, and wrong rows that no median hides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.page_cost.figures import Figure, Runs, of_extension, table


def run(task: float, **other: Any) -> dict[str, Any]:
    figures = {"own_ms": 40.0, "longest_ms": 2.0, "style_ms": 1.0, "layout_ms": 1.0, "heap_kib": 1000, "nodes": 9}
    rows = {"end": {"rows": 60, "wrong": 0, "bare": 0}, "changed": {"rows": 600, "wrong": 0, "bare": 0}, "frames": [1]}
    return {
        "task_ms": task,
        "parts_ms": [0.1 * task, 0.9 * task],
        "speed_ms": 400,
        "shifts": 0,
        **figures,
        **rows,
        **other,
    }


def rounds(off: list[float], on: list[float]) -> Runs:
    return {"off": [run(task) for task in off], "on": [run(task) for task in on]}


def figure(runs: Runs, what: str) -> Figure:
    return next(figure for figure in of_extension(runs, 20_000) if figure.what.startswith(what))


RATIO = "page CPU, on / off"


def test_a_machine_that_slows_down_from_round_to_round_does_not_change_the_ratio() -> None:
    slower = [1000 * (1 + 0.2 * number) for number in range(5)]
    assert figure(rounds(slower, [1.03 * task for task in slower]), RATIO).value == pytest.approx(1.03)


def test_two_spoilt_rounds_of_five_do_not_change_the_ratio() -> None:
    runs = rounds([1000, 1000, 2500, 1000, 1000], [1040, 3000, 1040, 1040, 1040])
    assert figure(runs, RATIO).value == pytest.approx(1.04)


def test_a_spoilt_moment_in_every_round_does_not_change_the_ratio() -> None:
    runs = rounds([1000] * 5, [1000] * 5)
    for number, rows in enumerate(zip(*runs.values(), strict=True)):
        for run in rows:
            run["parts_ms"] = [100.0] * 10
        rows[number % 2]["parts_ms"][number] += 300
    assert figure(runs, RATIO).value == pytest.approx(1)


def test_a_page_that_costs_six_percent_more_is_over_the_budget() -> None:
    assert figure(rounds([1000] * 5, [1060] * 5), RATIO).is_over
    assert not figure(rounds([1000] * 5, [1050] * 5), RATIO).is_over


@pytest.mark.parametrize(
    ("name", "found", "what"),
    [
        ("end", {"rows": 60, "wrong": 1, "bare": 0}, "rows wrong or bare at the end"),
        ("end", {"rows": 60, "wrong": 0, "bare": 1}, "rows wrong or bare at the end"),
        ("changed", {"rows": 600, "wrong": 1, "bare": 0}, "rows wrong in the frame of a change"),
        ("shifts", 1, "layout shifts added"),
        ("frames", [1, 1, 3], "first paint of a known badge"),
    ],
)
def test_what_is_wrong_in_one_run_is_not_hidden_by_the_others(name: str, found: Any, what: str) -> None:
    runs = rounds([1000] * 5, [1000] * 5)
    assert not figure(runs, what).is_over
    runs["on"][2][name] = found
    assert figure(runs, what).is_over


def test_the_table_marks_what_is_over_its_budget() -> None:
    shown = table({"x/recycle": [Figure("own calls", 61, "ms", 60)], "x/append": [Figure("own calls", 59.5, "ms", 60)]})
    assert [line.split() for line in shown.splitlines()] == [
        ["x/recycle", "x/append"],
        ["own", "calls", "61", "!", "59.50", "ms", "budget", "60"],
    ]

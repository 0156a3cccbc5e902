"""What the runs say: each figure with its unit and, where the project promises something, its budget.

The page's CPU time is compared step by step. In a round, a browser with the extension, one without and one with the yardstick are open at once and
scroll by turns, some posts each, so that all meet the machine as it is in that second. A step is the same work in every round: its cost is the median
over the rounds, and the page's is the sum of its steps. That is indifferent to a spoilt round and to a spoilt moment in each of them. The
median over the rounds of on / off stands beside it.

How good that is, ``--self-check`` tells. With an extension that does nothing, on two idle cores, five rounds gave 1.000 while single rounds lay
between 0.95 and 1.03: a step of 50 posts takes 0.1 s and varies by a tenth from time to time, independently of its neighbours, so the sum over 40
steps of medians of five varies by about one per cent. Scaling each run by the time that a fixed piece of work took beside it (the core's speed) made
it worse: that time is only reported, as a sign of how quiet it was.
"""

from __future__ import annotations

import statistics
from typing import Any, NamedTuple

Run = dict[str, Any]
Runs = dict[str, list[Run]]


class Figure(NamedTuple):
    what: str
    value: float
    unit: str = ""
    budget: float | None = None

    @property
    def is_over(self) -> bool:
        return self.budget is not None and round(self.value, 3) > self.budget


def pairs(runs: Runs, what: str, condition: str = "on") -> list[float]:
    """Of each round, a condition's value by that of the page alone."""
    return [one[what] / alone[what] for one, alone in zip(runs[condition], runs["off"], strict=True)]


def median(rows: list[Run], what: str) -> float:
    return statistics.median(run[what] for run in rows)


def added(runs: Runs, what: str) -> float:
    """What the extension adds, as a difference of medians."""
    return median(runs["on"], what) - median(runs["off"], what)


def wrong_rows(rows: list[Run]) -> Figure:
    """Rows that at the end bear another's badge, or not their own: of the worst run."""
    worst = max(rows, key=lambda run: run["end"]["wrong"] + run["end"]["bare"])["end"]
    return Figure(f"rows wrong or bare at the end, of {worst['rows']}", worst["wrong"] + worst["bare"], "", 0)


def wrong_frames(rows: list[Run]) -> Figure:
    """Rows that are painted with another's badge in the very frame in which they change: of the worst run."""
    worst = max((run["changed"] for run in rows), key=lambda changed: changed["wrong"])
    return Figure(f"rows wrong in the frame of a change, of {worst['rows']}", worst["wrong"], "", 0)


def page_ms(rows: list[Run]) -> float:
    """CPU ms of the page's main thread: of each step the median over the rounds, summed up."""
    return sum(statistics.median(step) for step in zip(*(run["parts_ms"] for run in rows), strict=True))


def ratio(runs: Runs) -> list[Figure]:
    """The page's CPU time with by without, and how far the rounds agree about it."""
    found = pairs(runs, "task_ms")
    speeds = [run["speed_ms"] for rows in runs.values() for run in rows]
    return [
        Figure("page CPU, on / off", page_ms(runs["on"]) / page_ms(runs["off"]), "", 1.05),
        Figure("  lowest round", min(found)),
        Figure("  highest round", max(found)),
        Figure("  median of rounds", statistics.median(found)),
        Figure("  speed of the core, slowest / fastest run", max(speeds) / min(speeds)),
    ]


def of_extension(runs: Runs, content_bytes: int) -> list[Figure]:
    """What the extension costs on one timeline."""
    on = runs["on"]
    return [
        Figure("own calls", median(on, "own_ms"), "ms CPU", 60),
        Figure("longest own call", median(on, "longest_ms"), "ms CPU", 3),
        *ratio(runs),
        Figure("heap added", added(runs, "heap_kib") / 1024, "MiB", 0.5),
        Figure("layout shifts added", max(run["shifts"] for run in on) - median(runs["off"], "shifts"), "", 0),
        wrong_rows(on),
        wrong_frames(on),
        Figure("first paint of a known badge", max(count for run in on for count in run["frames"]), "frames", 2),
        Figure("content script", content_bytes / 1000, "kB", 30),
        Figure("page CPU, off", page_ms(runs["off"]), "ms CPU"),
        Figure("style added", added(runs, "style_ms"), "ms CPU"),
        Figure("layout added", added(runs, "layout_ms"), "ms CPU"),
        Figure("DOM nodes added", added(runs, "nodes")),
        *of_scan(runs),
    ]


def of_scan(runs: Runs) -> list[Figure]:
    """The yardstick: the same badges by a scan of the whole document at each change."""
    scan = runs.get("scan", [])
    if not scan:
        return []
    return [
        Figure("whole-document scan: own calls", median(scan, "own_ms"), "ms CPU"),
        Figure("whole-document scan: longest own call", median(scan, "longest_ms"), "ms CPU"),
        Figure("whole-document scan: page CPU, scan / off", page_ms(scan) / page_ms(runs["off"])),
        Figure("whole-document scan: layout shifts", max(run["shifts"] for run in scan)),
        Figure("whole-document scan: rows wrong or bare", wrong_rows(scan).value),
    ]


def of_nothing(runs: Runs) -> list[Figure]:
    """What the measurement says of an extension that does nothing: its own error."""
    return [
        Figure("own calls", median(runs["on"], "own_ms"), "ms CPU", 1),
        *ratio(runs),
        Figure("heap added", added(runs, "heap_kib") / 1024, "MiB"),
        Figure("layout shifts added", max(run["shifts"] for run in runs["on"]) - median(runs["off"], "shifts"), "", 0),
    ]


def table(columns: dict[str, list[Figure]]) -> str:
    """The figures of several timelines side by side; an exclamation mark where one is over its budget."""
    lines: dict[str, dict[str, Figure]] = {}
    for column, figures in columns.items():
        for figure in figures:
            lines.setdefault(figure.what, {})[column] = figure
    widths = {column: max(len(column), 10) for column in columns}
    wide = max(map(len, lines))
    head = " " * wide + "".join(f"  {column:>{widths[column]}}" for column in columns)
    text = [head]
    for what, found in lines.items():
        any_figure = next(iter(found.values()))
        cells = "".join(f"  {_cell(found.get(column)):>{widths[column]}}" for column in columns)
        budget = "" if any_figure.budget is None else f"   budget {any_figure.budget:g}"
        text.append(f"{what:{wide}}{cells}  {any_figure.unit}{budget}".rstrip())
    return "\n".join(text)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    number = f"{figure.value:.0f}" if float(figure.value).is_integer() else f"{figure.value:.2f}"
    return f"{number} !" if figure.is_over else number

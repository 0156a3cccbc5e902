"""``make bench``: every figure the project claims, as a ratio or a CPU time against a budget, measured in one run.

python -m tests.benchmarks [badges] [report] [scoring] [service] [start] [reviews] [review_table] [population] [ranks] [page_cost] …
(nothing named: all of them)
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.benchmarks import badges, population, ranks, report, review_table, reviews, scoring, service, start


def page_cost() -> bool:
    """What the extension costs a page; it prints its own table."""
    return subprocess.run([sys.executable, "-m", "tests.benchmarks.page_cost"], check=False).returncode == 0


BENCHMARKS: dict[str, Callable[[], bool]] = {
    "badges": badges.run,
    "report": report.run,
    "scoring": scoring.run,
    "service": service.run,
    "start": start.run,
    "reviews": reviews.run,
    "review_table": review_table.run,
    "population": population.run,
    "ranks": ranks.run,
    "page_cost": page_cost,
}


def main(names: list[str]) -> int:
    """Run the benchmarks named; 1 when a figure is over its budget."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
        return 2
    within = []
    for name in names or list(BENCHMARKS):
        print(f"\n== {name}", flush=True)
        within.append(BENCHMARKS[name]())
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

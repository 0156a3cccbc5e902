"""A table of a million measure rows scored in NumPy on one core: CPU seconds, and how far from merely taking the logarithm of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from server.scoring.formula import current_formula, points

ROWS = 1_000_000
BUDGET_SECONDS = 2.0
ROUNDS = 5


def run() -> bool:
    """Print the figure; within the budget?"""
    formula, random = current_formula(), np.random.default_rng(1)
    table = {
        term.signal: np.exp(np.log(term.curve.median) + 2.5 * random.standard_normal(ROWS)) for term in formula.terms
    }

    def cpu(work: Callable[[], object]) -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    ours = statistics.median(cpu(lambda: points(table, formula)) for _ in range(ROUNDS))
    logarithms = statistics.median(cpu(lambda: [np.log(column) for column in table.values()]) for _ in range(ROUNDS))
    print(
        f"scoring {ROWS:,} rows of {len(table)} measures: {ours:.2f} s CPU (budget {BUDGET_SECONDS}); "
        f"{ours / logarithms:.0f} x the logarithms of the table alone"
    )
    return ours <= BUDGET_SECONDS

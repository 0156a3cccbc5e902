"""Every version of the formula there has been: the current table is weights.toml, earlier ones stand in the folder ``formulas``.

To make a new version: copy weights.toml to ``formulas/<its version>.toml``, then change weights.toml and its version. Stored
scores are then brought to it by ``python -m server rescore``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from server.scoring.formula import Formula, current_formula, read_formula

MEASURED_AS = 2
"""The form of the measures that this version takes. Raised when measures come to mean something else, so that those stored before
are never scored by a formula made for the others. None stands for what was stored before this was kept: form 1."""
EARLIER = Path(__file__).with_name("formulas")


def formula_of(version: str) -> Formula | None:
    """The table of a version, or None when there is none of that name."""
    current = current_formula()
    return current if version == current.version else _earlier().get(version)


@cache
def _earlier() -> dict[str, Formula]:
    formulas = (read_formula(path) for path in sorted(EARLIER.glob("*.toml")))
    return {formula.version: formula for formula in formulas}

"""Every version of the formula there has been: the current table is weights.toml, earlier ones stand in the folder ``formulas``. Whoever runs
the service may put another table in its place (``choose``).

To make a new version: copy weights.toml to ``formulas/<its version>.toml``, then change weights.toml and its version. Stored
scores are then brought to it by ``python -m server rescore``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from server.scoring.formula import Formula, current_formula, read_formula, shipped_formula, use_formula
from server.signals import all_signals

MEASURED_AS = 2
"""The form of the measures that this version takes. Raised when measures come to mean something else, so that those stored before
are never scored by a formula made for the others. None stands for what was stored before this was kept: form 1."""
EARLIER = Path(__file__).with_name("formulas")


def formula_of(version: str) -> Formula | None:
    """The table of a version, or None when there is none of that name."""
    known = (current_formula(), shipped_formula())
    return next((formula for formula in known if formula.version == version), None) or _earlier().get(version)


def choose(path: Path | None) -> None:
    """Score by the table in a file from now on; None: by the shipped one.

    Raises ValueError, in words for people, for a file that holds no table, or another one under the name of a version there has been.
    """
    if path is None:
        return use_formula(None)
    try:
        formula = read_formula(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{path} is no table of weights ({problem!s}); server/scoring/weights.toml is one.") from None
    measured = {signal.id for signal in all_signals() if signal.measure is not None}
    unknown = [term.signal for term in formula.terms if term.signal not in measured]
    if unknown:
        raise ValueError(f"{path} has weights for what is not measured here: {', '.join(unknown)}.")
    taken = {shipped_formula().version: shipped_formula(), **_earlier()}.get(formula.version)
    if taken is not None and taken != formula:
        raise ValueError(
            f"{path} calls itself version {formula.version}, which is another table; give it a name of its own."
        )
    return use_formula(formula)


@cache
def _earlier() -> dict[str, Formula]:
    formulas = (read_formula(path) for path in sorted(EARLIER.glob("*.toml")))
    return {formula.version: formula for formula in formulas}

"""Every version of the formula that was shipped stays what it was: stored scores name it."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from server.scoring.formula import Formula, current_formula, read_formula
from server.scoring.versions import EARLIER, formula_of

SHIPPED = {
    "1": "76056098b5528a98",
    "2": "0a535696bb6f1792",
}
"""Version -> checksum of its numbers. A line is added with every version, and never changed once that version was shipped."""


def checksum(formula: Formula) -> str:
    """Of all that decides a score; the words around it may be mended."""
    terms = [[t.signal, t.weight, t.curve.median, t.curve.p90, t.optional] for t in formula.terms]
    numbers = [formula.version, formula.base, formula.half_after_days, sorted(terms)]
    return sha256(json.dumps(numbers).encode()).hexdigest()[:16]


@pytest.mark.parametrize("version", [*SHIPPED, current_formula().version])
def test_a_version_of_the_formula_never_changes(version: str) -> None:
    formula = formula_of(version)
    assert formula is not None, f"version {version} was shipped; keep its table in {EARLIER.name}/{version}.toml"
    assert checksum(formula) == SHIPPED.get(version), (
        f"The numbers of version {version} are new. If it was never shipped, write its checksum into SHIPPED: "
        f'"{version}": "{checksum(formula)}". If it was, undo the change, or copy the old table to '
        f"{EARLIER.name}/{version}.toml, give weights.toml a new version and add a line for that one."
    )


def test_earlier_tables_are_named_by_their_version_and_none_is_the_current_one() -> None:
    for path in EARLIER.glob("*.toml"):
        assert read_formula(path).version == path.stem != current_formula().version


def test_a_version_that_never_was_is_none() -> None:
    assert formula_of("../weights") is None


def test_a_table_without_a_fade_does_not_fade() -> None:
    first = formula_of("1")
    assert first is not None
    assert first.fade(3650) == 1

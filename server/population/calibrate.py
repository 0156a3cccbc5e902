"""The reference population: where the middle and the top of a whole network lie, as the control points of the formula's curves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from server.errors import BadTable
from server.population.measures import MEASURED
from server.scoring.curves import LogNormal
from server.scoring.formula import Formula, Term
from server.scoring.versions import MEASURED_AS

FEWEST = 200
"""Accounts of which a measure is more than nothing: among fewer the 90th percentile rests on less than twenty."""

HEADER = """\
# A table of weights, written by `population calibrate`: score = base + fade x sum of weight x curve(measure); base and weights add up to 100.
# curve: log-normal, 0.5 at the median and 0.9 at the 90th percentile of the reference population.
# fade: 1 / (1 + (days since the newest post / half_after_days)^3).
"""


def read_scores(path: Path) -> pa.Table:
    """What ``population score`` wrote. Raises BadTable for anything else, and for measures taken in another form."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as problem:
        raise BadTable(f"{path} is no whole Parquet file ({str(problem).splitlines()[0]}).") from None
    missing = [name for name in ("score", *MEASURED) if name not in table.column_names]
    told = table.schema.metadata or {}
    if missing or b"scored_at" not in told:
        raise BadTable(f"{path} was not written by `population score`: write the scores of a network first.")
    if told[b"measured_as"] != str(MEASURED_AS).encode():
        raise BadTable(f"{path} was measured by another version of Rapport: score the network again.")
    return table


def calibrated(scores: pa.Table, formula: Formula, version: str, network: str) -> Formula:
    """The formula with its weights as they are, and with control points of the network that these scores are of.

    Control points are taken over the scored accounts of which a measure is more than nothing: most accounts of a network move nobody, and a
    curve through them would tell none of the others apart. What fewer than FEWEST show keeps the points it has. ``network``: what it is called.
    """
    scored = scores.filter(pc.is_valid(scores["score"]))
    day = datetime.fromtimestamp(int(scores.schema.metadata[b"scored_at"]), UTC).date()
    terms = tuple(_term(term, scored[term.signal].drop_null().to_numpy(), network, f"{day}") for term in formula.terms)
    kept = [term.signal for term, before in zip(terms, formula.terms, strict=True) if term.curve == before.curve]
    note = f"Weights as in version {formula.version}, fitted to judgements on its curves; nobody has judged pairs of accounts for this table."
    return Formula(
        version=version,
        base=formula.base,
        reference={
            "population": f"the {len(scored):,} scored accounts of {network} on {day}",
            "note": note
            + (f" Control points of version {formula.version} are kept for {', '.join(kept)}." if kept else ""),
        },
        terms=terms,
        half_after_days=formula.half_after_days,
    )


def _term(term: Term, values: np.ndarray, network: str, day: str) -> Term:
    some = values[values > 0]
    if len(some) < FEWEST:
        return term
    median, p90 = (_three_digits(float(point)) for point in np.quantile(some, (0.5, 0.9)))
    if not median < p90:
        return term
    provenance = f"weight as before; control points: the {len(some):,} accounts of {network} with any, {day}"
    return Term(term.signal, term.weight, LogNormal(median, p90), provenance, term.optional)


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def as_toml(formula: Formula) -> str:
    """The table as ``server.scoring.formula.read_formula`` reads it."""
    lines = [
        HEADER,
        f"version = {_text(formula.version)}",
        f"base = {formula.base!r}",
        f"half_after_days = {formula.half_after_days!r}",
        "",
    ]
    lines += ["[reference]", *(f"{name} = {_text(str(value))}" for name, value in formula.reference.items())]
    for term in formula.terms:
        lines += ["", "[[term]]", f"signal = {_text(term.signal)}", f"weight = {term.weight!r}"]
        lines += [
            f"median = {term.curve.median!r}",
            f"p90 = {term.curve.p90!r}",
            *(["optional = true"] if term.optional else []),
        ]
        lines += [f"provenance = {_text(term.provenance)}"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    # JSON's strings are TOML's, but for one character that JSON may leave bare.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

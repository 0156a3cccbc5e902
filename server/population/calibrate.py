"""The reference population: where the middle and the top of a whole network lie, as the control points of the formula's curves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
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
_FOLLOWERS, _RANKS = "engager_followers", "engager_ranks"

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
    missing = [name for name in ("account", "score", "pagerank", *MEASURED) if name not in table.column_names]
    told = table.schema.metadata or {}
    if missing or b"scored_at" not in told:
        raise BadTable(f"{path} was not written by `population score`: write the scores of a network first.")
    if told[b"measured_as"] != str(MEASURED_AS).encode():
        raise BadTable(f"{path} was measured by another version of Rapport: score the network again.")
    return table


def scored_at(scores: pa.Table) -> int:
    """As of when, seconds since 1970 UTC."""
    return int(scores.schema.metadata[b"scored_at"])


def ranks_in(scores: pa.Table) -> Iterator[tuple[str, float]]:
    """The id and the rank of every account that has one."""
    for batch in scores.select(["account", "pagerank"]).drop_null().to_batches():
        yield from zip(map(str, batch["account"].to_pylist()), batch["pagerank"].to_pylist(), strict=True)


def calibrated(scores: pa.Table, formula: Formula, version: str, network: str, ranks: bool = True) -> Formula:
    """The formula with its weights as they are, and with control points of the network that these scores are of.

    With ``ranks``, the weight of how many follow those who react is halved, and the other half given to their ranks in the network: until
    somebody judges pairs of accounts by both, neither is known to tell more. Where ranks are not known the table scores without them.

    Control points are taken over the scored accounts of which a measure is more than nothing: most accounts of a network move nobody, and a
    curve through them would tell none of the others apart. What fewer than FEWEST show keeps the points it has. ``network``: what it is called.
    """
    scored = scores.filter(pc.is_valid(scores["score"]))
    day = datetime.fromtimestamp(scored_at(scores), UTC).date()
    before = _with_ranks(formula.terms, scored) if ranks else formula.terms
    terms = tuple(_term(term, _values(scored, term.signal), network, f"{day}") for term in before)
    kept = [term.signal for term, old in zip(terms, before, strict=True) if term.curve == old.curve]
    note = f"Weights as in version {formula.version}, fitted to judgements on its curves; nobody has judged pairs of accounts for this table."
    if len(terms) > len(formula.terms):
        note += " The weight of how many follow those who react is halved; the other half is that of their ranks in the network."
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


def _values(scored: pa.Table, signal: str) -> np.ndarray:
    values: np.ndarray = scored[signal].drop_null().to_numpy()
    return values[values > 0]


def _with_ranks(terms: tuple[Term, ...], scored: pa.Table) -> tuple[Term, ...]:
    """The terms with one of ranks beside that of followers, unless there is one already or too few have any."""
    followers = next((term for term in terms if term.signal == _FOLLOWERS), None)
    ranks = _values(scored, _RANKS)
    if followers is None or any(term.signal == _RANKS for term in terms) or len(ranks) < FEWEST:
        return terms
    median, p90 = _points(ranks)
    if not median < p90:
        return terms
    half = round(followers.weight / 2, 3)
    # What is said of it is said with its control points.
    of_ranks = Term(_RANKS, half, LogNormal(median, p90), "", optional=True)
    return tuple(
        part
        for term in terms
        for part in ((replace(term, weight=term.weight - half), of_ranks) if term is followers else (term,))
    )


def _points(some: np.ndarray) -> tuple[float, float]:
    """Median and 90th percentile."""
    median, p90 = (_three_digits(float(point)) for point in np.quantile(some, (0.5, 0.9)))
    return median, p90


def _term(term: Term, some: np.ndarray, network: str, day: str) -> Term:
    if len(some) < FEWEST:
        return term
    median, p90 = _points(some)
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

"""Scoring history again after the formula changed: every stored time gets a score of the current version beside what it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from server.scoring.change import Cause, attribute
from server.scoring.explanation import signed, title_of
from server.scoring.formula import Formula, current_formula
from server.scoring.scored import Scored, score_again
from server.scoring.versions import formula_of
from server.signals.proportion import counted
from server.store.repository import Repository

BATCH = 500
MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Moved:
    """A score of one account, before and after."""

    ref: str
    before: Scored
    after: Scored

    @property
    def tenths(self) -> int:
        return (self.after.tenths or 0) - (self.before.tenths or 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done. ``without_score``: of those scored again, the ones too little was seen for. ``largest``: one per account."""

    scored: int = 0
    without_score: int = 0
    cannot: int = 0
    largest: tuple[Moved, ...] = field(default_factory=tuple)


def rescore(repository: Repository, say: Callable[[str], None], keep: bool = True, batch: int = BATCH) -> Tally:
    """Score again what the current version has not scored, batch by batch; each is a transaction, so this can be broken off any time.

    ``say`` is given a line after each batch. Without ``keep`` nothing is written.
    """
    formula = current_formula()
    again = partial(score_again, formula=formula)
    all_of_them, done, last, tally = repository.not_scored_by(formula.version), 0, 0, Tally()
    while True:
        found = repository.score_again(formula.version, again, last, batch, keep)
        if found.last == last:
            return tally
        last, done = found.last, done + len(found.scores)
        for ref, before, after in found.scores:
            tally = _counted(tally, ref, before, after)
        say(f"{done:,} of {all_of_them:,} looked at, {tally.scored:,} scored by version {formula.version}")


def _counted(tally: Tally, ref: str, before: Scored, after: Scored | None) -> Tally:
    if after is None:
        return replace(tally, cannot=tally.cannot + 1)
    tally = replace(tally, scored=tally.scored + 1)
    if after.tenths is None:
        return replace(tally, without_score=tally.without_score + 1)
    return replace(tally, largest=_with(tally.largest, Moved(ref, before, after)))


def _with(largest: tuple[Moved, ...], new: Moved) -> tuple[Moved, ...]:
    """The largest changes, one per account, largest first."""
    known = next((moved for moved in largest if moved.ref == new.ref), None)
    if not new.tenths or (known and abs(known.tenths) >= abs(new.tenths)):
        return largest
    kept = [moved for moved in largest if moved is not known] + [new]
    return tuple(sorted(kept, key=lambda moved: (-abs(moved.tenths), moved.ref))[:MOST_TOLD])


def summary(tally: Tally, keep: bool) -> Iterator[str]:
    """What was done, for people, line by line."""
    formula = current_formula()
    were = "would be scored" if not keep else "scored"
    times = counted(tally.scored, "stored time", "stored times")
    if not tally.scored and not tally.cannot:
        yield f"Nothing to do: every stored time has a score of version {formula.version}."
        return
    without = f"; too little was seen at {tally.without_score:,} of them for a score" if tally.without_score else ""
    yield f"{times} {were} again by version {formula.version} of the formula{without}."
    if tally.cannot:
        cannot = counted(tally.cannot, "stored time", "stored times")
        yield f"{cannot} cannot be: the measures that this version needs were not kept. Charts draw a line there."
    if tally.largest:
        yield "The largest changes:"
        yield from (f"  {explained(moved, formula)}" for moved in tally.largest)


def explained(moved: Moved, formula: Formula) -> str:
    """One change in a line: ``bluesky:did:plc:x on 3 May 2026: 41.2 → 39.8: new formula −1.4 (Followers −2.0, …)``."""
    when = datetime.fromtimestamp(moved.before.scored_at, UTC)
    line = f"{moved.ref} on {when.day} {when:%b %Y}: {_shown(moved.before)} → {_shown(moved.after)}"
    old = formula_of(moved.before.formula_version)
    change = old and attribute(moved.before, old, moved.after, formula)
    if not change:
        return f"{line}: new formula {signed(moved.tenths)}"
    parts = []
    for part in change.parts:
        by_signal = ", ".join(f"{title_of(signal)} {signed(tenths)}" for signal, tenths in change.by_formula)
        detail = f" ({by_signal})" if part.cause is Cause.FORMULA and by_signal else ""
        parts.append(
            f"{'new formula' if part.cause is Cause.FORMULA else part.cause.value} {signed(part.tenths)}{detail}"
        )
    return f"{line}: {', '.join(parts)}"


def _shown(scored: Scored) -> str:
    return f"{(scored.tenths or 0) / 10:.1f}"

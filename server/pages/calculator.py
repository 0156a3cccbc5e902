"""The calculator: numbers out of an address, and what the formula makes of them, in the shape of a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from server.pages.drawing import CurvePicture, draw_curve, slider_ends
from server.report import pillars_json
from server.scoring.formula import Formula, Term
from server.scoring.tally import Tally, tally
from server.scoring.what_if import FOLLOWERS, LARGEST, LONGEST_SILENCE, REACH, measures_of
from server.signals import all_signals
from server.signals.followers import FOLLOWERS_PER_REACH
from server.signals.proportion import amount
from server.signals.signal import Axis, Signal

Json = dict[str, Any]

DAYS_SILENT = "days_silent"
LONGEST_TEXT = 40
"""More characters than the exact text of any number of double precision has."""
SHOWN_TEXT = 60
WHOLE = frozenset({FOLLOWERS, "listed", DAYS_SILENT})
"""What comes in whole numbers; its slider moves in them."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """One number that can be set: its text as it stands in the field, what is wrong with it, and the ends of its slider."""

    name: str
    title: str
    unit: str
    text: str
    error: str
    usual: float
    """What it is set to when it was not seen before: the middle of its curve."""
    low: float
    high: float
    most: float
    curve: CurvePicture | None = None
    """Its curve, with nothing on it."""

    @property
    def whole(self) -> bool:
        return self.name in WHOLE


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. A measure that is in neither ``stated`` nor ``errors`` is not seen."""

    stated: dict[str, float]
    days_silent: float
    texts: dict[str, str]
    errors: dict[str, str]
    other_version: str
    """The version of the formula that was asked for, when it is not this one; empty otherwise."""


def read_asked(given: MultiDict[str, str], formula: Formula) -> Asked:
    """The numbers of an address; without any, those of an account in the middle of every curve."""
    other_version = next((v for v in given.getlist("version") if v != formula.version), "")[:SHOWN_TEXT]
    names = [term.signal for term in formula.terms]
    if not any(name in given for name in (*names, DAYS_SILENT)):
        return _in_the_middle(formula, other_version)
    texts, numbers, errors = {}, {}, {}
    for name in (*names, DAYS_SILENT):
        every = given.getlist(name) or [""]
        texts[name] = every[0].strip()[:SHOWN_TEXT]
        try:
            number = _only(every, LONGEST_SILENCE if name == DAYS_SILENT else LARGEST)
        except ValueError as problem:
            errors[name] = str(problem)
        else:
            if number is not None:
                numbers[name] = number
    days = numbers.pop(DAYS_SILENT, 0.0)
    return Asked(numbers, days, texts, errors, other_version)


def _in_the_middle(formula: Formula, other_version: str) -> Asked:
    stated = {term.signal: term.curve.median for term in formula.terms if not term.optional}
    texts = {name: as_text(value) for name, value in stated.items()}
    return Asked(stated, 0.0, texts | {DAYS_SILENT: "0"}, {}, other_version)


def _only(every: list[str], most: float) -> float | None:
    """The one number given; None for an empty field. Raises ValueError that says what is wrong and what to type."""
    if len(every) > 1:
        raise ValueError("This was given more than once. Type one number.")
    text = every[0].strip()
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"That is too long for a number. Type one of at most {most:,.0f}.")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"“{text}” is not a number. Type digits, with a point for decimals, such as 1200 or 3.5.")
    number = float(text)
    if number < 0:
        raise ValueError("This cannot be below zero. Type 0 or more, or leave it empty.")
    if number > most:
        raise ValueError(f"“{text}” is more than there can be. Type at most {most:,.0f}.")
    return abs(number)


def as_text(number: float) -> str:
    """A number so that reading it gives the very same one: ``5400``, ``3.0712345678901234``."""
    return str(int(number)) if number == int(number) else repr(float(number))


def address_values(report: Json) -> dict[str, str]:
    """What the calculator's address holds for the very score of a report; empty for one that cannot be calculated again."""
    stated: Mapping[str, float] = report.get("calculator") or {}
    return {"version": report["formula_version"]} | {n: as_text(v) for n, v in stated.items()} if stated else {}


def fields(asked: Asked, formula: Formula) -> dict[str, Field]:
    """Every number that can be set, by its name."""
    signals = {signal.id: signal for signal in all_signals()}
    found = {term.signal: _field(term, signals[term.signal], asked) for term in formula.terms}
    silence = Field(
        DAYS_SILENT,
        "Days without a post",
        "days",
        asked.texts.get(DAYS_SILENT, "") or "0",
        asked.errors.get(DAYS_SILENT, ""),
        usual=0.0,
        low=1.0,
        high=1000.0,
        most=LONGEST_SILENCE,
    )
    return found | {DAYS_SILENT: silence}


def _field(term: Term, signal: Signal, asked: Asked) -> Field:
    low, high = slider_ends(term.curve.median, term.curve.p90)
    return Field(
        signal.id,
        signal.title,
        signal.unit,
        asked.texts.get(signal.id, ""),
        asked.errors.get(signal.id, ""),
        usual=term.curve.median,
        low=max(low, 1.0) if signal.id in WHOLE else low,
        high=high,
        most=LARGEST,
        curve=draw_curve(term.curve.median, term.curve.p90),
    )


def result(asked: Asked, formula: Formula) -> Json:
    """What the formula makes of it: ``score`` (None: too little seen, or a field at fault), ``pillars`` and ``signals`` as reports have them."""
    measures = measures_of(asked.stated)
    tallied = None if asked.errors else tally(measures, asked.days_silent, formula)
    terms = {term.signal: term for term in formula.terms}
    return {
        "score": tallied and _score(tallied, measures, formula),
        "pillars": pillars_json(tallied) if tallied else [],
        "signals": [
            _signal(signal, terms[signal.id], measures.get(signal.id), tallied)
            for signal in all_signals()
            if signal.id in terms and signal.axis is Axis.INFLUENCE
        ],
    }


def _score(tallied: Tally, measures: Mapping[str, float], formula: Formula) -> Json:
    awake = tally(measures, 0.0, formula)
    return {
        "value": tallied.value,
        "exact": tallied.total / 10,
        "base": tallied.base / 10,
        "fade": tallied.fade,
        "without_fade": awake.total / 10 if awake else None,
        "weight_seen": tallied.weight_seen,
    }


def _signal(signal: Signal, term: Term, value: float | None, tallied: Tally | None) -> Json:
    tenths = tallied.tenths.get(signal.id) if tallied else None
    return {
        "id": signal.id,
        "title": signal.title,
        "axis": signal.axis.value,
        "pillar": signal.pillar.value if signal.pillar else None,
        "unit": signal.unit,
        "state": "missing" if value is None else "found",
        "value": value,
        "points": None if tenths is None else tenths / 10,
        "of": round(tallied.of[signal.id], 1) if tallied and tenths is not None else None,
        "curve": {"median": term.curve.median, "p90": term.curve.p90},
        "evidence": [],
    }


def followers_counted(asked: Asked) -> str:
    """How many of the followers stated count, and why; empty when none are stated."""
    if FOLLOWERS not in asked.stated or REACH in asked.errors:
        return ""
    stated, counted = asked.stated[FOLLOWERS], measures_of(asked.stated)[FOLLOWERS]
    reach = next(signal.title for signal in all_signals() if signal.id == REACH)
    if REACH not in asked.stated:
        return f"All of them count, because “{reach}” is not seen."
    if counted == stated:
        return f"All of them count: at most {FOLLOWERS_PER_REACH} do for each step of “{reach}”."
    return f"{amount(counted)} of them count: at most {FOLLOWERS_PER_REACH} for each step of “{reach}”."


def fade_told(asked: Asked, score: Json | None) -> str:
    """What the silence costs; empty without one, or without a score."""
    if score is None or not asked.days_silent:
        return ""
    return f"{score['exact']:.1f} points; {score['without_fade']:.1f} without the silence."

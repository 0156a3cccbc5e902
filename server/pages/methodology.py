"""How a score comes about, put together from the signals' own texts and the constants the code runs with."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from server.pages.drawing import CurvePicture, draw_curve
from server.scoring import formula as formulas
from server.scoring import interval, measures, sample, verdict
from server.scoring.formula import Formula, Term
from server.scoring.verdict import AUTOMATION, GAMING, VerdictId
from server.signals import all_signals
from server.signals.proportion import percent
from server.signals.signal import Axis, Pillar, Signal


@dataclass(frozen=True, slots=True)
class SignalText:
    """One signal as /methodology describes it."""

    signal: Signal
    term: Term | None
    curve: CurvePicture | None
    mark: str
    """When it counts as a mark of automation or gaming; empty for the others."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a verdict is given."""

    verdict: VerdictId
    text: str


def signal_texts(formula: Formula, axis: Axis, pillar: Pillar | None = None) -> list[SignalText]:
    """Every signal of an axis (and pillar), heaviest first."""
    terms = {term.signal: term for term in formula.terms}
    texts = [_text(s, terms.get(s.id)) for s in all_signals() if s.axis is axis and s.pillar is pillar]
    return sorted(texts, key=lambda t: -(t.term.weight if t.term else 0.0))


def _text(signal: Signal, term: Term | None) -> SignalText:
    curve = draw_curve(term.curve.median, term.curve.p90) if term else None
    return SignalText(signal, term, curve, _mark(signal))


def _mark(signal: Signal) -> str:
    if signal.id not in (*AUTOMATION, *GAMING):
        return ""
    module = import_module(signal.find.__module__)
    return (
        f"Marked as present when the whole interval lies above {percent(module.SOME_SHARE)}, "
        f"as strongly present above {percent(module.STRONG_SHARE)}."
    )


def rules() -> list[Rule]:
    """The verdicts in the order in which they are asked for: the first that holds is given."""
    title = {signal.id: f"“{signal.title}”" for signal in all_signals()}
    automation = ", ".join(title[name] for name in AUTOMATION)
    gaming = " or ".join(title[name] for name in GAMING)
    return [
        Rule(VerdictId.DECLARED_BOT, "The account says of itself, in its profile, that it is automated."),
        Rule(
            VerdictId.TOO_LITTLE,
            f"Fewer than {verdict.FEWEST_POSTS} posts, replies and reposts were seen in the last {sample.WINDOW_DAYS} days; or the reply "
            f"share is known no better than within {round(verdict.WIDEST_SHARE * 100)} percentage points.",
        ),
        Rule(VerdictId.GAMES_ITS_NUMBERS, f"{gaming} is strongly present."),
        Rule(
            VerdictId.LOOKS_AUTOMATED,
            f"Of {automation}, one is strongly present and at least one more is present; and the account does not talk with people "
            f"(the lower end of its reply share lies below {percent(verdict.SOME_SHARE)}).",
        ),
        Rule(
            VerdictId.IN_CONVERSATION,
            f"At least {percent(verdict.CONVERSATION_SHARE)} of what it says answers somebody; or at least "
            f"{percent(verdict.ANSWERING_SHARE)}, and it answers {percent(verdict.ANSWERING_RATE)} or more of the people who write to it. "
            f"With at least {verdict.FEWEST_PARTNERS:.0f} people (effective number) where it is shown whom it answers.",
        ),
        Rule(VerdictId.SOME_REPLIES, f"At least {percent(verdict.SOME_SHARE)} of what it says answers somebody."),
        Rule(VerdictId.BROADCASTS, "It answers hardly anybody."),
    ]


def constants() -> dict[str, Any]:
    """The numbers of the measuring and of the interval, by the names the page uses."""
    return {
        "window_days": sample.WINDOW_DAYS,
        "half_life_days": sample.HALF_LIFE_DAYS,
        "resamples": sample.RESAMPLES,
        "reply_weight": measures.REPLY_WEIGHT,
        "least_weight_seen": formulas.LEAST_WEIGHT_SEEN,
        "confidence": interval.CONFIDENCE,
        "unseen_range": interval.UNSEEN_RANGE,
        "least_half_width": interval.LEAST_HALF_WIDTH,
        "small_sample": interval.SMALL_SAMPLE,
        "fewest_posts": verdict.FEWEST_POSTS,
    }


def by_hand(formula: Formula) -> list[Signal]:
    """The signals whose control points were not measured on the reference population."""
    names = {term.signal for term in formula.terms if term.provenance.startswith("by hand")}
    return [signal for signal in all_signals() if signal.id in names]

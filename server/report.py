"""The report: everything said of one account at one time, and its JSON form."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from server.activity import Activity
from server.scoring import interval as intervals
from server.scoring import measures as statistics
from server.scoring.formula import Formula, Points, current_formula, points
from server.scoring.measures import Measures
from server.scoring.sample import WINDOW_DAYS, Sample
from server.scoring.verdict import FEWEST_POSTS, Verdict, judge, ratio
from server.signals import all_signals
from server.signals.proportion import counted
from server.signals.signal import Finding, Pillar, Signal, State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Score:
    """Influence, 1 to 100. ``tenths`` is the score in tenths of a point: what the displayed points add up to."""

    tenths: int
    low: int
    high: int

    @property
    def value(self) -> int:
        return max(1, (self.tenths + 5) // 10)


@dataclass(frozen=True, slots=True)
class SignalResult:
    """A signal as it came out, with the tenths of a point it earned and could have earned (None: engagement, or not measured)."""

    signal: Signal
    finding: Finding
    tenths: int | None
    of: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. ``measures`` are the point values the score was made from, kept so that history can be scored again."""

    activity: Activity
    scored_at: int
    formula_version: str
    score: Score | None
    verdict: Verdict
    results: tuple[SignalResult, ...]
    replies: int
    broadcasts: int
    posts_seen: int
    measures: dict[str, float]
    base_tenths: int

    @property
    def state(self) -> str:
        return "too_little" if self.score is None else "ready"


def compose(activity: Activity, now: int, formula: Formula | None = None) -> Report:
    """Measure, score and judge an activity."""
    formula = formula or current_formula()
    sample = Sample(activity, now)
    measures, broken = _measure(sample)
    earned = points(measures, formula) if len(sample.rows) >= FEWEST_POSTS else None
    findings = {s.id: _find(s, sample, measures, broken) for s in all_signals()}
    score, tenths, base = _round(earned, formula, len(sample.rows))
    return Report(
        activity=activity,
        scored_at=now,
        formula_version=formula.version,
        score=score,
        verdict=judge(sample, findings),
        results=tuple(
            SignalResult(s, findings[s.id], tenths.get(s.id), earned.of.get(s.id) if earned else None)
            for s in all_signals()
        ),
        replies=len(sample.replies),
        broadcasts=len(sample.broadcasts),
        posts_seen=len(sample.rows),
        measures={name: float(values[0]) for name, values in measures.items() if values[0] == values[0]},
        base_tenths=base,
    )


def _measure(sample: Sample) -> tuple[Measures, set[str]]:
    """Every measure, and the ids of those whose code failed: an error costs only its own signal."""
    measured, broken = {}, set()
    for signal in all_signals():
        if signal.measure is None:
            continue
        try:
            measured[signal.id] = signal.measure(sample)
        except Exception:
            log.exception("signal %s could not be measured", signal.id)
            measured[signal.id] = statistics.missing()
            broken.add(signal.id)
    return measured, broken


def _find(signal: Signal, sample: Sample, measures: Measures, broken: set[str]) -> Finding:
    failed = Finding(State.ERROR, "This could not be computed; the other signals stand.")
    if signal.id in broken:
        return failed
    try:
        return signal.find(sample, measures)
    except Exception:
        log.exception("signal %s could not be found", signal.id)
        return failed


def _round(earned: Points | None, formula: Formula, posts: int) -> tuple[Score | None, dict[str, int], int]:
    """The score in tenths, and tenths per signal and for the base that add up to it exactly."""
    if earned is None:
        return None, {}, 0
    low, high = intervals.interval(earned, posts)
    total = round(float(earned.total[0]) * 10)
    exact = [formula.base * 10] + [float(values[0]) * 10 for values in earned.earned.values()]
    base, *tenths = largest_remainder(exact, total)
    score = Score(total, low=max(1, round(low)), high=min(100, round(high)))
    return score, dict(zip(earned.earned, tenths, strict=True)), base


def largest_remainder(exact: Sequence[float], total: int) -> list[int]:
    """Whole numbers nearest to ``exact`` that add up to ``total`` (Hamilton's method); a zero stays zero where possible."""
    whole = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: max(0, total - sum(whole))]:
        whole[i] += 1
    return whole


def _pillars(report: Report) -> list[dict[str, Any]]:
    if report.score is None:
        return []
    tenths = dict.fromkeys(Pillar, 0)
    of = dict.fromkeys(Pillar, 0.0)
    tenths[Pillar.TRUE_REACH] += report.base_tenths
    of[Pillar.TRUE_REACH] += report.base_tenths / 10
    for result in report.results:
        if result.signal.pillar is not None and result.tenths is not None:
            tenths[result.signal.pillar] += result.tenths
            of[result.signal.pillar] += result.of or 0.0
    rounded = largest_remainder([tenths[pillar] / 10 for pillar in Pillar], report.score.value)
    return [
        {
            "id": pillar.value,
            "title": pillar.label,
            "points": tenths[pillar] / 10,
            "rounded": whole,
            "of": round(of[pillar], 1),
        }
        for pillar, whole in zip(Pillar, rounded, strict=True)
    ]


def moment(seconds: int) -> str:
    """Seconds since 1970 as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signal_json(result: SignalResult, formula: Formula) -> dict[str, Any]:
    signal, finding = result.signal, result.finding
    term = next((t for t in formula.terms if t.signal == signal.id), None)
    return {
        "id": signal.id,
        "title": signal.title,
        "axis": signal.axis.value,
        "pillar": signal.pillar.value if signal.pillar else None,
        "state": finding.state.value,
        "value": _digits(finding.value),
        "low": _digits(finding.low),
        "high": _digits(finding.high),
        "unit": signal.unit,
        "points": None if result.tenths is None else result.tenths / 10,
        "of": None if result.of is None else round(result.of, 1),
        "sentence": finding.sentence,
        "why": signal.why,
        "source": signal.source,
        "curve": None if term is None else {"median": term.curve.median, "p90": term.curve.p90},
        "mark": finding.mark.value,
        "evidence": [asdict(e) for e in finding.evidence],
    }


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _coverage_json(report: Report) -> dict[str, Any]:
    activity, total = report.activity, report.activity.profile.posts
    seen, in_window = len(activity.posts), report.posts_seen
    complete = activity.coverage.timeline_complete
    all_of_them = ", all of them" if complete else ""
    sentence = f"{counted(in_window, 'post', 'posts')} of the last {WINDOW_DAYS} days seen{all_of_them}"
    if not in_window:
        sentence = f"No post of the last {WINDOW_DAYS} days seen"
    elif not complete and total is not None and total > in_window:
        sentence = f"{in_window:,} of {counted(total, 'post', 'posts')} seen"
    return {
        "posts_seen": in_window,
        "posts_total": total,
        "days": WINDOW_DAYS,
        "oldest": moment(int(activity.posts.time.min())) if seen else None,
        "timeline_complete": complete,
        "threads_read": _threads_read(activity),
        "share": report_weight_seen(report),
        "sentence": sentence,
    }


def _threads_read(activity: Activity) -> int:
    """Threads, not posts: the account's own answers inside one thread are read with it."""
    posts, read = activity.posts, set(activity.coverage.threads_read)
    return len({thread or post for post, thread in zip(posts.id, posts.conversation, strict=True) if post in read})


def report_weight_seen(report: Report) -> float:
    """Share of the formula's weight whose measures could be had."""
    terms = current_formula().terms
    return round(sum(t.weight for t in terms if t.signal in report.measures) / sum(t.weight for t in terms), 3)


def to_json(report: Report, formula: Formula | None = None) -> dict[str, Any]:
    """The report as the API, the pages and the extension show it. Times are RFC 3339 UTC; points have one decimal and add up."""
    formula = formula or current_formula()
    profile, score = report.activity.profile, report.score
    share = next(r.finding for r in report.results if r.signal.id == "reply_share")
    return {
        "state": report.state,
        "account": {
            "network": profile.ref.network,
            "id": str(profile.ref),
            "handle": profile.handle,
            "display_name": profile.display_name,
            "url": profile.url,
            "created_at": None if profile.created_at is None else moment(profile.created_at),
            "followers": profile.followers,
            "following": profile.following,
            "posts": profile.posts,
        },
        "score": score
        and {
            "value": score.value,
            "exact": score.tenths / 10,
            "low": score.low,
            "high": score.high,
            "confidence": intervals.CONFIDENCE,
            "base": report.base_tenths / 10,
        },
        "pillars": _pillars(report),
        "verdict": {"id": report.verdict.id.value, "title": report.verdict.title, "sentence": report.verdict.sentence},
        "balance": {
            "replies": report.replies,
            "broadcasts": report.broadcasts,
            "ratio": ratio(report.replies, report.broadcasts),
            "share": _digits(share.value),
            "low": _digits(share.low),
            "high": _digits(share.high),
        },
        "signals": [_signal_json(result, formula) for result in report.results],
        "coverage": _coverage_json(report),
        "depth": report.activity.coverage.depth.value,
        "gathered_at": moment(report.activity.gathered_at),
        "scored_at": moment(report.scored_at),
        "formula_version": report.formula_version,
    }

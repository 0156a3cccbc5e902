"""The report: everything said of one account at one time, and its JSON form."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from server.activity import Activity
from server.ontology import NO_ONTOLOGY, Ontology
from server.scoring import interval as intervals
from server.scoring import languages
from server.scoring import measures as statistics
from server.scoring.facts import Facts, facts_of
from server.scoring.formula import Formula, Points, current_formula, points
from server.scoring.measures import Measures
from server.scoring.reactions import SAME_PEOPLE
from server.scoring.sample import WINDOW_DAYS, Sample, silent_days
from server.scoring.tally import Tally, shown, tally
from server.scoring.topics import NAMED, NO_BACKGROUND, Answered, Background, Topic
from server.scoring.verdict import FEWEST_POSTS, Verdict, judge, ratio
from server.scoring.what_if import stated_by
from server.signals import all_signals
from server.signals.proportion import amount, counted
from server.signals.signal import Axis, Finding, Pillar, Signal, State

log = logging.getLogger(__name__)

NOT_OF_REACTIONS = {"listed", "engager_followers", "engager_ranks"}
"""Measures that do not fall with what reactions are worth."""


@dataclass(frozen=True, slots=True)
class Score:
    """Influence, 1 to 100. ``tenths`` is the score in tenths of a point: what the displayed points add up to."""

    tenths: int
    low: int
    high: int

    @property
    def value(self) -> int:
        return shown(self.tenths)


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
    days_silent: float
    """Days since the newest post; what they left of the points is ``fade``, 0 to 1."""
    fade: float
    measures: dict[str, float]
    tally: Tally | None
    """What the points are and how they add up; None without a score."""
    pillar_intervals: dict[Pillar, tuple[float, float]]
    """90 % interval of each pillar's points, the base with the first; empty without a score."""
    facts: Facts

    @property
    def state(self) -> str:
        return "too_little" if self.score is None else "ready"


def compose(
    activity: Activity, now: int, formula: Formula | None = None, background: Background = NO_BACKGROUND
) -> Report:
    """Measure, score and judge an activity. ``background``: what other accounts talk about."""
    formula = formula or current_formula()
    sample, lately, silent = Sample(activity, now), Sample.of_influence(activity, now), silent_days(activity, now)
    measures, broken = _measure(lately)
    findings = {s.id: _find(s, lately if s.axis is Axis.INFLUENCE else sample, measures, broken) for s in all_signals()}
    earned = points(measures, formula, silent) if len(lately.rows) >= FEWEST_POSTS else None
    known = {name: float(values[0]) for name, values in measures.items() if values[0] == values[0]}
    tallied = tally(known, silent, formula)
    discounted = points(_if_discounted(measures), formula, silent) if earned and not lately.engaged_posts else None
    score = _score(earned, discounted, tallied, lately)
    tallied = tallied if score else None
    weighed = {term.signal for term in formula.terms}
    return Report(
        activity=activity,
        scored_at=now,
        formula_version=formula.version,
        score=score,
        verdict=judge(sample, findings),
        results=tuple(
            SignalResult(
                s,
                findings[s.id],
                tallied.tenths.get(s.id) if tallied else None,
                tallied.of.get(s.id) if tallied else None,
            )
            for s in all_signals()
            # What the table in use gives no weight says nothing about this score.
            if s.measure is None or s.id in weighed
        ),
        replies=len(sample.replies),
        broadcasts=len(sample.broadcasts),
        posts_seen=len(sample.rows),
        days_silent=silent,
        fade=formula.fade(silent),
        measures=known,
        tally=tallied,
        pillar_intervals=_pillar_intervals(earned, formula, lately, findings) if earned and score else {},
        facts=facts_of(sample, background),
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


def _if_discounted(measures: Measures) -> Measures:
    """What would be measured if the same people turned out to have reacted to every post."""
    return {name: v if name in NOT_OF_REACTIONS else v * SAME_PEOPLE for name, v in measures.items()}


def _score(earned: Points | None, discounted: Points | None, tallied: Tally | None, sample: Sample) -> Score | None:
    """The tally's score with its interval; None when too little is known to tell it."""
    if earned is None or tallied is None:
        return None
    least = float(discounted.total[0]) if discounted else None
    low, high = intervals.interval(earned, sample.effective_posts, least)
    if high - low > intervals.WIDEST:
        return None
    return Score(tallied.total, low=max(1, round(low)), high=min(100, round(high)))


def _pillar_intervals(
    earned: Points, formula: Formula, sample: Sample, findings: Mapping[str, Finding]
) -> dict[Pillar, tuple[float, float]]:
    found = {}
    for pillar in Pillar:
        names = [s.id for s in all_signals() if s.pillar is pillar and s.id in earned.earned]
        base = formula.base if pillar is Pillar.TRUE_REACH else 0.0
        if names:
            drawn = base + np.sum([earned.earned[name] for name in names], axis=0)
            most = base + sum(earned.of[name] for name in names)
            # What Network is drawn from are people, not posts.
            people = max((findings[name].count for name in names), default=0)
            effective = people if pillar is Pillar.NETWORK else sample.effective_posts
            found[pillar] = intervals.interval_of_part(drawn, most, effective)
    return found


def pillars_json(tallied: Tally, between: Mapping[Pillar, tuple[float, float]] | None = None) -> list[dict[str, Any]]:
    """The three pillars as reports hold them: points with one decimal, and whole ones that add up to the score.

    ``between``: the 90 % interval of each pillar's points, where there is one.
    """
    known = between or {}
    return [
        {
            "id": part.pillar.value,
            "title": part.pillar.label,
            "points": part.tenths / 10,
            "rounded": part.rounded,
            "of": round(part.of, 1),
            "low": round(known[part.pillar][0], 1) if part.pillar in known else None,
            "high": round(known[part.pillar][1], 1) if part.pillar in known else None,
        }
        for part in tallied.pillars
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
        "evidence": [{"url": e.url, "text": e.text} for e in finding.evidence],
    }


def _calculator_json(report: Report) -> dict[str, float] | None:
    """What the page /calculator is asked, to the last digit, for this very score."""
    if report.tally is None:
        return None
    counted = {name: report.measures[name] for name in report.tally.tenths}
    return stated_by(counted, report.activity.profile.followers) | {"days_silent": report.days_silent}


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


def _facts_json(facts: Facts, ontology: Ontology) -> dict[str, Any]:
    answered, of = facts.strangers or (0, 0)
    return {
        "last_post": None if facts.last_post is None else moment(facts.last_post),
        "posts_per_week": None if facts.posts_per_week is None else round(facts.posts_per_week, 1),
        "talks_about": [_topic_json(topic, ontology) for topic in facts.topics],
        "languages": [
            {"language": spoken.language, "name": spoken.name, "share": round(spoken.share, 3)}
            for spoken in facts.languages
        ],
        "written": languages.in_words(facts.languages),
        "answers_strangers": {"answered": answered, "of": of} if facts.strangers else None,
    }


def topic_label(tag: str, ontology: Ontology) -> str:
    """What a topic is called: a hashtag with its ``#``, one that words name (``~`` before it) by its name."""
    if not tag.startswith(NAMED):
        return f"#{tag}"
    filed = ontology.find(tag.removeprefix(NAMED))
    return filed.name if filed else tag.removeprefix(NAMED)


def label_of(topic: Mapping[str, Any]) -> str:
    """What a topic of a report is called, as ``topic_label`` says; reports of older versions know hashtags only."""
    return str(topic.get("label") or f"#{topic['tag']}")


def _topic_json(topic: Topic, ontology: Ontology) -> dict[str, Any]:
    tag = topic.tag.removeprefix(NAMED)
    filed = ontology.find(tag)
    return {
        "tag": tag,
        "label": topic_label(topic.tag, ontology),
        "is_hashtag": not topic.tag.startswith(NAMED),
        "posts": topic.posts,
        "days": topic.days,
        "share": round(topic.share, 3),
        "name": filed.name if filed else None,
        "within": list(filed.within) if filed else [],
        "evidence": [{"url": url, "text": f"Post of {_minute(time)}"} for url, time in topic.newest],
        "answered": topic.answered and _answered_json(topic.answered),
    }


def _answered_json(answered: Answered) -> dict[str, Any]:
    rates = f"typically {amount(answered.per_post)} replies and reposts, against {amount(answered.others)} on its other posts"
    # Of less nothing is said: where people answer more on one topic, they answer less on all the others.
    sentence = f"People answer more on these posts: {rates}." if answered.low > 0 else ""
    return {
        "per_post": round(answered.per_post, 2),
        "others": round(answered.others, 2),
        "low": round(answered.low, 2),
        "high": round(answered.high, 2),
        "sentence": sentence,
    }


def _minute(seconds: int) -> str:
    when = datetime.fromtimestamp(seconds, UTC)
    return f"{when.day} {when:%b %Y, %H:%M}"


def _threads_read(activity: Activity) -> int:
    """Threads, not posts: the account's own answers inside one thread are read with it."""
    posts, read = activity.posts, set(activity.coverage.threads_read)
    return len({thread or post for post, thread in zip(posts.id, posts.conversation, strict=True) if post in read})


def report_weight_seen(report: Report) -> float:
    """Share of the formula's weight whose measures could be had."""
    terms = [t for t in current_formula().terms if t.signal in report.measures or not t.optional]
    return round(sum(t.weight for t in terms if t.signal in report.measures) / sum(t.weight for t in terms), 3)


def to_json(report: Report, formula: Formula | None = None, ontology: Ontology = NO_ONTOLOGY) -> dict[str, Any]:
    """The report as the API, the pages and the extension show it. Times are RFC 3339 UTC; points have one decimal and add up.

    ``ontology``: by what names hashtags are filed.
    """
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
            "moved_to": profile.moved_to or None,
        },
        "score": score
        and {
            "value": score.value,
            "exact": score.tenths / 10,
            "low": score.low,
            "high": score.high,
            "confidence": intervals.CONFIDENCE,
            "base": report.tally.base / 10 if report.tally else 0.0,
            "fade": round(report.fade, 3),
            "days_silent": max(0, int(report.days_silent)),
        },
        "pillars": pillars_json(report.tally, report.pillar_intervals) if report.tally else [],
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
        "facts": _facts_json(report.facts, ontology),
        "coverage": _coverage_json(report),
        "calculator": _calculator_json(report),
        "depth": report.activity.coverage.depth.value,
        "gathered_at": moment(report.activity.gathered_at),
        "scored_at": moment(report.scored_at),
        "formula_version": report.formula_version,
    }

"""Accounts side by side: which differences are larger than the noise, in sentences a person would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from server.report import label_of
from server.scoring.formula import Agreement
from server.signals.proportion import percent

Json = Mapping[str, Any]
FEWEST, MOST = 2, 5
"""Accounts compared at once."""


def name_of(report: Json) -> str:
    """What a person calls the account of a report."""
    account = report["account"]
    return str(account["display_name"] or account["handle"])


def overlap(one: Json, other: Json) -> bool:
    """Do two intervals (``low`` to ``high``) have a value in common? Then which is higher cannot be told."""
    return bool(one["low"] <= other["high"] and other["low"] <= one["high"])


def in_words(reports: Sequence[Json], agreement: Sequence[Agreement]) -> list[str]:
    """What can be said of these accounts, score first, then who answers people.

    ``agreement``: how often people agree with a difference, of the formula that made the scores.
    """
    return [*_of_scores(reports, agreement), *_of_replies(reports)]


def obstacle(reports: Sequence[Json]) -> str:
    """Why the scores cannot be compared; empty when they can."""
    if len({report["account"]["network"] for report in reports}) > 1:
        return "Scores of different networks are not on one scale: what is a lot on one is little on another."
    if len({report["formula_version"] for report in reports if report["score"]}) > 1:
        return "Their scores were made by different versions of the formula. Look again once both have been read anew."
    return ""


@dataclass(frozen=True, slots=True)
class SharedTopics:
    """What the same accounts talk about, as it is called, and what these accounts are called."""

    names: tuple[str, ...]
    topics: tuple[str, ...]


def shared_topics(reports: Sequence[Json]) -> list[SharedTopics]:
    """What two or more of these accounts talk about, what most of them share first; as far as their reports tell topics."""
    who: dict[str, tuple[int, ...]] = {}
    for place, report in enumerate(reports):
        for topic in (report.get("facts") or {}).get("talks_about", ()):
            label = label_of(topic)
            who[label] = (*who.get(label, ()), place)
    together: dict[tuple[int, ...], list[str]] = {}
    for label, places in who.items():
        if len(places) >= FEWEST:
            together.setdefault(places, []).append(label)
    return [
        SharedTopics(tuple(name_of(reports[place]) for place in places), tuple(labels))
        for places, labels in sorted(together.items(), key=lambda item: (-len(item[0]), item[0]))
    ]


def _of_scores(reports: Sequence[Json], agreement: Sequence[Agreement]) -> list[str]:
    scored = sorted((r for r in reports if r["score"]), key=lambda r: -float(r["score"]["exact"]))
    unscored = [f"Of {name_of(report)} too little was seen for a score." for report in reports if not report["score"]]
    why_not = obstacle(reports)
    if why_not:
        return [why_not, *unscored]
    return [*(_step(higher, lower, agreement) for higher, lower in pairwise(scored)), *unscored]


def _step(higher: Json, lower: Json, agreement: Sequence[Agreement]) -> str:
    """One account against the next one below it."""
    one, other = higher["score"], lower["score"]
    apart = float(one["exact"]) - float(other["exact"])
    numbers = f"{one['value']} against {other['value']}"
    if overlap(one, other):
        return f"{name_of(higher)} and {name_of(lower)} cannot be told apart: {numbers}, and the difference is within the noise."
    told = (
        f"The words of {name_of(higher)} carry farther than those of {name_of(lower)}: {numbers}, more than the noise"
    )
    band = next((band for band in agreement if band.least <= apart < band.most), None)
    told += (
        f". Of people who compared two accounts so far apart, {percent(band.agree)} named the higher one"
        if band
        else ""
    )
    return f"{told}. {_most_of_it(higher, lower)}".strip()


def _most_of_it(higher: Json, lower: Json) -> str:
    theirs = {pillar["id"]: pillar for pillar in lower["pillars"]}
    gaps = [
        (pillar["points"] - theirs[pillar["id"]]["points"], pillar)
        for pillar in higher["pillars"]
        if pillar["id"] in theirs
    ]
    if not gaps:
        return ""
    gap, pillar = max(gaps, key=lambda pair: float(pair[0]))
    return (
        f"Most of it is {pillar['title']}: {pillar['rounded']} points against {theirs[pillar['id']]['rounded']}."
        if gap > 0
        else ""
    )


def _of_replies(reports: Sequence[Json]) -> list[str]:
    seen = [r for r in reports if r["balance"]["share"] is not None and r["balance"]["low"] is not None]
    ranked = sorted(seen, key=lambda r: -float(r["balance"]["share"]))
    if len(ranked) < FEWEST:
        return ["How much they answer people cannot be compared: too little was seen."]
    most, least = ranked[0], ranked[-1]
    shares = f"{percent(most['balance']['share'])} of what it says answers somebody, against {percent(least['balance']['share'])}"
    if overlap(most["balance"], least["balance"]):
        return ["How much they answer people cannot be told apart: the differences are within the noise."]
    return [f"{name_of(most)} answers people more than {name_of(least)}: {shares}."]

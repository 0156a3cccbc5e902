"""The report as the page lays it out: the signals by what they belong to, and the sum of the points."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from server.pages.drawing import CurvePicture, draw_curve
from server.signals.signal import Pillar

Json = dict[str, Any]

NOT_FOUND = {
    "too_little": "Too little seen",
    "not_applicable": "Does not apply",
    "missing": "Not seen",
    "error": "Could not be computed",
}
"""How a signal without a value says so."""
AGAINST = {
    "previous": "Since the score before",
    "week": "Over about a week",
    "month": "Over about a month",
    "formula": "By the new formula",
}
"""What the newest score is compared with."""


@dataclass(frozen=True, slots=True)
class Row:
    """One signal, the picture of its curve (None: it has none, or nothing to draw on it) and its evidence, numbered."""

    signal: Json
    curve: CurvePicture | None
    evidence: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The signals of one pillar, or of engagement (``pillar`` is None)."""

    id: str
    title: str
    pillar: Json | None
    rows: tuple[Row, ...]
    starting_points: float
    """Points that everybody has; counted with the first pillar, 0 for the others."""


def groups(report: Json) -> list[Group]:
    """One group for each pillar, then engagement. Without a score the pillars have no points."""
    score = report["score"]
    pillars = {p["id"]: p for p in report["pillars"]}
    found = []
    for number, pillar in enumerate(Pillar):
        rows = tuple(_row(s) for s in report["signals"] if s["pillar"] == pillar.value)
        start = float(score["base"]) if score and number == 0 else 0.0
        found.append(Group(pillar.value, pillar.label, pillars.get(pillar.value), rows, start))
    talk = tuple(_row(s) for s in report["signals"] if s["axis"] == "engagement")
    return [*found, Group("engagement", "Engagement", None, talk, 0.0)]


def _row(signal: Json) -> Row:
    curve, evidence = signal["curve"], _numbered(signal["evidence"])
    if curve is None or signal["state"] != "found" or signal["value"] is None:
        return Row(signal, None, evidence)
    picture = draw_curve(curve["median"], curve["p90"], signal["value"], signal.get("low"), signal.get("high"))
    return Row(signal, picture, evidence)


def _numbered(evidence: list[Json]) -> tuple[Json, ...]:
    """Evidence whose texts differ: four links that all say “Reply” cannot be told apart when read out."""
    times = Counter(e["text"] for e in evidence)
    seen: Counter[str] = Counter()
    found = []
    for e in evidence:
        seen[e["text"]] += 1
        text = f"{e['text']} {seen[e['text']]}" if times[e["text"]] > 1 else e["text"]
        found.append({"url": e["url"], "text": text})
    return tuple(found)


def replies_share(balance: Json) -> float | None:
    """Per cent of all that was said that answers somebody; None when nothing was said."""
    said = balance["replies"] + balance["broadcasts"]
    return round(100 * balance["replies"] / said, 1) if said else None


def version_changes(points: list[Json]) -> list[Json]:
    """History rows, newest first, each with ``new_formula``: is it the first score made by its version of the formula?"""
    marked, version = [], None
    for point in points:
        scored_by = point["formula_version"] if point["score"] is not None else version
        marked.append({**point, "new_formula": version is not None and scored_by != version})
        version = scored_by
    return marked[::-1]

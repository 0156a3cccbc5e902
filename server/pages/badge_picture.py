"""What the badge in other people's pages says, and where its words stand: two fields, as wide as their text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

from server.lookup import Answer
from server.pages.wording import times_in_ten
from server.scoring.verdict import VerdictId

HEIGHT = 20
FONT_SIZE = 11
NAME = "Rapport"
LONGEST_TITLE = 300


class Show(StrEnum):
    """What a badge says of an account."""

    BOTH = "both"
    SCORE = "score"
    ENGAGEMENT = "engagement"


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a badge: the score, set bold (empty without one), what follows it, and the whole sentence that is read out.

    ``look``: the verdict whose mark and colour it has; empty for none, beside a score alone.
    """

    words: str
    title: str
    score: str = ""
    look: str = VerdictId.TOO_LITTLE.value


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text, where it begins, and how wide it is drawn whatever the font."""

    text: str
    x: float
    width: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class BadgePicture:
    """A badge as it is drawn; all lengths in pixels."""

    title: str
    look: str
    width: int
    name_width: int
    """Of the left field; the right one takes the rest."""
    mark_x: int
    texts: tuple[Text, ...]


INSTEAD = {
    "pending": "being read",
    "unknown": "no such account",
    "refused": "not scored",
    "unavailable": "not known just now",
}
"""What stands in place of a score, by the state of the answer."""
NOT_LISTED = "asks not to be listed"


def is_listed(report: dict[str, Any]) -> bool:
    """May others show it in their pages? An account that asks not to be kept is answered to whoever asks, and a badge in a public
    page is shown to everybody who did not."""
    return report.get("kept") is True


def said_of(answer: Answer, show: Show, who: str) -> Said:
    """What the badge says of an answer. ``who``: the account in words, as in ``alice.test on Bluesky``."""
    report = answer.report
    if report is None:
        words = INSTEAD[answer.state]
        return Said(words, f"{who}: {words}")
    if not is_listed(report):
        return Said(NOT_LISTED, f"{who}: {NOT_LISTED}")
    verdict, score = VerdictId(report["verdict"]["id"]), report["score"]
    if show is Show.ENGAGEMENT or (score is None and show is Show.BOTH):
        return Said(verdict.label, f"{who}: {verdict.label}", look=verdict.value)
    if score is None:
        return Said(VerdictId.TOO_LITTLE.label, f"{who}: {VerdictId.TOO_LITTLE.label}")
    between = f"{score['low']}–{score['high']}"
    title = f"{who}: influence score {score['value']}, {between} {times_in_ten(score['confidence'])}"
    if show is Show.SCORE:
        return Said(f"({between})", title, str(score["value"]), look="")
    return Said(f"({between}) · {verdict.label}", f"{title}; {verdict.label}", str(score["value"]), verdict.value)


_PADDING, _MARK, _GAP = 7, 12, 5


def draw_badge(said: Said) -> BadgePicture:
    """The badge with these words."""
    name_width = ceil(text_width(NAME) + 2 * _PADDING)
    x: float = name_width + _PADDING + (_MARK + _GAP if said.look else 0)
    texts = [Text(NAME, _PADDING, round(text_width(NAME), 1))]
    for text, bold in ((said.score, True), (said.words, False)):
        if text:
            width = text_width(text, bold)
            texts.append(Text(text, round(x, 1), round(width, 1), bold))
            x += width + _GAP
    return BadgePicture(
        title=_readable(said.title),
        look=said.look,
        width=ceil(x - _GAP + _PADDING),
        name_width=name_width,
        mark_x=name_width + _PADDING,
        texts=tuple(texts),
    )


_WIDTHS = {
    **dict.fromkeys("ijl", 278),
    **dict.fromkeys("IJ", 295),
    **dict.fromkeys(" .,·:’-", 337),
    **dict.fromkeys("ftr()", 400),
    **dict.fromkeys("szcLF–", 560),
    **dict.fromkeys("kvxyPTY", 600),
    **dict.fromkeys("aeohnudbgpqSE0123456789", 628),
    **dict.fromkeys("KAVXZBRC", 690),
    **dict.fromkeys("UNHDGOQ", 765),
    "w": 818,
}
"""Thousandths of the font size, about those of Verdana and DejaVu Sans. A hundredth of error is evened out by the picture, which
draws every text exactly as wide as it was taken to be."""
_WIDEST_LETTER = 1000
_BOLD = 1.11


def text_width(text: str, bold: bool = False) -> float:
    """Pixels the text takes; for letters of no known width, as many as the widest takes."""
    width = sum(_WIDTHS.get(letter, _WIDEST_LETTER) for letter in text) * FONT_SIZE / 1000
    return width * _BOLD if bold else width


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _readable(title: str) -> str:
    """Without the characters that no XML document may hold, escaped or not, and not without end."""
    return _NOT_IN_XML.sub("", title)[:LONGEST_TITLE]


def _widest(show: Show) -> int:
    score, verdicts = {"value": 100, "low": 100, "high": 100, "confidence": 0.9}, tuple(VerdictId)
    reports = [{"kept": True, "score": score, "verdict": {"id": verdict.value}} for verdict in verdicts]
    reports += [report | {"score": None} for report in reports] + [reports[0] | {"kept": False}]
    answers = [Answer("ready", 1, report) for report in reports] + [Answer(state, 1) for state in INSTEAD]
    return max(draw_badge(said_of(answer, show, "")).width for answer in answers)


WIDEST = {show: _widest(show) for show in Show}
"""Pixels that a badge takes at most, whatever is to be said of the account: room that a page can keep free."""

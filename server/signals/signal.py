"""What a signal is: one finding about an account, with its evidence, and why it matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from server.scoring.measures import Measures
from server.scoring.sample import Floats, Sample


class Axis(StrEnum):
    """The two questions, never mixed."""

    INFLUENCE = "influence"
    ENGAGEMENT = "engagement"


class Pillar(StrEnum):
    """What the influence score is made of."""

    TRUE_REACH = "true_reach"
    AMPLIFICATION = "amplification"
    NETWORK = "network"

    @property
    def label(self) -> str:
        return {"true_reach": "True Reach", "amplification": "Amplification", "network": "Network"}[self.value]


class State(StrEnum):
    """What came of looking."""

    FOUND = "found"
    TOO_LITTLE = "too_little"
    """Seen, but too few to say anything."""
    NOT_APPLICABLE = "not_applicable"
    """The account does nothing of the kind: no reposts, nobody wrote to it."""
    MISSING = "missing"
    """The network does not show it, or this depth of looking does not ask for it."""
    ERROR = "error"
    """Looking failed; only this signal is lost."""


class Mark(StrEnum):
    """How clearly a signal of automation or of gaming is present."""

    NONE = "none"
    SOME = "some"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something a person can open and see for themselves."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen. ``low`` and ``high``: 90 % interval of value, where it is a sample's."""

    state: State
    sentence: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    evidence: tuple[Evidence, ...] = ()
    mark: Mark = Mark.NONE
    count: int = 0
    """How many observations the value rests on."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. ``measure`` only for those of influence: what the score sees."""

    id: str
    title: str
    axis: Axis
    unit: str
    why: str
    """Why it matters and how it is computed, in plain words; shown on the report and on /methodology."""
    source: str
    """Where the definition comes from."""
    find: Callable[[Sample, Measures], Finding]
    measure: Callable[[Sample], Floats] | None = None
    pillar: Pillar | None = None


def too_little(sentence: str, count: int = 0) -> Finding:
    """Seen, but too few to say."""
    return Finding(State.TOO_LITTLE, sentence, count=count)


def missing(sentence: str) -> Finding:
    """Not shown, or not asked for at this depth."""
    return Finding(State.MISSING, sentence)


def not_applicable(sentence: str) -> Finding:
    """Nothing of the kind happens here."""
    return Finding(State.NOT_APPLICABLE, sentence)


def post_evidence(sample: Sample, positions: list[int], text: str, most: int = 4) -> tuple[Evidence, ...]:
    """Links to the newest of these posts (positions among the sample's rows)."""
    every, rows = sample.activity.posts.url, sample.rows
    urls = (every[rows[position]] for position in sorted(positions))
    return tuple(Evidence(url, text) for url in islice(filter(None, urls), most))

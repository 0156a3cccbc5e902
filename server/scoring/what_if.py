"""What if: numbers as a person states them, and as the formula takes them. They differ for followers alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from server.signals.followers import heard

FOLLOWERS, REACH = "followers", "people_h_index"
LARGEST = 1e12
"""No measure of anything on a network is larger, whatever a server claims."""
LONGEST_SILENCE = 36_500.0
"""Days."""


def measures_of(stated: Mapping[str, float]) -> dict[str, float]:
    """Signal id -> measure, of what is stated: all followers there are, of whom the formula counts those that the posts reach."""
    measures = dict(stated)
    if FOLLOWERS in stated:
        reach = np.array([stated.get(REACH, np.nan)])
        measures[FOLLOWERS] = float(heard(np.array([stated[FOLLOWERS]]), reach)[0])
    return measures


def stated_by(measures: Mapping[str, float], followers: int | None) -> dict[str, float]:
    """The inverse, for an account with so many followers in all; within 0 and LARGEST, beyond which no curve tells values apart."""
    stated = dict(measures)
    if FOLLOWERS in stated and followers is not None:
        stated[FOLLOWERS] = followers
    return {name: min(max(value, 0), LARGEST) for name, value in stated.items()}

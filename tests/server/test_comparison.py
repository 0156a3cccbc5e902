"""Accounts side by side in sentences: what is said, and what is not claimed."""

from __future__ import annotations

from typing import Any

from server.comparison import in_words
from server.scoring.formula import Agreement

AGREEMENT = (Agreement(0, 10, 0.6, 0.6), Agreement(10, 50, 0.8, 0.8))


def report(
    name: str, score: int | None, half: int = 3, replies: float | None = 0.5, network: str = "bluesky"
) -> dict[str, Any]:
    """As much of a report as is compared. Half of the points are Amplification."""
    pillars = [] if score is None else [
        {"id": "true_reach", "title": "True Reach", "points": score / 4, "rounded": score // 4},
        {"id": "amplification", "title": "Amplification", "points": score / 2, "rounded": score // 2},
    ]  # fmt: skip
    return {
        "account": {"network": network, "display_name": name, "handle": f"{name.lower()}.test"},
        "score": None
        if score is None
        else {"value": score, "exact": float(score), "low": score - half, "high": score + half},
        "pillars": pillars,
        "balance": {
            "share": replies,
            "low": None if replies is None else replies - 0.1,
            "high": None if replies is None else replies + 0.1,
        },
        "formula_version": "2",
    }


def test_a_difference_beyond_the_noise_is_told_with_its_reason_and_what_it_is_worth() -> None:
    first, second = in_words([report("Ben", 30), report("Alice", 60)], AGREEMENT)
    assert first == (
        "The words of Alice carry farther than those of Ben: 60 against 30, more than the noise. Of people who compared two accounts "
        "so far apart, 80 % named the higher one. Most of it is Amplification: 30 points against 15."
    )
    assert second == "How much they answer people cannot be told apart: the differences are within the noise."


def test_intervals_with_a_score_in_common_cannot_be_told_apart() -> None:
    assert in_words([report("Ben", 54), report("Alice", 60)], AGREEMENT)[0] == (
        "Alice and Ben cannot be told apart: 60 against 54, and the difference is within the noise."
    )
    assert "more than the noise" in in_words([report("Ben", 53), report("Alice", 60)], AGREEMENT)[0]


def test_several_accounts_are_told_from_the_highest_down() -> None:
    told = in_words([report("Ben", 58), report("Alice", 60), report("Carla", 20)], AGREEMENT)
    assert told[0].startswith("Alice and Ben cannot be told apart")
    assert told[1].startswith("The words of Ben carry farther than those of Carla")


def test_scores_of_two_networks_or_two_formulas_are_never_set_against_each_other() -> None:
    told = in_words([report("Ben", 20, replies=0.1), report("Alice", 90, network="mastodon", replies=0.7)], AGREEMENT)
    assert told[0].startswith("Scores of different networks are not on one scale")
    assert told[1] == "Alice answers people more than Ben: 70 % of what it says answers somebody, against 10 %."
    other = report("Alice", 90) | {"formula_version": "3"}
    assert "different versions of the formula" in in_words([report("Ben", 20), other], AGREEMENT)[0]


def test_too_little_is_said_to_be_too_little() -> None:
    told = in_words([report("Ben", None, replies=None), report("Alice", 90)], AGREEMENT)
    assert told == [
        "Of Ben too little was seen for a score.",
        "How much they answer people cannot be compared: too little was seen.",
    ]

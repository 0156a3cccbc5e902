"""Following about as many as follow back is named when both are thousands."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from server.scoring.sample import Sample
from server.signals.follower_ratio_play import SIGNAL
from server.signals.signal import Finding, Mark, State
from tests.server.invented import NOW, Invented


def played(following: int | None, followers: int | None) -> Finding:
    return SIGNAL.find(Sample(Invented(following=following, followers=followers).build(), NOW), {})


@pytest.mark.parametrize(("following", "followers"), [(3_000, 3_000), (9_000, 11_000), (7_500, 4_000)])
def test_thousands_followed_by_about_as_many_are_marked(following: int, followers: int) -> None:
    assert played(following, followers).mark is Mark.SOME


@pytest.mark.parametrize(("following", "followers"), [(2_999, 3_000), (200, 150), (4_000, 20_000), (7_000, 100)])
def test_small_accounts_and_uneven_counts_are_not_marked(following: int, followers: int) -> None:
    found = played(following, followers)
    assert (found.state, found.mark) == (State.FOUND, Mark.NONE)


def test_it_is_never_strong() -> None:
    assert played(10_000_000_000, 10_000_000_000).mark is Mark.SOME


def test_it_tells_both_counts_and_links_to_where_they_stand() -> None:
    found = played(4_500, 5_000)
    assert found.sentence == "Follows 4,500 accounts and is followed by 5,000."
    assert found.value == pytest.approx(0.9)
    assert [evidence.url for evidence in found.evidence] == ["https://example.org/alice.test"]


def test_counts_that_are_not_shown_are_missing_and_without_followers_there_is_no_ratio() -> None:
    assert [played(*counts).state for counts in ((None, 5), (5, None), (-1, 5))] == [State.MISSING] * 3
    assert played(5, 0).state is State.NOT_APPLICABLE
    assert played(0, 5).value == 0


def test_hardly_any_real_account_labelled_by_hand_is_marked() -> None:
    shared = os.environ.get("RAPPORT_SHARED")
    if not shared:
        pytest.skip("RAPPORT_SHARED is not set: the accounts labelled by hand are not at hand")
    with (Path(shared) / "data/gaming/srf_labelled_1000.csv").open(encoding="utf-8") as file:
        real = [row for row in csv.DictReader(file) if row["rating"] == "FALSE"]
    found = [played(int(row["Number.of.people.they.follow"]), int(row["Number.of.followers"])) for row in real]
    assert len(found) > 800
    assert sum(finding.mark is not Mark.NONE for finding in found) < 0.02 * len(found)

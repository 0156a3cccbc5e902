"""The verdict is right on accounts of known kind, and accuses no honest one."""

from __future__ import annotations

import pytest

from server.scoring.verdict import VerdictId
from tests.evaluation import growth
from tests.evaluation.engagement import (
    ACCUSATIONS,
    FEEDS,
    TALKING,
    Archive,
    Judged,
    judge_all,
    right_on_little,
    small_samples,
)

CAUGHT = (VerdictId.LOOKS_AUTOMATED, VerdictId.BROADCASTS)


@pytest.fixture(scope="module")
def judged(archives: list[Archive]) -> list[Judged]:
    labels = (*FEEDS, "troll_NewsFeed", "human")
    return judge_all([archive for archive in archives if archive.label in labels])


def test_feeds_look_automated_or_broadcast(judged: list[Judged]) -> None:
    assert sum(j.verdict in CAUGHT for j in judged if j.archive.label in FEEDS) >= 11


def test_feeds_whose_replies_are_not_known_are_noticed_by_links_hours_and_rate(judged: list[Judged]) -> None:
    feeds = [j for j in judged if j.archive.label == "troll_NewsFeed"]
    assert not any(j.archive.replies_shown for j in feeds)
    assert sum(j.verdict in CAUGHT for j in feeds) >= 17


def test_nobody_among_the_people_is_accused_and_all_who_talk_are_said_to(judged: list[Judged]) -> None:
    people = [j for j in judged if j.archive.label == "human"]
    assert len(people) == 62
    assert [j.archive.account for j in people if j.verdict in ACCUSATIONS] == []
    assert [j.archive.account for j in people if j.talker and j.verdict not in TALKING] == []


def test_twenty_random_posts_accuse_nobody(archives: list[Archive]) -> None:
    some = [archive for archive in archives if archive.label == "human"][::6]
    found = list(small_samples(some))
    assert len(found) > 150
    assert not [j for j, _ in found if j.verdict in ACCUSATIONS]
    assert sum(right_on_little(j, share) for j, share in found) / len(found) > 0.98


def test_accounts_that_churn_show_it(archives: list[Archive]) -> None:
    churners = [archive for archive in archives if growth.churns(archive)]
    assert len(churners) > 40
    assert sum(map(growth.shows_churn, churners)) >= 0.9 * len(churners)


def test_no_honest_growth_shows_churn() -> None:
    assert growth.honest_growths_accused() == 0

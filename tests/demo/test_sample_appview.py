"""The demonstration's invented people show all seven verdicts, through the real connector over real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from server.activity import merge
from server.fetching import FetchingLimits, GuardedClient
from server.networks import networks
from server.report import Report, compose
from server.scoring.formula import current_formula
from server.scoring.verdict import VerdictId
from tests.demo.sample_appview import PERSONAS, SampleAppview


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Report]]:
    appview = SampleAppview()
    client = GuardedClient(FetchingLimits(allowed_networks=("127.0.0.0/8",)))
    bluesky = networks({"bluesky": {"appview": appview.url}})["bluesky"]
    now = int(time.time())
    found = {}
    for persona in PERSONAS:
        glance = bluesky.glance(persona.handle, client, now)
        found[persona.handle] = compose(merge(glance, bluesky.study(glance, client, now)), now)
    yield found
    client.close()
    appview.close()


def test_all_seven_verdicts_are_shown(reports: dict[str, Report]) -> None:
    assert {report.verdict.id for report in reports.values()} == set(VerdictId)


def test_everybody_with_enough_posts_has_every_measure_of_the_formula(reports: dict[str, Report]) -> None:
    for handle, report in reports.items():
        if report.score is not None:
            assert set(report.measures) == {term.signal for term in current_formula().terms if not term.optional}, (
                handle
            )


def test_who_writes_to_alice_is_mostly_answered(reports: dict[str, Report]) -> None:
    answers = next(r.finding for r in reports["alice.test"].results if r.signal.id == "answer_rate")
    assert answers.value is not None
    assert answers.value > 0.4

"""A review of whom somebody follows on a real Bluesky network is right, row by row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx2
import pytest

from tests.networks.appview import AppView
from tests.networks.conftest import Seeded
from tests.networks.rapport import rapport, wait

pytestmark = [pytest.mark.networks, pytest.mark.timeout(300)]


def test_whom_alice_follows_is_reviewed_row_by_row(bluesky: Seeded, appview: AppView, tmp_path: Path) -> None:
    followed = appview.follows(bluesky.dids["alice"])
    assert len(followed) > 3
    with rapport(bluesky.network.appview, tmp_path) as service:
        begun = httpx2.post(f"{service.address}/review", data={"account": "alice.test", "network": "bluesky"})
        address = service.address + begun.headers["location"]
        wait(lambda: httpx2.get(address).text, lambda page: f"All {len(followed)} accounts looked at" in page)
        rows = list(csv.DictReader(io.StringIO(httpx2.get(f"{address}.csv").text)))
        assert [row["account"] for row in rows] == [view["handle"] for view in followed]
        for row in rows:
            report = service.report(row["account"])
            score = report["score"] or {"value": "", "low": "", "high": ""}
            assert [row[name] for name in ("score", "low", "high")] == [
                str(score[name]) for name in ("value", "low", "high")
            ]
            assert row["verdict"] == report["verdict"]["id"]
            assert [int(row["replies"]), int(row["broadcasts"])] == [
                report["balance"][name] for name in ("replies", "broadcasts")
            ]
            assert row["last_post"] == (report["facts"]["last_post"] or "")
            assert (
                int(row["followers"]) == appview.profile(bluesky.dids[row["account"].split(".")[0]])["followersCount"]
            )

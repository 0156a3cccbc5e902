"""A network scored on a Spark cluster has the scores that DuckDB gives it on one machine, whatever happens to a worker meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.population.engines import in_process
from server.population.run import score_network
from server.scoring.formula import current_formula
from tests.cluster.conftest import Cluster, wait_until
from tests.server.population.invented_network import ACCOUNTS, ACTS, NOW, invented
from tests.server.population.test_folding import WITH_RECORD
from tests.server.population.test_run import same, write

pytestmark = [pytest.mark.timeout(400)]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    """As they come from several sources: files that do not have the same columns, rows that come again or late, one that is taken back."""
    network, acts, accounts = invented(3), tmp_path / "acts", tmp_path / "accounts"
    acts.mkdir()
    accounts.mkdir()
    late = [row | {"time": row["time"] + 60} for row in network.acts[::5] if row["kind"] != "mention"]
    like = next(row for row in network.acts if row["kind"] == "like")
    undone = like | {"post": "post-of-another-day", "time": NOW - 90, "record": "once"}
    deletion = {"actor": like["actor"], "kind": "delete", "time": NOW - 50, "record": "once"}
    pq.write_table(pa.Table.from_pylist(network.acts[::2], ACTS), acts / "1.parquet")
    with_record = [*network.acts[1::2], *late, undone, deletion]
    pq.write_table(pa.Table.from_pylist(with_record, WITH_RECORD), acts / "2.parquet")
    pq.write_table(pa.Table.from_pylist(list(network.accounts.values()), ACCOUNTS), accounts / "counts.parquet")
    asked = {"id": list(network.accounts), "consent": ["open"] * len(network.accounts)}
    pq.write_table(pa.table(asked | {"seen": [NOW] * len(network.accounts)}), accounts / "asked.parquet")
    return acts, accounts


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What DuckDB gives for the same network in order: each row once, in one file."""
    tables = write(tmp_path, invented(3))
    score_network(*tables, tmp_path / "here.parquet", current_formula(), partial(in_process, "1GB"), NOW)
    return rows(tmp_path / "here.parquet")


def rows(file: Path) -> dict[str, dict[str, Any]]:
    return {row["account"]: row for row in pq.read_table(file).to_pylist()}


def begin(cluster: Cluster, tables: tuple[Path, Path], out: Path) -> subprocess.Popen[str]:
    """Start scoring on the cluster, as a person does."""
    command = [sys.executable, "-m", "server", "population", "score", *map(str, tables), str(out)]
    options = ["--at", "2026-09-21T14:13:20", "--engine", cluster.address, "--partitions", "2"]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"}
    return subprocess.Popen(
        [*command, *options], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_cluster_gives_the_same_table(
    cluster: Cluster, tables: tuple[Path, Path], expected: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    run = begin(cluster, tables, tmp_path / "there.parquet")
    printed, complaints = run.communicate()
    assert run.returncode == 0, complaints
    assert f"{len(expected)} accounts are scored" in printed
    same(rows(tmp_path / "there.parquet"), expected)
    assert [app["state"] for app in cluster.state()["completedapps"]] == ["FINISHED"]


def test_a_worker_that_is_killed_meanwhile_changes_nothing(
    cluster: Cluster, tables: tuple[Path, Path], expected: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    run = begin(cluster, tables, tmp_path / "there.parquet")
    wait_until(lambda: run.poll() is not None or any(tmp_path.glob(".there.parquet.*.partial/acts.parquet")), 600)
    assert run.poll() is None
    cluster.kill_a_worker()
    assert not (tmp_path / "there.parquet").exists()
    _, complaints = run.communicate()
    assert run.returncode == 0, complaints
    assert cluster.alive() == 1
    same(rows(tmp_path / "there.parquet"), expected)

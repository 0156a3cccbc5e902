"""A Spark cluster of this machine's own: a master and two workers, each a process, on loopback only."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SWITCH = "RAPPORT_TEST_CLUSTER"
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cluster:
    """``address``: what a driver is told; ``workers``: their processes, each the head of a group with its executors in it."""

    address: str
    page: str
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """What the master says of its workers and of the applications on it."""
        with urllib.request.urlopen(f"{self.page}/json/", timeout=5) as answer:
            state: dict[str, Any] = json.load(answer)
            return state

    def alive(self) -> int:
        return sum(worker["state"] == "ALIVE" for worker in self.state()["workers"])

    def start_worker(self) -> None:
        name = f"worker-{len(self.workers)}"
        words = ["Worker", self.address, "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
        self.workers.append(start(words, self.folder, name, "--work-dir", str(self.folder / name)))

    def kill_a_worker(self) -> None:
        """As when a machine goes: its executors go with it."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers[0].wait()


def start(words: list[str], folder: Path, name: str, *more: str) -> subprocess.Popen[bytes]:
    """Start one of Spark's processes; what it says goes into a file."""
    import pyspark

    home = Path(pyspark.__file__).parent
    room = f"org.apache.spark.deploy.{words[0].lower()}.{words[0]}"
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "512m"}
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [home / "bin/spark-class", room, *words[1:], *more],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if not os.environ.get(SWITCH):
        pytest.skip(f"needs a Spark cluster: make test-cluster ({SWITCH} is not set)")
    folder, port, page = tmp_path_factory.mktemp("spark"), free_port(), free_port()
    words = ["Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
    master = start(words, folder, "master")
    cluster = Cluster(f"spark://127.0.0.1:{port}", f"http://127.0.0.1:{page}", folder)
    try:
        wait_until(lambda: cluster.alive() == 0)
        cluster.start_worker()
        cluster.start_worker()
        wait_until(lambda: cluster.alive() == 2)
        yield cluster
    finally:
        for process in (*cluster.workers, master):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_until(holds: Any, seconds: float = PATIENCE) -> None:
    """Ask again until it holds; what cannot be asked yet does not."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it never held"
        time.sleep(0.1)

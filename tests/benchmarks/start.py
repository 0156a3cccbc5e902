"""From ``python -m server`` to the first answer of /readyz, everything installed: seconds, and as a ratio to starting Python with Flask."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET_SECONDS = 3.0
ROUNDS = 5
ROOT = Path(__file__).parents[2]


def run() -> bool:
    """Print the figure; within the budget?"""
    with tempfile.TemporaryDirectory() as folder:
        _until_ready(folder)
        ours = [_until_ready(folder) for _ in range(ROUNDS)]
    bare = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import flask"], check=True)
        bare.append(time.perf_counter() - began)
    seconds, yardstick = statistics.median(ours), statistics.median(bare)
    print(
        f"warm start to ready: {seconds:.2f} s (budget {BUDGET_SECONDS}); {seconds / yardstick:.1f} x python -c 'import flask'"
    )
    return seconds <= BUDGET_SECONDS


def _until_ready(folder: str) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"RAPPORT_DATA_FOLDER": folder, "RAPPORT_PORT": str(port)}
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "server"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - began < 60:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return time.perf_counter() - began
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("the service was not ready within a minute")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)

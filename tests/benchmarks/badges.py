"""Fifty cached badges in one request against a constant JSON answer of the same size from the same server process: CPU time.

The server is the real one (granian, one worker). CPU is that of the worker process, all threads, read from the system.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flask import Response, request

BUDGET_RATIO = 1.5
ROUNDS = 7
REQUESTS = 400
ACCOUNTS = 50
ROOT = Path(__file__).parents[2]


def application() -> object:
    """The service with fifty accounts known, and one constant route beside it."""
    from server.app import create_app
    from server.settings import read_settings
    from tests.server.fake_network import FakeNetwork, NoFetcher
    from tests.server.invented import Invented

    network = FakeNetwork(*(Invented(f"account-{n}.test").replies(people=20).post(times=20) for n in range(ACCOUNTS)))
    app = create_app(read_settings(), fetcher=NoFetcher(), known_networks={"bluesky": network}, work=False)
    lookup = app.extensions["rapport"].lookup
    for handle in network.accounts:
        lookup.gather("bluesky", handle, study=False)
    constants: list[bytes] = []

    @app.post("/bench/constant")
    def answer() -> Response:
        request.get_data(cache=False)
        return Response(constants[0], content_type="application/json")

    @app.get("/bench/process")
    def process() -> dict[str, int]:
        constants.append(app.test_client().post("/api/v1/badges", data=body()).get_data())
        return {"pid": os.getpid()}

    return app


def body() -> bytes:
    """Fifty accounts asked at once."""
    return json.dumps(
        {"accounts": [{"network": "bluesky", "handle": f"account-{n}.test"} for n in range(ACCOUNTS)]}
    ).encode()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads, ended ones too."""
    # The number of a process' CPU clock, as clock_getcpuclockid(3) makes it on Linux; Python does not wrap that call.
    return time.clock_gettime((~pid << 3) | 2)


def run() -> bool:
    """Print the ratio; within the budget?"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"RAPPORT_DATA_FOLDER": folder, "RAPPORT_REQUESTS_PER_MINUTE": "100000000"}
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-log", "--workers", "1"]
        command += ["--blocking-threads", "4", "--port", str(port), "tests.benchmarks.badges:application"]
        server = subprocess.Popen(command, env=environment, cwd=ROOT)
        try:
            return _measure(port)
        finally:
            server.terminate()
            server.wait(20)


def _measure(port: int) -> bool:
    pid = json.loads(_when_up(port))["pid"]
    connection = http.client.HTTPConnection("127.0.0.1", port)
    costs: dict[str, list[float]] = {"/api/v1/badges": [], "/bench/constant": []}
    size = 0
    for _ in range(ROUNDS + 1):
        for path, cost in costs.items():
            began = cpu_seconds(pid)
            for _ in range(REQUESTS):
                connection.request("POST", path, body=body())
                size = len(connection.getresponse().read())
            cost.append((cpu_seconds(pid) - began) / REQUESTS * 1e6)
    badges, constant = (cost[1:] for cost in costs.values())
    ratios = [b / c for b, c in zip(badges, constant, strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"50 cached badges ({size / 1000:.1f} kB): {statistics.median(badges):.0f} us CPU; a constant answer of that size: "
        f"{statistics.median(constant):.0f} us; ratio {ratio:.2f} ({min(ratios):.2f}..{max(ratios):.2f}), budget {BUDGET_RATIO}"
    )
    return ratio <= BUDGET_RATIO


def _when_up(port: int, patience: float = 30.0) -> bytes:
    deadline = time.monotonic() + patience
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/bench/process")
            return connection.getresponse().read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)

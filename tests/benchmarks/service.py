"""Requests a second and their 99th percentile: fifty cached badges in each, from two server processes on the cores at hand, beside a constant
answer of the same size from the same processes in the same run.

Twice: with what each process has in memory and SQLite, and with Redis and PostgreSQL (RAPPORT_TEST_REDIS, RAPPORT_TEST_POSTGRES; else it is said that
this is left out). Then what becomes of cached reads while somebody asks for accounts that nobody knows, of a network that takes a second for each.
The load is made by wrk (Debian: apt install wrk) on the same cores.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, request

from tests.benchmarks.badges import ACCOUNTS, body

PROCESSES = 2
ROUNDS, SECONDS, CONNECTIONS = 3, 5, 16
LEAST, LEAST_SHARED, MOST_MILLISECONDS = 5000, 2000, 10.0
MOST_SLOWED = 0.2
SLOW_SECONDS, MISSES_A_SECOND = 1.0, 20
ROOT = Path(__file__).parents[2]
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{}]==]
"""


def application() -> object:
    """The service with fifty accounts known, others on a network that takes its time, and one constant route beside it."""
    from server.app import create_app
    from server.settings import read_settings
    from tests.server.fake_network import FakeNetwork, NoFetcher
    from tests.server.invented import Invented

    class Slow(FakeNetwork):
        """Knows everybody, and takes its time for those that nobody asked for yet."""

        def glance(self, handle: str, fetcher: Any, now: int) -> Any:
            if handle not in self.accounts:
                time.sleep(SLOW_SECONDS)
                self.accounts[handle] = FakeNetwork(Invented(handle).replies(people=20).post(times=20)).accounts[handle]
            return super().glance(handle, fetcher, now)

    network = Slow(*(Invented(f"account-{n}.test").replies(people=20).post(times=20) for n in range(ACCOUNTS)))
    app = create_app(read_settings(), fetcher=NoFetcher(), known_networks={"bluesky": network})
    lookup = app.extensions["rapport"].lookup
    for handle in list(network.accounts):
        lookup.gather("bluesky", handle, study=False)
    constants: list[bytes] = []

    @app.post("/bench/constant")
    def answer() -> Response:
        request.get_data(cache=False)
        return Response(constants[0], content_type="application/json")

    constants.append(app.test_client().post("/api/v1/badges", data=body()).get_data())
    return app


@dataclass
class Load:
    """What wrk counted. ``p99``: milliseconds."""

    per_second: float
    p99: float


def loaded(port: int, path: str, folder: Path) -> Load:
    """Ask for it as often as it is answered, for some seconds. Raises RuntimeError when an answer was no success."""
    script = folder / "post.lua"
    script.write_text(SCRIPT.replace("{}", body().decode()))
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--latency", "-s", str(script)]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", told)[0]
    milliseconds = float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    return Load(float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]), milliseconds)


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[int]:
    """The port of a service of two processes."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    named = {"DATA_FOLDER": str(folder), "REQUESTS_PER_MINUTE": "100000000", "LOG_LEVEL": "ERROR"} | settings
    environment = os.environ | {f"RAPPORT_{name}": value for name, value in named.items()}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-log"]
    command += ["--workers", str(PROCESSES), "--blocking-threads", "4", "--port", str(port)]
    server = subprocess.Popen([*command, "tests.benchmarks.service:application"], env=environment, cwd=ROOT)
    try:
        _when_up(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _when_up(port: int, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    # Every process is to have answered once.
    for _ in range(20):
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port)
                connection.request("POST", "/api/v1/badges", body(), {"Content-Type": "application/json"})
                if connection.getresponse().status == 200:
                    break
            except OSError:
                assert time.monotonic() < deadline, "the service did not come up"
            time.sleep(0.2)


def compared(port: int, folder: Path) -> tuple[Load, Load]:
    """Badges and the constant answer, by turns; of each the median of the rounds."""
    found: dict[str, list[Load]] = {"/api/v1/badges": [], "/bench/constant": []}
    for _ in range(ROUNDS):
        for path, loads in found.items():
            loads.append(loaded(port, path, folder))
    badges, constant = (
        Load(statistics.median(load.per_second for load in loads), statistics.median(load.p99 for load in loads))
        for loads in found.values()
    )
    return badges, constant


@contextmanager
def misses(port: int) -> Iterator[None]:
    """Somebody asks for accounts that nobody knows, one after the other, so many a second."""
    stopping = threading.Event()

    def ask() -> None:
        number = 0
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while not stopping.wait(1 / MISSES_A_SECOND):
            number += 1
            accounts = [{"network": "bluesky", "handle": f"miss-{time.monotonic_ns()}-{number}.test"}]
            wanted = json.dumps({"accounts": accounts})
            connection.request("POST", "/api/v1/badges", wanted, {"Content-Type": "application/json"})
            connection.getresponse().read()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def mixed(port: int, folder: Path) -> float:
    """By what share cached reads are slowed while others are missed, of the medians of alternating rounds."""
    alone, beside = [], []
    for _ in range(ROUNDS):
        alone.append(loaded(port, "/api/v1/badges", folder).per_second)
        with misses(port):
            beside.append(loaded(port, "/api/v1/badges", folder).per_second)
        time.sleep(2)
    return 1 - statistics.median(beside) / statistics.median(alone)


def run() -> bool:
    """Print all of it; within the marks?"""
    if shutil.which("wrk") is None:
        print("wrk makes the load; install it (Debian: apt install wrk).")
        return False
    within = _told("in memory, SQLite", LEAST, {})
    postgresql, redis = os.environ.get("RAPPORT_TEST_POSTGRES"), os.environ.get("RAPPORT_TEST_REDIS")
    if not postgresql or not redis:
        print("With Redis and PostgreSQL: left out; tests/with_postgres.sh tests/with_redis.sh make bench has them.")
        return within
    from tests.server.databases import PostgreSQL

    database = PostgreSQL(postgresql)
    try:
        shared = {"DATABASE_URL": database.without_rows().url, "CACHE_URL": f"{redis.rstrip('/')}/15"}
        return _told("Redis, PostgreSQL", LEAST_SHARED, shared) and within
    finally:
        database.drop()


def _told(name: str, least: float, settings: dict[str, str]) -> bool:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with served(folder, **settings) as port:
            badges, constant = compared(port, folder)
            slowed = mixed(port, folder)
    print(
        f"{name}, {PROCESSES} processes: {badges.per_second:,.0f} requests/s of 50 cached badges (mark {least:,}), p99 {badges.p99:.1f} ms "
        f"(mark {MOST_MILLISECONDS:.0f}); a constant answer {constant.per_second:,.0f}, p99 {constant.p99:.1f} ms: "
        f"{badges.per_second / constant.per_second:.2f} x; {slowed:+.0%} slower with {MISSES_A_SECOND} misses a second (mark {MOST_SLOWED:.0%})",
        flush=True,
    )
    return badges.per_second >= least and badges.p99 <= MOST_MILLISECONDS and slowed <= MOST_SLOWED


if __name__ == "__main__":
    sys.exit(0 if run() else 1)

"""Two web processes and two workers on PostgreSQL and Redis, of which one after the other is killed and comes back while people browse."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pytest_httpserver import HTTPServer

from server.review import AT_ONCE, LEASE_SECONDS
from tests.cluster.conftest import SWITCH
from tests.server.conftest import postgresql
from tests.server.databases import PostgreSQL
from tests.server.databases import until as wait_until
from tests.server.redis_server import redis_url, wire
from tests.server.test_main import ROOT, environment, free_port
from tests.server.test_review_killed import answer, did, reachable, rows
from tests.server.wires import Wire

__all__ = ["postgresql", "redis_url", "wire"]

pytestmark = [
    pytest.mark.timeout(500),
    pytest.mark.skipif(not os.environ.get(SWITCH), reason=f"takes minutes: make test-cluster ({SWITCH} is not set)"),
]
PATIENCE = 2 * LEASE_SECONDS + 60
FOLLOWED = [f"p{number:03}.test" for number in range(240)]
GONE_SECONDS = 20.0
SECONDS = 0.15
"""That the upstream takes for the posts of an account."""


@pytest.fixture
def httpserver() -> Iterator[HTTPServer]:
    """One that answers several at once: all processes ask it."""
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def asked(httpserver: HTTPServer) -> Counter[str]:
    """An AppView on which me.test follows 240 accounts; how often it was asked for the posts of each."""
    counted: Counter[str] = Counter()
    everybody = (*FOLLOWED, "me.test")
    names = {did(handle): handle for handle in everybody} | {handle: handle for handle in everybody}

    def profile(request: Any) -> Any:
        handle = names.get(request.args["actor"], request.args["actor"])
        if handle not in names.values():
            return answer({"error": "InvalidRequest", "message": "Profile not found"}, 400)
        return answer({"did": did(handle), "handle": handle, "followersCount": 9, "followsCount": 3, "postsCount": 3})

    def follows(request: Any) -> Any:
        start = int(request.args.get("cursor", "0"))
        views = [{"did": did(handle), "handle": handle} for handle in FOLLOWED[start : start + 100]]
        return answer({"follows": views} | ({"cursor": str(start + 100)} if start + 100 < len(FOLLOWED) else {}))

    def feed(request: Any) -> Any:
        counted[names[request.args["actor"]]] += 1
        time.sleep(SECONDS)
        return answer({"feed": []})

    for name, handler in (("actor.getProfile", profile), ("graph.getFollows", follows), ("feed.getAuthorFeed", feed)):
        httpserver.expect_request(f"/xrpc/app.bsky.{name}").respond_with_handler(handler)
    return counted


@dataclass
class Processes:
    """A service of two web processes, and its workers. ``settings``: what all of them are told."""

    folder: Path
    port: int
    settings: dict[str, Any]
    web: subprocess.Popen[str] | None = None
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin(self, *words: str, **settings: Any) -> subprocess.Popen[str]:
        log = (self.folder / "log").open("a")
        return subprocess.Popen(
            [sys.executable, "-m", "server", *words],
            cwd=ROOT,
            env=environment(self.folder, **(self.settings | settings)) | {"PYTHONPATH": os.fspath(ROOT)},
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )

    def begin_worker(self) -> None:
        self.workers.append(self.begin("work", GATHERERS=3))

    def web_processes(self) -> list[int]:
        """Those that answer, by their numbers."""
        assert self.web is not None
        found = subprocess.run(["pgrep", "-P", str(self.web.pid)], capture_output=True, text=True, check=False)
        return [int(number) for number in found.stdout.split()]

    def kill_worker(self) -> None:
        """Without warning, the one that has worked longest."""
        killed = self.workers.pop(0)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()

    def kill_web_process(self) -> int:
        """Without warning, one of those that answer. Gives its number."""
        killed = random.choice(self.web_processes())
        os.kill(killed, signal.SIGKILL)
        return killed

    def end(self) -> None:
        for process in (self.web, *self.workers):
            if process is not None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def wire_to_postgresql(postgresql: PostgreSQL) -> Iterator[Wire]:
    opened = Wire(postgresql.without_rows().url)
    yield opened
    opened.end()


@pytest.fixture
def address(wire_to_postgresql: Wire, wire: Wire, httpserver: HTTPServer, asked: Counter[str]) -> dict[str, Any]:
    """What every process is told of where the others are."""
    return {
        "DATABASE_URL": wire_to_postgresql.url,
        "CACHE_URL": wire.url,
        "BLUESKY_APPVIEW": httpserver.url_for("").rstrip("/"),
        "ALLOW_NETWORKS": "127.0.0.0/8",
        "REQUESTS_PER_MINUTE": 1_000_000,
    }


@pytest.fixture
def processes(tmp_path: Path, address: dict[str, Any]) -> Iterator[Processes]:
    port = free_port()
    begun = Processes(tmp_path, port, address)
    try:
        begun.web = begun.begin(PORT=port, WEB_PROCESSES=2, GATHERERS=0)
        until(lambda: reachable(port))
        for _ in range(2):
            begun.begin_worker()
        yield begun
    finally:
        begun.end()


until = partial(wait_until, patience=PATIENCE)


class Browsing:
    """Somebody who browses: asks for badges of a screen of accounts all the time, some of which nobody asked for yet.

    ``wrong``: answers that should not have been given; ``broken``: requests that got none, as their process was killed.
    """

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1/badges"
        self._stopping = threading.Event()
        self._known: set[str] = set()
        self.wrong: list[Any] = []
        self.broken = self.answered = 0
        self._thread = threading.Thread(target=self._browse, daemon=True)

    def __enter__(self) -> Browsing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _browse(self) -> None:
        client = httpx2.Client(timeout=20)
        while not self._stopping.wait(0.05):
            names = [*random.sample(FOLLOWED, 12), "nobody.test"]
            accounts = [{"network": "bluesky", "handle": name} for name in names]
            try:
                given = client.post(self._url, json={"accounts": accounts})
            except httpx2.TransportError:
                self.broken += 1
                continue
            self.answered += 1
            if given.status_code != 200 or [b["handle"] for b in given.json()["badges"]] != names:
                self.wrong.append((given.status_code, given.text))
                continue
            for badge in given.json()["badges"]:
                self._judge(badge)

    def _judge(self, badge: dict[str, Any]) -> None:
        handle, state = badge["handle"], badge["state"]
        allowed = {"pending", "unknown"} if handle == "nobody.test" else {"pending", "too_little"}
        # What was known once is never forgotten again.
        if handle in self._known:
            allowed.discard("pending")
        if state not in allowed or badge.get("score"):
            self.wrong.append(badge)
        if state == "too_little":
            self._known.add(handle)


def test_while_one_of_each_is_killed_and_comes_back_nothing_is_answered_wrongly_and_no_row_is_lost(
    processes: Processes, asked: Counter[str]
) -> None:
    root = f"http://127.0.0.1:{processes.port}"
    until(lambda: len(processes.web_processes()) == 2)
    with Browsing(processes.port) as browsing:
        begun = httpx2.post(f"{root}/review", data={"account": "me.test", "network": "bluesky"})
        assert begun.status_code == 303
        review = f"{root}{begun.headers['location']}"
        until(lambda: settled(review) >= 40)
        processes.kill_worker()
        killed = processes.kill_web_process()
        until(lambda: settled(review) >= 80)
        processes.begin_worker()
        until(lambda: killed not in (now := processes.web_processes()) and len(now) == 2)
        processes.kill_worker()
        processes.begin_worker()
        until(lambda: settled(review) == len(FOLLOWED))
        until(lambda: "All 240 accounts looked at" in " ".join(page(review).split()))
    assert rows(review) == dict.fromkeys(FOLLOWED, "too_little")
    assert browsing.wrong == []
    assert browsing.answered > 20
    # A process that is killed answers none of those that it was at: one who asks one thing at a time meets that once or twice.
    assert browsing.broken <= 4
    # Counted together, by those, too, that are no more.
    assert requests_counted(root) >= browsing.answered
    # Of each killed worker others did again what it was at: of the review, and for those who browse.
    assert asked.total() <= len(FOLLOWED) + 2 * (AT_ONCE + 3) + len(asked & Counter(["me.test"])) + 1


def requests_counted(root: str) -> float:
    """How many answers to questions for badges the service counted, by any of its processes."""
    counts = re.findall(r"rapport_requests_total{[^}]*badges[^}]*} (\S+)", httpx2.get(f"{root}/metrics").text)
    return sum(map(float, counts))


def page(address: str) -> str:
    """A page, asked for again when the process that was to answer is killed."""
    while True:
        try:
            return httpx2.get(address, timeout=20).text
        except httpx2.TransportError:
            time.sleep(0.1)


def settled(review: str) -> int:
    """How many accounts of a review are done."""
    return sum(line.count(",too_little,") > 0 for line in page(f"{review}.csv").splitlines())


def test_redis_may_be_gone_for_a_while(processes: Processes, wire: Wire) -> None:
    root = f"http://127.0.0.1:{processes.port}"
    known, fresh = FOLLOWED[0], FOLLOWED[1]
    until(lambda: badge(root, known)["state"] == "too_little")
    wire.cut()
    assert badge(root, known)["state"] == "too_little"
    told = badge(root, fresh)
    assert told["state"] == "unavailable"
    assert "cannot be read just now" in told["detail"]
    assert reachable(processes.port)
    wire.mend()
    until(lambda: badge(root, fresh)["state"] == "too_little")


def test_postgresql_may_be_gone_for_a_while(
    processes: Processes, wire_to_postgresql: Wire, asked: Counter[str]
) -> None:
    root = f"http://127.0.0.1:{processes.port}"
    begun = httpx2.post(f"{root}/review", data={"account": "me.test", "network": "bluesky"})
    review = f"{root}{begun.headers['location']}"
    until(lambda: settled(review) >= 40)
    wire_to_postgresql.cut()
    for address in (f"{root}/api/v1/accounts/bluesky/{FOLLOWED[-1]}", review, f"{root}/readyz"):
        told = httpx2.get(address, timeout=20)
        assert told.status_code == 503, (address, told.text)
        assert "database" in told.text
        assert "Traceback" not in told.text
    assert httpx2.get(f"{root}/healthz").status_code == 200
    time.sleep(GONE_SECONDS)
    wire_to_postgresql.mend()
    until(lambda: settled(review) == len(FOLLOWED))
    until(lambda: "All 240 accounts looked at" in " ".join(page(review).split()))
    assert rows(review) == dict.fromkeys(FOLLOWED, "too_little")
    assert badge(root, FOLLOWED[0])["state"] == "too_little"
    # What was being looked at when it went is looked at once more.
    assert asked.total() <= len(FOLLOWED) + 2 * (AT_ONCE + 3) + len(asked & Counter(["me.test"])) + 1


def badge(root: str, handle: str) -> dict[str, Any]:
    asked = {"accounts": [{"network": "bluesky", "handle": handle}]}
    given = httpx2.post(f"{root}/api/v1/badges", json=asked, timeout=20)
    assert given.status_code == 200, given.text
    found: dict[str, Any] = given.json()["badges"][0]
    return found

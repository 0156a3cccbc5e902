"""A review of whom somebody follows, against an AppView on this machine: how many accounts a second one process does where nothing limits it,
and how long it takes where the upstream does, by what those limits allow.

The AppView is a process of its own and answers with timelines of 100 posts. Its limits, 60 calls a minute, are announced by the headers that the
public one sends. What they allow is worked out from the calls that it answered: the accounts, the list, and a study of whose review it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from flask import Flask, Response, request
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[2]
LEAST_A_SECOND, MOST_OVER_LIMIT = 25.0, 1.1
FOLLOWED_FREE, FOLLOWED_LIMITED = 400, 120
CALLS, WINDOW_SECONDS, ANSWER_SECONDS = 60, 60.0, 0.1
PATIENCE = 600.0


class Limits:
    """So many calls a window; announced as the AppView does (draft-ietf-httpapi-ratelimit-headers, version 03)."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls, self._seconds, self._lock = calls, seconds, threading.Lock()
        self._ends, self._left = 0.0, calls
        self.answered = self.refused = 0

    def spend(self) -> tuple[bool, dict[str, str]]:
        """Whether a call is allowed, and the headers that say what is left."""
        with self._lock:
            now = time.time()
            if now >= self._ends:
                self._ends, self._left = now + self._seconds, self._calls
            allowed = self._left > 0
            self._left -= allowed
            self.answered += allowed
            self.refused += not allowed
            headers = {"RateLimit-Limit": str(self._calls), "RateLimit-Remaining": str(self._left)}
            return allowed, headers | {"RateLimit-Reset": str(int(self._ends) + 1)}


def appview(followed: int, limited: bool) -> Flask:
    """An AppView on which me.test follows so many accounts, each as busy as the demonstration's alice."""
    from tests.demo.sample_appview import did, world

    made = world()
    alice = did("alice.test")
    # A page of a hundred, as the AppView itself gives at most.
    profile, feed = (json.dumps(part) for part in (made.profiles[alice], made.feed(alice, 100, "")))
    names = [f"p{number:04}.test" for number in range(followed)]
    known = {name: name for name in (*names, "me.test")} | {did(name): name for name in (*names, "me.test")}
    limits = Limits(CALLS, WINDOW_SECONDS) if limited else None
    app = Flask("appview", static_folder=None)

    @app.get("/calls")
    def calls() -> dict[str, int]:
        return {"answered": limits.answered, "refused": limits.refused} if limits else {}

    @app.get("/xrpc/<method>")
    def answer(method: str) -> Response:
        allowed, headers = limits.spend() if limits else (True, {})
        if limits:
            time.sleep(ANSWER_SECONDS)
        if not allowed:
            return Response("{}", 429, headers, content_type="application/json")
        name = known.get(request.args.get("actor", ""), "")
        body = {
            "app.bsky.actor.getProfile": profile,
            "app.bsky.feed.getAuthorFeed": feed,
            "app.bsky.graph.getFollows": _page(names, did) if method.endswith("getFollows") else "",
        }.get(method) or '{"posts": [], "likes": [], "repostedBy": [], "profiles": [], "thread": {}}'
        return Response(body.replace(alice, did(name)), 200, headers, content_type="application/json")

    return app


def _page(names: list[str], did: Any) -> str:
    start = int(request.args.get("cursor", "0"))
    views = [{"did": did(name), "handle": name} for name in names[start : start + 100]]
    return json.dumps({"follows": views} | ({"cursor": str(start + 100)} if start + 100 < len(names) else {}))


@contextmanager
def upstream(followed: int, limited: bool) -> Iterator[str]:
    """The address of an AppView in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.reviews", str(followed), str(int(limited))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def reviewed(address: str, followed: int, polite: bool) -> tuple[float, float]:
    """Seconds and CPU seconds that a service in this process takes for the review."""
    from server.app import create_app
    from server.fetching import FetchingLimits, GuardedClient
    from server.settings import Settings

    pace: dict[str, Any] = {} if polite else {"spacing": 0.0, "at_once_per_host": 8}
    client = GuardedClient(FetchingLimits(allowed_networks=("127.0.0.0/8",), **pace))
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_folder=Path(folder), bluesky_appview=address), fetcher=client)
        service = app.extensions["rapport"]
        started, cpu = time.perf_counter(), time.process_time()
        key = service.reviews.of_follows("bluesky", "me.test")
        while (review := service.reviews.find(key)).state == "running":
            if time.perf_counter() - started > PATIENCE:
                raise TimeoutError(f"the review is not done: {service.reviews.progress(review)}")
            time.sleep(0.05)
        took = time.perf_counter() - started, time.process_time() - cpu
        done = [row for row in service.reviews.rows(review) if row.finding and row.finding.score]
        service.queue.stop()
    if len(done) != followed:
        raise RuntimeError(f"{len(done)} of {followed} accounts have a score")
    client.close()
    return took


def asked(address: str, followed: int) -> float:
    """CPU seconds of this process for the same calls through the same client, and nothing else."""
    from server.fetching import FetchingLimits, GuardedClient

    client = GuardedClient(FetchingLimits(allowed_networks=("127.0.0.0/8",), spacing=0.0))
    cpu = time.process_time()
    for number in range(followed):
        for method in ("actor.getProfile", "feed.getAuthorFeed"):
            client.get_json(f"{address}/xrpc/app.bsky.{method}", {"actor": f"p{number:04}.test"})
    client.close()
    return time.process_time() - cpu


def run() -> bool:
    """Print both figures; False when one is over its budget."""
    with upstream(FOLLOWED_FREE, limited=False) as address:
        seconds, cpu = reviewed(address, FOLLOWED_FREE, polite=False)
        calls_cpu = asked(address, FOLLOWED_FREE)
    a_second = FOLLOWED_FREE / seconds
    print(
        f"review of {FOLLOWED_FREE} follows, no limits: {a_second:.1f} accounts/s (at least {LEAST_A_SECOND:g}); "
        f"{1000 * cpu / FOLLOWED_FREE:.1f} ms CPU each, {cpu / calls_cpu:.1f} x asking and decoding alone"
    )
    with upstream(FOLLOWED_LIMITED, limited=True) as address:
        seconds, _ = reviewed(address, FOLLOWED_LIMITED, polite=True)
        with urlopen(f"{address}/calls") as told:
            calls = json.load(told)
    # The last window need not end, only begin and be used.
    windows, rest = divmod(calls["answered"] - 1, CALLS)
    allowed = windows * WINDOW_SECONDS + (rest + 1) * ANSWER_SECONDS / 2
    ratio = seconds / allowed
    print(
        f"review of {FOLLOWED_LIMITED} follows at {CALLS} calls in {WINDOW_SECONDS:g} s: {seconds:.0f} s for {calls['answered']} calls "
        f"({calls['refused']} more were refused); {ratio:.2f} x what the limits allow, budget {MOST_OVER_LIMIT}"
    )
    return a_second >= LEAST_A_SECOND and ratio <= MOST_OVER_LIMIT


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, appview(int(sys.argv[1]), sys.argv[2] == "1"), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()

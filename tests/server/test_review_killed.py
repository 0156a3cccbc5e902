"""The real service, killed without warning in the middle of a review, and started again on what it left."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from server.review import AT_ONCE, LEASE_SECONDS
from tests.server.databases import Database
from tests.server.test_main import PATIENCE, ROOT, environment, free_port

pytestmark = pytest.mark.timeout(120 + 4 * LEASE_SECONDS)
FOLLOWED = [f"p{number:02}.test" for number in range(40)]
PAGE = 25


def did(handle: str) -> str:
    return "did:plc:" + handle.split(".")[0].translate(str.maketrans("0189", "wxyz")).ljust(24, "a")


@pytest.fixture
def asked(httpserver: HTTPServer) -> Counter[str]:
    """An AppView that takes its time; how often it was asked for the posts of each account."""
    counted: Counter[str] = Counter()
    by_did = {did(handle): handle for handle in (*FOLLOWED, "me.test")}

    def profile(request: Request) -> Response:
        handle = by_did.get(request.args["actor"], request.args["actor"])
        counts = {"followersCount": 9, "followsCount": len(FOLLOWED), "postsCount": 3}
        return answer({"did": did(handle), "handle": handle, **counts})

    def listed(request: Request) -> Response:
        start = int(request.args.get("cursor", "0"))
        views = [{"did": did(handle), "handle": handle} for handle in FOLLOWED[start : start + PAGE]]
        more = {"cursor": str(start + PAGE)} if start + PAGE < len(FOLLOWED) else {}
        if request.path.endswith("getList"):
            items = [{"subject": view} for view in views]
            return answer({"list": {"name": "behind", "listItemCount": len(FOLLOWED)}, "items": items} | more)
        return answer({request.path.rpartition("get")[2].lower(): views} | more)

    def pack(request: Request) -> Response:
        behind = f"at://{did('me.test')}/app.bsky.graph.list/3behind"
        return answer({"starterPack": {"record": {"name": "Trams"}, "list": {"uri": behind}}})

    def feed(request: Request) -> Response:
        counted[by_did[request.args["actor"]]] += 1
        time.sleep(0.05)
        return answer({"feed": []})

    lists = {f"graph.get{which}": listed for which in ("Follows", "Followers", "List")}
    for name, handler in {
        "actor.getProfile": profile,
        "feed.getAuthorFeed": feed,
        "graph.getStarterPack": pack,
        **lists,
    }.items():
        httpserver.expect_request(f"/xrpc/app.bsky.{name}").respond_with_handler(handler)
    return counted


def answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def started(folder: Path, port: int, appview: str, kept_at: dict[str, str]) -> subprocess.Popen[str]:
    settings = {"PORT": port, "BLUESKY_APPVIEW": appview, "ALLOW_NETWORKS": "127.0.0.0/8", **kept_at}
    log = (folder / "service.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=environment(folder, **settings) | {"PYTHONPATH": os.fspath(ROOT)},
        stdout=log,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    until(lambda: reachable(port))
    return process


def kill(service: subprocess.Popen[str]) -> None:
    """Without warning, with all the processes it has started."""
    os.killpg(service.pid, signal.SIGKILL)
    service.wait(PATIENCE)


def reachable(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx2.TransportError:
        return False


def until(is_so: Callable[[], bool]) -> None:
    # Where several could be at it, what a killed one had claimed is free a while later.
    end = time.monotonic() + PATIENCE + LEASE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def rows(address: str) -> dict[str, str]:
    table = csv.DictReader(io.StringIO(httpx2.get(f"{address}.csv").text))
    return {row["account"]: row["verdict"] for row in table}


@pytest.mark.parametrize(
    ("form", "title"),
    [
        ({"account": "me.test", "network": "bluesky", "of": "follows"}, "Whom me.test follows"),
        ({"account": "me.test", "network": "bluesky", "of": "followers"}, "Newest followers of me.test"),
        (
            {"of": "members", "published": "https://bsky.app/starter-pack/me.test/3kabc"},
            "Members of the starter pack “Trams” by me.test",
        ),
    ],
    ids=["follows", "followers", "starter pack"],
)
def test_a_kill_in_the_middle_of_a_review_loses_nothing(
    tmp_path: Path,
    httpserver: HTTPServer,
    asked: Counter[str],
    form: dict[str, str],
    title: str,
    kept_at: dict[str, str],
) -> None:
    if kept_at and form["of"] != "follows":
        pytest.skip(
            "what a killed process had claimed is free after a minute, and the lists differ only in how they are read"
        )
    port, appview = free_port(), httpserver.url_for("").rstrip("/")
    service = started(tmp_path, port, appview, kept_at)
    try:
        begun = httpx2.post(f"http://127.0.0.1:{port}/review", data=form)
        assert begun.status_code == 303
        address = f"http://127.0.0.1:{port}{begun.headers['location']}"
        for enough in (8, 24):
            until(lambda enough=enough: len(asked) >= enough)  # type: ignore[misc]
            kill(service)
            service = started(tmp_path, port, appview, kept_at)
        until(lambda: set(rows(address).values()) == {"too_little"} and len(rows(address)) == len(FOLLOWED))
        until(lambda: "All 40 accounts looked at" in " ".join(httpx2.get(address).text.split()))
        assert re.findall("<title>(.*)</title>", httpx2.get(address).text) == [f"{title} · Rapport"]
    finally:
        kill(service)
    kept = Database(kept_at.get("DATABASE_URL") or f"sqlite:///{tmp_path / 'rapport.db'}")
    assert kept.rows("SELECT handle FROM reviewed ORDER BY position") == [(name,) for name in FOLLOWED]
    del asked["me.test"]
    # Only what was under way at a kill is asked for once more.
    assert sum(asked.values()) <= len(FOLLOWED) + 2 * AT_ONCE
    assert max(asked.values()) <= 3

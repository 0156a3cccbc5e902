"""Asking an AppView, over real HTTP, for the profiles of those who were listened to."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from server.errors import RapportError
from server.fetching import FetchingLimits, GuardedClient
from server.networks.bluesky import Bluesky
from server.population.engines import in_process
from server.population.hourly_files import HourlyFiles
from server.population.people import ABSENT
from server.population.profiles import ATTEMPTS, Asked, ask, summary
from server.population.tables import files_of, typed
from tests.server.commands import command
from tests.server.population.invented_jetstream import did
from tests.server.population.test_jetstream import process
from tests.server.population.test_people import acts, told
from tests.server.test_main import PATIENCE, ROOT, environment

DAY = 86_400
PEOPLE = [f"did:plc:{'a' * 22}{chr(97 + n // 20)}{chr(97 + n % 20)}" for n in range(60)]


@dataclass
class InventedAppView:
    """Knows the profiles that it is told; ``first`` are answers that it gives before any other."""

    address: str
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    first: list[Response] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    """Names that it does not take."""
    asked: list[list[str]] = field(default_factory=list)

    def knows(self, account: str, description: str = "", labels: tuple[str, ...] = (), followers: int = 7) -> None:
        own = [{"src": account, "val": label, "uri": "", "cts": ""} for label in labels]
        counts = {"followersCount": followers, "followsCount": 5, "postsCount": 3}
        self.known[account] = {"did": account, "handle": "a.test", "description": description, "labels": own} | counts

    def answer(self, request: Request) -> Response:
        actors = request.args.getlist("actors")
        self.asked.append(actors)
        if self.first:
            return self.first.pop(0)
        if len(actors) > 25 or self.bad & set(actors):
            return as_json({"error": "InvalidRequest", "message": "Error: actors must be a valid did or a handle"}, 400)
        return as_json({"profiles": [self.known[name] for name in actors if name in self.known]}, 200, self.headers)


def as_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type="application/json")


@pytest.fixture
def appview(httpserver: HTTPServer) -> InventedAppView:
    invented = InventedAppView(httpserver.url_for("").rstrip("/"))
    httpserver.expect_request("/xrpc/app.bsky.actor.getProfiles").respond_with_handler(invented.answer)
    return invented


@pytest.fixture
def asking(appview: InventedAppView, tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    """Asks for the profiles of those in the test's folder; what is said stands in ``said``."""
    limits = FetchingLimits(allowed_networks=("127.0.0.0/8",), spacing=0.0, back_off=0.01, longest_wait=0.05)
    client = GuardedClient(limits)
    said: list[str] = []

    def run(
        since: int | None = None,
        opted_out: frozenset[str] = frozenset(),
        stopping: threading.Event | None = None,
        step: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Asked:
        return ask(
            tmp_path,
            Bluesky(appview.address),
            client,
            int(time.time()) - 7 * DAY if since is None else since,
            lambda: opted_out.__contains__,
            stopping or threading.Event(),
            said.append,
            step,
        )

    run.said = said  # type: ignore[attr-defined]
    yield run
    client.close()


def rows(folder: Path, table: str = "accounts") -> dict[str, dict[str, Any]]:
    """What profiles were asked for, by account, without when."""
    found = [
        row for path in sorted((folder / table).glob("profiles-*.parquet")) for row in pq.read_table(path).to_pylist()
    ]
    assert all(abs(row.pop("seen") - time.time()) < PATIENCE for row in found)
    return {row.pop("id"): row for row in found}


def everybody(folder: Path, appview: InventedAppView, count: int = len(PEOPLE)) -> None:
    """So many people like a post of the first of them, and are known."""
    acts(folder, *((account, PEOPLE[0], "like") for account in PEOPLE[:count]))
    for account in PEOPLE[:count]:
        appview.knows(account)


def test_everybody_is_asked_for_once_25_at_a_time_and_counted(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview)
    steps: list[tuple[int, int]] = []
    came = asking(step=lambda done, count: steps.append((done, count)))
    assert came == Asked(profiles=60)
    assert [len(actors) for actors in appview.asked] == [25, 25, 10]
    assert rows(tmp_path) == {account: {"followers": 7, "following": 5, "consent": "open"} for account in PEOPLE}
    assert steps == [(25, 60), (50, 60), (60, 60)]
    assert asking() == Asked()
    assert len(appview.asked) == 3
    assert asking(since=int(time.time()) + DAY) == Asked(profiles=60), "an older profile is asked for again"


def test_whoever_asks_not_to_be_looked_at_is_noted_without_counts_and_not_asked_for_again(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 4)
    appview.knows(PEOPLE[1], labels=("!no-unauthenticated",))
    appview.knows(PEOPLE[2], "I write. #noindex")
    appview.knows(PEOPLE[3], "#nobot")
    assert asking() == Asked(profiles=1, closed=3)
    nothing = {"followers": None, "following": None}
    assert {account: row for account, row in rows(tmp_path).items() if account != PEOPLE[0]} == {
        PEOPLE[1]: nothing | {"consent": "ephemeral"},
        PEOPLE[2]: nothing | {"consent": "ephemeral"},
        PEOPLE[3]: nothing | {"consent": "refused"},
    }
    asking(since=int(time.time()) + DAY)
    assert appview.asked[-1] == [PEOPLE[0]]


def test_nobody_is_asked_for_who_opted_out_or_of_whom_it_was_heard_that_they_do_not_want_it(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 4)
    told(tmp_path, (PEOPLE[2], "ephemeral", int(time.time()) - 90 * DAY))
    assert asking(opted_out=frozenset((PEOPLE[1],))) == Asked(profiles=2, not_asked=1)
    assert appview.asked == [[PEOPLE[0], PEOPLE[3]]]
    assert PEOPLE[1] not in rows(tmp_path)


def test_who_is_gone_is_passed_over_counted_and_not_looked_for_again_for_some_days(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 3)
    del appview.known[PEOPLE[1]]
    assert asking() == Asked(profiles=2, absent=1)
    assert PEOPLE[1] not in rows(tmp_path)
    assert list(rows(tmp_path, ABSENT)) == [PEOPLE[1]]
    assert asking() == Asked()


def test_what_the_network_asks_to_be_waited_for_is_waited_for(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 30)
    appview.first = [as_json({"error": "RateLimitExceeded"}, 429, {"Retry-After": "1"})]
    began = time.monotonic()
    assert asking() == Asked(profiles=30)
    assert time.monotonic() - began >= 1
    assert appview.asked[0] == appview.asked[1]
    assert any("going on in" in line for line in asking.said)


def test_where_the_network_says_that_nothing_is_left_it_is_not_even_asked(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 30)
    appview.headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": "1"}
    began = time.monotonic()
    assert asking() == Asked(profiles=30)
    assert time.monotonic() - began >= 0.9
    assert [len(actors) for actors in appview.asked] == [25, 5]
    assert any("allows no further requests for 1 seconds; going on in" in line for line in asking.said)


def test_a_name_that_the_network_does_not_take_costs_the_others_nothing(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview)
    appview.bad = {PEOPLE[3], PEOPLE[17]}
    assert asking() == Asked(profiles=58, absent=2)
    assert set(rows(tmp_path)) == set(PEOPLE) - appview.bad
    assert len(appview.asked) < 25


def test_a_network_that_fails_is_given_up_after_a_while_and_what_it_answered_is_kept(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview)
    broken = [as_json({}, 503, {"Retry-After": "0"}) for _ in range(3 * ATTEMPTS)]
    with pytest.raises(RapportError, match=r"not available just now .*\. Start the same command again to go on where"):
        asking(step=lambda done, _count: appview.first.extend(broken) if done == 25 else None)
    assert len(rows(tmp_path)) == 25
    appview.first.clear()
    assert asking() == Asked(profiles=35)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (as_json({}, 403), r"answered 403; is that the address of an AppView\?"),
        (as_json({"profiles": {}}), "in a form that this version does not understand"),
    ],
)
def test_what_is_no_appview_is_said_at_once(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path, answer: Response, said: str
) -> None:
    everybody(tmp_path, appview, 2)
    appview.first = [answer]
    with pytest.raises(RapportError, match=said):
        asking()
    assert len(appview.asked) == 1


def test_stopped_at_any_moment_it_goes_on_where_it_was(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview)
    stopping = threading.Event()
    assert asking(stopping=stopping, step=lambda _done, _all: stopping.set()) == Asked(profiles=25, left=35)
    assert len(rows(tmp_path)) == 25
    stopping.clear()
    appview.first = [as_json({}, 429, {"Retry-After": "3000"})]
    threading.Thread(target=lambda: (wait_for(asking.said), stopping.set())).start()
    assert asking(stopping=stopping) == Asked(left=35), "also while it waits"


ASKING = """
import pathlib, sys, threading, time
from server.fetching import FetchingLimits, GuardedClient
from server.networks.bluesky import Bluesky
from server.population import profiles
profiles.WRITE_ROWS = 25
client = GuardedClient(FetchingLimits(allowed_networks=("127.0.0.0/8",)))
profiles.ask(pathlib.Path(sys.argv[1]), Bluesky(sys.argv[2]), client, 0, lambda: lambda _: False, threading.Event(),
             lambda line: print(line, flush=True))
"""


def test_killed_while_it_waits_it_asks_only_for_those_who_are_left(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview)
    appview.headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": "3000"}
    with process(["-c", ASKING, str(tmp_path), appview.address]) as killed:
        assert killed.stdout is not None
        assert "going on in 50 minutes" in killed.stdout.readline()
        killed.kill()
        killed.wait(PATIENCE)
    assert len(rows(tmp_path)) == 25
    appview.headers = {}
    assert asking() == Asked(profiles=35)


def wait_for(said: list[str]) -> None:
    end = time.monotonic() + PATIENCE
    while not said and time.monotonic() < end:
        time.sleep(0.001)


def test_profiles_are_asked_for_while_somebody_listens_but_by_one_process_at_a_time(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 30)
    unfinished = tmp_path / "accounts" / ".profiles-0.parquet"
    unfinished.parent.mkdir()
    unfinished.write_bytes(b"of one that was killed")
    files = HourlyFiles(tmp_path)
    refused: list[str] = []

    def again(_done: int, _all: int) -> None:
        with pytest.raises(RapportError) as problem:
            asking()
        refused.append(str(problem.value))

    assert asking(step=again) == Asked(profiles=30)
    files.close()
    assert not unfinished.exists()
    assert refused[0] == f"Another process asks for the profiles of {tmp_path} already."


def test_a_folder_that_was_never_listened_into_is_said(asking: Callable[..., Asked]) -> None:
    with pytest.raises(RapportError, match=r"nothing in .* that was listened to"):
        asking()


def test_counts_and_what_was_heard_are_read_as_one_table(
    appview: InventedAppView, asking: Callable[..., Asked], tmp_path: Path
) -> None:
    everybody(tmp_path, appview, 3)
    now = int(time.time())
    told(tmp_path, (PEOPLE[0], "ephemeral", now + 60), (PEOPLE[1], "open", now - 60), (did("eve"), "open", now))
    asking(since=now - 90)
    with in_process("1GB", tmp_path / "scratch") as engine:
        _, accounts = typed(
            engine.read(files_of(tmp_path / "interactions")), engine.read(files_of(tmp_path / "accounts"))
        )
        found = {row["id"]: (row["open"], row["followers"]) for row in accounts.to_pyarrow().to_pylist()}
    assert found == {
        PEOPLE[0]: (False, None), PEOPLE[1]: (True, 7), PEOPLE[2]: (True, 7), did("eve"): (True, None)
    }  # fmt: skip


def test_what_came_of_it_is_said(tmp_path: Path) -> None:
    assert summary(Asked(1, 2, 3, 0, 5), tmp_path) == [
        f"1 profile written to {tmp_path}",
        "Noted without counts: 2 accounts (ask not to be looked at)",
        "Passed over: 3 accounts (not known to Bluesky, or not any more)",
        "Not come to: 5 accounts (start the same command again to go on)",
    ]


def test_the_command_asks_and_goes_on(appview: InventedAppView, tmp_path: Path, kept_at: dict[str, str]) -> None:
    everybody(tmp_path / "sky", appview)
    allowed = environment(tmp_path, ALLOW_NETWORKS="127.0.0.0/8", BLUESKY_APPVIEW=appview.address, **kept_at)
    words = ["population", "profiles", str(tmp_path / "sky")]
    done = subprocess.run(
        [sys.executable, "-m", "server", *words], cwd=ROOT, env=allowed, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"60 profiles written to {tmp_path / 'sky'}\n"), done.stderr
    assert "Traceback" not in done.stderr
    run = partial(command, env=allowed)
    assert run(*words).stdout == f"0 profiles written to {tmp_path / 'sky'}\n"
    assert run(*words[:-1], tmp_path / "nowhere").stderr.splitlines()[-1].startswith("There is nothing in")

"""Listening to a Jetstream that is really there, on loopback: what is kept when it drops, repeats, forgets and talks nonsense."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.errors import RapportError
from server.fetching import FetchingLimits, GuardedClient
from server.population.bluesky_records import COLLECTIONS, NO_POST, NOT_UNDERSTOOD
from server.population.engines import in_process
from server.population.jetstream import Jetstream
from server.population.listening import Patience, Stream, Tally, listen
from server.population.profiles import PROFILES
from server.population.run import score_network
from server.population.tables import files_of
from server.scoring.formula import current_formula
from tests.server.certificates import certificate_for
from tests.server.population.invented_jetstream import (
    InventedJetstream,
    account,
    answer,
    commit,
    did,
    invented_jetstream,
    like,
    post,
    profile,
    uri,
)
from tests.server.population.test_people import write
from tests.server.test_main import PATIENCE, ROOT, environment

HOUR = 3600
BEGIN = int(time.time()) // HOUR * HOUR - 20 * HOUR
"""When the invented events begin; they must lie in the past."""
LOOPBACK = FetchingLimits(allowed_networks=("127.0.0.0/8",))
QUICK = Patience(write=0.02, first=0.01, longest=0.05)


@pytest.fixture
def stream() -> Iterator[InventedJetstream]:
    with invented_jetstream() as opened:
        yield opened


@dataclass
class Listening:
    """Listens in a thread of its own until the block that it stands in ends."""

    folder: Path
    url: str
    hours: float = 24.0
    kind: Callable[[str], Stream] = Jetstream
    wanting: set[str] = field(default_factory=set)
    """Who opted out."""
    client: GuardedClient = field(default_factory=partial(GuardedClient, LOOPBACK))
    said: list[str] = field(default_factory=list)
    tally: Tally | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Listening:
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()
        return self

    def _listen(self) -> None:
        self.tally = listen(
            self.folder,
            self.kind(self.url),
            self.client,
            self.said.append,
            self.stopping,
            self.hours,
            QUICK,
            self._wishes,
        )
        self.client.close()

    def _wishes(self) -> Callable[[str], bool]:
        return frozenset(self.wanting).__contains__

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.said)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.001)


def rows(folder: Path, table: str = "interactions") -> list[tuple[Any, ...]]:
    """Every row that is kept, each once."""
    for _ in range(100):
        try:
            found = pa.concat_tables([pq.read_table(file) for file in files_of(folder / table)])
            return sorted({tuple(row.values()) for row in found.to_pylist()}, key=str)
        except FileNotFoundError:
            # Parts became the file of their hour meanwhile.
            continue
        except RapportError:
            return []
    raise AssertionError("the files never stood still")


def keys(folder: Path) -> list[str]:
    return sorted(row[-1].rpartition("/")[2] for row in rows(folder))


def likes(count: int, every: float = 60.0) -> list[dict[str, Any]]:
    return [like("ann", BEGIN + every * n, f"k{n:05}", uri("bob", f"p{n}")) for n in range(count)]


def numbered(count: int) -> list[str]:
    return [f"k{n:05}" for n in range(count)]


def test_what_is_told_is_kept_and_only_what_is_wanted_is_asked_for(stream: InventedJetstream, tmp_path: Path) -> None:
    stream.tell(*likes(3), post("bob", BEGIN + 400, "k00003"))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: keys(tmp_path) == numbered(4))
        stream.tell(answer("bob", time.time(), "k00004", uri("ann", "p")))
        until(lambda: keys(tmp_path) == numbered(5))
    assert listening.tally is not None
    assert listening.tally.rows == 5
    (asked,) = stream.asked
    assert asked["wantedCollections"] == list(COLLECTIONS)
    assert time.time() - int(asked["cursor"][0]) / 1e6 == pytest.approx(24 * HOUR + 5, abs=PATIENCE)


def test_it_says_how_much_comes_in_and_how_old_the_newest_is(stream: InventedJetstream, tmp_path: Path) -> None:
    stream.tell(like("ann", time.time() - 3 * HOUR, "k", uri("bob", "p")))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: listening.has_said("rows an hour"))
    assert listening.has_said("the newest is 3.0 hours old.")
    assert not any(did("ann") in line for line in listening.said)


def test_a_connection_that_drops_is_made_again_and_nothing_is_lost(stream: InventedJetstream, tmp_path: Path) -> None:
    stream.drop_after = [7, 0, 20]
    stream.refuse_with = [503]
    stream.tell(*likes(60))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: keys(tmp_path) == numbered(60))
    assert len(stream.asked) == 4
    cursors = [int(asked["cursor"][0]) / 1e6 for asked in stream.asked]
    assert cursors[1] == BEGIN + 6 * 60 - 5
    assert cursors == sorted(cursors)
    assert listening.has_said("127.0.0.1 is not available just now (it answered 503); trying again in")
    assert listening.has_said("127.0.0.1 ended the connection; trying again in")
    (missing,) = (line for line in listening.said if "missing" in line)
    assert "tells nothing older than" in missing, "only what lies before all that it knows"


def test_a_server_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    with invented_jetstream() as gone:
        address = gone.address
    with Listening(tmp_path, address) as listening:
        until(lambda: sum("could not be reached; trying again" in line for line in listening.said) >= 3)
    assert not list(tmp_path.glob("listened.json"))


def test_the_next_start_goes_on_where_the_last_one_ended(stream: InventedJetstream, tmp_path: Path) -> None:
    stream.tell(*likes(5))
    with Listening(tmp_path, stream.address):
        until(lambda: keys(tmp_path) == numbered(5))
    stream.tell(*likes(9)[5:])
    with Listening(tmp_path, stream.address, hours=0) as listening:
        until(lambda: keys(tmp_path) == numbered(9))
    assert int(stream.asked[-1]["cursor"][0]) / 1e6 == BEGIN + 4 * 60 - 5
    assert not listening.has_said("missing")


def test_what_the_server_has_forgotten_meanwhile_is_said_to_be_missing(
    stream: InventedJetstream, tmp_path: Path
) -> None:
    stream.tell(*likes(5))
    with Listening(tmp_path, stream.address):
        until(lambda: keys(tmp_path) == numbered(5))
    stream.floor = BEGIN + 9 * HOUR
    stream.tell(*likes(700)[5:])
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: "k00699" in keys(tmp_path))
    assert "k00005" not in keys(tmp_path)
    assert listening.has_said("what happened in the 8.9 hours before is missing.")


def test_nonsense_is_counted_and_passed_over(stream: InventedJetstream, tmp_path: Path) -> None:
    of_feed = like("ann", BEGIN + 9, "feed", uri("bob", "news", "app.bsky.feed.generator"))
    ahead = like("ann", time.time() + 10 * 86_400, "ahead", uri("bob", "p"))
    stream.tell("junk", b"\xff\x00", "{}", of_feed, ahead, *likes(2))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: keys(tmp_path) == numbered(2))
    assert listening.tally is not None
    assert listening.tally.odd == {NOT_UNDERSTOOD: 4, NO_POST: 1}


def test_who_asks_not_to_be_looked_at_is_dropped_on_the_way_in_also_after_a_start_anew(
    stream: InventedJetstream, tmp_path: Path
) -> None:
    hidden = profile("bob", BEGIN, labels=("!no-unauthenticated",))
    gone = account("eve", BEGIN + 1, False)
    stream.tell(hidden, gone, *likes(2), post("eve", BEGIN + 90, "e"), post("ann", BEGIN + 91, "a"))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: keys(tmp_path) == ["a"])
    assert listening.tally is not None
    assert listening.tally.not_kept == 3
    consents = [(did("bob"), "ephemeral", BEGIN), (did("eve"), "refused", BEGIN + 1)]
    assert rows(tmp_path, "accounts") == consents
    stream.tell(*likes(4)[2:], profile("bob", BEGIN + 300), *likes(7)[6:])
    with Listening(tmp_path, stream.address):
        until(lambda: keys(tmp_path) == ["a", "k00006"])


def test_who_opts_out_while_it_listens_is_kept_no_longer_and_what_was_kept_is_not_scored(
    stream: InventedJetstream, tmp_path: Path
) -> None:
    stream.tell(profile("bob", BEGIN - 1), *likes(2))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: keys(tmp_path) == numbered(2))
        listening.wanting.add(did("bob"))
        # Heard of when rows are written next.
        stream.tell(post("ann", BEGIN + 130, "k1"))
        until(lambda: "k1" in keys(tmp_path))
        stream.tell(*likes(5)[3:], post("ann", BEGIN + 300, "k2"))
        until(lambda: "k2" in keys(tmp_path))
    assert keys(tmp_path) == [*numbered(2), "k1", "k2"]
    assert rows(tmp_path, "accounts")[-1] == (did("bob"), "refused", BEGIN + 180)


def test_what_profiles_say_meanwhile_is_heeded_from_the_next_writing_on(
    stream: InventedJetstream, tmp_path: Path
) -> None:
    stream.tell(*likes(2))
    with Listening(tmp_path, stream.address) as listening:
        until(lambda: keys(tmp_path) == numbered(2))
        profile_of_bob = {"id": did("bob"), "consent": "ephemeral", "seen": BEGIN}
        write(tmp_path / "accounts", "profiles-1", PROFILES, profile_of_bob)
        stream.tell(post("ann", BEGIN + 130, "k1"))
        until(lambda: "k1" in keys(tmp_path))
        stream.tell(*likes(5)[3:], post("ann", BEGIN + 300, "k2"))
        until(lambda: "k2" in keys(tmp_path))
    assert keys(tmp_path) == [*numbered(2), "k1", "k2"]
    assert listening.tally is not None
    assert listening.tally.not_kept == 2


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://127.0.0.1/", "is no address of a Jetstream"),
        ("jetstream.example", "is no address of a Jetstream"),
        ("wss://", "is no address of a Jetstream"),
        ("wss://127.0.0.1/", "is not a public address"),
        ("ws://127.0.0.1/", "is not asked without encryption"),
        ("wss://127.0.0.1:6008/", "is not asked on port 6008"),
    ],
)
def test_an_address_that_must_not_be_reached_is_said_at_once(tmp_path: Path, url: str, said: str) -> None:
    client = GuardedClient(FetchingLimits())
    with pytest.raises(RapportError, match=said):
        listen(tmp_path, Jetstream(url), client, lambda _: None, threading.Event())


def test_an_encrypted_stream_is_listened_to_where_its_certificate_names_it(tmp_path: Path) -> None:
    shown, trusting = certificate_for("sky.example", tmp_path)

    def resolve(_host: str, port: int, *_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    def client() -> GuardedClient:
        return GuardedClient(LOOPBACK, resolver=resolve, ssl_context=trusting)

    with invented_jetstream("sky.example", shown) as stream:
        stream.tell(*likes(2))
        with Listening(tmp_path / "sky", stream.address, client=client()):
            until(lambda: keys(tmp_path / "sky") == numbered(2))
        elsewhere = stream.address.replace("sky.example", "other.example")
        with pytest.raises(RapportError, match=r"other\.example does not show a valid certificate"):
            listen(tmp_path / "other", Jetstream(elsewhere), client(), lambda _: None, threading.Event())


@pytest.mark.parametrize(
    ("status", "said"), [(404, "answered 404"), (400, "answered 400"), (302, "redirects elsewhere")]
)
def test_what_is_no_jetstream_is_said_at_once(
    stream: InventedJetstream, tmp_path: Path, status: int, said: str
) -> None:
    stream.refuse_with = [status]
    client = GuardedClient(LOOPBACK)
    with pytest.raises(RapportError, match=rf"127\.0\.0\.1 {said}; is that the address of a Jetstream"):
        listen(tmp_path, Jetstream(stream.address), client, lambda _: None, threading.Event())


def test_what_was_listened_to_can_be_scored_without_what_was_deleted(stream: InventedJetstream, tmp_path: Path) -> None:
    people = [f"p{chr(97 + n)}" for n in range(12)]
    stream.tell(*(profile(name, BEGIN + n) for n, name in enumerate(people)))
    for n in range(40):
        author, key, at = people[n % 2], f"post{n}", BEGIN + 60 + n * 600
        stream.tell(post(author, at, key))
        stream.tell(*(like(name, at + 9, f"{key}{name}", uri(author, key)) for name in people[2 + n % 2 :: 1 + n % 2]))
        stream.tell(answer(people[-1], at + 10, f"answer{n}", uri(author, key)))
    stream.tell(commit(people[2], BEGIN + 15 * HOUR, "app.bsky.feed.like", f"post0{people[2]}", operation="delete"))
    stream.tell(account(people[5], BEGIN + 15 * HOUR, False))
    stream.tell(profile("last", BEGIN + 15 * HOUR + 1))
    with Listening(tmp_path, stream.address):
        until(lambda: any(row[0] == did("last") for row in rows(tmp_path, "accounts")))
    outcome = score_network(
        tmp_path / "interactions",
        tmp_path / "accounts",
        tmp_path / "scores.parquet",
        current_formula(),
        partial(in_process, "1GB"),
    )
    scores = {row["account"]: row["score"] for row in pq.read_table(tmp_path / "scores.parquet").to_pylist()}
    assert set(scores) == {did(name) for name in (*people, "last") if name != people[5]}
    assert scores[did(people[0])] is not None
    assert outcome.left_out["deleted since"] == 1
    assert outcome.left_out["of an account that asked not to be looked at"] > 0


LISTENER = """
import sys, threading, pathlib
from server.fetching import FetchingLimits, GuardedClient
from server.population.jetstream import Jetstream
from server.population.listening import Patience, listen
client = GuardedClient(FetchingLimits(allowed_networks=("127.0.0.0/8",)))
listen(pathlib.Path(sys.argv[1]), Jetstream(sys.argv[2]), client, lambda line: print(line, flush=True), threading.Event(), 24,
       Patience(write=0.03, first=0.01, longest=0.05))
"""
"""Writes often, so that it is killed while it writes, and many rows at a time, more than it would ask for again anyway."""


@contextmanager
def process(command: list[str], **more: Any) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate(timeout=PATIENCE)


def test_killed_at_any_moment_it_loses_nothing_and_what_can_be_read_is_whole(
    stream: InventedJetstream, tmp_path: Path
) -> None:
    draw = random.Random(7)
    told, total = 0, 600
    events = likes(total, every=120.0)
    noted = tmp_path / "listened.json"
    for at_note in (True, False, True, False):
        with process(["-c", LISTENER, str(tmp_path), stream.address]) as listener:
            assert listener.stdout is not None
            listener.stdout.readline()
            before = noted.stat().st_mtime_ns if noted.exists() else 0
            stream.tell(*events[told : told + 120])
            told += 120
            if at_note:
                until(partial(lambda earlier: noted.exists() and noted.stat().st_mtime_ns > earlier, before))
            else:
                enough = told - draw.randrange(20, 110)
                until(partial(lambda wanted: len(rows(tmp_path)) >= wanted, enough))
            os.kill(listener.pid, signal.SIGKILL)
            listener.wait(PATIENCE)
        assert set(keys(tmp_path)) <= set(numbered(told))
    stream.tell(*events[told:])
    with process(["-c", LISTENER, str(tmp_path), stream.address]):
        until(lambda: len(rows(tmp_path)) >= total)
    assert keys(tmp_path) == numbered(total)


def test_the_command_says_what_it_does_and_ends_when_it_is_asked_to(
    stream: InventedJetstream, tmp_path: Path, kept_at: dict[str, str]
) -> None:
    command = ["-m", "server", "population", "listen", str(tmp_path / "sky"), "--hours", "24", "--url", stream.address]
    allowed = environment(tmp_path, ALLOW_NETWORKS="127.0.0.0/8", **kept_at)
    stream.tell("junk", *likes(3))
    with process(command, env=allowed) as listener:
        assert listener.stderr is not None
        assert "Listening to 127.0.0.1, from " in listener.stderr.readline()
        with process(command, env=allowed) as second:
            assert second.communicate(timeout=PATIENCE)[1].startswith("Another process writes to")
            assert second.returncode == 1
        listener.send_signal(signal.SIGTERM)
        out, err = listener.communicate(timeout=PATIENCE)
    assert listener.returncode == 0
    assert "Traceback" not in err
    assert f"written to {tmp_path / 'sky'}" in out


def test_the_command_refuses_an_address_in_one_sentence(tmp_path: Path) -> None:
    command = ["-m", "server", "population", "listen", str(tmp_path / "sky"), "--url", "ftp://here"]
    with process(command, env=environment(tmp_path)) as listener:
        assert listener.communicate(timeout=PATIENCE)[1].startswith("'ftp://here' is no address of a Jetstream; one")
    assert listener.returncode == 1

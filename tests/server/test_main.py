"""The command line, run as a person runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server.commands import Ended, command
from tests.server.databases import Database, PostgreSQL
from tests.server.redis_server import redis_url

__all__ = ["redis_url"]

ROOT = Path(__file__).parents[2]
PATIENCE = 40


def environment(folder: Path, **settings: object) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    return plain | {"RAPPORT_DATA_FOLDER": str(folder)} | {f"RAPPORT_{k}": str(v) for k, v in settings.items()}


def run(folder: Path, *words: str, **settings: object) -> Ended:
    return command(*words, env=environment(folder, **settings))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_service_starts_says_how_to_load_the_extension_serves_and_stops(
    tmp_path: Path, kept_at: dict[str, str]
) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=environment(tmp_path, PORT=port, **kept_at),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert _ready(port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            assert "extension/dist/chrome" in page.read().decode()
    finally:
        server.terminate()
        printed, complaints = server.communicate(timeout=PATIENCE)
    assert f"http://127.0.0.1:{port}" in printed
    assert "extension/dist/chrome" in printed
    assert "extension/dist/firefox" in printed
    assert "Traceback" not in complaints
    assert {path.name for path in tmp_path.iterdir()} >= {"secret.key"} | (set() if kept_at else {"rapport.db"})
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.databases("postgresql")
def test_the_service_keeps_everything_on_postgresql_by_one_setting(tmp_path: Path, empty_database: Database) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=environment(tmp_path, PORT=port, DATABASE_URL=empty_database.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert _ready(port)
        opting_out = urllib.parse.urlencode({"account": "alice", "network": "x"}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/privacy/opt-out", opting_out) as page:
            assert page.status == 200
    finally:
        server.terminate()
        printed, complaints = server.communicate(timeout=PATIENCE)
    assert "Kept in" in printed
    assert "postgresql://" in printed
    assert "Traceback" not in complaints
    assert {path.name for path in tmp_path.iterdir()} == {"secret.key"}
    assert empty_database.rows("SELECT count(*) FROM opt_out") == [(1,)]


def test_a_service_that_is_killed_leaves_nothing_behind_that_answers(tmp_path: Path, kept_at: dict[str, str]) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=environment(tmp_path, PORT=port, **kept_at),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert _ready(port)
        server.kill()
        server.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and _answers(port):
            time.sleep(0.1)
        assert not _answers(port)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return True
    except OSError:
        return False


def _ready(port: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


def test_a_port_in_use_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        port = occupied.getsockname()[1]
        done = run(tmp_path, PORT=port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert "RAPPORT_PORT" in done.stderr


def test_a_data_folder_that_cannot_be_made_stops_the_start_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(tmp_path / "file" / "data", PORT=free_port())
    assert done.returncode == 1
    assert "cannot be made" in done.stderr
    assert "RAPPORT_DATA_FOLDER" in done.stderr


def test_history_that_needs_no_scoring_again_is_said_to_need_none(tmp_path: Path, kept_at: dict[str, str]) -> None:
    done = run(tmp_path, "rescore", "--dry-run", **kept_at)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing to do: every stored time has a score of version ")


def test_a_database_that_cannot_be_opened_is_not_scored_again_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "rapport.db").write_text("a shopping list, " * 100)
    done = run(tmp_path, "rescore")
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("lookup", "myspace", "tom"), "There is no network 'myspace' here; there are bluesky, mastodon, x."),
        (("lookup", "bluesky", "two words"), "two words"),
        (("lookup", "x", "alice"), "X shows its posts to people only."),
    ],
)
def test_a_look_up_that_cannot_be_says_why(
    tmp_path: Path, words: tuple[str, ...], says: str, kept_at: dict[str, str]
) -> None:
    done = run(tmp_path, *words, **kept_at)
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "There is no work to share: the service gathers by itself"),
        ({"CACHE_URL": "redis://127.0.0.1:1"}, "RAPPORT_DATABASE_URL to the same postgresql://…"),
        (
            {"CACHE_URL": "redis://127.0.0.1:1", "DATABASE_URL": "postgresql://127.0.0.1/rapport", "GATHERERS": 0},
            "RAPPORT_GATHERERS is 0, so this process would gather nothing",
        ),
    ],
)
def test_a_worker_that_would_have_nothing_to_do_says_so(tmp_path: Path, settings: dict[str, Any], says: str) -> None:
    ended = run(tmp_path, "work", **settings)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_worker_tells_of_itself_at_its_own_port_and_stops_when_it_is_told_to(
    tmp_path: Path, redis_url: str, postgresql: PostgreSQL
) -> None:
    shared = {"CACHE_URL": redis_url, "DATABASE_URL": postgresql.without_rows().url}
    port = free_port()
    worker = subprocess.Popen(
        [sys.executable, "-m", "server", "work"],
        cwd=ROOT,
        env=environment(tmp_path, METRICS_PORT=port, **shared),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline().startswith("Rapport gathers 6 accounts at a time")
        assert "rapport_chores_total" in httpx2.get(f"http://127.0.0.1:{port}/metrics").text
        taken = run(tmp_path, "work", METRICS_PORT=port, **shared)
        assert f"Port {port} on 127.0.0.1 cannot be used" in taken.stderr
        assert "Traceback" not in taken.stderr
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
        assert "Stopping when what is under way has ended." in worker.stdout.read()
    finally:
        worker.kill()
        worker.wait()

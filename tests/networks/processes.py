"""Servers that a test run starts and stops."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STOPPING_SECONDS = 15


class NotStarted(Exception):
    """A server ended before it was ready, or was not ready in time; the text holds the end of its log."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Does anything accept connections on that port of 127.0.0.1?"""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    ready: Callable[[], bool],
    *,
    seconds: float = 90,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """The server that a command starts, from when it is ready until the block is left. Raises NotStarted.

    ``environment`` is the whole of it; None: as this process has it. ``seconds``: how long it may take to get ready.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=folder,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    try:
        _wait(process, log, ready, seconds)
        yield process
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready():
        ended = process.poll() is not None
        if ended or time.monotonic() > end:
            what = f"ended with {process.returncode}" if ended else f"was not ready within {seconds:g} seconds"
            said = log.read_text(errors="replace")[-2000:]
            raise NotStarted(f"{Path(str(process.args[0])).name} {what}:\n{said}")  # type: ignore[index]
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

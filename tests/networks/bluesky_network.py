"""A whole Bluesky network on free loopback ports, with its own PostgreSQL and Redis; nothing of it is left afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.networks.processes import free_port, listens, running

INSTALLED = Path(__file__).resolve().parents[2] / "build" / "networks"
"""Where run.sh puts Node.js and the packages."""

POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
"""It lives for one run, so nothing is made durable."""


@dataclass(frozen=True)
class BlueskyNetwork:
    """Base URLs of the server that accounts write to, and of the one that Rapport reads from."""

    pds: str
    appview: str


@contextmanager
def bluesky_network() -> Iterator[BlueskyNetwork]:
    """The network, empty, from when it is ready until the block is left. Raises NotStarted."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-bluesky-"))
    try:
        with postgres(folder) as database, redis(folder) as cache, servers(folder, database, cache) as network:
            yield network
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of its own; gives the URL of its database."""
    data, port = folder / "postgres", free_port()
    data.mkdir()
    user = _postgres_user(folder, data)
    subprocess.run(
        [postgres_program("initdb"), "-D", data, "-U", "pg", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
        check=True,
        capture_output=True,
        cwd=data,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    settings = POSTGRES_SETTINGS | {"port": str(port), "unix_socket_directories": str(data)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [postgres_program("postgres"), "-D", data, *options]
    log = folder / "postgres.log"
    accepts = "database system is ready to accept connections"
    with running(command, log, lambda: accepts in log.read_text(errors="replace"), folder=data, user=user):
        yield f"postgres://pg@127.0.0.1:{port}/postgres"


def _postgres_user(folder: Path, data: Path) -> str | None:
    """PostgreSQL refuses to run as root; None: as whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    folder.chmod(0o711)
    shutil.chown(data, "postgres", "postgres")
    data.chmod(0o700)
    return "postgres"


def postgres_program(name: str) -> Path:
    """A program of PostgreSQL's server; Debian keeps those off PATH, one folder per version."""
    found = shutil.which(name)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    if found is None and not versions:
        raise FileNotFoundError(f"{name} of PostgreSQL is neither on PATH nor under /usr/lib/postgresql")
    return Path(found) if found else versions[-1]


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis server of its own that writes nothing; gives its host and port."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with running([*command, "--dir", str(folder)], folder / "redis.log", lambda: listens(port)):
        yield f"127.0.0.1:{port}"


@contextmanager
def servers(folder: Path, database: str, cache: str) -> Iterator[BlueskyNetwork]:
    """PLC, PDS and AppView in one Node.js process."""
    log = folder / "network.log"
    environment = os.environ | {
        "DB_POSTGRES_URL": database,
        "REDIS_HOST": cache,
        "LOG_ENABLED": "false",
        "TMPDIR": str(folder),  # the PDS keeps its repositories there, and leaves them behind
    }
    home = INSTALLED / "atproto"
    script = shutil.copy(Path(__file__).parent / "atproto" / "network.mjs", home)  # packages are looked for beside it
    command = [node_program(), script]
    with running(command, log, lambda: _addresses(log) is not None, environment=environment, folder=home):
        network = _addresses(log)
        assert network is not None
        yield network


def node_program() -> Path:
    """The Node.js that run.sh installed; the packages need that version."""
    found = sorted((INSTALLED / "node22" / "node_modules").glob("node-linux-*/bin/node"))
    if not found:
        raise FileNotFoundError("the network is not installed: run tests/networks/run.sh, or make test-networks")
    return found[0]


def _addresses(log: Path) -> BlueskyNetwork | None:
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith('{"pds":') and line.endswith("}"):
            return BlueskyNetwork(**json.loads(line))
    return None

"""The databases that tests run on: SQLite always, and PostgreSQL where RAPPORT_TEST_POSTGRES names a server.

A test, or a whole file by ``pytestmark``, says ``pytest.mark.databases("sqlite", "postgresql")``; without that it runs on SQLite alone.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import NullPool, create_engine, make_url, text

from server.store.database import open_database
from server.store.models import Base

SERVER = "RAPPORT_TEST_POSTGRES"
PREFIX = "rapport_test_"
"""Begins the names of databases made here, and is the name under which they are looked after."""
LEFT_SECONDS = 24 * 3600
"""A database of a run that was killed is dropped by one that starts so much later."""


@dataclass(frozen=True)
class Database:
    """A database of one test. ``url``: as a person would write it in RAPPORT_DATABASE_URL."""

    url: str

    @property
    def is_postgresql(self) -> bool:
        return self.url.startswith("postgresql:")

    @property
    def driver(self) -> str:
        """What SQLAlchemy calls the way to it."""
        return "postgresql+psycopg" if self.is_postgresql else "sqlite"

    @property
    def settings(self) -> dict[str, str]:
        """What has an application use it; SQLite's is where it looks by itself."""
        return {"database_url": self.url} if self.is_postgresql else {}

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Execute a statement as another program would, past the application. Gives what it found."""
        engine = create_engine(make_url(self.url).set(drivername=self.driver), poolclass=NullPool)
        with engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def content(self) -> str:
        """All that is kept, as text."""
        tables = [table.name for table in Base.metadata.sorted_tables]
        return "\n".join(str(row) for table in tables for row in self.rows(f'SELECT * FROM "{table}"'))

    def somebody_waits(self) -> bool:
        """Does a program wait for another one to end its transaction? SQLite cannot tell."""
        waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return self.is_postgresql and bool(self.rows(waiting))


def until(condition: Callable[[], bool], patience: float = 20.0) -> None:
    """Wait for it."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


@cache
def new_sqlite_file() -> bytes:
    """A database as a first start makes it: bringing one to the newest form anew for each test takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rapport.db"
        open_database(f"sqlite:///{path}").dispose()
        return path.read_bytes()


class PostgreSQL:
    """A database of this process's own on the server, which each test finds new: making one takes half a second, emptying it 2 ms.

    It orders text as English does, unlike SQLite, so that a query which leaves the order to the database is seen.
    """

    def __init__(self, address: str) -> None:
        self._server = make_url(address).set(drivername="postgresql")
        self._name = f"{PREFIX}{int(time.time())}_{secrets.token_hex(4)}"
        self._is_migrated = False
        with closing(self._connected(self._server.database or "postgres")) as connection:
            _drop_what_was_left(connection)
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
                ).format(sql.Identifier(self._name))
            )
            # Nothing here must outlive a power cut.
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(self._name))
            )
        self._connection = self._connected(self._name)

    def drop(self) -> None:
        """Leave nothing behind on the server."""
        self._connection.close()
        with closing(self._connected(self._server.database or "postgres")) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._name)))

    def empty(self) -> Database:
        """It, without tables."""
        self._end_other_connections()
        self._connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._is_migrated = False
        return Database(self._url(self._name))

    def without_rows(self) -> Database:
        """It, as a first start makes it."""
        if self._is_migrated:
            self._end_other_connections()
            try:
                for table in reversed(Base.metadata.sorted_tables):
                    self._connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
                self._connection.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
            except psycopg.errors.UndefinedTable:
                # A test has dropped one.
                self._is_migrated = False
        if not self._is_migrated:
            open_database(self.empty().url).dispose()
            self._is_migrated = True
        return Database(self._url(self._name))

    @contextmanager
    def without_encoding(self) -> Iterator[Database]:
        """Another one, that takes any bytes for text."""
        name = f"{self._name}_ascii"
        self._connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'").format(
                sql.Identifier(name)
            )
        )
        yield Database(self._url(name))
        self._connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _end_other_connections(self) -> None:
        """Those of the test before; one that is doing something, and may hold locks, is waited for."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid, CASE WHEN state = 'idle' THEN 0 ELSE 5000 END) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def _connected(self, name: str) -> psycopg.Connection:
        return psycopg.connect(self._url(name), autocommit=True, connect_timeout=5, application_name=PREFIX)

    def _url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)


def _drop_what_was_left(connection: psycopg.Connection) -> None:
    for (name,) in connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]):
        made_at = name.removeprefix(PREFIX).partition("_")[0]
        if made_at.isdecimal() and time.time() - int(made_at) > LEFT_SECONDS:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def server_address() -> str:
    """Of the PostgreSQL server to test on; empty when none was named."""
    return os.environ.get(SERVER, "")

"""Opening the database: SQLite in WAL by default or PostgreSQL, migrated at the start, with plain words for what can be wrong with it."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from server.errors import RapportError

if TYPE_CHECKING:
    import psycopg

TRUSTED_SECONDS = 0.2
"""So soon after it was used a connection is there still; no server starts again within that."""
BUSY_SECONDS = 5.0
"""How long a writer waits for another one."""
CONNECT_SECONDS = 5
"""How long a database server is waited for."""
MIGRATING_SECONDS = 600
"""How long a start waits, on PostgreSQL, for another process that is bringing the database to a newer form."""
MIGRATING_SQLITE_SECONDS = 60
"""The same on SQLite, where any other program that writes the file is waited for, too."""
MIGRATING = 0x52617070_00000001
"""The advisory lock of a PostgreSQL database under which it is brought to a newer form."""
_POSTGRESQL = "postgresql+psycopg"
_DRIVERS = {"postgresql": _POSTGRESQL, "postgres": _POSTGRESQL, _POSTGRESQL: _POSTGRESQL, "sqlite": "sqlite"}
"""How an address may begin, and the driver that is meant."""


class DatabaseUnusable(RapportError):
    """The database cannot be opened or written; the text says why and what to do."""


def open_database(url: str) -> Engine:
    """An engine on a database of this version's form. Raises DatabaseUnusable."""
    parsed = _parsed(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    try:
        _migrate(engine)
    except DBAPIError as problem:
        engine.dispose()
        raise DatabaseUnusable(_words(problem, parsed)) from None
    except DatabaseUnusable:
        engine.dispose()
        raise
    return engine


def shown_address(url: str) -> str:
    """An address as it may be told: without a password. Raises DatabaseUnusable for what is none."""
    return _shown(_parsed(url))


def _parsed(url: str) -> URL:
    """An address with the name of the driver that is used for it."""
    kinds = "It may be sqlite:////folder/file.db or postgresql://user:password@host/database."
    try:
        parsed = make_url(url)
    except ArgumentError:
        # Not quoted: a password may stand in it.
        raise DatabaseUnusable(f"RAPPORT_DATABASE_URL is no address of a database. {kinds}") from None
    if parsed.drivername not in _DRIVERS:
        raise DatabaseUnusable(f"RAPPORT_DATABASE_URL cannot begin with {parsed.drivername}://. {kinds}")
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


def _shown(url: URL) -> str:
    # A password may stand among a server's options, too.
    if url.get_backend_name() == "sqlite":
        return str(url)
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _sqlite(url: URL) -> Engine:
    # A "file:" URI names no folder of its own; taken for a path it would leave one behind, here.
    if url.database not in (None, "", ":memory:") and not str(url.database).startswith("file:"):
        folder = Path(str(url.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise DatabaseUnusable(
                f"The folder {folder} cannot be made ({problem.strerror}). Set RAPPORT_DATA_FOLDER."
            ) from None
    # Without hide_parameters the text of every database error, which may be logged, names the account asked for.
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS}, hide_parameters=True)
    except ImportError as problem:
        raise DatabaseUnusable(
            f"The driver of PostgreSQL cannot be used ({_first_line(problem)}). Install it: .venv/bin/pip install -r requirements.txt"
        ) from None
    # First of all: SQLAlchemy itself stumbles over a server without an encoding.
    event.listen(engine, "connect", _set_up_postgresql, insert=True)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_try, engine.dialect))
    return engine


def reading(engine: Engine) -> Engine:
    """The same database for what one query answers: on PostgreSQL without a transaction around it, for which its server is asked twice more."""
    is_sqlite = engine.dialect.name == "sqlite"
    return engine if is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    cursor = connection.cursor()
    # WAL lets readers go on while one writes; NORMAL can lose the last commits on power loss but never corrupts.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten: it must not stay readable in the file. The default in some builds of SQLite only.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _set_up_postgresql(connection: psycopg.Connection, _record: Any) -> None:
    """There is nothing like SQLite's secure_delete here: deleted rows stay in the server's files until it vacuums them."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnusable(
            f"The database is encoded in {encoding}, which lacks letters that names have. Make one with ENCODING 'UTF8'."
        )
    # Outside of a transaction, or the first one that fails would take it back.
    connection.autocommit = True
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(BUSY_SECONDS * 1000)}ms"])
    connection.autocommit = False


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = monotonic()


def _try(dialect: Dialect, connection: Any, record: Any, _proxy: Any) -> None:
    """Try a connection before it is used, unless it just was, so that a server that was started again costs no request."""
    if monotonic() - record.info.get("used_at", monotonic()) < TRUSTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        # The pool makes another one then.
        raise DisconnectionError from None


def _migrate(engine: Engine) -> None:
    """Bring the database to this version's form; most starts find it there and import nothing more."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        connection.rollback()
        if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
            raise DatabaseUnusable(
                "The database was written by a newer version of Rapport. Start that version, or set RAPPORT_DATA_FOLDER to another "
                "folder, or RAPPORT_DATABASE_URL to another database."
            )
        if at != scripts.get_current_head():
            _lock_others_out(connection)
            # Looks again where the database stands: another process may have been first.
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        _check_writable(connection)


def _lock_others_out(connection: Connection) -> None:
    """Have this transaction be the only one that brings the database to a newer form."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {MIGRATING_SQLITE_SECONDS * 1000}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {MIGRATING_SECONDS * 1000}")
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATING})


def _check_writable(connection: Connection) -> None:
    # A write that changes nothing: a read-only file or folder answers here, at the start, not at the first report.
    connection.execute(text("DELETE FROM opt_out WHERE digest = ''"))
    connection.commit()


def _words(problem: DBAPIError, url: URL) -> str:
    reason, shown, is_sqlite = _first_line(problem.orig), _shown(url), url.get_backend_name() == "sqlite"
    setting = "RAPPORT_DATA_FOLDER" if is_sqlite else "RAPPORT_DATABASE_URL"
    if "locked" in reason or "lock timeout" in reason:
        return f"The database {shown} is locked by another program. Stop that one, or set {setting} to another one."
    if any(words in reason for words in ("readonly", "read-only", "permission denied")):
        return f"The database {shown} cannot be written ({reason}). Give this user the right to write it, or set {setting}."
    either = "RAPPORT_DATABASE_URL or RAPPORT_DATA_FOLDER" if is_sqlite else "RAPPORT_DATABASE_URL"
    return f"The database {shown} cannot be opened ({reason}). Set {either}."


def _first_line(problem: object) -> str:
    """What went wrong, without the hints that a driver adds."""
    return str(problem).strip().partition("\n")[0]

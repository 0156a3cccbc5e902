"""Opening the database: SQLite in WAL by default, migrated at the start, with plain words for what can be wrong with it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from server.errors import RapportError

BUSY_SECONDS = 5.0
"""How long a writer waits for another one."""


class DatabaseUnusable(RapportError):
    """The database cannot be opened or written; the text says why and what to do."""


def open_database(url: str) -> Engine:
    """An engine on a database of this version's form. Raises DatabaseUnusable."""
    parsed = make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    # A "file:" URI names no folder of its own; taken for a path it would leave one behind, here.
    if is_sqlite and parsed.database not in (None, "", ":memory:") and not str(parsed.database).startswith("file:"):
        folder = Path(str(parsed.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise DatabaseUnusable(
                f"The folder {folder} cannot be made ({problem.strerror}). Set RAPPORT_DATA_FOLDER."
            ) from None
    # Without hide_parameters the text of every database error, which may be logged, names the account asked for.
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS} if is_sqlite else {}, hide_parameters=True)
    if is_sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
    try:
        _migrate(engine)
    except DBAPIError as problem:
        raise DatabaseUnusable(_words(problem, parsed.render_as_string(hide_password=True))) from None
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    cursor = connection.cursor()
    # WAL lets readers go on while one writes; NORMAL can lose the last commits on power loss but never corrupts.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten: it must not stay readable in the file. The default in some builds of SQLite only.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


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
                "The database was written by a newer version of Rapport. Start that version, or set RAPPORT_DATA_FOLDER to another folder."
            )
        if at != scripts.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        _check_writable(connection)


def _check_writable(connection: Any) -> None:
    # A write that changes nothing: a read-only file or folder answers here, at the start, not at the first report.
    connection.execute(text("DELETE FROM opt_out WHERE digest = ''"))
    connection.commit()


def _words(problem: DBAPIError, url: str) -> str:
    reason = str(problem.orig)
    if "locked" in reason:
        return f"The database {url} is locked by another program. Stop that one, or set RAPPORT_DATA_FOLDER to another folder."
    if "readonly" in reason or "read-only" in reason:
        return (
            f"The database {url} cannot be written. Give this user the right to write it, or set RAPPORT_DATA_FOLDER."
        )
    return f"The database {url} cannot be opened ({reason}). Set RAPPORT_DATABASE_URL or RAPPORT_DATA_FOLDER."

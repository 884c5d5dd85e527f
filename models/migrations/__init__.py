"""The schema of the record: bring a database up to date, or say in one line why it does not fit."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from models.database import WRITE, DatabaseAway, DatabaseError, SchemaError, connect, describe, is_away

_FOLDER = Path(__file__).parent
_LOCK_KEY = 0x746F757375
"""Any number nobody else uses: PostgreSQL's advisory locks are named by numbers (this one spells tousu)."""

# Alembic keeps the running migration in a module variable, so two threads of one process must take turns.
_one_at_a_time = threading.Lock()


def migrate(url: str) -> None:
    """
    Bring the database at *url* to this code's schema; nothing happens if it is there already.

    Several processes may do so at once: the first one works, the others wait. SchemaError if the database is newer than
    this code, DatabaseError if it cannot be reached.
    """
    engine = connect(url)
    try:
        if engine.url.get_backend_name() == "sqlite":
            Path(engine.url.database or "").absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_ahead(engine)
        with _one_at_a_time, engine.execution_options(**WRITE).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            if _refuse_newer(connection) != _head():
                command.upgrade(_config(connection), "head")
    except (SQLAlchemyError, OSError) as error:
        # The original may carry the address with its password.
        raise DatabaseError(f"the record's schema cannot be brought up to date: {describe(error)}") from None
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Return if the database at *url* has exactly this code's schema; SchemaError or DatabaseError in one line if not."""
    engine = connect(url)
    try:
        check_engine(engine)
    finally:
        engine.dispose()


def check_engine(engine: Engine) -> None:
    """Return if *engine*'s database has exactly this code's schema; errors as for `check`."""
    if engine.url.get_backend_name() == "sqlite" and not (path := Path(engine.url.database or "").absolute()).exists():
        raise SchemaError(
            f"there is no record at {path}; `tousu up` or `tousu migrate` makes one, TOUSU_HOME names another installation"
        )
    try:
        with engine.connect() as connection:
            found = _refuse_newer(connection)
    except SQLAlchemyError as error:
        kind = DatabaseAway if is_away(error) else DatabaseError
        raise kind(f"the record cannot be reached: {describe(error)}") from None
    if found != _head():
        raise SchemaError(f"the record's schema is {found or 'empty'}, this code needs {_head()}; run `tousu migrate`")


def _refuse_newer(connection: Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found and found not in _known():
        raise SchemaError(
            f"the record's schema {found} is newer than this code, which knows {_head()}; deploy its release"
        )
    return found


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def _known() -> tuple[str, ...]:
    """Return the revisions that this code knows, the newest first; they are files, which no process need read twice."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _head() -> str:
    return _known()[0]


def _write_ahead(engine: Engine) -> None:
    # It is kept in the file. Outside a transaction, and never while another process does the same: hence the lock.
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()

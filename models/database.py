"""
How the record's database is reached: SQLite in a file, or PostgreSQL, by one URL.

DatabaseError (RuntimeError)
├── DatabaseUrlError    the URL names no database that can hold the record
├── DatabaseAway        the database cannot be reached now; it may be later
└── SchemaError         the database's schema is not the one this code was written for
"""

from __future__ import annotations

import os
from contextlib import suppress
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.outages import Outage

BUSY_SECONDS = 8
"""
How long a SQLite writer waits for another process before it gives up, and as long for its turn within its own.

Both together are less than a step of the process may take: a step that waits longer would be begun again meanwhile.
"""

CONNECT_SECONDS = 8
"""How long PostgreSQL has to take a connection, and a thread to get one from the pool."""

_POSTGRESQL = {
    "connect_timeout": CONNECT_SECONDS,
    # Without these a thread would hang for hours on a server that vanished without a word, and in the end every thread.
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}

WRITE: dict[str, Any] = {"tousu_write": True}
"""Execution options of a connection that is going to write."""


class DatabaseError(RuntimeError):
    """The record's database cannot be used; the message is one line."""


class DatabaseUrlError(DatabaseError):
    """The URL names no database that can hold the record."""


class DatabaseAway(DatabaseError, Outage):  # noqa: N818  # the name is the stable error type that callers see
    """The database cannot be reached now."""


class SchemaError(DatabaseError):
    """The database's schema is older or newer than this code."""


def database_url(url: str) -> URL:
    """Return *url* parsed, with our driver; DatabaseUrlError for anything but a SQLite file or PostgreSQL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The original names the URL, and with it perhaps the password.
        raise DatabaseUrlError(
            "the database URL cannot be read; write sqlite:///FILE or postgresql://HOST/NAME"
        ) from None
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        raise DatabaseUrlError(
            "the record rests in SQLite or PostgreSQL; write sqlite:///FILE or postgresql://HOST/NAME"
        )
    if parsed.database in {None, "", ":memory:"} or "mode=memory" in str(parsed.database):
        raise DatabaseUrlError("the record needs a file: several processes share it; write sqlite:///FILE")
    return parsed


def connect(url: str) -> Engine:
    """Return an engine for the database at *url*; nothing is opened yet. DatabaseUrlError for an unusable URL."""
    parsed = database_url(url)
    if parsed.get_backend_name() == "postgresql":
        # hide_parameters: a statement that fails must not print the complaint it carried.
        return create_engine(
            parsed,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args=_POSTGRESQL,
            pool_size=10,
            pool_timeout=CONNECT_SECONDS,
        )
    engine = create_engine(
        parsed,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        pool_size=10,
        pool_timeout=CONNECT_SECONDS,
    )
    event.listen(engine, "do_connect", _keep_private)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_away(error: Exception) -> bool:
    """
    Return whether a database *error* is about the database and not about what it was given.

    Refused, locked, full, shut down, read-only, no connection free: what was asked may work later.
    """
    if isinstance(error, DBAPIError):
        return isinstance(error, OperationalError | InterfaceError | InternalError) or error.connection_invalidated
    return isinstance(error, PoolTimeout | DisconnectionError)


def describe(error: Exception) -> str:
    """
    Return one line on a database *error* that carries no password and no row.

    PostgreSQL puts whole rows into the details of its errors, so only the kind, the SQLSTATE and the constraint's name
    pass; the server's own sentence passes for operational errors (refused, locked, full).
    """
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    origin = error.orig or error
    diagnosis = getattr(origin, "diag", None)
    parts = [type(origin).__name__, getattr(origin, "sqlstate", None), getattr(diagnosis, "constraint_name", None)]
    line = " ".join(part for part in parts if part)
    if isinstance(error, OperationalError):
        line += f": {str(origin).strip().splitlines()[0]}" if str(origin).strip() else ""
    return line


def _keep_private(_dialect: object, _record: object, arguments: list[str], _named: object) -> None:
    # SQLite would let everybody on the host read the file it creates; its journals take their mode from the file.
    with suppress(OSError):  # It is there, or it cannot be: SQLite says so next.
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # A commit that the workflow counts on must survive a power cut, so not NORMAL.
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would deadlock with its like: a writer takes the lock at once.
    write = connection.get_execution_options().get("tousu_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

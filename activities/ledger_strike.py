"""
Striking out what a case said, once two persons decided it: the chain of hashes stays, and nothing that one could read.

The database itself lets nobody do so without an approved disposal, nor while a hold without an end is in force.
"""

from __future__ import annotations

from sqlite3 import Error as SqliteError

from sqlalchemy import Connection, delete, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from activities import references
from activities.ledger_session import LedgerUnavailable, Sessions
from models.database import describe
from models.tables import PROJECTIONS, CommandRow, EventRow, IntakeRow, NoticeRow, TaskRow

TABLES = (
    "event",
    "intake",
    "notice",
    "task",
    "command_done",
    "slip",
    "deadline_version",
    "duty",
    "complaint_case",
    "reference_claim",
)
"""Where rows were changed or went."""


def strike_out(sessions: Sessions, complaint_id: str) -> None:
    """Strike out what the case said, and take away what was computed from it; LedgerUnavailable if that is not allowed."""
    with sessions.writing(complaint_id) as session:
        if sessions.engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA secure_delete = ON"))  # What is freed is overwritten, not only forgotten.
        for table in PROJECTIONS:
            session.execute(delete(table).where(table.complaint_id == complaint_id))  # type: ignore[attr-defined]  # all have it
        for table in (TaskRow, CommandRow):
            session.execute(delete(table).where(col(table.complaint_id) == complaint_id))
        references.forget(session, complaint_id)
        _blank(session, complaint_id)


def _blank(session: Session, complaint_id: str) -> None:
    letters = update(NoticeRow).where(col(NoticeRow.complaint_id) == complaint_id)
    session.execute(letters.values(subject="", body=""))
    session.execute(letters.where(col(NoticeRow.proof).is_not(None)).values(proof=""))
    session.execute(update(EventRow).where(col(EventRow.complaint_id) == complaint_id).values(body=""))
    session.execute(update(IntakeRow).where(col(IntakeRow.complaint_id) == complaint_id).values(content=""))


def compact(sessions: Sessions) -> None:
    """
    Write the database's files anew, so that they hold nothing of the rows that went.

    Others wait meanwhile; LedgerUnavailable when they do not let go, trying again is safe. Copies of the database elsewhere
    (backups, a standby's log) are not reached.
    """
    engine = sessions.engine
    try:
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                _rewrite(connection)
            return
        raw = engine.raw_connection()
        try:
            raw.execute("VACUUM")
            (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.close()
    except SQLAlchemyError as error:
        raise LedgerUnavailable(f"the record's database could not be written anew: {describe(error)}") from None
    except (OSError, SqliteError) as error:  # The second one comes past SQLAlchemy, such as when the file is locked.
        reason = getattr(error, "strerror", None) or error
        raise LedgerUnavailable(f"the record's database could not be written anew: {reason}") from None
    if busy:
        raise LedgerUnavailable("the record's database could not be written anew: others are reading; try again")


def _rewrite(connection: Connection) -> None:
    for table in TABLES:
        connection.execute(text(f"VACUUM (FULL) {table}"))

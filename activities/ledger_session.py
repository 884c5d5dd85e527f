"""
How the ledger reads and writes: short transactions, one writer per case, errors without passwords or rows.

LedgerError (RuntimeError)
├── LedgerMissing       the record has no such complaint
├── LedgerDestroyed     what the complaint said was destroyed when its time was over; the chain of hashes is there
├── LedgerConflict      the record says otherwise: another content, another event, a gap
├── LedgerRejected      the database does not take what it was given; nothing was changed, trying again will not help
└── LedgerUnavailable   the database could not be reached, or could not work; nothing was changed, trying again is safe
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models.database import BUSY_SECONDS, WRITE, describe, is_away
from models.outages import Outage
from models.tables import IntakeRow


class LedgerError(RuntimeError):
    """The ledger cannot do what was asked; the message is one line and names no person."""


class LedgerMissing(LedgerError):  # noqa: N818  # the name is the stable error type that callers see
    """The record has no such complaint."""


class LedgerDestroyed(LedgerError):  # noqa: N818  # the name is the stable error type that callers see
    """What the complaint said was destroyed."""

    def __init__(self) -> None:
        super().__init__("the file of this complaint was destroyed when its time was over; its chain of hashes is left")


class LedgerConflict(LedgerError):  # noqa: N818  # the name is the stable error type that callers see
    """The record says otherwise."""


class LedgerRejected(LedgerError):  # noqa: N818  # the name is the stable error type that callers see
    """The database does not take what it was given."""


class LedgerUnavailable(LedgerError, Outage):  # noqa: N818  # the name is the stable error type that callers see
    """The database could not be reached, or could not work."""


class Sessions:
    """Opens transactions on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._postgresql = engine.dialect.name == "postgresql"
        # SQLite has one writer; threads that poll for their turn would wait up to 100 ms for what takes 5.
        self._turn: AbstractContextManager[object] = nullcontext() if self._postgresql else _Turn()
        # All questions of one reading must see the same moment; SQLite's readers do so by themselves.
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self._postgresql else {}
        self._reader = engine.execution_options(**options)
        self._writer = engine.execution_options(**WRITE)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that sees one moment and changes nothing."""
        with _cleanly(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, name: str) -> Iterator[Session]:
        """Open a transaction that nobody else has open under *name*, such as a case's id; the end of the block commits."""
        with _cleanly(), self._turn, Session(self._writer, expire_on_commit=False) as session, session.begin():
            self.also(session, name)
            yield session

    def also(self, session: Session, name: str) -> None:
        """
        Keep everybody else from writing under *name* too until *session*'s transaction ends.

        A case's id comes first, what several cases share after it: two that wait for each other would wait for ever.
        """
        if self._postgresql:
            session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def intake_of(session: Session, complaint_id: str) -> IntakeRow:
    """Return the intake of *complaint_id*; LedgerMissing if there is none."""
    row = session.get(IntakeRow, complaint_id)
    if row is None:
        raise LedgerMissing("the record has no complaint of this id")
    return row


class _Turn:
    """A lock for which nobody waits longer than for another process: a step that waits on ends too late to count."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise LedgerUnavailable(f"the record's database is busy: no turn to write in {BUSY_SECONDS} seconds")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@contextmanager
def _cleanly() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The original carries the statement, and in PostgreSQL's details the whole row.
        if is_away(error):
            raise LedgerUnavailable(f"the record's database failed: {describe(error)}") from None
        raise LedgerRejected(f"the record's database does not take this: {describe(error)}") from None

"""What the record knows of imports and of results that were handed out: the doors to other systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, cast, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col, select

from activities.ledger_session import Sessions
from models.journal_tables import ImportedRow, ImportRow, ResultRow
from models.tables import CaseRow, IntakeRow

RESULTS = "results"
"""The name under which results are numbered: one process at a time, so that numbers are committed in their order."""


SAID = func.nullif(col(IntakeRow.content), "")
"""What a complaint said; NULL once that was destroyed."""


class Known(NamedTuple):
    """A complaint on record by which a duplicate is told: its id and the instant of its receipt, as it was written."""

    complaint_id: str
    received_at: str


def json_text(session: Session, column: Any, *path: str | int) -> ColumnElement[str]:
    """Return the text at *path* in the JSON that *column* holds; NULL if it is not there."""
    if session.get_bind().dialect.name == "postgresql":
        return func.jsonb_extract_path_text(cast(column, JSONB), *map(str, path))
    steps = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return func.json_extract(column, f"${steps}")


class Journal:
    """The journal of imports and results in one database."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def complaints(self) -> frozenset[str]:
        """Return the ids of all complaints on record."""
        with self._sessions.reading() as session:
            return frozenset(session.exec(select(IntakeRow.complaint_id)))

    def references(self) -> Mapping[str, list[Known]]:
        """Return the complaints on record by the reference that they have in the system they came from."""
        found: dict[str, list[Known]] = {}
        with self._sessions.reading() as session:
            reference = json_text(session, SAID, "source_reference")
            received = json_text(session, SAID, "received_at")
            asked = select(IntakeRow.complaint_id, reference, received).where(reference.is_not(None))
            for complaint_id, name, at in session.exec(asked):
                found.setdefault(name, []).append(Known(complaint_id, at))
        return found

    def begin(self, digest: str, source: str, by: str, complaints: int, at: datetime) -> None:
        """Note that the import *digest* has begun, once."""
        with self._sessions.writing(digest) as session:
            if session.get(ImportRow, digest) is None:
                session.add(ImportRow(digest=digest, source=source, by=by, complaints=complaints, started_at=at))

    def done(self, digest: str) -> frozenset[str]:
        """Return the complaints of the import *digest* for which nothing is left to do."""
        with self._sessions.reading() as session:
            return frozenset(session.exec(select(ImportedRow.complaint_id).where(ImportedRow.digest == digest)))

    def note(self, digest: str, complaint_id: str, result: Literal["imported", "already"], at: datetime) -> None:
        """Note what became of a complaint of the import *digest*, once."""
        with self._sessions.writing(digest) as session:
            if session.get(ImportedRow, (digest, complaint_id)) is None:
                session.add(ImportedRow(digest=digest, complaint_id=complaint_id, result=result, at=at))

    def number_results(self, at: datetime) -> int:
        """Give every result that is new, or whose record has grown, the next number; return how many there were."""
        with self._sessions.writing(RESULTS) as session:
            last = (
                select(ResultRow.complaint_id, func.max(ResultRow.number).label("number"))
                .group_by(col(ResultRow.complaint_id))
                .subquery()
            )
            asked = (
                select(CaseRow.complaint_id, CaseRow.head_hash)
                .outerjoin(last, last.c.complaint_id == CaseRow.complaint_id)
                .outerjoin(ResultRow, col(ResultRow.number) == last.c.number)
                .where(col(CaseRow.decided_at).is_not(None) | col(CaseRow.ended_at).is_not(None))
                .where(col(ResultRow.number).is_(None) | (col(ResultRow.head_hash) != CaseRow.head_hash))
                .order_by(col(CaseRow.received_at), col(CaseRow.complaint_id))
            )
            fresh = session.exec(asked).all()
            for complaint_id, head_hash in fresh:
                session.add(ResultRow(complaint_id=complaint_id, head_hash=head_hash, produced_at=at))
                session.flush()
            return len(fresh)

    def produced(self, complaint_id: str) -> list[datetime]:
        """Return when results of the complaint were handed out, oldest first."""
        asked = select(ResultRow.produced_at).where(ResultRow.complaint_id == complaint_id)
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(ResultRow.number))))

    def last_result(self) -> int:
        """Return the highest number that a result has; 0 while there is none."""
        with self._sessions.reading() as session:
            return session.exec(select(func.max(ResultRow.number))).one() or 0

    def results(self, since: int) -> Iterator[tuple[int, str]]:
        """Yield the complaints whose newest result has a number above *since*, with that number, in its order."""
        number = func.max(ResultRow.number)
        asked = (
            select(ResultRow.complaint_id, number)
            .join(IntakeRow, col(IntakeRow.complaint_id) == ResultRow.complaint_id)
            .where(SAID.is_not(None))
            .group_by(col(ResultRow.complaint_id))
            .having(number > since)
            .order_by(number)
        )
        with self._sessions.reading() as session:
            found = session.exec(asked).all()
        return ((last or 0, complaint_id) for complaint_id, last in found)

"""
The ledger: the record of complaints, written by activities and by nothing else.

Events are chained and only ever added; everything that is asked about a case is projected from them in the transaction that
adds them. Every writing method can be repeated: what is there already stays, what differs is a LedgerConflict.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self

from sqlalchemy import String, cast
from sqlmodel import col, select

from activities import ledger_chain as chain
from activities import ledger_projection as projection
from activities import ledger_steps as steps
from activities import references
from activities.archive import Archived, archived
from activities.journal import Journal
from activities.ledger_append import Appender, refuse_destroyed, rows_of
from activities.ledger_pages import Pages
from activities.ledger_session import (
    LedgerConflict,
    LedgerDestroyed,
    LedgerError,
    LedgerMissing,
    LedgerUnavailable,
    Sessions,
    intake_of,
)
from activities.ledger_verify import VerifyReport, verify
from activities.letters import Letter
from activities.rectifications import Rectifications
from activities.risks import Risks
from activities.supervision.book import SupervisionBook
from activities.typical import TypicalCases
from activities.watchdog.notes import FindingNotes
from models.canonical import canonical, digest_text
from models.database import DatabaseError, connect
from models.intake import Intake
from models.migrations import check_engine
from models.opening import Done
from models.steps import NoticeOrder, TaskOrder
from models.tables import (
    CalendarNoticeRow,
    CaseRow,
    DeadlineRow,
    DutyRow,
    EventRow,
    IntakeRow,
    NoticeRow,
    SlipRow,
    TaskRow,
)
from rulebook import events as ev
from rulebook.notice import Notice
from rulebook.pack import Pin

__all__ = [
    "Ledger",
    "LedgerConflict",
    "LedgerDestroyed",
    "LedgerError",
    "LedgerMissing",
    "LedgerUnavailable",
    "VerifyReport",
]


AT_ONCE = 500
"""How many ids one statement names."""


class Ledger:
    """The record in one database; safe to share between threads, and between processes."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._appender = Appender(sessions)
        self.supervision = SupervisionBook(sessions)
        self.findings = FindingNotes(sessions)
        self.journal = Journal(sessions)
        self.references = references.References(sessions)
        self.risks = Risks(sessions)
        self.rectifications = Rectifications(sessions)
        self.typical = TypicalCases(sessions)
        self.pages = Pages(sessions)

    @classmethod
    def open(cls, url: str) -> Self:
        """Return the record at *url*; DatabaseError, SchemaError if the schema is not this code's (`models.migrations`)."""
        engine = connect(url)
        try:
            check_engine(engine)
        except DatabaseError:
            engine.dispose()
            raise
        return cls(Sessions(engine))

    def close(self) -> None:
        """Close all connections."""
        self._sessions.engine.dispose()

    @property
    def sessions(self) -> Sessions:
        """The transactions on this database: for questions over many cases, and for what rests beside the record."""
        return self._sessions

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open_case(
        self, intake_json: dict[str, Any], complaint_id: str, content_hash: str, opened_at: datetime
    ) -> Literal["stored", "already"]:
        """
        Store what was said, once; LedgerConflict if the id has other content, or the content another hash.

        Fields left at their default are not stored: the text that rests is the one whose SHA-256 is *content_hash*.
        """
        intake = Intake.model_validate(intake_json)
        content = canonical(intake.model_dump(mode="json", exclude_defaults=True))
        if intake.complaint_id != complaint_id or digest_text(content) != content_hash:
            raise LedgerConflict("the intake does not fit the id or the hash that came with it")
        with self._sessions.writing(complaint_id) as session:
            row = session.get(IntakeRow, complaint_id)
            if row is None:
                session.add(
                    IntakeRow(
                        complaint_id=complaint_id, content=content, content_hash=content_hash, opened_at=opened_at
                    )
                )
                references.note(self._sessions, session, intake, opened_at)
                return "stored"
            if row.content_hash != content_hash:
                raise LedgerConflict("the record has a complaint of this id with other content")
            return "already"

    def append(
        self, complaint_id: str, first_seq: int, events: Sequence[ev.Event], pin: Pin, done: Sequence[Done] = ()
    ) -> int:
        """
        Add *events*, the first of which is number *first_seq*, and project the case anew; return how many it has now.

        *done* are the commands behind them, kept with their answers. Events that are there already are compared and stay,
        under the rules they were recorded under. LedgerConflict for another event at the same place, a gap, an event whose
        texts were left out, or a first event that is not the receipt of this intake; LedgerMissing without an intake;
        PackError when *pin* names rules that are not the ones here. After an error nothing has moved.
        """
        return self._appender.append(complaint_id, first_seq, events, pin, done)

    def intake(self, complaint_id: str) -> dict[str, Any] | None:
        """
        Return what was said, without the fields left at their default; None if the record has no such complaint.

        This and whatever else tells what a complaint said raises LedgerDestroyed when that was destroyed.
        """
        with self._sessions.reading() as session:
            row = session.get(IntakeRow, complaint_id)
        if row and not row.content:
            raise LedgerDestroyed
        return json.loads(row.content) if row else None

    def events(self, complaint_id: str) -> list[ev.Event]:
        """Return the events in order; none if the record has no such complaint."""
        return [chain.event_of(row) for row in self.timeline(complaint_id)]

    def timeline(self, complaint_id: str) -> list[EventRow]:
        """Return the events in order, as rows with their hashes; none if the record has no such complaint."""
        with self._sessions.reading() as session:
            rows = rows_of(session, complaint_id)
        refuse_destroyed(rows)
        return rows

    def case(self, complaint_id: str) -> CaseRow | None:
        """Return where the complaint stands; None if the record has no event of such a complaint."""
        with self._sessions.reading() as session:
            return session.get(CaseRow, complaint_id)

    def cases(
        self,
        *,
        stage: str | None = None,
        units: Collection[str] | None = None,
        overdue: bool | None = None,
        due_before: datetime | None = None,
        waiting: bool = False,
        cause: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[CaseRow]:
        """
        Return the cases that fit every condition given, the earliest open deadline first, undated ones last.

        *waiting* are those in which a step waits for a person, whatever the cause; *cause* is one, ``NoAddress``.
        """
        asked = select(CaseRow) if units is None else select(CaseRow).where(col(CaseRow.unit).in_(units))
        for column, value in ((CaseRow.stage, stage), (CaseRow.overdue, overdue)):
            if value is not None:
                asked = asked.where(column == value)
        if due_before is not None:
            asked = asked.where(col(CaseRow.next_due) < due_before)
        if waiting or cause is not None:
            asked = asked.where(col(CaseRow.waits_for).is_not(None))
        if cause is not None:
            asked = asked.where(cast(CaseRow.waits_for, String).contains(f'"{cause}"', autoescape=True))
        order = (col(CaseRow.next_due).asc().nulls_last(), col(CaseRow.complaint_id))
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(*order).limit(limit).offset(offset)))

    def publish_notice(self, notice: Notice, by: str, at: datetime) -> bool:
        """Keep *notice* for complaints to come; return whether it is new. LedgerConflict if its id has other content."""
        content = canonical(notice.model_dump(mode="json"))
        with self._sessions.writing(notice.id) as session:
            there = session.get(CalendarNoticeRow, notice.id)
            if there is not None:
                if there.content_hash != notice.content_hash:
                    raise LedgerConflict(f"notice {notice.id} was published with other content; it is never replaced")
                return False
            row = CalendarNoticeRow(
                notice=notice.id,
                published=notice.published,
                content=content,
                content_hash=notice.content_hash,
                adopted_at=at,
                adopted_by=by,
            )
            session.add(row)
        return True

    def calendar_notices(self) -> list[Notice]:
        """Return the notices that were published here, oldest first."""
        asked = select(CalendarNoticeRow).order_by(col(CalendarNoticeRow.published))
        with self._sessions.reading() as session:
            return [Notice.model_validate_json(row.content) for row in session.exec(asked)]

    def duties(self, complaint_id: str) -> list[DutyRow]:
        """Return the duties and windows of the case in the order in which they opened."""
        asked = select(DutyRow).where(DutyRow.complaint_id == complaint_id).order_by(col(DutyRow.position))
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    def deadlines(self, complaint_id: str) -> list[DeadlineRow]:
        """Return every version of every deadline of the case with its proof, by duty and version."""
        asked = select(DeadlineRow).where(DeadlineRow.complaint_id == complaint_id)
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(DeadlineRow.duty), col(DeadlineRow.version))))

    def slips(
        self,
        *,
        department: str | None = None,
        unit: str | None = None,
        coordinator: str | None = None,
        open_only: bool = True,
        overdue: bool | None = None,
        due_before: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[SlipRow]:
        """
        Return the dispatch slips that fit every condition given, the earliest deadline first: the daily look (R039).

        *open_only* leaves out those on which nobody need act any more: answered, replaced, recalled, or of a complaint that
        has ended or been decided.
        """
        asked = select(SlipRow).where(SlipRow.open) if open_only else select(SlipRow)
        conditions = (
            (SlipRow.department, department),
            (SlipRow.unit, unit),
            (SlipRow.coordinator, coordinator),
            (SlipRow.overdue, overdue),
        )
        for column, value in conditions:
            if value is not None:
                asked = asked.where(column == value)
        if due_before is not None:
            asked = asked.where(col(SlipRow.due) < due_before)
        order = (col(SlipRow.due).asc().nulls_last(), col(SlipRow.complaint_id), col(SlipRow.slip))
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(*order).limit(limit).offset(offset)))

    def verify(self, complaint_id: str) -> VerifyReport:
        """Audit the case; LedgerMissing if the record has no such complaint."""
        with self._sessions.reading() as session:
            return verify(session, intake_of(session, complaint_id), rows_of(session, complaint_id))

    def verify_all(self) -> Iterator[VerifyReport]:
        """Audit every case, by id, one after the other."""
        return (self.verify(complaint_id) for complaint_id in self.ids())

    def archived(self, complaint_id: str) -> Archived:
        """Return the case as an archive keeps it; LedgerMissing if the record has no such complaint."""
        with self._sessions.reading() as session:
            intake, rows = intake_of(session, complaint_id), rows_of(session, complaint_id)
            refuse_destroyed(rows)
            recorded = projection.stored(session, complaint_id)
            return archived(complaint_id, intake.content_hash, rows, recorded)

    def archived_all(self) -> Iterator[Archived]:
        """Return every case as an archive keeps it, by id, one after the other, but for those that were destroyed."""
        return (self.archived(complaint_id) for complaint_id in self.ids(destroyed=False))

    def rebuild(self, complaint_id: str | None = None) -> int:
        """Compute the projections of one case, or of all, anew from their events; return how many cases were rebuilt."""
        names = self.ids(destroyed=False) if complaint_id is None else [complaint_id]
        for name in names:
            self._appender.rebuild(name)
        return len(names)

    def ticket(self, complaint_id: str, issued_at: datetime, prefix: str = "TS") -> str:
        """Return the case's ticket number, such as ``TS-20260302-000042``; given out at *issued_at* if it has none yet."""
        with self._sessions.writing(complaint_id) as session:
            return steps.ticket(session, complaint_id, issued_at, prefix)

    def open_task(self, order: TaskOrder) -> str:
        """Open the task unless it is open; return its id. LedgerConflict if that is another task's."""
        with self._sessions.writing(order.complaint_id) as session:
            return steps.open_task(session, order)

    def tasks(self, complaint_id: str) -> list[TaskRow]:
        """Return the tasks of the case in the order in which they were opened."""
        asked = select(TaskRow).where(TaskRow.complaint_id == complaint_id)
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(TaskRow.opened_at), col(TaskRow.task))))

    def notice_put(self, order: NoticeOrder, letter: Letter, method: str) -> NoticeRow:
        """Store *letter* under the id of *order*, once; return the one that is stored, which is the one to send."""
        row = steps.notice_row(order, letter, method)
        with self._sessions.writing(order.complaint_id) as session:
            return steps.put_notice(session, row)

    def notices(self, complaint_id: str) -> list[NoticeRow]:
        """Return the letters of the case in the order in which they were written."""
        asked = select(NoticeRow).where(NoticeRow.complaint_id == complaint_id)
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(col(NoticeRow.written_at), col(NoticeRow.notice))))

    def known(self, complaint_ids: Iterable[str]) -> set[str]:
        """Return those of the ids named that the record knows."""
        wanted, found = sorted(complaint_ids), set[str]()
        with self._sessions.reading() as session:
            for start in range(0, len(wanted), AT_ONCE):
                part = wanted[start : start + AT_ONCE]
                found.update(session.exec(select(IntakeRow.complaint_id).where(col(IntakeRow.complaint_id).in_(part))))
        return found

    def ids(self, *, destroyed: bool = True) -> list[str]:
        """Return the id of every complaint, in order; unless *destroyed*, of those whose content is there."""
        asked = select(IntakeRow.complaint_id).order_by(col(IntakeRow.complaint_id))
        if not destroyed:
            asked = asked.where(col(IntakeRow.content) != "")
        with self._sessions.reading() as session:
            return list(session.exec(asked))

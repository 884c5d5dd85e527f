"""What steps have done, remembered so that doing them again does nothing: ticket numbers, tasks, letters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.ledger_session import LedgerConflict, intake_of
from activities.letters import Letter
from models.canonical import digest_text
from models.steps import NoticeOrder, TaskOrder
from models.tables import NoticeRow, TaskRow, TicketRow
from rulebook import events as ev

CIVIL_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone whose calendar day a ticket number shows."""


def ticket(session: Session, complaint_id: str, issued_at: datetime, prefix: str) -> str:
    """Return the ticket number of the case, given out now if it has none."""
    intake_of(session, complaint_id)
    row = session.exec(select(TicketRow).where(TicketRow.complaint_id == complaint_id)).one_or_none()
    if row is None:
        row = TicketRow(complaint_id=complaint_id, prefix=prefix, day=issued_at.astimezone(CIVIL_ZONE).date())
        session.add(row)
        session.flush()
    return row.text


def open_task(session: Session, order: TaskOrder) -> str:
    """Open the task of *order* unless it is open already; return its id. LedgerConflict if it is another task's."""
    intake_of(session, order.complaint_id)
    row = session.get(TaskRow, order.task)
    if row is None:
        session.add(TaskRow(**order.model_dump()))
    elif (row.complaint_id, row.kind) != (order.complaint_id, order.kind):
        raise LedgerConflict(f"task {order.task} is another task already")
    return order.task


def notice_row(order: NoticeOrder, letter: Letter, method: str) -> NoticeRow:
    """Return the row of *letter*, which *order* asks for, to be sent by *method*."""
    return NoticeRow(
        notice=order.notice,
        complaint_id=order.complaint_id,
        kind=order.kind,
        method=method,
        subject=letter.subject,
        body=letter.body,
        body_hash=digest_text(letter.body),
        template=letter.template,
        template_hash=letter.template_hash,
        written_at=order.at,
    )


def put_notice(session: Session, row: NoticeRow) -> NoticeRow:
    """
    Store the letter in *row* unless its id has one; return the letter that is stored.

    The stored one wins: it may be on its way already, even if the template has changed since. LedgerConflict if it is
    about something else.
    """
    intake_of(session, row.complaint_id)
    there = session.get(NoticeRow, row.notice)
    if there is None:
        session.add(row)
        return row
    if (there.complaint_id, there.kind) != (row.complaint_id, row.kind):
        raise LedgerConflict(f"notice {row.notice} is another letter already")
    return there


def mark_sent(
    session: Session, complaint_id: str, given: Mapping[str, ev.NoticeGiven], *, all_anew: bool = True
) -> None:
    """
    Set when each letter of the case was sent and what proves it, as what was *given* says; neither for the others.

    Unless *all_anew*, letters that are marked already are not looked at.
    """
    asked = select(NoticeRow).where(NoticeRow.complaint_id == complaint_id)
    for row in session.exec(asked if all_anew else asked.where(col(NoticeRow.sent_at).is_(None))):
        event = given.get(row.notice)
        row.sent_at, row.proof = (event.at, event.proof) if event else (None, None)
        session.add(row)

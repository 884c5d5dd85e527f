"""How events come into the record: bound to the chain of their case, and projected in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlmodel import Session, col, select

from activities import ledger_chain as chain
from activities import ledger_projection as projection
from activities import ledger_steps as steps
from activities.folded_case import FoldedCase, FoldedCases
from activities.ledger_pages import keep_done
from activities.ledger_session import LedgerConflict, LedgerDestroyed, Sessions, intake_of
from models.opening import Done
from models.shortening import shortened_in
from models.tables import CaseRow, EventRow, IntakeRow
from rulebook import events as ev
from rulebook.pack import Pin


class Appender:
    """Adds events to the chains of one database; safe to share between threads, and between processes."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._folded = FoldedCases()

    def append(
        self, complaint_id: str, first_seq: int, events: Sequence[ev.Event], pin: Pin, done: Sequence[Done]
    ) -> int:
        """Do what `Ledger.append` promises, at the cost of what is new where this process wrote the case last."""
        folded = None
        with self._sessions.writing(complaint_id) as session:
            intake, head = intake_of(session, complaint_id), _head(session, complaint_id)
            known = head.seq if head else 0
            if first_seq < 1 or first_seq > known + 1:
                raise LedgerConflict(f"the record has {known} events, number {first_seq} cannot come next")
            if any(map(shortened_in, events)):
                raise LedgerConflict("texts of an event were left out; the record takes it in full only")
            there = known + 1 - first_seq
            _refuse_others(session, complaint_id, first_seq, events[:there])
            if new := events[there:]:
                folded = self._folded_to(session, intake, head, pin)
                _refuse_other_receipt(intake, folded.state.received if head else new[0])
                _add(session, complaint_id, folded, head, new)
            keep_done(session, complaint_id, "", done)
        if folded is not None:  # What was not committed is forgotten.
            self._folded.keep(complaint_id, folded)
        return max(known, first_seq - 1 + len(events))

    def rebuild(self, complaint_id: str) -> None:
        """Compute the projections of the case anew from its events; LedgerDestroyed when they say nothing any more."""
        with self._sessions.writing(complaint_id) as session:
            intake, rows = intake_of(session, complaint_id), rows_of(session, complaint_id)
            refuse_destroyed(rows)
            if not rows:
                projection.replace(session, complaint_id, projection.Projection(None, (), ()))
                return
            folded = FoldedCase.of(rows, json.loads(intake.content))
            projection.write(session, folded, rows[-1])
            steps.mark_sent(session, complaint_id, folded.given)

    def _folded_to(self, session: Session, intake: IntakeRow, head: EventRow | None, pin: Pin) -> FoldedCase:
        """Return the case as it stands at *head*: as this process left it or, if it did not, from all that rests."""
        if head is not None and (folded := self._folded.take(intake.complaint_id, head, pin)):
            return folded
        folded = FoldedCase(pin, json.loads(intake.content))
        folded.take(rows_of(session, intake.complaint_id) if head else ())
        if head is not None and folded.count != head.seq:
            raise LedgerConflict(f"the record has {folded.count} events, and the last of them is number {head.seq}")
        return folded


def rows_of(session: Session, complaint_id: str) -> list[EventRow]:
    """Return the links of the case's chain, in order."""
    asked = select(EventRow).where(EventRow.complaint_id == complaint_id).order_by(col(EventRow.seq))
    return list(session.exec(asked))


def refuse_destroyed(rows: Sequence[EventRow]) -> None:
    """Raise LedgerDestroyed if the links in *rows* say nothing any more."""
    if rows and not rows[0].body:
        raise LedgerDestroyed


def _head(session: Session, complaint_id: str) -> EventRow | None:
    asked = select(EventRow).where(EventRow.complaint_id == complaint_id).order_by(col(EventRow.seq).desc()).limit(1)
    head = session.exec(asked).first()
    refuse_destroyed([head] if head else [])
    return head


def _refuse_others(session: Session, complaint_id: str, first_seq: int, events: Sequence[ev.Event]) -> None:
    """Raise LedgerConflict unless *events*, the first of which is number *first_seq*, rest as they are."""
    if not events:
        return
    asked = select(EventRow.seq, EventRow.body_hash).where(EventRow.complaint_id == complaint_id)
    within = col(EventRow.seq).between(first_seq, first_seq + len(events) - 1)
    rest: dict[int, str] = dict(session.exec(asked.where(within)).all())
    for seq, event in enumerate(events, start=first_seq):
        if rest.get(seq) != chain.body_hash(event):
            raise LedgerConflict(f"the record has another event as number {seq}")


def _refuse_other_receipt(intake: IntakeRow, first: ev.Event | None) -> None:
    if not isinstance(first, ev.Received):
        raise LedgerConflict(projection.UNHANDLED)
    if first.content_hash != intake.content_hash:
        raise LedgerConflict("the receipt is that of another intake")


def _add(
    session: Session, complaint_id: str, folded: FoldedCase, head: EventRow | None, new: Sequence[ev.Event]
) -> None:
    known, previous_hash = (head.seq, head.hash) if head else (0, chain.GENESIS)
    rows: list[EventRow] = []
    for seq, event in enumerate(new, start=known + 1):
        rows.append(chain.link(complaint_id, seq, event, folded.pin, previous_hash))
        previous_hash = rows[-1].hash
    session.add_all(rows)
    session.flush()
    folded.take(rows)
    case = session.get(CaseRow, complaint_id)
    if case is None or case.head_hash != rows[0].previous_hash:
        folded.written = None  # Somebody took the projections away.
    all_anew = folded.written is None
    projection.write(session, folded, rows[-1])
    steps.mark_sent(session, complaint_id, folded.given, all_anew=all_anew)

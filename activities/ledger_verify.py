"""
The audit of a case.

Is the chain whole, is the intake the one that was received, are the letters those that were sent, and does folding the
events again give what was recorded at the time?
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from activities import ledger_chain as chain
from activities import ledger_projection as projection
from activities.ledger_fold import fold_faults
from models.archive_tables import DisposalRow, PackageRow
from models.canonical import digest_text
from models.tables import CaseRow, EventRow, IntakeRow, NoticeRow
from rulebook import events as ev


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """
    What the audit of one case found.

    *head_hash* is the hash of the last link, 64 zeros before the first event; *differences* holds one line for each thing
    that is not as it should be, and is empty when all is well. *destroyed* says that what the case said was struck out,
    as two persons decided; then only its chain of hashes is there to be verified.
    """

    complaint_id: str
    events: int
    head_hash: str
    differences: tuple[str, ...]
    destroyed: bool = False

    @property
    def ok(self) -> bool:
        """Return whether nothing differs."""
        return not self.differences


def verify(session: Session, intake: IntakeRow, rows: Sequence[EventRow]) -> VerifyReport:
    """Return what differs in the case of *intake* with the events in *rows*."""
    if not intake.content:
        return _verify_destroyed(session, intake, rows)
    found = [*_intake_faults(intake, rows), *chain.faults(rows), *_tail_faults(session, intake.complaint_id, rows)]
    if rows and not found:
        # Only a whole chain is folded again: under a broken one every other difference is a consequence.
        found += fold_faults(rows, projection.stored(session, intake.complaint_id), json.loads(intake.content))
        found += _notice_faults(session, rows)
    head = rows[-1].hash if rows else chain.GENESIS
    return VerifyReport(intake.complaint_id, len(rows), head, tuple(found))


def _verify_destroyed(session: Session, intake: IntakeRow, rows: Sequence[EventRow]) -> VerifyReport:
    asked = select(DisposalRow).where(DisposalRow.complaint_id == intake.complaint_id)
    packages = session.exec(select(PackageRow).where(PackageRow.complaint_id == intake.complaint_id)).all()
    found = list(chain.faults(rows, struck_out=True))
    if not any(row.approved_at for row in session.exec(asked)):
        found.append("intake: the content was struck out, and nobody approved that")
    found += [
        f"the chain is not the one that was sealed with {package.events} events"
        for package in packages
        if len(rows) < package.events or rows[package.events - 1].hash != package.head_hash
    ]
    if projection.stored(session, intake.complaint_id).rows:
        found.append("case: rows are left that were to be destroyed")
    head = rows[-1].hash if rows else chain.GENESIS
    return VerifyReport(intake.complaint_id, len(rows), head, tuple(found), destroyed=True)


def _intake_faults(intake: IntakeRow, rows: Sequence[EventRow]) -> Iterator[str]:
    if digest_text(intake.content) != intake.content_hash:
        yield "intake: the content was changed, its hash does not fit"
    first = next((row for row in rows if row.seq == 1), None)
    if first is None or digest_text(first.body) != first.body_hash:
        return
    event = chain.event_of(first)
    if not isinstance(event, ev.Received):
        yield f"seq 1: {projection.UNHANDLED}"
    elif event.content_hash != intake.content_hash:
        yield "seq 1: the intake is not the one that was received"


def _tail_faults(session: Session, complaint_id: str, rows: Sequence[EventRow]) -> Iterator[str]:
    # A chain that lost its last links is still whole: what else rests remembers how long it was.
    case = session.get(CaseRow, complaint_id)
    last = rows[-1].seq if rows else 0
    for seq in range(last + 1, (case.event_count if case else 0) + 1):
        yield f"seq {seq}: the row is missing"


def _notice_faults(session: Session, rows: Sequence[EventRow]) -> Iterator[str]:
    asked = select(NoticeRow).where(NoticeRow.complaint_id == rows[0].complaint_id)
    notices = {notice.notice: notice for notice in session.exec(asked)}
    for row in rows:
        event = chain.event_of(row)
        if not isinstance(event, ev.NoticeGiven) or not event.body_hash:
            continue  # What was told by hand has no letter here.
        notice = notices.pop(event.notice, None)
        if notice is None:
            yield f"seq {row.seq}: the letter it speaks of is not in the record"
        elif digest_text(notice.body) != event.body_hash:
            yield f"seq {row.seq}: the letter is not the one that was sent, its hash does not fit"
        elif notice.proof != event.proof:
            yield f"seq {row.seq}: the letter's proof is not the one that was recorded"
        elif notice.sent_at != event.at:
            yield f"seq {row.seq}: the letter's time of sending is not the one that was recorded"
    for name, notice in sorted(notices.items()):
        if notice.sent_at is not None:
            yield f"letter {name}: it is marked as sent, and no event says so"

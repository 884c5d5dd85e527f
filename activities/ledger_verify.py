"""
The audit of a case.

Is the chain whole, is the intake the one that was received, are the letters those that were sent, and does folding the
events again give what was recorded at the time?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from activities import ledger_chain as chain
from activities import ledger_projection as projection
from models.canonical import digest_text
from models.tables import CaseRow, EventRow, IntakeRow, NoticeRow
from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.errors import RulebookError
from rulebook.pack import Pin


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """
    What the audit of one case found.

    *head_hash* is the hash of the last link, 64 zeros before the first event; *differences* holds one line for each thing
    that is not as it should be, and is empty when all is well.
    """

    complaint_id: str
    events: int
    head_hash: str
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Return whether nothing differs."""
        return not self.differences


def verify(session: Session, intake: IntakeRow, rows: Sequence[EventRow]) -> VerifyReport:
    """Return what differs in the case of *intake* with the events in *rows*."""
    found = [*_intake_faults(intake, rows), *chain.faults(rows), *_tail_faults(session, intake.complaint_id, rows)]
    if rows and not found:
        # Only a whole chain is folded again: under a broken one every other difference is a consequence.
        found += _fold_faults(session, rows)
    head = rows[-1].hash if rows else chain.GENESIS
    return VerifyReport(intake.complaint_id, len(rows), head, tuple(found))


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


def _fold_faults(session: Session, rows: Sequence[EventRow]) -> list[str]:
    events = [chain.event_of(row) for row in rows]
    try:
        return [
            *sorted(projection.differences(projection.project(rows), projection.stored(session, rows[0].complaint_id))),
            *_clock_faults(rows, events),
            *_notice_faults(session, rows, events),
        ]
    except RulebookError as error:
        return [f"the events cannot be folded again: {error}"]


def _clock_faults(rows: Sequence[EventRow], events: Sequence[ev.Event]) -> Iterator[str]:
    clocks: dict[str | None, CaseClock] = {}
    pin = None
    for index, (row, event) in enumerate(zip(rows, events, strict=True)):
        if chain.pin_of(row) != pin:
            pin = chain.pin_of(row)
            clocks = {slip: _clock(pin, slip, events[:index]) for slip in (None, *clocks)}
        if isinstance(event, ev.SlipDispatched) and event.slip not in clocks:
            clocks[event.slip] = _clock(chain.pin_of(row), event.slip, events[:index])
        if isinstance(event, ev.DeadlineBreached | ev.WindowClosed):
            yield from _alarm_faults(row, event, clocks.get(_slip_of(event)))
        for slip, clock in clocks.items():
            if slip in {None, _slip_of(event)}:
                clock.apply(event)


def _clock(pin: Pin, slip: str | None, events: Sequence[ev.Event]) -> CaseClock:
    # A slip rings by what its own process knows, and news of the complaint reaches that later than the record.
    known = [event for event in events if slip in {None, _slip_of(event)}]
    return CaseClock.fold(*pin.open(), known, slip)


def _slip_of(event: ev.Event) -> str | None:
    slip: str | None = getattr(event, "slip", None)
    return slip


def _alarm_faults(
    row: EventRow, event: ev.DeadlineBreached | ev.WindowClosed, clock: CaseClock | None
) -> Iterator[str]:
    duty = clock.duty(event.duty) if clock else None
    place = f"seq {row.seq}: {row.type}"
    if event.at != event.due:
        yield f"{place} is dated {_text(event.at)}, the deadline it names is {_text(event.due)}"
    if duty is None:
        yield f"{place} names {event.duty}, the fold knows no such duty"
    elif duty.status != "open":
        yield f"{place} names {event.duty}, by the fold it had ended: {duty.status}"
    elif duty.due != event.due:
        yield f"{place} says {event.duty} was due {_text(event.due)}, the fold says {_text(duty.due)}"
    elif event.recorded_at < event.due:
        yield f"{place} was recorded {_text(event.recorded_at)}, before the deadline {_text(event.due)}"


def _notice_faults(session: Session, rows: Sequence[EventRow], events: Sequence[ev.Event]) -> Iterator[str]:
    asked = select(NoticeRow).where(NoticeRow.complaint_id == rows[0].complaint_id)
    notices = {notice.notice: notice for notice in session.exec(asked)}
    for row, event in zip(rows, events, strict=True):
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


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else "open"

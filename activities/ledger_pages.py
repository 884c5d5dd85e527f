"""What a workflow that goes on in a new run needs of the record: its events page by page, and what it has answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlmodel import Session, col, select

from activities.ledger_chain import event_of, pin_of
from activities.ledger_session import LedgerDestroyed, LedgerMissing, Sessions, intake_of
from models.child import child_of
from models.loading import PAGE_BYTES, Answers, EventPage, Extent, PageOrder
from models.opening import Accepted, Done
from models.shortening import shortened
from models.tables import CaseRow, CommandRow, EventRow
from rulebook.events import Event, Merged

AT_ONCE = 100
"""How many rows are read at once: each may hold a text of several ten thousand characters."""


MOST = 2_000
"""How many events a page has at most."""


class RecordBehind(LedgerMissing):
    """The record does not hold yet what a workflow has handed to it; it comes, so trying again is right."""


class Pages:
    """Reads the events of one database page by page."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def page(self, order: PageOrder) -> EventPage:
        """
        Return the next page of *order*; RecordBehind while the record lacks events that it asks for.

        LedgerDestroyed when what the complaint said was destroyed.
        """
        events: list[Event] = []
        size, last = 0, order.after
        with self._sessions.reading() as session:
            done = _done(session, order)
            for seq, event in _of(_numbered(session, order.complaint_id, order.after), order.child):
                short = shortened(event, seq)
                answered = done.get(order.known + len(events) + 1, ())
                size += sum(len(one.model_dump_json().encode()) for one in (short, *answered))
                if events and (size > PAGE_BYTES or len(events) == MOST):
                    break
                events.append(short)
                last = seq
                if order.known + len(events) == order.count:
                    break
            else:
                if order.known + len(events) < order.count:
                    raise RecordBehind(f"the record holds {order.known + len(events)} events of {order.count}")
        more = order.known + len(events) < order.count
        given = (one for number, those in done.items() if number <= order.known + len(events) for one in those)
        return EventPage(events=tuple(events), done=tuple(given), after=last if more else None)

    def begun_at(self, complaint_id: str) -> datetime | None:
        """Return when the first event of the complaint was written down, None while there is none."""
        with self._sessions.reading() as session:
            row = session.get(EventRow, (complaint_id, 1))
        return row.recorded_at if row else None

    def extent(self, complaint_id: str) -> Extent | None:
        """Return how much the record holds of the complaint; None if it has no event of it."""
        with self._sessions.reading() as session:
            first = session.get(EventRow, (complaint_id, 1))
            if first is None:
                return None
            newest = select(EventRow).where(EventRow.complaint_id == complaint_id).order_by(col(EventRow.seq).desc())
            last = session.exec(newest.limit(1)).one()
            said = intake_of(session, complaint_id)
            absorbed = tuple(_merged_into(session, complaint_id))
        return Extent(
            events=last.seq,
            recorded_at=last.recorded_at,
            pin=pin_of(first),
            content_hash=said.content_hash,
            destroyed=not (first.body and said.content),
            absorbed=absorbed,
        )

    def knows(self, complaint_id: str, child: str) -> bool:
        """Return whether the record holds an event of the slip or review *child* of the complaint."""
        with self._sessions.reading() as session:
            return next(_of(_numbered(session, complaint_id, 0), child), None) is not None

    def event(self, complaint_id: str, number: int) -> Event:
        """Return event *number* of the case in full; RecordBehind while the record does not hold it."""
        with self._sessions.reading() as session:
            row = session.get(EventRow, (complaint_id, number))
        if row is None:
            raise RecordBehind(f"the record does not hold event {number} yet")
        if not row.body:
            raise LedgerDestroyed
        return event_of(row)

    def keep(self, answers: Answers) -> None:
        """Keep what commands of a child were answered, once each; RecordBehind while the record lacks its events."""
        name = answers.complaint_id
        with self._sessions.writing(name) as session:
            held = sum(1 for _ in islice(_of(_numbered(session, name, 0), answers.child), answers.count))
            if held < answers.count:
                raise RecordBehind(f"the record holds {held} events of {answers.count}")
            keep_done(session, name, answers.child, answers.done)


def _merged_into(session: Session, complaint_id: str) -> Iterator[str]:
    """Yield the complaints that were merged into *complaint_id*, by their own record."""
    merged = select(CaseRow.complaint_id).where(CaseRow.ending == "merged")
    asked = select(EventRow).where(EventRow.type == "merged", col(EventRow.complaint_id).in_(merged))
    in_turn = asked.order_by(col(EventRow.at), col(EventRow.complaint_id))
    for row in session.exec(in_turn.execution_options(yield_per=AT_ONCE)):
        event = event_of(row) if row.body else None
        if isinstance(event, Merged) and event.into == complaint_id:
            yield row.complaint_id


def keep_done(session: Session, complaint_id: str, child: str, done: Sequence[Done]) -> None:
    """Keep what commands were answered, by the complaint itself if *child* is empty; what is kept already stays."""
    for one in done:
        if session.get(CommandRow, (complaint_id, child, one.id)) is None:
            session.add(
                CommandRow(
                    complaint_id=complaint_id,
                    child=child,
                    command=one.id,
                    number=one.answer.seq,
                    digest=one.digest,
                    answer=one.answer.model_dump_json(exclude_defaults=True),
                )
            )


def _numbered(session: Session, complaint_id: str, after: int) -> Iterator[tuple[int, Event]]:
    while True:
        asked = select(EventRow).where(EventRow.complaint_id == complaint_id, col(EventRow.seq) > after)
        rows = session.exec(asked.order_by(col(EventRow.seq)).limit(AT_ONCE)).all()
        session.expunge_all()
        if not rows:
            return
        for row in rows:
            if not row.body:
                raise LedgerDestroyed
            yield row.seq, event_of(row)
            after = row.seq


def _of(numbered: Iterator[tuple[int, Event]], child: str | None) -> Iterator[tuple[int, Event]]:
    return numbered if child is None else ((seq, event) for seq, event in numbered if child_of(event) == child)


def _done(session: Session, order: PageOrder) -> dict[int, list[Done]]:
    """Return the commands of the events that may come next, by the number of the event."""
    asked = select(CommandRow).where(
        CommandRow.complaint_id == order.complaint_id,
        CommandRow.child == (order.child or ""),
        col(CommandRow.number) > order.known,
        col(CommandRow.number) <= min(order.known + MOST, order.count),
    )
    found: dict[int, list[Done]] = {}
    for row in session.exec(asked.order_by(col(CommandRow.number))).all():
        done = Done(id=row.command, digest=row.digest, answer=Accepted.model_validate_json(row.answer))
        found.setdefault(row.number, []).append(done)
    return found

"""
References: which complaint has a number of the system that it came from, so that one row is opened once, whoever opens it.

The claim is made before the workflow is started. The record follows the workflow by seconds: only here two openings meet.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, delete, or_, select

from activities.ledger_session import Sessions
from models.intake import Intake
from models.journal_tables import ReferenceRow
from models.tables import IntakeRow


class Held(NamedTuple):
    """Who has a reference: a complaint by its id, the receipt that it named, and when it claimed."""

    complaint_id: str
    received_at: datetime
    claimed_at: datetime


class References:
    """The claims in one database."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def claim(self, intake: Intake, at: datetime, *, alone: bool = False, over: Held | None = None) -> Held | None:
        """
        Claim the reference of *intake* with its receipt; return who has it already, None once it is this complaint's.

        Claiming again renews the claim. With *alone* another receipt under the reference is in the way too. A claim that is
        still exactly *over* gives way: its complaint never came to be. What is on record has claimed, and is let through.
        """
        name, reference = intake.complaint_id, intake.source_reference
        if reference is None:
            return None
        with self._sessions.writing(name) as session:
            if session.get(IntakeRow, name) is not None:
                return None
            self._sessions.also(session, _turn(reference))
            others = _held(session, reference, but=name)
            same = next((one for one in others if one.received_at == intake.received_at), None)
            if same is not None and same == over:
                _drop(session, same.complaint_id, reference, intake.received_at)
            elif same is not None:
                return same
            elif alone and others:
                return others[0]
            session.merge(_row(intake, reference, at))
        return None


def note(sessions: Sessions, session: Session, intake: Intake, at: datetime) -> None:
    """
    Note the reference of *intake*, which comes on record now, whoever opened it: it is held, or a twin of what holds it.

    A claim whose complaint is not on record gives way; if that comes as well, it is the twin. Nothing is turned away here.
    """
    name, reference = intake.complaint_id, intake.source_reference
    own = delete(ReferenceRow).where(col(ReferenceRow.complaint_id) == name)
    if reference is None:
        session.execute(own)
        return
    # An opening under this id that was turned away since may have claimed something else.
    other = or_(col(ReferenceRow.reference) != reference, col(ReferenceRow.received_at) != intake.received_at)
    session.execute(own.where(other))
    sessions.also(session, _turn(reference))
    others = _held(session, reference, but=name)
    holder = next((one.complaint_id for one in others if one.received_at == intake.received_at), None)
    if holder is not None and session.get(IntakeRow, holder) is None:
        _drop(session, holder, reference, intake.received_at)
        holder = None
    session.merge(_row(intake, reference, at, holder))


def forget(session: Session, complaint_id: str) -> None:
    """Take away what a complaint claimed, once what it said is destroyed."""
    session.execute(delete(ReferenceRow).where(col(ReferenceRow.complaint_id) == complaint_id))


def _turn(reference: str) -> str:
    return f"reference {reference}"


def _row(intake: Intake, reference: str, at: datetime, twin_of: str | None = None) -> ReferenceRow:
    return ReferenceRow(
        reference=reference,
        received_at=intake.received_at,
        complaint_id=intake.complaint_id,
        claimed_at=at,
        twin_of=twin_of,
    )


def _held(session: Session, reference: str, *, but: str) -> list[Held]:
    asked = select(ReferenceRow).where(
        ReferenceRow.reference == reference, col(ReferenceRow.twin_of).is_(None), ReferenceRow.complaint_id != but
    )
    return [Held(row.complaint_id, row.received_at, row.claimed_at) for row in session.exec(asked)]


def _drop(session: Session, complaint_id: str, reference: str, received_at: datetime) -> None:
    dropped = delete(ReferenceRow).where(
        col(ReferenceRow.complaint_id) == complaint_id,
        col(ReferenceRow.reference) == reference,
        col(ReferenceRow.received_at) == received_at,
    )
    session.execute(dropped)

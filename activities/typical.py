"""Typical cases in the record: each an append-only chain beside its complaint's own (典型案例, R015, R181, R200)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.chain_book import ChainBook, ChainRefused, Shape
from activities.ledger_chain import event_of
from activities.ledger_session import LedgerDestroyed, Sessions, intake_of
from models.intake import Intake
from models.particulars import corrected
from models.tables import CaseRow, DutyRow, EventRow
from models.typical import (
    TYPICAL_EVENT,
    Chosen,
    Revised,
    Sought,
    Telling,
    TypicalCase,
    TypicalEvent,
    Withdrawn,
    refusal,
)
from models.typical_tables import TypicalRow
from models.unnamed import names_somebody
from rulebook import events as ev


class TypicalRefused(ChainRefused):
    """What is to be told does not fit the typical case, or the complaint."""


SHAPE = Shape(
    table=TypicalRow,
    event=TYPICAL_EVENT,
    first=Chosen,
    fold=TypicalCase.fold,
    refusal=refusal,
    refused=TypicalRefused,
    missing="no typical case is told of this complaint",
)
NOT_CLOSED = "the complaint is not closed, or its decision is under review; only what is over is told as an example"
REVIEWABLE = "the complainant may still ask for a review; only what is over is told as an example"
MERGED = "the complaint was merged into another one; choose that one"


class TypicalCases(ChainBook[TypicalRow, TypicalEvent, TypicalCase]):
    """The typical cases in one database, each named by its complaint."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(sessions, SHAPE)

    def choose(self, complaint_id: str, telling: Telling, *, by: str, at: datetime) -> TypicalCase:
        """
        Tell of a complaint that is closed, once; what was withdrawn can be chosen again.

        LedgerMissing or LedgerDestroyed without the complaint's file; TypicalRefused when it is not over (NotClosed,
        ReviewPossible, MergedAway), is told already (ChosenAlready), or the text leads to somebody (NamesSomebody).
        """
        with self.writing() as session:
            intake = _said(session, complaint_id)
            case = _over(session, session.get(CaseRow, complaint_id))
            facts: dict[str, Any] = {"unit": case.unit, "categories": tuple(case.categories)}
            product = intake.policy.product if intake.policy else None
            return self.write(session, complaint_id, Chosen(at=at, by=by, telling=telling, product=product, **facts))

    def revise(self, complaint_id: str, telling: Telling, reason: str, *, by: str, at: datetime) -> TypicalCase:
        """Tell it otherwise from now on; errors as for `choose`, and NothingRevised when nothing changes."""
        return self.append(complaint_id, Revised(at=at, by=by, telling=telling, reason=reason))

    def withdraw(self, complaint_id: str, reason: str, *, by: str, at: datetime) -> TypicalCase:
        """Take it back as an example; possible also when the complaint's file was destroyed."""
        return self.append(complaint_id, Withdrawn(at=at, by=by, reason=reason))

    def find(self, sought: Sought) -> list[TypicalCase]:
        """Return the typical cases that are looked for, those that were chosen last first."""
        conditions: list[Any] = []
        if sought.since is not None:
            conditions.append(col(TypicalRow.at) >= sought.since)
        if sought.until is not None:
            conditions.append(col(TypicalRow.at) < sought.until)
        if conditions:
            conditions.append(col(TypicalRow.type) == "chosen")
        found = [one for one in self.those(*conditions) if sought.fits(one)]
        return sorted(found, key=lambda one: (-one.chosen.at.timestamp(), one.complaint_id))

    def look(self, session: Session, name: str, event: TypicalEvent) -> None:
        """Raise TypicalRefused when *event* names somebody; what cannot be looked at any more cannot be told anew."""
        try:
            intake = _said(session, name)
        except LedgerDestroyed:
            if isinstance(event, Withdrawn):
                return
            raise
        corrections = _corrections(session, name)
        # A name that was wrong once may be somebody else's, so each state of the particulars counts.
        known = [corrected(intake, corrections[:count]) for count in range(len(corrections) + 1)]
        for field, text in event.texts():
            if any(names_somebody(text, state) for state in known):
                raise TypicalRefused(
                    "NamesSomebody",
                    f"{field}: names somebody of the complaint, or has an address or number of theirs; tell it without",
                )


def _over(session: Session, case: CaseRow | None) -> CaseRow:
    """Return the case if it is over for good; TypicalRefused if it is not."""
    if case is None or case.stage != "closed":
        raise TypicalRefused("NotClosed", NOT_CLOSED)
    if case.ending == "merged":
        raise TypicalRefused("MergedAway", MERGED)
    asked = select(DutyRow).where(DutyRow.complaint_id == case.complaint_id, DutyRow.rule == "review_window")
    if session.exec(asked.where(DutyRow.status == "open")).first() is not None:
        raise TypicalRefused("ReviewPossible", REVIEWABLE)
    return case


def _said(session: Session, complaint_id: str) -> Intake:
    row = intake_of(session, complaint_id)
    if not row.content:
        raise LedgerDestroyed
    return Intake.model_validate(json.loads(row.content))


def _corrections(session: Session, complaint_id: str) -> list[ev.ParticularsCorrected]:
    asked = select(EventRow).where(EventRow.complaint_id == complaint_id, EventRow.type == "particulars_corrected")
    events = map(event_of, session.exec(asked.order_by(col(EventRow.seq))))
    return [event for event in events if isinstance(event, ev.ParticularsCorrected)]

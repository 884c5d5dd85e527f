"""Which cases figures do not count yet."""

from __future__ import annotations

from sqlalchemy import and_
from sqlmodel import col, select

from activities.ledger import Ledger
from models.figure_tables import FORM, CountedCase
from models.tables import CaseRow


def uncounted(ledger: Ledger) -> list[str]:
    """Return the cases of which figures count nothing yet, or in an older form: those of an earlier release."""
    counted = and_(
        col(CountedCase.complaint_id) == col(CaseRow.complaint_id),
        col(CountedCase.event_count) == col(CaseRow.event_count),
        col(CountedCase.form) == FORM,
    )
    asked = select(CaseRow.complaint_id).outerjoin(CountedCase, counted)
    with ledger.sessions.reading() as session:
        return sorted(session.exec(asked.where(col(CountedCase.complaint_id).is_(None))))

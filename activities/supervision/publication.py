"""What is published of a month or a year (R181–R183): the report of figures, and what callbacks confirmed (R163)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.figures.publication import publish, published
from activities.figures.report import Ask, Report, make
from activities.ledger import Ledger
from activities.ledger_session import LedgerMissing
from activities.supervision.problems import Told, for_area
from models.audience import area_of
from models.organisation import Organisation
from models.supervision_tables import FollowUpRow
from models.tables import CaseRow
from rulebook.figures import FigureSet, ReportKind
from rulebook.period import Period


def ask_for(period: Period) -> Ask:
    """Return which report is published of *period*: the annual one of a year, the monthly one of a month."""
    kind: ReportKind = "annual" if period.kind == "year" else "monthly"
    return Ask(kind, period)


def report_of(
    ledger: Ledger, period: Period, organisation: Organisation, figures: FigureSet, *, by: str, at: datetime
) -> Report:
    """
    Return the report on *period* for the whole company as it is published; if nobody has, *by* does so at *at*.

    What somebody published before the schedule came to it is what is told: one publication for each period.
    """
    ask = ask_for(period)
    try:
        found: Report = json.loads(published(ledger, ask))
    except LedgerMissing:
        return publish(ledger, ask, make(ledger, ask, organisation, figures, at), by, at)
    return found


def publication(
    session: Session,
    organisation: Organisation,
    report: Report,
    since: datetime,
    until: datetime,
    *,
    told: Told | None = None,
) -> dict[str, Any]:
    """
    Return *report* with its areas, which are all that the company has, and what was confirmed in each by *until*.

    With what was *told* of a month each area reads its typical cases and problems too.
    """
    confirmed = _confirmed(session, since, until)
    return {
        "areas": [
            {
                "area": area,
                "name": organisation.units[area].name,
                "confirmed": sorted(one for one, unit in confirmed if area_of(organisation, unit) == area),
                **(for_area(organisation, area, told) if told else {}),
            }
            for area in sorted({area_of(organisation, unit) for unit in organisation.units})
        ],
        "report": report,
    }


def _confirmed(session: Session, since: datetime, until: datetime) -> list[tuple[str, str]]:
    asked = select(FollowUpRow.complaint_id, CaseRow.unit).join(
        CaseRow, col(CaseRow.complaint_id) == col(FollowUpRow.complaint_id)
    )
    asked = asked.where(FollowUpRow.confirmed, col(FollowUpRow.at) >= since, col(FollowUpRow.at) < until)
    return list(session.exec(asked))

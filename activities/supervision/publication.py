"""What is published of a month or a year (R181–R183): numbers, kinds, hours, what callbacks confirmed (R163)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from activities.supervision.matters import late_cases
from models.audience import area_of
from models.organisation import Organisation
from models.supervision import Supervision
from models.supervision_tables import FollowUpRow
from models.tables import CaseRow, DutyRow, SlipRow


def publication(
    session: Session, organisation: Organisation, rules: Supervision, since: datetime, until: datetime
) -> dict[str, Any]:
    """Return the figures of the cases received between *since* and *until*, for the whole company and for each area."""
    cases = list(session.exec(_between(select(CaseRow), col(CaseRow.received_at), since, until)))
    hours = _response_hours(session, rules, since, until)
    late = [one.unit for one in late_cases(session, rules, since, until)]
    confirmed = _confirmed(session, since, until)
    areas = sorted({area_of(organisation, case.unit) for case in cases})
    return {
        "areas": [
            {
                "area": area,
                "name": organisation.units[area].name,
                **_figures(
                    [case for case in cases if area_of(organisation, case.unit) == area],
                    sum(area_of(organisation, unit) == area for unit in late),
                ),
                "response": [
                    _response(organisation, one, hours[one]) for one in sorted(hours) if _in(organisation, one, area)
                ],
                "confirmed": sorted(one for one, unit in confirmed if area_of(organisation, unit) == area),
            }
            for area in areas
        ],
        "company": _figures(cases, len(late)),
    }


def _in(organisation: Organisation, key: tuple[str, str], area: str) -> bool:
    return area_of(organisation, key[0]) == area


def _between(asked: Any, column: Any, since: datetime, until: datetime) -> Any:
    return asked.where(column >= since, column < until)


def _figures(cases: Iterable[CaseRow], late: int) -> dict[str, Any]:
    known = list(cases)
    return {
        "received": len(known),
        "closed": sum(case.closed_at is not None for case in known),
        "limit_missed": late,
        "categories": dict(sorted(Counter(name for case in known for name in case.categories).items())),
        "channels": dict(sorted(Counter(case.channel for case in known).items())),
        "liability": dict(sorted(Counter(case.liability or "open" for case in known).items())),
        "severity": dict(sorted(Counter(case.severity for case in known).items())),
    }


def _response_hours(
    session: Session, rules: Supervision, since: datetime, until: datetime
) -> dict[tuple[str, str], list[float]]:
    """Return the hours in which each department's coordinator took or returned each slip sent in that time (R182)."""
    taken = aliased(DutyRow)
    asked = select(SlipRow.unit, SlipRow.department, SlipRow.dispatched_at, taken.met_at).join(
        taken,
        (col(taken.complaint_id) == col(SlipRow.complaint_id))
        & (col(taken.key) == col(SlipRow.slip) + "/" + rules.slip_answers[1]),
    )
    hours: dict[tuple[str, str], list[float]] = {}
    for unit, department, sent, met in session.exec(_between(asked, col(SlipRow.dispatched_at), since, until)):
        if met is not None:
            hours.setdefault((unit, department), []).append((met - sent).total_seconds() / 3600)
    return hours


def _response(organisation: Organisation, key: tuple[str, str], hours: list[float]) -> dict[str, Any]:
    unit, department = key
    known = organisation.departments.get(department)
    return {
        "unit": unit,
        "department": department,
        "name": known.name if known else department,
        "slips": len(hours),
        "median_hours": f"{median(hours):.1f}",
        "longest_hours": f"{max(hours):.1f}",
    }


def _confirmed(session: Session, since: datetime, until: datetime) -> list[tuple[str, str]]:
    asked = select(FollowUpRow.complaint_id, CaseRow.unit).join(
        CaseRow, col(CaseRow.complaint_id) == col(FollowUpRow.complaint_id)
    )
    asked = asked.where(FollowUpRow.confirmed, col(FollowUpRow.at) >= since, col(FollowUpRow.at) < until)
    return list(session.exec(asked))

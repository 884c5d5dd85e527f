"""The bulletin (通报): which departments do not answer in time, and when the committee supervises (R178–R180)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from activities.supervision.matters import Matter
from models.audience import area_of
from models.organisation import Organisation
from models.risk_tables import RiskRow
from models.supervision import Scheduled

UNASSIGNED = "未分派 unassigned"


def bulletin(
    organisation: Organisation,
    scheduled: Scheduled,
    found: Sequence[Matter],
    as_of: datetime,
    risks: Sequence[RiskRow] = (),
) -> dict[str, Any]:
    """
    Return the bulletin: for each area its departments with their figures, and every matter not in order.

    What *risks* warn of every area reads, but a unit's own concentration only the area of the unit (R176).
    """
    by_area: dict[str, list[Matter]] = {}
    for one in found:
        by_area.setdefault(area_of(organisation, one.unit), []).append(one)
    return {
        "as_of": as_of.isoformat(),
        "above": scheduled.above,
        "areas": [
            {
                "area": area,
                "name": _unit_name(organisation, area),
                "departments": _departments(organisation, by_area[area], scheduled.above or 0),
                "matters": [_line(one) for one in by_area[area] if one.state != "in_time"],
                **({"risks": known} if (known := _risks(organisation, area, risks)) else {}),
            }
            for area in sorted(by_area)
        ],
    }


def _risks(organisation: Organisation, area: str, risks: Sequence[RiskRow]) -> list[dict[str, Any]]:
    return [
        one.model_dump(mode="json", exclude={"warned_at"})
        for one in risks
        if one.dimension != "unit" or area_of(organisation, one.value) == area
    ]


def _departments(organisation: Organisation, found: Sequence[Matter], above: int) -> list[dict[str, Any]]:
    return [
        _department(organisation, unit, department, list(group), above)
        for (unit, department), group in groupby(found, key=lambda one: (one.unit, one.department))
    ]


def _department(
    organisation: Organisation, unit: str, department: str, found: Sequence[Matter], above: int
) -> dict[str, Any]:
    due, late = sum(one.counts for one in found), sum(one.is_late for one in found)
    known = organisation.departments.get(department)
    return {
        "unit": unit,
        "unit_name": _unit_name(organisation, unit),
        "department": department,
        "name": known.name if known else department or UNASSIGNED,
        **{state: sum(one.state == state for one in found) for state in ("overdue", "late", "unanswered", "returned")},
        "slow": sum(one.progress_late for one in found),
        "due": due,
        "late_of_due": late,
        # In whole numbers: a share that is rounded could call the committee, or not, by its last digit.
        "committee": late * 100 > due * above,
    }


def _line(one: Matter) -> dict[str, Any]:
    return {
        "what": one.what,
        "complaint_id": one.complaint_id,
        "slip": one.slip,
        "unit": one.unit,
        "department": one.department,
        "categories": list(one.categories),
        "since": one.since.isoformat(),
        "due": one.due.isoformat() if one.due else None,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "state": one.state,
        "progress_late": one.progress_late,
    }


def _unit_name(organisation: Organisation, unit: str) -> str:
    known = organisation.units.get(unit)
    return known.name if known else unit

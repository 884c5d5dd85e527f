"""The list of what was late in a period: ids and codes, for the officer who must look each case up."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, false, func, or_, select
from sqlmodel import Session, col

from activities.figures.query import Scope, due_within
from models.figure_tables import CountedCase, CountedSlip
from models.tables import DutyRow

SHOWN = 500
"""How many are listed; a longer list says how many more there are."""


def late_list(session: Session, scope: Scope) -> dict[str, Any]:
    """Return the duties, slips' included, whose last day lay in the period and which were late, the earliest first."""
    columns = (
        col(DutyRow.complaint_id),
        col(DutyRow.key),
        col(DutyRow.title_zh),
        col(DutyRow.title_en),
        col(DutyRow.citation),
        col(DutyRow.due),
        col(DutyRow.met_at),
        col(DutyRow.status),
        func.coalesce(col(CountedSlip.unit), col(CountedCase.unit)),
        func.coalesce(col(CountedSlip.department), col(CountedCase.department)),
        col(CountedCase.zone),
    )
    total = session.execute(_asked(scope, func.count())).scalar_one()
    order = (col(DutyRow.due), col(DutyRow.complaint_id), col(DutyRow.key))
    rows = session.execute(_asked(scope, *columns).order_by(*order).limit(SHOWN))
    return {"total": total, "rows": [_row(*row) for row in rows]}


def _asked(scope: Scope, *columns: Any) -> Select[Any]:
    slip = and_(
        col(CountedSlip.complaint_id) == col(DutyRow.complaint_id),
        col(DutyRow.key).startswith(col(CountedSlip.slip) + "/"),
    )
    joined: Any = DutyRow.__table__.join(CountedCase, CountedCase.complaint_id == DutyRow.complaint_id)  # type: ignore[attr-defined]  # every table has it
    joined = joined.outerjoin(CountedSlip, slip)
    narrowed = [col(DutyRow.breached), or_(false(), *(due_within(zone, scope.period) for zone in scope.zones))]
    if scope.groups is not None and not scope.everything:
        narrowed.append(func.coalesce(col(CountedSlip.unit), col(CountedCase.unit)).in_(sorted(scope.groups)))
    return select(*columns).select_from(joined).where(*narrowed)


def _row(*cells: Any) -> dict[str, Any]:
    names = ("complaint_id", "duty", "zh", "en", "citation", "due", "met_at", "status", "unit", "department")
    row = dict(zip(names, cells[:-1], strict=True))
    zone = ZoneInfo(cells[-1])
    return {**row, "due": _local(row["due"], zone), "met_at": _local(row["met_at"], zone)}


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat() if at else None

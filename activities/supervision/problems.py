"""What a monthly publication tells beside its figures: the month's typical cases, and its problems (R181)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.ledger import Ledger
from models.audience import area_of, head_office
from models.organisation import Organisation
from models.rectification import Rectification
from models.risk_tables import RiskRow
from models.typical import Sought, TypicalCase
from rulebook.period import Period


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell of a month, of the whole company."""

    typical: Sequence[TypicalCase]
    risks: Sequence[RiskRow]
    mended: Sequence[Rectification]
    since: datetime
    until: datetime


def look(ledger: Ledger, period: Period, since: datetime, until: datetime, at: datetime) -> Told:
    """
    Return what there is to tell of *period*, from *since* until *until*.

    The month's last window is looked at first: the weekly bulletins, which look too, end on Sundays.
    """
    ledger.risks.look(period.last, at)
    return Told(
        typical=ledger.typical.find(Sought(since=since, until=until)),
        risks=[row for row in ledger.risks.warnings(period.first) if row.period == period.name],
        mended=[
            one
            for one in ledger.rectifications.all()
            if one.opened.at < until and (one.opened.at >= since or _late(one, until))
        ],
        since=since,
        until=until,
    )


def for_area(organisation: Organisation, area: str, told: Told) -> dict[str, Any]:
    """Return what the document for *area* tells: of its own units, in head office of all (R015)."""

    def concerns(unit: str) -> bool:
        return area in {head_office(organisation), area_of(organisation, unit)}

    def named(unit: str) -> str:
        return organisation.units[unit].name if unit in organisation.units else unit

    return {
        "typical": [
            {**one.to_json(), "unit_name": named(one.chosen.unit)} for one in told.typical if concerns(one.chosen.unit)
        ],
        "problems": {
            "risks": [
                row.model_dump(mode="json", exclude={"warned_at"})
                for row in told.risks
                if row.dimension != "unit" or concerns(row.value)
            ],
            "rectifications": [
                _line(one, named(one.opened.unit), told) for one in told.mended if concerns(one.opened.unit)
            ],
        },
    }


def _line(one: Rectification, unit_name: str, told: Told) -> dict[str, Any]:
    first = one.opened
    return {
        "rectification": one.name,
        "cause": first.cause,
        "title": first.title,
        "unit": first.unit,
        "unit_name": unit_name,
        "due": first.due.isoformat(),
        "complaints": len(one.complaints),
        "opened": first.at >= told.since,
        "overdue": _late(one, told.until),
    }


def _late(one: Rectification, until: datetime) -> bool:
    """Return whether it was open after its last day at the end of the month, whatever became of it since."""
    return one.opened.due < until.date() and (one.closed is None or one.closed.at >= until)

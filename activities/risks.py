"""Concentrations of complaints, counted in the record and kept once for each period: risk warnings (风险预警, R176)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, and_, func
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from activities.journal import SAID, json_text
from activities.ledger_session import Sessions
from models.risk_tables import RiskRow
from models.tables import CaseRow, EventRow, IntakeRow
from rulebook.limit import midnight
from rulebook.risk import Dimension, RiskRules, risk_rules

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone whose days a window has."""


class Risks:
    """Looks for concentrations in one database."""

    def __init__(self, sessions: Sessions, rules: RiskRules | None = None) -> None:
        self._sessions = sessions
        self._rules = rules or risk_rules()

    def look(self, on: date, at: datetime) -> list[RiskRow]:
        """
        Return what the window that ends with the day *on* warns of, the most complaints first; new warnings are kept.

        A warning is kept once for each period, the month of *on*: looking every day raises it once a month, with the figures
        of the day on which it was first seen. Complaints that were merged into others count with those alone.
        """
        found = [row for dimension in self._rules.dimensions for row in self._concentrations(dimension, on, at)]
        with self._sessions.writing("risks") as session:
            kept = [self._kept(session, row) for row in found]
        return sorted(kept, key=lambda row: (-row.count, row.dimension, row.value))

    def warnings(self, since: date | None = None) -> list[RiskRow]:
        """Return the warnings on record whose window ended on *since* or later, newest first."""
        asked = select(RiskRow).order_by(col(RiskRow.last_day).desc(), col(RiskRow.count).desc(), col(RiskRow.value))
        if since is not None:
            asked = asked.where(col(RiskRow.last_day) >= since)
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    @staticmethod
    def _kept(session: Session, row: RiskRow) -> RiskRow:
        there = session.get(RiskRow, (row.period, row.dimension, row.value))
        if there is None:
            session.add(row)
        return there or row

    def _concentrations(self, dimension: Dimension, on: date, at: datetime) -> list[RiskRow]:
        first, last = self._rules.window(on)
        earliest, _ = self._rules.baseline(on)
        counts = self._counts(dimension, earliest, first, last)
        return [
            RiskRow(
                period=f"{on:%Y-%m}",
                dimension=dimension,
                value=value,
                first_day=first,
                last_day=last,
                count=count,
                before=before,
                windows=self._rules.baseline_windows,
                citation=self._rules.citation,
                warned_at=at,
            )
            for value, (count, before) in counts.items()
            if self._rules.concentrated(dimension, count, before)
        ]

    def _counts(self, dimension: Dimension, earliest: date, first: date, last: date) -> Mapping[str, tuple[int, int]]:
        """Return, for each value, how many complaints the window has and how many the baseline."""
        start, begin, end = (midnight(day, ZONE) for day in (earliest, first, last + timedelta(days=1)))
        with self._sessions.reading() as session:
            value, when = _value(session, dimension).label("value"), _when(dimension)
            within = func.sum(sql_cast(when >= begin, Integer))
            asked = (
                select(value, within, func.count())
                .select_from(CaseRow)
                .join(IntakeRow, col(IntakeRow.complaint_id) == CaseRow.complaint_id)
                .where(value.is_not(None), when >= start, when < end)
                .where(func.coalesce(CaseRow.ending, "") != "merged")
                .group_by("value")
            )
            if dimension == "cause":
                # Of several decisions the last one stands.
                decided = aliased(EventRow)
                newest = (
                    select(func.max(decided.seq))
                    .where(decided.complaint_id == CaseRow.complaint_id, decided.type == "decision_made")
                    .correlate(CaseRow)
                    .scalar_subquery()
                )
                asked = asked.join(
                    EventRow, and_(col(EventRow.complaint_id) == CaseRow.complaint_id, col(EventRow.seq) == newest)
                )
            return {name: (count, total - count) for name, count, total in session.exec(asked)}


def _when(dimension: Dimension) -> Any:
    """Return what places a complaint in a window: its receipt; for a cause, the decision that named it."""
    return col(CaseRow.decided_at) if dimension == "cause" else col(CaseRow.received_at)


def _value(session: Session, dimension: Dimension) -> Any:
    """Return what complaints are counted together by; of several categories or causes, the main one."""
    columns: Mapping[Dimension, Any] = {
        "unit": col(CaseRow.unit),
        "category": json_text(session, CaseRow.categories, 0),
        "product": json_text(session, SAID, "policy", "product"),
        "line_of_business": json_text(session, SAID, "policy", "line_of_business"),
        "cause": json_text(session, func.nullif(col(EventRow.body), ""), "causes", 0),
    }
    return columns[dimension]

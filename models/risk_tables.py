"""What rests of risk warnings (R176)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlmodel import Field, SQLModel

from models.tables import Instant, one_of
from rulebook.risk import Dimension


class RiskRow(SQLModel, table=True):
    """
    A concentration of complaints that was warned of, once for each *period*: a month.

    *count* complaints in the window from *first_day* to *last_day* had *value* in common; *before* is how many the *windows*
    windows before it had together.
    """

    __tablename__: ClassVar[Any] = "risk_warning"
    __table_args__ = (
        one_of("dimension", Dimension, name="risk_warning_dimension"),
        CheckConstraint("count >= 1", name="risk_warning_count"),
        CheckConstraint("before >= 0 AND windows >= 1", name="risk_warning_baseline"),
        Index("risk_warning_by_day", "last_day"),
    )

    period: str = Field(sa_type=String(7), primary_key=True)
    dimension: str = Field(sa_type=String(40), primary_key=True)
    value: str = Field(sa_type=Text, primary_key=True)
    first_day: date
    last_day: date
    count: int
    before: int
    windows: int
    citation: str = Field(sa_type=Text)
    warned_at: datetime = Field(sa_type=Instant)

    @property
    def mean(self) -> float:
        """How many complaints a window of the baseline had."""
        return self.before / self.windows

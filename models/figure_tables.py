"""
What rests for figures: what is counted, what it is set against, and what was published.

`CountedCase`, `CountedWeight` and `CountedSlip` are projections, computed from events and intake and replaced whole with the
case. `BaseRow` and `PublicationRow` are only ever added to; the database itself refuses anything else.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, String, Text
from sqlmodel import Field, SQLModel

from models.tables import SHA, Instant
from rulebook.figures import TIMELINESS

_TIMELINESS = ", ".join(f"'{state}'" for state in TIMELINESS)

FORM = 2
"""The form of what is counted. It rises when what is projected changes: rows of an older form are computed anew."""


def _of_intake(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name=f"{table}_intake")


class CountedCase(SQLModel, table=True):
    """
    One complaint as figures see it: days of its rules' time zone, codes, and lengths; nothing about a person.

    *unit* is the one that handles it, *respondent* the one complained of. *handling_days* are natural days, the day of
    receipt being day zero; *handling_time* is in seconds.
    """

    __tablename__: ClassVar[Any] = "counted_case"
    __table_args__ = (
        _of_intake("counted_case"),
        CheckConstraint("(closed_on IS NULL) = (result IS NULL)", name="counted_case_closed_with_result"),
        CheckConstraint("(closed_on IS NULL) = (handling_time IS NULL)", name="counted_case_closed_with_time"),
        CheckConstraint("(closed_on IS NULL) = (handling_days IS NULL)", name="counted_case_closed_with_days"),
        Index("counted_case_by_received_on", "received_on", "unit"),
        Index("counted_case_by_closed_on", "closed_on", "unit"),
        Index("counted_case_by_told_on", "told_on", "unit"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    form: int
    event_count: int
    zone: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    respondent: str = Field(sa_type=Text)
    department: str | None = Field(default=None, sa_type=Text)
    channel: str = Field(sa_type=Text)
    origin: str = Field(sa_type=Text)
    category: str | None = Field(default=None, sa_type=Text)
    dispute_type: str | None = Field(default=None, sa_type=Text)
    line: str | None = Field(default=None, sa_type=Text)
    product: str | None = Field(default=None, sa_type=Text)
    sales_channel: str | None = Field(default=None, sa_type=Text)
    complexity: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    result: str | None = Field(default=None, sa_type=Text)
    received_on: date
    told_on: date | None = None
    closed_on: date | None = None
    handling_days: int | None = None
    handling_time: int | None = Field(default=None, sa_type=BigInteger)
    satisfaction: int | None = None


class CountedWeight(SQLModel, table=True):
    """How much a complaint counts under a profile of its rules, where that is not one (R080–R082, R166)."""

    __tablename__: ClassVar[Any] = "counted_weight"
    __table_args__ = (
        _of_intake("counted_weight"),
        CheckConstraint("weight >= 0 AND weight <> 1", name="counted_weight_not_one"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    profile: str = Field(sa_type=Text, primary_key=True)
    weight: int


class CountedSlip(SQLModel, table=True):
    """
    One dispatch slip as figures see it: how the department responded and reported, by the slip's own clock.

    *response_time* is in seconds, from dispatch to the first acceptance, return or answer.
    """

    __tablename__: ClassVar[Any] = "counted_slip"
    __table_args__ = (
        _of_intake("counted_slip"),
        CheckConstraint(f"response IN ({_TIMELINESS})", name="counted_slip_response"),
        CheckConstraint(f"findings IN ({_TIMELINESS})", name="counted_slip_findings"),
        Index("counted_slip_by_dispatched_on", "dispatched_on", "department"),
        Index("counted_slip_by_findings_due_on", "findings_due_on", "department"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    slip: str = Field(sa_type=Text, primary_key=True)
    unit: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text)
    category: str | None = Field(default=None, sa_type=Text)
    dispatched_on: date
    response: str = Field(sa_type=String(8))
    response_time: int | None = Field(default=None, sa_type=BigInteger)
    findings: str = Field(sa_type=String(8))
    findings_due_on: date | None = None


COUNTED: tuple[type[SQLModel], ...] = (CountedCase, CountedWeight, CountedSlip)
"""What is computed from events and intake for figures."""


class BaseRow(SQLModel, table=True):
    """
    One number that complaints are set against, as it was imported; a corrected one is a further *version*.

    *line* is empty for all lines of insurance together.
    """

    __tablename__: ClassVar[Any] = "figure_base"
    __table_args__ = (
        CheckConstraint("version >= 1", name="figure_base_from_one"),
        CheckConstraint("amount > 0", name="figure_base_amount"),
    )

    name: str = Field(sa_type=String(40), primary_key=True)
    unit: str = Field(sa_type=Text, primary_key=True)
    period: str = Field(sa_type=String(10), primary_key=True)
    line: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    amount: int = Field(sa_type=BigInteger)
    source: str | None = Field(default=None, sa_type=Text)
    imported_at: datetime = Field(sa_type=Instant)
    imported_by: str = Field(sa_type=Text)


class PublicationRow(SQLModel, table=True):
    """
    A report as it was published, byte for byte, with what it was made from; a corrected one is a further *version*.

    *record_head* is the hash over the last link of every case. *unit* is empty for the whole company.
    """

    __tablename__: ClassVar[Any] = "figure_publication"
    __table_args__ = (
        CheckConstraint("version >= 1", name="figure_publication_from_one"),
        CheckConstraint("version = 1 OR reason IS NOT NULL", name="figure_publication_corrected_with_reason"),
        *(
            CheckConstraint(f"length({column}) = {SHA}", name=f"figure_publication_{column}_is_sha256")
            for column in ("definitions_hash", "inputs_hash", "record_head", "content_hash")
        ),
    )

    report: str = Field(sa_type=String(16), primary_key=True)
    period: str = Field(sa_type=String(10), primary_key=True)
    unit: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    published_at: datetime = Field(sa_type=Instant)
    published_by: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    definitions_hash: str = Field(sa_type=String(SHA))
    inputs_hash: str = Field(sa_type=String(SHA))
    record_head: str = Field(sa_type=String(SHA))
    content: str = Field(sa_type=Text)
    content_hash: str = Field(sa_type=String(SHA))

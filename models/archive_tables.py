"""
The archive in the record: which packages there are, which are held, and which were destroyed by whose decision.

`PackageRow` is an index that can be made again from the store. `HoldRow` and `DisposalRow` are decisions of people; without
an approved disposal the database itself lets nobody strike out what a case says.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables import SHA, Instant


def _with_by(table: str, *steps: str) -> list[CheckConstraint]:
    return [
        CheckConstraint(f"({step}_at IS NULL) = ({step}_by IS NULL)", name=f"{table}_{step}_at_with_by")
        for step in steps
    ]


class PackageRow(SQLModel, table=True):
    """A sealed package, found by complaint, unit or time of closure; *tombstone* is where what remains of it lies."""

    __tablename__: ClassVar[Any] = "archive_package"
    __table_args__ = (
        CheckConstraint(f"length(sha256) = {SHA}", name="archive_package_sha256_is_sha256"),
        CheckConstraint(f"length(head_hash) = {SHA}", name="archive_package_head_hash_is_sha256"),
        CheckConstraint("events >= 1", name="archive_package_has_events"),
        UniqueConstraint("complaint_id", "events", name="archive_package_of_events"),
        Index("archive_package_by_closed_at", "closed_at"),
        Index("archive_package_by_unit", "unit", "closed_at"),
    )

    sha256: str = Field(sa_type=String(SHA), primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    events: int
    head_hash: str = Field(sa_type=String(SHA))
    predecessor: str | None = Field(default=None, sa_type=String(SHA))
    path: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=Instant)
    closed_at: datetime = Field(sa_type=Instant)
    facts: dict[str, str] = Field(sa_type=JSON)
    days: dict[str, str] = Field(sa_type=JSON)
    recordings: list[str] = Field(sa_type=JSON)
    rules: list[str] = Field(sa_type=JSON)
    tombstone: str | None = Field(default=None, sa_type=Text)


class HoldRow(SQLModel, table=True):
    """A stop on destruction: by law suit or inquiry until it is lifted, or until a day, as for records of a policy."""

    __tablename__: ClassVar[Any] = "archive_hold"
    __table_args__ = (
        *_with_by("archive_hold", "lifted"),
        Index("archive_hold_of_complaint", "complaint_id"),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    placed_at: datetime = Field(sa_type=Instant)
    placed_by: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    last_day: date | None = None
    lifted_at: datetime | None = Field(default=None, sa_type=Instant)
    lifted_by: str | None = Field(default=None, sa_type=Text)
    lifted_reason: str | None = Field(default=None, sa_type=Text)


class DisposalRow(SQLModel, table=True):
    """A destruction: proposed by one person, approved or refused by another, executed."""

    __tablename__: ClassVar[Any] = "archive_disposal"
    __table_args__ = (
        *_with_by("archive_disposal", "approved", "refused"),
        CheckConstraint("approved_by <> proposed_by", name="archive_disposal_two_persons"),
        CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="archive_disposal_approved_or_refused"),
        CheckConstraint("executed_at IS NULL OR approved_at IS NOT NULL", name="archive_disposal_executed_if_approved"),
        Index("archive_disposal_of_complaint", "complaint_id"),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    rule: str = Field(sa_type=Text)
    citation: str = Field(sa_type=Text)
    kept_to: date
    proposed_at: datetime = Field(sa_type=Instant)
    proposed_by: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    approved_by: str | None = Field(default=None, sa_type=Text)
    refused_at: datetime | None = Field(default=None, sa_type=Instant)
    refused_by: str | None = Field(default=None, sa_type=Text)
    refused_reason: str | None = Field(default=None, sa_type=Text)
    executed_at: datetime | None = Field(default=None, sa_type=Instant)

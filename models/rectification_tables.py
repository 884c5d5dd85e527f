"""What rests of rectifications (R199)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, String, Text
from sqlmodel import Field, SQLModel

from models.tables import SHA, Instant


class RectificationRow(SQLModel, table=True):
    """One link of a rectification's chain; rows are only ever added, and the database itself refuses anything else."""

    __tablename__: ClassVar[Any] = "rectification_event"
    __table_args__ = (
        CheckConstraint("seq >= 1", name="rectification_event_seq_from_one"),
        CheckConstraint(f"length(previous_hash) = {SHA}", name="rectification_event_previous_hash_is_sha256"),
        CheckConstraint(f"length(hash) = {SHA}", name="rectification_event_hash_is_sha256"),
    )

    rectification: str = Field(sa_type=String(64), primary_key=True)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    type: str = Field(sa_type=String(40))
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    previous_hash: str = Field(sa_type=String(SHA))
    hash: str = Field(sa_type=String(SHA))

"""What rests of typical cases (R200)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, String
from sqlmodel import Field

from models.chained_tables import ChainedRow, chain_rules


class TypicalRow(ChainedRow, table=True):
    """One link of a typical case's chain; rows are only ever added, and the database itself refuses anything else."""

    __tablename__: ClassVar[Any] = "typical_event"
    __table_args__ = (
        *chain_rules("typical_event", "complaint_id"),
        ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="typical_event_intake"),
    )
    KEY: ClassVar[str] = "complaint_id"

    complaint_id: str = Field(sa_type=String(64), primary_key=True)

"""What rests of rectifications (R199)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import String
from sqlmodel import Field

from models.chained_tables import ChainedRow, chain_rules


class RectificationRow(ChainedRow, table=True):
    """One link of a rectification's chain; rows are only ever added, and the database itself refuses anything else."""

    __tablename__: ClassVar[Any] = "rectification_event"
    __table_args__ = chain_rules("rectification_event", "rectification")
    KEY: ClassVar[str] = "rectification"

    rectification: str = Field(sa_type=String(64), primary_key=True)

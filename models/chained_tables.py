"""What rests of chains beside the complaints': rows that are only ever added, each bound to the one before by its hash."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint, String, Text
from sqlmodel import Field, SQLModel

from models.tables import SHA, Instant, sha


class ChainedRow(SQLModel):
    """One link of a chain; *KEY* is the column that names the chain."""

    KEY: ClassVar[str]

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    type: str = Field(sa_type=String(40))
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    previous_hash: str = Field(sa_type=String(SHA))
    hash: str = Field(sa_type=String(SHA))


def chain_rules(table: str, key: str) -> tuple[Any, ...]:
    """Return the rules of *table*, whose chains are named by *key*: for its ``__table_args__``."""
    return (
        PrimaryKeyConstraint(key, "seq"),
        CheckConstraint("seq >= 1", name=f"{table}_seq_from_one"),
        *sha(table, "previous_hash", "hash"),
    )

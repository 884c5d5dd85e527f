"""What the doors to other systems remember: which complaints an import brought in, and which results were handed out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, text
from sqlmodel import Field, SQLModel

from models.tables import SHA, Instant


class ImportRow(SQLModel, table=True):
    """A file that was imported, known by the SHA-256 of its content and its mapping."""

    __tablename__: ClassVar[Any] = "import_file"
    __table_args__ = (
        CheckConstraint(f"length(digest) = {SHA}", name="import_file_digest_is_sha256"),
        CheckConstraint("complaints >= 0", name="import_file_complaints"),
    )

    digest: str = Field(sa_type=String(SHA), primary_key=True)
    source: str = Field(sa_type=Text)
    by: str = Field(sa_type=Text)
    complaints: int
    started_at: datetime = Field(sa_type=Instant)


class ImportedRow(SQLModel, table=True):
    """What became of one complaint of an import, so that going on with it asks nothing twice."""

    __tablename__: ClassVar[Any] = "imported"
    __table_args__ = (
        ForeignKeyConstraint(["digest"], ["import_file.digest"], name="imported_of_file"),
        CheckConstraint("result IN ('imported', 'already')", name="imported_result"),
        Index("imported_complaint", "complaint_id"),
    )

    digest: str = Field(sa_type=String(SHA), primary_key=True)
    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    result: str = Field(sa_type=String(16))
    at: datetime = Field(sa_type=Instant)


class ResultRow(SQLModel, table=True):
    """
    The result of a complaint as it was handed out: once for every state that its record has had.

    Numbers rise in the order in which they are committed, so that whoever asks for what came after a number misses nothing.
    """

    __tablename__: ClassVar[Any] = "result"
    __table_args__ = (
        ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="result_intake"),
        CheckConstraint(f"length(head_hash) = {SHA}", name="result_head_hash_is_sha256"),
        Index("result_of_case", "complaint_id", "number"),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    head_hash: str = Field(sa_type=String(SHA))
    produced_at: datetime = Field(sa_type=Instant)


class ReferenceRow(SQLModel, table=True):
    """
    Which complaint has a number of the system it came from, with its receipt: claimed before its workflow is started.

    One complaint holds a reference and a receipt. Whoever was opened past every claim, by another client of the server, is
    kept beside it as a *twin_of* the holder, for people to look at.
    """

    __tablename__: ClassVar[Any] = "reference_claim"
    __table_args__ = (
        CheckConstraint("twin_of IS NULL OR twin_of <> complaint_id", name="reference_claim_twin_of_another"),
        Index(
            "reference_claim_held_once",
            "reference",
            "received_at",
            unique=True,
            sqlite_where=text("twin_of IS NULL"),
            postgresql_where=text("twin_of IS NULL"),
        ),
        Index("reference_claim_of_case", "complaint_id"),
    )

    reference: str = Field(sa_type=Text, primary_key=True)
    received_at: datetime = Field(sa_type=Instant, primary_key=True)
    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    claimed_at: datetime = Field(sa_type=Instant)
    twin_of: str | None = Field(default=None, sa_type=String(64))

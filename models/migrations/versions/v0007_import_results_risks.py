"""
Imports from other systems, results that were handed out, risk warnings, and rectifications.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SHA256 = sa.String(64)
COMPLAINT_ID = sa.String(64)


def upgrade() -> None:
    """Make the tables, and let the database guard what is only ever added to."""
    _imports()
    _results()
    _risks()
    _rectifications()
    _guard()
    op.create_index("intake_by_opened_at", "intake", ["opened_at"])


def _imports() -> None:
    op.create_table(
        "import_file",
        sa.Column("digest", SHA256, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(digest) = 64", name="import_file_digest_is_sha256"),
        sa.CheckConstraint("complaints >= 0", name="import_file_complaints"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "imported",
        sa.Column("digest", SHA256, nullable=False),
        sa.Column("complaint_id", COMPLAINT_ID, nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("result IN ('imported', 'already')", name="imported_result"),
        sa.ForeignKeyConstraint(["digest"], ["import_file.digest"], name="imported_of_file"),
        sa.PrimaryKeyConstraint("digest", "complaint_id"),
    )
    op.create_index("imported_complaint", "imported", ["complaint_id"])


def _results() -> None:
    op.create_table(
        "result",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("complaint_id", COMPLAINT_ID, nullable=False),
        sa.Column("head_hash", SHA256, nullable=False),
        sa.Column("produced_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(head_hash) = 64", name="result_head_hash_is_sha256"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="result_intake"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("result_of_case", "result", ["complaint_id", "number"])


def _risks() -> None:
    dimensions = "'unit', 'category', 'product', 'line_of_business', 'cause'"
    op.create_table(
        "risk_warning",
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("dimension", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("windows", sa.Integer(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("warned_at", INSTANT, nullable=False),
        sa.CheckConstraint(f"dimension IN ({dimensions})", name="risk_warning_dimension"),
        sa.CheckConstraint("count >= 1", name="risk_warning_count"),
        sa.CheckConstraint("before >= 0 AND windows >= 1", name="risk_warning_baseline"),
        sa.PrimaryKeyConstraint("period", "dimension", "value"),
    )
    op.create_index("risk_warning_by_day", "risk_warning", ["last_day"])


def _rectifications() -> None:
    op.create_table(
        "rectification_event",
        sa.Column("rectification", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", SHA256, nullable=False),
        sa.Column("hash", SHA256, nullable=False),
        sa.CheckConstraint("seq >= 1", name="rectification_event_seq_from_one"),
        sa.CheckConstraint("length(previous_hash) = 64", name="rectification_event_previous_hash_is_sha256"),
        sa.CheckConstraint("length(hash) = 64", name="rectification_event_hash_is_sha256"),
        sa.PrimaryKeyConstraint("rectification", "seq"),
    )


def _guard() -> None:
    refusal = "rectification_event rows are only ever added"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION rectification_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER rectification_event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON rectification_event FOR EACH STATEMENT EXECUTE FUNCTION rectification_event_is_append_only()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER rectification_event_refuses_{what.lower()} BEFORE {what} ON rectification_event "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    # INSERT OR REPLACE deletes without asking the triggers for DELETE.
    op.execute(
        "CREATE TRIGGER rectification_event_refuses_replace BEFORE INSERT ON rectification_event "
        "WHEN EXISTS (SELECT 1 FROM rectification_event WHERE rectification = NEW.rectification AND seq = NEW.seq) "
        "BEGIN SELECT RAISE(ABORT, 'rectification_event rows are only ever added'); END"
    )

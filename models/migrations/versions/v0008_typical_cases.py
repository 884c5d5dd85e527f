"""
Typical cases.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SHA256 = sa.String(64)


def upgrade() -> None:
    """Make the table, and let the database guard what is only ever added to."""
    op.create_table(
        "typical_event",
        sa.Column("complaint_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous_hash", SHA256, nullable=False),
        sa.Column("hash", SHA256, nullable=False),
        sa.CheckConstraint("seq >= 1", name="typical_event_seq_from_one"),
        sa.CheckConstraint("length(previous_hash) = 64", name="typical_event_previous_hash_is_sha256"),
        sa.CheckConstraint("length(hash) = 64", name="typical_event_hash_is_sha256"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="typical_event_intake"),
        sa.PrimaryKeyConstraint("complaint_id", "seq"),
    )
    _guard()


def _guard() -> None:
    refusal = "typical_event rows are only ever added"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION typical_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER typical_event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON typical_event FOR EACH STATEMENT EXECUTE FUNCTION typical_event_is_append_only()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER typical_event_refuses_{what.lower()} BEFORE {what} ON typical_event "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    # INSERT OR REPLACE deletes without asking the triggers for DELETE.
    op.execute(
        "CREATE TRIGGER typical_event_refuses_replace BEFORE INSERT ON typical_event "
        "WHEN EXISTS (SELECT 1 FROM typical_event WHERE complaint_id = NEW.complaint_id AND seq = NEW.seq) "
        "BEGIN SELECT RAISE(ABORT, 'typical_event rows are only ever added'); END"
    )

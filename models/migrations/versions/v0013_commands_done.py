"""
Commands that were obeyed, with their answers, so that a run need not carry them to the next one.

Revision ID: 0013
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; of commands that were obeyed before, the runs that obeyed them know."""
    op.create_table(
        "command_done",
        sa.Column("complaint_id", sa.String(64), nullable=False),
        sa.Column("child", sa.String(64), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="command_done_intake"),
        sa.PrimaryKeyConstraint("complaint_id", "child", "command"),
    )
    op.create_index("command_done_by_number", "command_done", ["complaint_id", "child", "number"])

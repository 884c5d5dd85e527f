"""
Notices about the working calendar that were published to running complaints.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of notices."""
    op.create_table(
        "calendar_notice",
        sa.Column("notice", sa.String(length=32), nullable=False),
        sa.Column("published", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("notice"),
    )

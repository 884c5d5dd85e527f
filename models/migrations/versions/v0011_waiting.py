"""
What a complaint waits for a person with.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each case the column; the next event of a case fills it."""
    op.add_column("complaint_case", sa.Column("waits_for", sa.JSON(none_as_null=True), nullable=True))

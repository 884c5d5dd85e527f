"""
The day of a proven wish to wait.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each wish its day; those that rest have none, and stay as they are."""
    op.add_column("wish_to_wait", sa.Column("wished_on", sa.Date(), nullable=True))

"""
References of other systems are claimed before a complaint is opened, so that a row comes over once.

What is on record claims here: of several with one reference and receipt the first opened holds it, the others are its twins.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COMPLAINT_ID = sa.String(64)
HELD = sa.text("twin_of IS NULL")
AT_ONCE = 1000


def upgrade() -> None:
    """Make the table, and claim for what is on record."""
    claims = op.create_table(
        "reference_claim",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("complaint_id", COMPLAINT_ID, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("twin_of", COMPLAINT_ID, nullable=True),
        sa.CheckConstraint("twin_of IS NULL OR twin_of <> complaint_id", name="reference_claim_twin_of_another"),
        sa.PrimaryKeyConstraint("reference", "received_at", "complaint_id"),
    )
    op.create_index(
        "reference_claim_held_once",
        "reference_claim",
        ["reference", "received_at"],
        unique=True,
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    op.create_index("reference_claim_of_case", "reference_claim", ["complaint_id"])
    _claim(claims)


def _claim(claims: sa.Table) -> None:
    connection = op.get_bind()
    intake = sa.table(
        "intake", sa.column("complaint_id"), sa.column("content"), sa.column("opened_at", INSTANT), schema=None
    )
    # Only what may name a reference is read; what was destroyed is empty.
    asked = (
        sa.select(intake.c.complaint_id, intake.c.content, intake.c.opened_at)
        .where(intake.c.content.like('%"source_reference"%'))
        .order_by(intake.c.opened_at, intake.c.complaint_id)
    )
    holders: dict[tuple[str, datetime], str] = {}
    rows = []
    for complaint_id, content, opened_at in connection.execute(asked):
        said = json.loads(content)
        if (reference := said.get("source_reference")) is None:
            continue
        received_at = datetime.fromisoformat(said["received_at"]).astimezone(UTC)
        holder = holders.setdefault((reference, received_at), complaint_id)
        rows.append(
            {
                "reference": reference,
                "received_at": received_at,
                "complaint_id": complaint_id,
                "claimed_at": opened_at,
                "twin_of": None if holder == complaint_id else holder,
            }
        )
    if connection.dialect.name == "sqlite":
        rows = [{**row, "received_at": row["received_at"].replace(tzinfo=None)} for row in rows]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(sa.insert(claims), rows[start : start + AT_ONCE])

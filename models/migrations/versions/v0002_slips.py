"""
Dispatch slips in the record, targets among the duties, and tasks for slips.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
COMPLAINT_ID = sa.String(64)
STATUSES = ("dispatched", "accepted", "answered", "sent_back", "returned", "recalled")


def upgrade() -> None:
    """Widen what duties and tasks may be, and make the table of slips."""
    with _set_aside("deadline_version"):
        _allow("duty", "duty_kind", "kind IN ('duty', 'window', 'target')")
    _allow("task", "task_kind", "kind IN ('investigation', 'callback', 'slip')")
    _slips()


def _allow(table: str, name: str, rule: str) -> None:
    # SQLite cannot alter a constraint: Alembic copies the table, rows and indexes included.
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, rule)


@contextmanager
def _set_aside(table: str) -> Iterator[None]:
    # SQLite drops no table to which rows refer, and minds its keys in every transaction: these rows wait elsewhere.
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    op.execute(f"CREATE TEMPORARY TABLE set_aside AS SELECT * FROM {table}")  # noqa: S608  # a name of our own
    op.execute(f"DELETE FROM {table}")  # noqa: S608
    yield
    op.execute(f"INSERT INTO {table} SELECT * FROM set_aside")  # noqa: S608
    op.execute("DROP TABLE set_aside")


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _slips() -> None:
    statuses = ", ".join(f"'{status}'" for status in STATUSES)
    op.create_table(
        "slip",
        _column("complaint_id", COMPLAINT_ID),
        _column("slip", sa.Text()),
        _column("unit", sa.Text()),
        _column("department", sa.Text()),
        _column("coordinator", sa.Text()),
        _column("category", sa.Text(), null=True),
        _column("main", sa.Boolean()),
        _column("status", sa.String(length=16)),
        _column("open", sa.Boolean()),
        _column("dispatched_at", INSTANT),
        _column("due", INSTANT, null=True),
        _column("overdue", sa.Boolean()),
        _column("replaced_by", sa.Text(), null=True),
        sa.CheckConstraint(f"status IN ({statuses})", name="slip_status"),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint_case.complaint_id"], name="slip_case"),
        sa.PrimaryKeyConstraint("complaint_id", "slip"),
    )
    op.create_index("slip_of_department", "slip", ["department", "open", "due"])

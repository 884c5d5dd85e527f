"""
The archive: its index, holds and disposals; and the guards let an approved disposal strike out what a case said.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SHA256 = sa.String(64)
COMPLAINT_ID = sa.String(64)
SAID = {"intake": "content", "event": "body"}
"""The column of each guarded table that says something; the others are covered by hashes and stay."""

KEPT = {
    "intake": ("complaint_id", "content_hash", "opened_at"),
    "event": (
        "complaint_id",
        "seq",
        "type",
        "at",
        "recorded_at",
        '"by"',
        "pack",
        "pack_hash",
        "calendar",
        "body_hash",
        "previous_hash",
        "hash",
    ),
}


def upgrade() -> None:
    """Make the tables of the archive, then set the guards anew."""
    _packages()
    _holds()
    _disposals()
    for table in SAID:
        _guard(table)


def _column(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _with_by(table: str, step: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"({step}_at IS NULL) = ({step}_by IS NULL)", name=f"{table}_{step}_at_with_by")


def _packages() -> None:
    op.create_table(
        "archive_package",
        _column("sha256", SHA256),
        _column("complaint_id", COMPLAINT_ID),
        _column("events", sa.Integer()),
        _column("head_hash", SHA256),
        _column("predecessor", SHA256, null=True),
        _column("path", sa.Text()),
        _column("unit", sa.Text()),
        _column("received_at", INSTANT),
        _column("closed_at", INSTANT),
        _column("facts", sa.JSON()),
        _column("days", sa.JSON()),
        _column("recordings", sa.JSON()),
        _column("rules", sa.JSON()),
        _column("tombstone", sa.Text(), null=True),
        sa.CheckConstraint("length(sha256) = 64", name="archive_package_sha256_is_sha256"),
        sa.CheckConstraint("length(head_hash) = 64", name="archive_package_head_hash_is_sha256"),
        sa.CheckConstraint("events >= 1", name="archive_package_has_events"),
        sa.UniqueConstraint("complaint_id", "events", name="archive_package_of_events"),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("archive_package_by_closed_at", "archive_package", ["closed_at"])
    op.create_index("archive_package_by_unit", "archive_package", ["unit", "closed_at"])


def _holds() -> None:
    op.create_table(
        "archive_hold",
        _column("number", sa.Integer()),
        _column("complaint_id", COMPLAINT_ID),
        _column("placed_at", INSTANT),
        _column("placed_by", sa.Text()),
        _column("reason", sa.Text()),
        _column("last_day", sa.Date(), null=True),
        _column("lifted_at", INSTANT, null=True),
        _column("lifted_by", sa.Text(), null=True),
        _column("lifted_reason", sa.Text(), null=True),
        _with_by("archive_hold", "lifted"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("archive_hold_of_complaint", "archive_hold", ["complaint_id"])


def _disposals() -> None:
    op.create_table(
        "archive_disposal",
        _column("number", sa.Integer()),
        _column("complaint_id", COMPLAINT_ID),
        _column("rule", sa.Text()),
        _column("citation", sa.Text()),
        _column("kept_to", sa.Date()),
        _column("proposed_at", INSTANT),
        _column("proposed_by", sa.Text()),
        _column("reason", sa.Text()),
        _column("approved_at", INSTANT, null=True),
        _column("approved_by", sa.Text(), null=True),
        _column("refused_at", INSTANT, null=True),
        _column("refused_by", sa.Text(), null=True),
        _column("refused_reason", sa.Text(), null=True),
        _column("executed_at", INSTANT, null=True),
        _with_by("archive_disposal", "approved"),
        _with_by("archive_disposal", "refused"),
        sa.CheckConstraint("approved_by <> proposed_by", name="archive_disposal_two_persons"),
        sa.CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="archive_disposal_approved_or_refused"),
        sa.CheckConstraint(
            "executed_at IS NULL OR approved_at IS NOT NULL", name="archive_disposal_executed_if_approved"
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("archive_disposal_of_complaint", "archive_disposal", ["complaint_id"])


def _guard(table: str) -> None:
    """Let nothing through but the striking out of what a row says, of a case whose disposal two persons decided."""
    refusal = f"{table} rows are only ever added"
    struck = [f"NEW.{SAID[table]} = ''", *(f"NEW.{column} = OLD.{column}" for column in KEPT[table])]
    allowed = (
        f"{' AND '.join(struck)} AND EXISTS (SELECT 1 FROM archive_disposal WHERE complaint_id = OLD.complaint_id "  # noqa: S608  # every name is ours
        "AND approved_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM archive_hold "
        "WHERE complaint_id = OLD.complaint_id AND lifted_at IS NULL AND last_day IS NULL)"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
        )
        op.execute(
            f"CREATE FUNCTION {table}_is_struck_out_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {allowed} THEN RETURN NEW; END IF; "
            f"RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_struck_out_only()"
        )
        return
    op.execute(f"DROP TRIGGER {table}_refuses_update")
    op.execute(
        f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} WHEN NOT coalesce({allowed}, 0) "
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )

"""
The first schema of the record: intake and events that are only ever added to, projections of them, and the steps' memory.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SHA256 = sa.String(64)
COMPLAINT_ID = sa.String(64)
APPEND_ONLY = ("intake", "event")


def upgrade() -> None:
    """Make all tables, then let the database itself guard the source of truth."""
    _source_of_truth()
    _case()
    _duties()
    _steps()
    for table in APPEND_ONLY:
        _guard(table)


def _column(name: str, kind: Any, *, null: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null, **options)


def _source_of_truth() -> None:
    op.create_table(
        "intake",
        _column("complaint_id", COMPLAINT_ID),
        _column("content", sa.Text()),
        _column("content_hash", SHA256),
        _column("opened_at", INSTANT),
        sa.CheckConstraint("length(content_hash) = 64", name="intake_content_hash_is_sha256"),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    op.create_table(
        "event",
        _column("complaint_id", COMPLAINT_ID),
        _column("seq", sa.Integer(), autoincrement=False),
        _column("type", sa.String(length=40)),
        _column("at", INSTANT),
        _column("recorded_at", INSTANT),
        _column("by", sa.Text()),
        _column("pack", sa.Text()),
        _column("pack_hash", SHA256),
        _column("calendar", sa.Text()),
        _column("body", sa.Text()),
        _column("body_hash", SHA256),
        _column("previous_hash", SHA256),
        _column("hash", SHA256),
        sa.CheckConstraint("length(body_hash) = 64", name="event_body_hash_is_sha256"),
        sa.CheckConstraint("length(hash) = 64", name="event_hash_is_sha256"),
        sa.CheckConstraint("length(pack_hash) = 64", name="event_pack_hash_is_sha256"),
        sa.CheckConstraint("length(previous_hash) = 64", name="event_previous_hash_is_sha256"),
        sa.CheckConstraint("seq >= 1", name="event_seq_from_one"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="event_intake"),
        sa.PrimaryKeyConstraint("complaint_id", "seq"),
    )


def _case() -> None:
    op.create_table("complaint_case", *_case_columns(), *_case_rules())
    op.create_index("complaint_case_by_next_due", "complaint_case", ["next_due"])
    op.create_index("complaint_case_by_overdue", "complaint_case", ["overdue", "next_due"])
    op.create_index("complaint_case_by_received_at", "complaint_case", ["received_at"])
    op.create_index("complaint_case_by_stage", "complaint_case", ["stage", "next_due"])
    op.create_index("complaint_case_by_unit", "complaint_case", ["unit", "next_due"])


def _case_columns() -> list[sa.Column[Any]]:
    return [
        _column("complaint_id", COMPLAINT_ID),
        _column("stage", sa.String(length=40)),
        _column("ending", sa.String(length=40), null=True),
        _column("ticket", sa.Text(), null=True),
        _column("unit", sa.Text()),
        _column("department", sa.Text(), null=True),
        _column("coordinator", sa.Text(), null=True),
        _column("channel", sa.Text()),
        _column("complexity", sa.String(length=40)),
        _column("severity", sa.Text()),
        _column("categories", sa.JSON()),
        _column("received_at", INSTANT),
        _column("next_due", INSTANT, null=True),
        _column("statutory_due", INSTANT, null=True),
        _column("overdue", sa.Boolean()),
        _column("breaches", sa.Integer()),
        _column("assigned_at", INSTANT, null=True),
        _column("assigned_by", sa.Text(), null=True),
        _column("liability", sa.String(length=40), null=True),
        _column("decided_at", INSTANT, null=True),
        _column("decided_by", sa.Text(), null=True),
        _column("ended_at", INSTANT, null=True),
        _column("ended_by", sa.Text(), null=True),
        _column("closed_at", INSTANT, null=True),
        _column("closed_by", sa.Text(), null=True),
        _column("pack", sa.Text()),
        _column("pack_hash", SHA256),
        _column("calendar", sa.Text()),
        _column("event_count", sa.Integer()),
        _column("head_hash", SHA256),
        _column("updated_at", INSTANT),
    ]


def _case_rules() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("complexity IN ('simple', 'complex')", name="complaint_case_complexity"),
        sa.CheckConstraint("ending IN ('withdrawn', 'refused', 'merged')", name="complaint_case_ending"),
        sa.CheckConstraint(
            "liability IN ('responsible', 'non_responsible', 'litigation')", name="complaint_case_liability"
        ),
        sa.CheckConstraint(
            "stage IN ('received', 'acknowledged', 'investigating', 'deciding', 'notifying', 'calling_back', "
            "'closing', 'closed', 'in_review')",
            name="complaint_case_stage",
        ),
        sa.CheckConstraint("(assigned_at IS NULL) = (assigned_by IS NULL)", name="complaint_case_assigned_at_with_by"),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="complaint_case_closed_at_with_by"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="complaint_case_decided_at_with_by"),
        sa.CheckConstraint("(decided_at IS NULL) = (liability IS NULL)", name="complaint_case_decided_with_liability"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="complaint_case_ended_at_with_by"),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="complaint_case_ended_with_ending"),
        sa.CheckConstraint("breaches >= 0", name="complaint_case_breaches"),
        sa.CheckConstraint("event_count >= 1", name="complaint_case_has_events"),
        sa.CheckConstraint("length(head_hash) = 64", name="complaint_case_head_hash_is_sha256"),
        sa.CheckConstraint("length(pack_hash) = 64", name="complaint_case_pack_hash_is_sha256"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="complaint_case_intake"),
        sa.PrimaryKeyConstraint("complaint_id"),
    ]


def _duties() -> None:
    op.create_table(
        "duty",
        _column("complaint_id", COMPLAINT_ID),
        _column("key", sa.Text()),
        _column("position", sa.Integer()),
        _column("rule", sa.Text()),
        _column("kind", sa.Text()),
        _column("layer", sa.Text()),
        _column("who", sa.Text()),
        _column("title_zh", sa.Text()),
        _column("title_en", sa.Text()),
        _column("citation", sa.Text()),
        _column("status", sa.String(length=16)),
        _column("started_at", INSTANT),
        _column("started_by", sa.Text()),
        _column("due", INSTANT, null=True),
        _column("breached", sa.Boolean()),
        _column("overdue", sa.Boolean()),
        _column("met_at", INSTANT, null=True),
        sa.CheckConstraint("(status IN ('met', 'met_late')) = (met_at IS NOT NULL)", name="duty_met_with_met_at"),
        sa.CheckConstraint("kind IN ('duty', 'window')", name="duty_kind"),
        sa.CheckConstraint("status IN ('open', 'met', 'met_late', 'cancelled', 'window_closed')", name="duty_status"),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint_case.complaint_id"], name="duty_case"),
        sa.PrimaryKeyConstraint("complaint_id", "key"),
    )
    op.create_index("duty_by_status", "duty", ["status", "due"])
    op.create_table(
        "deadline_version",
        _column("complaint_id", COMPLAINT_ID),
        _column("duty", sa.Text()),
        _column("version", sa.Integer(), autoincrement=False),
        _column("due", INSTANT, null=True),
        _column("provisional", sa.Boolean()),
        _column("citation", sa.Text(), null=True),
        _column("reason", sa.Text(), null=True),
        _column("computed_at", INSTANT, null=True),
        _column("proof", sa.JSON()),
        sa.CheckConstraint("version >= 1", name="deadline_version_from_one"),
        sa.ForeignKeyConstraint(
            ["complaint_id", "duty"], ["duty.complaint_id", "duty.key"], name="deadline_version_duty"
        ),
        sa.PrimaryKeyConstraint("complaint_id", "duty", "version"),
    )


def _steps() -> None:
    op.create_table(
        "notice",
        _column("notice", sa.Text()),
        _column("complaint_id", COMPLAINT_ID),
        _column("kind", sa.Text()),
        _column("method", sa.Text()),
        _column("subject", sa.Text()),
        _column("body", sa.Text()),
        _column("body_hash", SHA256),
        _column("template", sa.Text()),
        _column("template_hash", SHA256),
        _column("written_at", INSTANT),
        _column("sent_at", INSTANT, null=True),
        _column("proof", sa.Text(), null=True),
        sa.CheckConstraint("(sent_at IS NULL) = (proof IS NULL)", name="notice_sent_at_with_proof"),
        sa.CheckConstraint("length(body_hash) = 64", name="notice_body_hash_is_sha256"),
        sa.CheckConstraint("length(template_hash) = 64", name="notice_template_hash_is_sha256"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="notice_intake"),
        sa.PrimaryKeyConstraint("notice"),
    )
    op.create_index("notice_of_case", "notice", ["complaint_id", "written_at"])
    op.create_table(
        "task",
        _column("task", sa.Text()),
        _column("complaint_id", COMPLAINT_ID),
        _column("kind", sa.Text()),
        _column("department", sa.Text()),
        _column("coordinator", sa.Text(), null=True),
        _column("opened_at", INSTANT),
        sa.CheckConstraint("kind IN ('investigation', 'callback')", name="task_kind"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="task_intake"),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index("task_of_case", "task", ["complaint_id"])
    op.create_index("task_of_department", "task", ["department", "opened_at"])
    op.create_table(
        "ticket",
        _column("number", sa.Integer()),
        _column("complaint_id", COMPLAINT_ID),
        _column("prefix", sa.Text()),
        _column("day", sa.Date()),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="ticket_intake"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ticket_of_case", "ticket", ["complaint_id"], unique=True)


def _guard(table: str) -> None:
    refusal = f"{table} rows are only ever added"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{what.lower()} BEFORE {what} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    # INSERT OR REPLACE deletes without asking the triggers for DELETE.
    key = {"intake": "complaint_id = NEW.complaint_id", "event": "complaint_id = NEW.complaint_id AND seq = NEW.seq"}
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key[table]})"  # noqa: S608  # both names are ours
    op.execute(
        f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} "
        f"WHEN {taken} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )

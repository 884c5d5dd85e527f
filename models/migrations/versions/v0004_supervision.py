"""
What supervision leaves behind: runs, samples, callbacks and follow-ups, and the watchdog's findings.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SHA256 = sa.String(64)
ID = sa.String(64)
KEYS = {
    "supervision_run": ("run",),
    "supervision_sent": ("run",),
    "committee_call": ("run", "unit", "department"),
    "sample_member": ("run", "complaint_id"),
    "wish_to_wait": ("complaint_id",),
    "sample_call": ("run", "complaint_id", "number"),
    "sample_follow_up": ("run", "complaint_id"),
}
"""The tables whose rows never change, with their keys."""

SLIP_STATUSES = ("dispatched", "accepted", "answered", "sent_back", "returned", "recalled", "ended")
"""How a dispatch slip may stand: new is the one that ended with its case."""


def upgrade() -> None:
    """Make the tables, guard those that are only added to, index what is asked, and let slips end with their case."""
    _runs()
    _samples()
    _callbacks()
    _findings()
    for table, key in KEYS.items():
        _guard(table, key)
    _slips_that_ended()
    op.create_index("duty_by_rule", "duty", ["rule", "due"])
    op.create_index("complaint_case_by_closed_at", "complaint_case", ["closed_at"])


def _column(name: str, kind: Any, *, null: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null, **options)


def _check(rule: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=name)


def _sha(table: str, column: str) -> sa.CheckConstraint:
    return _check(f"length({column}) = 64", f"{table}_{column}_is_sha256")


def _runs() -> None:
    op.create_table(
        "supervision_run",
        _column("run", ID),
        _column("schedule", sa.String(32)),
        _column("kind", sa.String(16)),
        _column("period", sa.String(16)),
        _column("since", INSTANT),
        _column("until", INSTANT),
        _column("passed_over", sa.JSON()),
        _column("ran_at", INSTANT),
        _column("calendar", sa.Text()),
        _column("definition_hash", SHA256),
        _column("content", sa.Text()),
        _column("content_hash", SHA256),
        _check("kind IN ('bulletin', 'sample', 'publication')", "supervision_run_kind"),
        _sha("supervision_run", "content_hash"),
        _sha("supervision_run", "definition_hash"),
        sa.PrimaryKeyConstraint("run"),
    )
    op.create_index("supervision_run_of_schedule", "supervision_run", ["schedule", "until"])
    op.create_table(
        "supervision_sent",
        _column("run", ID),
        _column("sent_at", INSTANT),
        _column("proofs", sa.JSON()),
        sa.ForeignKeyConstraint(["run"], ["supervision_run.run"], name="supervision_sent_run"),
        sa.PrimaryKeyConstraint("run"),
    )
    op.create_table(
        "committee_call",
        _column("run", ID),
        _column("unit", ID),
        _column("department", ID),
        _column("area", sa.Text()),
        _column("late", sa.Integer()),
        _column("due", sa.Integer()),
        _column("called_at", INSTANT),
        _check("late <= due AND late > 0", "committee_call_late_of_due"),
        sa.ForeignKeyConstraint(["run"], ["supervision_run.run"], name="committee_call_run"),
        sa.PrimaryKeyConstraint("run", "unit", "department"),
    )


def _samples() -> None:
    op.create_table(
        "sample_member",
        _column("run", ID),
        _column("complaint_id", ID),
        _column("area", sa.Text()),
        _column("unit", sa.Text()),
        _column("fact", sa.Text()),
        _column("at", INSTANT),
        _column("certain", sa.Boolean()),
        _column("part", sa.String(16)),
        _column("position", sa.Integer(), null=True),
        _column("evidence", SHA256, null=True),
        _check("part IN ('drawn', 'not_drawn', 'kept_out')", "sample_member_part"),
        _check("(part = 'kept_out') = (evidence IS NOT NULL)", "sample_member_kept_out_with_evidence"),
        _check("(part = 'kept_out') = (position IS NULL)", "sample_member_position"),
        _sha("sample_member", "evidence"),
        sa.ForeignKeyConstraint(["run"], ["supervision_run.run"], name="sample_member_run"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="sample_member_intake"),
        sa.PrimaryKeyConstraint("run", "complaint_id"),
    )
    op.create_index("sample_member_of_case", "sample_member", ["complaint_id"])
    op.create_table(
        "wish_to_wait",
        _column("complaint_id", ID),
        _column("evidence", SHA256),
        _column("by", sa.Text()),
        _column("at", INSTANT),
        _sha("wish_to_wait", "evidence"),
        sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="wish_to_wait_intake"),
        sa.PrimaryKeyConstraint("complaint_id"),
    )


def _of_member(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run", "complaint_id"], ["sample_member.run", "sample_member.complaint_id"], name=f"{table}_member"
    )


def _callbacks() -> None:
    op.create_table(
        "sample_call",
        _column("run", ID),
        _column("complaint_id", ID),
        _column("number", sa.Integer(), autoincrement=False),
        _column("at", INSTANT),
        _column("by", sa.Text()),
        _column("reached", sa.Boolean()),
        _column("contacted", sa.Boolean(), null=True),
        _column("opinion", sa.String(16), null=True),
        _column("attitude", sa.Integer(), null=True),
        _column("speed", sa.Integer(), null=True),
        _column("violation", sa.Boolean()),
        _column("verdict", sa.String(16), null=True),
        _check("number >= 1", "sample_call_from_one"),
        _check("attitude BETWEEN 1 AND 5", "sample_call_attitude"),
        _check("speed BETWEEN 1 AND 5", "sample_call_speed"),
        _check(
            "(contacted IS NOT NULL) = reached AND (opinion IS NOT NULL) = reached"
            " AND (attitude IS NOT NULL) = reached AND (speed IS NOT NULL) = reached",
            "sample_call_whole_when_reached",
        ),
        _check("opinion IN ('satisfied', 'acceptable', 'dissatisfied')", "sample_call_opinion"),
        _check("verdict IN ('sound', 'false_closure', 'wrong_result')", "sample_call_verdict"),
        _of_member("sample_call"),
        sa.PrimaryKeyConstraint("run", "complaint_id", "number"),
    )
    op.create_table(
        "sample_follow_up",
        _column("run", ID),
        _column("complaint_id", ID),
        _column("confirmed", sa.Boolean()),
        _column("evidence", SHA256),
        _column("by", sa.Text()),
        _column("at", INSTANT),
        _sha("sample_follow_up", "evidence"),
        _of_member("sample_follow_up"),
        sa.PrimaryKeyConstraint("run", "complaint_id"),
    )


def _findings() -> None:
    op.create_table(
        "watchdog_finding",
        _column("code", sa.String(40)),
        _column("subject", sa.String(200)),
        _column("first_seen", INSTANT),
        _column("last_seen", INSTANT),
        _column("gone_at", INSTANT, null=True),
        _column("repaired_at", INSTANT, null=True),
        _column("told", sa.Text()),
        _check("last_seen >= first_seen", "watchdog_finding_in_order"),
        sa.PrimaryKeyConstraint("code", "subject", "first_seen"),
    )
    op.create_index("watchdog_finding_open", "watchdog_finding", ["gone_at", "code"])


def _slips_that_ended() -> None:
    # SQLite cannot alter a constraint: Alembic copies the table, rows and indexes included.
    statuses = ", ".join(f"'{status}'" for status in SLIP_STATUSES)
    with op.batch_alter_table("slip") as batch:
        batch.drop_constraint("slip_status", type_="check")
        batch.create_check_constraint("slip_status", f"status IN ({statuses})")


def _guard(table: str, key: tuple[str, ...]) -> None:
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
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # all names are ours
    op.execute(
        f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} "
        f"WHEN {taken} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )

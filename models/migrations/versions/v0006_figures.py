"""
Figures: what is counted, what it is set against, and reports as they were published.

What is counted stays empty here; it is computed from the events the first time that figures are asked for.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SHA256 = sa.String(64)
TIMELINESS = "('in_time', 'late', 'open', 'off')"
KEYS = {
    "figure_base": ("name", "unit", "period", "line", "version"),
    "figure_publication": ("report", "period", "unit", "version"),
}


def upgrade() -> None:
    """Make the tables, and guard those that are only ever added to."""
    _case()
    _weight()
    _slip()
    _base()
    _publication()
    for table in KEYS:
        _guard(table)


def _column(name: str, kind: Any, *, null: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null, **options)


def _texts(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [_column(name, sa.Text(), null=null) for name in names]


def _of_intake(table: str) -> list[sa.Constraint]:
    return [sa.ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name=f"{table}_intake")]


def _case() -> None:
    op.create_table(
        "counted_case",
        _column("complaint_id", sa.String(64)),
        _column("form", sa.Integer()),
        _column("event_count", sa.Integer()),
        *_texts("zone", "unit", "respondent"),
        *_texts("department", null=True),
        *_texts("channel", "origin"),
        *_texts("category", "dispute_type", "line", "product", "sales_channel", null=True),
        *_texts("complexity", "severity"),
        *_texts("result", null=True),
        _column("received_on", sa.Date()),
        _column("told_on", sa.Date(), null=True),
        _column("closed_on", sa.Date(), null=True),
        _column("handling_days", sa.Integer(), null=True),
        _column("handling_time", sa.BigInteger(), null=True),
        _column("satisfaction", sa.Integer(), null=True),
        *_of_intake("counted_case"),
        sa.CheckConstraint("(closed_on IS NULL) = (result IS NULL)", name="counted_case_closed_with_result"),
        sa.CheckConstraint("(closed_on IS NULL) = (handling_time IS NULL)", name="counted_case_closed_with_time"),
        sa.CheckConstraint("(closed_on IS NULL) = (handling_days IS NULL)", name="counted_case_closed_with_days"),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    for day in ("received_on", "closed_on", "told_on"):
        op.create_index(f"counted_case_by_{day}", "counted_case", [day, "unit"])


def _weight() -> None:
    op.create_table(
        "counted_weight",
        _column("complaint_id", sa.String(64)),
        *_texts("profile"),
        _column("weight", sa.Integer()),
        *_of_intake("counted_weight"),
        sa.CheckConstraint("weight >= 0 AND weight <> 1", name="counted_weight_not_one"),
        sa.PrimaryKeyConstraint("complaint_id", "profile"),
    )


def _slip() -> None:
    op.create_table(
        "counted_slip",
        _column("complaint_id", sa.String(64)),
        *_texts("slip", "unit", "department"),
        *_texts("category", null=True),
        _column("dispatched_on", sa.Date()),
        _column("response", sa.String(8)),
        _column("response_time", sa.BigInteger(), null=True),
        _column("findings", sa.String(8)),
        _column("findings_due_on", sa.Date(), null=True),
        *_of_intake("counted_slip"),
        sa.CheckConstraint(f"response IN {TIMELINESS}", name="counted_slip_response"),
        sa.CheckConstraint(f"findings IN {TIMELINESS}", name="counted_slip_findings"),
        sa.PrimaryKeyConstraint("complaint_id", "slip"),
    )
    op.create_index("counted_slip_by_dispatched_on", "counted_slip", ["dispatched_on", "department"])
    op.create_index("counted_slip_by_findings_due_on", "counted_slip", ["findings_due_on", "department"])


def _base() -> None:
    op.create_table(
        "figure_base",
        _column("name", sa.String(40)),
        *_texts("unit"),
        _column("period", sa.String(10)),
        *_texts("line"),
        _column("version", sa.Integer(), autoincrement=False),
        _column("amount", sa.BigInteger()),
        *_texts("source", null=True),
        _column("imported_at", INSTANT),
        *_texts("imported_by"),
        sa.CheckConstraint("version >= 1", name="figure_base_from_one"),
        sa.CheckConstraint("amount > 0", name="figure_base_amount"),
        sa.PrimaryKeyConstraint(*KEYS["figure_base"]),
    )


def _publication() -> None:
    hashes = ("definitions_hash", "inputs_hash", "record_head")
    op.create_table(
        "figure_publication",
        _column("report", sa.String(16)),
        _column("period", sa.String(10)),
        *_texts("unit"),
        _column("version", sa.Integer(), autoincrement=False),
        _column("published_at", INSTANT),
        *_texts("published_by"),
        *_texts("reason", null=True),
        *(_column(name, SHA256) for name in hashes),
        *_texts("content"),
        _column("content_hash", SHA256),
        sa.CheckConstraint("version >= 1", name="figure_publication_from_one"),
        sa.CheckConstraint("version = 1 OR reason IS NOT NULL", name="figure_publication_corrected_with_reason"),
        *(
            sa.CheckConstraint(f"length({name}) = 64", name=f"figure_publication_{name}_is_sha256")
            for name in (*hashes, "content_hash")
        ),
        sa.PrimaryKeyConstraint(*KEYS["figure_publication"]),
    )


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
    same = " AND ".join(f"{column} = NEW.{column}" for column in KEYS[table])
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # both names are ours
    op.execute(
        f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} "
        f"WHEN {taken} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )

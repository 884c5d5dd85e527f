"""
What rests: the tables of the record.

`IntakeRow` and `EventRow` are the source of truth and are only ever added to; the database itself refuses anything else.
`CaseRow`, `DutyRow`, `DeadlineRow` and `SlipRow` are projections, computed from the events, and can be computed anew.
`NoticeRow`, `TicketRow` and `TaskRow` remember what a step has done, so that its repetition does nothing, `CommandRow` what
a command was answered.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar, get_args

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    TypeDecorator,
)
from sqlmodel import Field, SQLModel

from models.case import Ending, Stage
from models.slips import SlipStatus
from rulebook.clock import Status
from rulebook.events import Complexity, Liability

SHA = 64
"""Length of a SHA-256 in hexadecimal."""


class Instant(TypeDecorator[datetime]):
    """An instant, stored in UTC and given back aware on every database; a naive one is refused (ValueError)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what the database is given: UTC, without its zone where the database knows no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be recorded")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # one signature for all types
        """Return the aware instant, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, literal: Any, *, name: str) -> CheckConstraint:
    """Return the constraint, called *name*, that *column* holds one of the words of *literal*."""
    values = ", ".join(f"'{value}'" for value in get_args(literal))
    return CheckConstraint(f"{column} IN ({values})", name=name)


def sha(table: str, *columns: str) -> list[CheckConstraint]:
    """Return the constraints that these *columns* of *table* have the length of a SHA-256."""
    return [CheckConstraint(f"length({column}) = {SHA}", name=f"{table}_{column}_is_sha256") for column in columns]


def _of_intake(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name=f"{table}_intake")


class IntakeRow(SQLModel, table=True):
    """The complaint as it came in, word for word, in canonical JSON."""

    __tablename__: ClassVar[Any] = "intake"
    __table_args__ = (*sha("intake", "content_hash"), Index("intake_by_opened_at", "opened_at"))

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    content: str = Field(sa_type=Text)
    content_hash: str = Field(sa_type=String(SHA))
    opened_at: datetime = Field(sa_type=Instant)


class EventRow(SQLModel, table=True):
    """
    One link of a case's chain: an event, the rules it was recorded under, and the hashes that bind it to the link before.

    *hash* covers every column but *body*, which it covers through *body_hash*: a body could be struck out one day (PIPL
    art. 47) and the chain would still prove that nothing else was changed.
    """

    __tablename__: ClassVar[Any] = "event"
    __table_args__ = (
        _of_intake("event"),
        CheckConstraint("seq >= 1", name="event_seq_from_one"),
        *sha("event", "body_hash", "previous_hash", "hash", "pack_hash"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    type: str = Field(sa_type=String(40))
    at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
    pack: str = Field(sa_type=Text)
    pack_hash: str = Field(sa_type=String(SHA))
    calendar: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    body_hash: str = Field(sa_type=String(SHA))
    previous_hash: str = Field(sa_type=String(SHA))
    hash: str = Field(sa_type=String(SHA))


class CaseRow(SQLModel, table=True):
    """Where a complaint stands, for lists and statistics; a projection of its events."""

    __tablename__: ClassVar[Any] = "complaint_case"
    __table_args__ = (
        _of_intake("complaint_case"),
        one_of("stage", Stage, name="complaint_case_stage"),
        one_of("ending", Ending, name="complaint_case_ending"),
        one_of("complexity", Complexity, name="complaint_case_complexity"),
        one_of("liability", Liability, name="complaint_case_liability"),
        CheckConstraint("event_count >= 1", name="complaint_case_has_events"),
        CheckConstraint("breaches >= 0", name="complaint_case_breaches"),
        CheckConstraint("(assigned_at IS NULL) = (assigned_by IS NULL)", name="complaint_case_assigned_at_with_by"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="complaint_case_decided_at_with_by"),
        CheckConstraint("(decided_at IS NULL) = (liability IS NULL)", name="complaint_case_decided_with_liability"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="complaint_case_ended_at_with_by"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="complaint_case_ended_with_ending"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="complaint_case_closed_at_with_by"),
        *sha("complaint_case", "head_hash", "pack_hash"),
        Index("complaint_case_by_stage", "stage", "next_due"),
        Index("complaint_case_by_unit", "unit", "next_due"),
        Index("complaint_case_by_overdue", "overdue", "next_due"),
        Index("complaint_case_by_next_due", "next_due"),
        Index("complaint_case_by_received_at", "received_at"),
        Index("complaint_case_by_closed_at", "closed_at"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    stage: str = Field(sa_type=String(40))
    ending: str | None = Field(default=None, sa_type=String(40))
    ticket: str | None = Field(default=None, sa_type=Text)
    unit: str = Field(sa_type=Text)
    department: str | None = Field(default=None, sa_type=Text)
    coordinator: str | None = Field(default=None, sa_type=Text)
    channel: str = Field(sa_type=Text)
    complexity: str = Field(sa_type=String(40))
    severity: str = Field(sa_type=Text)
    categories: list[str] = Field(sa_type=JSON)
    received_at: datetime = Field(sa_type=Instant)
    next_due: datetime | None = Field(default=None, sa_type=Instant)
    statutory_due: datetime | None = Field(default=None, sa_type=Instant)
    overdue: bool
    breaches: int
    waits_for: dict[str, str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    assigned_at: datetime | None = Field(default=None, sa_type=Instant)
    assigned_by: str | None = Field(default=None, sa_type=Text)
    liability: str | None = Field(default=None, sa_type=String(40))
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: str | None = Field(default=None, sa_type=Text)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str | None = Field(default=None, sa_type=Text)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = Field(default=None, sa_type=Text)
    pack: str = Field(sa_type=Text)
    pack_hash: str = Field(sa_type=String(SHA))
    calendar: str = Field(sa_type=Text)
    event_count: int
    head_hash: str = Field(sa_type=String(SHA))
    updated_at: datetime = Field(sa_type=Instant)


class DutyRow(SQLModel, table=True):
    """One duty or window of a case as it stands; a projection of the events under the case's rules."""

    __tablename__: ClassVar[Any] = "duty"
    __table_args__ = (
        ForeignKeyConstraint(["complaint_id"], ["complaint_case.complaint_id"], name="duty_case"),
        CheckConstraint("kind IN ('duty', 'window', 'target')", name="duty_kind"),
        one_of("status", Status, name="duty_status"),
        CheckConstraint("(status IN ('met', 'met_late')) = (met_at IS NOT NULL)", name="duty_met_with_met_at"),
        Index("duty_by_status", "status", "due"),
        Index("duty_by_rule", "rule", "due"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    position: int
    rule: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    layer: str = Field(sa_type=Text)
    who: str = Field(sa_type=Text)
    title_zh: str = Field(sa_type=Text)
    title_en: str = Field(sa_type=Text)
    citation: str = Field(sa_type=Text)
    status: str = Field(sa_type=String(16))
    started_at: datetime = Field(sa_type=Instant)
    started_by: str = Field(sa_type=Text)
    due: datetime | None = Field(default=None, sa_type=Instant)
    breached: bool
    overdue: bool
    met_at: datetime | None = Field(default=None, sa_type=Instant)


class DeadlineRow(SQLModel, table=True):
    """One version of a duty's deadline with its whole proof; earlier versions are kept beside later ones."""

    __tablename__: ClassVar[Any] = "deadline_version"
    __table_args__ = (
        ForeignKeyConstraint(["complaint_id", "duty"], ["duty.complaint_id", "duty.key"], name="deadline_version_duty"),
        CheckConstraint("version >= 1", name="deadline_version_from_one"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    duty: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    due: datetime | None = Field(default=None, sa_type=Instant)
    provisional: bool
    citation: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    computed_at: datetime | None = Field(default=None, sa_type=Instant)
    proof: dict[str, Any] = Field(sa_type=JSON)


class SlipRow(SQLModel, table=True):
    """A dispatch slip (会办单) as it stands: what a coordinator looks at every day (R039); a projection of the events."""

    __tablename__: ClassVar[Any] = "slip"
    __table_args__ = (
        ForeignKeyConstraint(["complaint_id"], ["complaint_case.complaint_id"], name="slip_case"),
        one_of("status", SlipStatus, name="slip_status"),
        Index("slip_of_department", "department", "open", "due"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    slip: str = Field(sa_type=Text, primary_key=True)
    unit: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text)
    coordinator: str = Field(sa_type=Text)
    category: str | None = Field(default=None, sa_type=Text)
    main: bool
    status: str = Field(sa_type=String(16))
    open: bool
    dispatched_at: datetime = Field(sa_type=Instant)
    due: datetime | None = Field(default=None, sa_type=Instant)
    overdue: bool
    replaced_by: str | None = Field(default=None, sa_type=Text)


class NoticeRow(SQLModel, table=True):
    """A letter to the complainant and, once it went out, the proof of it (art. 21); its id makes sending it idempotent."""

    __tablename__: ClassVar[Any] = "notice"
    __table_args__ = (
        _of_intake("notice"),
        CheckConstraint("(sent_at IS NULL) = (proof IS NULL)", name="notice_sent_at_with_proof"),
        *sha("notice", "body_hash", "template_hash"),
        Index("notice_of_case", "complaint_id", "written_at"),
    )

    notice: str = Field(sa_type=Text, primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    kind: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    body_hash: str = Field(sa_type=String(SHA))
    template: str = Field(sa_type=Text)
    template_hash: str = Field(sa_type=String(SHA))
    written_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    proof: str | None = Field(default=None, sa_type=Text)


class TicketRow(SQLModel, table=True):
    """The number under which the complainant asks (R062); numbers rise, are never given twice and may have gaps."""

    __tablename__: ClassVar[Any] = "ticket"
    __table_args__ = (
        _of_intake("ticket"),
        Index("ticket_of_case", "complaint_id", unique=True),
        {"sqlite_autoincrement": True},
    )

    number: int | None = Field(default=None, primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    prefix: str = Field(sa_type=Text)
    day: date

    @property
    def text(self) -> str:
        """The number as people write it, such as ``TS-20260302-000042``."""
        return f"{self.prefix}-{self.day:%Y%m%d}-{self.number:06d}"


class TaskRow(SQLModel, table=True):
    """A task that was opened for a department: to investigate, to answer a slip, or to call the customer back (R164)."""

    __tablename__: ClassVar[Any] = "task"
    __table_args__ = (
        _of_intake("task"),
        CheckConstraint("kind IN ('investigation', 'callback', 'slip')", name="task_kind"),
        Index("task_of_case", "complaint_id"),
        Index("task_of_department", "department", "opened_at"),
    )

    task: str = Field(sa_type=Text, primary_key=True)
    complaint_id: str = Field(sa_type=String(64))
    kind: str = Field(sa_type=Text)
    department: str = Field(sa_type=Text)
    coordinator: str | None = Field(default=None, sa_type=Text)
    opened_at: datetime = Field(sa_type=Instant)


class CommandRow(SQLModel, table=True):
    """
    A command that was obeyed, by the complaint itself or its *child*, with its answer: a repetition gets it again.

    *number* is the event that it became: of the complaint's record, or counted among those of the child.
    """

    __tablename__: ClassVar[Any] = "command_done"
    __table_args__ = (_of_intake("command_done"), Index("command_done_by_number", "complaint_id", "child", "number"))

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    child: str = Field(sa_type=String(64), primary_key=True)
    command: str = Field(sa_type=Text, primary_key=True)
    number: int
    digest: str = Field(sa_type=String(SHA))
    answer: str = Field(sa_type=Text)


PROJECTIONS: tuple[type[SQLModel], ...] = (SlipRow, DeadlineRow, DutyRow, CaseRow)
"""The tables that can be computed from events, those that refer to others first."""


class CalendarNoticeRow(SQLModel, table=True):
    """A notice about the working calendar that was published to running complaints; only ever added to."""

    __tablename__: ClassVar[Any] = "calendar_notice"

    notice: str = Field(primary_key=True, max_length=32)
    published: date
    content: str = Field(sa_type=Text)
    content_hash: str = Field(max_length=SHA)
    adopted_at: datetime = Field(sa_type=Instant)
    adopted_by: str = Field(max_length=100)

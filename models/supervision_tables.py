"""
What supervision leaves behind: runs, samples, callbacks, follow-ups, and what the watchdog found.

All but `FindingRow` are only ever added to; the database itself refuses anything else.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, String, Text
from sqlmodel import Field, SQLModel

from models.supervision import Kind
from models.supervision_steps import Opinion, Verdict
from models.tables import SHA, Instant, one_of, sha


class RunRow(SQLModel, table=True):
    """What was put down about one period: its identity allows no second one, its *content* is canonical JSON."""

    __tablename__: ClassVar[Any] = "supervision_run"
    __table_args__ = (
        one_of("kind", Kind, name="supervision_run_kind"),
        *sha("supervision_run", "content_hash", "definition_hash"),
        Index("supervision_run_of_schedule", "schedule", "until"),
    )

    run: str = Field(sa_type=String(64), primary_key=True)
    schedule: str = Field(sa_type=String(32))
    kind: str = Field(sa_type=String(16))
    period: str = Field(sa_type=String(16))
    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    passed_over: list[str] = Field(sa_type=JSON)
    ran_at: datetime = Field(sa_type=Instant)
    calendar: str = Field(sa_type=Text)
    definition_hash: str = Field(sa_type=String(SHA))
    content: str = Field(sa_type=Text)
    content_hash: str = Field(sa_type=String(SHA))


def _of_run(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["run"], ["supervision_run.run"], name=f"{table}_run")


class SentRow(SQLModel, table=True):
    """All documents of a run were handed over; *proofs* are those of each copy, by its notice id."""

    __tablename__: ClassVar[Any] = "supervision_sent"
    __table_args__ = (_of_run("supervision_sent"),)

    run: str = Field(sa_type=String(64), primary_key=True)
    sent_at: datetime = Field(sa_type=Instant)
    proofs: dict[str, str] = Field(sa_type=JSON)


class CommitteeCallRow(SQLModel, table=True):
    """More than the allowed share of a department's matters was late: the committee supervises it (督办, R180)."""

    __tablename__: ClassVar[Any] = "committee_call"
    __table_args__ = (
        _of_run("committee_call"),
        CheckConstraint("late <= due AND late > 0", name="committee_call_late_of_due"),
    )

    run: str = Field(sa_type=String(64), primary_key=True)
    unit: str = Field(sa_type=String(64), primary_key=True)
    department: str = Field(sa_type=String(64), primary_key=True)
    area: str = Field(sa_type=Text)
    late: int
    due: int
    called_at: datetime = Field(sa_type=Instant)


class MemberRow(SQLModel, table=True):
    """
    One case of a sample's population: *drawn* by chance, kept out with its proof (R162), or neither.

    *position* is its place in the order of the draw, from 1; *evidence* the SHA-256 of what proves the wish to wait.
    """

    __tablename__: ClassVar[Any] = "sample_member"
    __table_args__ = (
        _of_run("sample_member"),
        ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="sample_member_intake"),
        CheckConstraint("part IN ('drawn', 'not_drawn', 'kept_out')", name="sample_member_part"),
        CheckConstraint("(part = 'kept_out') = (evidence IS NOT NULL)", name="sample_member_kept_out_with_evidence"),
        CheckConstraint("(part = 'kept_out') = (position IS NULL)", name="sample_member_position"),
        *sha("sample_member", "evidence"),
        Index("sample_member_of_case", "complaint_id"),
    )

    run: str = Field(sa_type=String(64), primary_key=True)
    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    area: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    fact: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    certain: bool
    part: str = Field(sa_type=String(16))
    position: int | None = Field(default=None)
    evidence: str | None = Field(default=None, sa_type=String(SHA))


class WishRow(SQLModel, table=True):
    """
    The customer wished to wait, and something proves it, such as a recording: the case is kept out of samples (R162).

    *wished_on* is the local day of the wish, None in rows of schema 0009 and before.
    """

    __tablename__: ClassVar[Any] = "wish_to_wait"
    __table_args__ = (
        ForeignKeyConstraint(["complaint_id"], ["intake.complaint_id"], name="wish_to_wait_intake"),
        *sha("wish_to_wait", "evidence"),
    )

    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    evidence: str = Field(sa_type=String(SHA))
    by: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    wished_on: date | None = Field(default=None)


class CallRow(SQLModel, table=True):
    """
    One attempt to call the customer of a sampled case, with the four items of R161, or what a spot check showed (R191).

    Whoever was reached answers all that was asked: *contacted* (did the handler get in touch), *opinion* on the result,
    *attitude* and *speed* from 1 to 5. *violation* says that the customer reported one that held the case up (R163).
    *verdict* is that of a spot check, which needs nobody to be reached.
    """

    __tablename__: ClassVar[Any] = "sample_call"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run", "complaint_id"], ["sample_member.run", "sample_member.complaint_id"], name="sample_call_member"
        ),
        CheckConstraint("number >= 1", name="sample_call_from_one"),
        CheckConstraint("attitude BETWEEN 1 AND 5", name="sample_call_attitude"),
        CheckConstraint("speed BETWEEN 1 AND 5", name="sample_call_speed"),
        CheckConstraint(
            "(contacted IS NOT NULL) = reached AND (opinion IS NOT NULL) = reached"
            " AND (attitude IS NOT NULL) = reached AND (speed IS NOT NULL) = reached",
            name="sample_call_whole_when_reached",
        ),
        one_of("opinion", Opinion, name="sample_call_opinion"),
        one_of("verdict", Verdict, name="sample_call_verdict"),
    )

    run: str = Field(sa_type=String(64), primary_key=True)
    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Instant)
    by: str = Field(sa_type=Text)
    reached: bool
    contacted: bool | None = Field(default=None)
    opinion: str | None = Field(default=None, sa_type=String(16))
    attitude: int | None = Field(default=None)
    speed: int | None = Field(default=None)
    violation: bool
    verdict: str | None = Field(default=None, sa_type=String(16))


class FollowUpRow(SQLModel, table=True):
    """What the recordings showed after a callback that told of no contact or of a violation (R163)."""

    __tablename__: ClassVar[Any] = "sample_follow_up"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run", "complaint_id"], ["sample_member.run", "sample_member.complaint_id"], name="sample_follow_up_member"
        ),
        *sha("sample_follow_up", "evidence"),
    )

    run: str = Field(sa_type=String(64), primary_key=True)
    complaint_id: str = Field(sa_type=String(64), primary_key=True)
    confirmed: bool
    evidence: str = Field(sa_type=String(SHA))
    by: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)


class FindingRow(SQLModel, table=True):
    """Something the watchdog found: when first, when last, and when it was gone; kept when it is."""

    __tablename__: ClassVar[Any] = "watchdog_finding"
    __table_args__ = (
        CheckConstraint("last_seen >= first_seen", name="watchdog_finding_in_order"),
        Index("watchdog_finding_open", "gone_at", "code"),
    )

    code: str = Field(sa_type=String(40), primary_key=True)
    subject: str = Field(sa_type=String(200), primary_key=True)
    first_seen: datetime = Field(sa_type=Instant, primary_key=True)
    last_seen: datetime = Field(sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)
    repaired_at: datetime | None = Field(default=None, sa_type=Instant)
    told: str = Field(sa_type=Text)


APPEND_ONLY: tuple[type[SQLModel], ...] = (
    RunRow,
    SentRow,
    CommitteeCallRow,
    MemberRow,
    WishRow,
    CallRow,
    FollowUpRow,
)
"""The tables whose rows never change."""

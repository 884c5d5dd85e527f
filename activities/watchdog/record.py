"""What the record alone shows: time that was up unnoticed, what is behind or missing, weaknesses not mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from activities.ledger import Ledger
from activities.ledger_chain import event_of
from activities.watchdog.archived import unarchived
from activities.watchdog.findings import Finding
from models.journal_tables import ReferenceRow
from models.supervision import Supervision
from models.supervision_steps import run_id
from models.tables import CaseRow, DutyRow, EventRow, IntakeRow
from rulebook.calendar import WorkingCalendar
from rulebook.events import StepFailed

MOST = 1000
"""How many findings of one kind are named: beyond that they have one cause."""

NOTICE_MONTH = 12
"""By December the State Council has published next year's days: the latest so far came on 11 December."""


def of_the_record(ledger: Ledger, rules: Supervision, now: datetime, *, archives: bool = False) -> list[Finding]:
    """Return everything that the record alone shows to be wrong at *now*; with *archives*, what the archive lacks too."""
    patience = timedelta(minutes=rules.watchdog.patience_minutes)
    calendar = rules.known_days(ledger.calendar_notices())
    return [
        *_unnoticed(ledger, now - patience),
        *_behind(ledger),
        *missing_runs(ledger, rules, calendar, now - patience),
        *_waiting(ledger, now - patience),
        *_rectifications(ledger, now.astimezone(rules.zone).date()),
        *_duplicates(ledger),
        *_calendar(calendar, now.astimezone(rules.zone).date()),
        *(unarchived(ledger, now - patience, MOST) if archives else ()),
    ]


def _unnoticed(ledger: Ledger, before: datetime) -> Iterator[Finding]:
    """Yield the duties and windows whose time was up before that instant and of which the record holds no end."""
    asked = (
        select(DutyRow.complaint_id, DutyRow.key, DutyRow.due)
        .where(DutyRow.status == "open", col(DutyRow.due) < before, ~col(DutyRow.overdue), DutyRow.kind != "target")
        .order_by(col(DutyRow.due))
        .limit(MOST)
    )
    with ledger.sessions.reading() as session:
        for complaint_id, key, due in session.exec(asked):
            yield Finding("DutyUnnoticed", complaint_id, f"{key} due {due:%Y-%m-%dT%H:%MZ}")


def _behind(ledger: Ledger) -> Iterator[Finding]:
    """Yield the cases that have other events than those from which their row was computed."""
    last = select(EventRow.complaint_id, func.max(EventRow.seq).label("seq")).group_by(EventRow.complaint_id).subquery()
    asked = (
        select(last.c.complaint_id, last.c.seq, CaseRow.event_count)
        .outerjoin(CaseRow, col(CaseRow.complaint_id) == last.c.complaint_id)
        .join(IntakeRow, col(IntakeRow.complaint_id) == last.c.complaint_id)
        # What was destroyed has a chain, and lawfully nothing that was computed from it.
        .where(col(CaseRow.event_count).is_distinct_from(last.c.seq), IntakeRow.content != "")
        .order_by(last.c.complaint_id)
        .limit(MOST)
    )
    with ledger.sessions.reading() as session:
        for complaint_id, seq, known in session.exec(asked):
            yield Finding("ProjectionBehind", complaint_id, f"{known or 0} of {seq} events")


def missing_runs(ledger: Ledger, rules: Supervision, calendar: WorkingCalendar, before: datetime) -> Iterator[Finding]:
    """Yield the runs that were owed before that instant and are not done, or not handed over."""
    for scheduled in rules.schedules:
        _, found = ledger.supervision.owed(scheduled, calendar, rules.zone, before)
        for period in (one.period for one in found):
            due = scheduled.day.rule.due(period, calendar, rules.zone)
            late = scheduled.by is not None and scheduled.by.rule.due(period, calendar, rules.zone) <= before
            detail = f"owed {due:%Y-%m-%d %H:%M}" + (", past the last day that the rules allow" if late else "")
            yield Finding("RunMissing", run_id(scheduled.id, period.name), detail)
        for row in ledger.supervision.unsent(scheduled.id):
            if row.ran_at < before:
                yield Finding("RunMissing", row.run, "put down, not handed over")


def _waiting(ledger: Ledger, before: datetime) -> Iterator[Finding]:
    """Yield the cases in which a step has waited for a person since before that instant, with those steps and causes."""
    asked = (
        select(CaseRow, EventRow)
        .join(EventRow, col(EventRow.complaint_id) == CaseRow.complaint_id)
        .where(col(CaseRow.waits_for).is_not(None), EventRow.type == "step_failed")
        .order_by(col(CaseRow.complaint_id), col(EventRow.seq))
    )
    waiting: dict[str, dict[str, str]] = {}
    with ledger.sessions.reading() as session:
        for case, row in session.exec(asked):
            failed = event_of(row)
            if isinstance(failed, StepFailed) and failed.step in (case.waits_for or {}):
                steps = waiting.setdefault(case.complaint_id, {})
                # Of a step that was tried again in vain the last failure counts: somebody has looked at it meanwhile.
                steps.pop(failed.step, None)
                if failed.at < before:
                    steps[failed.step] = failed.error
    for name, steps in islice(((name, steps) for name, steps in waiting.items() if steps), MOST):
        yield Finding("WaitsForPerson", name, told(steps))


def told(steps: Mapping[str, str]) -> str:
    """Return the *steps* that wait, each with its cause."""
    return ", ".join(f"{step}: {cause}" for step, cause in steps.items())


def _rectifications(ledger: Ledger, today: date) -> Iterator[Finding]:
    """Yield the rectifications that should have been closed before today (R199)."""
    for one in ledger.rectifications.overdue(today)[:MOST]:
        yield Finding("RectificationOverdue", one.name, f"due {one.opened.due}")


def _duplicates(ledger: Ledger) -> Iterator[Finding]:
    """Yield the complaints that came past every claim under another's reference, until they are merged or both closed."""
    twin, other = aliased(CaseRow), aliased(CaseRow)
    asked = (
        select(ReferenceRow.complaint_id, ReferenceRow.twin_of)
        .join(twin, col(twin.complaint_id) == ReferenceRow.complaint_id)
        .join(other, col(other.complaint_id) == ReferenceRow.twin_of)
        .where(or_(*(and_(col(one.stage) != "closed", col(one.ending).is_(None)) for one in (twin, other))))
        .where(*(func.coalesce(one.ending, "") != "merged" for one in (twin, other)))
        .order_by(col(ReferenceRow.complaint_id))
        .limit(MOST)
    )
    with ledger.sessions.reading() as session:
        for complaint_id, known in session.exec(asked):
            yield Finding("PossibleDuplicate", complaint_id, f"as {known}")


def _calendar(calendar: WorkingCalendar, today: date) -> Iterator[Finding]:
    if today > calendar.horizon or (today.month == NOTICE_MONTH and today.year == calendar.horizon.year):
        yield Finding("CalendarEnds", calendar.version, f"known until {calendar.horizon}")


class Standing(NamedTuple):
    """Where a complaint stands by its record: how far its process has come, or how it ended, as its workflow shows it."""

    stage: str
    next_due: datetime | None


def going_on(ledger: Ledger, before: datetime) -> dict[str, Standing]:
    """
    Return the cases whose process goes on and whose record has been at rest since that instant, by id.

    One that was withdrawn, refused or merged goes on until it is closed: its letter may still have to leave.
    """
    asked = select(CaseRow.complaint_id, CaseRow.ending, CaseRow.stage, CaseRow.next_due).where(
        CaseRow.stage != "closed", col(CaseRow.updated_at) < before
    )
    with ledger.sessions.reading() as session:
        return {name: Standing(ending or stage, due) for name, ending, stage, due in session.exec(asked)}

"""What supervision asks the record: a few statements, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.supervision import Supervision
from models.tables import CaseRow, DutyRow, EventRow, SlipRow

State = Literal["overdue", "late", "unanswered", "returned", "in_time"]
"""Late and still open; answered, but late; open, not late yet; returned to customer service (退单); answered in time."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a department had to answer: a dispatch slip (会办单), or a case that it holds."""

    what: Literal["slip", "case"]
    complaint_id: str
    slip: str | None
    unit: str
    department: str
    categories: tuple[str, ...]
    since: datetime
    due: datetime | None
    ended_at: datetime | None
    state: State
    progress_late: bool = False

    @property
    def counts(self) -> bool:
        """Whether it belongs to those whose time was up: answered, in time or late, or overdue."""
        return self.state in {"overdue", "late", "in_time"}

    @property
    def is_late(self) -> bool:
        """Whether it was not answered in its time."""
        return self.state in {"overdue", "late"}


def matters(session: Session, rules: Supervision, since: datetime, until: datetime) -> list[Matter]:
    """Return what departments had to answer between *since* and *until*, and what they still have not."""
    found = [*_slips(session, rules, since, until), *_cases(session, rules, since, until)]
    return sorted(found, key=lambda one: (one.unit, one.department, one.complaint_id, one.slip or ""))


def _slips(session: Session, rules: Supervision, since: datetime, until: datetime) -> Iterator[Matter]:
    findings, accept = (aliased(DutyRow) for _ in rules.slip_answers)
    asked = (
        select(SlipRow, findings, accept)
        .outerjoin(findings, _duty_of_slip(findings, rules.slip_answers[0]))
        .outerjoin(accept, _duty_of_slip(accept, rules.slip_answers[1]))
        .where(col(SlipRow.dispatched_at) < until)
        .where(
            or_(
                SlipRow.open,  # type: ignore[arg-type]
                col(findings.met_at) >= since,
                and_(col(SlipRow.status) == "returned", col(accept.met_at) >= since),
            )
        )
    )
    rows: Sequence[tuple[SlipRow, DutyRow | None, DutyRow | None]] = session.exec(asked).all()
    slow = _slow_reports(session, [slip.complaint_id for slip, _, _ in rows])
    for slip, answer, taken in rows:
        yield Matter(
            what="slip",
            complaint_id=slip.complaint_id,
            slip=slip.slip,
            unit=slip.unit,
            department=slip.department,
            categories=(slip.category,) if slip.category else (),
            since=slip.dispatched_at,
            due=answer.due if answer else None,
            ended_at=(taken.met_at if taken else None)
            if slip.status == "returned"
            else answer.met_at
            if answer
            else None,
            state=_state_of_slip(slip, answer, taken),
            progress_late=(slip.complaint_id, slip.slip) in slow,
        )


def _state_of_slip(slip: SlipRow, answer: DutyRow | None, taken: DutyRow | None) -> State:
    if slip.status == "returned":
        return "returned"
    if slip.open and any(duty is not None and duty.overdue for duty in (answer, taken)):
        return "overdue"
    if slip.open:
        return "unanswered"
    return "late" if answer is not None and answer.status == "met_late" else "in_time"


def _duty_of_slip(duty: Any, rule: str) -> Any:
    return and_(col(duty.complaint_id) == col(SlipRow.complaint_id), col(duty.key) == col(SlipRow.slip) + "/" + rule)


def _slow_reports(session: Session, complaint_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Return the slips of these cases on which progress was reported late or not at all: the cooperation (R178)."""
    asked = select(DutyRow.complaint_id, DutyRow.key).where(DutyRow.rule == "progress", DutyRow.breached)
    wanted = set(complaint_ids)
    return {(one, key.partition("/")[0]) for one, key in session.exec(asked) if one in wanted and "/" in key}


def _cases(session: Session, rules: Supervision, since: datetime, until: datetime) -> Iterator[Matter]:
    open_and_late = and_(col(DutyRow.status) == "open", DutyRow.overdue, col(DutyRow.due) < until)  # type: ignore[arg-type]
    told = and_(col(DutyRow.status).in_(("met", "met_late")), col(DutyRow.met_at) >= since)
    for case, limit in _limits(session, rules, or_(open_and_late, told)):
        yield Matter(
            what="case",
            complaint_id=case.complaint_id,
            slip=None,
            unit=case.unit,
            department=case.department or "",
            categories=tuple(case.categories),
            since=case.received_at,
            due=limit.due,
            ended_at=limit.met_at,
            state="overdue" if limit.status == "open" else "late" if limit.status == "met_late" else "in_time",
        )


def _limits(session: Session, rules: Supervision, condition: Any) -> Iterator[tuple[CaseRow, DutyRow]]:
    """Yield the cases whose limit fits *condition*, each with its limit: the first of the duties named that it has."""
    # The stricter limits as one set: asked case by case, the database looks through all of them for each case.
    stricter: set[str] = set()
    for rule in rules.limits:
        of_rule = select(DutyRow.complaint_id).where(DutyRow.rule == rule)
        asked = (
            select(CaseRow, DutyRow)
            .join(DutyRow, col(DutyRow.complaint_id) == col(CaseRow.complaint_id))
            .where(DutyRow.rule == rule, ~col(DutyRow.key).contains("/"), condition)
        )
        found: dict[str, tuple[CaseRow, DutyRow]] = {}
        for case, duty in session.exec(asked):
            if case.complaint_id not in stricter:
                found.setdefault(case.complaint_id, (case, duty))
        yield from found.values()
        if rule != rules.limits[-1]:
            stricter.update(session.exec(of_rule))


def limit_of(session: Session, rules: Supervision, complaint_id: str) -> DutyRow | None:
    """Return the limit of one case, the first of the duties named that it has; None if it has none of them."""
    asked = select(DutyRow).where(
        DutyRow.complaint_id == complaint_id, col(DutyRow.rule).in_(rules.limits), ~col(DutyRow.key).contains("/")
    )
    found = session.exec(asked.order_by(col(DutyRow.key))).all()
    return min(found, key=lambda duty: rules.limits.index(duty.rule), default=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case of a sample's population: the fact that puts it there, its instant, and whether it is drawn for certain."""

    complaint_id: str
    unit: str
    fact: str
    at: datetime
    certain: bool = False


def late_cases(session: Session, rules: Supervision, since: datetime, until: datetime) -> list[Candidate]:
    """Return the cases whose limit ended between *since* and *until* and was not kept (R160)."""
    ended = and_(DutyRow.breached, col(DutyRow.due) >= since, col(DutyRow.due) < until)  # type: ignore[arg-type]
    return [
        Candidate(case.complaint_id, case.unit, duty.rule, duty.due)
        for case, duty in _limits(session, rules, ended)
        if duty.due is not None
    ]


def closed_cases(session: Session, since: datetime, until: datetime) -> list[Candidate]:
    """Return the cases that were closed between *since* and *until*; those never reached are drawn for certain (R153)."""
    unreachable = exists().where(
        col(EventRow.complaint_id) == col(CaseRow.complaint_id),
        col(EventRow.type) == "notice_exempted",
    )
    asked = select(CaseRow, unreachable).where(col(CaseRow.closed_at) >= since, col(CaseRow.closed_at) < until)
    return [
        Candidate(case.complaint_id, case.unit, "closed", case.closed_at, certain=bool(never))
        for case, never in session.exec(asked)
        if case.closed_at is not None
    ]

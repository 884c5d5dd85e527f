"""
The projections of a case: computed from its events in one way only, compared column by column.

They are written whole, or, where it is known what rests, as far as something changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlmodel import Session, SQLModel, delete, select

from activities.figures.counted import counted
from activities.folded_case import FoldedCase, Opened, WrittenDuty
from models.figure_tables import COUNTED, FORM, CountedCase, CountedSlip, CountedWeight
from models.slips import Slip
from models.tables import PROJECTIONS, CaseRow, DeadlineRow, DutyRow, EventRow, SlipRow
from rulebook.clock import CaseClock
from rulebook.duty import Duty
from rulebook.pack import Pin

UNHANDLED = "the first event is not the receipt of the complaint"


@dataclass(frozen=True, slots=True)
class Projection:
    """Every projected row of one case; *counted* is what figures count of it, for which the intake is needed."""

    case: CaseRow | None
    duties: tuple[DutyRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    slips: tuple[SlipRow, ...] = ()
    counted: tuple[SQLModel, ...] = ()

    @property
    def rows(self) -> tuple[SQLModel, ...]:
        """All rows but the counted ones, those that others refer to first."""
        return (*([self.case] if self.case else []), *self.duties, *self.deadlines, *self.slips)


def project(rows: Sequence[EventRow], said: Mapping[str, Any] | None = None, opened: Opened = Pin.open) -> Projection:
    """
    Return what the events in *rows*, at least the receipt, amount to under the rules of the last of them.

    A move to other rules is one of the events. With *said*, the content of the intake, also what figures count. PackError
    when those rules are not the ones that *opened* has.
    """
    return _projection(FoldedCase.of(rows, said, opened), rows[-1])


def _projection(folded: FoldedCase, last: EventRow) -> Projection:
    name, duties = last.complaint_id, folded.duties
    return Projection(
        _case(last, folded, sum(duty.breached for duty in folded.clock.duties)),
        tuple(DutyRow(complaint_id=name, **_duty(position, duty)) for position, duty in enumerate(duties)),
        tuple(row for duty in duties for row in _versions(name, duty)),
        _slips(name, folded),
        counted(name, folded),
    )


def stored(session: Session, complaint_id: str) -> Projection:
    """Return the projection of *complaint_id* as it rests in the database."""
    duties = select(DutyRow).where(DutyRow.complaint_id == complaint_id)
    deadlines = select(DeadlineRow).where(DeadlineRow.complaint_id == complaint_id)
    slips = select(SlipRow).where(SlipRow.complaint_id == complaint_id)
    return Projection(
        session.get(CaseRow, complaint_id),
        tuple(session.exec(duties)),
        tuple(session.exec(deadlines)),
        tuple(session.exec(slips)),
        tuple(row for table in COUNTED for row in session.exec(_of(table, complaint_id))),
    )


def replace(session: Session, complaint_id: str, projection: Projection) -> None:
    """Put *projection* in the place of what rests about *complaint_id*."""
    for table in (*COUNTED, *PROJECTIONS):
        session.execute(delete(table).where(table.complaint_id == complaint_id))  # type: ignore[attr-defined]  # all have it
    for rows in (
        [projection.case] if projection.case else [],
        projection.duties,
        projection.deadlines,
        projection.slips,
        projection.counted,
    ):
        session.add_all(rows)
        session.flush()


def write(session: Session, folded: FoldedCase, last: EventRow) -> None:
    """Write what *folded*, whose newest event is in *last*, amounts to; only what changed, where it says what rests."""
    before, folded.written = folded.written, _duties_of(folded)
    if before is None:
        replace(session, last.complaint_id, _projection(folded, last))
    else:
        _write_changes(session, folded, last, before)


def _duties_of(folded: FoldedCase) -> dict[str, WrittenDuty]:
    known, found = folded.written or {}, {}
    for position, duty in enumerate(folded.duties):
        # All that a row depends on, looked at without computing it: most duties of a long case are over.
        mark = (
            *(position, duty.rule, duty.layer, duty.start, duty.started_by, duty.status, duty.ended_at, duty.undated),
            *(len(duty.versions), len(duty.breaches), len(duty.refuted)),
        )
        there = known.get(duty.key)
        if there is None or there.mark != mark:
            there = WrittenDuty(mark, _duty(position, duty), len(duty.versions))
        found[duty.key] = there
    return found


def _write_changes(session: Session, folded: FoldedCase, last: EventRow, before: Mapping[str, WrittenDuty]) -> None:
    name, now = last.complaint_id, folded.written or {}
    session.merge(_case(last, folded, [now[duty.key].row["breached"] for duty in folded.clock.duties].count(True)))
    changed = [duty for duty in folded.duties if now[duty.key] is not before.get(duty.key)]
    for duty in changed:
        session.merge(DutyRow(complaint_id=name, **now[duty.key].row))
    session.flush()
    for duty in changed:
        there = before.get(duty.key)
        # Once it is in force, a version of a deadline stays what it was.
        for version in _versions(name, duty, after=there.versions if there else 0):
            session.merge(version)
    for slip in _slips(name, folded):
        session.merge(slip)
    for table in COUNTED:
        session.execute(delete(table).where(table.complaint_id == name))  # type: ignore[attr-defined]  # all have it
    session.add_all(counted(name, folded))
    session.flush()


def differences(expected: Projection, found: Projection) -> Iterator[str]:
    """Yield one line for each column in which *found* is not what the events amount to; no line carries a value."""
    wanted, there = _by_name(expected.rows), _by_name(found.rows)
    if expected.counted and _fresh(found):
        wanted, there = wanted | _by_name(expected.counted), there | _by_name(found.counted)
    for name in wanted.keys() | there.keys():
        if name not in there:
            yield f"{name}: the row is missing"
        elif name not in wanted:
            yield f"{name}: the row does not follow from the events"
        else:
            yield from _column_differences(name, wanted[name], there[name])


def _fresh(found: Projection) -> bool:
    # What is counted may be missing, or old, in a record of an earlier release: it is computed before it is used.
    case = next((row for row in found.counted if isinstance(row, CountedCase)), None)
    return case is not None and case.form == FORM


def _by_name(rows: Sequence[SQLModel]) -> dict[str, SQLModel]:
    return {_name(row): row for row in rows}


def _of(table: type[SQLModel], complaint_id: str) -> Any:
    return select(table).where(table.complaint_id == complaint_id)  # type: ignore[attr-defined]  # all have it


def _column_differences(name: str, wanted: SQLModel, there: SQLModel) -> Iterator[str]:
    for column, value in wanted.model_dump().items():
        if getattr(there, column) != value:
            yield f"{name}: {column} is not what the events say"


_NAMES: Mapping[type[SQLModel], str] = {
    CaseRow: "case",
    DutyRow: "duty {0.key}",
    DeadlineRow: "deadline {0.duty} version {0.version}",
    SlipRow: "slip {0.slip}",
    CountedCase: "counted case",
    CountedWeight: "counted weight {0.profile}",
    CountedSlip: "counted slip {0.slip}",
}
"""How an audit names each projected row."""


def _name(row: SQLModel) -> str:
    return _NAMES[type(row)].format(row)


def _case(last: EventRow, folded: FoldedCase, breaches: int) -> CaseRow:
    state, clock = folded.state, folded.clock
    received, assigned, decision = state.received, state.assigned, state.decision
    ending, closed = state.ending_event, state.closed
    if received is None:
        raise ValueError(UNHANDLED)
    return CaseRow(
        complaint_id=last.complaint_id,
        stage=state.stage,
        ending=state.ending,
        ticket=state.ticket,
        unit=state.unit or received.unit,
        department=state.holder,
        coordinator=assigned.coordinator if assigned else None,
        channel=received.channel,
        complexity=state.complexity,
        severity=state.severity,
        categories=list(state.categories),
        received_at=received.at,
        next_due=clock.next_due,
        statutory_due=clock.statutory_due,
        overdue=clock.overdue,
        breaches=breaches,
        waits_for={name: failed.error for name, failed in state.failed_steps.items()} or None,
        assigned_at=assigned.at if assigned else None,
        assigned_by=assigned.by if assigned else None,
        liability=state.liability if decision else None,
        decided_at=decision.at if decision else None,
        decided_by=decision.by if decision else None,
        ended_at=ending.at if ending else None,
        ended_by=ending.by if ending else None,
        closed_at=closed.at if closed else None,
        closed_by=closed.by if closed else None,
        pack=clock.pack.pack,
        pack_hash=clock.pack.content_hash,
        calendar=last.calendar,
        event_count=last.seq,
        head_hash=last.hash,
        updated_at=last.recorded_at,
    )


def _duty(position: int, duty: Duty) -> dict[str, Any]:
    return {
        "key": duty.key,
        "position": position,
        "rule": duty.id,
        "kind": duty.kind,
        "layer": duty.layer,
        "who": duty.rule.who,
        "title_zh": duty.rule.title.zh,
        "title_en": duty.rule.title.en,
        "citation": duty.article,
        "status": duty.status,
        "started_at": duty.start,
        "started_by": duty.started_by,
        "due": duty.due,
        "breached": duty.breached,
        "overdue": duty.overdue,
        "met_at": duty.met_at,
    }


def _versions(complaint_id: str, duty: Duty, after: int = 0) -> Iterator[DeadlineRow]:
    """Yield the rows of the versions of *duty*'s deadline that came *after* so many."""
    for version, deadline in enumerate(islice(duty.versions, after, None), start=after + 1):
        yield DeadlineRow(
            complaint_id=complaint_id,
            duty=duty.key,
            version=version,
            due=deadline.due,
            provisional=deadline.provisional,
            citation=deadline.citation,
            reason=deadline.reason,
            computed_at=deadline.computed_at,
            proof=deadline.to_json(),
        )


def _slips(complaint_id: str, folded: FoldedCase) -> tuple[SlipRow, ...]:
    return tuple(
        _slip(complaint_id, slip, folded.slip_clocks.get(name), over=name in folded.over)
        for name, slip in folded.state.slips.items()
    )


def _slip(complaint_id: str, slip: Slip, clock: CaseClock | None, *, over: bool) -> SlipRow:
    sent = slip.dispatched
    return SlipRow(
        complaint_id=complaint_id,
        slip=sent.slip,
        unit=sent.unit,
        department=sent.department,
        coordinator=sent.coordinator,
        category=sent.category,
        main=sent.main,
        status=slip.status,
        open=slip.open and not over,
        dispatched_at=sent.at,
        due=clock.next_due if clock else None,
        overdue=clock.overdue if clock else False,
        replaced_by=slip.replaced_by,
    )

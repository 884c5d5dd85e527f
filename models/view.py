"""What a query answers about a running complaint: the same words that people see everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from models.case import STAGES_ZH, CaseState
from models.handling import SignOffState
from models.intake import Intake
from models.slips import Slip
from rulebook import events as ev
from rulebook.clock import CaseClock, Duty, Status
from rulebook.pack import Pin

STATUS_ZH: dict[Status, str] = {
    "open": "进行中",
    "met": "按期完成",
    "met_late": "逾期完成",
    "cancelled": "已取消",
    "window_closed": "已届满",
}
"""How a duty stands, as people read it."""

SHORTENED = "因放假通知或者规则变更提前到期 brought forward by a notice or other rules"
"""What stands beside a deadline that was put into the past, so that nobody is blamed for it."""

NOT_READY = "the case is being opened, or read from its record; ask again in a moment"
"""What a query is answered before a run knows how the case stands."""


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DutyView(_View):
    """One duty or window: what, by when, because of which article, and how it stands."""

    key: str
    kind: str
    title_zh: str
    title_en: str
    who: str
    citation: str
    status: Status
    due: datetime | None
    last_day: str | None
    provisional: bool
    breached: bool
    versions: int
    shortened: bool = False


class ExtensionView(_View):
    """One application for further time: who asked, who decided, and whether it is in force."""

    request: str
    days: int
    status: str
    requested_by: str
    decided_by: str | None


class SlipView(_View):
    """One dispatch slip (会办单): whose it is, how it stands, and its own duties."""

    slip: str
    status: str
    unit: str
    department: str
    coordinator: str
    category: str | None
    main: bool
    copies: tuple[str, ...]
    replaced_by: str | None
    progress: int
    next_due: datetime | None
    overdue: bool
    duties: tuple[DutyView, ...]


class ReviewView(_View):
    """A review (核查) as it stands."""

    review: str
    complaint_id: str
    stage: str
    requested_at: datetime
    reviewer: str | None


class SignOffView(_View):
    """One text that must be signed (会签): its purpose, how it stands, and who signed in which capacity."""

    sign_off: str
    purpose: str
    status: str
    author: str
    signed: tuple[str, ...]


class HandlingView(_View):
    """
    What the insurer's own rules make of a complaint.

    *counts* is how much it weighs in each counting profile (R166, R080–R082); *forwarded* the three instants and the last
    day of a complaint that the regulator forwarded. Neither a vexatious flag nor its sign-off is here: few may know of it
    (C17).
    """

    origin: str | None = None
    forwarded: tuple[str, ...] = ()
    answer_by: date | None = None
    escalated_from: str | None = None
    absorbed: tuple[str, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict)
    sign_offs: tuple[SignOffView, ...] = ()
    meetings: tuple[str, ...] = ()
    customer: str | None = None
    review: str | None = None
    reviewer: str | None = None


class RefusalView(_View):
    """The last command that came as a signal and was refused: when, which, why, and by whom it was given."""

    at: datetime
    command: str
    code: str
    by: str


class MoveView(_View):
    """A move to other rules: when, by whom, from which pack and to which."""

    at: datetime
    by: str
    before: str
    pack: str


class RecoveryView(_View):
    """How the complaint was brought back from its record: when, by whom, and how and when its last run had ended."""

    at: datetime
    by: str
    ended: str
    ended_at: datetime | None


class CaseView(_View):
    """
    A complaint as it stands now; *pin* are the rules of its receipt, the last of *moved* says to which it has moved.

    *waits_for* names each step that waits for a person with the stable type of the error that stopped it.
    *outages* are the steps that wait for something that is away, each with the stable type of its error; only the workflow
    knows them, the record does not.
    """

    complaint_id: str
    stage: str
    stage_zh: str
    ticket: str | None
    unit: str | None
    department: str | None
    coordinator: str | None
    complexity: str
    severity: str
    ending: str | None
    closed: bool
    paused: tuple[str, ...]
    overdue: bool
    next_due: datetime | None
    duties: tuple[DutyView, ...]
    extensions: tuple[ExtensionView, ...]
    failed_steps: tuple[str, ...]
    waits_for: dict[str, str] = Field(default_factory=dict)
    last_refusal: RefusalView | None = None
    lacks: tuple[str, ...]
    pin: Pin | None
    events: int
    slips: tuple[SlipView, ...] = ()
    handling: HandlingView = HandlingView()
    calendar: str | None = None
    moved: tuple[MoveView, ...] = ()
    recovered: tuple[RecoveryView, ...] = ()
    outages: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def rules(self) -> str | None:
        """The name of the pack under which the complaint runs now; None before its rules are known."""
        if self.moved:
            return self.moved[-1].pack
        return self.pin.pack if self.pin else None


def case_view(
    intake: Intake,
    state: CaseState,
    clock: CaseClock | None,
    pin: Pin | None,
    *,
    slip_clocks: Mapping[str, CaseClock] | None = None,
    counts: Mapping[str, int] | None = None,
    outages: Mapping[str, str] | None = None,
    warnings: tuple[str, ...] = (),
) -> CaseView:
    """
    Return what there is to say about a complaint; *clock* and *pin* are None before its rules are known.

    *slip_clocks* are the clocks of its dispatch slips, *counts* its weight in each counting profile; *outages* what
    its steps wait for; *warnings* what looks wrong in what was said (`models.intake_warnings`).
    """
    return CaseView(
        complaint_id=intake.complaint_id,
        stage=state.stage,
        stage_zh=STAGES_ZH[state.stage],
        ticket=state.ticket,
        unit=state.unit,
        department=state.holder,
        coordinator=state.assigned.coordinator if state.assigned else None,
        complexity=state.complexity,
        severity=state.severity,
        ending=state.ending,
        closed=state.closed is not None,
        paused=tuple(pause.ground for pause in state.pauses.values()),
        overdue=clock.overdue if clock else False,
        next_due=clock.next_due if clock else None,
        duties=tuple(_duty(duty) for duty in clock.duties) if clock else (),
        extensions=tuple(
            ExtensionView(
                request=name,
                days=ask.asked.days,
                status=ask.status,
                requested_by=ask.asked.by,
                decided_by=answer.by if (answer := ask.refused or ask.approved) else None,
            )
            for name, ask in state.extensions.items()
        ),
        failed_steps=tuple(state.failed_steps),
        waits_for={name: failed.error for name, failed in state.failed_steps.items()},
        last_refusal=_refusal(state.last_refusal),
        lacks=lacks(intake, state),
        pin=pin,
        events=state.count,
        slips=tuple(slip_view(slip, (slip_clocks or {}).get(name)) for name, slip in state.slips.items()),
        handling=_handling(intake, state, counts or {}),
        calendar=clock.calendar.version if clock else None,
        warnings=warnings,
        moved=tuple(MoveView(at=one.at, by=one.by, before=one.before, pack=one.pack) for one in state.moves),
        recovered=tuple(
            RecoveryView(at=one.at, by=one.by, ended=one.ended, ended_at=one.ended_at) for one in state.recoveries
        ),
        outages=dict(outages or {}),
    )


def slip_view(slip: Slip, clock: CaseClock | None) -> SlipView:
    """Return what there is to say about a dispatch slip; *clock* is None where its rules are not known."""
    sent = slip.dispatched
    return SlipView(
        slip=sent.slip,
        status=slip.shown,
        unit=sent.unit,
        department=sent.department,
        coordinator=sent.coordinator,
        category=sent.category,
        main=sent.main,
        copies=sent.copies,
        replaced_by=slip.replaced_by,
        progress=len(slip.progress),
        next_due=clock.next_due if clock else None,
        overdue=clock.overdue if clock else False,
        duties=tuple(_duty(duty) for duty in clock.duties) if clock else (),
    )


def _handling(intake: Intake, state: CaseState, counts: Mapping[str, int]) -> HandlingView:
    handling, forwarding = state.handling, intake.forwarding
    instants = (
        (forwarding.regulator_received_at, forwarding.forwarded_at, forwarding.insurer_received_at)
        if forwarding
        else ()
    )
    response = handling.response
    return HandlingView(
        origin=handling.examined.origin if handling.examined else None,
        forwarded=tuple(instant.isoformat() for instant in instants),
        answer_by=handling.demanded.last_day if handling.demanded else None,
        escalated_from=handling.escalated.earlier if handling.escalated else None,
        absorbed=tuple(handling.absorbed),
        counts=dict(counts),
        sign_offs=tuple(_sign_off(name, one) for name, one in handling.shown_sign_offs.items()),
        meetings=tuple(f"{name} {meeting.subject}" for name, meeting in handling.meetings.items()),
        customer=("accepts" if response.accepts else "refuses") if response else None,
        review=state.review.review if state.review else None,
        reviewer=handling.reviewer.reviewer if handling.reviewer else None,
    )


def _refusal(event: ev.CommandRefused | None) -> RefusalView | None:
    return RefusalView(at=event.at, command=event.command, code=event.code, by=event.by) if event else None


def _sign_off(name: str, state: SignOffState) -> SignOffView:
    return SignOffView(
        sign_off=name,
        purpose=state.asked.purpose,
        status=state.status,
        author=state.asked.by,
        signed=tuple(f"{given.capacity} {given.by}" for given in state.given),
    )


def lacks(intake: Intake, state: CaseState) -> tuple[str, ...]:
    """Return what may be asked of the complainant (art. 13, 14) or must be filed by the insurer (R063, R067, R071)."""
    missing = (code for code in intake.missing_material() if code not in state.handling.handed_in)
    return (*missing, *intake.unfiled())


def _duty(duty: Duty) -> DutyView:
    deadline = duty.deadline
    return DutyView(
        key=duty.key,
        kind=duty.kind,
        title_zh=duty.rule.title.zh,
        title_en=duty.rule.title.en,
        who=duty.rule.who,
        citation=duty.article,
        status=duty.status,
        due=duty.due,
        last_day=deadline.last_day.isoformat() if deadline and deadline.last_day else None,
        provisional=deadline.provisional if deadline else False,
        breached=duty.breached,
        versions=len(duty.versions),
        shortened=duty.shortened,
    )

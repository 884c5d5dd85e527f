"""What a query answers about a running complaint: the same words that people see everywhere else."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from models.case import STAGES_ZH, CaseState
from models.intake import Intake
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


class ExtensionView(_View):
    """One application for further time: who asked, who decided, and whether it is in force."""

    request: str
    days: int
    status: str
    requested_by: str
    decided_by: str | None


class CaseView(_View):
    """A complaint as it stands now."""

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
    lacks: tuple[str, ...]
    pin: Pin | None
    events: int


def case_view(intake: Intake, state: CaseState, clock: CaseClock | None, pin: Pin | None) -> CaseView:
    """Return what there is to say about a complaint; *clock* and *pin* are None before its rules are known."""
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
        lacks=lacks(intake),
        pin=pin,
        events=state.count,
    )


def lacks(intake: Intake) -> tuple[str, ...]:
    """Return what may be asked of the complainant (art. 13, 14) or must be filed by the insurer (R063, R067, R071)."""
    return (*intake.missing_material(), *intake.unfiled())


def _duty(duty: Duty) -> DutyView:
    deadline = duty.deadline
    return DutyView(
        key=duty.key,
        kind=duty.kind,
        title_zh=duty.rule.title.zh,
        title_en=duty.rule.title.en,
        who=duty.rule.who,
        citation=(deadline.citation if deadline else None) or duty.rule.citation,
        status=duty.status,
        due=duty.due,
        last_day=deadline.last_day.isoformat() if deadline and deadline.last_day else None,
        provisional=deadline.provisional if deadline else False,
        breached=duty.breached,
        versions=len(duty.versions),
    )

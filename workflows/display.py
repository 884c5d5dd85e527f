"""What an operator sees in the Temporal UI: search attributes to filter by, and current details in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from models import search_attributes as sa
from models.case import STAGES_ZH
from models.slips import SLIP_STATUS_ZH
from models.view import SHORTENED, STATUS_ZH, lacks
from models.wording import people_day
from rulebook.clock import Alarm, Duty
from workflows.case import Case

Shown = tuple[tuple[SearchAttributeKey[Any], Any], ...]
"""Search attributes with their values; None takes one away."""


class Index:
    """Keeps the search attributes of a run; one that has not changed costs nothing."""

    def __init__(self) -> None:
        self._shown: dict[str, Any] = {}

    def show(self, values: Shown) -> None:
        """Write what has changed."""
        updates = list(self._changes(values))
        if updates:
            workflow.upsert_search_attributes(updates)

    def _changes(self, values: Shown) -> Iterator[SearchAttributeUpdate[Any]]:
        for key, value in values:
            if self._shown.get(key.name) != value:
                self._shown[key.name] = value
                yield key.value_unset() if value is None else key.value_set(value)


def index(case: Case) -> Shown:
    """Return what an operator may filter complaints by."""
    return (
        (sa.STAGE, case.state.ending or case.state.stage),
        (sa.SEVERITY, case.state.severity),
        (sa.CATEGORY, list(case.state.categories)),
        (sa.UNIT, case.unit),
        (sa.CHANNEL, str(case.intake.channel)),
        (sa.PACK, case.pack.pack),
        (sa.OVERDUE, case.clock.overdue),
        (sa.NEXT_DUE, case.clock.next_due),
        (sa.STATUTORY_DUE, case.clock.statutory_due),
    )


def alarm_summary(case: Case, alarm: Alarm) -> str:
    """Return what a timer waits for, in words that an operator understands (at most 200 bytes)."""
    duty = case.clock.duty(alarm.duty)
    day = people_day(alarm.due, case.pack.zone)
    what = {"reminder": "提醒 reminder", "due": "到期 due", "window_end": "届满 window ends"}[alarm.kind]
    what += f" → {alarm.to}" if alarm.to else ""
    citation = duty.article if duty and duty.deadline else ""
    return f"{what}: {alarm.duty} {day} {citation}"


def details(case: Case) -> str:
    """Return the case in Markdown: stage, holder, duties with due dates and articles, and whatever waits for a person."""
    state = case.state
    holder = f"{state.assigned.department} / {state.assigned.coordinator}" if state.assigned else "—"
    lines = [
        f"### {STAGES_ZH[state.stage]} · {state.ending or state.stage}",
        f"- 工单 ticket: {state.ticket or '—'}",
        f"- 经办 holder: {case.unit} / {holder}",
        f"- 复杂程度 complexity: {state.complexity} · 严重程度 severity: {state.severity}",
        f"- 规则 rules: {case.pack.pack} ({case.pack.content_hash[:12]}) · 日历 calendar: {case.clock.calendar.version}",
    ]
    lines += [
        f"- 规则变更 rules moved: {one.before} → {one.pack} · {one.at.astimezone(case.pack.zone):%Y-%m-%d %H:%M} · {one.by}"
        for one in state.moves
    ]
    lines += [f"- ⏸ 中止计时 paused: {pause.ground}" for pause in state.pauses.values()]
    lines += [f"- ⚠ 步骤失败，待人工处理 waits for a person: {step}" for step in state.failed_steps]
    if material := lacks(case.intake, state):
        lines.append(f"- 待补材料 lacks: {', '.join(material)}")
    lines += list(_by_own_rules(case))
    lines += ["", "| 义务 duty | 到期 due | 依据 article | 状态 status |", "|---|---|---|---|"]
    lines += [_row(case, duty) for duty in case.clock.duties]
    lines += [
        f"\n延期 extension {name}: {ask.status} ({ask.asked.days}d, {ask.asked.by})"
        for name, ask in state.extensions.items()
    ]
    return "\n".join(lines)


def _by_own_rules(case: Case) -> Iterator[str]:
    state, handling = case.state, case.state.handling
    if forwarding := case.intake.forwarding:
        zone = case.pack.zone
        yield (
            f"- 监管转办 forwarded: 监管收到 {people_day(forwarding.regulator_received_at, zone)}"
            f" · 转办 {people_day(forwarding.forwarded_at, zone)}"
            f" · 答复期限 answer by {forwarding.answer_by or '—'}"
        )
    for name, slip in state.slips.items():
        clock = case.slip_clocks[name]
        due = people_day(clock.next_due, case.pack.zone) if clock.next_due else "—"
        late = " ⚠ 逾期 overdue" if clock.overdue else ""
        status = f"{SLIP_STATUS_ZH[slip.shown]} {slip.shown}"
        yield f"- 会办单 slip {name}: {slip.dispatched.department} · {status} · {due}{late}"
    for name, sign_off in handling.shown_sign_offs.items():
        yield f"- 会签 sign-off {name}: {sign_off.asked.purpose} · {sign_off.status}"
    if handling.escalated:
        yield f"- 投诉升级 escalated from: {handling.escalated.earlier}"
    if handling.reviewer:
        yield f"- 核查人 reviewer: {handling.reviewer.unit} / {handling.reviewer.reviewer}"


def _row(case: Case, duty: Duty) -> str:
    deadline = duty.deadline
    if deadline is None:
        due = "及时 promptly"
    else:
        due = people_day(deadline.due, case.pack.zone) if deadline.due else "中止 paused"
        due += " (暂定 provisional)" if deadline.provisional else ""
    status = f"{STATUS_ZH[duty.status]} {duty.status}" + (" ⚠ 逾期 breached" if duty.breached else "")
    status += f" · {SHORTENED}" if duty.shortened else ""
    return f"| {duty.rule.title.zh} {duty.rule.title.en} | {due} | {duty.article} | {status} |"

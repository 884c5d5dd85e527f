"""What an operator sees in the Temporal UI: search attributes to filter by, and current details in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from models import search_attributes as sa
from models.case import STAGES_ZH
from models.extension import Extension
from models.naming import named
from models.slips import SLIP_STATUS_ZH
from models.steps import RecordBatch
from models.view import SHORTENED, STATUS_ZH, lacks
from models.vocabulary import LABELS_ZH, categories_zh, cause_of, labelled
from models.wording import people_day
from rulebook import events as ev
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
            # A new run begins with the values of the one before it: what is no longer so is taken away.
            if key.name not in self._shown or self._shown[key.name] != value:
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
        (sa.NEXT_DUE, sa.last_second(case.clock.next_due)),
        (sa.STATUTORY_DUE, sa.last_second(case.clock.statutory_due)),
        (sa.WAITS_FOR, sorted({failed.error for failed in case.state.failed_steps.values()}) or None),
        (sa.OUTAGE, sorted(set(case.outages.values())) or None),
    )


def alarm_summary(case: Case, alarm: Alarm) -> str:
    """Return what a timer waits for, in words that an operator understands (at most 200 bytes)."""
    duty = case.clock.duty(alarm.duty)
    day = people_day(alarm.due, case.pack.zone)
    what = {"reminder": "提醒 reminder", "due": "到期 due", "window_end": "届满 window ends"}[alarm.kind]
    what += f" → {alarm.to}" if alarm.to else ""
    citation = duty.article if duty and duty.deadline else ""
    return f"{what}: {alarm.duty} {day} {citation}"


def record_summary(batch: RecordBatch) -> str:
    """Return which events a step writes down, and the last command among them that was refused (at most 200 bytes)."""
    last = batch.first + len(batch.events) - 1
    refused = [event for event in batch.events if isinstance(event, ev.CommandRefused)]
    refusal = f" · ✖ {refused[-1].command} {refused[-1].code}" if refused else ""
    return f"写入记录 write the record: {batch.first}–{last}{refusal}"


def details(case: Case) -> str:
    """Return the case in Markdown: stage, holder, duties with due dates and articles, and what its steps wait for."""
    state = case.state
    holders = (case.unit, *((state.assigned.department, state.assigned.coordinator) if state.assigned else ()))
    ending = f" · {labelled('ending', state.ending)}" if state.ending else ""
    lines = [
        f"### {STAGES_ZH[state.stage]} {state.stage}{ending}",
        *(
            f"- ⚠ 待人工处理 waits for a person: {step} · {_cause(failed)}"
            for step, failed in state.failed_steps.items()
        ),
        f"- 工单 ticket: {state.ticket or '—'}",
        f"- 经办 holder: {' / '.join(map(named, holders))}",
        f"- 类别 categories: {categories_zh(state.categories)}",
        f"- 复杂程度 complexity: {labelled('complexity', state.complexity)}",
        f"- 严重程度 severity: {labelled('severity', state.severity)}",
        f"- 规则 rules: {case.pack.pack} ({case.pack.content_hash[:12]}) · 日历 calendar: {case.clock.calendar.version}",
    ]
    lines += [
        f"- 规则变更 rules moved: {one.before} → {one.pack} · {_moment(case, one.at)} · {named(one.by)}"
        for one in state.moves
    ]
    lines += [
        f"- 依记录恢复 recovered: {labelled('run_end', one.ended)} → {_moment(case, one.at)} · {named(one.by)}"
        for one in state.recoveries
    ]
    lines += [f"- ⏸ 中止计时 paused: {labelled('pause_ground', pause.ground)}" for pause in state.pauses.values()]
    if refused := state.last_refusal:
        who = "—" if refused.by == ev.SYSTEM else named(refused.by)
        lines.append(
            f"- ✖ 最近被拒命令 last refusal: {refused.command} · {refused.code} · {_moment(case, refused.at)} · {who}"
        )
    lines += [
        f"- ⏳ 系统故障，自动重试 tried until it is back: {step} · {cause_of(kind)}"
        for step, kind in case.outages.items()
    ]
    if material := lacks(case.intake, state):
        names = {**LABELS_ZH["missing"], **LABELS_ZH["unfiled"]}
        lines.append(f"- 待补材料 lacks: {'、'.join(names[code] for code in material)}")
    lines += list(_by_own_rules(case))
    lines += ["", "| 义务 duty | 到期 due | 依据 article | 状态 status |", "|---|---|---|---|"]
    lines += [_row(case, duty) for duty in case.clock.duties]
    lines += [f"\n延期 extension {name}: {_extension(case, ask)}" for name, ask in state.extensions.items()]
    return "\n".join(lines)


def _extension(case: Case, ask: Extension) -> str:
    """Return how an application for further time stands: how many days, who asked and who answered, each with the time."""
    said = [
        f"{labelled('extension_status', ask.status)} · {ask.asked.days} 日 days",
        f"申请 asked {named(ask.asked.by)} {_moment(case, ask.asked.at)}",
    ]
    if ask.approved:
        said.append(f"批准 approved {named(ask.approved.by)} {_moment(case, ask.approved.at)}")
    if ask.refused:
        who = "" if ask.refused.by == ev.SYSTEM else f"{named(ask.refused.by)} "
        said.append(f"拒绝 refused {who}{_moment(case, ask.refused.at)} ({ask.refused.code})")
    return " · ".join(said)


def _cause(failed: ev.StepFailed) -> str:
    return cause_of(failed.error)


def _moment(case: Case, at: datetime) -> str:
    return f"{at.astimezone(case.pack.zone):%Y-%m-%d %H:%M}"


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
        yield f"- 会办单 slip {name}: {named(slip.dispatched.department)} · {status} · {due}{late}"
    for name, sign_off in handling.shown_sign_offs.items():
        status = labelled("sign_off_status", sign_off.status)
        yield f"- 会签 sign-off {name}: {labelled('purpose', sign_off.asked.purpose)} · {status}"
    if handling.escalated:
        yield f"- 投诉升级 escalated from: {handling.escalated.earlier}"
    if handling.reviewer:
        yield f"- 核查人 reviewer: {named(handling.reviewer.unit)} / {named(handling.reviewer.reviewer)}"


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

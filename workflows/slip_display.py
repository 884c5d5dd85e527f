"""What an operator sees of a dispatch slip (会办单) in the Temporal UI."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from models import search_attributes as sa
from models.naming import named
from models.slips import SLIP_STATUS_ZH, Slip
from models.view import STATUS_ZH
from models.vocabulary import cause_of, labelled
from models.wording import people_day
from rulebook.clock import Alarm, CaseClock, Duty
from workflows.display import Shown


def index(slip: Slip, clock: CaseClock, held_up: Mapping[str, str]) -> Shown:
    """Return what an operator may filter slips by."""
    sent = slip.dispatched
    return (
        (sa.STAGE, f"slip_{slip.status}"),
        (sa.CATEGORY, [sent.category] if sent.category else []),
        (sa.UNIT, sent.unit),
        (sa.OVERDUE, clock.overdue),
        (sa.NEXT_DUE, sa.last_second(clock.next_due)),
        (sa.OUTAGE, sorted(set(held_up.values())) or None),
    )


def alarm_summary(clock: CaseClock, alarm: Alarm, zone: ZoneInfo) -> str:
    """Return what the slip's timer waits for, in words that an operator understands (at most 200 bytes)."""
    duty = clock.duty(alarm.duty)
    what = f"催办 reminder → {alarm.to}" if alarm.kind == "reminder" else "到期 due"
    citation = duty.article if duty and duty.deadline else ""
    return f"{what}: {alarm.duty} {people_day(alarm.due, zone)} {citation}"


def details(slip: Slip, clock: CaseClock, zone: ZoneInfo, held_up: Mapping[str, str]) -> str:
    """Return the slip in Markdown: whose it is, how it stands, and its duties with due dates and articles."""
    sent = slip.dispatched
    category = labelled("category", sent.category) if sent.category else "—"
    lines = [
        f"### 会办单 slip {sent.slip} · {SLIP_STATUS_ZH[slip.shown]} {slip.shown}",
        f"- 承办 department: {named(sent.unit)} / {named(sent.department)} / {named(sent.coordinator)}",
        f"- 类别 category: {category} · {'主办 main' if sent.main else '协办 co-handling'}",
        f"- 抄送 copies: {'、'.join(map(named, sent.copies)) or '—'}",
        f"- 进展报告 progress reports: {len(slip.progress)}",
        *(
            f"- ⏳ 系统故障，自动重试 tried until it is back: {step} · {cause_of(kind)}"
            for step, kind in held_up.items()
        ),
        "",
        "| 义务 duty | 到期 due | 依据 source | 状态 status |",
        "|---|---|---|---|",
        *(_row(duty, zone) for duty in clock.duties),
    ]
    return "\n".join(lines)


def _row(duty: Duty, zone: ZoneInfo) -> str:
    due = people_day(duty.due, zone) if duty.due else "及时 promptly"
    status = f"{STATUS_ZH[duty.status]} {duty.status}" + (" ⚠ 逾期 breached" if duty.breached else "")
    return f"| {duty.rule.title.zh} {duty.rule.title.en} | {due} | {duty.article} | {status} |"

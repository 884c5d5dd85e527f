"""What the clock says: every duty with every version of its deadline, breaches and reminders; and the seal of the record."""

from __future__ import annotations

from activities.closure_report.parts import Section, Table, pairs, section, table
from activities.closure_report.record import Record, stacked
from activities.closure_report.words import word
from activities.closure_report.work import BY, WHEN
from models.view import SHORTENED
from rulebook import events as ev
from rulebook.deadline import Deadline
from rulebook.duty import Duty


def duties(record: Record) -> Section:
    """Return every duty with its last day, article and pack, whether it was met, and the versions that it had before."""
    return section(
        "时限与义务",
        "Time limits and duties",
        table(
            ("义务", "Duties"),
            (
                *(("义务", "duty", 5), ("依据", "article", 3), ("起算", "start", 3)),
                *(("期限", "due", 3), ("状态", "status", 3), ("完成或终止", "ended", 3)),
            ),
            [_duty(record, duty) for duty in record.duties],
        ),
        table(
            ("期限的历次版本", "Versions of the deadlines"),
            (
                *(("义务", "duty", 3), ("版本", "version", 2), ("期限", "due", 3), ("计算", "computed as", 3)),
                *(("起因", "because of", 3), ("计算时间", "computed", 3)),
            ),
            [
                (
                    duty.key,
                    str(number),
                    stacked(record.last_day(one.due)) or "停算 paused",
                    f"{_sum(one)}\n{one.pack or ''}".strip(),
                    *_cause(record, one),
                )
                for duty in record.duties
                for number, one in enumerate(duty.versions, start=1)
                if len(duty.versions) > 1
            ],
        ),
        table(
            ("逾期与届满", "Breaches and windows that closed"),
            (WHEN, ("事项", "what", 3), ("义务", "duty", 4), ("期限", "due", 3)),
            [
                (record.at(one), _ended(one), one.duty, stacked(record.last_day(one.due)))
                for one in record.of(ev.DeadlineBreached, ev.WindowClosed)
            ],
        ),
        _notices(record),
        _moves(record),
        table(
            ("催办", "Reminders"),
            (WHEN, ("义务", "duty", 4), ("期限", "due", 3), ("提醒", "before", 2), ("对象", "to", 3)),
            [
                (
                    record.at(one),
                    one.duty,
                    stacked(record.last_day(one.due)),
                    one.before,
                    word("level", one.to or "coordinator"),
                )
                for one in record.of(ev.ReminderRaised)
            ],
        ),
    )


def _notices(record: Record) -> Table | None:
    return table(
        ("放假通知", "Notices that changed the calendar"),
        (WHEN, ("日历", "calendar", 2), ("通知", "notice", 5), ("会办单", "slip", 1)),
        [(record.at(one), one.calendar, one.notice.title, one.slip or "") for one in record.of(ev.CalendarAdopted)],
    )


def _moves(record: Record) -> Table | None:
    return table(
        ("规则变更", "Moves to other rules"),
        (WHEN, ("原规则", "from", 3), ("新规则", "to", 3), ("理由", "reason", 5), ("会办单", "slip", 1), BY),
        [
            (record.at(one), one.before, one.pack, one.reason, one.slip or "", record.who(one.by))
            for one in record.of(ev.RulesMoved)
        ],
    )


def _ended(event: ev.Event) -> str:
    if not isinstance(event, ev.DeadlineBreached):
        return "期间届满 window closed"
    return SHORTENED if event.shortened else "逾期 breached"


def _duty(record: Record, duty: Duty) -> tuple[str, ...]:
    deadline = duty.deadline
    pack = (deadline.pack if deadline else None) or record.pack.pack
    due = stacked(record.last_day(duty.due)) or ("停算 paused" if duty.versions else "及时 promptly")
    provisional = "\n暂定 provisional" if deadline and deadline.provisional else ""
    return (
        f"{duty.rule.title.zh}\n{duty.rule.title.en}\n{duty.key}",
        f"{duty.article}\n{word('layer', duty.layer)} · {pack}",
        stacked(record.when(duty.start)),
        due + provisional,
        word("status", duty.status) + ("\n逾期 breached" if duty.breached else ""),
        stacked(record.when(duty.ended_at)),
    )


def _sum(deadline: Deadline) -> str:
    limit = f"{deadline.amount} {word('unit', deadline.unit)}" if deadline.amount else "指定日期 day set"
    extended = f"\n+ {deadline.extended_by} 延长 extended" if deadline.extended_by else ""
    left_out = f"\n{len(deadline.pauses)} 段不计入 left out" if deadline.pauses else ""
    return f"{limit}{extended}{left_out}"


def _cause(record: Record, deadline: Deadline) -> tuple[str, str]:
    return deadline.reason or "", stacked(record.when(deadline.computed_at))


def seal(record: Record) -> Section:
    """Return what ties the paper to the record: the chain's head, the rules, and steps that a person took over."""
    pack = record.pack
    return section(
        "记录凭证",
        "The record",
        pairs(
            None,
            ("事件数", "events", str(len(record.events))),
            ("末条记录哈希", "head hash", record.head_hash),
            ("投诉内容哈希", "hash of what was said", record.content_hash),
            ("规则", "rules", f"{pack.pack}\n{pack.title.zh}\n{pack.title.en}"),
            ("规则哈希", "hash of the rules", pack.content_hash),
            ("依据", "sources", "\n".join(f"{one.title} {one.number}" for one in pack.sources)),
            ("工作日历", "calendar", record.calendar),
            ("组织数据", "organisation data", f"{record.organisation.version}\n{record.organisation.content_hash()}"),
            ("核验方法", "how to check", f"tousu verify {record.intake.complaint_id}"),
        ),
        table(
            ("系统步骤", "Steps of the machine that failed"),
            (WHEN, ("步骤", "step", 3), ("情况", "what", 6), BY),
            [
                (record.at(one), one.step, _step(one), record.who(one.by))
                for one in record.of(ev.StepFailed, ev.StepRetried, ev.StepSkipped)
            ],
        ),
        table(
            ("依记录恢复办理", "Recovered from the record, after the workflow had ended before the complaint"),
            (WHEN, ("原运行", "last run", 2), ("结束于", "ended", 2), ("理由", "reason", 5), BY),
            [
                (
                    record.at(one),
                    word("run_end", one.ended),
                    stacked(record.when(one.ended_at)),
                    one.reason,
                    record.who(one.by),
                )
                for one in record.of(ev.Recovered)
            ],
        ),
    )


def _step(event: ev.StepFailed | ev.StepRetried | ev.StepSkipped) -> str:
    match event:
        case ev.StepFailed():
            return f"失败 failed\n{event.error}"
        case ev.StepRetried():
            return "重试 retried"
        case ev.StepSkipped():
            return f"人工接替 taken over\n{event.reason}"

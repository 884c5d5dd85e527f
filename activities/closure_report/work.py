"""What was done about it: the investigation, the facts item by item, amounts, the decision and the measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from activities.closure_report.matter import particulars
from activities.closure_report.parts import Block, Section, pairs, prose, section, table
from activities.closure_report.record import Record
from activities.closure_report.words import word, yes
from models.particulars import corrected
from rulebook import events as ev

WHEN, TEXT, BY = ("时间", "when", 3), ("内容", "text", 7), ("经办", "by", 3)


def investigation(record: Record) -> Section:
    """Return how it was investigated (R154): who took it, every slip, every contact, every pause and extension."""
    return section(
        "调查过程",
        "The investigation",
        table(
            ("分派", "Assignment"),
            (WHEN, ("部门", "department", 3), ("协调员", "coordinator", 3), ("说明", "reason", 5), BY),
            [
                (
                    record.at(one),
                    f"{record.unit(one.unit)}\n{record.department(one.department)}",
                    record.who(one.coordinator),
                    "\n".join(filter(None, (one.reason, word("route", one.route)))),
                    record.who(one.by),
                )
                for one in record.of(ev.Assigned)
            ],
        ),
        table(
            ("核实任务", "Orders to verify"),
            (WHEN, ("部门", "department", 5), ("任务", "task", 5)),
            [
                (record.at(one), record.department(one.department), one.task)
                for one in record.of(ev.InvestigationOpened)
            ],
        ),
        *_slips(record),
        table(
            ("联系投诉人", "Contacts with the complainant"),
            (WHEN, ("方式", "method", 2), ("接通", "reached", 2), ("情况", "summary", 6), ("录音", "recording", 3), BY),
            [
                (record.at(one), one.method, yes(one.reached), one.summary, one.recording or "", record.who(one.by))
                for one in record.of(ev.ContactAttempted)
            ],
        ),
        table(
            ("联系方式变更", "Contact details changed"),
            (WHEN, ("变更的部分", "what changed", 8), BY),
            [
                (record.at(one), "\n".join(word("contact_part", part) for part in one.parts), record.who(one.by))
                for one in record.of(ev.ContactChanged)
            ],
        ),
        _corrections(record),
        _pauses(record),
        _extensions(record),
    )


def _corrections(record: Record) -> Block | None:
    """Return what was corrected of the particulars, with what was known before (PIPL art. 46)."""
    made = record.of(ev.ParticularsCorrected)
    states = [corrected(record.intake, made[:count]) for count in range(len(made) + 1)]
    return table(
        ("个人信息更正", "Particulars corrected"),
        (WHEN, ("原为", "before", 3), ("更正为", "corrected to", 3), ("原因", "reason", 4), BY),
        [
            (
                record.at(one),
                particulars(before, one.whose),
                particulars(after, one.whose),
                one.reason,
                record.who(one.by),
            )
            for one, before, after in zip(made, states, states[1:], strict=False)
        ],
    )


def _slips(record: Record) -> tuple[Block | None, ...]:
    return (
        table(
            ("会办单", "Dispatch slips"),
            (
                *(("单号", "slip", 1), ("部门", "department", 3), ("协调员", "coordinator", 3)),
                *(("类别", "type", 2), ("抄送", "copies", 2), ("说明", "reason", 4), ("状态", "status", 2)),
            ),
            [_slip(record, one) for one in record.of(ev.SlipDispatched)],
        ),
        table(
            ("会办经过", "What became of the slips"),
            (("单号", "slip", 1), WHEN, ("事项", "what", 2), TEXT, BY),
            [
                (one.slip, record.at(one), what, text, record.who(one.by))
                for one in record.of(ev.SlipEvent)
                for what, text in [_slip_step(one)]
            ],
        ),
    )


def _slip(record: Record, sent: ev.SlipDispatched) -> tuple[str, ...]:
    known = record.state.slips.get(sent.slip)
    instead = f"替代 replaces {sent.replaces}" if sent.replaces else ""
    role = "主办 main" if sent.main else "协办 co-handling"
    return (
        sent.slip,
        f"{record.unit(sent.unit)}\n{record.department(sent.department)}\n{role}",
        record.who(sent.coordinator),
        word("category", sent.category),
        "\n".join(record.department(copy) for copy in sent.copies),
        "\n".join(filter(None, (sent.reason, instead))),
        word("slip_status", known.shown) if known else "",
    )


def _slip_step(event: ev.SlipEvent) -> tuple[str, str]:
    what, text = _SLIP_STEPS[type(event)]
    return what, getattr(event, text, text)


_SLIP_STEPS: Mapping[type[ev.SlipEvent], tuple[str, str]] = {
    ev.SlipDispatched: ("发出 dispatched", ""),
    ev.SlipAccepted: ("接收 accepted", ""),
    ev.SlipReturned: ("退单 returned", "reason"),
    ev.SlipProgressed: ("进展 progress", "text"),
    ev.SlipAnswered: ("反馈 answered", "见“事实与性质” see facts and nature"),
    ev.SlipSentBack: ("返回重新调查 sent back", "reason"),
    ev.SlipRecalled: ("收回 recalled", "reason"),
}
"""What a step is called, and the field that holds its text."""


def _pauses(record: Record) -> Block | None:
    ends = {one.pause: one for one in record.of(ev.ClockResumed)}
    rows = []
    for one in record.of(ev.ClockPaused):
        end = ends.get(one.pause)
        until = f"{record.at(end)}\n{end.reason}" if end else "未恢复 still running"
        rows.append((one.pause, record.ground(one.ground), record.at(one), until, one.reason, record.who(one.by)))
    unknown = [(one.pause, "", "", f"{record.at(one)}\n{one.reason}", "", record.who(one.by)) for one in ends.values()]
    started = {row[0] for row in rows}
    return table(
        ("不计入期限的期间", "Time left out of the limit"),
        (
            *(("编号", "pause", 2), ("事由", "ground", 3), ("起", "from", 3)),
            *(("止", "to", 3), ("理由", "reason", 4), BY),
        ),
        [*rows, *(row for row in unknown if row[0] not in started)],
    )


def _extensions(record: Record) -> Block | None:
    rows = []
    for one in record.of(ev.ExtensionRequested, ev.ExtensionApproved, ev.ExtensionRefused):
        match one:
            case ev.ExtensionRequested():
                what, text = f"申请 requested\n{one.days} 日 days", one.reason
            case ev.ExtensionApproved():
                what = f"批准 approved\n{one.days} 日 days"
                text = f"{word('approval_ground', one.ground)}\n{one.reason}"
            case ev.ExtensionRefused():
                what, text = f"未获批准 refused\n{one.code}", one.reason
        rows.append((one.request, record.at(one), what, text, record.who(one.by)))
    return table(("延长期限", "Extensions"), (("申请", "request", 2), WHEN, ("事项", "what", 3), TEXT, BY), rows)


def facts(record: Record) -> Section:
    """Return facts and nature, each item by itself (R154): findings, verification, liability, causes, rulings."""
    findings = record.of(ev.FindingsSubmitted, ev.SlipAnswered)
    blocks: list[Block | None] = []
    for number, one in enumerate(findings, start=1):
        note = " · ".join(filter(None, (record.when(one.at), record.people([one.by]), "、".join(one.evidence))))
        blocks.append(prose(f"第 {number} 项 {_source(record, one)}", f"Item {number}", one.findings, note))
    for decision in record.of(ev.DecisionMade):
        blocks += [
            pairs(
                ("责任认定", "Liability and causes"),
                ("责任", "liability", word("liability", decision.liability)),
                ("原因", "causes", "、".join(decision.causes)),
                ("责任环节", "responsible links", "、".join(decision.links)),
                (
                    "认定机构",
                    "decided by",
                    f"{record.unit(decision.unit)}（{word('decided_by', decision.decided_by)}）",
                ),
                ("时间", "when", record.when(decision.at)),
                ("决定人", "by", record.people([decision.by])),
            ),
            prose("核实情况", "What was verified", decision.verification),
            prose("依据", "Basis", decision.basis),
            prose("理由", "Reasons", decision.reasons),
        ]
    rulings = [
        (record.at(one), one.meeting, word("liability", one.liability), "、".join(one.causes), record.who(one.by))
        for one in record.of(ev.LiabilityRuled)
    ]
    return section(
        "事实与性质",
        "Facts and nature, item by item",
        *blocks,
        table(
            ("委员会责任认定", "Rulings of the committee on liability"),
            (WHEN, ("会议", "meeting", 2), ("责任", "liability", 3), ("原因", "causes", 5), BY),
            rulings,
        ),
        table(
            ("系统故障说明", "What was wrong with the system"),
            (WHEN, TEXT, BY),
            [(record.at(one), one.fault, record.who(one.by)) for one in record.of(ev.FaultDescribed)],
        ),
    )


def _source(record: Record, event: ev.FindingsSubmitted | ev.SlipAnswered) -> str:
    if isinstance(event, ev.FindingsSubmitted):
        return "核实报告"
    slip = record.state.slips.get(event.slip)
    department = record.department(slip.dispatched.department) if slip else ""
    return f"会办单 {event.slip} {department}".strip()


def amounts(record: Record) -> Section:
    """Return the amounts where money or a violation is concerned (R154), with a total for each currency."""
    totals: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    rows = []
    for one in record.of(ev.MeasureRecorded):
        if one.amount is not None:
            totals[one.currency, one.status] += one.amount
            rows.append((one.measure, word("measure", one.status), _money(one.amount), one.currency))
    for (currency, status), total in sorted(totals.items()):
        rows.append(("合计 total", word("measure", status), _money(total), currency))
    return section(
        "涉及金额",
        "Amounts",
        table(
            ("金额", "Amounts"),
            (("措施", "measure", 6), ("状态", "status", 2), ("金额", "amount", 2), ("币种", "currency", 1)),
            rows,
        ),
    )


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def measures(record: Record) -> Section:
    """Return what was decided, what the customer said to it, and the measures taken or planned (R120, R154)."""
    return section(
        "处理决定与措施",
        "The decision and the measures",
        *(
            prose(
                "处理决定",
                "Decision",
                one.decision,
                f"{record.when(one.at)} · {record.people([one.by])} · 双方达成一致 agreed: {yes(one.agreed)}",
            )
            for one in record.of(ev.DecisionMade)
        ),
        table(
            ("投诉人意见", "What the customer said"),
            (WHEN, ("认可", "accepts", 2), ("影响", "impact", 2), TEXT, BY),
            [
                (record.at(one), yes(one.accepts), word("impact", one.impact), one.summary, record.who(one.by))
                for one in record.of(ev.CustomerResponded)
            ],
        ),
        *(
            prose("最终处理意见", "Final opinion", one.opinion, f"{record.when(one.at)} · 会议 meeting {one.meeting}")
            for one in record.of(ev.FinalOpinionGiven)
        ),
        table(
            ("措施", "Measures"),
            (WHEN, ("措施", "measure", 6), ("状态", "status", 2), ("计划日期", "planned for", 2), BY),
            [
                (
                    record.at(one),
                    one.measure,
                    word("measure", one.status),
                    one.last_day.isoformat() if one.last_day else "",
                    record.who(one.by),
                )
                for one in record.of(ev.MeasureRecorded)
            ],
        ),
    )

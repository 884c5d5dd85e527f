"""What the insurer answers for: major cases, notices, approvals, callback, review, closure."""

from __future__ import annotations

from activities.closure_report.parts import Block, Section, pairs, prose, section, table
from activities.closure_report.record import Record, stacked
from activities.closure_report.words import word, yes
from activities.closure_report.work import BY, TEXT, WHEN
from rulebook import events as ev

RESTRICTED = "受限内容 restricted"
"""What stands for an entry that few may read (R024, C17)."""


def major(record: Record) -> Section:
    """Return progress, trend and stability measures of a group, major or difficult case (R154)."""
    summaries = record.of(ev.CaseSummarised)
    return section(
        "群体性、重大、疑难投诉",
        "Group, major and difficult cases",
        table(
            ("委员会会议", "The committee"),
            (
                *(WHEN, ("会议", "meeting", 2), ("议题", "subject", 3), ("成员", "members", 3)),
                *(("决议", "resolution", 5), ("合法合规", "lawful", 2)),
            ),
            [
                (
                    record.at(one),
                    one.meeting,
                    word("subject", one.subject),
                    record.people(one.members),
                    one.resolution,
                    yes(one.lawful),
                )
                for one in record.of(ev.CommitteeMet)
            ],
        ),
        table(
            ("应急预案", "Contingency plan"),
            (WHEN, ("预案", "plan", 4), ("负责人", "lead", 3), ("步骤", "steps", 6), BY),
            [
                (record.at(one), one.plan, record.who(one.lead), "\n".join(one.steps), record.who(one.by))
                for one in record.of(ev.ContingencyStarted)
            ],
        ),
        table(
            ("上报", "Reported up"),
            (WHEN, ("报送", "to", 3), ("文件", "document", 4), ("建议", "proposal", 5), BY),
            [_report(record, one) for one in record.of(ev.ReportedUp, ev.EndReported)],
        ),
        table(
            ("进展", "Progress told"),
            (WHEN, TEXT, BY),
            [(record.at(one), one.text, record.who(one.by)) for one in record.of(ev.ProgressWritten)],
        ),
        *_outside(record),
        *(prose("发展趋势", "Trend", one.trend) for one in summaries),
        *(prose("稳控措施", "Stability measures", one.stability) for one in summaries),
    )


def _outside(record: Record) -> tuple[Block | None, ...]:
    """Return what was told before the limit ended, and where else the complaint was taken."""
    return (
        table(
            ("尚未答复的说明", "Holding letters"),
            (WHEN, ("预计答复", "expected by", 3), TEXT, BY),
            [
                (record.at(one), one.last_day.isoformat(), one.reason, record.who(one.by))
                for one in record.of(ev.HoldingWritten)
            ],
        ),
        table(
            ("诉诸外部机构", "Taken to an outside scheme"),
            (WHEN, ("机构", "scheme", 4), ("编号", "reference", 4), BY),
            [
                (record.at(one), record.scheme(one.scheme), one.reference, record.who(one.by))
                for one in record.of(ev.SchemeSought)
            ],
        ),
    )


def _report(record: Record, event: ev.ReportedUp | ev.EndReported) -> tuple[str, ...]:
    if isinstance(event, ev.EndReported):
        return record.at(event), "处理终结报告 end reported", event.document, "", record.who(event.by)
    to = word("reported_to", event.to) + ("\n紧急 urgent" if event.urgent else "")
    return record.at(event), to, event.document, event.proposal, record.who(event.by)


def notices(record: Record) -> Section:
    """Return every notice to the complainant with its proof, and every one that need not be given (art. 21)."""
    told = {one.notice for one in record.of(ev.NoticeGiven)}
    received = {one.notice: one for one in record.of(ev.NoticeReceived)}
    rows = []
    for one in record.of(ev.NoticeGiven):
        hand_over = received.pop(one.notice, None)
        proof = f"收到 received {record.when(hand_over.at)}\n{hand_over.proof}" if hand_over else ""
        method = one.method if one.body_hash else f"{one.method}\n人工 by hand"
        text = "\n".join(filter(None, (one.proof, proof)))
        rows.append((record.at(one), word("notice", one.kind), method, text, one.body_hash or "—"))
    rows += [(record.at(one), word("notice", one.kind), "收到 received", one.proof, "") for one in received.values()]
    rows += [
        (stacked(record.when(one.written_at)), word("notice", one.kind), one.method, "未发出 not sent", one.body_hash)
        for one in record.notices
        if one.notice not in told
    ]
    return section(
        "告知与证明",
        "Notices and their proof",
        table(
            ("告知", "Notices"),
            (WHEN, ("事项", "notice", 3), ("方式", "method", 2), ("证明", "proof", 4), ("正文 SHA-256", "text", 4)),
            rows,
        ),
        table(
            ("免于告知", "Exempted from telling"),
            (WHEN, ("事项", "notice", 4), ("理由", "reason", 6), BY),
            [
                (record.at(one), word("notice", one.kind), _exempted(one), record.who(one.by))
                for one in record.of(ev.NoticeExempted, ev.ExemptionLifted)
            ],
        ),
    )


def _exempted(event: ev.NoticeExempted | ev.ExemptionLifted) -> str:
    if isinstance(event, ev.NoticeExempted):
        return event.reason
    return " ".join(filter(None, ("已取得联系，恢复告知 reached after all", event.ref)))


def approvals(record: Record) -> Section:
    """Return who approved and who signed what, in which capacity; restricted entries without their content (C17)."""
    return section(
        "审批与会签",
        "Approvals and sign-offs",
        table(
            ("会签", "Sign-offs"),
            (("编号", "no.", 1), WHEN, ("事项", "what", 3), TEXT, BY),
            [_sign_off(record, one) for one in record.of(ev.SignOffRequested, ev.SignOffGiven, ev.SignOffRefused)],
        ),
        table(
            ("延长期限的审批", "Extensions decided"),
            (("申请", "request", 2), WHEN, ("事项", "what", 3), ("理由", "reason", 7), BY),
            [
                (
                    one.request,
                    record.at(one),
                    f"批准 approved\n{word('approval_ground', one.ground)}"
                    if isinstance(one, ev.ExtensionApproved)
                    else f"未获批准 refused\n{one.code}",
                    one.reason,
                    record.who(one.by),
                )
                for one in record.of(ev.ExtensionApproved, ev.ExtensionRefused)
            ],
        ),
        table(
            ("其他", "Other acts"),
            (WHEN, ("事项", "what", 3), TEXT, BY),
            [
                (record.at(one), what, text, record.who(one.by))
                for one in record.of(
                    ev.RegulatorAnswered, ev.Released, ev.ClosureDelegated, ev.VexatiousFlagged, ev.VexatiousLifted
                )
                for what, text in [_act(record, one)]
            ],
        ),
    )


def _sign_off(
    record: Record, event: ev.SignOffRequested | ev.SignOffGiven | ev.SignOffRefused
) -> tuple[str, str, str, str, str]:
    purpose = RESTRICTED if event.purpose == "vexatious" else word("purpose", event.purpose)
    match event:
        case ev.SignOffRequested():
            what, text = "提请 requested", event.text
        case ev.SignOffGiven():
            done = "\n会签完成 complete" if event.complete else ""
            what, text = f"{word('capacity', event.capacity)}{done}", event.remarks
        case ev.SignOffRefused():
            what, text = f"{word('capacity', event.capacity)}\n未通过 refused", event.reason
    shown = "" if event.purpose == "vexatious" else text
    return event.sign_off, record.at(event), f"{purpose}\n{what}", shown, record.who(event.by)


def _act(record: Record, event: ev.Event) -> tuple[str, str]:
    match event:
        case ev.RegulatorAnswered():
            return "书面报告监管 reported to the regulator", f"{event.sign_off}\n{event.report}\n{event.proof}"
        case ev.Released():
            return "对外提供或公开答复 released", f"{event.sign_off}\n{event.proof}"
        case ev.ClosureDelegated():
            return "授权结案 closure delegated", f"{record.unit(event.unit)}\n{event.reason}"
        case _:
            return RESTRICTED, ""


def callback(record: Record) -> Section:
    """Return the callback and the satisfaction that was expressed (R164)."""
    return section(
        "回访与满意度",
        "Callback and satisfaction",
        table(
            ("回访", "Callback"),
            (
                WHEN,
                ("任务", "task", 3),
                ("接通", "reached", 2),
                ("满意度", "satisfaction", 2),
                ("意见", "remarks", 5),
                BY,
            ),
            [_call(record, one) for one in record.of(ev.CallbackOpened, ev.CalledBack)],
        ),
    )


def _call(record: Record, event: ev.CallbackOpened | ev.CalledBack) -> tuple[str, ...]:
    if isinstance(event, ev.CallbackOpened):
        return record.at(event), event.task, "", "", "安排回访 ordered", record.who(event.by)
    satisfaction = f"{event.satisfaction}/5" if event.satisfaction else "—"
    return record.at(event), event.task, yes(event.reached), satisfaction, event.remarks, record.who(event.by)


def review(record: Record) -> Section:
    """Return the review of a branch's decision (核查, art. 20)."""
    blocks: list[Block | None] = [
        table(
            ("核查申请", "Requests and reviewers"),
            (("编号", "review", 2), WHEN, ("事项", "what", 3), TEXT, BY),
            [
                (one.review, record.at(one), "申请核查 requested", one.reason, record.who(one.by))
                if isinstance(one, ev.ReviewRequested)
                else (
                    *(one.review, record.at(one), "指定核查人 reviewer appointed"),
                    *(f"{record.unit(one.unit)}\n{record.people([one.reviewer])}", record.who(one.by)),
                )
                for one in record.of(ev.ReviewRequested, ev.ReviewerAppointed)
            ],
        )
    ]
    for one in record.of(ev.ReviewExamined, ev.ReviewDecided):
        label = (
            ("核查决定", "Decision on the review") if isinstance(one, ev.ReviewDecided) else ("核查报告", "Examination")
        )
        decided = (
            (word("outcome", one.outcome), record.unit(one.unit)) if isinstance(one, ev.ReviewDecided) else ("", "")
        )
        blocks.append(
            pairs(
                label,
                ("结论", "outcome", decided[0]),
                ("机构", "unit", decided[1]),
                ("处理过程", "process", one.process),
                ("处理时限", "time limits", one.time_limits),
                ("处理结果", "result", one.result),
                ("时间", "when", record.when(one.at)),
                ("经办", "by", record.people([one.by])),
            )
        )
    return section("核查", "Review", *blocks)


def closure(record: Record) -> Section:
    """Return how the case ended, and what was learned from it (R155)."""
    endings = record.of(ev.Withdrawn, ev.HandlingRefused, ev.Merged, ev.Closed, ev.Reopened)
    return section(
        "结案与总结",
        "Closure and lessons",
        table(
            ("结案", "Closure"),
            (WHEN, ("事项", "what", 4), ("理由", "reason", 6), BY),
            [(record.at(one), _ending(one), one.reason, record.who(one.by)) for one in endings],
        ),
        *(
            block
            for one in record.of(ev.CaseSummarised)
            for block in (
                prose("案后总结", "Summary", one.summary, f"{record.when(one.at)} · {record.people([one.by])}"),
                prose("改进措施", "Improvements", one.improvements),
            )
        ),
    )


def _ending(event: ev.Withdrawn | ev.HandlingRefused | ev.Merged | ev.Closed | ev.Reopened) -> str:
    match event:
        case ev.Withdrawn():
            return "投诉人撤回 withdrawn"
        case ev.HandlingRefused():
            return "不予办理 handling refused"
        case ev.Merged():
            return f"合并处理 merged into\n{event.into}"
        case ev.Closed():
            return f"结案 closed\n{word('result', event.result)}"
        case ev.Reopened():
            return "重新办理 reopened"

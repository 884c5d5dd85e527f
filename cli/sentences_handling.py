"""What an auditor reads for the events of the insurer's own rules: slips, sign-offs, the committee, major cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.vocabulary import LABELS_ZH, labelled
from rulebook import events as ev


def _lacks(codes: tuple[str, ...]) -> str:
    return "、".join(LABELS_ZH["missing"].get(code, code) for code in codes)


def _purpose(event: Any) -> str:
    return f"{event.sign_off} · {labelled('purpose', event.purpose)}"


def _slip_sent(event: ev.SlipDispatched) -> str:
    role = "主办 main" if event.main else "协办 co-handling"
    instead = f" · 重派 instead of {event.replaces}" if event.replaces else ""
    category = f" · {LABELS_ZH['category'].get(event.category, event.category)}" if event.category else ""
    return f"发出会办单 slip {event.slip} · {role} · {event.unit} {event.department}{category}{instead}"


def _measure(event: ev.MeasureRecorded) -> str:
    amount = f" · {event.amount} {event.currency}" if event.amount is not None else ""
    state = f"计划于 planned for {event.last_day}" if event.status == "planned" else "已采取 taken"
    return f"处理措施 measure · {state}{amount}"


HANDLING_SENTENCES: Mapping[type[ev.Event], Callable[[Any], str]] = {
    ev.IntakeExamined: lambda e: (
        f"受理审查 examined · {labelled('origin', e.origin)}" + (f" · 待补 lacks {_lacks(e.lacks)}" if e.lacks else "")
    ),
    ev.MaterialRequested: lambda e: f"要求补充材料 material requested · {_lacks(e.codes)}",
    ev.MaterialReceived: lambda e: f"收到补充材料 material received · {_lacks(e.codes)}",
    ev.ProgressWritten: lambda e: f"处理进展 progress written · {e.progress}",
    ev.HoldingWritten: lambda e: f"说明尚未办结 holding letter written · {e.holding} · 预计 expected by {e.last_day}",
    ev.SchemeSought: lambda e: f"诉诸外部机构 taken to an outside scheme · {e.scheme}",
    ev.AnswerDemanded: lambda e: f"监管要求书面答复 the regulator wants a written report · 至 by {e.last_day}",
    ev.RegulatorAnswered: lambda e: f"已书面报告监管 reported to the regulator · {e.sign_off}",
    ev.SignOffRequested: lambda e: f"提请会签 sign-off requested · {_purpose(e)}",
    ev.SignOffGiven: lambda e: (
        f"{LABELS_ZH['capacity'][e.capacity]} signed · {_purpose(e)}" + (" · 会签完成 complete" if e.complete else "")
    ),
    ev.SignOffRefused: lambda e: f"{LABELS_ZH['capacity'][e.capacity]}未通过 sign-off refused · {_purpose(e)}",
    ev.Released: lambda e: f"已对外提供或公开答复 released · {e.sign_off}",
    ev.CommitteeMet: lambda e: f"委员会会议 committee met · {e.meeting} · {labelled('subject', e.subject)}",
    ev.LiabilityRuled: lambda e: f"委员会责任认定 liability ruled · {labelled('liability', e.liability)} · {e.meeting}",
    ev.ContingencyStarted: lambda _: "启动应急预案 contingency plan started",
    ev.ReportedUp: lambda e: (
        f"重大投诉报告 reported up · {labelled('reported_to', e.to)}" + (" · 紧急 urgent" if e.urgent else "")
    ),
    ev.EndReported: lambda _: "处理终结报告 end reported",
    ev.Escalated: lambda e: (
        f"投诉升级 escalated · {labelled('taken_to', e.to)} · 原投诉 earlier {e.earlier}"
        + (" · 原投诉有责 responsible" if e.responsible else "")
    ),
    ev.CountingExcluded: lambda e: f"不计入公司投诉统计 not counted · {labelled('uncounted', e.ground)}",
    ev.Absorbed: lambda e: f"并入投诉 absorbed · {e.complaint}",
    # Who may know of the flag asks for it (R024, C17); a timeline is read by many.
    ev.VexatiousFlagged: lambda _: "受限事项 restricted entry",
    ev.VexatiousLifted: lambda _: "受限事项 restricted entry",
    ev.CustomerResponded: lambda e: "投诉人认可 customer accepts" if e.accepts else "投诉人不认可 customer refuses",
    ev.FinalOpinionGiven: lambda e: f"最终处理意见 final opinion · {e.meeting}",
    ev.ExemptionLifted: lambda e: f"已取得联系，恢复告知 reached after all, to be told · {e.kind}",
    ev.Reopened: lambda _: "已取得联系，重新办理 reopened",
    ev.ClosureDelegated: lambda e: f"授权结案 closure delegated · {e.unit}",
    ev.FaultDescribed: lambda _: "系统故障说明 fault described",
    ev.MeasureRecorded: _measure,
    ev.CaseSummarised: lambda _: "案后总结 summarised",
    ev.ReviewerAppointed: lambda e: f"指定核查人 reviewer appointed · {e.unit} → {e.reviewer}",
    ev.ReviewExamined: lambda _: "核查报告 review examined",
    ev.SlipDispatched: _slip_sent,
    ev.SlipAccepted: lambda e: f"接收会办单 slip accepted · {e.slip}",
    ev.SlipReturned: lambda e: f"退回会办单 slip returned · {e.slip}",
    ev.SlipProgressed: lambda e: f"会办进展 slip progress · {e.slip}",
    ev.SlipAnswered: lambda e: f"会办反馈 slip answered · {e.slip}",
    ev.SlipSentBack: lambda e: f"返回重新调查 slip sent back · {e.slip}",
    ev.SlipRecalled: lambda e: f"收回会办单 slip recalled · {e.slip}",
}
"""One sentence for every one of them."""

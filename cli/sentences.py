"""What an auditor reads for every event: Chinese first, English second, nothing that names the complainant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cli.output import deadline, instant
from cli.sentences_handling import HANDLING_SENTENCES
from models.vocabulary import LABELS_ZH, labelled
from rulebook import events as ev

_WHOSE = {"complainant": "投诉人 complainant", "agent": "代理人 agent"}
_PARTICULARS = {"name": "姓名或名称 name", "document": "证件 document", "number": "证件号码 number"}


def _method(event: Any) -> str:
    return labelled("contact_method", event.method)


def _notice(kind: str) -> str:
    return f"{labelled('notice', kind)}"


def _ground(ground: str) -> str:
    return labelled("pause_ground", ground)


def _reached(event: Any) -> str:
    return "已接通 reached" if event.reached else "未接通 not reached"


def _reminder(event: ev.ReminderRaised) -> str:
    if event.to is None:
        return "期限提醒 reminder"
    passed = (
        f"（越过 passed over {'、'.join(LABELS_ZH['level'][level] for level in event.passed)}）" if event.passed else ""
    )
    return f"催办 reminder slip → {labelled('level', event.to)}{passed}"


def _satisfaction(event: ev.CalledBack) -> str:
    return f" · 满意度 satisfaction {event.satisfaction}/5" if event.satisfaction else ""


SENTENCES: Mapping[type[ev.Event], Callable[[Any], str]] = {
    ev.Received: lambda e: f"收到投诉 received · {LABELS_ZH['channel'].get(e.channel, e.channel)} · {e.unit}",
    ev.Imported: lambda e: f"自其他系统迁入 imported · {e.source} · {e.events} 项 events · sha256 {e.digest[:12]}",
    ev.Acknowledged: lambda e: f"已登记 acknowledged · {e.ticket}",
    ev.Classified: lambda e: (
        f"分类 classified · {LABELS_ZH['complexity'][e.complexity]} {e.complexity} · {labelled('severity', e.severity)}"
    ),
    ev.Assigned: lambda e: f"分派 assigned · {e.unit} {e.department} → {e.coordinator}",
    ev.InvestigationOpened: lambda e: f"开始核实 investigation opened · {e.department}",
    ev.FindingsSubmitted: lambda _: "提交核实情况 findings submitted",
    ev.DecisionMade: lambda e: f"作出处理决定 decided · {labelled('liability', e.liability)} · {e.unit}",
    ev.NoticeGiven: lambda e: f"已告知 told · {_notice(e.kind)} · {_method(e)}",
    ev.NoticeExempted: lambda e: f"无法联系，免于告知 exempted from telling · {_notice(e.kind)}",
    ev.NoticeReceived: lambda e: f"投诉人已收到 received by the complainant · {_notice(e.kind)}",
    ev.ContactAttempted: lambda e: f"联系投诉人 contact attempted · {_method(e)} · {_reached(e)}",
    ev.ContactChanged: lambda e: (
        f"联系方式变更 contact details changed · {'、'.join(LABELS_ZH['contact_part'][part] for part in e.parts)}"
    ),
    ev.ParticularsCorrected: lambda e: (
        f"更正 corrected · {_WHOSE[e.whose]} · {'、'.join(_PARTICULARS[part] for part in e.parts)}"
    ),
    ev.ExtensionRequested: lambda e: f"申请延期 extension requested · {e.request} · {e.days} 日 days",
    ev.ExtensionApproved: lambda e: (
        f"批准延期 extension approved · {e.request} · {e.days} 日 days · {labelled('approval_ground', e.ground)}"
    ),
    ev.ExtensionRefused: lambda e: f"未获延期 extension refused · {e.request} · {e.code}",
    ev.ClockPaused: lambda e: f"期限停算 clock paused · {e.pause} · {_ground(e.ground)}",
    ev.ClockResumed: lambda e: f"期限恢复计算 clock resumed · {e.pause}",
    ev.FactsAdded: lambda _: "新的事实和理由，期限重新计算 new facts, the limit restarts",
    ev.Withdrawn: lambda _: "投诉人撤回 withdrawn",
    ev.HandlingRefused: lambda e: f"不予办理 handling refused · {e.ground}",
    ev.Merged: lambda e: f"合并处理 merged into {e.into}",
    ev.CallbackOpened: lambda _: "安排回访 callback ordered",
    ev.CalledBack: lambda e: f"已回访 called back · {_reached(e)}{_satisfaction(e)}",
    ev.Closed: lambda e: f"结案 closed · {labelled('result', e.result)}",
    ev.ReviewRequested: lambda e: f"申请核查 review requested · {e.review}",
    ev.ReviewDecided: lambda e: f"作出核查决定 review decided · {e.outcome}",
    ev.ReminderRaised: lambda e: f"{_reminder(e)} · {e.duty} · 期限 due {deadline(e.due)}",
    ev.DeadlineBreached: lambda e: (
        f"{'提前到期 brought forward' if e.shortened else '逾期 breached'} · {e.duty} · 期限 due {deadline(e.due)}"
    ),
    ev.CalendarAdopted: lambda e: (
        f"采用放假通知 calendar adopted · {e.calendar} · {e.notice.title}" + (f" · {e.slip}" if e.slip else "")
    ),
    ev.RulesMoved: lambda e: f"变更适用规则 rules moved · {e.before} → {e.pack}" + (f" · {e.slip}" if e.slip else ""),
    ev.WindowClosed: lambda e: f"期间届满 window closed · {e.duty}",
    ev.StepFailed: lambda e: f"机器步骤失败，待人工处理 step failed · {e.step} · {labelled('waits_for', e.error)}",
    ev.StepRetried: lambda e: f"重试 step retried · {e.step}",
    ev.StepSkipped: lambda e: f"人工接替 step skipped · {e.step}",
    ev.Recovered: lambda e: (
        f"依记录恢复办理 recovered from the record · 原运行 last run: {labelled('run_end', e.ended)}"
    ),
    ev.CommandRefused: lambda e: f"命令被拒绝 command refused · {e.command} · {e.code}",
    **HANDLING_SENTENCES,
}
"""One sentence for every type of event."""


def sentence(event: ev.Event) -> str:
    """Return what *event* says."""
    return SENTENCES[type(event)](event)


def when(event: ev.Event) -> str:
    """Return the legal instant of *event*, with the day it was written down where that was another minute."""
    at, recorded = instant(event.at), instant(event.recorded_at)
    return at if at == recorded else f"{at}\n记录于 recorded {recorded}"

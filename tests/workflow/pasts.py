"""What another system tells of complaints that it has begun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from models.opening import Past
from rulebook import events as ev
from tests.workflow.stage import CALLER, CLAIMS, SENIOR, SERVICE

DIGEST = "5" * 64
TOLD_ELSEWHERE = {
    "method": "letter",
    "template": "elsewhere",
    "template_hash": "",
    "body_hash": "",
    "proof": "挂号信 1",
}
Told = tuple[type[ev.Event], float, str, dict[str, Any]]

TICKET: Told = (ev.Acknowledged, 0.01, ev.SYSTEM, {"ticket": "旧-0042"})
ASSIGNED: Told = (
    ev.Assigned,
    1,
    SERVICE,
    {"unit": "gd-gz", "department": "gd-gz-yg", "coordinator": CLAIMS, "reason": "理赔"},
)
FOUND: Told = (ev.FindingsSubmitted, 4, CLAIMS, {"findings": "资料齐全。"})


def told(kind: str, day: float, ref: str | None = None) -> Told:
    return (ev.NoticeGiven, day, SERVICE, {"kind": kind, "notice": f"elsewhere-{kind}", "ref": ref, **TOLD_ELSEWHERE})


def decided(day: float) -> Told:
    return (
        ev.DecisionMade,
        day,
        SERVICE,
        {
            "decided_by": "branch",
            "unit": "gd-gz",
            "liability": "responsible",
            "causes": ("claims_delay",),
            "decision": "支付理赔款。",
            "verification": "属实。",
            "basis": "保险法第二十三条。",
            "reasons": "审核延误。",
            "agreed": True,
        },
    )


def called_back(day: float) -> Told:
    return (ev.CalledBack, day, CALLER, {"task": "elsewhere", "reached": True, "satisfaction": 4})


def closed(day: float, result: str = "responsible") -> Told:
    return (ev.Closed, day, SERVICE, {"reason": "处理完毕。", "result": result})


EXTENDED: tuple[Told, ...] = (
    (ev.ExtensionRequested, 10, SERVICE, {"request": "x1", "days": 30, "reason": "需外地取证"}),
    (
        ev.ExtensionApproved,
        12,
        SENIOR,
        {"request": "x1", "days": 30, "ground": "head_office_senior_manager", "reason": "同意"},
    ),
    told("extension", 13, "x1"),
)
PAUSED: tuple[Told, ...] = (
    (ev.ClockPaused, 14, SERVICE, {"pause": "p1", "ground": "external_appraisal", "reason": "伤残鉴定"}),
    told("pause", 14.1, "p1"),
    (ev.ClockResumed, 20, SERVICE, {"pause": "p1", "reason": "鉴定完成"}),
)


CLOSED_THERE: tuple[Told, ...] = (
    TICKET,
    told("receipt", 0.02),
    decided(9),
    told("decision", 10),
    called_back(11),
    closed(12),
)
"""Decided, told and closed there; nothing says to whom it was given."""


def past(*events: Told) -> Callable[[datetime], Past]:
    """Return what tells *events*, each so many days after the receipt, once the receipt is known."""

    def of(received: datetime) -> Past:
        made = []
        for kind, day, by, facts in events:
            at = received + timedelta(days=day)
            made.append(kind.model_validate({"at": at, "recorded_at": at, "by": by, **facts}))
        return Past(source="旧系统", digest=DIGEST, by="p-hq-kf-01", events=tuple(made))

    return of

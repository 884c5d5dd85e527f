"""Commands that must be refused: their usual fields, and how a test tries a list of them in one play."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip
from rulebook.pack import rule_pack
from tests.calendars import notice_text
from tests.workflow.stage import CHAIR, CLAIMS, HEAD, REVIEW, REVIEWER, SERVICE, SUPERIOR, Play, Stage

COUNTY = "p-gd-gz-zc-kf-01"
ELSEWHERE = "p-zj-hz-kf-01"
"""Customer service of a city in another province."""
HEAD_OFFICE = "p-hq-kf-01"
TEXT = "核查情况说明。"
DAY = timedelta(days=1)
OLD = rule_pack("cn-2013-8")
OFFICER = "p-hq-xb-01"
"""Consumer protection of head office."""
FIELDS: dict[type[cmd.Command], dict[str, Any]] = {
    cmd.Classify: {"complexity": "complex", "reason": TEXT},
    cmd.Assign: {"unit": "gd-gz", "department": "gd-gz-yg", "coordinator": CLAIMS, "reason": TEXT},
    cmd.SubmitFindings: {"findings": TEXT},
    cmd.Decide: {
        "liability": "responsible",
        "causes": ["claims_delay"],
        "verification": TEXT,
        "basis": TEXT,
        "reasons": TEXT,
        "decision": TEXT,
        "agreed": True,
    },
    cmd.RequestExtension: {"days": 5, "reason": TEXT},
    cmd.ApproveExtension: {"request": "x1", "reason": TEXT},
    cmd.RefuseExtension: {"request": "x1", "reason": TEXT},
    cmd.Pause: {"ground": "mediation", "reason": TEXT},
    cmd.Resume: {"pause": "p1", "reason": TEXT},
    cmd.AddFacts: {"summary": TEXT},
    cmd.Withdraw: {"reason": TEXT},
    cmd.RefuseHandling: {"reason": TEXT},
    cmd.Merge: {"into": "T-other", "reason": TEXT},
    cmd.ChangeContact: {"phone": "13900000000"},
    cmd.CorrectParticulars: {"name": "测试人乙", "reason": TEXT},
    cmd.RecordContact: {"method": "phone", "reached": False, "summary": TEXT},
    cmd.RecordNotice: {"kind": "decision", "method": "phone", "proof": TEXT},
    cmd.ExemptNotice: {"kind": "decision", "reason": TEXT},
    cmd.ConfirmReceipt: {"proof": TEXT},
    cmd.RecordCallback: {"reached": True, "satisfaction": 4},
    cmd.Close: {"reason": TEXT},
    cmd.RequestReview: {"reason": TEXT},
    cmd.DecideReview: REVIEW,
    cmd.MoveRules: {"to": OLD.pack, "pack_hash": OLD.content_hash, "reason": TEXT},
    cmd.AdoptCalendar: {"notice": notice_text(date(2026, 11, 20))},
    cmd.RetryStep: {"step": "assignment"},
    cmd.SkipStep: {"step": "assignment", "reason": TEXT},
    hcmd.Dispatch: {"category": "selling", "reason": TEXT},
    hcmd.RequestMaterial: {"codes": ["demand"], "text": TEXT},
    hcmd.RecordMaterial: {"codes": ["demand"]},
    hcmd.WriteProgress: {"text": TEXT},
    hcmd.WriteHolding: {"reason": TEXT, "last_day": date(2099, 1, 1)},
    hcmd.RecordScheme: {"scheme": "fos", "reference": "FOS-1"},
    hcmd.RequestSignOff: {"purpose": "solution", "text": TEXT},
    hcmd.SignOff: {"sign_off": "g1", "capacity": "countersign"},
    hcmd.RefuseSignOff: {"sign_off": "g1", "capacity": "countersign", "reason": TEXT},
    hcmd.DemandAnswer: {"last_day": date(2099, 1, 1), "reference": "金监函〔2026〕15号"},
    hcmd.AnswerRegulator: {"sign_off": "g1", "report": "报告〔2026〕1号", "proof": "送达回执1"},
    hcmd.Release: {"sign_off": "g1", "proof": "移交清单1"},
    hcmd.RecordCommittee: {"subject": "liability", "members": [CHAIR, SUPERIOR], "resolution": TEXT},
    hcmd.RuleLiability: {"meeting": "k1", "liability": "non_responsible", "causes": ["claims_terms"]},
    hcmd.StartContingency: {"plan": "应急预案2026", "lead": HEAD, "steps": ["现场接待"]},
    hcmd.ReportUp: {"to": "superior_company", "document": "客服〔2026〕8号"},
    hcmd.ReportEnd: {"document": "客服〔2026〕15号"},
    hcmd.ExcludeFromCount: {"ground": "settled_on_the_spot", "reason": TEXT},
    hcmd.FlagVexatious: {"sign_off": "g1", "reason": TEXT, "evidence": ["a" * 64], "until": date(2027, 1, 1)},
    hcmd.LiftVexatious: {"reason": TEXT},
    hcmd.RecordResponse: {"accepts": False, "summary": TEXT},
    hcmd.GiveFinalOpinion: {"meeting": "k1", "opinion": TEXT},
    hcmd.DelegateClosure: {"unit": "gd-gz", "reason": TEXT},
    hcmd.DescribeFault: {"fault": TEXT},
    hcmd.RecordMeasure: {"measure": TEXT, "status": "taken"},
    hcmd.Summarise: {"summary": TEXT},
    hcmd.AppointReviewer: {"reviewer": REVIEWER},
    hcmd.ExamineReview: {name: text for name, text in REVIEW.items() if name != "outcome"},
    slip.AcceptSlip: {"slip": "s1"},
    slip.ReturnSlip: {"slip": "s1", "reason": TEXT},
    slip.ReportProgress: {"slip": "s1", "text": TEXT},
    slip.AnswerSlip: {"slip": "s1", "findings": TEXT},
    slip.SendBackSlip: {"slip": "s1", "reason": TEXT},
    slip.RecallSlip: {"slip": "s1", "reason": TEXT},
}
"""What each command needs, as somebody would type it."""

Try = tuple[str, type[cmd.Command], str, dict[str, Any]]
"""The code that is expected, the command, who gives it, and fields that differ from the usual ones."""

Scenario = tuple[Callable[[Stage], Awaitable[Play]], list[Try]]
"""How to reach a state, and what is refused in it."""


def each(code: str, *commands: type[cmd.Command], by: str = SERVICE, **fields: Any) -> list[Try]:
    """Return the tries of *commands*, all *by* one person, all to be refused with *code*."""
    return [(code, command, by, fields) for command in commands]


def tried(scenarios: list[Scenario]) -> set[tuple[type[cmd.Command], str]]:
    """Return which codes of which commands *scenarios* expect."""
    return {(command, code) for _, tries in scenarios for code, command, _, _ in tries}


async def assert_refused(play: Play, tries: list[Try]) -> None:
    """See that each of *tries* is refused with its code, and that nothing has moved after all of them."""
    now = await play.now()
    before = (await play.view()).events
    codes = []
    for _, command, actor, changes in tries:
        fields = {**FIELDS[command], **changes}
        if "at" in fields:
            fields["at"] = now + fields["at"]
        if isinstance(until := fields.get("until"), timedelta):
            fields["until"] = (now + until).date()
        if fields.get("last_day") == "stands":
            fields["last_day"] = (await play.view()).handling.answer_by
        if fields.get("into") == "itself":
            fields["into"] = play.intake.complaint_id
        codes.append(await play.refused(command, actor, **fields))
    assert [(command.__name__, code) for code, (_, command, _, _) in zip(codes, tries, strict=True)] == [
        (command.__name__, expected) for expected, command, _, _ in tries
    ]
    assert (await play.view()).events == before

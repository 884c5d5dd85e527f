"""Every command of a running complaint as a row, in the order of a complaint's life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.errors import CliError
from cli.verb import Verb
from cli.verbs_handling import HANDLING_VERBS
from models import commands as cmd
from models import handling_commands as hcmd
from rulebook.errors import PackError
from rulebook.pack import rule_pack


def rules_here(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the content hash of the pack that is named, as it is here; CliError if there is none."""
    try:
        return {"pack_hash": rule_pack(str(given.get("to"))).content_hash}
    except PackError as error:
        raise CliError("NoSuchRules", f"--to: {error}") from None


VERBS: tuple[Verb, ...] = (
    Verb(
        "classify",
        "classify",
        cmd.Classify,
        '--complexity complex --reason "涉及伤残鉴定，事实需多方核实" --as HANDLER',
    ),
    Verb(
        "assign",
        "assign",
        cmd.Assign,
        '--unit UNIT --department DEPARTMENT --coordinator COORDINATOR --reason "原承办人休假" --as HANDLER',
    ),
    Verb("findings", "submit_findings", cmd.SubmitFindings, "--findings @findings.txt --as COORDINATOR"),
    Verb(
        "decide",
        "decide",
        cmd.Decide,
        "--liability responsible --cause 服务态度 --decision @decision.txt --verification @verified.txt --basis @basis.txt "
        "--reasons @reasons.txt --agreed --as HANDLER",
    ),
    Verb(
        "extend request",
        "request_extension",
        cmd.RequestExtension,
        '--days 28 --reason "等待医院补充病历" --as HANDLER',
    ),
    Verb("extend approve", "approve_extension", cmd.ApproveExtension, '--reason "情况特别复杂" --as MANAGER'),
    Verb("extend refuse", "refuse_extension", cmd.RefuseExtension, '--reason "事实已经清楚" --as MANAGER'),
    Verb("pause", "pause", cmd.Pause, '--ground external_appraisal --reason "委托伤残鉴定" --as HANDLER'),
    Verb("resume", "resume", cmd.Resume, '--reason "鉴定报告已收到" --as HANDLER'),
    Verb("add-facts", "add_facts", cmd.AddFacts, '--summary "补交了录音" --as HANDLER'),
    Verb("withdraw", "withdraw", cmd.Withdraw, '--reason "双方已经和解" --as HANDLER'),
    Verb("refuse", "refuse_handling", cmd.RefuseHandling, '--reason "提交人无授权" --as HANDLER'),
    Verb("merge", "merge", cmd.Merge, '--into C-2026-0007 --reason "同一事项且无新的事实" --as HANDLER'),
    Verb(
        "contact", "record_contact", cmd.RecordContact, '--method phone --no-reached --summary "无人接听" --as HANDLER'
    ),
    Verb("change-contact", "change_contact", cmd.ChangeContact, "--phone 020-00000002 --preferred sms --as HANDLER"),
    Verb(
        "correct",
        "correct_particulars",
        cmd.CorrectParticulars,
        '--name 示例乙 --reason "登记时姓名有误，已核对身份证" --as HANDLER',
    ),
    Verb(
        "notice",
        "record_notice",
        cmd.RecordNotice,
        '--kind decision --method posted --proof "挂号信回执 XA123" --as HANDLER --at 2026-03-16T15:00:00+08:00',
    ),
    Verb("exempt", "exempt_notice", cmd.ExemptNotice, '--kind decision --reason "号码已停用，信件退回" --as HEAD'),
    Verb("received", "confirm_receipt", cmd.ConfirmReceipt, '--proof "快递签收" --as HANDLER'),
    Verb("callback", "record_callback", cmd.RecordCallback, "--reached --satisfaction 5 --as CALLER"),
    Verb("close", "close", cmd.Close, '--reason "已告知并回访，投诉人认可" --as HANDLER'),
    Verb("review request", "request_review", cmd.RequestReview, '--reason "投诉人书面申请核查" --as HANDLER'),
    Verb(
        "review appoint",
        "appoint_reviewer",
        hcmd.AppointReviewer,
        "--reviewer REVIEWER --as SUPERIOR",
        child="review",
    ),
    Verb(
        "review examine",
        "examine_review",
        hcmd.ExamineReview,
        "--process @process.txt --time-limits @limits.txt --result @result.txt --as REVIEWER",
        child="review",
    ),
    Verb(
        "review decide",
        "decide_review",
        cmd.DecideReview,
        "--outcome upheld --process @process.txt --time-limits @limits.txt --result @result.txt --as SUPERIOR",
        child="review",
    ),
    *HANDLING_VERBS,
    Verb(
        "move-rules",
        "move_rules",
        cmd.MoveRules,
        '--to cn-2020-3 --reason "按新办法继续办理" --as OFFICER',
        fill=rules_here,
        own=True,
    ),
    Verb("adopt-calendar", "adopt_calendar", cmd.AdoptCalendar, "--notice @2026-11-10.yaml --as OFFICER"),
    Verb("retry", "retry_step", cmd.RetryStep, "--step notice.receipt --as HANDLER", own=True),
    Verb("skip", "skip_step", cmd.SkipStep, '--step callback --reason "已电话回访并留档" --as HANDLER'),
)
"""All of them, in the order of a complaint's life."""

BY_NAME: Mapping[str, Verb] = {verb.name: verb for verb in VERBS}

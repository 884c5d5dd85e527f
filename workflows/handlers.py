"""
The names by which a running complaint is addressed: an update for each command, and two signals.

A Java or Go system sends the same names. The signals are for systems and the Temporal Web UI; they pass the same guard.
"""

from __future__ import annotations

from models import commands as cmd
from workflows.commands import Commands
from workflows.inbound import signal, update


class Handlers(Commands):
    """Every update and signal of a complaint."""

    classify = update(cmd.Classify, "定性分类", "Set complexity, severity and categories (art. 18(1), R084).")
    assign = update(
        cmd.Assign, "人工分派", "Give the complaint to a department and a coordinator by hand (R102, R107)."
    )
    submit_findings = update(cmd.SubmitFindings, "提交核实情况", "Report what was verified (核实情况).")
    decide = update(
        cmd.Decide,
        "作出处理决定",
        "Decide, with the four parts of art. 19, the liability (R142) and at least one cause (R148).",
    )
    request_extension = update(
        cmd.RequestExtension, "申请延期", "Ask for at most 30 further natural days (art. 18(1))."
    )
    approve_extension = update(
        cmd.ApproveExtension,
        "批准延期",
        "Approve an extension as the superior institution or a head-office senior manager (art. 18(1)).",
    )
    refuse_extension = update(cmd.RefuseExtension, "不予延期", "Refuse an extension, with the reason.")
    pause = update(
        cmd.Pause,
        "中止计时",
        "Leave a period out of the limit: external appraisal (art. 18(2)) or mediation (art. 23).",
    )
    resume = update(cmd.Resume, "恢复计时", "End the period that is left out of the limit.")
    add_facts = update(
        cmd.AddFacts,
        "补充新事实新理由",
        "Record that the complainant brought new facts and reasons: the limit restarts (art. 18(3)).",
    )
    withdraw = update(cmd.Withdraw, "撤回投诉", "Record the complainant's withdrawal (art. 15).")
    refuse_handling = update(
        cmd.RefuseHandling,
        "不予办理",
        "Refuse to handle (不予办理) what neither the complainant nor a representative or agent brought (art. 18(4)).",
    )
    merge = update(
        cmd.Merge,
        "合并处理",
        "Handle this complaint within an earlier one: the same matter without new facts (art. 18(3)).",
    )
    change_contact = update(
        cmd.ChangeContact,
        "变更联系方式",
        "Record new contact details of the complainant; every later letter goes there (art. 13, 21).",
    )
    correct_particulars = update(
        cmd.CorrectParticulars,
        "更正身份信息",
        "Correct the name or the document of the complainant or the agent (PIPL art. 46, R198).",
    )
    record_contact = update(
        cmd.RecordContact, "记录联系情况", "Write down an attempt to reach the complainant (R115, R151)."
    )
    record_notice = update(
        cmd.RecordNotice,
        "记录已告知",
        "Record that a person told the complainant, with the proof; *at* is when it was sent (art. 21).",
    )
    exempt_notice = update(
        cmd.ExemptNotice,
        "记录无法告知",
        "Record that the complainant cannot be contacted, the only exemption from telling (art. 21, R152).",
    )
    confirm_receipt = update(
        cmd.ConfirmReceipt,
        "确认送达",
        "Record when the complainant received the decision: the review window runs from then (art. 20).",
    )
    record_callback = update(
        cmd.RecordCallback,
        "记录回访",
        "Report the customer callback (回访) and the satisfaction, from 1 (very poor) to 5 (very good) (R164).",
    )
    close = update(cmd.Close, "结案", "Close the case after its checks (R144–R150).")
    request_review = update(
        cmd.RequestReview,
        "申请核查",
        "Record the complainant's written request for a review of a branch's decision (核查, art. 20).",
    )
    decide_review = update(
        cmd.DecideReview,
        "作出核查决定",
        "Decide a review on process, time limits and result, as the superior institution (art. 20).",
    )
    move_rules = update(
        cmd.MoveRules,
        "改用其他规则",
        "Move the complaint to other rules, from its receipt on; every earlier version of a deadline is kept.",
    )
    adopt_calendar = update(
        cmd.AdoptCalendar,
        "采用放假通知",
        "Count working days by a notice that was published while the complaint runs; natural days stay as they are.",
    )
    retry_step = update(cmd.RetryStep, "重试步骤", "Have a failed machine step tried again.")
    skip_step = update(cmd.SkipStep, "人工代办步骤", "Take over a failed machine step oneself, with the reason.")
    approve_extension_by_signal = signal(
        cmd.ApproveExtension,
        "批准延期",
        "Approve an extension without waiting for an answer; a refusal is recorded as an event.",
    )
    refuse_extension_by_signal = signal(
        cmd.RefuseExtension,
        "不予延期",
        "Refuse an extension without waiting for an answer; a refusal is recorded as an event.",
    )

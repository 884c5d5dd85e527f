"""The updates that the insurer's own rules add to those of the statute: one for each command."""

from __future__ import annotations

from models import handling_commands as cmd
from workflows.handlers import Handlers
from workflows.inbound import update


class HandlingHandlers(Handlers):
    """Every update that only a complaint under an insurer's own rules obeys."""

    dispatch = update(
        cmd.Dispatch,
        "派发会办单",
        "Send a dispatch slip (会办单) to a department, by category or by name (R100–R103).",
    )
    request_material = update(
        cmd.RequestMaterial,
        "要求补充材料",
        "Ask the complainant for what is missing (补充提供, R074); no statutory clock stops for it (C5).",
    )
    record_material = update(cmd.RecordMaterial, "记录收到材料", "Record what the complainant handed in (R074).")
    write_progress = update(
        cmd.WriteProgress,
        "告知办理进展",
        "Tell the complainant how the complaint stands (R117); the letter follows by itself.",
    )
    write_holding = update(
        cmd.WriteHolding,
        "告知暂未办结",
        "Tell the complainant why there is no answer yet, and by when one is expected; the letter follows by itself.",
    )
    record_scheme = update(
        cmd.RecordScheme,
        "记录外部争议解决",
        "Record that the complainant took the complaint to an outside scheme, such as an ombudsman.",
    )
    request_sign_off = update(
        cmd.RequestSignOff,
        "提请会签",
        "Put a text before those who must sign it (会签): opinion letter (R134), release (R196), public answer (R066).",
    )
    sign_off = update(cmd.SignOff, "会签同意", "Sign in one capacity, as another person than the author (four eyes).")
    refuse_sign_off = update(
        cmd.RefuseSignOff,
        "会签不同意",
        "Refuse to sign in one capacity, with the reason; a new text is needed then.",
    )
    demand_answer = update(
        cmd.DemandAnswer,
        "设定监管答复期限",
        "Set or change the last day on which the body that forwarded the complaint wants a written report (R076).",
    )
    answer_regulator = update(
        cmd.AnswerRegulator,
        "答复监管",
        "Record that the written report, as signed off, went to the body that forwarded the complaint (R076).",
    )
    release = update(
        cmd.Release,
        "对外提供或发布",
        "Record that records were handed out, or a public answer was published, as signed off (R066, R196).",
    )
    record_committee = update(
        cmd.RecordCommittee,
        "记录委员会决议",
        "Record what the complaint committee (客户投诉工作协调委员会) resolved (R004, R118, R137, R150).",
    )
    rule_liability = update(
        cmd.RuleLiability,
        "裁定责任",
        "Rule on liability and causes where departments disagree, by a meeting of the committee (R005).",
    )
    start_contingency = update(
        cmd.StartContingency,
        "启动应急预案",
        "Put the contingency plan for major complaints into action (应急预案, art. 29, R177).",
    )
    report_up = update(
        cmd.ReportUp,
        "上报重大投诉",
        "Report a major case to the superior company, the head office or the regulator (R169–R172, R177).",
    )
    report_end = update(
        cmd.ReportEnd, "报告处置全过程", "Report the whole course of a major case after its end (R172)."
    )
    exclude_from_count = update(
        cmd.ExcludeFromCount,
        "不计入统计",
        "Leave the complaint out of the company's own statistics (R080–R082); it is handled all the same (C8).",
    )
    flag_vexatious = update(
        cmd.FlagVexatious,
        "列为无理缠访",
        "Put the complainant on file as vexatious (无理缠访, R024) until a day, as signed off; no right is lost (C17).",
    )
    lift_vexatious = update(cmd.LiftVexatious, "取消无理缠访标记", "Take the vexatious flag back.")
    record_response = update(
        cmd.RecordResponse,
        "记录客户意见",
        "Record what the customer said to the decision (R136, R137).",
    )
    give_final_opinion = update(
        cmd.GiveFinalOpinion,
        "出具终局意见",
        "Answer with the committee's final opinion a customer who is not to be satisfied (R138).",
    )
    delegate_closure = update(
        cmd.DelegateClosure,
        "委托结案",
        "Leave the closure of a forwarded complaint to a city, as the province (R145).",
    )
    describe_fault = update(
        cmd.DescribeFault,
        "说明系统故障",
        "Describe what was wrong with the system: type 12 cannot be closed without it (R096).",
    )
    record_measure = update(
        cmd.RecordMeasure,
        "记录整改措施",
        "Record a measure taken, or planned for a day, with its amount in yuan if it has one (R120, R154).",
    )
    summarise = update(
        cmd.Summarise,
        "案件总结",
        "Summarise the case: lessons, and trend and stability measures of a group or difficult one (R154, R155).",
    )

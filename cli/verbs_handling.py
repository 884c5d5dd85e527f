"""The commands that the insurer's own rules add: slips, sign-offs, the committee, major cases, the customer's answer."""

from __future__ import annotations

from cli.verb import Verb
from models import handling_commands as cmd
from models import slip_commands as slip

HANDLING_VERBS: tuple[Verb, ...] = (
    Verb("slip dispatch", "dispatch", cmd.Dispatch, '--category claims --reason "理赔部分需业管核实" --as HANDLER'),
    Verb("slip accept", "accept_slip", slip.AcceptSlip, "--slip s1 --as COORDINATOR", child="slip"),
    Verb(
        "slip return",
        "return_slip",
        slip.ReturnSlip,
        '--slip s2 --reason "非本部门业务" --as COORDINATOR',
        child="slip",
    ),
    Verb(
        "slip progress",
        "report_progress",
        slip.ReportProgress,
        '--slip s1 --text "已调取录音，正在核对" --as COORDINATOR',
        child="slip",
    ),
    Verb(
        "slip answer",
        "answer_slip",
        slip.AnswerSlip,
        "--slip s1 --findings @findings.txt --as COORDINATOR",
        child="slip",
    ),
    Verb(
        "slip send-back",
        "send_back_slip",
        slip.SendBackSlip,
        '--slip s1 --reason "与客户提供的录音不符，请重新调查" --as HANDLER',
        child="slip",
    ),
    Verb("slip recall", "recall_slip", slip.RecallSlip, '--slip s2 --reason "已由客服核实" --as HANDLER', child="slip"),
    Verb(
        "material request",
        "request_material",
        cmd.RequestMaterial,
        '--code agent_authority --text "请补充授权委托书" --as HANDLER',
    ),
    Verb("material receive", "record_material", cmd.RecordMaterial, "--code agent_authority --as HANDLER"),
    Verb("progress", "write_progress", cmd.WriteProgress, '--text "已完成录音调取，正在核对笔迹" --as HANDLER'),
    Verb(
        "holding",
        "write_holding",
        cmd.WriteHolding,
        '--reason "尚待医院提供病历" --last-day 2026-06-30 --as HANDLER',
    ),
    Verb("scheme", "record_scheme", cmd.RecordScheme, "--scheme fos --reference FOS-2026-0815 --as HANDLER"),
    Verb(
        "sign-off request",
        "request_sign_off",
        cmd.RequestSignOff,
        "--purpose written_reply --text @opinion.txt --as COORDINATOR",
    ),
    Verb("sign-off give", "sign_off", cmd.SignOff, "--sign-off g1 --capacity legal --as COUNSEL"),
    Verb(
        "sign-off refuse",
        "refuse_sign_off",
        cmd.RefuseSignOff,
        '--sign-off g1 --capacity legal --reason "依据条款引用有误" --as COUNSEL',
    ),
    Verb(
        "regulator demand",
        "demand_answer",
        cmd.DemandAnswer,
        '--last-day 2026-03-20 --reference "金监函〔2026〕15号" --as HANDLER',
    ),
    Verb(
        "regulator answer",
        "answer_regulator",
        cmd.AnswerRegulator,
        '--sign-off g1 --report "粤险消保〔2026〕12号" --proof "机要送达回执 0312" --as HANDLER',
    ),
    Verb("release", "release", cmd.Release, '--sign-off g2 --proof "移交清单 2026-08" --as HANDLER'),
    Verb(
        "committee record",
        "record_committee",
        cmd.RecordCommittee,
        "--subject close_without_agreement --member MEMBER --member CHAIR --resolution @minutes.txt --lawful --as CHAIR",
    ),
    Verb(
        "committee liability",
        "rule_liability",
        cmd.RuleLiability,
        "--meeting k1 --liability non_responsible --cause 条款理解分歧 --as CHAIR",
    ),
    Verb(
        "committee opinion",
        "give_final_opinion",
        cmd.GiveFinalOpinion,
        "--meeting k2 --opinion @opinion.txt --as CHAIR",
    ),
    Verb(
        "major contingency",
        "start_contingency",
        cmd.StartContingency,
        '--plan "重大投诉应急预案 2026" --lead HEAD --step "现场接待" --step "安抚代表" --as HANDLER',
    ),
    Verb(
        "major report",
        "report_up",
        cmd.ReportUp,
        '--to superior_company --document "粤客服〔2026〕8号" --urgent --as HEAD',
    ),
    Verb("major end", "report_end", cmd.ReportEnd, '--document "粤客服〔2026〕15号" --as HEAD'),
    Verb(
        "uncount",
        "exclude_from_count",
        cmd.ExcludeFromCount,
        '--ground settled_on_the_spot --reason "当场解决" --as HANDLER',
    ),
    Verb(
        "flag set",
        "flag_vexatious",
        cmd.FlagVexatious,
        '--sign-off g3 --reason "同一事项反复缠访" --evidence SHA256 --until 2026-12-31 --as HANDLER',
    ),
    Verb("flag lift", "lift_vexatious", cmd.LiftVexatious, '--reason "情况已经改变" --as HEAD'),
    Verb("response", "record_response", cmd.RecordResponse, '--no-accepts --summary "不认可退保金额" --as HANDLER'),
    Verb("delegate", "delegate_closure", cmd.DelegateClosure, '--unit gd-gz --reason "授权地市结案" --as PROVINCE'),
    Verb("fault", "describe_fault", cmd.DescribeFault, '--fault "保全批处理漏跑一日" --as HANDLER'),
    Verb(
        "measure",
        "record_measure",
        cmd.RecordMeasure,
        '--measure "退还保费" --status taken --amount 3200.00 --as HANDLER',
    ),
    Verb("summarise", "summarise", cmd.Summarise, "--summary @summary.txt --as HANDLER"),
)
"""All of them, in the order of a complaint's life."""

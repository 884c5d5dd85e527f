"""Dispatch slips (会办单): each department its own, with a clock, a ladder of reminders, and one record of it all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip
from models.case import CaseState
from models.view import SlipView
from rulebook import events as ev
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CLAIMS, HEAD, SERVICE, Play, Stage, kinds

SALES = "p-gd-gz-gx-01"
"""The coordinator of the city's sales department, to whom selling is routed."""
SALES_DEPUTY = "p-gd-gz-gx-02"
PROVINCE_CLAIMS = "p-gd-yg-01"
"""The coordinator of the province's business management."""


async def of_two_departments(stage: Stage, **changes: Any) -> Play:
    """A complaint about claims and about selling: two departments, two slips."""
    return await stage.start(company="company-life", categories=["claims", "selling"], **changes)


async def slips(play: Play) -> dict[str, SlipView]:
    return {one.slip: one for one in (await play.view()).slips}


async def answer_all(play: Play) -> None:
    for name, coordinator in (("s1", CLAIMS), ("s2", SALES)):
        await play.do(slip.AcceptSlip, coordinator, slip=name)
        await play.do(slip.AnswerSlip, coordinator, slip=name, findings="经核实，情况属实。")


async def test_a_complaint_of_two_departments_gets_a_slip_for_each_the_main_one_first(stage: Stage) -> None:
    """R100, R103, C21: separate slips per category, each to its department, with copies to the others."""
    play = await of_two_departments(stage)
    first, second = (await slips(play)).values()
    assert (first.main, first.category, first.coordinator) == (True, "claims", CLAIMS)
    assert (second.main, second.category, second.coordinator) == (False, "selling", SALES)
    assert (first.copies, second.copies) == ((second.department,), (first.department,))
    assert len(await play.children()) == 2


async def test_a_complaint_of_one_department_has_no_slip(stage: Stage) -> None:
    """What complex complaints need costs a simple one nothing."""
    play = await stage.start(company="company-life")
    assert (await play.view()).slips == ()
    assert await play.children() == []


@pytest.mark.slow
async def test_a_complex_complaint_of_one_department_has_a_slip_from_its_classification_on(stage: Stage) -> None:
    """R040: the department reports progress every five working days, as only a slip makes it do."""
    play = await stage.start(company="company-life")
    await play.do(cmd.Classify, complexity="complex", reason="涉及伤残鉴定。")
    [only] = (await slips(play)).values()
    assert (only.main, only.coordinator, only.copies) == (True, CLAIMS, ())
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    await play.forward(days=8)
    reminded = [event.to for event in await play.events() if isinstance(event, ev.ReminderRaised)]
    assert {"coordinator", "department_head"} <= set(reminded)
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="经核实，情况属实。")
    assert (await play.view()).stage == "deciding"


async def test_customer_service_sends_itself_no_slip(stage: Stage) -> None:
    """R019: however complex it is, its own categories it settles itself."""
    play = await stage.start(company="company-life", categories=["call_centre"], complexity="complex")
    assert (await play.view()).slips == ()


async def test_a_suspected_violation_beside_another_matter_is_shared_out(stage: Stage) -> None:
    """R031, R103: sales supervision has the main slip."""
    play = await stage.start(company="company-life", suspected_violation=True)
    assert [(one.category, one.department) for one in (await slips(play)).values()] == [
        ("suspected_violation", "gd-dc"),
        ("claims", "gd-gz-yg"),
    ]


async def test_the_answers_of_all_departments_let_customer_service_decide(stage: Stage) -> None:
    """R103, R104: one decision, once every department has answered its slip."""
    play = await of_two_departments(stage)
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="理赔资料齐全。")
    assert await refused_decision(play) == "SlipsOpen"
    await play.do(slip.AcceptSlip, SALES, slip="s2")
    await play.do(slip.ReportProgress, SALES, slip="s2", text="正在调取录音。")
    await play.do(slip.AnswerSlip, SALES, slip="s2", findings="销售过程合规。")
    assert (await play.view()).stage == "deciding"
    await play.decide()
    assert (await play.view()).stage == "calling_back"
    assert await play.children() == [], "once the decision was told, no department is asked for anything"


async def refused_decision(play: Play) -> str:
    return await play.refused(
        cmd.Decide,
        liability="responsible",
        causes=["claims_delay"],
        decision="支付理赔款。",
        verification="已核实。",
        basis="保险法第二十三条。",
        reasons="审核延误。",
    )


async def test_a_returned_slip_is_dispatched_anew(stage: Stage) -> None:
    """R102: not its business; the slip ends, and customer service sends another in its place."""
    play = await of_two_departments(stage)
    await play.do(slip.ReturnSlip, SALES, slip="s2", reason="非本部门业务。")
    returned = (await slips(play))["s2"]
    assert (returned.status, returned.replaced_by) == ("returned", None)
    assert await refused_decision(play) == "SlipsOpen"
    assert (await play.duty("redispatch")).status == "open"
    sent = await play.do(hcmd.Dispatch, category="claims", replaces="s2", reason="改派业务管理部。")
    assert sent.ref == "s3"
    assert (await slips(play))["s2"].replaced_by == "s3"
    assert (await play.duty("redispatch")).status == "met"
    assert await play.refused(hcmd.Dispatch, category="claims", replaces="s2", reason="再派一次。") == "NotReturned"


async def test_a_slip_carries_customer_service_s_first_opinion(stage: Stage) -> None:
    """R017: 初步处理意见; it lies before the department's coordinator."""
    play = await of_two_departments(stage)
    sent = await play.do(
        hcmd.Dispatch,
        unit="gd",
        department="gd-yb",
        coordinator="p-gd-yb-01",
        category="selling",
        reason="银行渠道销售。",
        opinion="初步认为双录不完整。",
    )
    [letter] = (stage.home / "outbox").glob(f"{play.intake.complaint_id}.slip.{sent.ref}.*")
    assert "初步处理意见 first opinion: 初步认为双录不完整。" in letter.read_text(encoding="utf-8")


async def test_a_slip_names_its_category_and_all_that_the_complaint_is_about(stage: Stage) -> None:
    """R103: each department reads in Chinese what is its own, and all the problems of the customer."""
    play = await of_two_departments(stage, suspected_violation=True)
    text = outbox(play, f"slip.s2.{CLAIMS}")
    assert "类别 category: 理赔类 claims\n" in text
    assert "全部类别 all categories: 涉嫌违规 suspected_violation、理赔类 claims、展业类 selling\n" in text


@pytest.mark.slow
async def test_the_result_is_fed_back_to_all_who_took_part_and_to_nobody_twice(stage: Stage) -> None:
    """R135: to the departments; of a case from above to the superior too, of a difficult one to the committee."""
    play = await of_two_departments(stage)
    await play.find()
    await play.decide()
    assert told_of_the_result(play) == {CLAIMS, SALES}
    forwarded = await stage.start(company="company-life", forwarded=True)
    await forwarded.do(cmd.SubmitFindings, "p-gd-yg-01", findings="经核实，情况属实。")
    await forwarded.decide("p-gd-kf-01")
    assert told_of_the_result(forwarded) == {"p-gd-yg-01", "p-hq-kf-03"}


def told_of_the_result(play: Play) -> set[str]:
    return {
        path.stem.rpartition(".")[2]
        for path in (play.stage.home / "outbox").glob(f"{play.intake.complaint_id}.feedback.*")
    }


async def test_a_complaint_under_the_statute_alone_feeds_nothing_back(stage: Stage) -> None:
    """What an insurer's rules add costs others nothing."""
    play = await stage.start()
    await play.find()
    await play.decide()
    assert told_of_the_result(play) == set()


async def test_findings_can_be_sent_back_for_re_investigation(stage: Stage) -> None:
    """R020: what does not answer the customer's evidence is investigated again, under a new limit."""
    play = await of_two_departments(stage)
    await answer_all(play)
    await play.do(slip.SendBackSlip, SERVICE, slip="s1", reason="与客户录音不符。")
    assert (await slips(play))["s1"].status == "sent_back"
    assert (await play.view()).stage == "investigating"
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="重新核实，录音属实。")
    assert (await play.view()).stage == "deciding"


@pytest.mark.slow
async def test_new_facts_reopen_what_was_answered(stage: Stage) -> None:
    """Art. 18(3): what was found without them does not answer the complaint."""
    play = await of_two_departments(stage)
    await answer_all(play)
    await play.do(cmd.AddFacts, summary="补交了新的录音。")
    assert {one.status for one in (await slips(play)).values()} == {"sent_back"}


@pytest.mark.slow
async def test_the_department_is_told_each_time_its_slip_comes_back(stage: Stage) -> None:
    """R020, art. 18(3): by customer service or by new facts; nobody else hears of it."""
    play = await of_two_departments(stage)
    await answer_all(play)
    await play.do(slip.SendBackSlip, SERVICE, slip="s1", reason="与客户录音不符。")
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="重新核实，录音属实。")
    await play.do(cmd.AddFacts, summary="补交了新的录音。")
    first = outbox(play, "slip.s1.back.1")
    assert f"To: {CLAIMS}\n" in first
    assert "与客户录音不符。" in first
    assert f"To: {CLAIMS}\n" in outbox(play, "slip.s1.back.2")
    assert f"To: {SALES}\n" in outbox(play, "slip.s2.back.1")
    assert len(list((stage.home / "outbox").glob(f"{play.intake.complaint_id}.slip.*.back.*"))) == 3


async def test_reminder_slips_climb_the_levels_once_each(stage: Stage) -> None:
    """R105: near and past its limit a slip that nobody accepted is reminded of, level by level."""
    play = await of_two_departments(stage)
    await play.forward(days=14)
    raised = [
        event.to
        for event in await play.events()
        if isinstance(event, ev.ReminderRaised) and event.slip == "s1" and event.duty == "s1/accept"
    ]
    # The coordinator is reminded at nine of the day before: whether that lies ahead depends on the day of the test.
    assert [level for level in raised if level != "coordinator"] == [
        "department_head",
        "customer_service_head",
        "superior",
        "committee",
    ]
    assert raised.count("coordinator") <= 1
    breaches = [event.duty for event in await play.events() if isinstance(event, ev.DeadlineBreached) and event.slip]
    assert breaches.count("s1/accept") == 1


async def test_a_withdrawn_complaint_ends_its_slips(stage: Stage) -> None:
    """Art. 15: nobody need verify what nobody complains of any more."""
    play = await of_two_departments(stage)
    await play.do(cmd.Withdraw, reason="投诉人撤回。")
    await play.handle.result()
    assert await play.children() == []
    assert kinds(await play.events()).count("slip_dispatched") == 2


@pytest.mark.parametrize(
    ("command", "actor", "fields", "code"),
    [
        pytest.param(slip.AcceptSlip, SALES, {}, "NotAuthorised", id="another department"),
        pytest.param(slip.AcceptSlip, "nobody", {}, "UnknownActor", id="a stranger"),
        pytest.param(slip.AnswerSlip, CLAIMS, {"findings": "已核实。"}, "SlipNotAccepted", id="answered unaccepted"),
        pytest.param(slip.ReportProgress, CLAIMS, {"text": "核实中。"}, "SlipNotAccepted", id="progress unaccepted"),
        pytest.param(slip.SendBackSlip, SERVICE, {"reason": "不符。"}, "SlipNotAnswered", id="back before findings"),
        pytest.param(slip.RecallSlip, CLAIMS, {"reason": "不需要。"}, "NotAuthorised", id="recalled by the department"),
    ],
)
async def test_a_slip_refuses_what_its_rules_do_not_allow(
    stage: Stage, command: type[slip.SlipCommand], actor: str, fields: dict[str, str], code: str
) -> None:
    play = await of_two_departments(stage)
    assert await play.refused(command, actor, slip="s1", **fields) == code


def outbox(play: Play, name: str) -> str:
    """Return what was handed over under *name*, which follows the complaint's id; empty if nothing was."""
    path = play.stage.home / "outbox" / f"{play.intake.complaint_id}.{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def test_the_coordinators_of_the_copied_departments_find_a_copy(stage: Stage) -> None:
    """R038, R103: each slip reaches the one who must act, and those who should know, who is told apart from them."""
    play = await of_two_departments(stage)
    assert "s1: 主办 main" in outbox(play, f"slip.s1.{CLAIMS}")
    assert "s1: 抄送 copy" in outbox(play, f"slip.s1.{SALES}")
    assert "s2: 协办 co-handling" in outbox(play, f"slip.s2.{SALES}")
    assert "s2: 抄送 copy" in outbox(play, f"slip.s2.{CLAIMS}")


async def test_a_coordinator_above_watches_what_is_copied_to_the_province(stage: Stage) -> None:
    """R038: the province's department sees the slip that a city's has."""
    play = await of_two_departments(stage)
    sent = await play.do(hcmd.Dispatch, category="payment", copies=["gd-yg"], reason="涉及付款。")
    assert f"To: {PROVINCE_CLAIMS}\n" in outbox(play, f"slip.{sent.ref}.{PROVINCE_CLAIMS}")


async def test_a_copy_never_reaches_the_one_who_is_complained_of(stage: Stage) -> None:
    """Art. 17, R107: the deputy of that department gets it instead, as the slip itself would go to the deputy."""
    respondent = {"unit": "gd-gz", "staff": [{"person": SALES}]}
    play = await of_two_departments(stage, respondent=respondent)
    assert (await slips(play))["s2"].coordinator == SALES_DEPUTY
    assert outbox(play, f"slip.s1.{SALES}") == ""
    assert "s1: 抄送 copy" in outbox(play, f"slip.s1.{SALES_DEPUTY}")


async def test_of_several_departments_none_speaks_to_the_customer(stage: Stage) -> None:
    """R104: customer service of the unit does, with what all of them found; who has one slip or the case itself does not."""
    play = await of_two_departments(stage)
    contact = {"method": "phone", "reached": True, "summary": "已向客户说明情况。"}
    assert (await play.view()).coordinator == CLAIMS
    for coordinator in (CLAIMS, SALES):
        assert await play.refused(cmd.RecordContact, coordinator, **contact) == "NotAuthorised"
    await play.do(cmd.RecordContact, SERVICE, **contact)
    alone = await stage.start(company="company-life")
    await alone.do(cmd.RecordContact, CLAIMS, **contact)
    assert "contact_attempted" in kinds(await alone.events())


async def test_the_main_department_asks_others_itself(stage: Stage) -> None:
    """R101: its coordinator sends a further slip, which is no main one; the other department's coordinator may not."""
    play = await of_two_departments(stage)
    further = {"category": "payment", "reason": "需核对付款记录。"}
    assert await play.refused(hcmd.Dispatch, SALES, **further) == "NotAuthorised"
    sent = await play.do(hcmd.Dispatch, CLAIMS, **further)
    found = (await slips(play))[sent.ref or ""]
    assert (found.department, found.main, found.status) == ("gd-sf", False, "dispatched")
    assert await refused_decision(play) == "SlipsOpen", "what the main department asked for is waited for too"


@pytest.mark.slow
async def test_slips_dispatched_while_others_hear_of_new_facts_stop_nothing(stage: Stage) -> None:
    """Two people at once: the complaint goes on, every slip has its workflow, and the record is whole."""
    play = await of_two_departments(stage)
    await answer_all(play)
    for number in range(4):
        facts = cmd.AddFacts(id=f"facts-{number}", actor=SERVICE, summary="补交了新的材料。")
        sent = hcmd.Dispatch(id=f"sent-{number}", actor=SERVICE, category="payment", reason="涉及收付费。")
        await asyncio.gather(
            play.handle.execute_update("add_facts", facts), play.handle.execute_update("dispatch", sent)
        )
    await play.settle()
    assert len(await play.children()) == 6
    await play.do(cmd.RecordContact, method="phone", reached=True, summary="告知已收到材料。")
    assert stage.ledger.verify(play.intake.complaint_id).ok


@pytest.mark.slow
async def test_nobody_decides_on_answers_that_new_facts_have_outdated(stage: Stage) -> None:
    """Art. 18(3): from the instant of the new facts on, not only once the departments have heard of them."""
    play = await of_two_departments(stage)
    await answer_all(play)
    facts = cmd.AddFacts(id="facts", actor=SERVICE, summary="补交了新的录音。")
    await play.handle.execute_update("add_facts", facts)
    decision = cmd.Decide.model_validate({"id": "decide", "actor": SERVICE, **FIELDS[cmd.Decide]})
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await play.handle.execute_update("decide", decision)
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "SlipsOpen"


@pytest.mark.slow
async def test_facts_that_come_after_a_decision_was_given_up_on_are_investigated_on_new_slips(stage: Stage) -> None:
    """Art. 18(3), C19: the slips ended with the exemption; who brings new facts later gets a new look, on new slips."""
    play = await of_two_departments(stage, complainant={"kind": "person", "name": "测试人乙", "contact": {}})
    await answer_all(play)
    await play.decide()
    for method in ("phone", "letter", "phone"):
        await play.do(cmd.RecordContact, method=method, reached=False, summary="无人接听或者退信。")
        await play.forward(days=1)
    await play.do(cmd.ExemptNotice, HEAD, kind="decision", reason="号码停用，信件退回。")
    await play.do(cmd.RecordContact, method="phone", reached=True, summary="投诉人来电。")
    await play.do(cmd.AddFacts, summary="补交了新的录音。")
    statuses = {name: one.status for name, one in (await slips(play)).items()}
    assert statuses == {"s1": "recalled", "s2": "recalled", "s3": "dispatched", "s4": "dispatched"}
    assert await refused_decision(play) == "SlipsOpen"
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_a_slip_takes_codes_only(stage: Stage) -> None:
    """What stands in a search attribute is no free text, and a copy goes to a department that exists."""
    play = await of_two_departments(stage)
    with pytest.raises(ValidationError):
        hcmd.Dispatch(id="1", actor=SERVICE, category="张三13800138000", reason="说明。")
    assert (
        await play.refused(hcmd.Dispatch, category="payment", copies=["xx-none"], reason="说明。")
        == "UnknownDepartment"
    )


@pytest.mark.slow
async def test_a_slip_that_ended_with_the_complaint_waits_for_nobody(stage: Stage) -> None:
    """Withdrawn before any department took it up: everybody reads that it ended, not that it is still to be accepted."""
    play = await of_two_departments(stage)
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    await play.do(cmd.Withdraw, reason="投诉人书面撤回。")
    assert {name: one.status for name, one in (await slips(play)).items()} == {"s1": "ended", "s2": "ended"}
    details = await play.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert "待接收" not in details.current_details
    assert "随投诉终结 ended" in details.current_details
    state = CaseState.fold(await play.events())
    assert [one.status for one in state.slips.values()] == ["accepted", "dispatched"], (
        "the record says how far each had come"
    )

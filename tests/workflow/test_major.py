"""Major complaints (重大消费投诉, art. 29): contingency, committee, reports upwards, and what is summed up in the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, TEXT, decide, meet, midnight_after, statuses, verified
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CLAIMS, HEAD, SERVICE, Play, Stage

pytestmark = pytest.mark.slow

GROUP: dict[str, Any] = {
    "channel": "visit",
    "visit_form": "来访受理表0001",
    "group": {"total": 20, "face_to_face": True, "representatives": [{"name": "测试代表"}]},
}
"""Twenty people, jointly and face to face."""


async def attended_to(stage: Stage) -> Play:
    """A group's complaint for which everything was done that a major one takes before its decision."""
    play = await stage.start(company=COMPANY, **GROUP)
    await play.do(hcmd.StartContingency, plan="应急预案2026", lead=HEAD, steps=["现场接待", "媒体应对"])
    await play.do(hcmd.ReportUp, HEAD, to="superior_company", document="客服〔2026〕8号")
    await meet(play, "major")
    return play


async def test_twenty_people_face_to_face_set_a_major_case_going(stage: Stage) -> None:
    """Art. 29, R016, R118, R126, R177: plan, report, committee; 30 working days to settle, and the law's 15 as ever."""
    play = await stage.start(company=COMPANY, **GROUP)
    assert (await play.view()).severity == "major"
    for key in ("contingency", "report_up", "committee"):
        duty = await play.duty(key)
        assert (duty.status, duty.due) == ("open", None), "promptly"
    assert (await play.duty("settle")).due == midnight_after(play, 42)
    assert (await play.duty()).due == midnight_after(play, 15)


async def test_the_committee_decides_a_major_case(stage: Stage) -> None:
    """R118: customer service gives out no decision that no extraordinary meeting resolved."""
    play = await stage.start(company=COMPANY, **GROUP)
    await play.find()
    await meet(play, "difficult")
    assert await play.refused(cmd.Decide, **FIELDS[cmd.Decide]) == "CommitteeMissing"
    await meet(play, "major")
    await play.decide()
    assert (await play.view()).stage == "calling_back"
    assert (await play.view()).handling.meetings == ("k1 difficult", "k2 major")


async def test_a_report_upwards_carries_its_document_and_the_companys_proposal(stage: Stage) -> None:
    """R169–R171: at once by e-mail, then by the formal paper; R177: to the regulator as well."""
    play = await stage.start(company=COMPANY, **GROUP)
    reports: list[dict[str, Any]] = [
        {"to": "superior_company", "document": "扫描件0001", "urgent": True},
        {"to": "superior_company", "document": "客服〔2026〕8号", "proposal": "建议先行赔付。"},
        {"to": "regulator", "document": "重大事项报告〔2026〕1号"},
    ]
    for report in reports:
        await play.do(hcmd.ReportUp, HEAD, **report)
    on_record = [event for event in await play.events() if isinstance(event, ev.ReportedUp)]
    assert [(one.to, one.document, one.urgent, one.proposal) for one in on_record] == [
        ("superior_company", "扫描件0001", True, ""),
        ("superior_company", "客服〔2026〕8号", False, "建议先行赔付。"),
        ("regulator", "重大事项报告〔2026〕1号", False, ""),
    ]
    assert await statuses(play, "report_up", "contingency", "committee") == {
        "report_up": "met",
        "contingency": "open",
        "committee": "open",
    }


async def test_a_major_case_closes_once_plan_report_and_committee_were_there(stage: Stage) -> None:
    """R118, R172, R177: what a major case owes holds up its closing like any other duty."""
    play = await stage.start(company=COMPANY, **GROUP)
    await meet(play, "major")
    await decide(play)
    await play.do(cmd.RecordCallback, reached=True, satisfaction=3)
    assert await play.refused(cmd.Close, reason=TEXT) == "DutyOpen"
    await play.do(hcmd.StartContingency, plan="应急预案2026", lead=HEAD, steps=["现场接待"])
    assert await play.refused(cmd.Close, reason=TEXT) == "DutyOpen"
    await play.do(hcmd.ReportUp, HEAD, to="superior_company", document="客服〔2026〕8号")
    await play.do(cmd.Close, reason="处理完毕，客户认可。")
    assert (await play.view()).stage == "closed"


@pytest.mark.parametrize(("days", "status"), [(6, "met"), (8, "met_late")], ids=["in time", "late"])
async def test_the_whole_course_is_reported_within_five_working_days_of_the_end(
    stage: Stage, days: int, status: str
) -> None:
    """R172, C20: closed on a Monday, reported by the end of the next one."""
    play = await attended_to(stage)
    await decide(play)
    await play.close()
    assert ((await play.duty("end_report")).due, (await play.duty("end_report")).status) == (
        midnight_after(play, 7),
        "open",
    )
    await play.forward(days=days)
    await play.do(hcmd.ReportEnd, HEAD, document="客服〔2026〕15号")
    assert (await play.duty("end_report")).status == status


@pytest.mark.parametrize("liability", ["non_responsible", "litigation"])
async def test_a_case_ends_with_the_liability_that_was_decided(stage: Stage, liability: str) -> None:
    """R142, R173: responsible, non-responsible, or turned to litigation (转诉讼)."""
    play = await attended_to(stage)
    await decide(play, liability=liability)
    await play.close()
    await play.do(hcmd.ReportEnd, HEAD, document="客服〔2026〕15号")
    assert (await play.finish()).result == liability


async def test_measures_and_the_summary_are_on_record_for_good(stage: Stage) -> None:
    """R120, R154, R155: what was done at once, what is planned for a day, the amounts, and the lessons of a group's case."""
    play = await attended_to(stage)
    planned_for = play.intake.received_at.date() + timedelta(days=30)
    await play.do(hcmd.RecordMeasure, CLAIMS, measure="先行垫付理赔款。", status="taken", amount="1234567.80")
    await play.do(hcmd.RecordMeasure, SERVICE, measure="整改审核流程。", status="planned", planned_for=planned_for)
    await decide(play)
    await play.do(
        hcmd.Summarise,
        summary="审核环节积压。",
        improvements="增设复核岗。",
        trend="群体情绪平稳。",
        stability="专人驻点答疑。",
    )
    events = await play.events()
    measures = [event for event in events if isinstance(event, ev.MeasureRecorded)]
    assert [(one.by, one.status, one.last_day, one.amount, one.currency) for one in measures] == [
        (CLAIMS, "taken", None, Decimal("1234567.80"), "CNY"),
        (SERVICE, "planned", planned_for, None, "CNY"),
    ]
    summary = next(event for event in events if isinstance(event, ev.CaseSummarised))
    assert (summary.summary, summary.improvements, summary.trend, summary.stability) == (
        "审核环节积压。",
        "增设复核岗。",
        "群体情绪平稳。",
        "专人驻点答疑。",
    )
    assert verified(play)

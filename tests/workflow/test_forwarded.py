"""What the regulator forwarded (监管转办), and what the superior company did: to the province, answered, closed there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import (
    COMPANY,
    COMPLETE,
    PROVINCE,
    TEXT,
    delivered,
    have_signed,
    letters,
    midnight_after,
    statuses,
    verified,
)
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CALLER, CHAIR, SERVICE, SUPERIOR, Play, Stage, kinds

pytestmark = pytest.mark.slow

PROVINCE_CLAIMS = "p-gd-yg-01"
"""The coordinator of the province's business management."""
ANSWER_WITHIN = 10
"""How many days the regulator of these plays gives for its answer."""


async def answer(play: Play) -> None:
    """Have the report signed off and sent to the regulator."""
    report = await have_signed(play, "regulator_report", "countersign", "legal", author=PROVINCE, countersign=SUPERIOR)
    await play.do(hcmd.AnswerRegulator, PROVINCE, sign_off=report, report="报告〔2026〕1号", proof="送达回执1")


async def ready_to_close(play: Play) -> None:
    """Verified and decided by the province, told, and the customer called back."""
    await play.do(cmd.SubmitFindings, PROVINCE_CLAIMS, findings=TEXT)
    await play.decide(PROVINCE)
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)


async def test_what_the_regulator_forwarded_is_the_provinces_with_its_three_instants(stage: Stage) -> None:
    """R018, C4: received by the regulator, forwarded, received here; the last of them starts the statute's clock."""
    play = await stage.start(company=COMPANY, forwarded=True)
    view, forwarding = await play.view(), play.intake.forwarding
    assert forwarding is not None
    assert (view.unit, view.department, view.coordinator) == ("gd", "gd-yg", PROVINCE_CLAIMS)
    assert view.handling.origin == "forwarded"
    assert view.handling.forwarded == tuple(
        instant.isoformat()
        for instant in (forwarding.regulator_received_at, forwarding.forwarded_at, forwarding.insurer_received_at)
    )
    assert (await play.duty()).due == midnight_after(play, 15)


async def test_the_earliest_clock_comes_first_whoever_set_it(stage: Stage) -> None:
    """R076, C4: the regulator's own day and the statute's run side by side; the earlier one is what is due next."""
    play = await stage.start(company=COMPANY, forwarded=True, **COMPLETE)
    duty = await play.duty("regulator_answer")
    assert (duty.due, duty.status) == (midnight_after(play, ANSWER_WITHIN), "open")
    assert str((await play.view()).handling.answer_by) == duty.last_day
    assert (await play.view()).next_due == duty.due
    await answer(play)
    assert (await play.view()).next_due == (await play.duty()).due == midnight_after(play, 15)


async def test_the_regulator_sets_and_changes_its_day_later(stage: Stage) -> None:
    """R076: set after the opening, brought forward, put off; each version is kept, the statute's day never moves."""
    play = await stage.start(company=COMPANY, forwarded=True, answer_within=None, **COMPLETE)
    statute, today = (await play.duty()).due, (await play.now()).date()
    assert statute is not None
    assert (await play.view()).next_due == statute
    for days, document in ((9, "金监函〔2026〕15号"), (5, "金监函〔2026〕16号"), (20, "金监函〔2026〕17号")):
        last_day = today + timedelta(days=days)
        await play.do(hcmd.DemandAnswer, PROVINCE, last_day=last_day, reference=document)
        duty = await play.duty("regulator_answer")
        assert (duty.due, duty.last_day) == (midnight_after(play, days), str(last_day))
        assert (await play.view()).handling.answer_by == last_day
        assert (await play.view()).next_due == min(midnight_after(play, days), statute)
    assert ((await play.duty("regulator_answer")).versions, (await play.duty()).due) == (3, statute)
    demanded = [event for event in await play.events() if isinstance(event, ev.AnswerDemanded)]
    assert [(event.by, event.reference) for event in demanded][-1] == (PROVINCE, "金监函〔2026〕17号")
    await play.forward_to(midnight_after(play, 6))
    assert not (await play.duty("regulator_answer")).breached, "the timer follows the day that stands"
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_the_regulator_is_answered_by_a_report_that_two_people_signed(stage: Stage) -> None:
    """R076: customer service countersigns, legal reviews, the province sends it: within the regulator's time."""
    play = await stage.start(company=COMPANY, forwarded=True)
    await play.forward(days=2)
    await answer(play)
    assert (await play.duty("regulator_answer")).status == "met"
    answered = next(event for event in await play.events() if isinstance(event, ev.RegulatorAnswered))
    assert (answered.by, answered.sign_off, answered.report) == (PROVINCE, "g1", "报告〔2026〕1号")
    assert (await play.duty()).status == "open", "the complainant is answered by a decision of its own"


@pytest.mark.parametrize("channel", ["regulator", "superior_company", "other_department", "letter", "email"])
async def test_what_came_from_elsewhere_is_confirmed_with_its_ticket(stage: Stage, channel: str) -> None:
    """R064, R069, R070: within one working day the complainant learns that the company has it, under which number."""
    play = await stage.start(company=COMPANY, forwarded=channel == "regulator", channel=channel)
    confirmed = await play.duty("acknowledge")
    assert (confirmed.status, confirmed.due) == ("met", midnight_after(play, 1))
    ticket = (await play.view()).ticket
    assert ticket is not None
    assert ticket in letters(play)["receipt"].body


async def test_a_withdrawal_leaves_the_regulator_to_be_answered(stage: Stage) -> None:
    """R076: what the regulator asked for is owed to it; the complaint ends when that is done, and not before."""
    play = await stage.start(company=COMPANY, forwarded=True)
    await play.do(cmd.Withdraw, PROVINCE, reason="投诉人书面撤回。")
    assert await statuses(play, "decide", "settle", "regulator_answer") == {
        "decide": "cancelled",
        "settle": "cancelled",
        "regulator_answer": "open",
    }
    await play.forward(days=ANSWER_WITHIN + 2)
    breaches = [event for event in await play.events() if isinstance(event, ev.DeadlineBreached)]
    assert [(breach.duty, breach.at) for breach in breaches] == [
        ("regulator_answer", midnight_after(play, ANSWER_WITHIN))
    ]
    raised = [event for event in await play.events() if isinstance(event, ev.ReminderRaised)]
    assert [event.to for event in raised] == ["coordinator", "customer_service_head", "general_manager"]
    number = (await play.events()).index(raised[-1])
    assert "书面报告" in delivered(play, f"reminder.{number}.{CHAIR}")
    await answer(play)
    result = await play.handle.result()
    assert (result.result, result.breached) == ("withdrawn", True)
    assert (await play.duty("regulator_answer")).status == "met_late"
    assert verified(play)


@pytest.mark.parametrize("channel", ["regulator", "superior_company"])
async def test_a_city_closes_what_was_forwarded_only_when_the_province_left_it_to_that_city(
    stage: Stage, channel: str
) -> None:
    """R145: what the regulator or the superior company forwarded is closed by the province, or by the city it names."""
    play = await stage.start(company=COMPANY, forwarded=channel == "regulator", channel=channel)
    assert (await play.view()).unit == "gd", "R018"
    await ready_to_close(play)
    if channel == "regulator":
        assert await play.refused(cmd.Close, PROVINCE, reason=TEXT) == "DutyOpen", "the regulator waits for its report"
        await answer(play)
    assert await play.refused(cmd.Close, SERVICE, reason=TEXT) == "NotAuthorised"
    await play.do(hcmd.DelegateClosure, PROVINCE, unit="gd-sz", reason="授权深圳。")
    assert await play.refused(cmd.Close, SERVICE, reason=TEXT) == "NotAuthorised"
    await play.do(hcmd.DelegateClosure, PROVINCE, unit="gd-gz", reason="授权广州。")
    await play.do(cmd.Close, SERVICE, reason="处理完毕，客户认可。")
    closed = next(event for event in await play.events() if isinstance(event, ev.Closed))
    assert (closed.by, closed.result) == (SERVICE, "responsible")
    assert kinds(await play.events()).count("closure_delegated") == 2


async def test_the_province_closes_itself_what_was_forwarded(stage: Stage) -> None:
    """R022, R145."""
    play = await stage.start(company=COMPANY, forwarded=True)
    await ready_to_close(play)
    await answer(play)
    await play.do(cmd.Close, PROVINCE, reason="处理完毕，客户认可。")
    assert (await play.view()).stage == "closed"
    assert verified(play)


async def test_a_city_decides_nothing_that_came_from_above_unless_it_was_left_to_it(stage: Stage) -> None:
    """R018, R022, R145: the province decides, or a city below it to which it left the closure; no other unit does."""
    play = await stage.start(company=COMPANY, forwarded=True)
    await play.do(cmd.SubmitFindings, "p-gd-yg-01", findings="经核实，情况属实。")
    decision = {name: value for name, value in FIELDS[cmd.Decide].items() if name != "agreed"}
    assert await play.refused(cmd.Decide, SERVICE, **decision) == "NotAuthorised"
    for unit in ("xx-nowhere", "gd-gz-zc", "zj-hz"):
        assert await play.refused(hcmd.DelegateClosure, SUPERIOR, unit=unit, reason="授权。") == "NotACity"
    await play.do(hcmd.DelegateClosure, SUPERIOR, unit="gd-gz", reason="授权。")
    await play.decide()
    assert (await play.view()).stage == "calling_back"

"""What the customer says to the decision, and what the committee makes of it: final opinion, ruling, closing after all."""

from __future__ import annotations

from typing import Any

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip_cmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, TEXT, decide, letters, meet, statuses, told, verified
from tests.workflow.stage import CALLER, CHAIR, Play, Stage

pytestmark = pytest.mark.slow

OPINION = "经委员会研究，维持原处理决定，不再增加赔付。"


async def answered(play: Play, *, accepts: bool, impact: str = "ordinary") -> None:
    """Have the customer say something to the decision."""
    await play.do(hcmd.RecordResponse, CALLER, accepts=accepts, impact=impact, summary="客户意见。")


async def refused_at_large(stage: Stage) -> Play:
    """Told, and refused by a customer with a large impact; called back."""
    play = await stage.start(company=COMPANY)
    await decide(play, agreed=False)
    await answered(play, accepts=False, impact="large")
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=1)
    return play


async def give_opinion(play: Play) -> None:
    """Have the committee meet on its final opinion, and give it."""
    meeting = await meet(play, "final_opinion")
    await play.do(hcmd.GiveFinalOpinion, CHAIR, meeting=meeting, opinion=OPINION)


async def test_what_the_customer_accepts_is_closed_by_customer_service(stage: Stage) -> None:
    """R136, R149: agreed and solved; what the decision had assumed does not count against what the customer says."""
    play = await stage.start(company=COMPANY)
    await decide(play, agreed=False)
    await answered(play, accepts=True)
    await play.close()
    view = await play.view()
    assert (view.stage, view.handling.customer, view.handling.meetings) == ("closed", "accepts", ())


@pytest.mark.parametrize(("impact", "expected"), [("large", {"dispute": "open"}), ("ordinary", {})])
async def test_only_a_refusal_of_large_impact_must_come_before_the_committee(
    stage: Stage, impact: str, expected: dict[str, str]
) -> None:
    """R137: either way the customer has refused, and customer service does not close alone (R150)."""
    play = await stage.start(company=COMPANY)
    await decide(play)
    await answered(play, accepts=False, impact=impact)
    assert await statuses(play, "dispute") == expected
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=1)
    code = await play.refused(cmd.Close, reason=TEXT)
    assert code == ("DutyOpen" if expected else "CommitteeOnly")


async def test_whoever_accepts_after_all_ends_the_dispute(stage: Stage) -> None:
    """R136, R137: what customer service explained may calm, and then nobody need meet."""
    play = await refused_at_large(stage)
    await answered(play, accepts=True)
    assert await statuses(play, "dispute") == {"dispute": "cancelled"}
    await play.do(cmd.Close, reason="处理完毕，客户认可。")
    assert (await play.view()).stage == "closed"


async def test_the_committees_final_opinion_is_told_by_letter(stage: Stage) -> None:
    """R137, R138: the committee meets, fixes its opinion, and the customer reads it with every remedy that remains."""
    play = await refused_at_large(stage)
    assert await play.refused(hcmd.GiveFinalOpinion, CHAIR, meeting="k1", opinion=OPINION) == "NoSuchMeeting"
    await give_opinion(play)
    assert await statuses(play, "dispute") == {"dispute": "met"}
    body = letters(play)["final_opinion"].body
    assert OPINION in body
    assert all(remedy in body for remedy in ("核查：", "调解：", "仲裁：", "诉讼："))
    assert len(told(await play.events(), "final_opinion")) == 1


async def test_without_agreement_a_case_is_closed_after_the_committee_found_its_handling_lawful(stage: Stage) -> None:
    """R150: the final opinion alone closes nothing, nor does a meeting that found no lawful handling."""
    play = await refused_at_large(stage)
    await give_opinion(play)
    assert await play.refused(cmd.Close, reason=TEXT) == "CommitteeOnly"
    await meet(play, "close_without_agreement")
    assert await play.refused(cmd.Close, reason=TEXT) == "CommitteeOnly"
    await meet(play, "close_without_agreement", lawful=True)
    await play.do(cmd.Close, reason="委员会认定处理合法合规。")
    view = await play.view()
    assert (view.stage, view.handling.customer) == ("closed", "refuses")
    assert (await play.finish()).result == "responsible"
    assert verified(play)


async def test_the_committees_ruling_is_what_a_case_is_closed_as(stage: Stage) -> None:
    """R005, R147: where departments disagree the committee rules, and result, record and figures follow it."""
    play = await stage.start(company=COMPANY)
    await decide(play)
    meeting = await meet(play, "liability")
    ruling: dict[str, Any] = {"liability": "non_responsible", "causes": ["claims_terms"]}
    await play.do(hcmd.RuleLiability, CHAIR, meeting=meeting, **ruling)
    await play.close()
    events = await play.events()
    decided = next(event for event in events if isinstance(event, ev.DecisionMade))
    closed = next(event for event in events if isinstance(event, ev.Closed))
    assert (decided.liability, closed.result) == ("responsible", "non_responsible")
    assert (await play.finish()).result == "non_responsible"
    row = stage.ledger.case(play.intake.complaint_id)
    assert row is not None
    assert (row.liability, verified(play)) == ("non_responsible", True)


@pytest.mark.parametrize("categories", [["system"], ["claims", "system"]], ids=["alone", "beside another"])
async def test_a_system_complaint_is_closed_with_its_fault(stage: Stage, categories: list[str]) -> None:
    """R096: whoever works on it says what was wrong; without that nobody closes."""
    play = await stage.start(company=COMPANY, categories=categories)
    for slip in (await play.view()).slips:
        await play.do(slip_cmd.AcceptSlip, slip.coordinator, slip=slip.slip)
        await play.do(slip_cmd.AnswerSlip, slip.coordinator, slip=slip.slip, findings=TEXT)
    coordinator = (await play.view()).coordinator or ""
    if len(categories) == 1:
        await play.do(cmd.SubmitFindings, coordinator, findings=TEXT)
    await play.decide()
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)
    assert await play.refused(cmd.Close, reason=TEXT) == "FaultMissing"
    await play.do(hcmd.DescribeFault, coordinator, fault="批处理中断，状态未回写。")
    await play.do(cmd.Close, reason="处理完毕，客户认可。")
    assert (await play.view()).stage == "closed"

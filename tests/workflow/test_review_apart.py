"""A review (核查, art. 20) as a workflow of its own: appointed, examined, decided by the superior institution, told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from models import commands as cmd
from models import handling_commands as hcmd
from models.child import review_workflow_id
from models.view import ReviewView
from rulebook import events as ev
from tests.workflow.company import COMPANY, PROVINCE, decide, letters, meet, midnight_after, verified
from tests.workflow.stage import CALLER, CHAIR, REVIEW, REVIEWER, SENIOR, SERVICE, SUPERIOR, Play, Stage, kinds

pytestmark = pytest.mark.slow

WHY = "投诉人书面申请核查。"
HEAD_OFFICE_HEAD = "p-hq-kf-03"
"""Head of customer service of head office, above every province."""
EXAMINED = {name: text for name, text in REVIEW.items() if name != "outcome"}


async def closed(stage: Stage, decider: str = SERVICE, **changes: Any) -> Play:
    """Decided by *decider*, told, called back and closed; the window for a review is open."""
    play = await stage.start(company=COMPANY, **changes)
    await play.find()
    await play.decide(decider)
    await play.close()
    return play


def review_of(play: Play) -> WorkflowHandle[Any, Any]:
    return play.stage.client.get_workflow_handle(review_workflow_id(play.intake.complaint_id, "r1"))


async def stage_of(play: Play) -> str:
    seen: ReviewView = await review_of(play).query("view", result_type=ReviewView)
    return seen.stage


async def test_a_review_is_appointed_examined_decided_and_told_and_then_it_ends(stage: Stage) -> None:
    """Art. 20, R167, R168: process, time limits and result; three people of whom none decided first; within 30 days."""
    play = await closed(stage)
    await play.do(cmd.RequestReview, reason=WHY)
    assert (await play.duty("review_decide")).due == midnight_after(play, 30)
    reached = [await stage_of(play)]
    await play.do(hcmd.AppointReviewer, SUPERIOR, reviewer=REVIEWER)
    reached.append(await stage_of(play))
    assert (await play.view()).handling.reviewer == REVIEWER
    await play.do(hcmd.ExamineReview, REVIEWER, **EXAMINED)
    reached.append(await stage_of(play))
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    assert reached == ["review_requested", "review_examining", "review_deciding"]
    assert (await review_of(play).describe()).status == WorkflowExecutionStatus.COMPLETED
    assert await review_of(play).result() == "review_decided"
    assert await play.children() == []
    assert (await play.duty("review_decide")).status == "met"
    body = letters(play)["review_decision"].body
    assert all(text in body for text in EXAMINED.values())
    happened = [kind for kind in kinds(await play.events()) if kind.startswith("review")]
    assert happened == ["review_requested", "reviewer_appointed", "review_examined", "review_decided"]
    assert verified(play)


async def test_a_complaint_ends_once_its_review_was_told(stage: Stage) -> None:
    """Art. 20: nothing is left that anybody could ask for; the first result stands beside the review's."""
    play = await closed(stage)
    await play.do(cmd.RequestReview, reason=WHY)
    await play.examine()
    await play.do(cmd.DecideReview, SUPERIOR, **{**REVIEW, "outcome": "changed"})
    result = await play.handle.result()
    assert (result.result, result.breached) == ("responsible", False)


async def test_a_review_that_is_decided_late_is_a_breach_of_the_complaint(stage: Stage) -> None:
    """Art. 20: thirty days and no extension; the clock is the complaint's, whoever reviews."""
    play = await closed(stage)
    await play.do(cmd.RequestReview, reason=WHY)
    await play.examine()
    await play.forward_to(midnight_after(play, 30))
    assert "review_decide" in [event.duty for event in await play.events() if isinstance(event, ev.DeadlineBreached)]
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    assert (await play.duty("review_decide")).status == "met_late"


async def test_a_request_that_was_handed_in_in_time_is_entered_up_to_five_days_later(stage: Stage) -> None:
    """Art. 20: it is the day of the letter that counts; thirty days run from then, and not from its entry."""
    play = await closed(stage)
    await play.forward(days=34)
    window = await play.duty("review_window")
    assert (window.status, window.due) == ("window_closed", midnight_after(play, 30))
    handed_in = play.intake.received_at + timedelta(days=28)
    assert await play.refused(cmd.RequestReview, at=midnight_after(play, 30), reason=WHY) == "NoWindow"
    await play.do(cmd.RequestReview, at=handed_in, reason=WHY)
    assert (await play.duty("review_window")).status == "met"
    duty = await play.duty("review_decide")
    assert (duty.status, duty.due) == ("open", midnight_after(play, 58))
    await play.examine()
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    assert (await play.duty("review_decide")).status == "met"


async def test_after_five_days_the_case_rests_for_good(stage: Stage) -> None:
    """The window closed, and nothing more was entered."""
    play = await closed(stage)
    await play.forward(days=36)
    assert (await play.handle.result()).result == "responsible"
    assert "window_closed" in kinds(await play.events())


async def test_whoever_sat_on_the_committee_reviews_nothing(stage: Stage) -> None:
    """Art. 20: its members resolved on the case in the first instance; they neither examine nor decide anew."""
    play = await stage.start(company=COMPANY)
    await decide(play)
    await play.do(hcmd.RecordResponse, accepts=False, summary="不认可。")
    await meet(play, "close_without_agreement", lawful=True)
    await play.close()
    await play.do(cmd.RequestReview, reason=WHY)
    for member in (CHAIR, SUPERIOR):
        assert await play.refused(hcmd.AppointReviewer, member, reviewer=REVIEWER) == "TookPart"
        assert await play.refused(hcmd.AppointReviewer, SENIOR, reviewer=member) == "TookPart"
    await play.examine(SENIOR)
    await play.do(cmd.DecideReview, SENIOR, **REVIEW)
    assert (await play.duty("review_decide")).status == "met"


async def test_what_a_city_decided_for_the_province_is_reviewed_by_the_province(stage: Stage) -> None:
    """Art. 20, R145: it is the superior of the unit that decided, whichever handles the complaint; the letter names it."""
    play = await stage.start(company=COMPANY, forwarded=True)
    await play.do(cmd.SubmitFindings, "p-gd-yg-01", findings=WHY)
    await play.do(hcmd.DelegateClosure, SUPERIOR, unit="gd-gz", reason=WHY)
    await play.decide(SERVICE)
    assert "（示例人寿保险股份有限公司广东省分公司）书面申请核查" in letters(play)["decision"].body
    await play.do(cmd.RequestReview, reason=WHY)
    await play.examine()
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    assert (await play.duty("review_decide")).status == "met"


async def test_what_the_province_decided_for_a_city_is_reviewed_by_head_office(stage: Stage) -> None:
    """Art. 20: no institution reviews itself, and the letter says to whom the complainant turns."""
    play = await stage.start(company=COMPANY)
    await play.find()
    await play.decide("p-gd-kf-02")
    assert "（示例人寿保险股份有限公司）书面申请核查" in letters(play)["decision"].body
    await play.do(cmd.RequestReview, reason=WHY)
    assert await play.refused(hcmd.AppointReviewer, SUPERIOR, reviewer="p-hq-kf-01") == "NotAuthorised"
    assert await play.refused(hcmd.AppointReviewer, HEAD_OFFICE_HEAD, reviewer=REVIEWER) == "NotAuthorised"
    await play.examine(HEAD_OFFICE_HEAD, "p-hq-kf-01")
    await play.do(cmd.DecideReview, HEAD_OFFICE_HEAD, **REVIEW)
    assert (await play.duty("review_decide")).status == "met"


async def test_the_provinces_own_customer_service_examines_what_a_city_decided(stage: Stage) -> None:
    """R013, R168: the superior company checks what the level below did; the one complained of cannot be its reviewer."""
    play = await closed(stage, respondent={"unit": "gd-gz", "staff": [{"person": REVIEWER}]})
    await play.do(cmd.RequestReview, reason=WHY)
    assert await play.refused(hcmd.AppointReviewer, SUPERIOR, reviewer=REVIEWER) == "TookPart"
    await play.examine(SUPERIOR, "p-gd-kf-02")
    assert (await play.view()).handling.reviewer == "p-gd-kf-02" != PROVINCE


async def test_a_review_that_changes_the_decision_changes_what_the_case_is_closed_as(stage: Stage) -> None:
    """Art. 20, R142: the superior's liability stands, and what it reviewed needs no committee to find it lawful (R150)."""
    play = await stage.start(company=COMPANY)
    await play.find()
    await play.decide(liability="non_responsible", agreed=False)
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=1)
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    await play.examine()
    changed = {**REVIEW, "outcome": "changed", "liability": "responsible", "causes": ["claims_delay"]}
    await play.do(cmd.DecideReview, SUPERIOR, **changed)
    await play.do(cmd.Close, reason="按核查决定办理完毕。")
    closed = next(event for event in await play.events() if isinstance(event, ev.Closed))
    assert closed.result == "responsible"
    assert stage.ledger.verify(play.intake.complaint_id).ok

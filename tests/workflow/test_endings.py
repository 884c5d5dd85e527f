"""How a procedure ends without a decision, at every stage where the law allows it, and what cannot happen afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.stage import CLAIMS, HEAD, REVIEW, SENIOR, SUPERIOR, Play, Stage, kinds


async def nothing(_: Play) -> None:
    """The department investigates."""


async def findings(play: Play) -> None:
    await play.find()


async def asked_for_time(play: Play) -> None:
    await play.do(cmd.Classify, complexity="complex", reason="涉及多次住院。")
    await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")


async def paused(play: Play) -> None:
    await play.do(cmd.Pause, ground="mediation", reason="双方申请调解。")


async def late(play: Play) -> None:
    await play.forward(days=17)


STAGES: list[Callable[[Play], Awaitable[None]]] = [nothing, findings, asked_for_time, paused, late]


@pytest.mark.parametrize("reach", STAGES, ids=lambda stage: stage.__name__)
async def test_a_withdrawal_ends_the_procedure_in_every_stage(
    stage: Stage, reach: Callable[[Play], Awaitable[None]]
) -> None:
    """The procedure ends on the day the withdrawal is received; the complainant is told; no timer runs on (art. 15)."""
    play = await stage.start()
    await reach(play)
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    result = await play.handle.result()
    events = await play.events()
    assert result.result == "withdrawn"
    assert kinds(events)[-1] == "closed"
    assert any(isinstance(event, ev.NoticeGiven) and event.kind == "withdrawal" for event in events)
    assert (await play.duty()).status == "cancelled"
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


async def test_an_open_request_for_time_is_settled_by_the_withdrawal(stage: Stage) -> None:
    play = await stage.start(complexity="complex")
    await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    await play.handle.result()
    assert [event.code for event in await play.events() if isinstance(event, ev.ExtensionRefused)] == ["CaseEnded"]


async def test_what_was_told_cannot_be_withdrawn(stage: Stage) -> None:
    """Once the decision has been told the procedure is over; what remains is the review (art. 20)."""
    play = await stage.start()
    await play.find()
    await play.decide()
    assert await play.refused(cmd.Withdraw, reason="撤回") == "AlreadyTold"
    assert await play.refused(cmd.AddFacts, summary="新材料") == "AlreadyTold"


async def test_handling_is_refused_on_the_one_ground_and_the_submitter_told(stage: Stage) -> None:
    """Art. 18(4)."""
    play = await stage.start()
    await play.do(cmd.RefuseHandling, reason="来电人并非投诉人，亦无授权。")
    assert (await play.handle.result()).result == "refused"
    assert (await play.duty("tell_refusal")).status == "met"


async def test_a_repeated_complaint_is_merged_and_silenced(stage: Stage) -> None:
    """Without new facts it is handled within the earlier one: its clock stops, and it counts no breach (art. 18(3))."""
    first = await stage.start()
    second = await stage.start(earlier_complaint=first.intake.complaint_id)
    assert await second.refused(cmd.Merge, into="T-not-there", reason="重复投诉") == "MergeTargetMissing"
    assert await second.refused(cmd.Merge, into=second.intake.complaint_id, reason="重复投诉") == "MergeIntoItself"
    await second.do(cmd.Merge, into=first.intake.complaint_id, reason="同一事项重复投诉，无新的事实和理由。")
    result = await second.handle.result()
    assert (result.result, result.breached) == ("merged", False)


async def test_a_branch_decision_is_reviewed_by_the_superior(stage: Stage) -> None:
    """Asked within 30 days, decided by the superior within 30, never by who decided first, and told (art. 20)."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.do(cmd.RecordCallback, "p-gd-gz-kf-02", reached=True, satisfaction=2)
    await play.do(cmd.Close, reason="处理完毕。")
    await play.forward(days=20)
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    assert await play.refused(cmd.DecideReview, HEAD, **REVIEW) == "NotAuthorised"
    await play.examine()
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    result = await play.handle.result()
    assert (result.result, result.breached) == ("responsible", False)
    assert (await play.duty("review_decide")).status == "met"


@pytest.mark.slow
async def test_who_took_part_cannot_review(stage: Stage) -> None:
    play = await stage.start(complexity="complex")
    asked = await play.do(cmd.RequestExtension, days=5, reason="等待回函。")
    await play.do(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason="同意。")
    await play.find()
    await play.decide()
    await play.do(cmd.RecordCallback, "p-gd-gz-kf-02", reached=True, satisfaction=2)
    await play.do(cmd.Close, reason="处理完毕。")
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    assert await play.refused(cmd.DecideReview, SUPERIOR, **REVIEW) == "TookPart"
    assert await play.refused(hcmd.AppointReviewer, SENIOR, reviewer=SUPERIOR) == "TookPart"
    await play.examine(SENIOR)
    await play.do(cmd.DecideReview, SENIOR, **REVIEW)
    assert (await play.duty("review_decide")).status == "met"


async def test_the_window_for_a_review_is_thirty_days_from_receipt_of_the_decision(stage: Stage) -> None:
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.forward(days=3)
    await play.do(cmd.ConfirmReceipt, proof="签收回执 2026-0001")
    window = await play.duty("review_window")
    received = (await play.now()).date()
    assert window.last_day == (received + timedelta(days=30)).isoformat()
    await play.do(cmd.RecordCallback, "p-gd-gz-kf-02", reached=False)
    await play.do(cmd.Close, reason="处理完毕。")
    await play.forward(days=31)
    assert "window_closed" in kinds(await play.events())
    await play.handle.result()


async def test_a_head_office_decision_has_no_review(stage: Stage) -> None:
    """Only a branch's decision can be reviewed (art. 20)."""
    play = await stage.start(respondent={"unit": "hq"})
    await play.do(cmd.SubmitFindings, "p-hq-yg-01", findings="经核实属实。")
    await play.decide("p-hq-kf-01")
    await play.do(cmd.RecordCallback, "p-hq-kf-02", reached=True, satisfaction=5)
    await play.do(cmd.Close, "p-hq-kf-03", reason="处理完毕。")
    await play.handle.result()
    assert not any(duty.key == "review_window" for duty in (await play.view()).duties)


async def test_nobody_with_a_direct_interest_acts(stage: Stage) -> None:
    """The staff complained of neither coordinate nor find nor decide (art. 17)."""
    play = await stage.start(respondent={"unit": "gd-gz", "staff": [{"person": CLAIMS}]})
    view = await play.view()
    assert view.coordinator not in {None, CLAIMS}
    assert await play.refused(cmd.SubmitFindings, CLAIMS, findings="属实") == "DirectInterest"
    assert (
        await play.refused(cmd.Assign, unit="gd-gz", department="gd-gz-yg", coordinator=CLAIMS, reason="改派")
        == "DirectInterest"
    )


async def test_closing_without_agreement_is_for_the_committee(stage: Stage) -> None:
    """R150: customer service alone closes what was agreed."""
    play = await stage.start()
    await play.find()
    await play.decide(agreed=False)
    assert await play.refused(cmd.Close, reason="结案") == "CallbackMissing"
    await play.do(cmd.RecordCallback, "p-gd-gz-kf-02", reached=True, satisfaction=1)
    assert await play.refused(cmd.Close, reason="结案") == "CommitteeOnly"
    await play.do(cmd.Close, SUPERIOR, reason="委员会认定处理合法合规。")


async def test_facts_lie_neither_in_the_future_nor_before_receipt(stage: Stage) -> None:
    play = await stage.start()
    now = await play.now()
    assert await play.refused(cmd.Withdraw, at=now + timedelta(days=1), reason="撤回") == "FutureInstant"
    before = play.intake.received_at - timedelta(days=1)
    assert await play.refused(cmd.Withdraw, at=before, reason="撤回") == "BeforeReceipt"


@pytest.mark.parametrize(("total", "severity"), [(19, "general"), (20, "major")])
async def test_twenty_people_face_to_face_are_a_major_complaint(stage: Stage, total: int, severity: str) -> None:
    """Art. 29: twenty or more complainants, jointly and face to face."""
    group = {"total": total, "face_to_face": True, "representatives": [{"name": "测试代表"}]}
    play = await stage.start(channel="visit", group=group)
    assert (await play.view()).severity == severity

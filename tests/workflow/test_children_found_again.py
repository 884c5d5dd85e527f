"""Slips and reviews of a complaint that was brought back: what still runs is heard, what was ended with it begins anew."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip
from models.child import News, slip_workflow_id
from models.opening import Accepted
from models.view import SlipView
from rulebook import events as ev
from tests.engine.waiting import PATIENCE, until
from tests.records.parts import raw
from tests.workflow.bringing_back import reopened_after, terminated
from tests.workflow.company import COMPANY, decide
from tests.workflow.stage import CLAIMS, REVIEW, REVIEWER, SERVICE, SUPERIOR, Play, Stage, kinds
from tests.workflow.test_rules_move import move
from tests.workflow.test_slips import SALES, of_two_departments, slips
from workflows import child as workflows_child


def child(play: Play, name: str) -> WorkflowHandle[object, object]:
    return play.stage.client.get_workflow_handle(slip_workflow_id(play.intake.complaint_id, name))


def messages(play: Play) -> list[str]:
    return sorted(path.name for path in (play.stage.home / "outbox").glob(f"{play.intake.complaint_id}.slip.*"))


async def described(handle: WorkflowHandle[object, object]) -> bool:
    try:
        return (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
    except RPCError:
        return False


async def coordinator(play: Play, name: str) -> str:
    return (await slips(play))[name].coordinator


async def answer(play: Play, name: str, coordinator: str) -> None:
    await play.do(slip.AnswerSlip, coordinator, slip=name, findings="经核实，情况属实。")


async def test_slips_that_were_ended_with_their_complaint_begin_anew_where_they_stood(stage: Stage) -> None:
    """Their limits passed meanwhile: each breach at its instant; nobody is handed the slip twice; then all is answered."""
    play = await of_two_departments(stage)
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    due, handed = {name: one.next_due for name, one in (await slips(play)).items()}, messages(play)
    before = await play.events()
    last = await terminated(play, with_children=True)
    back = await reopened_after(play, last, days=12)
    assert {name: one.status for name, one in (await slips(back)).items()} == {"s1": "accepted", "s2": "dispatched"}
    assert len(await back.children()) == len(due)
    events = await back.events()
    assert events[: len(before)] == before
    breached = {e.slip: e.at for e in reversed(events) if isinstance(e, ev.DeadlineBreached) and e.slip}
    assert {name: breached[name] for name in due} == due
    assert messages(back) == handed
    await answer(back, "s1", CLAIMS)
    await back.do(slip.AcceptSlip, SALES, slip="s2")
    await answer(back, "s2", SALES)
    assert (await back.view()).stage == "deciding"
    assert kinds(await back.events()).count("command_refused") == 0
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


async def test_a_slip_that_still_runs_is_heard_and_loses_no_command(stage: Stage) -> None:
    """The department accepted while there was no complaint to tell: it is told once there is one again."""
    play = await of_two_departments(stage)
    last = await terminated(play, with_children=False)
    ask = slip.AcceptSlip(id="accept", actor=CLAIMS, slip="s1")
    accepting = asyncio.create_task(child(play, "s1").execute_update("accept_slip", ask, result_type=Accepted))
    while (await child(play, "s1").query("view"))["status"] != "accepted":  # noqa: ASYNC110  # the server tells nobody
        await asyncio.sleep(0.05)
    assert not accepting.done(), "what is on no record is not answered as obeyed"
    for name in ("s1", "s2"):
        await stage.env.fast_forward(
            child(play, name), timedelta(days=0.1)
        )  # Its day is no earlier than the complaint's.
    back = await reopened_after(play, last)
    assert (await accepting).stage == "accepted"
    assert (await slips(back))["s1"].status == "accepted"
    assert kinds(await back.events()).count("slip_accepted") == 1
    await answer(back, "s1", CLAIMS)
    await back.do(slip.AcceptSlip, SALES, slip="s2")
    await answer(back, "s2", SALES)
    assert (await back.view()).stage == "deciding"
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


@pytest.mark.long
async def test_what_a_complaint_had_heard_and_not_written_down_is_told_again(stage: Stage) -> None:
    """The record says how far it heard; a slip that is told less than that repeats, and nothing is recorded twice."""
    play = await of_two_departments(stage)
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    await answer(play, "s1", CLAIMS)
    before = await play.events()
    now = await play.now()
    recovered = ev.Recovered(at=now, recorded_at=now, reason="说明", ended="terminated")
    await child(play, "s1").signal("hear", News(event=recovered, told=1))
    assert await play.events() == before


async def test_a_slip_that_never_came_to_the_record_ends_and_keeps_its_name_for_itself(stage: Stage) -> None:
    """
    Sent out while the database took no writes, before the run was ended: the complaint that comes back knows nothing of it.

    What is sent out afterwards has a workflow, a task and messages of its own.
    """
    play = await of_two_departments(stage)
    share = {"category": "payment", "reason": "需核对付款记录。"}
    with raw(f"sqlite:///{stage.home / 'records.db'}") as database:
        database.exec_driver_sql("CREATE TRIGGER shut BEFORE INSERT ON event BEGIN SELECT RAISE(FAIL, 'shut'); END")
    lost = await play.handle.execute_update(
        "dispatch", hcmd.Dispatch(id="lost", actor=SERVICE, **share), result_type=Accepted
    )
    await until(lambda: described(child(play, "s3")))
    last = await terminated(play)
    await asyncio.sleep(0.5)  # A step that was under way fails too.
    with raw(f"sqlite:///{stage.home / 'records.db'}") as database:
        database.exec_driver_sql("DROP TRIGGER shut")
    await stage.env.fast_forward(child(play, "s3"), timedelta(days=0.1))  # Its day is no earlier than the complaint's.
    back = await reopened_after(play, last)
    async with asyncio.timeout(PATIENCE):
        assert await child(play, "s3").result() == "dispatched"
    again = await back.do(hcmd.Dispatch, **share)
    assert (lost.ref, again.ref) == ("s3", "s3r1")
    await back.do(slip.AcceptSlip, await coordinator(back, "s3r1"), slip="s3r1")
    assert {name: one.status for name, one in (await slips(back)).items()} == {
        **dict.fromkeys(("s1", "s2"), "dispatched"),
        "s3r1": "accepted",
    }
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


async def test_news_of_a_recovery_ends_no_slip_that_is_on_record(stage: Stage) -> None:
    """Whoever says so."""
    play = await of_two_departments(stage)
    now = await play.now()
    recovered = ev.Recovered(at=now, recorded_at=now, reason="说明", ended="terminated")
    await child(play, "s1").signal("hear", News(event=recovered, told=0))
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    assert (await slips(play))["s1"].status == "accepted"


async def test_a_slip_whose_complaint_has_come_to_its_end_still_ends(stage: Stage) -> None:
    """Nothing brings such a complaint back, so nobody waits for it."""
    play = await of_two_departments(stage)
    await terminated(play, with_children=False)
    number = len(stage.ledger.events(play.intake.complaint_id)) + 1
    now = await play.now()
    withdrawn = ev.Withdrawn(at=now, recorded_at=now, by=SERVICE, reason="已和解")
    pin = (await play.view()).pin
    assert pin is not None
    stage.ledger.append(play.intake.complaint_id, number, [withdrawn], pin)
    ask = slip.AcceptSlip(id=uuid.uuid4().hex, actor=CLAIMS, slip="s1")
    await child(play, "s1").execute_update("accept_slip", ask)
    await child(play, "s1").result()
    assert (await child(play, "s1").describe()).status == WorkflowExecutionStatus.COMPLETED


@pytest.mark.long
async def test_a_decided_complaint_needs_no_slips_again(stage: Stage) -> None:
    """They came to their end with the decision, which is on record."""
    play = await of_two_departments(stage)
    await decide(play)
    assert (await play.view()).stage == "calling_back"
    last = await terminated(play, with_children=True)
    back = await reopened_after(play, last)
    assert await back.children() == []
    assert (await back.view()).stage == "calling_back"


@pytest.mark.slow
async def test_a_review_begins_anew_where_it_stood(stage: Stage) -> None:
    """Its reviewer had been appointed; the superior institution decides, and the customer is told once."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.close()
    await play.do(cmd.RequestReview, reason="不服处理决定")
    await play.do(hcmd.AppointReviewer, SUPERIOR, reviewer=REVIEWER)
    last = await terminated(play, with_children=True)
    back = await reopened_after(play, last, days=1)
    assert (await back.view()).stage == "in_review"
    examined = {name: text for name, text in REVIEW.items() if name != "outcome"}
    await back.do(hcmd.ExamineReview, REVIEWER, **examined)
    await back.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    told = [event for event in await back.events() if isinstance(event, ev.NoticeGiven)]
    assert [event.kind for event in told] == ["receipt", "decision", "review_decision"]
    assert kinds(await back.events()).count("reviewer_appointed") == 1
    assert await back.children() == []
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


@pytest.mark.slow
async def test_a_slip_begins_anew_under_the_rules_it_had_moved_to(stage: Stage) -> None:
    """Moved to the statute before it was ended, it moves back with its complaint, and each move is one event."""
    play = await of_two_departments(stage)
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    due = {name: one.next_due for name, one in (await slips(play)).items()}
    await move(play, "cn-2020-3")
    last = await terminated(play, with_children=True)
    back = await reopened_after(play, last)
    await move(back, COMPANY)
    recorded = await slips(back)
    assert {name: one.next_due for name, one in recorded.items()} == due
    assert {name: await child(back, name).query("view", result_type=SlipView) for name in due} == recorded
    moved = [event.slip for event in await back.events() if isinstance(event, ev.RulesMoved) and event.slip]
    assert sorted(moved) == ["s1", "s1", "s2", "s2"]
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


async def test_a_slip_is_heard_again_after_its_complaint_was_reset(
    live: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was reset does not say that it is back: the slip tries again by itself, and its command is answered."""
    monkeypatch.setattr(workflows_child, "UNHEARD", timedelta(seconds=1))
    play = await live.start(rules=COMPANY, categories=["claims", "selling"])
    await play.settle()
    await play.handle.terminate("by mistake")
    ask = slip.AcceptSlip(id="accept", actor=CLAIMS, slip="s1")
    accepting = asyncio.create_task(child(play, "s1").execute_update("accept_slip", ask, result_type=Accepted))

    async def accepted() -> bool:
        return bool((await child(play, "s1").query("view", result_type=SlipView)).status == "accepted")

    await until(accepted)
    run = play.handle.first_execution_run_id
    tasks = [
        event.event_id
        async for event in play.handle.fetch_history_events()
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    await live.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=live.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=play.handle.id, run_id=run or ""),
            reason="by mistake",
            workflow_task_finish_event_id=tasks[-1],
            request_id=uuid.uuid4().hex,
        )
    )
    async with asyncio.timeout(PATIENCE):
        assert (await accepting).event == "slip_accepted"

    async def recorded() -> bool:
        return kinds(live.ledger.events(play.intake.complaint_id)).count("slip_accepted") == 1

    await until(recorded)

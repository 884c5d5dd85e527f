"""A complaint whose workflow was ended before the complaint is brought back from its record, and its clock went on."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from activities.earlier_runs import last_run
from models import commands as cmd
from models.opening import TURNED_AWAY, WORKFLOW_TYPE, Accepted, CaseResult
from rulebook import events as ev
from tests.engine.waiting import PATIENCE
from tests.workflow.bringing_back import REASON, bring_back, reopened
from tests.workflow.stage import CLAIMS, DECISION, SERVICE, Play, Stage, kinds
from tests.workflow.test_contract import documented

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


async def turned_away(handle: WorkflowHandle[Any, Any]) -> str:
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, ApplicationError)
    return caught.value.cause.type or ""


def letters(play: Play) -> list[str]:
    return sorted(notice.notice for notice in play.stage.ledger.notices(play.intake.complaint_id))


async def test_a_terminated_complaint_goes_on_from_its_record_and_to_its_end(stage: Stage) -> None:
    """Its deadline passed while nothing ran: the breach stands at its instant, no letter leaves twice, and it closes."""
    play = await stage.start()
    before, due, sent = await play.events(), (await play.duty()).due, letters(play)
    await play.handle.terminate("by mistake")
    again = await reopened(play, days=20)
    events = await again.events()
    assert events[: len(before)] == before
    recovered, *after = events[len(before) :]
    assert isinstance(recovered, ev.Recovered)
    assert (recovered.by, recovered.reason, recovered.ended) == (SERVICE, REASON, "terminated")
    assert recovered.run == play.handle.first_execution_run_id
    assert recovered.ended_at is not None
    [breach] = [event for event in after if isinstance(event, ev.DeadlineBreached) and event.duty == "decide"]
    assert breach.at == due != breach.recorded_at
    assert letters(again) == sorted([*sent, f"{play.intake.complaint_id}.late.1"])
    await again.find()
    await again.decide()
    result = await again.finish()
    assert (result.result, result.breached) == ("responsible", True)
    told = [event.kind for event in stage.ledger.events(play.intake.complaint_id) if isinstance(event, ev.NoticeGiven)]
    assert told == ["receipt", "late", "decision"]
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()
    assert await turned_away(await bring_back(stage, play.intake, days=60)) == "CaseEnded"


async def test_commands_of_the_last_run_are_known_to_the_new_one(stage: Stage) -> None:
    """Who repeats a command is answered as before; who asks something else under its id is refused."""
    play = await stage.start()
    ask = cmd.RecordContact(id="call-1", actor=SERVICE, method="phone", reached=False, summary="无人接听。")
    first = await play.handle.execute_update("record_contact", ask, result_type=Accepted)
    await play.settle()
    await play.handle.terminate()
    again = await reopened(play)
    assert await again.handle.execute_update("record_contact", ask, result_type=Accepted) == first
    assert kinds(await again.events()).count("contact_attempted") == 1


@pytest.mark.long
async def test_it_may_be_brought_back_again_and_again(stage: Stage) -> None:
    """Each time the newest run counts, also when a bad attempt lies between."""
    play = await stage.start()
    await play.handle.terminate()
    second = await reopened(play)
    await second.handle.terminate()
    assert await turned_away(await bring_back(stage, play.intake, "p-no-such-person", days=2)) == "UnknownActor"
    third = await reopened(second, days=3)
    found = [event for event in await third.events() if isinstance(event, ev.Recovered)]
    assert [event.run for event in found] == [
        play.handle.first_execution_run_id,
        second.handle.first_execution_run_id,
    ]
    assert [event.ended for event in found] == ["terminated", "terminated"]
    assert len((await third.view()).recovered) == len(found)


async def test_what_cannot_be_brought_back_is_refused_by_name(stage: Stage) -> None:
    """And nothing is recorded, whatever a plain client sends."""
    play = await stage.start(respondent={"unit": "gd-gz", "staff": [{"person": SERVICE}]})
    recorded = len(await play.events())
    with pytest.raises(WorkflowAlreadyStartedError):
        await bring_back(stage, play.intake)
    await play.handle.terminate()
    other = play.intake.model_copy(update={"facts": "另有所指。"})
    unknown = play.intake.model_copy(update={"complaint_id": "T-never-recorded"})
    pin = (await play.view()).pin
    assert pin is not None
    refusals = {
        "IntakeDiffers": await bring_back(stage, other),
        "NothingToReopen": await bring_back(stage, unknown),
    }
    assert {code: await turned_away(handle) for code, handle in refusals.items()} == {code: code for code in refusals}
    for by, code in (("p-stranger", "UnknownActor"), (CLAIMS, "NotAuthorised"), (SERVICE, "DirectInterest")):
        assert await turned_away(await bring_back(stage, play.intake, by)) == code
    for more in (
        {"pin": pin.model_dump(mode="json")},
        {"past": {"source": "old", "digest": "0" * 64, "by": SERVICE}},
        {"recorded": 1},
        {"reopening": {"by": SERVICE}},
        {"reopening": {"by": SERVICE, "reason": "x"}},
        {"reopening": {"by": "张三", "reason": REASON}},
        {"reopening": {"by": SERVICE, "reason": REASON, "ended": "terminated"}},
    ):
        assert await turned_away(await bring_back(stage, play.intake, **more)) == "InvalidOpening", more
    assert len(stage.ledger.events(play.intake.complaint_id)) == recorded


async def test_an_ordinary_opening_begins_no_second_history(stage: Stage) -> None:
    """The record holds the complaint: who opens it again is told, and nothing is added beside it."""
    play = await stage.start()
    before = await play.events()
    await play.handle.terminate()
    handle = await stage.client.start_workflow(
        WORKFLOW_TYPE,
        {"intake": play.intake.model_dump(mode="json")},
        id=play.handle.id,
        task_queue=stage.queue,
        result_type=CaseResult,
        start_delay=timedelta(days=1),
    )
    assert await turned_away(handle) == "AlreadyRecorded"
    assert stage.ledger.events(play.intake.complaint_id) == before
    assert (await (await reopened(play, days=2)).view()).recovered[0].ended == "terminated"


async def test_no_letter_goes_to_an_address_that_is_known_to_be_old(stage: Stage) -> None:
    """The newer number is in no record: the letter waits for a person until it is given again."""
    play = await stage.start()
    await play.do(cmd.ChangeContact, phone="13911112222")
    await play.handle.terminate()
    again = await reopened(play)
    await again.find()
    await again.decide()
    assert (await again.view()).waits_for == {"notice.decision": "NoAddress"}
    await again.do(cmd.ChangeContact, phone="13911112222")
    await again.do(cmd.RetryStep, step="notice.decision")
    assert (await again.view()).stage == "calling_back"
    text = (stage.home / "outbox" / f"{play.intake.complaint_id}.decision.1.txt").read_text(encoding="utf-8")
    assert "To: 13911112222" in text


@pytest.mark.long
async def test_what_did_not_change_of_the_contact_is_still_used(stage: Stage) -> None:
    """Only the telephone number was new: the mail address that came with the complaint is still right."""
    contact = {"phone": "13800000000", "email": "jia@example.com"}
    play = await stage.start(complainant={"kind": "person", "name": "测试人甲", "contact": contact})
    await play.do(cmd.ChangeContact, phone="13911112222")
    await play.handle.terminate()
    again = await reopened(play)
    await again.find()
    await again.decide()
    assert (await again.view()).stage == "calling_back"
    text = (stage.home / "outbox" / f"{play.intake.complaint_id}.decision.1.txt").read_text(encoding="utf-8")
    assert "To: jia@example.com" in text


@pytest.mark.long
async def test_a_step_that_waited_for_a_person_still_does(stage: Stage) -> None:
    play = await stage.start(complainant={"kind": "person", "name": "测试人甲"})
    assert (await play.view()).waits_for == {"notice.receipt": "NoAddress"}
    await play.handle.terminate()
    again = await reopened(play)
    assert (await again.view()).waits_for == {"notice.receipt": "NoAddress"}
    assert kinds(await again.events()).count("step_failed") == 1


async def test_a_closed_complaint_comes_back_for_its_review(stage: Stage) -> None:
    """It was ended while the customer could still ask for a review: after that window it comes to its own end."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.close()
    await play.handle.terminate()
    again = Play(stage, play.intake, await bring_back(stage, play.intake, days=60))
    assert (await again.handle.result()).result == "responsible"
    closed = [event for event in stage.ledger.events(play.intake.complaint_id) if isinstance(event, ev.WindowClosed)]
    assert [event.duty for event in closed] == ["review_window"]
    assert closed[0].at < closed[0].recorded_at


def test_every_code_at_the_door_is_known_to_who_looks_for_the_last_run() -> None:
    """A run that was turned away is no run of the complaint: taken for one, it would stand on record as the last."""
    as_of_a_command = {"CaseEnded", "UnknownActor", "DirectInterest", "NotAuthorised"}
    assert {row[0] for row in documented("Open a complaint")} | as_of_a_command == TURNED_AWAY


async def test_of_two_at_once_one_wins(stage: Stage) -> None:
    play = await stage.start()
    await play.handle.terminate()
    tries = await asyncio.gather(*(bring_back(stage, play.intake) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, WorkflowAlreadyStartedError) for one in tries) == 1
    [handle] = [one for one in tries if isinstance(one, WorkflowHandle)]
    assert kinds(await Play(stage, play.intake, handle).events()).count("recovered") == 1


async def test_a_case_that_has_gone_through_runs_comes_back_with_its_texts(stage: Stage) -> None:
    """Its letter was not out yet: the complainant reads all of the decision, which the run knows by its place alone."""
    play = await stage.start()
    await play.handle.signal("hand_over")
    await play.find()
    decision = "向您支付理赔款并致歉。" + "逐项说明如下，" * 400
    with stage.mail_room_closed():
        decide = cmd.Decide.model_validate({**DECISION, "id": "decide", "actor": SERVICE, "decision": decision})
        await play.handle.execute_update("decide", decide)
        async with asyncio.timeout(PATIENCE):
            while "decision_made" not in kinds(stage.ledger.events(play.intake.complaint_id)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await play.handle.terminate()
    again = await reopened(play)
    assert (await again.view()).stage == "calling_back"
    [text] = (stage.home / "outbox").glob(f"{play.intake.complaint_id}.decision.*.txt")
    assert decision in text.read_text(encoding="utf-8")
    found = [event for event in await again.events() if isinstance(event, ev.Recovered)]
    assert [event.ended for event in found] == ["terminated"]
    assert found[0].run != play.handle.first_execution_run_id, "the last run, and not the first"


@pytest.mark.long
async def test_it_does_not_matter_whether_the_server_still_knows(stage: Stage) -> None:
    """Its history has lapsed: how the last run ended nobody can say, and the rest is on record."""
    play = await stage.start()
    before = await play.events()
    await play.handle.terminate()
    gone = WorkflowExecution(workflow_id=play.handle.id, run_id=play.handle.first_execution_run_id or "")
    client = stage.client
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=gone)
    )
    async with asyncio.timeout(PATIENCE):
        while await last_run(client, play.handle.id, "", FOREVER):  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.05)
    again = await reopened(play)
    *known, recovered = await again.events()
    assert known == before
    assert isinstance(recovered, ev.Recovered)
    assert (recovered.ended, recovered.ended_at, recovered.run) == ("forgotten", None, "")


async def test_a_run_that_began_after_the_last_event_on_record_does_not_count(stage: Stage) -> None:
    """Somebody started another, and no worker took it up before it was ended: it tells nothing of the complaint."""
    play = await stage.start()
    await play.handle.terminate()
    idle = await stage.client.start_workflow(WORKFLOW_TYPE, id=play.handle.id, task_queue="nobody-serves-this")
    started = (await idle.describe()).start_time
    await idle.terminate()

    async def found(recorded_at: datetime) -> str | None:
        return (await last_run(stage.client, play.handle.id, "", recorded_at)).get("run")

    async with asyncio.timeout(PATIENCE):
        while await found(started) != idle.first_execution_run_id:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert await found(started - timedelta(milliseconds=1)) == play.handle.first_execution_run_id


async def test_a_step_that_was_writing_when_its_run_ended_is_waited_for(stage: Stage) -> None:
    """Nobody else writes to the database meanwhile, so the step is under way when the run is ended."""
    play = await stage.start()
    assert play.stage.ledger.sessions.engine.dialect.name == "sqlite"
    ask = cmd.RecordContact(id="call", actor=SERVICE, method="phone", reached=False, summary="无人接听。")
    with sqlite3.connect(stage.home / "records.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        await play.handle.execute_update("record_contact", ask)
        async with asyncio.timeout(PATIENCE):
            while not (await play.handle.describe()).raw_description.pending_activities:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await play.handle.terminate()
        assert (await last_run(stage.client, play.handle.id, "", FOREVER))["writing"]
        other.execute("ROLLBACK")
    other.close()
    again = await reopened(play)
    assert (await again.view()).waits_for == {}
    assert kinds(await again.events())[-2:] == ["contact_attempted", "recovered"], "what was written late counts"

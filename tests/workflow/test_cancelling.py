"""A request to cancel, one click in the Web UI, ends nothing: it is refused on record, and the clock goes on."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Replayer, Worker

from engine.keys import KeyRing
from engine.plugin import plugin
from models import commands as cmd
from models import handling_commands as hcmd
from models.child import review_workflow_id, slip_workflow_id
from rulebook import events as ev
from tests.engine.waiting import PATIENCE, until
from tests.workflow.stage import CLAIMS, REVIEWER, SUPERIOR, Play, Stage
from tests.workflow.test_slips import SALES, of_two_departments
from workflows import WORKFLOWS
from workflows.cancelling import despite_cancelling


def cancellations(events: list[ev.Event]) -> list[tuple[str, str | None]]:
    refused = [event for event in events if isinstance(event, ev.CommandRefused)]
    return [(event.code, event.child) for event in refused if event.command == "cancel"]


async def test_a_complaint_is_not_cancelled(stage: Stage) -> None:
    """Its deadline is breached at its instant, later commands are obeyed, a new run begins, and it comes to its end."""
    play = await stage.start()
    due = (await play.duty()).due
    await play.handle.cancel()
    assert cancellations(await play.events()) == [("NotCancellable", None)]
    await play.forward(days=20)
    [breach] = [
        event for event in await play.events() if isinstance(event, ev.DeadlineBreached) and event.duty == "decide"
    ]
    assert breach.at == due
    await play.handle.signal("hand_over")
    await play.settle()
    await play.find()
    await play.handle.cancel()
    await play.decide()
    assert (await play.finish()).result == "responsible"
    events = stage.ledger.events(play.intake.complaint_id)
    assert cancellations(events) == [("NotCancellable", None)] * 2
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


async def test_a_complaint_that_was_to_be_cancelled_replays(stage: Stage, keys: KeyRing) -> None:
    """In a worker that has never seen it, also out of its cache."""
    play = await stage.start()
    await play.handle.cancel()
    await play.do(cmd.RecordContact, method="phone", reached=False, summary="无人接听。")
    replayer = Replayer(workflows=WORKFLOWS, plugins=[plugin(keys)], build_id="replay")
    async with asyncio.timeout(PATIENCE):
        await replayer.replay_workflow(await play.handle.fetch_history())


async def test_a_request_that_comes_before_the_first_step_is_refused_too(stage: Stage) -> None:
    """The receipt is on record before it."""
    play = await stage.start(settle=False)
    await play.handle.cancel()
    await play.settle()
    events = await play.events()
    assert isinstance(events[0], ev.Received)
    assert cancellations(events) == [("NotCancellable", None)]


async def test_neither_a_slip_nor_a_review_is_cancelled(stage: Stage) -> None:
    """The complaint has the refusals on record under their names."""
    play = await of_two_departments(stage)
    await named(play, slip_workflow_id(play.intake.complaint_id, "s2")).cancel()
    assert cancellations(await play.events()) == [("NotCancellable", "s2")]
    assert len(await play.children()) == len({CLAIMS, SALES})
    other = await stage.start()
    await other.find()
    await other.decide()
    await other.close()
    await other.do(cmd.RequestReview, reason="不服处理决定")
    await named(other, review_workflow_id(other.intake.complaint_id, "r1")).cancel()
    await other.do(hcmd.AppointReviewer, SUPERIOR, reviewer=REVIEWER)
    assert cancellations(await other.events()) == [("NotCancellable", "r1")]


def named(play: Play, workflow_id: str) -> WorkflowHandle[object, object]:
    return play.stage.client.get_workflow_handle(workflow_id)


@workflow.defn(sandboxed=False)
class Errand:
    """Something whose last step may come together with a request to cancel it."""

    @workflow.run
    async def run(self) -> str:
        return await despite_cancelling(self.work(), lambda: None)

    async def work(self) -> str:
        await asyncio.sleep(1)
        return "done"

    @workflow.query
    def begun(self) -> bool:
        return True


async def test_a_request_that_comes_with_the_last_step_ends_nothing_otherwise(client: Client, task_queue: str) -> None:
    """Both reach the workflow in one task, because nobody serves it meanwhile."""
    handle = await client.start_workflow(Errand.run, id=f"errand-{task_queue}", task_queue=task_queue)
    async with Worker(client, task_queue=task_queue, workflows=[Errand]):
        assert await handle.query(Errand.begun)

    async def fired() -> bool:
        return "EVENT_TYPE_TIMER_FIRED" in (await handle.fetch_history()).to_json()

    await until(fired)
    await handle.cancel()
    async with Worker(client, task_queue=task_queue, workflows=[Errand]), asyncio.timeout(PATIENCE):
        assert await handle.result() == "done"

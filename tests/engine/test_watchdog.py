"""The watchdog beside a real server: what runs unrecorded, what is on record and does not run, what is silent."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.worker import Worker

from activities.ledger import Ledger
from activities.ledger_chain import pin_of
from activities.watchdog.asking import CONSPICUOUS, SAMPLE, TOGETHER, chosen, views
from activities.watchdog.findings import Finding
from activities.watchdog.openings import failed_openings
from activities.watchdog.record import missing_runs
from activities.watchdog.steps import Watch
from cli.rejected import Rejected
from cli.starting import refuse_left_behind
from engine.keys import KeyRing
from engine.plugin import plugin
from engine.schedules import apply, described, names
from engine.server import EmbeddedServer
from models.child import slip_workflow_id
from models.commands import RecordContact, Withdraw
from models.migrations import migrate
from models.opening import WORKFLOW_TYPE
from models.search_attributes import STAGE
from models.slip_commands import AcceptSlip, AnswerSlip
from models.supervision import read_supervision
from models.supervision_steps import WATCHDOG_WORKFLOW, Seen, schedule_id
from tests.engine.parts import Broken
from tests.engine.waiting import until
from tests.records.parts import intake, open_case, raw
from tests.workflow.company import COMPANY
from tests.workflow.stage import CLAIMS, SERVICE, Play, Stage

RULES = read_supervision()

SOON_STUCK = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"
"""The server marks a workflow after two failed tasks; five, its default, take most of a minute."""


def later() -> datetime:
    """An hour from now: the watchdog's patience is over."""
    return datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251


@pytest.fixture
async def stage(client: Client, tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage.open(client, tmp_path) as opened:
        yield opened
        for name in names(RULES):
            if await described(client, name):
                await client.get_schedule_handle(schedule_id(name)).delete()


async def seen(stage: Stage, *about: str) -> list[Finding]:
    watch = Watch(stage.ledger, RULES, stage.client, stage.queue)
    return [one for one in await watch.look(later()) if one.subject in about]


async def test_a_complaint_that_runs_and_is_on_record_is_no_finding(stage: Stage) -> None:
    play = await stage.start()
    await play.events()
    assert await seen(stage, play.intake.complaint_id, stage.queue) == []


async def test_a_complaint_on_record_that_does_not_run_is_found(stage: Stage) -> None:
    play = await stage.start()
    await play.events()
    await play.handle.terminate("by mistake")
    (found,) = await seen(stage, play.intake.complaint_id)
    assert (found.code, found.detail) == ("WorkflowMissing", "terminated")


async def test_a_slip_or_review_that_was_ended_alone_is_found_and_begins_anew(stage: Stage) -> None:
    """Its complaint runs and starts it again where it stood; what has come to its end is not missed."""
    play = await stage.start(rules=COMPANY, categories=["claims", "selling"])
    await play.settle()
    name = play.intake.complaint_id
    gone = stage.client.get_workflow_handle(slip_workflow_id(name, "s1"))
    await play.do(AcceptSlip, CLAIMS, slip="s1")
    assert await seen(stage, gone.id) == []
    await gone.terminate("by mistake")

    async def found() -> bool:
        return [one.code for one in await seen(stage, gone.id)] == ["ChildMissing"]

    await until(found)
    watch = Watch(stage.ledger, RULES, stage.client, stage.queue)
    assert await watch.repair(await seen(stage, gone.id))

    async def runs() -> bool:
        return (await gone.describe()).status == WorkflowExecutionStatus.RUNNING

    await until(runs)
    assert await seen(stage, gone.id) == []
    await play.do(AnswerSlip, CLAIMS, slip="s1", findings="经核实，情况属实。")
    assert [one.status for one in (await play.view()).slips] == ["answered", "dispatched"]
    assert stage.ledger.verify(name).differences == ()
    await gone.terminate("by mistake")
    await withdrawn(play)
    assert await seen(stage, gone.id) == [], "nothing is asked of it any more"


async def test_a_complaint_that_runs_and_is_not_on_record_is_found(stage: Stage) -> None:
    """Opened on a task queue that nobody serves: nothing has registered it."""
    name = "T-unserved-0001"
    handle = await stage.client.start_workflow(WORKFLOW_TYPE, id=f"complaint-{name}", task_queue="nobody")
    try:
        found = await seen(stage, name)
    finally:
        await handle.terminate()
    assert [one.code for one in found] == ["RecordMissing"]


async def test_a_record_that_is_behind_its_workflow_is_found(stage: Stage) -> None:
    play = await stage.start()
    await play.events()
    row = stage.ledger.case(play.intake.complaint_id)
    assert row is not None
    with raw(f"sqlite:///{stage.home / 'records.db'}") as connection:
        connection.exec_driver_sql("UPDATE complaint_case SET stage = 'received'")
    (found,) = await seen(stage, play.intake.complaint_id)
    assert (found.code, found.detail) == ("RecordBehind", "the record says received")


async def withdrawn(play: Play) -> None:
    """Withdraw the complaint, and wait until its workflow and its record show it."""
    await play.handle.execute_update("withdraw", Withdraw(id="w", actor=SERVICE, reason="客户自愿撤回。"))

    async def shown() -> bool:
        row, described = play.stage.ledger.case(play.intake.complaint_id), await play.handle.describe()
        return row is not None and row.ending == described.typed_search_attributes.get(STAGE) == "withdrawn"

    await until(shown)


async def test_a_withdrawn_complaint_whose_letter_waits_is_no_finding(stage: Stage) -> None:
    """It ended and is not closed: the workflow shows how it ended, and so does the record."""
    play = await stage.start()
    with stage.mail_room_closed():
        await withdrawn(play)
        assert (await play.view()).stage == "closing"
        assert await seen(stage, play.intake.complaint_id) == []
    await play.settle()
    assert (await play.view()).stage == "closed"


async def test_a_withdrawn_complaint_that_does_not_run_is_found_by_everybody(stage: Stage) -> None:
    """Its letter has not left: the watchdog says so, and opening it again is no answer."""
    play = await stage.start()
    name = play.intake.complaint_id
    with stage.mail_room_closed():
        await withdrawn(play)
        await play.handle.terminate("by mistake")
    assert [one.code for one in await seen(stage, name)] == ["WorkflowMissing"]
    with pytest.raises(Rejected) as rejected:
        await refuse_left_behind(stage.client, stage.ledger, name)
    assert rejected.value.code == "AlreadyRecorded"


@pytest.mark.slow
async def test_a_record_that_lacks_events_of_its_workflow_is_found(stage: Stage) -> None:
    """By their numbers: the stage is the same, and so is the next deadline. While a step is under way nothing is behind."""
    play = await stage.start()
    name, before = play.intake.complaint_id, len(await play.events())
    with raw(f"sqlite:///{stage.home / 'records.db'}") as busy:
        busy.exec_driver_sql("CREATE TABLE somebody (is_writing int)")  # Nobody else writes until this block ends.
        await play.handle.execute_update("record_contact", contact())
        watch = Watch(stage.ledger, RULES, stage.client, stage.queue)
        patience = timedelta(minutes=RULES.watchdog.patience_minutes)
        last = stage.ledger.timeline(name)[-1].recorded_at
        assert [one for one in await watch.look(last + patience) if one.subject == name] == [], "it wrote just now"
        found = await seen(stage, name)
        busy.exec_driver_sql("DROP TABLE somebody")
    assert found == [Finding("RecordBehind", name, f"the workflow has {before + 1} events, the record {before}")]
    await play.settle()
    assert await seen(stage, name) == []


async def test_a_record_that_cannot_be_written_is_found_although_it_does_not_say_so(stage: Stage) -> None:
    """It holds an event of which the workflow knows nothing: the workflow says that it waits, the record cannot."""
    play = await stage.start()
    name, there = play.intake.complaint_id, await play.events()
    row = stage.ledger.timeline(name)[-1]
    stage.ledger.append(name, len(there) + 1, [there[-1].model_copy(update={"by": "p-somebody"})], pin_of(row))
    behind = Finding("RecordBehind", name, f"the workflow has {len(there)} events, the record {len(there) + 1}")
    assert await seen(stage, name) == [behind]
    await play.handle.execute_update("record_contact", contact())
    waits = Finding("WaitsForPerson", name, "record: LedgerConflict")

    async def shown() -> bool:
        return waits in await seen(stage, name)

    await until(shown)
    assert [one.code for one in await seen(stage, name)] == ["RecordBehind", "WaitsForPerson"]
    row_of_case = stage.ledger.case(name)
    assert row_of_case is not None
    assert row_of_case.waits_for is None


async def test_only_if_none_of_the_first_answers_is_nobody_else_asked(stage: Stage) -> None:
    plays = [await stage.start(), await stage.start()]
    first, last = (play.intake.complaint_id for play in plays)
    unknown = [f"T-unknown-{number}" for number in range(TOGETHER)]
    assert await views(stage.client, [*unknown, last]) == {}
    assert (await views(stage.client, [first, *unknown, last])).keys() == {first, last}


def test_the_load_of_a_look_is_bounded_and_its_choice_changes() -> None:
    """All that is conspicuous has its turn, and so has every other complaint."""
    wrong, well = {f"W-{number}" for number in range(1000)}, {f"C-{number}" for number in range(1000)}
    drawn = chosen(wrong, well, later())
    now = later()
    assert chosen(wrong, well, now) == chosen(wrong, well, now)
    assert chosen(wrong, well, now) != drawn
    assert (len(set(drawn) & wrong), len(set(drawn) & well), len(drawn)) == (CONSPICUOUS, SAMPLE, CONSPICUOUS + SAMPLE)
    assert set(drawn[:TOGETHER]) & well, "who is asked first stands for all"
    assert set(chosen({"W-1"}, {"C-1"}, now)) == {"W-1", "C-1"}


def contact() -> RecordContact:
    """A command that changes neither the stage nor a deadline."""
    return RecordContact(id=uuid.uuid4().hex, actor=SERVICE, method="phone", reached=False, summary="无人接听。")


@pytest.mark.slow
async def test_a_task_that_fails_again_and_again_is_found(tmp_path: Path, keys: KeyRing, record: Ledger) -> None:
    """The workflow runs, and nothing in its state says that it is going nowhere."""
    async with EmbeddedServer(tmp_path / "server", dynamic_config=(SOON_STUCK,)) as server:
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        async with Worker(client, task_queue="q", workflows=[Broken], build_id="tests"):
            await client.start_workflow(Broken.run, id="broken", task_queue="q")

            async def stuck() -> bool:
                found = await Watch(record, RULES, client, "q").look(later())
                return Finding("TaskStuck", "broken", "Broken") in found

            await until(stuck)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Ledger]:
    migrate(url := f"sqlite:///{tmp_path / 'records.db'}")
    with Ledger.open(url) as ledger:
        yield ledger


async def test_an_opening_that_was_turned_away_is_found_until_its_id_is_opened(stage: Stage) -> None:
    """With the code of the refusal and without a word of what was sent; what is no id of ours is named by its run."""
    name = f"W-{uuid.uuid4().hex[:12]}"
    person = "11010519491231002X"
    refused = {}
    for wrong in (name, person):
        handle = await stage.client.start_workflow(
            WORKFLOW_TYPE, {"intake": {"facts": person}}, id=f"complaint-{wrong}", task_queue=stage.queue
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        refused[wrong] = handle.first_execution_run_id or ""

    async def found(subject: str) -> bool:
        return Finding("OpeningFailed", subject, "InvalidOpening") in await openings(stage)

    await until(lambda: found(name))
    await until(lambda: found(refused[person]))
    assert not any(person in one.told for one in await openings(stage))
    open_case(stage.ledger, name)
    assert not await found(name)


async def openings(stage: Stage) -> list[Finding]:
    return await failed_openings(stage.client, stage.ledger, datetime.now(UTC))  # noqa: TID251


async def test_a_task_queue_that_nobody_serves_is_found(stage: Stage) -> None:
    watch = dataclasses.replace(Watch(stage.ledger, RULES, stage.client), queue="nobody-serves-this")
    assert Finding("WorkerMissing", "nobody-serves-this") in await watch.look(later())


async def test_schedules_that_are_missing_paused_or_silent_are_found(stage: Stage) -> None:
    """A paused one stays paused: somebody had a reason."""
    assert {one.code for one in await seen(stage, *names(RULES))} == {"ScheduleMissing"}
    await apply(stage.client, RULES, stage.queue)
    watch = Watch(stage.ledger, RULES, stage.client, stage.queue)
    now = datetime.now(UTC)  # noqa: TID251
    assert [one for one in await watch.look(now) if one.code.startswith("Schedule")] == []
    silent = [one.subject for one in await watch.look(now + timedelta(hours=1)) if one.code == "ScheduleSilent"]
    assert silent == ["watchdog"], "the others fire daily"
    await stage.client.get_schedule_handle(schedule_id("bulletin")).pause(note="x")
    found = await watch.look(now)
    assert Finding("SchedulePaused", "bulletin", "paused") in found
    assert await watch.repair([one for one in found if one.code == "SchedulePaused"]) == []
    there = await described(stage.client, "bulletin")
    assert there is not None
    assert there.schedule.state.paused


async def test_the_watchdog_starts_what_is_owed_and_writes_down_what_it_saw(stage: Stage) -> None:
    """Its workflow, as its schedule starts it: every missing run is done by the end, and the findings rest in the record."""
    said, now = intake(), datetime.now(UTC)  # noqa: TID251
    stage.ledger.open_case(said.model_dump(mode="json"), "C-1", said.content_hash(), now - timedelta(days=50))
    days = RULES.known_days(stage.ledger.calendar_notices())
    owed = {one.subject for one in missing_runs(stage.ledger, RULES, days, now - timedelta(minutes=15))}
    schedules = [one.id for one in RULES.schedules if any(run.startswith(f"{one.id}-") for run in owed)]
    assert {"bulletin", "sample", "closures", "publication"} <= set(schedules)
    found = await stage.client.execute_workflow(
        WATCHDOG_WORKFLOW, id=f"watchdog-{stage.queue}", task_queue=stage.queue, result_type=Seen
    )
    assert found.found["RunMissing"] == len(owed)
    assert found.repaired == len(schedules)
    assert {row.code for row in stage.ledger.findings.open()} >= {"RunMissing", "ScheduleMissing"}
    for name in schedules:
        done: str = await stage.client.get_workflow_handle(f"watchdog-{name}", result_type=str).result()
        assert done.startswith(f"{name}-")
    assert {row.run for row in stage.ledger.supervision.runs()} == owed
    assert list((stage.home / "outbox").glob("watchdog-*.txt"))


async def test_without_a_server_the_record_alone_is_looked_at(stage: Stage) -> None:
    found = await Watch(stage.ledger, RULES).look(later())
    assert {one.code for one in found} <= {"DutyUnnoticed", "ProjectionBehind", "RunMissing", "CalendarEnds"}
    assert await Watch(stage.ledger, RULES).repair(found) == [], "starting what is owed needs Temporal"

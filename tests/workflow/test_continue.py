"""A very long case moves to a new run and loses nothing on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from google.protobuf.message import Message
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from engine.keys import KeyRing
from engine.plugin import plugin
from engine.server import EmbeddedServer
from engine.time_skipping import time_skipper
from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip_cmd
from models.child import review_workflow_id
from models.opening import Accepted
from models.shortening import MARK
from models.view import ReviewView
from rulebook import events as ev
from tests.engine.waiting import PATIENCE
from tests.workflow.company import COMPANY
from tests.workflow.stage import DECISION, REVIEW, REVIEWER, SERVICE, SUPERIOR, Play, Stage, kinds
from workflows import turns

SHORT = turns.Limits(commands=20, most=30, size=150_000, events=2_000, patience=timedelta(seconds=5))
"""A run hands over after twenty commands, or after 150 KB."""


@pytest.fixture(scope="module")
async def short(tmp_path_factory: pytest.TempPathFactory, keys: KeyRing) -> AsyncIterator[Stage]:
    """A server and workers whose runs are short."""
    home = tmp_path_factory.mktemp("short")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "LIMITS", SHORT)
        async with EmbeddedServer(home / "server", time_skipping=True) as server:
            client = await Client.connect(server.address, plugins=[plugin(keys)])
            async with Stage.open(client, home, time_skipper(client)) as opened:
                yield opened


def contact(number: int, summary: str | None = None) -> cmd.RecordContact:
    told = summary or f"第{number}次无人接听。"
    return cmd.RecordContact(id=f"contact-{number}", actor=SERVICE, method="phone", reached=False, summary=told)


async def send(play: Play, ask: cmd.RecordContact) -> Accepted:
    answer: Accepted = await play.handle.execute_update("record_contact", ask, id=ask.id, result_type=Accepted)
    return answer


async def run_id(play: Play) -> str:
    return (await play.handle.describe()).run_id


def summaries(events: list[ev.Event]) -> list[str]:
    return [event.summary for event in events if isinstance(event, ev.ContactAttempted)]


async def payloads(play: Play) -> list[int]:
    """Return the size of every payload in the history of the run that runs now, as it is stored."""
    found: list[int] = []

    def visit(message: Message) -> None:
        if message.DESCRIPTOR.name == "Payload":
            found.append(message.ByteSize())
            return
        for field, value in message.ListFields():
            if field.message_type is None:
                continue
            of_map = field.message_type.GetOptions().map_entry
            parts = value.values() if of_map else value if field.is_repeated else [value]
            for part in parts:
                if isinstance(part, Message):
                    visit(part)

    for event in (await play.handle.fetch_history()).events:
        visit(event)
    return found


async def test_a_long_case_moves_to_a_new_run_with_nothing_lost(short: Stage) -> None:
    """The same events, deadline and stage; what was asked before is answered and not done again."""
    play = await short.start(complexity="complex")
    first_run, due = await run_id(play), (await play.duty()).due
    answers = [await send(play, contact(number)) for number in range(30)]
    await play.settle()
    assert await run_id(play) != first_run
    events = await play.events()
    assert summaries(events) == [contact(number).summary for number in range(30)]
    assert (await play.view()).events == len(events)
    assert (await play.duty()).due == due
    assert kinds(events).count("assigned") == kinds(events).count("acknowledged") == 1
    repeated = [
        await play.handle.execute_update("record_contact", ask, id=f"again-{ask.id}", result_type=Accepted)
        for ask in map(contact, range(30))
    ]
    assert repeated == answers, "the answers of the first run are known to the last one"
    assert len(await play.events()) == len(events)
    assert short.ledger.verify(play.intake.complaint_id).differences == ()


async def test_another_command_under_a_known_id_is_refused_in_every_run(short: Stage) -> None:
    play = await short.start()
    first_run = await run_id(play)
    for number in range(25):
        await send(play, contact(number))
    await play.settle()
    assert await run_id(play) != first_run
    other = contact(3, "另一次通话。")
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await play.handle.execute_update("record_contact", other, id="other")
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "DifferentContent"


@pytest.mark.slow
async def test_overlapping_commands_hold_no_move_off_and_are_all_done_once(short: Stage) -> None:
    """Ten clients without a pause, over more than five runs: every command is answered and stands in the record, once."""
    play = await short.start()

    async def client(own: int) -> None:
        for number in range(own, 150, 10):
            await send(play, contact(number))

    await asyncio.gather(*map(client, range(10)))
    await play.settle()
    assert sorted(summaries(await play.events())) == sorted(contact(number).summary for number in range(150))
    runs = [run async for run in short.client.list_workflows(f"WorkflowId = '{play.handle.id}'")]
    assert len(runs) >= 150 / SHORT.most
    for run in runs:
        history = await short.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        accepted = [
            event
            for event in history.events
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        ]
        assert len(accepted) <= SHORT.most + 10, "no run goes on and on while others wait for their turn"


@pytest.mark.slow
async def test_overlapping_long_texts_hold_no_move_off(short: Stage) -> None:
    """Ten clients with sixty kilobytes each: more at once than a run could carry to the next one."""
    play = await short.start()
    texts = [f"{number:03}" + "说" * 19_000 for number in range(80)]

    async def client(own: int) -> None:
        for number in range(own, 80, 10):
            await send(play, contact(number, texts[number]))

    await asyncio.gather(*map(client, range(10)))
    await play.settle()
    assert sorted(summaries(await play.events())) == texts
    runs = [run async for run in short.client.list_workflows(f"WorkflowId = '{play.handle.id}'")]
    sizes = [
        (await short.client.get_workflow_handle(run.id, run_id=run.run_id).describe()).raw_description for run in runs
    ]
    most = max(one.workflow_execution_info.history_size_bytes for one in sizes)
    assert most < 4_000_000, "of eighty texts no run has seen more than some twenty, twice each"


async def test_long_texts_stay_in_the_record(short: Stage) -> None:
    """What a new run is given are pages without the texts; a text of its own run it writes down in full."""
    play = await short.start()
    first_run = await run_id(play)
    texts = [f"{number:03}" + "说" * 19_000 for number in range(24)]
    for number, text in enumerate(texts):
        await send(play, contact(number, text))
    await play.settle()
    assert await run_id(play) != first_run
    events = await play.events()
    assert summaries(events) == texts
    assert not any(MARK in event.model_dump_json() for event in events)
    assert max(await payloads(play)) < 500_000
    assert short.ledger.verify(play.intake.complaint_id).differences == ()


@pytest.mark.slow
async def test_a_letter_of_a_later_run_has_the_text_in_full(short: Stage) -> None:
    """The decision was made in an earlier run, and the letter left in a later one: the complainant reads all of it."""
    play = await short.start()
    await play.find()
    decision = "向您支付理赔款并致歉。" + "逐项说明如下，" * 400
    ask = cmd.Decide.model_validate({**DECISION, "id": "decide", "actor": SERVICE, "decision": decision})
    with short.mail_room_closed():
        await play.handle.execute_update("decide", ask)
        first_run = await run_id(play)
        for number in range(25):
            await send(play, contact(number))
        async with asyncio.timeout(PATIENCE):
            while await run_id(play) == first_run:  # noqa: ASYNC110  # the server has no event for it
                await asyncio.sleep(0.1)
    await play.settle()
    assert (await play.view()).stage == "calling_back"
    letters = {row.kind: row.body for row in short.ledger.notices(play.intake.complaint_id)}
    assert decision in letters["decision"]
    assert MARK not in "".join(letters.values())


async def test_a_move_repeats_no_letter_and_no_reminder(short: Stage) -> None:
    play = await short.start()
    await play.forward(days=17)
    outbox = (short.home / "outbox").glob
    letters = {path.name: path.stat().st_mtime_ns for path in outbox(f"{play.intake.complaint_id}.*")}
    first_run = await run_id(play)
    for number in range(30):
        await send(play, contact(number))
    await play.forward(days=1)
    assert await run_id(play) != first_run
    after = {path.name: path.stat().st_mtime_ns for path in outbox(f"{play.intake.complaint_id}.*")}
    assert after == letters
    happened = kinds(await play.events())
    assert not [name for name in happened if name == "step_failed"]
    assert (happened.count("reminder_raised"), happened.count("deadline_breached")) == (3, 1)
    assert (await play.view()).overdue


@pytest.mark.slow
async def test_a_slip_goes_on_in_a_new_run_with_its_events_from_the_record(short: Stage) -> None:
    """Progress without end: every report stands in the record once, repetitions are known, the findings count."""
    play = await short.start(company=COMPANY, complexity="complex")
    one = (await play.view()).slips[0]
    await play.do(slip_cmd.AcceptSlip, one.coordinator, slip=one.slip)
    slip = (await play.children())[0]
    first_run = (await slip.describe()).run_id

    async def report(number: int) -> Accepted:
        told = slip_cmd.ReportProgress(
            id=f"r{number}", actor=one.coordinator, slip=one.slip, text=f"{number}" + "查" * 900
        )
        answer: Accepted = await slip.execute_update("report_progress", told, result_type=Accepted)
        return answer

    answers = [await report(number) for number in range(50)]
    await play.settle()
    assert (await slip.describe()).run_id != first_run
    assert [await report(number) for number in range(50)] == answers
    await play.do(slip_cmd.AnswerSlip, one.coordinator, slip=one.slip, findings="经核实，情况属实。")
    events = await play.events()
    told = [event.text for event in events if isinstance(event, ev.SlipProgressed)]
    assert told == [f"{number}" + "查" * 900 for number in range(50)]
    assert (await play.view()).slips[0].status == "answered"
    assert short.ledger.verify(play.intake.complaint_id).differences == ()


@pytest.mark.slow
async def test_a_review_goes_on_in_a_new_run_with_what_was_appointed_and_examined(short: Stage) -> None:
    """It hands over by its own count of commands; the next run knows who examines, whom it barred, and what it answered."""
    play = await short.start()
    await play.find()
    await play.decide()
    await play.close()
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    review = short.client.get_workflow_handle(review_workflow_id(play.intake.complaint_id, "r1"))
    first_run = (await review.describe()).run_id

    async def appoint(number: int) -> Accepted:
        ask = hcmd.AppointReviewer(id=f"a{number}", actor=SUPERIOR, reviewer=REVIEWER)
        answer: Accepted = await review.execute_update("appoint_reviewer", ask, result_type=Accepted)
        return answer

    answers = [await appoint(number) for number in range(25)]
    await play.settle()
    assert (await review.describe()).run_id != first_run
    assert [await appoint(number) for number in range(25)] == answers
    seen: ReviewView = await review.query("view", result_type=ReviewView)
    assert (seen.stage, seen.reviewer) == ("review_examining", REVIEWER)
    assert await play.refused(cmd.DecideReview, SERVICE, **REVIEW) in {"NotAuthorised", "TookPart"}
    examined = {name: text for name, text in REVIEW.items() if name != "outcome"}
    await play.do(hcmd.ExamineReview, REVIEWER, **examined)
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    assert await review.result() == "review_decided"
    happened = [kind for kind in kinds(await play.events()) if kind.startswith("review")]
    assert happened == ["review_requested", *["reviewer_appointed"] * 25, "review_examined", "review_decided"]
    assert short.ledger.verify(play.intake.complaint_id).differences == ()

"""
What happens while infrastructure is away: steps are tried until it is back, visibly, and nothing waits for a person.

The server skips the time between attempts as it skips days, so that an outage of hours takes seconds.
"""

from __future__ import annotations

import asyncio
import errno
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

import activities
from activities.delivery import Outbox, Outgoing
from activities.watchdog.findings import Finding
from activities.watchdog.steps import Watch
from engine.time_skipping import TimeSkipper
from models import commands as cmd
from models import search_attributes as sa
from models.operator_views import operator_views
from models.outages import ATTEMPTS
from models.supervision import read_supervision
from rulebook import events as ev
from tests.engine.waiting import until
from tests.workflow.company import COMPANY
from tests.workflow.database_server import DatabaseServer
from tests.workflow.stage import Play, Stage, kinds
from workflows import turns

RULES = read_supervision()

OLD_LIMIT = timedelta(minutes=10)
"""Longer than the bounded attempts of a step take together."""


@pytest.fixture(scope="module")
async def house(
    temporal_env: TimeSkipper, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Stage, DatabaseServer]]:
    """A stage whose record lies in a PostgreSQL server of its own, which can be stopped and started."""
    home = tmp_path_factory.mktemp("house")
    with DatabaseServer.running() as database:
        async with Stage.open(temporal_env.client, home, temporal_env, database=database.url) as stage:
            yield stage, database


async def shown(play: Play) -> list[str] | None:
    """Return what the list of workflows says is away."""
    attributes = (await play.handle.describe()).typed_search_attributes
    found = attributes.get(sa.OUTAGE)
    return list(found) if found else None


async def said(workflow: WorkflowHandle[Any, Any]) -> str:
    """Return the current details of a workflow."""
    told: WorkflowMetadata = await workflow.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return told.current_details


async def over(play: Play) -> bool:
    """Return whether no step waits for the end of an outage; the server may try a moment after it has skipped time."""
    return (await play.view()).outages == {}


async def waits_for_outage(play: Play) -> list[Finding]:
    """Return what the watchdog says of outages that this complaint waits for."""
    found = await Watch(play.stage.ledger, RULES, play.stage.client, play.stage.queue).look(await play.now())
    return [one for one in found if one.code == "WaitsForOutage" and one.subject == play.intake.complaint_id]


async def listed(play: Play) -> bool:
    """Return whether the operators' list of what waits for the end of an outage has the complaint."""
    [view] = [one for one in operator_views(await play.now()) if one.title.startswith("待系统恢复")]
    return play.handle.id in [one.id async for one in play.stage.client.list_workflows(view.query)]


async def scheduled(play: Play) -> int:
    """Return how many activities the history holds."""
    history = await play.handle.fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED for event in history.events)


async def test_a_letter_waits_for_the_mail_room_for_a_day(stage: Stage, seldom: None) -> None:
    """The cause is shown, the history stays short, the letter goes out by itself, and nobody had to do anything."""
    with stage.mail_room_closed():
        play = await stage.start(settle=False)
        await play.forward(hours=1)
        before = await scheduled(play)
        await play.forward(days=5)
        view = await play.view()
        assert (view.failed_steps, view.outages) == ((), {"notice.receipt": "FilesUnavailable"})
        assert await shown(play) == ["FilesUnavailable"]
        assert "notice.receipt · 文件无法读写 FilesUnavailable" in await said(play.handle)
        await until(lambda: listed(play))
        details = (await play.handle.describe()).raw_description  # the server has seen no new activity
        assert await scheduled(play) == before
        assert details.pending_activities[0].attempt > 3
        found = await waits_for_outage(play)
        assert found == [Finding("WaitsForOutage", play.intake.complaint_id, "notice.receipt: FilesUnavailable")]
    await play.forward(days=1, hours=1)
    await until(lambda: over(play))
    assert await shown(play) is None
    assert await waits_for_outage(play) == []
    events = await play.events()
    assert "step_failed" not in kinds(events)
    assert [event.kind for event in events if isinstance(event, ev.NoticeGiven)] == ["receipt"]


@pytest.mark.slow
async def test_what_else_happens_is_recorded_while_a_letter_waits(stage: Stage, seldom: None) -> None:
    """A mail server that is down holds up neither the record nor the clock."""
    with stage.mail_room_closed():
        play = await stage.start(settle=False)
        await play.forward(days=16)
        assert "deadline_breached" in kinds(await play.events())
        assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_what_was_told_by_hand_is_not_tried_any_more(stage: Stage, seldom: None) -> None:
    """A person need not wait for the end of an outage (art. 21)."""
    with stage.mail_room_closed():
        play = await stage.start(settle=False)
        await play.forward(hours=1)
        await play.do(cmd.RecordNotice, kind="receipt", method="phone", proof="录音 0001")
        assert (await play.view()).outages == {}
        pending = (await play.handle.describe()).raw_description.pending_activities
        assert not [one for one in pending if one.activity_type.name == "notices.tell"]
    given = [event for event in await play.events() if isinstance(event, ev.NoticeGiven)]
    assert [event.proof for event in given] == ["录音 0001"]


async def test_a_decision_that_waits_for_the_mail_server_can_be_withdrawn(stage: Stage, seldom: None) -> None:
    """It has not left, and may not leave for days: the complainant's rights do not wait for it (art. 15)."""
    play = await stage.start()
    await play.find()
    with stage.mail_room_closed():
        ask = {"id": "decide", "actor": "p-gd-gz-kf-01", "liability": "responsible", "causes": ["claims_delay"]}
        texts = dict.fromkeys(("decision", "verification", "basis", "reasons"), "见卷。")
        await play.handle.execute_update("decide", cmd.Decide.model_validate({**ask, **texts}))
        await play.forward(hours=1)
        again = {"id": "withdraw", "actor": "p-gd-gz-kf-01", "reason": "投诉人来电撤回。"}
        await play.handle.execute_update("withdraw", cmd.Withdraw.model_validate(again))
        assert (await play.view()).ending == "withdrawn"
    await play.forward(days=1, hours=1)


@pytest.mark.slow
async def test_a_run_that_waits_for_the_end_of_an_outage_hands_over(stage: Stage, seldom: None) -> None:
    """A long outage keeps no case from a new run, and the reminder that waited goes out once from there (R105)."""
    play = await stage.start()
    with stage.mail_room_closed():
        await play.forward(days=13)
        [waiting] = [step for step in (await play.view()).outages if step.startswith("reminder.")]
        await play.handle.signal("hand_over")

        async def in_a_new_run() -> bool:
            return (await play.handle.describe()).run_id != play.handle.first_execution_run_id

        await until(in_a_new_run)
        await play.forward(hours=1)
    await play.forward(days=1, hours=1)
    await until(lambda: over(play))
    await play.settle()
    letters = (stage.home / "outbox").glob(f"{play.intake.complaint_id}.*")
    soon = {file.name for file in letters if "即将到期 due soon" in file.read_text(encoding="utf-8")}
    # Another may have become due meanwhile: how far time is skipped while steps are tried is the server's to say.
    raised = [number for number, event in enumerate(await play.events()) if isinstance(event, ev.ReminderRaised)]
    assert soon == {f"{play.intake.complaint_id}.reminder.{number}.txt" for number in raised}
    assert waiting == f"reminder.{raised[0]}"
    assert "step_failed" not in kinds(await play.events())


@pytest.mark.slow
async def test_a_slip_that_cannot_be_handed_over_shows_why(stage: Stage) -> None:
    """Its ladder runs meanwhile; when the mail room is open again it goes out by itself, and nothing is shown any more."""
    play = await stage.start(company=COMPANY, complexity="complex", settle=False)

    async def sent() -> bool:
        return bool(await play.children())

    with stage.mail_room_closed():
        await until(sent)
        [slip] = await play.children()
        await stage.env.fast_forward(slip, timedelta(minutes=5))

        async def cause() -> list[str] | None:
            found = (await slip.describe()).typed_search_attributes.get(sa.OUTAGE)
            return list(found) if found else None

        async def shown_why() -> bool:
            return await cause() == ["FilesUnavailable"]

        await until(shown_why)
        assert "FilesUnavailable" in await said(slip)
    await stage.env.fast_forward(slip, timedelta(minutes=5))

    async def handed_over() -> bool:
        return await cause() is None

    await until(handed_over)
    assert "FilesUnavailable" not in await said(slip)
    assert len(list((stage.home / "outbox").glob(f"{play.intake.complaint_id}.slip.s1.*"))) >= 1


async def test_commands_taken_during_a_database_outage_reach_the_record(house: tuple[Stage, DatabaseServer]) -> None:
    """Nothing that was answered as accepted is lost, and no step waits for a person."""
    stage, database = house
    play = await stage.start()
    database.stop()
    asks = [
        cmd.RecordContact.model_validate(
            {
                "id": uuid.uuid4().hex,
                "actor": "p-gd-gz-kf-01",
                "method": "phone",
                "reached": False,
                "summary": f"第{number}次无人接听。",
            }
        )
        for number in (1, 2)
    ]
    await play.handle.execute_update("record_contact", asks[0])
    await play.forward_by(OLD_LIMIT)
    await play.handle.execute_update("record_contact", asks[1])
    view = await play.view()
    assert (view.failed_steps, view.outages) == ((), {"record": "LedgerUnavailable"})
    assert await shown(play) == ["LedgerUnavailable"]
    database.start()
    await play.forward_by(timedelta(minutes=2))
    events = await play.events()
    assert (len(events), (await play.view()).outages) == ((await play.view()).events, {})
    assert [event.summary for event in events if isinstance(event, ev.ContactAttempted)] == [
        ask.summary for ask in asks
    ]
    assert "step_failed" not in kinds(events)
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_a_complaint_opened_during_a_database_outage_is_registered_after_it(
    house: tuple[Stage, DatabaseServer],
) -> None:
    """Its clock runs from the receipt; the ticket and the receipt notice follow (art. 18, R062)."""
    stage, database = house
    database.stop()
    play = await stage.start(settle=False)
    await play.forward_by(OLD_LIMIT)
    assert (await play.view()).outages == {"acknowledgement": "LedgerUnavailable"}
    database.start()
    await play.forward_by(timedelta(minutes=2))
    assert {"acknowledged", "notice_given"} <= set(kinds(await play.events()))


@pytest.mark.slow
async def test_nobody_closes_over_a_record_that_cannot_be_written(house: tuple[Stage, DatabaseServer]) -> None:
    """The caller hears so at once with a stable code, nothing has changed, and it works when the database is back."""
    stage, database = house
    play = await stage.start()
    await play.find()
    await play.decide()
    database.stop()
    ask = cmd.RecordCallback.model_validate(
        {"id": "callback", "actor": "p-gd-gz-kf-02", "reached": True, "satisfaction": 4}
    )
    await play.handle.execute_update("record_callback", ask)
    await play.forward_by(OLD_LIMIT)
    assert await play.refused(cmd.Close, reason="处理完毕。") == "RecordIncomplete"
    database.start()
    await play.forward_by(timedelta(minutes=2))
    await play.do(cmd.Close, reason="处理完毕。")
    assert (await play.view()).closed


class Moody(Outbox):
    """An outbox that fails as it is told, letter by letter."""

    moods: list[Exception]

    def deliver(self, outgoing: Outgoing) -> str:
        if self.moods:
            raise self.moods.pop(0)
        return super().deliver(outgoing)


@pytest.fixture
def moody(monkeypatch: pytest.MonkeyPatch) -> type[Moody]:
    monkeypatch.setattr(activities, "Outbox", Moody)
    return Moody


@pytest.mark.parametrize(
    ("others", "failed"),
    [
        pytest.param(2, (), id="it goes away by itself"),
        pytest.param(3 * ATTEMPTS, ("notice.receipt",), id="it stays"),
    ],
)
async def test_what_is_no_outage_waits_for_a_person_also_after_one(
    temporal_env: TimeSkipper, tmp_path: Path, moody: type[Moody], others: int, failed: tuple[str, ...]
) -> None:
    """A full disk is waited for; what goes wrong after it gets its bounded attempts, and then somebody must look."""
    full = OSError(errno.ENOSPC, "No space left on device")
    moody.moods = [full] * (ATTEMPTS + 2) + [ValueError("a defect")] * others
    async with Stage.open(temporal_env.client, tmp_path, temporal_env) as stage:
        play = await stage.start(settle=False)

        await play.forward_by(timedelta(minutes=30))
        view = await play.view()
        assert (view.failed_steps, view.outages) == (failed, {})
        errors = [event.error for event in await play.events() if isinstance(event, ev.StepFailed)]
        assert errors == ["ValueError"] * len(failed)


async def test_commands_without_end_do_not_end_a_run_that_cannot_be_recorded(
    house: tuple[Stage, DatabaseServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporal ends a run of fifty megabytes: before, a command is refused, nothing has changed, and later it is obeyed."""
    monkeypatch.setattr(turns, "LIMITS", replace(turns.LIMITS, room=1_000_000))
    stage, database = house
    play = await stage.start()
    database.stop()
    told: list[str] = []
    refused = None
    while refused is None:
        ask = cmd.RecordContact(
            id=f"contact-{len(told)}",
            actor="p-gd-gz-kf-01",
            method="phone",
            reached=False,
            summary=f"{len(told)} {'说' * 19_900}",
        )
        try:
            await play.handle.execute_update("record_contact", ask)
            told.append(ask.summary)
        except WorkflowUpdateFailedError as error:
            refused = error.cause
    assert isinstance(refused, ApplicationError)
    assert (refused.type, 10 < len(told) < 20) == ("RecordIncomplete", True)
    again: dict[str, Any] = {"method": "phone", "reached": False, "summary": "再次来电。"}
    assert await play.refused(cmd.RecordContact, **again) == "RecordIncomplete"
    database.start()
    await play.forward_by(timedelta(minutes=2))
    await play.handle.signal("hand_over")
    await play.do(cmd.RecordContact, **again)
    events = await play.events()
    assert [one.summary for one in events if isinstance(one, ev.ContactAttempted)] == [*told, "再次来电。"]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_real_outage_of_150_seconds_strands_nothing(client: Client, tmp_path: Path) -> None:
    """On an ordinary server, with the attempts as they are in production."""
    with DatabaseServer.running() as database:
        async with Stage.open(client, tmp_path, database=database.url) as stage:
            plays = [await stage.start() for _ in range(5)]
            database.stop()
            late = await stage.start(settle=False)
            for play in plays:
                ask = {"id": uuid.uuid4().hex, "actor": "p-gd-gz-kf-01", "method": "phone", "reached": False}
                command = cmd.RecordContact.model_validate({**ask, "summary": "无人接听。"})
                await play.handle.execute_update("record_contact", command)
            await asyncio.sleep(150)  # The one thing that this test is about.
            database.start()

            def behind(play: Play, events: int) -> bool:
                return len(stage.ledger.events(play.intake.complaint_id)) < events

            for play in (*plays, late):

                async def written(play: Play = play) -> bool:
                    view = await play.view()
                    return view.ticket is not None and not behind(play, view.events)

                async with asyncio.timeout(180):
                    while not await written():  # noqa: ASYNC110
                        await asyncio.sleep(1)
                assert "step_failed" not in kinds(await play.events())


@pytest.mark.slow
async def test_a_run_that_begins_during_a_database_outage_takes_its_events_after_it(
    house: tuple[Stage, DatabaseServer],
) -> None:
    """What falls due meanwhile is recorded at its own instant, and a command sent meanwhile is obeyed then (art. 18)."""
    stage, database = house
    play = await stage.start()
    due = (await play.duty()).due
    assert due is not None
    await play.forward_to(due - timedelta(minutes=30))
    before = await play.events()
    database.stop()
    await play.handle.signal("hand_over")

    async def reading() -> bool:
        described = await play.handle.describe()
        pending = [one.activity_type.name for one in described.raw_description.pending_activities]
        return described.run_id != play.handle.first_execution_run_id and pending == ["records.page"]

    await until(reading)
    ask = cmd.RecordContact(
        id="meanwhile", actor="p-gd-gz-kf-01", method="phone", reached=False, summary="停机期间无人接听。"
    )
    sent = asyncio.create_task(play.handle.execute_update("record_contact", ask))
    await stage.env.fast_forward(play.handle, timedelta(hours=1))
    assert not sent.done()
    database.start()
    await stage.env.fast_forward(play.handle, timedelta(minutes=2))
    await sent
    events = await play.events()
    assert events[: len(before)] == before
    breach = next(event for event in events if isinstance(event, ev.DeadlineBreached))
    assert (breach.at, breach.recorded_at > due) == (due, True)
    assert [event.summary for event in events if isinstance(event, ev.ContactAttempted)] == [ask.summary]
    assert stage.ledger.verify(play.intake.complaint_id).ok

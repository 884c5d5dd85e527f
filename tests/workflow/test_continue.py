"""A very long case moves to a new run and loses nothing on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from engine.keys import KeyRing
from engine.plugin import plugin
from engine.server import EmbeddedServer
from engine.time_skipping import time_skipper
from models import commands as cmd
from models.opening import Accepted
from rulebook import events as ev
from tests.workflow.paths import SHORT_HISTORY
from tests.workflow.stage import SERVICE, Play, Stage, kinds


@pytest.fixture(scope="module")
async def short(tmp_path_factory: pytest.TempPathFactory, keys: KeyRing) -> AsyncIterator[Stage]:
    """A server that asks for a new run after 60 events instead of thousands."""
    home = tmp_path_factory.mktemp("short")
    async with EmbeddedServer(home / "server", time_skipping=True, dynamic_config=[SHORT_HISTORY]) as server:
        client = await Client.connect(server.address, plugins=[plugin(keys)])
        async with Stage.open(client, home, time_skipper(client)) as opened:
            yield opened


def contact(number: int) -> cmd.RecordContact:
    return cmd.RecordContact(
        id=f"contact-{number}", actor=SERVICE, method="phone", reached=False, summary=f"第{number}次无人接听。"
    )


async def send(play: Play, ask: cmd.RecordContact) -> Accepted:
    answer: Accepted = await play.handle.execute_update("record_contact", ask, id=ask.id, result_type=Accepted)
    return answer


async def run_id(play: Play) -> str:
    return (await play.handle.describe()).run_id


async def test_a_long_case_moves_to_a_new_run_with_nothing_lost(short: Stage) -> None:
    """The same events, deadline and stage; what was asked before is answered and not done again."""
    play = await short.start(complexity="complex")
    first_run, due = await run_id(play), (await play.duty()).due
    answers = [await send(play, contact(number)) for number in range(30)]
    await play.settle()
    assert await run_id(play) != first_run
    events = await play.events()
    assert [event.summary for event in events if isinstance(event, ev.ContactAttempted)] == [
        contact(number).summary for number in range(30)
    ]
    assert (await play.view()).events == len(events)
    assert (await play.duty()).due == due
    assert kinds(events).count("assigned") == kinds(events).count("acknowledged") == 1
    assert [await send(play, contact(number)) for number in range(30)] == answers
    assert len(await play.events()) == len(events)
    assert short.ledger.verify(play.intake.complaint_id).differences == ()


async def test_commands_during_the_move_are_all_done(short: Stage) -> None:
    """Ten at a time while the run is about to end: every one is answered and stands in the record, once."""
    play = await short.start()
    first_run = await run_id(play)
    for start in range(0, 60, 10):
        await asyncio.gather(*(send(play, contact(number)) for number in range(start, start + 10)))
    await play.settle()
    assert await run_id(play) != first_run
    done = [event.summary for event in await play.events() if isinstance(event, ev.ContactAttempted)]
    assert sorted(done) == sorted(contact(number).summary for number in range(60))


async def test_a_move_repeats_no_letter_and_no_reminder(short: Stage) -> None:
    play = await short.start()
    await play.forward(days=17)
    letters = {
        path.name: path.stat().st_mtime_ns for path in (short.home / "outbox").glob(f"{play.intake.complaint_id}.*")
    }
    first_run = await run_id(play)
    for number in range(30):
        await send(play, contact(number))
    await play.forward(days=1)
    assert await run_id(play) != first_run
    after = {
        path.name: path.stat().st_mtime_ns for path in (short.home / "outbox").glob(f"{play.intake.complaint_id}.*")
    }
    assert after == letters
    happened = kinds(await play.events())
    assert not [name for name in happened if name == "step_failed"]
    assert (happened.count("reminder_raised"), happened.count("deadline_breached")) == (3, 1)
    assert (await play.view()).overdue

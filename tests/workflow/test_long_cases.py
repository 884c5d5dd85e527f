"""A complaint of any length lives on: ten thousand commands, and a hundred megabytes of texts (long)."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable

import pytest

from models import commands as cmd
from models.opening import Accepted
from rulebook import events as ev
from tests.engine.waiting import until
from tests.workflow.stage import SERVICE, Play, Stage

pytestmark = pytest.mark.long

COMMANDS = 10_000
TEXT = "说" * 19_990
"""Some sixty kilobytes."""
TEXTS = 100_000_000 // len(TEXT.encode()) + 1
CLIENTS = 10
"""How many updates Temporal lets be under way at once."""


def spoken(summary: str) -> Callable[[int], cmd.RecordContact]:
    def contact(number: int) -> cmd.RecordContact:
        told = f"{number} {summary}"
        return cmd.RecordContact(id=f"contact-{number}", actor=SERVICE, method="phone", reached=True, summary=told)

    return contact


async def all_sent(play: Play, ask: Callable[[int], cmd.RecordContact], count: int) -> list[Accepted]:
    answers: dict[int, Accepted] = {}

    async def client(own: int) -> None:
        for number in range(own, count, CLIENTS):
            answers[number] = await play.handle.execute_update(
                "record_contact", ask(number), id=f"contact-{number}", result_type=Accepted
            )

    await asyncio.gather(*map(client, range(CLIENTS)))
    return [answers[number] for number in range(count)]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("summary", "count"), [("已告知进展。", COMMANDS), (TEXT, TEXTS)], ids=["10,000 commands", "100 MB of texts"]
)
async def test_a_case_of_any_length_meets_its_deadline_on_record(stage: Stage, summary: str, count: int) -> None:
    """Every command is answered and on record once; the breach stands at its own instant; the record verifies."""
    play = await stage.start(settle=True)
    due = (await play.duty()).due
    assert due is not None
    ask, began = spoken(summary), asyncio.get_running_loop().time()
    answers = await all_sent(play, ask, count)
    await play.settle()
    took = asyncio.get_running_loop().time() - began
    assert len({answer.seq for answer in answers}) == count
    repeated = await play.handle.execute_update("record_contact", ask(3), id="again", result_type=Accepted)
    assert repeated == answers[3]
    await play.forward_to(due)
    await play.forward(minutes=1)

    async def breached() -> bool:
        return (await play.view()).overdue

    await until(breached)  # A timer that the server is about to fire is nobody's task yet.
    events = await play.events()
    told = [event for event in events if isinstance(event, ev.ContactAttempted)]
    assert sorted(event.summary for event in told) == sorted(ask(number).summary for number in range(count))
    breaches = [event for event in events if isinstance(event, ev.DeadlineBreached) and event.duty == "decide"]
    assert [event.at for event in breaches] == [due]
    assert stage.ledger.verify(play.intake.complaint_id).ok
    runs = [run async for run in stage.client.list_workflows(f"WorkflowId = '{play.handle.id}'")]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} commands in {took:.0f} s, {len(runs)} runs, at most {memory} MB of memory in one process")  # noqa: T201

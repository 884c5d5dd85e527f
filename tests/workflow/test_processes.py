"""Processes die, deadlines do not: worker and server are killed over a deadline, and in the middle of a letter."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType

from activities.ledger import Ledger
from engine.client import connect
from engine.server import EmbeddedServer
from engine.settings import ROOT, Settings
from engine.time_skipping import time_skipper
from models import commands as cmd
from models.migrations import migrate
from rulebook import events as ev
from tests.engine.waiting import until
from tests.present import LATER, program
from tests.workflow.stage import SERVICE, Play, Stage, kinds

AHEAD = timedelta(seconds=5)
"""How far before the deadline the killing happens; from there on the clock runs like any other, on a slow machine too."""
LATE = timedelta(seconds=2)
"""How far beyond the deadline a server stays away."""


@asynccontextmanager
async def worker_process(home: Path, *module: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the worker that people run, with its log in *home*."""
    with (home / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(module or program(ROOT / "worker.py")),
            cwd=ROOT,
            env={**os.environ, "TOUSU_HOME": str(home), "TOUSU_BUILD_ID": ""},
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    async with EmbeddedServer(tmp_path, database=tmp_path / "temporal.db", time_skipping=True) as running:
        yield running


@pytest.fixture
async def site(server: EmbeddedServer, tmp_path: Path) -> AsyncIterator[Stage]:
    """A home as `make up` makes it: server, keys, record and outbox; workers are processes of their own."""
    settings = Settings.from_environment({"TOUSU_HOME": str(tmp_path)})
    url = settings.database_url.get_secret_value()
    migrate(url)
    client = await connect(settings)
    with Ledger.open(url) as ledger:
        yield Stage(client, settings.task_queue, ledger, tmp_path, time_skipper(client))


async def just_before_the_deadline(site: Stage) -> tuple[Play, datetime]:
    play = await site.start()
    await play.find()
    due = (await play.duty()).due
    assert due is not None
    await play.forward_to(due - AHEAD)
    assert not (await play.view()).overdue
    return play, due


async def breached(play: Play) -> bool:
    return "deadline_breached" in kinds(play.stage.ledger.events(play.intake.complaint_id))


async def one_breach_at(play: Play, due: datetime) -> ev.DeadlineBreached:
    """Return the breach, having seen that it is the only one, told once, and that nothing was lost."""
    await until(lambda: breached(play))
    events = await play.events()
    [breach] = [event for event in events if isinstance(event, ev.DeadlineBreached)]
    assert (breach.at, breach.due) == (due, due)
    late = [event for event in events if isinstance(event, ev.NoticeGiven) and event.kind == "late"]
    letters = list((play.stage.home / "outbox").glob(f"{play.intake.complaint_id}.late.*"))
    assert (len(late), len(letters)) == (1, 1)
    assert (await play.view()).events == len(events)
    assert play.stage.ledger.verify(play.intake.complaint_id).differences == ()
    return breach


async def kill_until_after_the_deadline(server: EmbeddedServer) -> None:
    """Kill the server that lives just before a deadline, and return when that has passed."""
    loop = asyncio.get_running_loop()
    back = loop.time() + (AHEAD + LATE).total_seconds()
    os.kill(server.pid, signal.SIGKILL)
    await server.stop()

    async def passed() -> bool:
        return loop.time() > back

    await until(passed)


async def test_a_worker_killed_over_a_deadline_loses_nothing(site: Stage) -> None:
    """The deadline passes while nobody works; the next worker records the breach at the legal instant, with the delay."""
    async with worker_process(site.home) as worker:
        play, due = await just_before_the_deadline(site)
        worker.send_signal(signal.SIGKILL)
        await worker.wait()

    async def fired() -> bool:
        history = await play.handle.fetch_history()
        fires = [e for e in history.events if e.event_type == EventType.EVENT_TYPE_TIMER_FIRED]
        return bool(fires) and fires[-1].event_time.ToDatetime(due.tzinfo) + LATER >= due - timedelta(seconds=1)

    await until(fired)
    assert not await breached(play)
    async with worker_process(site.home):
        breach = await one_breach_at(play, due)
        assert timedelta(0) < breach.recorded_at - breach.at < timedelta(minutes=1)
        await play.decide()
        assert (await play.duty()).status == "met_late"


@pytest.mark.slow
async def test_a_server_killed_over_a_deadline_loses_nothing(site: Stage, server: EmbeddedServer) -> None:
    """The server is gone when the deadline passes; started again on the same database, it wakes the case."""
    async with worker_process(site.home):
        play, due = await just_before_the_deadline(site)
        await kill_until_after_the_deadline(server)
        port = int(server.address.rpartition(":")[2])
        async with EmbeddedServer(site.home, database=site.home / "temporal.db", port=port, time_skipping=True):
            breach = await one_breach_at(play, due)
            assert breach.recorded_at - breach.at >= LATE / 2


async def test_a_worker_killed_between_a_letter_and_its_proof_sends_one_letter(site: Stage) -> None:
    """The letter has left, its proof is not on record: the next worker finds it and records it, and writes no second."""
    async with worker_process(site.home, "-m", "tests.workflow.dying_worker", ".decision.") as dying:
        play = await site.start()
        await play.find()
        ask = cmd.Decide.model_validate(
            {
                "id": "decide",
                "actor": SERVICE,
                "liability": "responsible",
                "causes": ["claims_delay"],
                "verification": "核实",
                "basis": "依据",
                "reasons": "理由",
                "decision": "向您支付理赔款。",
                "agreed": True,
            }
        )
        await play.handle.execute_update("decide", ask)
        assert await dying.wait() == -signal.SIGKILL
    [letter] = (site.home / "outbox").glob(f"{play.intake.complaint_id}.decision.*")
    written = letter.stat().st_mtime_ns
    async with worker_process(site.home):

        async def told() -> bool:
            return "callback_opened" in kinds(site.ledger.events(play.intake.complaint_id))

        await until(told)
        told_events = [event for event in await play.events() if isinstance(event, ev.NoticeGiven)]
    assert [event.kind for event in told_events] == ["receipt", "decision"]
    assert list((site.home / "outbox").glob(f"{play.intake.complaint_id}.decision.*")) == [letter]
    assert letter.stat().st_mtime_ns == written
    assert site.ledger.verify(play.intake.complaint_id).differences == ()


LADDER = ["department_head", "customer_service_head", "superior", "committee"]


async def levels(play: Play) -> list[str | None]:
    """Return to whom the reminder slips about accepting the first slip have gone, as recorded."""
    events = play.stage.ledger.events(play.intake.complaint_id)
    return [event.to for event in events if isinstance(event, ev.ReminderRaised) and event.duty == "s1/accept"]


async def climbed(play: Play, to: int) -> None:
    """Wait until the ladder has been climbed *to* that many levels."""

    async def there() -> bool:
        return len(await levels(play)) == to

    await until(there)


@pytest.mark.slow
async def test_a_ladder_is_climbed_once_whatever_dies_on_the_way(site: Stage, server: EmbeddedServer) -> None:
    """R105: nobody accepts the slip; worker and server die over its levels, and no level is lost or comes twice."""
    async with worker_process(site.home) as worker:
        play = await site.start(company="company-life", categories=["claims", "selling"])
        due = next(duty.due for duty in (await play.view()).slips[0].duties if duty.key == "s1/accept")
        assert due is not None
        await play.forward_to(due - AHEAD)
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    # The limit passes while nobody works; whoever takes over dies with the first reminder in hand.
    async with worker_process(site.home, "-m", "tests.workflow.dying_worker", ".reminder.") as dying:
        assert await dying.wait() == -signal.SIGKILL
    async with worker_process(site.home):
        await climbed(play, 1)
        await play.forward_to(due + timedelta(hours=9) - AHEAD)
        await kill_until_after_the_deadline(server)
        port = int(server.address.rpartition(":")[2])
        async with EmbeddedServer(site.home, database=site.home / "temporal.db", port=port, time_skipping=True):
            await climbed(play, 2)
            await play.forward(days=7)
            events = await play.events()
    assert await levels(play) == LADDER
    breaches = [event for event in events if isinstance(event, ev.DeadlineBreached) and event.duty == "s1/accept"]
    assert [breach.at for breach in breaches] == [due]
    outbox = [path.name for path in (site.home / "outbox").glob(f"{play.intake.complaint_id}.reminder.*")]
    told = [number for number, event in enumerate(events) if isinstance(event, ev.ReminderRaised | ev.DeadlineBreached)]
    assert {int(name.split(".reminder.")[1].split(".")[0]) for name in outbox} == set(told), "each was passed on"
    assert site.ledger.verify(play.intake.complaint_id).differences == ()

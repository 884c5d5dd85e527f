"""The second act of the demo: thirty and more complaints on a real server, worked to closure over a killed worker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from temporalio.client import Client

from activities.ledger import Ledger
from cli import session
from cli.demo_archive import seal_one
from cli.demo_crew import Desk, crew
from cli.demo_reckoning import Reckoning
from cli.demo_report import write_report
from cli.demo_worker import Workforce, workforce
from cli.rows import Row, read_rows
from cli.sample_files import SAMPLES, move
from cli.starting import open_row
from engine.client import connect
from engine.codec_server import codec_server
from engine.keys import make_keys
from engine.server import EmbeddedServer, free_ports
from engine.settings import Settings
from engine.up import DATABASE
from models.intake import Intake
from models.migrations import migrate
from models.organisation import Organisation, read_organisation
from rulebook import events as ev

COMPLAINTS = SAMPLES / "complaints.jsonl"
DESKS = 8
"""How many complaints are worked on at once."""

PATIENCE_SECONDS = 100
TELL_EVERY = 6
KILL_AFTER = 3
"""The worker is killed when one in so many complaints is closed."""


async def act(settings: Settings, console: Console, reports: Path) -> str | None:
    """Play the second act, and leave its report in *reports*; return what went wrong, or None."""
    migrate(settings.database_url.get_secret_value())
    organisation = read_organisation(settings.organisation)
    async with AsyncExitStack() as stack:
        ports = free_ports(3)
        codec = stack.enter_context(
            codec_server(make_keys(settings, settings.home / DATABASE), ui_port=ports[1], port=ports[2])
        )
        server = EmbeddedServer(
            settings.home,
            database=settings.home / DATABASE,
            port=ports[0],
            ui_port=ports[1],
            codec_endpoint=codec,
        )
        await stack.enter_async_context(server)
        console.print(f"Temporal Web UI  {server.ui}   （运行期间可打开 open while it runs）")
        force = await stack.enter_async_context(workforce(settings.home))
        ledger = stack.enter_context(Ledger.open(settings.database_url.get_secret_value()))
        floor = Floor(settings, organisation, ledger, force, console, reports)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await floor.run()
        except TimeoutError:
            return f"not all complaints were closed within {PATIENCE_SECONDS} s"


@dataclass
class Floor:
    """Where the complaints of the demo are opened, worked and counted."""

    settings: Settings
    organisation: Organisation
    ledger: Ledger
    force: Workforce
    console: Console
    reports: Path

    async def run(self) -> str | None:
        """Open, work, kill, work on, verify, report, seal; return what went wrong, or None."""
        started = session.now()
        first = await self.force.start()
        self.console.print(f"工作进程 worker {first}")
        client = await connect(self.settings)
        intakes = as_if_of_today(read_rows(str(COMPLAINTS), None), started)
        if wrong := await self._open(client, intakes):
            return wrong
        desks = [Desk(client, intake, crew(self.organisation, intake), n) for n, intake in enumerate(intakes)]
        before = await self._work(desks)
        seconds = (session.now() - started).total_seconds()
        self.console.print(f"全部结案 all {len(intakes)} complaints closed, {seconds:.0f} s")
        if wrong := Reckoning(self.ledger, intakes, before).show(self.console):
            return wrong
        write_report(self.ledger, self.organisation, self.reports, session.now(), self.console)
        return seal_one(self.ledger, self.organisation, self.reports, self.settings.home, self.console)

    async def _open(self, client: Client, intakes: Sequence[Intake]) -> str | None:
        now = session.now()
        for number, intake in enumerate(intakes, start=1):
            row = Row(number, intake.model_dump(mode="json", exclude_defaults=True))
            outcome = await open_row(
                client, self.ledger, self.settings.task_queue, row, now, organisation=self.organisation
            )
            if outcome.result != "opened":
                return f"{COMPLAINTS.name}: row {number}: {outcome.result}: {outcome.reason}"
        self.console.print(f"已收到 opened {len(intakes)} complaints from samples/{COMPLAINTS.name}")
        return None

    async def _work(self, desks: Sequence[Desk]) -> dict[str, list[ev.Event]]:
        """Work all *desks* to closure, killing the worker on the way; return what the record held at that moment."""
        free = asyncio.Semaphore(DESKS)
        closed = 0
        enough = asyncio.Event()

        async def one(desk: Desk) -> None:
            nonlocal closed
            async with free:
                await desk.work()
            closed += 1
            if closed % TELL_EVERY == 0:
                self.console.print(f"已结案 closed {closed}/{len(desks)}")
            if closed * KILL_AFTER >= len(desks):
                enough.set()

        async with asyncio.TaskGroup() as work:
            for desk in desks:
                work.create_task(one(desk))
            await enough.wait()
            await self.force.kill()
            before = {desk.intake.complaint_id: self.ledger.events(desk.intake.complaint_id) for desk in desks}
            self.console.print(
                f"[bold red]✗[/] SIGKILL: 工作进程被杀死 the worker is killed, {closed} of {len(desks)} closed"
            )
            following = await self.force.start()
            self.console.print(f"工作进程 worker {following}")
        return before


def as_if_of_today(rows: Sequence[Row], now: datetime) -> list[Intake]:
    """Return the sample complaints, all moved by one length of time: the last was received an hour before *now*."""
    intakes = [Intake.model_validate(row.data) for row in rows]
    shift = now - timedelta(hours=1) - max(intake.received_at for intake in intakes)
    return [move(intake, intake.received_at + shift) for intake in intakes]

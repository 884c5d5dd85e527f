"""A worker is killed while the database is away, and the deadline passes: nothing is lost, nothing comes twice."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from activities.ledger import Ledger
from engine.client import connect
from engine.server import EmbeddedServer
from engine.settings import Settings
from engine.time_skipping import time_skipper
from models import commands as cmd
from models.migrations import migrate
from rulebook import events as ev
from tests.engine.waiting import until
from tests.records.parts import raw
from tests.workflow import test_processes as processes
from tests.workflow.database_server import DatabaseServer
from tests.workflow.stage import SERVICE, Play, Stage
from tests.workflow.test_processes import one_breach_at, worker_process

server = processes.server

AHEAD = timedelta(seconds=12)
"""How far before the deadline the database goes away; the worker is killed a second later, on a slow machine some more."""


class Database(Protocol):
    """What can go away and come back."""

    url: str

    def stop(self) -> None: ...

    def start(self) -> None: ...


class LockedFile:
    """A SQLite file that another process holds locked meanwhile."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url = url
        self._stack = stack

    def stop(self) -> None:
        self._stack.enter_context(raw(self.url))

    def start(self) -> None:
        self._stack.close()


@contextmanager
def database(kind: str, home: Path) -> Iterator[Database]:
    if kind == "locked":
        with ExitStack() as stack:
            yield LockedFile(f"sqlite:///{home / 'records.db'}", stack)
    else:
        with DatabaseServer.running() as running:
            yield running


@asynccontextmanager
async def site_of(home: Path, url: str) -> AsyncIterator[Stage]:
    """A home with a server whose record lies at *url*; workers are processes of their own."""
    settings = Settings.from_environment({"TOUSU_HOME": str(home), "TOUSU_DATABASE_URL": url})
    migrate(url)
    client = await connect(settings)
    with Ledger.open(url) as ledger:
        yield Stage(client, settings.task_queue, ledger, home, time_skipper(client))


async def tried(play: Play) -> bool:
    """Return whether writing the record has failed at least once and is tried again."""
    pending = (await play.handle.describe()).raw_description.pending_activities
    return any(one.activity_type.name == "records.record" and one.attempt > 1 for one in pending)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "back"),
    [
        pytest.param("locked", "under the next worker", id="locked, until the next worker runs"),
        pytest.param("stopped", "before the next worker", id="stopped, and back while nobody works"),
        pytest.param("stopped", "under the next worker", id="stopped, until the next worker waits"),
    ],
)
async def test_a_worker_killed_while_the_database_is_away_loses_nothing(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, back: str
) -> None:
    """What was answered as accepted is on record once; the breach stands at its instant, though nobody worked then."""
    with database(kind, tmp_path) as record:
        monkeypatch.setenv("TOUSU_DATABASE_URL", record.url)
        async with site_of(tmp_path, record.url) as site:
            async with worker_process(site.home) as worker:
                play = await site.start()
                await play.find()
                due = (await play.duty()).due
                assert due is not None
                await play.forward_to(due - AHEAD)
                record.stop()
                ask = cmd.RecordContact(
                    id="told", actor=SERVICE, method="phone", reached=False, summary="停机期间无人接听。"
                )
                accepted = await play.handle.execute_update("record_contact", ask)
                await until(lambda: tried(play))
                worker.send_signal(signal.SIGKILL)
                await worker.wait()

            async def passed(due: datetime = due) -> bool:
                # What waits for a worker lets no time be skipped.
                return await play.now() > due

            await until(passed)
            if back == "before the next worker":
                record.start()
            async with worker_process(site.home):
                if back == "under the next worker":
                    again = await play.handle.execute_update("record_contact", ask) if kind == "locked" else accepted
                    assert again == accepted
                    record.start()
                await one_breach_at(play, due)
                events = await play.events()
                assert await play.handle.execute_update("record_contact", ask) == accepted
            contacts = [event for event in events if isinstance(event, ev.ContactAttempted)]
            assert [event.summary for event in contacts] == [ask.summary]
            assert not [event for event in events if isinstance(event, ev.StepFailed)]
            assert site.ledger.events(play.intake.complaint_id) == events

"""
A complaint played through its days in seconds: a server on which time skips, a worker in this process, records of its own.

Nothing that is played touches the records, the outbox or the server of the installation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from pydantic import SecretStr
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.envconfig import ClientConfigProfile
from temporalio.worker import Worker

import activities
from activities.ledger import Ledger
from cli import session
from cli.commands import FROM_THE_CASE, only_one, send, waiting_in
from cli.errors import CliError, as_cli_error, bad_input
from cli.family import Family
from cli.moments import Days, duration, plain_monday
from cli.output import ZONE
from cli.sample_files import move
from cli.script import Step
from cli.starting import start
from cli.story import Story
from cli.verdict import unmet
from engine.keys import KeyRing, new_key
from engine.played_days import PlayedDays
from engine.settings import Settings
from engine.time_skipping import TimeSkipper, skip_delay, time_skipping_server
from engine.worker import activity_threads, build_worker
from models.case import CaseState
from models.delivery import OUTBOX_ONLY
from models.intake import Intake
from models.migrations import migrate
from models.opening import Opening
from models.organisation import installed
from rulebook import events as ev
from rulebook.pack import Pin
from workflows import WORKFLOWS

SETTLED_WITHIN = timedelta(seconds=30)
_PUNCTUAL = timedelta(minutes=1)


@dataclass(frozen=True)
class Room:
    """
    Where rehearsals take place; their records and letters lie in *home*.

    What happens in it happens *later* than on its server, earlier if that is negative; *hire* makes a worker for a task
    queue on which it is so.
    """

    home: Path
    skipper: TimeSkipper
    ledger: Ledger
    task_queue: str
    hire: Callable[[str, timedelta], Worker]
    later: timedelta = timedelta()

    def present(self) -> datetime:
        """Return the instant at which a rehearsal that begins now begins."""
        return session.now() + self.later

    async def time_of(self, handle: WorkflowHandle[Any, Any]) -> datetime:
        """Return the present of the workflow behind *handle*."""
        return await self.skipper.get_current_time(handle) + self.later

    @asynccontextmanager
    async def on_the_eve_of(self, day: date) -> AsyncIterator[Room]:
        """Give the same room, in which tomorrow is *day*."""
        later = day - session.now().astimezone(ZONE).date() - timedelta(days=1)
        queue = f"{self.task_queue}-{uuid4()}"
        async with self.hire(queue, later):
            yield replace(self, task_queue=queue, later=later)


@dataclass(frozen=True)
class Refusal:
    """A command that was refused: it left no trace in the record, so the rehearsal keeps it."""

    at: datetime
    by: str
    verb: str
    code: str


@dataclass
class Played:
    """
    A rehearsal as it went: what was written down, and the first expectation that did not hold, if any.

    *before* is the one that was played first, if the script asked for one, *prove* the duties whose deadlines are shown.
    """

    title: str
    intake: Intake
    days: Days
    pin: Pin
    events: list[ev.Event] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    failure: str | None = None
    before: Played | None = None
    prove: tuple[str, ...] = ()


@asynccontextmanager
async def rehearsal_room(settings: Settings) -> AsyncIterator[Room]:
    """Open a room with the organisation of *settings* and nothing else of theirs; it leaves nothing behind."""
    # A step that fails is an event of the timeline; its traceback is for the log of a real worker.
    logging.getLogger("temporalio").addHandler(logging.NullHandler())
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="tousu-rehearsal-"))
        home = Path(folder)
        own = settings.model_copy(
            update={
                "home": home,
                "database_url": SecretStr(f"sqlite:///{home / 'records.db'}"),
                "temporal": ClientConfigProfile(),
            }
        )
        url = own.database_url.get_secret_value()
        migrate(url)
        # Whatever the settings say: a rehearsal must never write to a real person.
        wired = stack.enter_context(activities.build(url, own.organisation, home, delivery=OUTBOX_ONLY))
        threads = stack.enter_context(activity_threads())
        ledger = stack.enter_context(Ledger.open(url))
        keys = KeyRing.parse(new_key(), source="the rehearsal")
        async with time_skipping_server(home, keys) as skipper:

            def hire(task_queue: str, later: timedelta) -> Worker:
                return build_worker(
                    skipper.client,
                    own.model_copy(update={"task_queue": task_queue}),
                    workflows=WORKFLOWS,
                    activities=wired,
                    activity_executor=threads,
                    plugins=[PlayedDays(later)] if later else [],
                )

            async with hire(own.task_queue, timedelta()):
                yield Room(home, skipper, ledger, own.task_queue, hire)


async def play(room: Room, story: Story) -> Played:
    """Play *story*, received on its first day instead of on the day in its file, after the one that it wants first."""
    if isinstance(day := story.script.begin, date):
        async with room.on_the_eve_of(day) as other:
            return await _play(other, story)
    return await _play(room, story)


async def _play(room: Room, story: Story) -> Played:
    before = await play(room, story.before) if story.before else None
    intake, script = story.intake, story.script
    present = room.present()
    unit = intake.respondent.unit
    zone = installed().pin(unit, present, present.date(), pack=script.rules).open()[0].zone
    written, today = intake.received_at.astimezone(zone), present.astimezone(zone).date()
    begin = plain_monday(today) if script.begin == "plain-monday" else today + timedelta(days=1)
    days = Days(written.date(), begin, zone)
    received = datetime.combine(days.played, written.timetz())
    if script.received is not None:
        received = days.instant(script.received)
    if received <= present:
        raise bad_input("received: a rehearsal begins on +0d or later")
    moved = move(intake, received)
    # The calendar too is the one of that day: a notice that came later has to be adopted.
    pin = installed().pin(unit, received, today, pack=script.rules)
    played = Played(script.title, moved, days, pin, before=before, prove=script.prove)
    if before and before.failure:
        played.failure = f"{before.title}: {before.failure}"
        return played
    delay = received - present + timedelta(seconds=1)
    with room.skipper.with_time_skipping_disabled():  # Otherwise it would run straight to its last deadline.
        handle = await start(room.skipper.client, Opening(intake=moved, pin=pin), room.task_queue, delay=delay)
    await skip_delay(room.skipper, handle, delay)
    stage = _Stage(room, Family(room.skipper.client, handle, moved.complaint_id), played)
    await stage.settle()
    for number, step in enumerate(script.steps, start=1):
        played.failure = await stage.take(number, step)
        if played.failure:
            break
    return played


@dataclass
class _Stage:
    room: Room
    family: Family
    played: Played

    async def take(self, number: int, step: Step) -> str | None:
        """Do one step; return what did not hold, or None."""
        place = f"step {number}" + (f" ({step.do})" if step.do else "")
        await self.advance(place, step)
        refusal = await self.act(place, step)
        await self.settle()
        expected = step.expect.refused if step.expect else None
        if refusal is not None and refusal.code != expected:
            return f"{place}: refused: {refusal.message} [{refusal.code}]"
        if refusal is None and expected is not None:
            return f"{place}: expected to be refused with {expected}, but it was done"
        played, wrong = self.played, None
        if step.expect:
            forwarded = played.intake.forwarding is not None
            wrong = unmet(step.expect, played.pin, played.events, played.days, forwarded=forwarded)
        return f"{place}: {wrong}" if wrong else None

    async def advance(self, place: str, step: Step) -> None:
        """Let time pass until the moment of *step*."""
        if not await self.family.runs():
            return  # The case is over: nothing more can happen to it, but what has happened can be looked at.
        present = await self.room.time_of(self.family.handle)
        wait = duration(step.after) if step.after else self.played.days.instant(step.at or "") - present
        if wait < -_PUNCTUAL:
            raise bad_input(f"{place}: at: lies before the step before it")
        if wait > timedelta():
            await self.family.forward(self.room.skipper, wait, self.settle)

    async def act(self, place: str, step: Step) -> CliError | None:
        """Give the command of *step*; return its refusal, None if it was done or there is none to give."""
        if (verb := step.verb) is None:
            return None
        state = CaseState.fold(self.played.events)
        complaint = self.played.intake.complaint_id
        try:
            values = {**step.fields, "actor": step.who, "id": place}
            for name in FROM_THE_CASE.keys() & verb.fields.keys() - step.fields.keys():
                values[name] = only_one(waiting_in(state, name, verb), complaint, name)
            await send(self.room.skipper.client, complaint, verb, verb.command(values))
        except WorkflowUpdateFailedError as error:
            if refusal := as_cli_error(error):
                at = await self.room.time_of(self.family.handle)
                self.played.refusals.append(Refusal(at, step.who or "", verb.name, refusal.code))
            return refusal
        except CliError as error:
            raise CliError(error.code, f"{place}: {error.message}", error.exit_code) from None
        return None

    async def settle(self) -> None:
        """Wait until the machine has nothing left to do at this moment, and read the record."""
        try:
            async with asyncio.timeout(SETTLED_WITHIN.total_seconds()):
                while not await self._at_rest():  # noqa: ASYNC110  # the server has no event for it
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise CliError("NotSettled", f"the machine was not done after {SETTLED_WITHIN.seconds} s") from None

    async def _at_rest(self) -> bool:
        if not await self.family.at_rest():
            return False
        view = await self.family.view()
        if "record" in view.failed_steps:
            raise CliError("RecordFailed", "the rehearsal's record could not be written; its timeline is not whole")
        self.played.events = list(self.room.ledger.events(self.played.intake.complaint_id))
        return bool(view.events == len(self.played.events))

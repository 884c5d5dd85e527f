"""What runs beside the process: the clock, the record, the notices, the reminders and the display."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from temporalio import workflow

from models.opening import Opening
from models.steps import NoticeOrder, RecordBatch, ReminderOrder
from models.wording import people_day
from rulebook import events as ev
from rulebook.clock import Alarm
from workflows.base import Leaving
from workflows.display import Index, alarm_summary, details
from workflows.handlers import Handlers
from workflows.notices import Owed, owed

with workflow.unsafe.imports_passed_through():
    from activities.notices import NoticeActivities
    from activities.records import RecordActivities
    from activities.reminders import ReminderActivities


class Keepers(Handlers):
    """The coroutines that keep time, the record, promises and appearances."""

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)
        self.index = Index()
        self.sending: dict[str, asyncio.Task[None]] = {}

    async def keep_time(self) -> None:
        """Sleep until the next alarm, with one timer that is set anew whenever the alarm moves."""
        while not self.stopping:
            alarm = self.case.clock.next_alarm(workflow.now())
            if alarm is not None and alarm.at <= workflow.now():
                self.catch_up()
                continue
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    lambda alarm=alarm: self.stopping or self._moved(alarm),  # type: ignore[misc]
                    timeout=alarm.at - workflow.now() if alarm else None,
                    timeout_summary=alarm_summary(self.case, alarm) if alarm else None,
                )

    def _moved(self, alarm: Alarm | None) -> bool:
        following = self.case.clock.next_alarm(workflow.now())
        return _identity(following) != _identity(alarm)

    async def keep_record(self) -> None:
        """Write every event down, in order, as soon as the complaint has been registered."""
        with suppress(Leaving):
            while not self._all_written():
                await self.quiet(lambda: self._all_written() or self._may_record())
                await self.flush()

    def _all_written(self) -> bool:
        # A command that is still being answered may add an event, or wait for the record before it closes the case.
        return self.stopping and workflow.all_handlers_finished() and not self._may_record()

    def _may_record(self) -> bool:
        return self.unrecorded and self.case.state.ticket is not None

    async def flush(self) -> None:
        """Write down the events that the record does not hold yet."""
        while self._may_record():
            events = tuple(self.case.events[self.recorded :])
            batch = RecordBatch(
                complaint_id=self.complaint_id, first=self.recorded + 1, events=events, pin=self.case.pin
            )
            written = await self.machine(
                "record", RecordActivities.record, batch, "write the record", needed=lambda: True, aside=True
            )
            if written is not None:
                self.recorded += len(events)

    async def keep_telling(self) -> None:
        """Start the sending of each notice as soon as it is owed."""
        while not self.stopping or self.sending:
            await workflow.wait_condition(
                lambda: bool(self._sent()) or (not self.sending if self.stopping else bool(self._unsent()))
            )
            for step in self._sent():
                await self.sending.pop(step)  # Brings an error of ours to light, instead of losing it with the task.
            for notice in [] if self.stopping else self._unsent():
                self.sending[notice.step] = asyncio.create_task(self.tell(notice))

    def _sent(self) -> list[str]:
        return [step for step, task in self.sending.items() if task.done()]

    def _unsent(self) -> list[Owed]:
        if self.case.state.ticket is None:
            return []  # Every letter names the ticket, and is addressed from the registered intake.
        return [notice for notice in owed(self.case) if notice.step not in self.sending]

    async def tell(self, notice: Owed) -> None:
        """Send one notice and keep its proof (art. 21); a person may give it by hand instead."""
        order = NoticeOrder(
            complaint_id=self.complaint_id,
            notice=f"{self.complaint_id}.{notice.kind}.{notice.ref or self._edition(notice)}",
            kind=notice.kind,
            unit=self.case.unit,
            time_zone=self.case.pack.time_zone,
            facts={"ticket": self.case.state.ticket or "—", **notice.facts},
            at=workflow.now(),
        )
        with suppress(Leaving):
            proof = await self.machine(
                notice.step,
                NoticeActivities.tell,
                order,
                f"tell the complainant: {notice.kind}",
                needed=lambda: any(still.step == notice.step for still in owed(self.case)),
                irrevocable=True,
            )
            if proof is not None:
                self.happen(ev.NoticeGiven, kind=notice.kind, notice=order.notice, ref=notice.ref, **proof.model_dump())

    def _edition(self, notice: Owed) -> int:
        # The letter of an earlier decision may be on file unsent; it must not go out for the one made after new facts.
        return 1 + self.case.state.facts_added if notice.kind == "decision" else 1

    async def keep_reminding(self) -> None:
        """Pass each reminder and each breach on to the people who must act (R105)."""
        with suppress(Leaving):
            while not self.stopping:
                await workflow.wait_condition(lambda: self.stopping or self.reminded < len(self.case.events))
                while not self.stopping and self.reminded < len(self.case.events):
                    event = self.case.events[self.reminded]
                    if isinstance(event, ev.ReminderRaised | ev.DeadlineBreached):
                        await self._remind(event)
                    self.reminded += 1

    async def _remind(self, event: ev.ReminderRaised | ev.DeadlineBreached) -> None:
        duty = self.case.clock.duty(event.duty)
        assigned = self.case.state.assigned
        order = ReminderOrder(
            complaint_id=self.complaint_id,
            reminder=f"{self.complaint_id}.reminder.{self.reminded}",
            kind="reminder" if isinstance(event, ev.ReminderRaised) else "breach",
            unit=self.case.unit,
            coordinator=assigned.coordinator if assigned else None,
            title=duty.rule.title.zh if duty else event.duty,
            citation=duty.rule.citation if duty else "",
            due=people_day(event.due, self.case.pack.zone),
        )
        pending = self.reminded
        await self.machine(
            f"reminder.{pending}",
            ReminderActivities.remind,
            order,
            f"{order.kind}: {event.duty}",
            needed=lambda: True,
            aside=True,
        )

    async def keep_described(self) -> None:
        """Keep the current details true after every event; they cost nothing."""
        while not self.stopping:
            described = len(self.case.events)
            workflow.set_current_details(details(self.case))
            await workflow.wait_condition(lambda seen=described: self.stopping or len(self.case.events) > seen)  # type: ignore[misc]
        workflow.set_current_details(details(self.case))

    async def keep_indexed(self) -> None:
        """Keep the search attributes true from the first moment, and whenever the case has come to rest."""
        self.index.show(self.case)
        while not self.stopping:
            await self.quiet(lambda: self.stopping or self.index.stale(self.case))
            self.index.show(self.case)


def _identity(alarm: Alarm | None) -> object:
    return alarm and (alarm.at, alarm.kind, alarm.duty, alarm.due, alarm.before)

"""What runs beside the process: the clock, the record, the notices, the reminders and the display."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from temporalio import workflow

from models.loading import BATCH_BYTES, BATCH_EVENTS
from models.opening import Opening
from models.reach import ways
from models.steps import FeedbackOrder, NoticeOrder, RecordBatch, ReminderOrder
from models.vocabulary import labelled
from models.wording import people_day
from rulebook import events as ev
from rulebook.mark import article
from workflows.base import Leaving
from workflows.case import Case
from workflows.display import Index, alarm_summary, details, index, record_summary
from workflows.handling_handlers import HandlingHandlers
from workflows.notices import Owed, owed
from workflows.timer import keep_time

with workflow.unsafe.imports_passed_through():
    from activities.notices import NoticeActivities
    from activities.records import RecordActivities
    from activities.reminders import ReminderActivities


ORDER = "银行业保险业消费投诉处理管理办法"
"""The text whose articles our letters name (Order 2020 No. 3); under other rules they name none."""

REMINDER = "reminder."
"""How the step begins that passes a reminder on; the number of its event follows."""

_REMINDED: Mapping[type[ev.Event], str] = {
    ev.ReminderRaised: "转达提醒 pass the reminder on",
    ev.DeadlineBreached: "通报逾期 report the breach",
}


class Keepers(HandlingHandlers):
    """The coroutines that keep time, the record, promises and appearances."""

    def __init__(self, opening: Opening | None) -> None:
        super().__init__(opening)
        self.index = Index()
        self.sending: dict[str, asyncio.Task[None]] = {}

    async def keep_time(self) -> None:
        """Sleep until the next alarm, with one timer that is set anew whenever the alarm moves."""
        await keep_time(
            self.next_alarm,
            self.catch_up,
            lambda: self.stopping,
            lambda alarm: alarm_summary(self.case, alarm),
        )

    async def keep_record(self) -> None:
        """Write every event down, in order, as soon as the complaint has been registered."""
        with suppress(Leaving):
            while not self._all_written():
                await self.quiet(lambda: self._all_written() or self._may_record())
                await self.flush()

    def _all_written(self) -> bool:
        # A command that is still being answered may add an event, or wait for the record before it closes the case.
        return self.leaving or (self.finished and workflow.all_handlers_finished() and not self._may_record())

    def _may_record(self) -> bool:
        return self.unrecorded and self.on_file

    async def flush(self) -> None:
        """Write down the events that the record does not hold yet."""
        while self._may_record():
            batch = self._batch()
            written = await self.machine(
                "record", RecordActivities.record, batch, record_summary(batch), needed=lambda: True, aside=True
            )
            if written is not None:
                self.recorded += len(batch.events)
                self.on_record(self.recorded)

    def _batch(self) -> RecordBatch:
        """Return the next events to be written down: as many as one step can take, and at least one."""
        size, last = 0, self.recorded
        while last < min(len(self.case.events), self.recorded + BATCH_EVENTS):
            size += len(self.case.events[last].model_dump_json().encode())
            if size > BATCH_BYTES and last > self.recorded:
                break
            last += 1
        return RecordBatch(
            complaint_id=self.complaint_id,
            first=self.recorded + 1,
            events=tuple(self.case.events[self.recorded : last]),
            pin=self.case.pin,
            done=self.fresh_until(last),
        )

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
        if not self.on_file:
            return []  # Every letter names the ticket, and is addressed from the registered intake.
        return [notice for notice in owed(self.case) if notice.step not in self.sending]

    async def tell(self, notice: Owed) -> None:
        """Send one notice and keep its proof (art. 21); a person may give it by hand instead."""
        name = f"{self.complaint_id}.{notice.kind}.{notice.ref or self._edition(notice)}"
        with suppress(Leaving):
            await self.until_audible(notice)
            proof = await self.machine(
                notice.step,
                NoticeActivities.tell,
                lambda: self._letter(name, self._still(notice) or notice),
                f"告知投诉人 tell the complainant: {labelled('notice', notice.kind)}",
                needed=lambda: self._still(notice) is not None,
                irrevocable=True,
            )
            if proof is not None:
                self.happen(ev.NoticeGiven, kind=notice.kind, notice=name, ref=notice.ref, **proof.model_dump())

    async def until_audible(self, notice: Owed) -> None:
        """
        Wait out the quiet hours of the insurer's rules, unless the notice would then come too late.

        Leaving when the case moves to a new run meanwhile.
        """
        quiet, told_by = self.case.pack.quiet_hours, ways(self.case.intake, notice.kind, self.case.contact)
        if quiet is None or not told_by:
            return
        until = quiet.ends(workflow.now(), told_by[0][0], self.case.pack.zone)
        due = self.case.due_of(f"notice_given.{notice.kind}")
        if until is None or (due is not None and until >= due):
            return
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: self.stopping or self._still(notice) is None,
                timeout=until - workflow.now(),
                timeout_summary=f"免打扰 quiet hours: {labelled('notice', notice.kind)}",
            )
        if self.leaving:
            raise Leaving  # The next run waits on; sent from here the letter would come at night.

    def _still(self, notice: Owed) -> Owed | None:
        # With the facts of this moment: the deadline that a letter names may have moved since it was first tried.
        return next((still for still in owed(self.case) if still.step == notice.step), None)

    def _letter(self, name: str, notice: Owed) -> NoticeOrder:
        return NoticeOrder(
            complaint_id=self.complaint_id,
            notice=name,
            kind=notice.kind,
            unit=notice.unit or self.case.unit,
            time_zone=self.case.pack.time_zone,
            facts={"ticket": self.case.state.ticket or "—", "cites": self.case.pack.cites(ORDER), **notice.facts},
            at=workflow.now(),
            contact=self.case.contact,
            corrections=self.case.corrections,
        )

    def _edition(self, notice: Owed) -> int:
        # The letter of an earlier decision may be on file unsent; it must not go out for the one made after new facts.
        return 1 + self.case.state.facts_added if notice.kind == "decision" else 1

    async def keep_reminding(self) -> None:
        """
        Pass each reminder and breach on to the people who must act (R105), and the result to those who took part (R135).

        One that fails holds up no other.
        """
        # What failed in an earlier run still waits for a person, who speaks to this one; what it gave up is tried on.
        failed = {
            int(step.removeprefix(REMINDER)) for step in self.case.state.failed_steps if step.startswith(REMINDER)
        }
        reminding = [asyncio.create_task(self.remind(number)) for number in sorted(failed | self.reminding)]
        while not self.stopping or reminding:
            await workflow.wait_condition(
                lambda: (
                    any(task.done() for task in reminding)
                    or (not reminding if self.stopping else self.reminded < len(self.case.events))
                )
            )
            for task in [task for task in reminding if task.done()]:
                reminding.remove(task)
                await task  # Brings an error of ours to light.
            while not self.stopping and self.reminded < len(self.case.events):
                if self.reminded not in failed and self.concerns_staff(self.case, self.case.events[self.reminded]):
                    reminding.append(asyncio.create_task(self.remind(self.reminded)))
                self.reminded += 1

    @staticmethod
    def concerns_staff(case: Case, event: ev.Event) -> bool:
        """Return whether staff must hear of *event*."""
        if case.of_the_past(event):
            # In the other system people heard of it; only what is still open concerns those who take over.
            if not isinstance(event, ev.ReminderRaised | ev.DeadlineBreached):
                return False
            duty = case.clock.duty(event.duty)
            return duty is not None and duty.status == "open"
        if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
            return event.kind == "decision" and case.pack.layer == "company"
        return isinstance(event, ev.ReminderRaised | ev.DeadlineBreached)

    async def remind(self, number: int) -> None:
        """Pass on the reminder, the breach or the result that is event *number*, counted from nought."""
        self.reminding.add(number)
        with suppress(Leaving):
            await self._remind(number, self.case.events[number])
            self.reminding.discard(number)

    async def _remind(self, number: int, event: Any) -> None:
        if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
            await self.machine(
                f"{REMINDER}{number}",
                ReminderActivities.feed_back,
                lambda: self._feedback(number),
                "反馈处理结果 feed the result back to those who took part",
                needed=lambda: not self.finished,
                aside=True,
            )
            return
        await self.machine(
            f"{REMINDER}{number}",
            ReminderActivities.remind,
            lambda: self._reminder(number, event),
            f"{_REMINDED[type(event)]}: {event.duty}",
            needed=lambda: not self.finished and self._binding(event),
            aside=True,
        )

    def _binding(self, event: ev.ReminderRaised | ev.DeadlineBreached) -> bool:
        # Once the case is over, nobody need hear of a deadline that binds nobody any more.
        duty = self.case.duty(event.duty, event.slip)
        return not self.case.closed_or_over or (duty is not None and duty.status == "open")

    def _reminder(self, number: int, event: ev.ReminderRaised | ev.DeadlineBreached) -> ReminderOrder:
        duty = self.case.duty(event.duty, event.slip)
        slip = self.case.state.slips.get(event.slip or "")
        holder = slip.dispatched if slip else self.case.state.assigned
        return ReminderOrder(
            complaint_id=self.complaint_id,
            reminder=f"{self.complaint_id}.{REMINDER}{number}",
            kind="reminder" if isinstance(event, ev.ReminderRaised) else "breach",
            unit=holder.unit if holder else self.case.unit,
            coordinator=holder.coordinator if holder else None,
            title=duty.rule.title.zh if duty else event.duty,
            citation=article(duty.rule.citation, duty.rule.mark) if duty else "",
            due=people_day(event.due, self.case.pack.zone),
            to=event.to if isinstance(event, ev.ReminderRaised) else None,
            passed=event.passed if isinstance(event, ev.ReminderRaised) else (),
            department=holder.department if holder else None,
            slip=event.slip,
        )

    def _feedback(self, number: int) -> FeedbackOrder:
        state = self.case.state
        took_part = [slip.dispatched.coordinator for slip in state.slips.values()]
        levels: list[ev.Level] = ["committee"] if state.severity != "general" else []
        if self.case.intake.origin in {"forwarded", "superior"}:
            levels.append("superior")
        return FeedbackOrder(
            complaint_id=self.complaint_id,
            feedback=f"{self.complaint_id}.feedback.{number}",
            unit=self.case.unit,
            coordinators=tuple(dict.fromkeys([*([state.assigned.coordinator] if state.assigned else []), *took_part])),
            levels=tuple(levels),
            liability=state.liability,
        )

    async def keep_described(self) -> None:
        """Keep the current details true after every event; they cost nothing."""
        while not self.stopping:
            described = self._now
            workflow.set_current_details(details(self.case))
            await workflow.wait_condition(lambda seen=described: self.stopping or self._now != seen)  # type: ignore[misc]
        workflow.set_current_details(details(self.case))

    async def keep_indexed(self) -> None:
        """Keep the search attributes true from the first moment, and whenever the case has come to rest."""
        self.index.show(index(self.case))
        while not self.stopping:
            shown = self._now
            await self.quiet(lambda seen=shown: self.stopping or self._now != seen)  # type: ignore[misc]
            self.index.show(index(self.case))

    @property
    def _now(self) -> tuple[int, dict[str, str]]:
        """What operators see depends on: the events, and what steps wait for."""
        return len(self.case.events), dict(self.case.outages)

"""
A dispatch slip (会办单): one department's share of a complaint, for one category, with its own clock (R100–R108, C21).

The department accepts or returns it, reports progress and findings; customer service sends findings back or recalls the
slip. Near and past its limits reminder slips (催办单) climb the ladder that the rules name. The statutory clock is not here:
it stays with the complaint.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from models import search_attributes as sa
from models import slip_commands as cmd
from models.child import SLIP, SLIP_WORKFLOW_TYPE, ChildOpening
from models.naming import named
from models.opening import Accepted
from models.slips import OVER, Slip
from models.steps import RulesName, SlipBackOrder, SlipOrder
from models.view import SlipView, slip_view
from rulebook import events as ev
from rulebook.calendar import adoption
from rulebook.clock import CaseClock
from rulebook.errors import CalendarError, RulebookError
from rulebook.notice import Notice
from workflows.alarms import ring
from workflows.base import Leaving
from workflows.cancelling import despite_cancelling
from workflows.child import CaseChild
from workflows.display import Index
from workflows.inbound import unquestioned, update
from workflows.slip_display import alarm_summary, details, index
from workflows.slip_guards import SlipAsk, check
from workflows.stamp import Stamp, stamp
from workflows.timer import keep_time, next_alarm, renews

with workflow.unsafe.imports_passed_through():
    from activities.slips import SlipActivities


class SlipStamp(Stamp):
    """The stamp of an event of a slip."""

    slip: str


@workflow.defn(name=SLIP_WORKFLOW_TYPE)
class SlipWorkflow(CaseChild):
    """Owns one dispatch slip until its department has answered and the complaint is decided, or the slip is taken back."""

    @workflow.init
    def __init__(self, *payloads: RawValue) -> None:
        super().__init__(payloads, SLIP)
        if self.turned_away:
            return
        opening = self.opening
        self.slip = Slip(opening.dispatched)
        self.index = Index()
        self.delivered = opening.delivered
        self.told_back = opening.told_back
        self.sent_back: list[ev.SlipSentBack] = []
        self.blocked: RulebookError | None = None
        try:
            pack, calendar = opening.pin.open()
        except RulebookError as error:
            self.blocked = error
            return
        self.zone = pack.zone
        self.clock = CaseClock(pack, calendar, slip=opening.name)

    @workflow.run
    async def run(self, *_: RawValue) -> str:
        """Keep the slip's clock until it has ended; return its last status."""
        if self.turned_away:
            raise self.turned_away
        if self.blocked:
            raise self.blocked  # It fails the task and not the run, until a worker has the pinned rules.
        await despite_cancelling(self.live(), self.refuse_cancelling)
        if not self.over:
            workflow.continue_as_new(self.continued())
        return self.slip.status

    async def live(self) -> None:
        """Take the slip up, and do all that is to be done in this run."""
        await self.take_up()
        self.ended = self.slip.status in OVER  # The last command of an earlier run may have ended it.
        await asyncio.gather(
            self.deliver(),
            self.keep_telling_back(),
            keep_time(lambda now: next_alarm(self.clock, now), self.ring_due, lambda: self.stopping, self._summary),
            self.keep_reporting(),
            self.keep_shown(),
            self.keep_short(),
        )
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def deliver(self) -> None:
        """Put the slip before the department, once; the ladder runs meanwhile, whatever becomes of the message."""
        if self.delivered:
            return
        sent = self.slip.dispatched
        order = SlipOrder(
            complaint_id=self.opening.complaint_id,
            slip=sent.slip,
            unit=sent.unit,
            department=sent.department,
            coordinator=sent.coordinator,
            category=sent.category,
            main=sent.main,
            copies=sent.copies,
            reason=sent.reason,
            opinion=sent.opinion,
            opened_at=workflow.now(),
            excluded=self.opening.barred,
            categories=self.opening.categories,
        )
        with suppress(Leaving):
            await self.step(
                SlipActivities.deliver, order, f"送达会办单 hand slip {sent.slip} to {named(sent.department)}"
            )
            self.delivered = True

    async def keep_telling_back(self) -> None:
        """Tell the department's coordinator, once each time, that the slip came back (R020, art. 18(3))."""
        # Of a slip that has ended nothing is asked any more; a new run tells what this one has no time for.
        with suppress(Leaving):
            while not self.stopping:
                await workflow.wait_condition(lambda: self.stopping or self.told_back < len(self.sent_back))
                if not self.stopping:
                    await self._tell_back(self.sent_back[self.told_back])
                    self.told_back += 1

    async def _tell_back(self, sent_back: ev.SlipSentBack) -> None:
        order = SlipBackOrder(
            complaint_id=self.opening.complaint_id,
            slip=self.opening.name,
            number=self.told_back + 1,
            coordinator=self.slip.dispatched.coordinator,
            reason=sent_back.reason,
        )
        summary = f"通知退回 tell the department that slip {self.opening.name} came back"
        await self.step(SlipActivities.tell_back, order, summary)

    def continued(self) -> ChildOpening:
        """Return the opening of the next run, which tells nobody twice."""
        return super().continued().model_copy(update={"delivered": self.delivered, "told_back": self.told_back})

    def take(self, event: ev.Event) -> None:
        """Take *event*, new or from an earlier run, into the slip."""
        super().take(event)
        if isinstance(event, ev.SlipEvent):
            self.slip.apply(event)
        if isinstance(event, ev.SlipSentBack):
            self.sent_back.append(event)
        self.clock.apply(event)

    def add(self, event: ev.Event) -> None:
        """Take a new *event* into the slip; the complaint hears of it at once."""
        self.take(event)
        self.ended = self.ended or self.slip.status in OVER

    def ring_due(self) -> None:
        """Ring every alarm whose instant has come, in order, before anything else is allowed to happen."""
        now = workflow.now()
        while (alarm := next_alarm(self.clock, now)) is not None and alarm.at <= now:
            for event in ring(alarm, now, slip=self.opening.name, renewed=renews(self.clock, alarm)):
                self.add(event)

    def _summary(self, alarm: Any) -> str:
        return alarm_summary(self.clock, alarm, self.zone)

    async def keep_shown(self) -> None:
        """Keep current details and search attributes true after every event."""
        shown = None
        while shown != self._now:
            shown = self._now
            self._show()
            await workflow.wait_condition(lambda seen=shown: self.stopping or self._now != seen)  # type: ignore[misc]
        workflow.set_current_details(details(self.slip, self.clock, self.zone, self.held_up))

    def _show(self) -> None:
        workflow.set_current_details(details(self.slip, self.clock, self.zone, self.held_up))
        self.index.show(index(self.slip, self.clock, self.held_up))

    @property
    def _now(self) -> tuple[int, dict[str, str]]:
        """What operators see depends on: the events, and what steps wait for."""
        return len(self.events), self.held_up

    def refuse_unless_allowed(self, command: cmd.SlipCommand) -> None:
        """Refuse *command* as things stand; used by the validators. What comes before they are known waits until then."""
        if self.loaded and self.answered(command) is None:
            self.refuse_without_room()
            check(self._ask(command, self.known(command.actor)))

    async def obey(self, command: cmd.SlipCommand) -> Accepted:
        """Do what *command* asks, once."""
        with self.turns.taken():
            await workflow.wait_condition(lambda: self.loaded)
            if (answer := self.answered(command)) is not None:
                return answer
            person = await self.look_up(command.actor)
            if (answer := self.answered(command)) is not None:
                return answer
            self.ring_due()
            check(self._ask(command, person))
            self.add(self.becomes(command))
            accepted = self.remember(command, self._accepted())
            await self.heard()
            await self.turns.until_answered()
            return accepted

    def _accepted(self) -> Accepted:
        return Accepted(
            event=ev.event_type(self.events[-1]),
            seq=len(self.events),
            stage=self.slip.status,
            next_due=self.clock.next_due,
            time_zone=self.zone.key,
            ref=self.opening.name,
        )

    def stamp(self, command: cmd.SlipCommand) -> SlipStamp:
        """Return what every event of this slip carries."""
        return {**stamp(command, workflow.now()), "slip": self.opening.name}

    def _ask(self, command: cmd.SlipCommand, person: Any) -> SlipAsk:
        return SlipAsk(self.slip, command, person, workflow.now(), self.barred(command.actor), self.ended)

    def becomes(self, command: cmd.SlipCommand) -> ev.Event:
        """Return the event that *command* becomes."""
        stamped = self.stamp(command)
        match command:
            case cmd.AcceptSlip():
                return ev.SlipAccepted(**stamped)
            case cmd.ReturnSlip():
                return ev.SlipReturned(**stamped, reason=command.reason)
            case cmd.ReportProgress():
                return ev.SlipProgressed(**stamped, text=command.text)
            case cmd.AnswerSlip():
                return ev.SlipAnswered(**stamped, findings=command.findings, evidence=command.evidence)
            case cmd.SendBackSlip():
                return ev.SlipSentBack(**stamped, reason=command.reason)
            case cmd.RecallSlip():
                return ev.SlipRecalled(**stamped, reason=command.reason)
            case _:
                raise AssertionError(type(command))

    accept_slip = update(cmd.AcceptSlip, "接收会办单", "Take the slip as the department's coordinator (R037, R039).")
    return_slip = update(cmd.ReturnSlip, "退单", "Return the slip: not the department's business (R102).")
    report_progress = update(cmd.ReportProgress, "报告进展", "Report progress to customer service (R040).")
    answer_slip = update(cmd.AnswerSlip, "反馈核实情况", "Report what the department verified.")
    send_back_slip = update(cmd.SendBackSlip, "退回重新调查", "Send the slip back for re-investigation (R020).")
    recall_slip = update(cmd.RecallSlip, "收回会办单", "Take the slip back: it is not needed any more.")

    def adopt(self, notice: Notice) -> None:
        """Count the slip's working days by *notice* from here on."""
        if not self.clock.calendar.knows(notice):
            now = workflow.now()
            facts = adoption(self.clock.calendar, notice)
            self.add(ev.CalendarAdopted(at=now, recorded_at=now, slip=self.opening.name, **facts))

    def move(self, moved: ev.RulesMoved) -> None:
        """Count the slip's duties by the rules to which the complaint has moved; what is due until now is rung before."""
        before = self.clock.pack
        if before.content_hash == moved.pack_hash:
            return
        self.ring_due()
        now = workflow.now()
        own = {"at": now, "recorded_at": now, "by": moved.by, "slip": self.opening.name}
        here = {"before": before.pack, "before_hash": before.content_hash, "calendar": self.clock.calendar.version}
        self.add(ev.RulesMoved(**own, **here, pack=moved.pack, pack_hash=moved.pack_hash, reason=moved.reason))
        self.index.show(((sa.PACK, moved.pack),))

    @property
    def rules(self) -> RulesName:
        """The rules by which the slip counts now."""
        return RulesName(pack=self.clock.pack.pack, pack_hash=self.clock.pack.content_hash)

    def fits(self, adopted: ev.CalendarAdopted) -> bool:
        """Return whether the notice fits the calendar by which the slip counts."""
        try:
            adoption(self.clock.calendar, adopted.notice)
        except CalendarError:
            return self.clock.calendar.knows(adopted.notice)
        return True

    def follow(self, event: ev.Event) -> None:
        """Act on news: new facts reopen what was answered (art. 18(3)), the complaint's end or decision ends the slip."""
        match event:
            case ev.CalendarAdopted():
                self.adopt(event.notice)
            case ev.RulesMoved():
                self.move(event)
            case ev.FactsAdded():
                if self.slip.status == "answered":
                    again = "new facts and reasons (art. 18(3))"
                    self.add(
                        ev.SlipSentBack(at=event.at, recorded_at=workflow.now(), slip=self.opening.name, reason=again)
                    )
            case _:
                self.ring_due()
                self.clock.apply(event)
                self.slip.ended = self.ended = True

    @workflow.query(description="查询会办单 Return the slip as it stands.")
    def view(self, *payloads: RawValue) -> SlipView:
        """Return the slip as it stands."""
        unquestioned(payloads)
        self.refuse_unless_loaded()
        return slip_view(self.slip, self.clock)

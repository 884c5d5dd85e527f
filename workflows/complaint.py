"""
One complaint, from receipt to the end of the last right to a review.

The process reads from top to bottom in `ComplaintWorkflow.handle`; what runs beside it is in `workflows.keepers`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from models.child import slip_name
from models.intake import Intake
from models.opening import WORKFLOW_TYPE, CaseResult, Opening, Past
from models.steps import ClosureOrder, PinQuestion, Registered, Registration, TaskOrder
from rulebook import events as ev
from rulebook.calendar import adoption
from rulebook.notice import Notice
from rulebook.pack import Pin
from workflows.base import UNTIL_DONE, Leaving
from workflows.cancelling import despite_cancelling
from workflows.case import Case
from workflows.door import admit
from workflows.ending import Ending
from workflows.inbound import Unreadable
from workflows.notices import owed
from workflows.past import PastRefused, relive
from workflows.receipt import on_receipt
from workflows.refusal import refused

with workflow.unsafe.imports_passed_through():
    from activities.acknowledgement import AcknowledgementActivities
    from activities.assignment import AssignmentActivities
    from activities.callback import CallbackActivities
    from activities.closure import ClosureActivities
    from activities.investigation import InvestigationActivities


SEVERAL = 2
"""From so many departments on, each gets a dispatch slip."""
ESCALATIONS: Mapping[str, Literal["superior_company", "media", "regulator", "association"]] = {
    "superior_company": "superior_company",
    "media": "media",
    "regulator": "regulator",
    "association": "association",
}
"""The channels by which a customer takes an earlier complaint further (R166)."""


@workflow.defn(name=WORKFLOW_TYPE)
class ComplaintWorkflow(Ending):
    """Owns one complaint (投诉) until nobody can act on it any more."""

    @workflow.init
    def __init__(self, *payloads: RawValue) -> None:
        self.opening = admit(payloads)
        self.ended = False
        self.shared_out: tuple[str, ...] = ()
        super().__init__(self.opening if isinstance(self.opening, Opening) else None)

    @workflow.run
    async def run(self, *_: RawValue) -> CaseResult:
        """Handle the complaint in the one payload, an `Opening`; return how it ended."""
        if isinstance(self.opening, ApplicationError | Unreadable):
            raise self.opening
        if self.blocked:
            raise self.blocked  # It fails the task and not the run, until a worker has the pinned rules.
        await despite_cancelling(self.live(self.opening), self.refuse_cancelling)
        if not self.finished or self.unrecorded:
            self.continue_in_a_new_run()
        return self.result()

    async def live(self, opening: Opening) -> None:
        """Open the complaint, or take it up, and do all that is to be done in this run."""
        await self.open(opening)
        if self.cancelling_asked:
            self.refuse_cancelling()
        # gather, and not a task group: when the run leaves the worker's cache its coroutines must end without waiting.
        await asyncio.gather(
            self.process(),
            self.keep_time(),
            self.keep_record(),
            self.keep_telling(),
            self.keep_reminding(),
            self.keep_described(),
            self.keep_indexed(),
            self.keep_children(),
            self.keep_short(),
            self.keep_absorbing(),
        )
        # An update that is not answered when its run ends is lost to its caller.
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def process(self) -> None:
        """Handle the complaint to its end, or until this run hands over to the next."""
        with suppress(Leaving):
            await self.handle()
            self.finished = True

    async def handle(self) -> None:
        """Take the complaint through its process; withdrawal, refusal and merger end it at any point."""
        await self.acknowledge_receipt()
        await self.link_to_earlier()
        await self.assign_department()
        while not self.ended:
            await self.investigate_and_decide()
            await self.have_customer_called_back()
            await self.close_case()
            await self.wait_for_review()

    async def investigate_and_decide(self) -> None:
        """Have the facts verified and the decision made and told, again for each set of new facts (art. 18(3))."""
        while not self.case.settled:
            facts = self.case.state.facts_added
            await self.dispatch_slips()
            await self.have_it_investigated(facts)
            await self.wait_until_decided_and_told(facts)

    async def open(self, opening: Opening) -> None:
        """Pin the rules in force on the day of receipt, and start the statutory clock at that instant (收到, art. 18)."""
        if opening.reopening:
            self.loaded = await self.recover(opening, opening.reopening)
        elif opening.recorded:
            self.loaded = await self.take_up(opening)
        elif self.loaded is None:
            self.loaded = Case(opening.intake, await self.pin(opening.intake))
        if not self.case.events:
            for event in on_receipt(self.case, workflow.now()):
                self.add(event)
            if opening.past is not None:
                self.take_over(opening.past)

    def take_over(self, past: Past) -> None:
        """Take in what another system has done; whoever takes part in a review here must hear that it was asked for."""
        try:
            relive(self.case, past, workflow.now())
        except PastRefused as refusal:
            raise refused("ImpossiblePast", f"past.events.{refusal.position}: {refusal} [{refusal.code}]") from None
        state, events = self.case.state, self.case.events
        asked = state.review if state.review_decided is None else None
        self.passed_on = len(events) if asked is None else events.index(asked)

    async def pin(self, intake: Intake) -> Pin:
        """Return the rules in force on the day of receipt; a worker that cannot say so tries until it can."""
        found = await workflow.execute_local_activity_method(
            AssignmentActivities.pin,
            PinQuestion(received_at=intake.received_at, opened_at=workflow.now(), unit=intake.respondent.unit),
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=UNTIL_DONE,
            summary="确定适用规则 find the rules in force on the day of receipt",
        )
        if found is None:
            raise refused(
                "NoRulesInForce", "received_at: no published rules were in force that day; pin a pack by hand"
            )
        return found

    async def acknowledge_receipt(self) -> None:
        """Register the complaint under a ticket number; the receipt notice follows from there (R062)."""
        registered = await self.machine(
            "acknowledgement",
            AcknowledgementActivities.register,
            Registration(intake=self.case.intake, opened_at=workflow.now(), ticket=self.case.state.ticket),
            "登记投诉、编工单号 register the complaint and give it a ticket number",
            needed=lambda: not self.on_file,
        )
        if registered:
            self._refuse_second_history(registered)
            self.registered = True
            if self.case.state.ticket is None:
                self.happen(ev.Acknowledged, ticket=registered.ticket)
            self.catch_up_with(registered.notices)

    def _refuse_second_history(self, registered: Registered) -> None:
        """Refuse to begin beside a record that another run has begun."""
        if registered.recorded_at is not None and registered.recorded_at != self.case.events[0].recorded_at:
            raise refused("AlreadyRecorded", "the record has this complaint; bring it back with a reopening")

    def catch_up_with(self, notices: tuple[Notice, ...]) -> None:
        """Adopt the *notices* that were published here since the calendar that the complaint was pinned to."""
        for notice in notices:
            calendar = self.case.clock.calendar
            if calendar.precedes(notice):
                self.happen(ev.CalendarAdopted, **adoption(calendar, notice))

    async def assign_department(self) -> None:
        """Find a department and a coordinator without a direct interest (art. 17); a person may have assigned by hand."""
        found = await self.machine(
            "assignment",
            AssignmentActivities.assign,
            self.case.routed(),
            "分派部门和协调员 assign a department and a coordinator without a direct interest",
            needed=lambda: self.case.state.assigned is None and not self.case.over and not self.closed_elsewhere,
        )
        if found:
            self.happen(ev.Assigned, **found.model_dump())

    async def link_to_earlier(self) -> None:
        """Tell from the earlier complaint whether this one escalates it (投诉升级, R166)."""
        taken_to = ESCALATIONS.get(self.case.intake.channel)
        earlier = self.case.intake.earlier_complaint
        if not self.case.pack.counting or taken_to is None or earlier is None:
            return
        found = await self.machine(
            "escalation",
            AssignmentActivities.earlier,
            earlier,
            "查原投诉 look up the earlier complaint",
            needed=lambda: self.case.state.handling.escalated is None and not self.case.over,
        )
        if found and found.closed:
            self.happen(ev.Escalated, earlier=earlier, to=taken_to, responsible=found.result == "responsible")

    @property
    def closed_elsewhere(self) -> bool:
        """Whether the complaint was closed before it came here, so that nobody need handle it."""
        return self.case.imported is not None and self.case.closed_or_over

    @property
    def to_share_out(self) -> tuple[str, ...]:
        """
        The complexity and the matters that are to be shared out between departments; empty if nobody takes a slip.

        Several departments have slips from the beginning (R103); one has a slip when the complaint is complex, so that it
        reports progress every few days (R040).
        """
        state = self.case.state
        if self.case.pack.slips is None or state.on_slips or state.verified or self.case.settled:
            return ()
        matters = self.case.routed().categories
        apart = len(matters) >= SEVERAL or (state.complexity == "complex" and state.route == "departments")
        return (state.complexity, *matters) if apart else ()

    async def dispatch_slips(self) -> None:
        """Send each department its own slip (会办单), the main one first (R100–R103), where it takes slips."""
        self.shared_out = self.to_share_out
        shares = await self.machine(
            "dispatch",
            AssignmentActivities.share_out,
            self.case.routed,
            "分派会办单 share the complaint out between departments",
            needed=lambda: bool(self.to_share_out),
        )
        departments = tuple(dict.fromkeys(share.department for share in shares or ()))
        if shares is None or (len(departments) < SEVERAL and self.case.state.complexity != "complex"):
            return
        first = len(self.case.state.slips) + 1
        for number, share in enumerate(shares, start=first):
            self.happen(
                ev.SlipDispatched,
                slip=slip_name(number, len(self.case.state.recoveries)),
                category=share.category,
                unit=share.unit,
                department=share.department,
                coordinator=share.coordinator,
                main=number == first,
                copies=tuple(other for other in departments if other != share.department),
                reason=share.reason,
            )

    async def have_it_investigated(self, facts: int) -> None:
        """Open the department's task to verify the facts (核实), once for each set of facts."""
        order = self.task("investigation", 1 + facts)
        opened = await self.machine(
            "investigation",
            InvestigationActivities.open,
            order,
            "开核实任务 open the department's task to verify the facts",
            needed=lambda: (
                self.case.state.task != order.task
                and not self.case.state.on_slips
                and self.case.state.facts_added == facts
                and not self.case.over
                and not (self.case.imported and self.case.state.verified)
            ),
        )
        if opened:
            self.happen(ev.InvestigationOpened, task=order.task, department=order.department)

    async def wait_until_decided_and_told(self, facts: int) -> None:
        """
        Wait for findings, the decision and its notice.

        New facts send the case back to the investigation (art. 18(3)), another classification to the departments.
        """
        await self.until(
            lambda: (
                self.case.settled
                or self.case.state.facts_added > facts
                or bool(self.to_share_out and self.to_share_out != self.shared_out)
            )
        )

    async def have_customer_called_back(self) -> None:
        """Order the customer callback (回访) and wait for its result (R164)."""
        order = self.task("callback", 1 + self.case.state.handling.reopened)
        opened = await self.machine(
            "callback",
            CallbackActivities.open,
            order,
            "开回访任务 open the callback team's task",
            needed=lambda: (
                self.case.state.callback_task is None
                and not self.case.closed_or_over
                and not (self.case.imported and self.case.state.callback)
            ),
        )
        if opened:
            self.happen(ev.CallbackOpened, task=order.task)

    async def close_case(self) -> None:
        """
        Wait until a person closes (R146); what ended without a decision closes once the complainant was told.

        New facts from somebody who was reached after all undo a decision that was never told: the case goes back.
        """
        await self.until(lambda: self.case.closed_or_over or not self.case.settled)
        ending = self.case.state.ending
        if ending is None or self.case.state.closed is not None:
            return
        await self.until(lambda: not owed(self.case) and not self.unrecorded)
        checked = await self.machine(
            "closure",
            ClosureActivities.check,
            ClosureOrder(complaint_id=self.complaint_id, events=self.recorded),
            "结案前校验记录 verify the record before closing",
            needed=lambda: self.case.state.closed is None,
        )
        if checked:
            self.happen(ev.Closed, reason=f"the procedure ended: {ending}", result=ending)

    async def wait_for_review(self) -> None:
        """
        Keep the case until the right to a review has lapsed, or the review has been decided and told (art. 20).

        A case that was opened again, because an unreachable complainant was reached after all (C19), goes back.
        """
        while self.case.closed_or_over:
            await self.until(lambda: not self.case.closed_or_over or self.at_rest)
            if self.at_rest and not await self.something_comes_in(self.case.entry_grace) and await self.archive():
                self.ended = True
                return

    def task(self, kind: str, number: int) -> TaskOrder:
        """Return the order for a department's task; its id is the same in every retry and every run."""
        assigned = self.case.state.assigned
        return TaskOrder.model_validate(
            {
                "complaint_id": self.complaint_id,
                "task": f"{self.complaint_id}.{kind}.{number}",
                "kind": kind,
                "department": assigned.department if assigned else "",
                "coordinator": assigned.coordinator if assigned else None,
                "opened_at": workflow.now(),
            }
        )

    def result(self) -> CaseResult:
        """Return how the complaint ended."""
        closed = self.case.state.closed
        return CaseResult(
            complaint_id=self.complaint_id,
            result=closed.result if closed else "",
            breached=self.case.clock.breached,
            events=len(self.case.events),
        )

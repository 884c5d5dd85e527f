"""
One complaint, from receipt to the end of the last right to a review.

The process reads from top to bottom in `ComplaintWorkflow.handle`; what runs beside it is in `workflows.keepers`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from models.intake import Intake
from models.opening import WORKFLOW_TYPE, CaseResult, Opening
from models.steps import AssignmentOrder, ClosureOrder, PinQuestion, Registration, TaskOrder
from rulebook import events as ev
from rulebook.pack import Pin
from workflows.base import UNTIL_DONE, Leaving
from workflows.case import Case
from workflows.door import admit
from workflows.keepers import Keepers
from workflows.notices import owed
from workflows.refusal import refused

with workflow.unsafe.imports_passed_through():
    from activities.acknowledgement import AcknowledgementActivities
    from activities.assignment import AssignmentActivities
    from activities.callback import CallbackActivities
    from activities.closure import ClosureActivities
    from activities.investigation import InvestigationActivities


@workflow.defn(name=WORKFLOW_TYPE)
class ComplaintWorkflow(Keepers):
    """Owns one complaint (投诉) until nobody can act on it any more."""

    @workflow.init
    def __init__(self, *payloads: Any) -> None:
        self.opening = admit(payloads)
        super().__init__(self.opening if isinstance(self.opening, Opening) else None)

    @workflow.run
    async def run(self, *_: Any) -> CaseResult:
        """Handle the complaint in the one payload, an `Opening`; return how it ended."""
        if isinstance(self.opening, ApplicationError):
            raise self.opening
        if self.blocked:
            raise self.blocked  # It fails the task and not the run, until a worker has the pinned rules.
        await self.open(self.opening)
        # gather, and not a task group: when the run leaves the worker's cache its coroutines must end without waiting.
        await asyncio.gather(
            self.process(),
            self.keep_time(),
            self.keep_record(),
            self.keep_telling(),
            self.keep_reminding(),
            self.keep_described(),
            self.keep_indexed(),
        )
        if not self.finished or self.unrecorded:
            self.continue_in_a_new_run()
        return self.result()

    async def process(self) -> None:
        """Handle the complaint to its end, or until this run hands over to the next."""
        with suppress(Leaving):
            await self.handle()
            self.finished = True

    async def handle(self) -> None:
        """Take the complaint through its process; withdrawal, refusal and merger end it at any point."""
        await self.acknowledge_receipt()
        await self.assign_department()
        while not self.case.settled:
            facts = self.case.state.facts_added
            await self.have_it_investigated(facts)
            await self.wait_until_decided_and_told(facts)
        await self.have_customer_called_back()
        await self.close_case()
        await self.wait_for_review()

    async def open(self, opening: Opening) -> None:
        """Pin the rules in force on the day of receipt, and start the statutory clock at that instant (收到, art. 18)."""
        if self.loaded is None:
            self.loaded = Case(opening.intake, await self.pin(opening.intake))
        if not self.case.events:
            intake = self.case.intake
            self.happen(
                ev.Received,
                at=intake.received_at,
                content_hash=intake.content_hash(),
                channel=intake.channel,
                unit=intake.respondent.unit,
                categories=intake.categories,
                complexity=intake.complexity,
                severity=self.case.severity_at_receipt,
                earlier_complaint=intake.earlier_complaint,
            )

    async def pin(self, intake: Intake) -> Pin:
        """Return the rules in force on the day of receipt; a worker that cannot say so tries until it can."""
        found = await workflow.execute_local_activity_method(
            AssignmentActivities.pin,
            PinQuestion(received_at=intake.received_at, opened_at=workflow.now()),
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=UNTIL_DONE,
            summary="find the rules in force on the day of receipt",
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
            Registration(intake=self.case.intake, opened_at=workflow.now()),
            "register the complaint and give it a ticket number",
            needed=lambda: self.case.state.ticket is None,
        )
        if registered:
            self.happen(ev.Acknowledged, ticket=registered.ticket)

    async def assign_department(self) -> None:
        """Find a department and a coordinator without a direct interest (art. 17); a person may have assigned by hand."""
        intake = self.case.intake
        found = await self.machine(
            "assignment",
            AssignmentActivities.assign,
            AssignmentOrder(
                unit=intake.respondent.unit,
                categories=intake.matters(self.case.state.categories),
                excluded=tuple(sorted(intake.excluded_staff())),
            ),
            "assign a department and a coordinator without a direct interest",
            needed=lambda: self.case.state.assigned is None and not self.case.over,
        )
        if found:
            self.happen(ev.Assigned, **found.model_dump())

    async def have_it_investigated(self, facts: int) -> None:
        """Open the department's task to verify the facts (核实), once for each set of facts."""
        order = self.task("investigation", 1 + facts)
        opened = await self.machine(
            "investigation",
            InvestigationActivities.open,
            order,
            "open the department's task to verify the facts",
            needed=lambda: (
                self.case.state.task != order.task and self.case.state.facts_added == facts and not self.case.over
            ),
        )
        if opened:
            self.happen(ev.InvestigationOpened, task=order.task, department=order.department)

    async def wait_until_decided_and_told(self, facts: int) -> None:
        """Wait for findings, the decision and its notice; new facts send the case back to the investigation (art. 18(3))."""
        await self.until(lambda: self.case.settled or self.case.state.facts_added > facts)

    async def have_customer_called_back(self) -> None:
        """Order the customer callback (回访) and wait for its result (R164)."""
        order = self.task("callback", 1)
        opened = await self.machine(
            "callback",
            CallbackActivities.open,
            order,
            "open the callback team's task",
            needed=lambda: self.case.state.callback_task is None and not self.case.closed_or_over,
        )
        if opened:
            self.happen(ev.CallbackOpened, task=order.task)

    async def close_case(self) -> None:
        """Wait until a person closes (R146); what ended without a decision closes once the complainant was told."""
        await self.until(lambda: self.case.closed_or_over)
        ending = self.case.state.ending
        if ending is None or self.case.state.closed is not None:
            return
        await self.until(lambda: not owed(self.case) and not self.unrecorded)
        checked = await self.machine(
            "closure",
            ClosureActivities.check,
            ClosureOrder(complaint_id=self.complaint_id, events=self.recorded),
            "verify the record before closing",
            needed=lambda: self.case.state.closed is None,
        )
        if checked:
            self.happen(ev.Closed, reason=f"the procedure ended: {ending}", result=ending)

    async def wait_for_review(self) -> None:
        """Keep the case until the right to a review has lapsed, or the review has been decided and told (art. 20)."""
        await self.until(lambda: not self.case.clock.open_duties and not owed(self.case))

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

    def continue_in_a_new_run(self) -> NoReturn:
        """Hand the case over to a new run with a short history; nothing but its events is needed there."""
        workflow.continue_as_new(
            Opening(
                intake=self.case.intake,
                pin=self.case.pin,
                events=tuple(self.case.events),
                recorded=self.recorded,
                reminded=self.reminded,
                done=tuple(self.done.values()),
            )
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

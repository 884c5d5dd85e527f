"""How a complaint takes the events of its children into its record: those that can be theirs, in order and once each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from temporalio import workflow
from temporalio.common import RawValue

from models.actor import Actor
from models.child import REVIEW, Report
from models.opening import Opening
from models.steps import ActorQuestion
from rulebook import events as ev
from workflows.base import UNTIL_DONE, look_up
from workflows.inbound import Malformed
from workflows.keepers import Keepers
from workflows.report_guards import Told, guard, objection


class Reports(Keepers):
    """Hears what the children of a complaint report."""

    def __init__(self, opening: Opening | None) -> None:
        super().__init__(opening)
        self.hearing = asyncio.Lock()

    @workflow.signal(description="内部信号 Internal, from a slip or a review to its complaint: an event of its own.")
    async def report(self, *payloads: RawValue) -> None:
        """Take an event of a child into the record; what cannot be one is refused on record, and changes nothing else."""
        try:
            report: Report | None = self.inbox.open(payloads, Report)
        except Malformed:
            report = None
        await workflow.wait_condition(lambda: self.loaded is not None)
        if report is None:
            self.note_refusal("report", "Malformed")
            return
        # One after the other: a report that overtook the one before it would be out of order.
        async with self.hearing:
            told = Told(self.case, report, workflow.now())
            if told.repeated:
                return  # Told again after a crash.
            if code := objection(told) or await self._refused(told):
                self.note_refusal("report", code)
                return
            self.catch_up()
            self.add(report.event)

    async def _refused(self, told: Told) -> str | None:
        """Return the code with which the guards of the child refuse what a person did in it, None if they let it pass."""
        if not told.by_person:
            return None
        code: str | None = None
        for unit in self._units(told):
            person = await self._know(told.event.by, unit)
            other = (
                await self._know(told.event.reviewer, unit) if isinstance(told.event, ev.ReviewerAppointed) else None
            )
            error = guard(told, person, other)
            if error is None:
                return None
            code = error.type
        return code

    def _units(self, told: Told) -> Iterable[str]:
        """Yield the units that have handled the complaint, the last one first: the child saw people from one of them."""
        decision = self.case.state.decision
        if told.kind is REVIEW:
            return [decision.unit if decision else self.case.unit]
        assigned = [event.unit for event in reversed(self.case.events) if isinstance(event, ev.Assigned)]
        return dict.fromkeys([self.case.unit, *assigned, self.case.intake.respondent.unit])

    async def _know(self, person: str, unit: str) -> Actor | None:
        question = ActorQuestion(person=person, unit=unit, respondent=self.case.intake.respondent.unit)
        return await look_up(question, UNTIL_DONE)

"""
How a complaint goes from one run to the next: what it takes along, what it finds in the record, and when it may leave.

A run leaves only when the record holds everything and nothing is under way. The next run takes its events from the record,
page by page, however long the database is away; what falls due meanwhile is recorded at its own instant as soon as they are
there.
"""

from __future__ import annotations

from typing import NoReturn

from temporalio import workflow

from models.opening import Opening
from workflows.case import Case
from workflows.children import Children
from workflows.from_record import pages


class HandingOver(Children):
    """Takes over from an earlier run, and hands over to the next one."""

    async def take_up(self, opening: Opening) -> Case:
        """Return the case as the earlier run left it."""
        if opening.pin is None:
            raise ValueError("a run that goes on has its rules")
        case = Case(opening.intake, opening.pin)
        case.contact = opening.contact
        async for page in pages(opening.intake.complaint_id, opening.recorded):
            for event in page.events:
                case.append(event)
            self.recall(page.done)
        for event in opening.events:
            case.append(event)
        case.review_apart = opening.review_apart
        self.turns.begin()
        return case

    async def keep_short(self) -> None:
        """Leave for a new run when this one has grown long, at a moment at which nothing is lost."""
        while not self.finished:
            await workflow.wait_condition(lambda: self.finished or self.should_leave)
            since = self.recorded
            # Answers are held back only once the database is known to answer, or the run can take no more commands.
            await workflow.wait_condition(lambda since=since: self._may_hold(since))  # type: ignore[misc]
            self.leaving = await self._drained()
            # What waited is answered now: in this very task, if the run leaves.
            self.turns.holding = False
            if self.leaving:
                for step in self.steps:
                    step.cancel()
                return

    def _may_hold(self, since: int) -> bool:
        return self.finished or not self.unrecorded or self.recorded > since or self.turns.full

    async def _drained(self) -> bool:
        """Hold answers back until all is on record and nothing else is under way; return whether the run may leave."""
        if self.finished:
            return False
        self.turns.holding = True
        try:
            await workflow.wait_condition(
                lambda: self.finished or (self._all_told() and not self.steps),
                timeout=self.turns.patience,
                timeout_summary="换新运行 until the run can hand over",
            )
        except TimeoutError:
            # What hangs on something that is away, a mail server, is tried on by the next run.
            return self._all_told() and not self.finished
        return not self.finished

    def _all_told(self) -> bool:
        return (
            self.turns.settled
            and not self.unrecorded
            and self.passed_on == len(self.case.events)
            and self.reminded == len(self.case.events)
        )

    def continue_in_a_new_run(self) -> NoReturn:
        """Hand the case over to a new run with a short history; what the record holds is found there."""
        self.tell_of_all_refusals()
        workflow.continue_as_new(
            Opening(
                intake=self.case.intake,
                pin=self.case.pin,
                events=tuple(self.case.events[self.recorded :]),
                recorded=self.recorded,
                reminded=self.reminded,
                reminding=tuple(sorted(self.reminding)),
                passed_on=self.passed_on,
                to_absorb=self.to_absorb,
                review_apart=self.case.review_apart,
                done=tuple(self.fresh),
                contact=self.case.contact,
            )
        )

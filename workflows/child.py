"""
What a dispatch slip and a review have in common: children of a complaint, with events and commands of their own.

A child tells its complaint every event, in order and once each, by a signal; the complaint's record is the only one. News of
the complaint comes to it by a signal too. Both find each other by their ids, so either may continue in a new run.
"""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import FailureError

from models.actor import Actor, actor
from models.child import ChildOpening, Report
from models.opening import workflow_id
from models.organisation import installed
from models.steps import ActorQuestion
from rulebook import events as ev
from workflows.base import look_up
from workflows.obedience import Obedience


class CaseChild(Obedience):
    """The events of a child, the way they reach its complaint, and who speaks to it."""

    def __init__(self, opening: ChildOpening) -> None:
        super().__init__(opening.done)
        self.opening = opening
        self.events: list[ev.Event] = list(opening.events)
        self.reported = opening.reported
        self.ended = opening.ended
        self.leaving = False
        self.unheard = False

    @property
    def stopping(self) -> bool:
        """Whether this run is about to end."""
        return self.ended or self.leaving

    async def keep_reporting(self) -> None:
        """Tell the complaint each event, until the child has ended and everything is told."""
        while not self._all_told():
            await workflow.wait_condition(lambda: self.reported < len(self.events) or self._all_told())
            while self.reported < len(self.events):
                if not await self._tell(self.reported + 1):
                    # The complaint has ended: nobody listens, and nobody waits for anything more.
                    self.ended = self.unheard = True
                    return
                self.reported += 1

    def _all_told(self) -> bool:
        return self.stopping and self.reported == len(self.events) and workflow.all_handlers_finished()

    async def heard(self) -> None:
        """Wait until the complaint has been told everything: who gave a command may then look there."""
        await workflow.wait_condition(lambda: self.reported == len(self.events) or self.unheard)

    async def _tell(self, number: int) -> bool:
        report = Report(child=self.opening.name, number=number, event=self.events[number - 1])
        case = workflow.get_external_workflow_handle(workflow_id(self.opening.complaint_id))
        try:
            await case.signal("report", report)
        except FailureError:
            return False
        return True

    async def keep_short(self) -> None:
        """Leave for a new run when the history has grown long."""
        await workflow.wait_condition(lambda: self.stopping or workflow.info().is_continue_as_new_suggested())
        self.leaving = not self.ended

    def continued(self) -> ChildOpening:
        """Return the opening with which the child goes on in a new run."""
        return self.opening.model_copy(
            update={
                "events": tuple(self.events),
                "reported": self.reported,
                "ended": self.ended,
                "done": tuple(self.done.values()),
            }
        )

    def known(self, person: str) -> Actor | None:
        """Return *person* as this worker's organisation data know them; for validators, which may not wait."""
        return actor(installed(), person, self.opening.unit, self.opening.respondent)

    async def look_up(self, person: str) -> Actor | None:
        """Return *person* as the organisation data know them at this moment, kept in history."""
        return await look_up(ActorQuestion(person=person, unit=self.opening.unit, respondent=self.opening.respondent))

    def barred(self, person: str) -> bool:
        """Return whether *person* may not act here (art. 17, 20)."""
        return person in self.opening.barred

"""
How a complaint whose workflow has ended before it did is brought back: its new run goes on from the record.

The record has the events, the rules and what was said; the server, how the last run ended. What neither has is treated as
unknown: newer contact details of the complainant, which no event holds. A run that has nothing to bring back, or whose
opening says otherwise than the record, fails before anything is recorded:

NothingToReopen     the record has no event of the complaint: it is opened, and not reopened
IntakeDiffers       what the opening says is not what was said
CaseEnded           the complaint has come to its end on record, or what it said was destroyed
UnknownActor, DirectInterest, NotAuthorised
                    who brings it back may not
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

from models.actor import RECOVERERS, Actor
from models.loading import Extent
from models.opening import Opening, Reopening
from models.parties import Contact
from models.steps import ActorQuestion
from rulebook import events as ev
from workflows.base import STEP_TIMEOUT, UNTIL_DONE, look_up
from workflows.case import Case
from workflows.handing_over import HandingOver
from workflows.refusal import refused
from workflows.rest import unfinished

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities

SETTLED = STEP_TIMEOUT + timedelta(seconds=10)
"""How long after the end of a run its step may still be writing the record."""

ENDED = "the complaint has come to its end on record; nothing is left to bring back"


class Recovering(HandingOver):
    """Brings a complaint back from its record."""

    async def recover(self, opening: Opening, reopening: Reopening) -> Case:
        """Return the case as the record has it; what is wrong with bringing it back fails the run (`Refused`)."""
        held = await self._extent(opening)
        case = await self.take_up(opening.model_copy(update={"pin": held.pin, "recorded": held.events}))
        if unfinished(case, workflow.now()) is None:
            raise refused("CaseEnded", ENDED)
        respondent = opening.intake.respondent.unit
        person = await look_up(ActorQuestion(person=reopening.by, unit=case.unit, respondent=respondent), UNTIL_DONE)
        _refuse_unauthorised(case, person)
        case.contact = _contact_left(case)
        case.review_apart = case.state.review is not None
        self.recorded = self.passed_on = self.reminded = held.events
        self.reminding = {number for number, event in enumerate(case.events) if self._still_concerns(case, event)}
        # While it did not run, nobody could tell it of a merger (合并处理, art. 18(3)).
        self.to_absorb = tuple(name for name in held.absorbed if name not in case.state.handling.absorbed)
        now = workflow.now()
        case.append(
            ev.Recovered(
                at=now,
                recorded_at=now,
                by=reopening.by,
                reason=reopening.reason,
                ended=held.ended,
                ended_at=held.ended_at,
                run=held.run,
            )
        )
        return case

    async def _extent(self, opening: Opening) -> Extent:
        """Return what the record holds, once no step of the last run can add to it any more."""
        while True:
            held = await _extent_of(opening.intake.complaint_id)
            if held is None:
                raise refused("NothingToReopen", "the record has no event of this complaint; open it instead")
            if held.content_hash != opening.intake.content_hash():
                raise refused("IntakeDiffers", "intake: is not what was said when the complaint was opened")
            if held.destroyed:
                raise refused("CaseEnded", ENDED)
            settled = held.ended_at + SETTLED if held.writing and held.ended_at else workflow.now()
            if settled <= workflow.now():
                return held
            await workflow.sleep(settled - workflow.now(), summary="until the last run's step writes no more")

    def _still_concerns(self, case: Case, event: ev.Event) -> bool:
        """Return whether people may not have heard of *event* yet; who has is not told again (`activities.delivery`)."""
        if isinstance(event, ev.ReminderRaised | ev.DeadlineBreached):
            duty = case.duty(event.duty, event.slip)
            return duty is not None and duty.status == "open"
        return self.concerns_staff(case, event)


async def _extent_of(complaint_id: str) -> Extent | None:
    return await workflow.execute_activity_method(
        RecordActivities.extent,
        complaint_id,
        start_to_close_timeout=STEP_TIMEOUT,
        retry_policy=UNTIL_DONE,
        summary="从记录恢复 see what the record holds, and how the last run ended",
    )


def _refuse_unauthorised(case: Case, person: Actor | None) -> None:
    if person is None:
        raise refused("UnknownActor", "reopening.by: the organisation data know no such person")
    if case.interested(person.id):
        raise refused("DirectInterest", "nobody with a direct interest may act on the complaint (art. 17)")
    if not person.recovers:
        raise refused("NotAuthorised", RECOVERERS)


def _contact_left(case: Case) -> Contact | None:
    """
    Return what is left of the complainant's contact details when newer ones were known; None if there were none.

    A letter must not go to an address that is known to be old. Whoever changed the preferred way is written to by none.
    """
    parts = {part for event in case.events if isinstance(event, ev.ContactChanged) for part in event.parts}
    if not parts:
        return None
    first = case.intake.complainant.contact
    return Contact() if first is None or "preferred" in parts else first.model_copy(update=dict.fromkeys(parts))

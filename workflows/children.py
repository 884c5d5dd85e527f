"""
The children of a complaint: dispatch slips (会办单) and the review (核查), each a workflow of its own.

The complaint starts them, passes on the news they need, and takes their events into its record. Children are not closed with
a run: the complaint may continue in a new one, and both sides know each other by id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar, cast

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from models import search_attributes as sa
from models.child import (
    REVIEW_WORKFLOW_TYPE,
    SLIP_WORKFLOW_TYPE,
    ChildOpening,
    News,
    review_workflow_id,
    slip_name,
    slip_workflow_id,
)
from models.identifiers import ComplaintId
from models.opening import Opening, workflow_id
from models.slips import OVER
from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.pack import Pin
from workflows.base import STEP_TIMEOUT, UNTIL_DONE
from workflows.from_record import with_all_texts
from workflows.inbound import Malformed
from workflows.reports import Reports

with workflow.unsafe.imports_passed_through():
    from activities.assignment import AssignmentActivities

Opens = TypeVar("Opens", ev.SlipDispatched, ev.ReviewRequested)

REVIEW_APART = "review-workflow"
"""The patch since which a review is a workflow of its own; a review that was asked for earlier stays with its complaint."""

ABSORBED = "tell-survivor"
"""The patch since which the complaint that survives a merger is told."""

ENDINGS = (ev.Withdrawn, ev.HandlingRefused, ev.Merged)

ANY_ENDED = WorkflowIDReusePolicy.ALLOW_DUPLICATE
ENDED_FROM_OUTSIDE = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY

THE_REVIEW = "r1"
"""The name of the one review that a decision can have (art. 20)."""

LOST = 5
"""How many slips are looked for that the last run may have sent out without writing it down."""


class Children(Reports):
    """Starts the children of a complaint, tells them news, and hears their reports."""

    def __init__(self, opening: Opening | None) -> None:
        super().__init__(opening)
        self.to_absorb = opening.to_absorb if opening else ()
        self.passed_on = opening.passed_on if opening else 0
        self.to_find_children = False

    async def keep_children(self) -> None:
        """Pass every event on to whichever child it concerns, in order and once each."""
        while not self.leaving:
            await workflow.wait_condition(
                lambda: self.stopping or self.to_find_children or self.passed_on < len(self.case.events)
            )
            if self.passed_on == len(self.case.events):
                if self.stopping:
                    return
                if self.to_find_children:
                    self.to_find_children = False
                    await self._find_children_again()
                continue
            event = self.case.events[self.passed_on]
            self.passed_on += 1
            await self._pass_on(event)

    async def _pass_on(self, event: ev.Event) -> None:
        match event:
            case ev.SlipDispatched():
                await self._start_slip(event)
                for adopted in self.case.adopted:
                    await self._signal(slip_workflow_id(self.complaint_id, event.slip), adopted)
            case ev.CalendarAdopted() | ev.RulesMoved() if event.slip is None:
                await self._tell_of_change(event)
            case ev.ReviewRequested():
                await self._start_review(event)
            case ev.Recovered():
                await self._end_lost_children(event)
                await self._find_children_again(event)
            case ev.FactsAdded() | ev.Withdrawn() | ev.HandlingRefused():
                await self._tell_slips(event)
            case ev.Merged():
                await self._tell_slips(event)
                await self._tell_survivor(event)
            case ev.NoticeGiven() | ev.NoticeExempted() if event.kind == "decision":
                await self._tell_slips(event)
            case ev.NoticeGiven() | ev.NoticeExempted() if event.kind == "review_decision" and self.case.review_apart:
                await self._signal(review_workflow_id(self.complaint_id, THE_REVIEW), event)
            case _:
                pass

    async def _start_slip(self, sent: ev.SlipDispatched, again: WorkflowIDReusePolicy | None = None) -> None:
        await self._start(
            SLIP_WORKFLOW_TYPE,
            slip_workflow_id(self.complaint_id, sent.slip),
            self._opening(
                sent.slip,
                sent,
                self.case.intake.excluded_staff(),
                self.case.unit,
                self.case.slip_clocks[sent.slip],
                again=again is not None,
            ),
            f"会办单 slip {sent.slip} · {sent.unit} / {sent.department}",
            (sa.UNIT, sent.unit),
            again=again,
        )

    async def _end_lost_children(self, recovered: ev.Recovered) -> None:
        """Tell so the children that the record does not know: the last run ended before it had written them down."""
        state = self.case.state
        known, before = len(state.slips), len(state.recoveries) - 1
        for number in range(known + 1, known + 1 + LOST):
            await self._tell_back(slip_workflow_id(self.complaint_id, slip_name(number, before)), None, recovered)
        if state.review is None:
            await self._tell_back(review_workflow_id(self.complaint_id, THE_REVIEW), None, recovered)

    async def _find_children_again(self, recovered: ev.Recovered | None = None) -> None:
        """Start anew the children that ended without having come to their end; tell all if their complaint is back."""
        # What never came to the record may have ended a child by itself; otherwise one that has done so is not missed.
        again = ANY_ENDED if recovered else ENDED_FROM_OUTSIDE
        await self._find_slips_again(recovered, again)
        state = self.case.state
        if state.review is not None and self.case.review_apart and not state.told("review_decision"):
            await self._start_review(await self._in_full(state.review), again)
            await self._tell_back(
                review_workflow_id(self.complaint_id, state.review.review), state.review.review, recovered
            )
            if state.moves:
                await self._signal(review_workflow_id(self.complaint_id, state.review.review), state.moves[-1])
        if recovered is not None and isinstance(state.ending_event, ev.Merged):
            await self._tell_survivor(state.ending_event)

    async def _find_slips_again(self, recovered: ev.Recovered | None, again: WorkflowIDReusePolicy) -> None:
        state = self.case.state
        if (ending := self._ends_slips()) is not None:
            await self._tell_slips(ending)  # One that runs may not have heard it,
            for name in list(state.slips):  # and may have been waiting to tell.
                await self._tell_back(slip_workflow_id(self.complaint_id, name), name, recovered)
            return
        for name, slip in list(state.slips.items()):
            if slip.status in OVER:
                continue
            await self._start_slip(await self._in_full(slip.dispatched), again)
            child = slip_workflow_id(self.complaint_id, name)
            await self._tell_back(child, name, recovered)
            # News that it may not have heard; what it knows already changes nothing.
            for news in (*self.case.adopted, *state.moves[-1:], *self._facts_unheard(name)):
                await self._signal(child, news)

    def _ends_slips(self) -> ev.Event | None:
        """Return the event that ends the slips of the complaint, None while they go on."""
        state = self.case.state
        if state.ending_event is not None:
            return state.ending_event
        told = [one for one in state.notices if one.kind == "decision"] if self.case.decided_and_told else []
        return told[-1] if told else None

    def _facts_unheard(self, slip: str) -> list[ev.FactsAdded]:
        """Return the newest facts if *slip* has told no event since."""
        facts = self.case.state.newest_facts
        return [facts] if facts and self.case.told[slip][-1].recorded_at <= facts.recorded_at else []

    async def _in_full(self, event: Opens) -> Opens:
        number = next(number for number, one in enumerate(self.case.events, start=1) if one is event)
        return cast("Opens", await with_all_texts(self.complaint_id, event, number))

    async def _tell_back(self, child: str, name: str | None, recovered: ev.Recovered | None) -> None:
        if recovered is not None:
            await self._signal(child, recovered, told=len(self.case.told[name]) if name else 0)

    async def _start_review(self, asked: ev.ReviewRequested, again: WorkflowIDReusePolicy | None = None) -> None:
        if not workflow.patched(REVIEW_APART):
            return
        self.case.review_apart = True
        barred = self.case.intake.excluded_staff() | self.case.first_deciders()
        # Art. 20: for the institution above the one that decided, which need not be the one that handles the complaint.
        decision = self.case.state.decision
        unit = decision.unit if decision else self.case.unit
        await self._start(
            REVIEW_WORKFLOW_TYPE,
            review_workflow_id(self.complaint_id, asked.review),
            self._opening(asked.review, asked, barred, unit, self.case.clock, again=again is not None),
            f"核查 review {asked.review}",
            (sa.UNIT, unit),
            again=again,
        )

    def _opening(
        self,
        name: str,
        first: ev.SlipDispatched | ev.ReviewRequested,
        barred: frozenset[str],
        unit: str,
        clock: CaseClock,
        *,
        again: bool,
    ) -> ChildOpening:
        told = self.case.told[name] if again else [first]
        return ChildOpening(
            complaint_id=self.complaint_id,
            name=name,
            pin=self._pin_of(clock, told),
            unit=unit,
            respondent=self.case.intake.respondent.unit,
            received_at=self.case.intake.received_at,
            barred=tuple(sorted(barred)),
            categories=self.case.intake.matters(self.case.state.categories),
            first=first,
            recorded=len(told) if again else 0,
            reported=len(told),
            told_back=sum(isinstance(event, ev.SlipSentBack) for event in told),
        )

    def _pin_of(self, clock: CaseClock, told: Sequence[ev.Event]) -> Pin:
        """Return the rules under which a child opened that has *told* events: those from which its first move led away."""
        pin = self.case.pin_of(clock)
        moved = next((event for event in told if isinstance(event, ev.RulesMoved)), None)
        return pin.model_copy(update={"pack": moved.before, "pack_hash": moved.before_hash}) if moved else pin

    async def _start(
        self,
        kind: str,
        name: str,
        opening: ChildOpening,
        summary: str,
        unit: tuple[sa.Keyword, str],
        *,
        again: WorkflowIDReusePolicy | None,
    ) -> None:
        key, value = unit
        # An earlier run of the complaint may have started it, and had no time to note so.
        with suppress(WorkflowAlreadyStartedError):
            child = await workflow.start_child_workflow(
                kind,
                opening,
                id=name,
                parent_close_policy=ParentClosePolicy.ABANDON,
                id_reuse_policy=again
                or (ANY_ENDED if self.case.state.recoveries else WorkflowIDReusePolicy.REJECT_DUPLICATE),
                search_attributes=TypedSearchAttributes(
                    [SearchAttributePair(key, value), SearchAttributePair(sa.PACK, opening.pin.pack)]
                ),
                static_summary=summary,
            )
            # It tells by itself how it ends. Where somebody has ended it, nothing fails here: the watchdog finds it.
            child.add_done_callback(lambda ended: None if ended.cancelled() else ended.exception())

    async def _tell_of_change(self, event: ev.CalendarAdopted | ev.RulesMoved) -> None:
        """Tell the slips by what they count from now on; a review that waits for its decision shows its rules, no more."""
        await self._tell_slips(event)
        review = self.case.state.review
        if (
            isinstance(event, ev.RulesMoved)
            and review
            and self.case.review_apart
            and not self.case.state.review_decided
        ):
            await self._signal(review_workflow_id(self.complaint_id, review.review), event)

    async def _tell_slips(self, event: ev.Event) -> None:
        # A copy: a command may dispatch another while one is told, and a dict that changes would stop the complaint.
        for name, slip in list(self.case.state.slips.items()):
            if slip.status not in OVER:
                await self._signal(slip_workflow_id(self.complaint_id, name), event)

    async def _signal(self, child: str, event: ev.Event, told: int | None = None) -> None:
        try:
            await workflow.get_external_workflow_handle(child).signal("hear", News(event=event, told=told))
        except FailureError:
            workflow.logger.info("a child of the complaint has ended before it could be told")

    async def _tell_survivor(self, merged: ev.Merged) -> None:
        if not workflow.patched(ABSORBED):
            return
        # The survivor asks the record whether it is so.
        number = self.passed_on
        await workflow.wait_condition(lambda: self.recorded >= number or self.leaving)
        if self.recorded < number:
            self.passed_on -= 1  # The next run tells it.
            return
        try:
            await workflow.get_external_workflow_handle(workflow_id(merged.into)).signal("absorb", self.complaint_id)
        except FailureError:
            workflow.logger.info("the surviving complaint has ended before it could be told")

    @workflow.signal(description="内部信号 Internal, by our own tools: continue in a new run with a short history.")
    def hand_over(self, *payloads: RawValue) -> None:
        """Continue in a new run with a short history, which knows its children by their ids alone; nothing else changes."""
        self.asked_to_leave = self._is_bare("hand_over", payloads) or self.asked_to_leave

    @workflow.signal(description="内部信号 Internal, by our own tools: start ended slips and reviews anew.")
    def find_children(self, *payloads: RawValue) -> None:
        """Start the slips and the review anew that do not run and have not come to their end; nothing else changes."""
        self.to_find_children = self._is_bare("find_children", payloads) or self.to_find_children

    def _is_bare(self, signal: str, payloads: Sequence[RawValue]) -> bool:
        """Return whether *signal* came without a payload, as it must; otherwise its refusal goes on record."""
        try:
            self.inbox.expect_nothing(payloads)
        except Malformed:
            if self.loaded is not None:
                self.note_refusal(signal, "Malformed")
            return False
        return True

    @workflow.signal(description="内部信号 Internal, between complaints: another one was merged into this.")
    async def absorb(self, *payloads: RawValue) -> None:
        """Note the complaint that was merged into this one (合并处理, art. 18(3)), once the record confirms it."""
        try:
            name: str | None = self.inbox.open(payloads, ComplaintId)
        except Malformed:
            name = None
        await workflow.wait_condition(lambda: self.loaded is not None)
        if name is None:
            self.note_refusal("absorb", "Malformed")
        elif name not in (*self.case.state.handling.absorbed, *self.to_absorb):
            self.to_absorb = (*self.to_absorb, name)

    async def keep_absorbing(self) -> None:
        """Ask the record of each complaint that is said to be merged into this one; it may have to be waited for."""
        while not self.stopping:
            await workflow.wait_condition(lambda: self.stopping or bool(self.to_absorb))
            if self.stopping:
                return
            name = self.to_absorb[0]
            asked = asyncio.ensure_future(self._merged_into(name))
            await workflow.wait_condition(lambda asked=asked: asked.done() or self.stopping)  # type: ignore[misc]
            if not asked.done():
                asked.cancel()  # The next run asks again.
                return
            self.to_absorb = self.to_absorb[1:]
            if await asked == self.complaint_id:
                self.happen(ev.Absorbed, complaint=name)
            else:
                self.note_refusal("absorb", "NotMerged")

    async def _merged_into(self, name: str) -> str | None:
        return await workflow.execute_activity_method(
            AssignmentActivities.merged_into,
            name,
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_DONE,
            summary="查被并入的投诉 look up the complaint that was merged into this one",
        )

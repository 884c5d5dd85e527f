"""
What a dispatch slip and a review have in common: children of a complaint, with events and commands of their own.

A child tells its complaint every event, in order and once each, by a signal; the complaint's record is the only one. News of
the complaint comes to it by a signal too. Both find each other by their ids, so either may continue in a new run.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from models.actor import Actor, actor
from models.child import ChildKind, ChildOpening, News, Report
from models.loading import Answers
from models.opening import workflow_id
from models.organisation import installed
from models.refusals import Refusals
from models.steps import ActorQuestion, ChildQuestion, RulesName, RulesQuestion
from models.view import NOT_READY
from rulebook import events as ev
from workflows.base import RETRIES, STEP_TIMEOUT, UNTIL_DONE, Leaving, kind_of, look_up
from workflows.cancelling import CANCEL, CODE
from workflows.from_record import pages
from workflows.inbound import Inbox, Malformed, Unreadable, given
from workflows.obedience import Obedience
from workflows.refusal import refused
from workflows.report_guards import SKEW

with workflow.unsafe.imports_passed_through():
    from activities.assignment import AssignmentActivities
    from activities.records import RecordActivities

ROUNDS = 20
"""How often the record is asked while answers are held back: twice as often as updates may be under way."""

Order = TypeVar("Order")
Result = TypeVar("Result")

UNHEARD = timedelta(hours=1)
"""How long a child that found no complaint waits before it looks again."""
FEW_TRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)
"""A worker that is about to be replaced may not know the newest rules; forged ones nobody knows."""


class CaseChild(Obedience):
    """The events of a child, the way they reach its complaint, and who speaks to it."""

    def __init__(self, payloads: Sequence[RawValue], kind: ChildKind) -> None:
        self.inbox = Inbox()
        self.kind = kind
        self.turned_away: ApplicationError | Unreadable | None = None
        try:
            opening = _admitted(payloads, kind)
        except (ApplicationError, Unreadable) as error:
            self.turned_away = error
            return
        super().__init__(opening.done)
        self.opening = opening
        self.moving = asyncio.Lock()
        self.refusals = Refusals()
        self.events: list[ev.Event] = []
        self.loaded = False
        self.recorded = opening.recorded
        self.reported = opening.reported
        self.ended = False
        self.leaving = False
        self.unheard = False
        self.brought_back = 0
        self.cancelling_asked = False
        self.steps: set[workflow.ActivityHandle[Any]] = set()
        self.held_up: dict[str, str] = {}
        """The steps that are tried until they can be done, by their summary, each with the stable type of its error."""

    def take(self, event: ev.Event) -> None:
        """Take *event*, new or from an earlier run, into the child."""
        self.events.append(event)
        self.refusals.apply(event)

    async def take_up(self) -> None:
        """Take what earlier runs did from the record of the complaint, and from the opening what that lacks."""
        self.take(self.opening.first)
        first = 1  # It is in the record too, but for its long texts.
        async for page in pages(self.opening.complaint_id, self.opening.recorded, self.opening.name):
            for event in page.events[first:]:
                self.take(event)
            first = 0
            self.recall(page.done)
        for event in self.opening.events:
            self.take(event)
        self.turns.begin()
        self.loaded = True
        if self.cancelling_asked:
            self.refuse_cancelling()

    def refuse_unless_loaded(self) -> None:
        """Refuse a question that comes before the child knows how it stands."""
        if not self.loaded:
            raise refused("NotReady", NOT_READY)

    @property
    def stopping(self) -> bool:
        """Whether this run is about to end."""
        return self.ended or self.leaving

    @property
    def over(self) -> bool:
        """Whether the child has ended, and the complaint was told everything or has ended itself."""
        return self.ended and (self.unheard or self.reported == len(self.events))

    async def step(self, activity: Callable[[Any, Order], Result], order: Order, summary: str) -> Result:
        """Have *activity* done, however long it takes; Leaving when the next run is to do it."""
        waiting = False
        while True:
            if self.leaving:
                raise Leaving
            # What failed as often as a step of the complaint may is tried on, and what holds it up is shown.
            doing = workflow.start_activity_method(
                activity,
                order,
                start_to_close_timeout=STEP_TIMEOUT,
                retry_policy=UNTIL_DONE if waiting else RETRIES,
                summary=summary,
            )
            self.steps.add(doing)
            try:
                result = await doing
            except (ActivityError, asyncio.CancelledError) as error:
                if self.leaving:
                    raise Leaving from error
                if waiting or not isinstance(error, ActivityError) or is_cancelled_exception(error):
                    raise
                self.held_up, waiting = {**self.held_up, summary: kind_of(error)}, True
            else:
                self.held_up = {what: kind for what, kind in self.held_up.items() if what != summary}
                return result
            finally:
                self.steps.discard(doing)

    @abstractmethod
    def follow(self, event: ev.Event) -> None:
        """Act on news of the complaint, of a kind that it tells such a child."""

    @property
    @abstractmethod
    def rules(self) -> RulesName:
        """The rules by which the child counts now."""

    def fits(self, adopted: ev.CalendarAdopted) -> bool:  # noqa: ARG002
        """Return whether the child can count its working days by the notice of *adopted*."""
        return True

    @workflow.signal(description="内部信号 Internal, from the complaint to its child: what has happened to it.")
    async def hear(self, *payloads: RawValue) -> None:
        """Take an event of the complaint; whatever it cannot be is refused on record, and changes nothing."""
        if self.turned_away:
            return
        try:
            news: News | None = self.inbox.open(payloads, News)
        except Malformed:
            news = None
        await workflow.wait_condition(lambda: self.loaded)
        code = "Malformed" if news is None else self._objection(news.event)
        if news is None or code:
            self.note_refusal("hear", code or "Malformed")
        elif isinstance(news.event, ev.Recovered):
            await self._take_recovery(news)
        elif isinstance(news.event, ev.RulesMoved):
            await self._take_move(news.event)
        else:
            self.follow(news.event)

    async def _take_recovery(self, news: News) -> None:
        """Tell a complaint that was brought back what it lacks: it may have heard what never came to its record."""
        if news.told == 0 and not await self._known():
            # The complaint never will know of it: nobody waits for anything more.
            self.reported = len(self.events)
            self.ended = self.unheard = True
        self.brought_back += 1
        if news.told is not None:
            self.reported = min(self.reported, max(1, news.told))

    def _objection(self, event: ev.Event) -> str | None:
        """Return the code by which *event* is refused as news, None if it may be such."""
        if not self.kind.told_of(event):
            return "NotNews"
        if not self.opening.received_at <= event.at <= event.recorded_at <= workflow.now() + SKEW:
            return "ImpossibleInstant"
        if isinstance(event, ev.CalendarAdopted) and not self.fits(event):
            return "CalendarMisfit"
        return None

    async def _take_move(self, moved: ev.RulesMoved) -> None:
        # One after the other, and beside all other news: that must not wait for rules that nobody knows.
        async with self.moving:
            question = RulesQuestion(before=self.rules, pack=moved.pack, pack_hash=moved.pack_hash)
            try:
                await workflow.execute_local_activity_method(
                    AssignmentActivities.open_rules,
                    question,
                    start_to_close_timeout=timedelta(seconds=10),
                    retry_policy=FEW_TRIES,
                    summary="打开新规则 open the rules to which the complaint has moved",
                )
            except FailureError:  # The SDK wraps the error of a local activity in no `ActivityError`.
                self.note_refusal("hear", "UnknownRules")
            else:
                self.follow(moved)

    def note_refusal(self, command: str, code: str) -> None:
        """Record that the signal *command* was refused with *code*; of many for one reason, the later ones together."""
        if times := self.refusals.note(command, code):
            now, child = workflow.now(), self.opening.name
            refusal = ev.CommandRefused(at=now, recorded_at=now, command=command, code=code, times=times, child=child)
            self.take(refusal)

    def refuse_cancelling(self) -> None:
        """Record that somebody asked to cancel the workflow, as soon as the child knows how it stands; no more."""
        self.cancelling_asked = not self.loaded
        if self.loaded:
            self.note_refusal(CANCEL, CODE)

    async def keep_reporting(self) -> None:
        """Tell the complaint each event, until the child has ended and everything is told."""
        while not self._all_told():
            await workflow.wait_condition(lambda: self.reported < len(self.events) or self._all_told())
            while self.reported < len(self.events) and not self.leaving:
                number, times = self.reported + 1, self.brought_back
                if await self._tell(number):
                    if self.reported == number - 1:  # It may have to be told again meanwhile.
                        self.reported = number
                elif await self._complaint_over():
                    # Nobody listens, and nobody waits for anything more.
                    self.ended = self.unheard = True
                    return
                else:
                    # Brought back, it says so; a run that was reset says nothing, and hears at the next try.
                    with suppress(TimeoutError):
                        await workflow.wait_condition(
                            lambda times=times: self.brought_back > times or self.leaving,  # type: ignore[misc]
                            timeout=UNHEARD,
                        )

    async def _known(self) -> bool:
        return await workflow.execute_activity_method(
            AssignmentActivities.child_known,
            ChildQuestion(complaint_id=self.opening.complaint_id, child=self.opening.name),
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_DONE,
            summary="查是否在案 whether the record of the complaint knows this child",
        )

    async def _complaint_over(self) -> bool:
        """Return whether the complaint that does not hear has come to its end, and was not just ended from outside."""
        stage = await workflow.execute_activity_method(
            AssignmentActivities.stage_of,
            self.opening.complaint_id,
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_DONE,
            summary="查投诉是否终结 whether the complaint, which does not hear, has ended",
        )
        return stage in {None, "closed", "ended"}

    def _all_told(self) -> bool:
        return self.leaving or (self.ended and self.reported == len(self.events) and workflow.all_handlers_finished())

    async def heard(self) -> None:
        """Wait until the complaint has been told everything: who gave a command may then look there."""
        await workflow.wait_condition(lambda: self.reported == len(self.events) or self.unheard or self.leaving)

    async def _tell(self, number: int) -> bool:
        report = Report(child=self.opening.name, number=number, event=self.events[number - 1])
        case = workflow.get_external_workflow_handle(workflow_id(self.opening.complaint_id))
        try:
            await case.signal("report", report)
        except FailureError:
            return False
        return True

    async def keep_short(self) -> None:
        """Leave for a new run when this one has grown long, once the record holds what that run needs."""
        while not self.stopping:
            await workflow.wait_condition(lambda: self.ended or self.turns.long)
            # Answers are held back only once the database is known to answer.
            await self._held()
            self.turns.holding = True
            for _ in range(ROUNDS):
                if self.leaving or self.ended:
                    break
                await self._settled()
                await self._held()
                self.leaving = self._told_and_settled and self.recorded == len(self.events) and not self.ended
            # What waited is answered now: in this very task, if the run leaves.
            self.turns.holding = False
        if self.leaving:
            for step in self.steps:
                step.cancel()

    async def _settled(self) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.ended or self._told_and_settled,
                timeout=self.turns.patience,
                timeout_summary="换新运行 until the run can hand over",
            )

    @property
    def _told_and_settled(self) -> bool:
        return self.turns.settled and self.reported == len(self.events)

    async def _held(self) -> None:
        """Wait until the record holds the events and answers of this moment, or the child has ended."""
        count = len(self.events)
        keeping = workflow.start_activity_method(
            RecordActivities.keep_answers,
            Answers(
                complaint_id=self.opening.complaint_id,
                child=self.opening.name,
                count=count,
                done=self.fresh_until(count),
            ),
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_DONE,
            summary=f"换新运行 until the record holds {count} events of {self.opening.name}",
        )
        await workflow.wait_condition(lambda: keeping.done() or self.ended)
        if not keeping.done():
            keeping.cancel()
            with suppress(ActivityError):
                await keeping
        if self.ended:
            return
        await keeping
        self.recorded = count
        self.on_record(count)

    def continued(self) -> ChildOpening:
        """Return the opening with which the child goes on in a new run."""
        return self.opening.model_copy(
            update={
                "recorded": self.recorded,
                "events": tuple(self.events[self.recorded :]),
                "reported": self.reported,
                "done": tuple(self.fresh),
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


def _admitted(payloads: Sequence[RawValue], kind: ChildKind) -> ChildOpening:
    """Return the opening in the run's *payloads*; `InvalidOpening` for one that no complaint has ordered."""
    opening: ChildOpening = given(payloads, ChildOpening, child=True)
    if not isinstance(opening.first, kind.opens):
        raise refused("InvalidOpening", "first: is not what opens such a child")
    info = workflow.info()
    if info.workflow_id != kind.named(opening.complaint_id, opening.name):
        raise refused("WrongWorkflowId", "the workflow has another id than this child of the complaint")
    parent = info.parent.workflow_id if info.parent else None
    if info.continued_run_id is None and parent != workflow_id(opening.complaint_id):
        raise refused("InvalidOpening", "only a complaint opens its slips and reviews")
    return opening

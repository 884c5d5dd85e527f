"""What every part of the complaint's workflow shares: the case, time, steps that may fail, and waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from models.actor import Actor
from models.opening import Opening
from models.outages import ATTEMPTS, OUTAGES
from models.steps import ActorQuestion
from models.view import NOT_READY
from rulebook import events as ev
from rulebook.clock import Alarm
from rulebook.errors import RulebookError
from workflows.alarms import Pointless, ring_case, settle
from workflows.cancelling import CANCEL, CODE
from workflows.case import Case
from workflows.inbound import Inbox
from workflows.notices import called_for
from workflows.obedience import Obedience
from workflows.receipt import arrival
from workflows.refusal import refused
from workflows.timer import next_alarm, renews

with workflow.unsafe.imports_passed_through():
    from activities.assignment import AssignmentActivities

Order = TypeVar("Order")
Result = TypeVar("Result")

RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1), maximum_attempts=ATTEMPTS
)
"""About two minutes of machine retries; then a person decides, or the step waits for the end of an outage."""

WHILE_AWAY = RetryPolicy(
    initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=1), maximum_attempts=1_000_000
)
"""
For a step that waits for the end of an outage: a try a minute for almost two years, all of them one entry of the history.

It has a limit, by which the worker knows that anything but an outage ends it (`engine.outages`).
"""

CANCELLED = workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
"""A letter whose sending is called off while an attempt runs may have left: what that attempt has done counts."""

ASKED = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=4)
"""For what a caller waits for: seven seconds, then it is refused and nothing has changed."""

UNTIL_DONE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""For what no person could take over: it is tried until a worker can do it."""

STEP_TIMEOUT = timedelta(seconds=20)
"""How long a step may take, and how long one waits that was running in a worker that died."""


class Leaving(Exception):  # noqa: N818  # not an error: the run hands over to the next one
    """The run ends here, and the case continues in a new one with a short history."""


class CaseWorkflow(Obedience):
    """The state of one run: the case, which commands were obeyed, and how far the record has been written."""

    def __init__(self, opening: Opening | None) -> None:
        super().__init__(opening.done if opening else ())
        self.inbox = Inbox()
        # Without an opening the run only says why it was turned away.
        self.turned_away = opening is None
        self.loaded: Case | None = None
        self.blocked: RulebookError | None = None
        if opening and opening.pin and not opening.recorded:
            try:
                self.loaded = Case(opening.intake, opening.pin, opening.events)
                self.loaded.contact = opening.contact
            except RulebookError as error:
                self.blocked = error
        self.recorded = opening.recorded if opening else 0
        self.reminded = opening.reminded if opening else 0
        self.reminding = set(opening.reminding if opening else ())
        self.registered = False
        self.under_way = 0
        self.steps: set[workflow.ActivityHandle[Any]] = set()
        self.record_wanted = False
        self.finished = False
        self.leaving = False
        self.asked_to_leave = False
        self.cancelling_asked = False

    @property
    def case(self) -> Case:
        """The case; every caller runs after its rules have been pinned and its events are there."""
        if self.loaded is None:
            raise refused("NotReady", NOT_READY)
        return self.loaded

    def add(self, event: ev.Event) -> int:
        """Take *event* into the case, and what it makes true by law at once; return its number in the record."""
        self.case.append(event)
        number = len(self.case.events)
        if isinstance(event, ev.Withdrawn | ev.HandlingRefused | ev.Merged):
            self._settle("CaseEnded")
        elif isinstance(event, ev.FactsAdded):
            self._settle("ClockReset")
        elif isinstance(event, ev.RulesMoved) and self.case.decide and self.case.decide.rule.extension is None:
            self._settle("RulesMoved")
        elif isinstance(event, ev.ContactAttempted) and event.reached and self.case.pack.unreachable:
            self._tell_after_all()
        return number

    def note_arrival(self, asked: frozenset[str]) -> None:
        """Note what rules that know the events *asked* want to know of the arrival: origin, lacks, the regulator's date."""
        for event in arrival(self.case, asked, workflow.now()):
            self.add(event)

    def _tell_after_all(self) -> None:
        """Have a complainant who is reached after all told what was left untold; closed over it, a case reopens (C19)."""
        state = self.case.state
        if state.closed is not None and not self.case.over and state.exempt("decision"):
            self.happen(ev.Reopened, reason="the complainant was reached after all")
        if not state.telling.exempt():
            return
        wanted = {(notice.kind, notice.ref) for notice in called_for(self.case)}
        for notice in list(state.notices):
            if isinstance(notice, ev.NoticeExempted) and (notice.kind, notice.ref) in wanted:
                self.happen(ev.ExemptionLifted, kind=notice.kind, ref=notice.ref)

    def _settle(self, code: Pointless) -> None:
        for event in settle(self.case, code, workflow.now()):
            self.case.append(event)

    def next_alarm(self, now: datetime) -> Alarm | None:
        """Return the next alarm of the complaint's own clock."""
        return self.case.remembered("alarm", lambda: next_alarm(self.case.clock, now), at=now)

    def catch_up(self) -> None:
        """Ring every alarm whose instant has come, in order, before anything else is allowed to happen."""
        now = workflow.now()
        while (alarm := self.next_alarm(now)) is not None and alarm.at <= now:
            for event in ring_case(self.case, alarm, now, renewed=renews(self.case.clock, alarm)):
                self.case.append(event)

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for *ready*; Leaving when the case moves to a new run meanwhile."""
        await workflow.wait_condition(lambda: ready() or self.leaving)
        if not ready():
            raise Leaving

    async def machine(
        self,
        step: str,
        activity: Callable[[Any, Order], Result],
        order: Order | Callable[[], Order],
        summary: str,
        *,
        needed: Callable[[], bool],
        irrevocable: bool = False,
        aside: bool = False,
    ) -> Result | None:
        """
        Run *activity* as a machine step while it is *needed*; return its result, or None if it never came to that.

        What is *irrevocable*, a letter that has left, counts even if it was no longer needed when it was done. Nothing waits
        for a step that runs *aside* of the process. A function in place of *order* is called whenever the step begins again,
        so that it is done with the facts of that moment.

        A step that fails of an outage is tried until that is over, and shown to wait for it meanwhile. When its retries are
        exhausted for another reason the case waits for a person (retry, skip, or the same by hand): it neither fails nor
        goes on as if nothing had happened. Leaving when the case moves to a new run meanwhile.
        """
        while needed():
            if self.leaving:
                raise Leaving
            if step in self.case.state.skipped_steps:
                return None
            if step in self.case.state.failed_steps:
                await self.until(lambda: step not in self.case.state.failed_steps or not needed())
                continue
            waiting = step in self.case.outages
            # What waits for the end of an outage holds up neither the record nor the display of all the rest.
            busy = not aside and not waiting
            self.under_way += busy
            doing = workflow.start_activity_method(
                activity,
                order() if callable(order) else order,
                start_to_close_timeout=STEP_TIMEOUT,
                retry_policy=WHILE_AWAY if waiting else RETRIES,
                cancellation_type=CANCELLED if waiting else workflow.ActivityCancellationType.TRY_CANCEL,
                summary=summary,
            )
            if not waiting:
                self.steps.add(doing)
            try:
                result = await (self._when_back(doing, needed) if waiting else doing)
            except (ActivityError, asyncio.CancelledError) as error:
                if self.leaving:
                    raise Leaving from error  # Given up in this run; the next one tries on.
                if isinstance(error, asyncio.CancelledError) or (is_cancelled_exception(error) and needed()):
                    raise  # Not of our doing: somebody cancels the whole workflow.
                self._failed(step, error, waiting=waiting)
            else:
                self.case.outages.pop(step, None)
                return result if irrevocable or needed() else None
            finally:
                self.steps.discard(doing)
                self.under_way -= busy
        self.case.outages.pop(step, None)
        return None

    async def _when_back(self, doing: workflow.ActivityHandle[Result], needed: Callable[[], bool]) -> Result:
        """Return what came of a step that waits for the end of an outage; Leaving when the next run waits on."""
        await workflow.wait_condition(lambda: doing.done() or self.leaving or not needed())
        if not doing.done() and not self.leaving:
            doing.cancel()
            await workflow.wait_condition(lambda: doing.done() or self.leaving)
        if not doing.done():
            raise Leaving
        return await doing

    def _failed(self, step: str, error: ActivityError, *, waiting: bool) -> None:
        """Note what the failure of *step* means: an outage, its end, or that a person has to look."""
        kind = kind_of(error)
        if is_cancelled_exception(error):
            return
        if kind in OUTAGES:
            self.case.outages[step] = kind
            return
        self.case.outages.pop(step, None)
        if not waiting:  # After an outage it gets its bounded attempts anew.
            self.happen(ev.StepFailed, step=step, error=kind)

    async def quiet(self, ready: Callable[[], bool]) -> None:
        """
        Wait for *ready* and for every step that is under way, or about to be, to succeed or to wait for a person.

        What steps make true in a row is so written and shown in one go, which halves what a complaint costs to run.
        """
        calm = False
        while not calm:
            await workflow.wait_condition(lambda: ready() and self._calm)
            # Those who woke with us start their steps first.
            await workflow.wait_condition(lambda: True)
            calm = self._calm

    @property
    def _calm(self) -> bool:
        return self.under_way == 0 or self.record_wanted or self.stopping or self._pressing

    @property
    def _pressing(self) -> bool:
        # What a person did is on record at once, even while the machine struggles with a step of its own.
        return self.case.last_by_a_person > self.recorded

    def happen(self, event: type[ev.Event], /, **facts: Any) -> None:
        """Take an event into the case that becomes true now, by the machine's own doing."""
        now = workflow.now()
        self.add(event.model_validate({"at": now, "recorded_at": now, **facts}))

    def note_refusal(self, command: str, code: str, by: str = ev.SYSTEM) -> None:
        """Record that the signal *command* was refused with *code*; of many for one reason, the later ones together."""
        if times := self.case.refusals.note(command, code):
            self.happen(ev.CommandRefused, by=by, command=command, code=code, times=times)

    def refuse_cancelling(self) -> None:
        """Record that somebody asked to cancel the workflow, as soon as the case is there; nothing else changes."""
        self.cancelling_asked = self.loaded is None
        if self.loaded is not None:
            self.note_refusal(CANCEL, CODE)

    def tell_of_all_refusals(self) -> None:
        """Record the refusals that were counted and not told yet: the run ends, or the case."""
        for command, code, times in self.case.refusals.rest():
            self.happen(ev.CommandRefused, command=command, code=code, times=times)

    @property
    def complaint_id(self) -> str:
        """The id of the complaint."""
        return self.case.intake.complaint_id

    @property
    def on_file(self) -> bool:
        """Whether the record holds the complaint, so that events and letters can follow."""
        known = self.registered or self.recorded > 0 or self.case.imported is None
        return self.case.state.ticket is not None and known

    @property
    def stopping(self) -> bool:
        """Whether this run is about to end."""
        return self.finished or self.leaving

    @property
    def unrecorded(self) -> bool:
        """Whether the record lacks events."""
        return self.recorded < len(self.case.events)

    @property
    def should_leave(self) -> bool:
        """Whether the case should continue in a new run: this one has grown long, or somebody asked for it."""
        return self.asked_to_leave or self.turns.long


async def look_up(question: ActorQuestion, retries: RetryPolicy = RETRIES) -> Actor | None:
    """
    Return the person in *question* as the organisation data know them at this moment, kept in history.

    `PersonNotLookedUp` when that fails after all *retries*: refused, for a caller and on record for a signal.
    """
    try:
        return await workflow.execute_local_activity_method(
            AssignmentActivities.look_up,
            question,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=retries,
            summary="查人员信息 look the person up in the organisation data",
        )
    except FailureError as error:
        # A local activity that fails raises its own error; the SDK wraps only that of other activities in `ActivityError`.
        if is_cancelled_exception(error):
            raise
        raise refused(
            "PersonNotLookedUp", "the person could not be looked up; nothing has changed, try again"
        ) from error


def kind_of(error: ActivityError) -> str:
    """Return the stable type of what made a step fail, never its text."""
    cause = error.cause
    return (cause.type if isinstance(cause, ApplicationError) else None) or type(cause or error).__name__

"""
How people and systems speak to a running complaint: one update for each command, each with a validator.

The validator refuses before anything is written to history; the handler looks again after each await, with what the
organisation data said of the person at that moment, kept in history.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError

from models import commands as cmd
from models import handling_commands as hcmd
from models.actor import Actor, actor
from models.opening import Accepted
from models.organisation import Organisation, installed
from models.steps import ActorQuestion, AssignmentFound, ClosureOrder
from models.view import CaseView
from rulebook import events as ev
from workflows.base import ASKED, STEP_TIMEOUT, CaseWorkflow, kind_of, look_up
from workflows.effects import effect
from workflows.guards import check
from workflows.inbound import Malformed, unquestioned
from workflows.moving import target
from workflows.refusal import Ask, refused

with workflow.unsafe.imports_passed_through():
    from activities.assignment import AssignmentActivities
    from activities.closure import ClosureActivities

Question = TypeVar("Question")
Answer = TypeVar("Answer")


REFS = ("request", "pause", "review", "slip", "sign_off", "meeting", "progress", "holding")
"""The fields by which an event names what it opened, so that later commands can name it too."""


class Commands(CaseWorkflow):
    """The updates, the two signals and the query of a complaint."""

    def refuse_unless_allowed(self, command: cmd.Command) -> None:
        """Refuse *command* as things stand, with the organisation data of this worker; used by the validators."""
        if self.loaded is None and not self.turned_away:
            return  # How things stand is not known yet: the command waits until it is, and is looked at then.
        if self.answered(command) is None:
            self.refuse_without_room()
            known = installed()
            units = self.case.unit, self.case.intake.respondent.unit
            person = actor(known, command.actor, *units)
            named = _named(command)
            other = actor(known, named, *units) if named else None
            members = tuple(actor(known, member, *units) for member in _members(command))
            check(Ask(self.case, command, person, workflow.now(), other, members, fresh=True))
            # Only here: a name that was known when it was given stays good, whatever the organisation data say later.
            refuse_unknown_names(command, known, person)

    async def obey(self, command: cmd.Command) -> Accepted:
        """Do what *command* asks, once; its repetition is answered with the first answer."""
        with self.turns.taken():
            await workflow.wait_condition(lambda: self.loaded is not None)
            if (answer := self.answered(command)) is not None:
                return answer
            person = await self._look_up(command.actor)
            named = _named(command)
            other = await self._look_up(named) if named else None
            members = tuple([await self._look_up(member) for member in _members(command)])
            found = await self._find_out(command)
            if (answer := self.answered(command)) is not None:
                return answer
            self.catch_up()
            ask = Ask(self.case, command, person, workflow.now(), other, members, found)
            check(ask, workflow.patched)
            answer = self.remember(command, self._accept(self._take(ask)))
            await self.turns.until_answered()
            return answer

    async def _find_out(self, command: cmd.Command) -> AssignmentFound | None:
        """Ask what the guards cannot know of themselves; refuse what it forbids."""
        match command:
            case hcmd.Dispatch():
                return await self._department(command)
            case cmd.Merge():
                await self._check_survivor(command)
            case cmd.Close():
                await self._check_record()
            case _:
                pass
        return None

    def _take(self, ask: Ask) -> ev.Event:
        """Return the event that the command becomes, having noted what goes before it or stands beside it."""
        command = ask.command
        if isinstance(command, cmd.MoveRules):
            self.note_arrival(target(ask).event_names)
        event = effect(ask)
        if isinstance(command, cmd.ChangeContact):
            self.case.contact = command.over(self.case.known_contact)
        return event

    def _accept(self, event: ev.Event) -> Accepted:
        number = self.add(event)
        refs = (getattr(event, name, None) for name in REFS)
        return Accepted(
            event=ev.event_type(event),
            seq=number,
            stage=self.case.state.stage,
            next_due=self.case.clock.next_due,
            time_zone=self.case.pack.time_zone,
            ref=next((ref for ref in refs if ref is not None), None),
        )

    async def _look_up(self, person: str) -> Actor | None:
        return await look_up(
            ActorQuestion(person=person, unit=self.case.unit, respondent=self.case.intake.respondent.unit)
        )

    async def _department(self, command: hcmd.Dispatch) -> AssignmentFound:
        if command.unit and command.department and command.coordinator:
            return AssignmentFound(
                unit=command.unit,
                department=command.department,
                coordinator=command.coordinator,
                reason=command.reason,
            )
        return await self._ask(
            AssignmentActivities.assign,
            self.case.routed(command.category),
            "查会办部门 find the department for the slip",
        )

    async def _check_survivor(self, command: cmd.Merge) -> None:
        stage = await self._ask(
            AssignmentActivities.stage_of, command.into, "查并入的投诉 look up the complaint to merge into"
        )
        if stage is None:
            raise refused("MergeTargetMissing", "there is no such complaint to merge into")
        if stage in {"closed", "ended"}:
            raise refused("MergeTargetClosed", "the complaint to merge into is closed, or has ended (art. 18)")

    async def _check_record(self) -> None:
        self.record_wanted = True
        await workflow.wait_condition(lambda: not self.unrecorded or self.case.stands("record"))
        self.record_wanted = False
        if self.unrecorded and "record" in self.case.outages:
            raise refused("RecordIncomplete", "the record cannot be written now; it will be, then close")
        if self.unrecorded:
            raise refused("RecordIncomplete", "the record cannot be written; retry the step, then close")
        order = ClosureOrder(complaint_id=self.complaint_id, events=self.recorded)
        await self._ask(ClosureActivities.check, order, "结案前校验记录 verify the record before closing")

    async def _ask(self, activity: Callable[[Any, Question], Answer], question: Question, summary: str) -> Answer:
        try:
            return await workflow.execute_activity_method(
                activity, question, start_to_close_timeout=STEP_TIMEOUT, retry_policy=ASKED, summary=summary
            )
        except ActivityError as error:
            raise refused(
                kind_of(error), f"this failed: {summary}; nothing has changed, see the worker's log"
            ) from error

    @workflow.query(description="查询投诉 Return the complaint as it stands.")
    def view(self, *payloads: RawValue) -> CaseView:
        """Return the case as it stands."""
        unquestioned(payloads)
        return self.case.view()

    async def signalled(self, kind: type[cmd.Command], payloads: Sequence[RawValue]) -> None:
        """Obey a command that came as a signal; a refusal has no caller to tell, so it becomes an event."""
        name = kind.__name__
        try:
            command: cmd.Command | None = self.inbox.open(payloads, kind)
        except Malformed:
            command = None
        await workflow.wait_condition(lambda: self.loaded is not None)
        if command is None:
            self.note_refusal(name, "Malformed")
            return
        try:
            await self.obey(command)
        except ApplicationError as error:
            # A name that nobody knows could be anything, a person's name included: it stays out of the record.
            stranger = error.type in {"UnknownActor", "PersonNotLookedUp"}
            self.note_refusal(name, error.type or "Refused", ev.SYSTEM if stranger else command.actor)


def refuse_unknown_names(command: cmd.Command, known: Organisation, person: Actor | None) -> None:
    """Refuse a department that is to get a copy, or a unit that is to close, which *known* does not have there."""
    match command:
        case hcmd.Dispatch() if not known.departments.keys() >= set(command.copies):
            raise refused("UnknownDepartment", "copies: the organisation data know no such department")
        case hcmd.DelegateClosure():
            unit = known.units.get(command.unit)
            below = unit is not None and person is not None and known.is_superior(person.unit, unit.code)
            if unit is None or not below or unit.level != "city":
                raise refused("NotACity", "closure is left to a city below the unit that leaves it (R145)")
        case _:
            pass


def _named(command: cmd.Command) -> str | None:
    """Return the person whom *command* names beside the one who gives it."""
    match command:
        case cmd.Assign() | hcmd.Dispatch():
            return command.coordinator
        case hcmd.StartContingency():
            return command.lead
        case _:
            return None


def _members(command: cmd.Command) -> tuple[str, ...]:
    """Return the members of the committee whose meeting *command* records."""
    return command.members if isinstance(command, hcmd.RecordCommittee) else ()

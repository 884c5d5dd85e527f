"""
What a child of a complaint may report: its own events, in its order, each of which can have happened.

A report is a signal, and anybody can send one. So the complaint looks at each as the child itself did: at its state as it
was told so far, under the same rows of guards. Who sent it this cannot prove.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip_cmd
from models.actor import Actor
from models.child import REVIEW, SLIP, ChildKind, Report, child_of
from models.handling import Handling
from models.shortening import MARK
from models.slips import Slip
from rulebook import events as ev
from rulebook.limit import in_utc
from workflows import review_guards, slip_guards
from workflows.case import Case

SKEW: Final = timedelta(minutes=1)
"""How far the clocks of two machines of a Temporal server may be apart."""

IMPOSSIBLE: Final = "ImpossibleFact"

COMMANDS: Mapping[type[ev.Event], type[cmd.Command]] = {
    ev.SlipAccepted: slip_cmd.AcceptSlip,
    ev.SlipReturned: slip_cmd.ReturnSlip,
    ev.SlipProgressed: slip_cmd.ReportProgress,
    ev.SlipAnswered: slip_cmd.AnswerSlip,
    ev.SlipSentBack: slip_cmd.SendBackSlip,
    ev.SlipRecalled: slip_cmd.RecallSlip,
    ev.ReviewerAppointed: hcmd.AppointReviewer,
    ev.ReviewExamined: hcmd.ExamineReview,
    ev.ReviewDecided: cmd.DecideReview,
}
"""By which command of a person each event of a child comes about."""


@dataclass(frozen=True, slots=True)
class Told:
    """A report in its moment, before the complaint to which it is told."""

    case: Case
    report: Report
    now: datetime

    @property
    def event(self) -> Any:
        """What is told."""
        return self.report.event

    @property
    def before(self) -> Sequence[ev.Event]:
        """What that child has told before, the event that opened it first."""
        return self.case.told.get(self.report.child, ())

    @property
    def kind(self) -> ChildKind | None:
        """Which kind of child it is; None if this complaint has opened none of that name."""
        state, name = self.case.state, self.report.child
        if name in state.slips:
            return SLIP
        return REVIEW if self.case.review_apart and state.review and state.review.review == name else None

    @property
    def tells(self) -> tuple[type[ev.Event], ...]:
        """What such a child can tell."""
        return self.kind.tells if self.kind else ()

    @property
    def repeated(self) -> bool:
        """Return whether it is on record already, under its number."""
        number = self.report.number
        return number <= len(self.before) and _alike(self.before[number - 1], self.event)

    @property
    def by_person(self) -> bool:
        """Return whether a person did it; a slip is sent back by the machine too, when new facts come in."""
        return type(self.event) in COMMANDS and not (
            isinstance(self.event, ev.SlipSentBack) and self.event.by == ev.SYSTEM
        )


def _alike(known: ev.Event, told: ev.Event) -> bool:
    """Return whether two events are the same, as far as *known*, which may have come without its long texts, says."""
    left_out = {name for name, value in known if _marked(value)}
    return type(known) is type(told) and known.model_dump(exclude=left_out) == told.model_dump(exclude=left_out)


def _marked(value: Any) -> bool:
    texts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, str) and one.startswith(MARK) for one in texts)


def _in_time(told: Told) -> bool:
    event, last = told.event, told.before[-1]
    written = last.recorded_at - SKEW <= event.recorded_at <= told.now + SKEW
    happened: bool = told.case.intake.received_at <= event.at <= event.recorded_at
    return written and happened


ROWS: Sequence[tuple[str, Callable[[Told], bool]]] = (
    ("UnknownChild", lambda told: told.kind is None),
    (
        "NotAChildsEvent",
        lambda told: not isinstance(told.event, told.tells) or child_of(told.event) != told.report.child,
    ),
    ("ReportConflict", lambda told: told.report.number <= len(told.before)),
    ("OutOfOrder", lambda told: told.report.number > len(told.before) + 1),
    ("ImpossibleInstant", lambda told: not _in_time(told)),
    (IMPOSSIBLE, lambda told: not told.by_person and not _by_the_machine(told)),
)
"""
Why a report is refused, for what can be seen of it, in the order in which it is looked at.

`ReportConflict` is another event under a number that is on record. The record takes nothing back: the first stays, and the
refusal says that one of the two is false.
"""


def objection(told: Told) -> str | None:
    """Return the code by which a report is refused for what can be seen of it, None if nothing is wrong with it."""
    return next((code for code, applies in ROWS if applies(told)), None)


def _by_the_machine(told: Told) -> bool:
    """Return whether the machine can have made it true: by an alarm of the child's clock, or by the complaint's news."""
    case, event = told.case, told.event
    match event:
        case ev.ReminderRaised() | ev.DeadlineBreached():
            duty = case.slip_clocks[told.report.child].duty(event.duty)
            dues = {in_utc(version.due) for version in duty.versions if version.due} if duty else set()
            come = isinstance(event, ev.ReminderRaised) or event.due <= event.recorded_at
            return event.by == ev.SYSTEM and in_utc(event.due) in dues and come
        case ev.CalendarAdopted():
            return any(event.notice == one.notice for one in case.adopted)
        case ev.RulesMoved():
            return any((one.pack_hash, one.by) == (event.pack_hash, event.by) for one in case.state.moves)
        case ev.SlipSentBack():
            return any(isinstance(one, ev.FactsAdded) and one.at == event.at for one in case.events)
        case ev.CommandRefused():
            return event.by == ev.SYSTEM and event.times > 0
        case _:
            return False


def guard(told: Told, person: Actor | None, other: Actor | None) -> ApplicationError | None:
    """
    Return what refuses an event that a person made true, as the child's guards see it; None if they let it pass.

    *person* is who did it, *other* whom it names, both as the organisation data know them.
    """
    event, now = told.event, max(told.now, told.event.recorded_at)
    try:
        command = _command(event)
    except ValidationError:
        return ApplicationError("no command becomes such an event", type=IMPOSSIBLE)
    try:
        if isinstance(command, slip_cmd.SlipCommand):
            barred = event.by in told.case.intake.excluded_staff()
            slip_guards.check(slip_guards.SlipAsk(_slip(told), command, person, now, barred, ended=False))
        else:
            review_guards.check(_review(told, command, person, other, now))
            named = other or person
            if named is None or getattr(event, "unit", named.unit) != named.unit:
                return ApplicationError("the person belongs to another unit", type=IMPOSSIBLE)
    except ApplicationError as error:
        return error
    return None


def _command(event: Any) -> cmd.Command:
    kind = COMMANDS[type(event)]
    content = event.model_dump()
    fields = {name: content[name] for name in kind.model_fields if name in content}
    return kind.model_validate({**fields, "id": "report", "actor": event.by, "at": event.at})


def _slip(told: Told) -> Slip:
    first, *others = told.before
    slip = Slip(cast("ev.SlipDispatched", first))
    for event in others:
        if isinstance(event, ev.SlipEvent):
            slip.apply(event)
    return slip


def _review(
    told: Told, command: cmd.Command, person: Actor | None, other: Actor | None, now: datetime
) -> review_guards.ReviewAsk:
    first = cast("ev.ReviewRequested", told.before[0])
    handling, decided = Handling(), False
    for event in told.before:
        handling.apply(event)
        decided = decided or isinstance(event, ev.ReviewDecided)
    barred = told.case.intake.excluded_staff() | told.case.first_deciders()
    return review_guards.ReviewAsk(first, handling, decided, command, person, now, barred, other)

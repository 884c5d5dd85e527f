"""What moves the clock, and what the clock itself makes true."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, ValidationError

from rulebook.event import Event, Level, PauseGround
from rulebook.notice import Notice
from rulebook.scalars import Flag, Hashes, Instant, Prose, Whole, Word


class ExtensionRequested(Event):
    """Further time was asked for, in the units of the limit, with the reason (art. 18(1))."""

    type: Literal["extension_requested"] = "extension_requested"
    request: Word
    days: Whole = Field(ge=1)
    reason: Prose


class ExtensionApproved(Event):
    """
    The superior institution (上级机构) or a head-office senior manager (总公司高级管理人员) approved (art. 18(1)).

    It moves the deadline only when the complainant has been told.
    """

    type: Literal["extension_approved"] = "extension_approved"
    request: Word
    days: Whole = Field(ge=1)
    ground: Literal["superior_institution", "head_office_senior_manager"]
    reason: Prose


class ExtensionRefused(Event):
    """An extension was refused by a person, or lapsed at the deadline; *code* says which and why."""

    type: Literal["extension_refused"] = "extension_refused"
    request: Word
    code: Literal[
        "RefusedBySuperior", "UndecidedAtDeadline", "NotToldAtDeadline", "CaseEnded", "ClockReset", "RulesMoved"
    ]
    reason: Prose


class ClockPaused(Event):
    """A period that the law leaves out of the limit began (art. 18(2), art. 23)."""

    type: Literal["clock_paused"] = "clock_paused"
    pause: Word
    ground: PauseGround
    reason: Prose

    def qualifier(self) -> str:
        """Return the ground of the pause."""
        return self.ground


class ClockResumed(Event):
    """The period that the law leaves out of the limit ended."""

    type: Literal["clock_resumed"] = "clock_resumed"
    pause: Word
    reason: Prose


class FactsAdded(Event):
    """The same complaint came again with new facts and reasons: the limit restarts (art. 18(3))."""

    type: Literal["facts_added"] = "facts_added"
    summary: Prose
    evidence: Hashes = ()


class ReminderRaised(Event):
    """
    A deadline came near, or lies behind by a step of its ladder.

    *at* is the planned instant, *recorded_at* when it was raised. *to* is the level to which it goes (R105): the coordinator
    unless the rules say otherwise. *slip* is the dispatch slip whose duty it is, None for a duty of the complaint itself.
    *passed* are the lower levels whose steps had gone by before the deadline was known, as for a complaint entered late.
    """

    added: ClassVar[frozenset[str]] = frozenset({"to", "slip", "passed"})

    type: Literal["reminder_raised"] = "reminder_raised"
    duty: Word
    due: Instant
    before: Word
    to: Level | None = None
    slip: Word | None = None
    passed: tuple[Level, ...] = ()


class DeadlineBreached(Event):
    """
    A duty was not met by its deadline; *at* is the legal instant, *recorded_at* minus *at* the detection delay.

    *shortened* says that a notice, or a move to other rules, had put the deadline into the past: then nobody is to blame.
    *renewed* says that the duty recurs, and runs anew from the deadline that was missed.
    """

    added: ClassVar[frozenset[str]] = frozenset({"slip", "shortened", "renewed"})

    type: Literal["deadline_breached"] = "deadline_breached"
    duty: Word
    due: Instant
    slip: Word | None = None
    shortened: Flag = False
    renewed: Flag = False


class WindowClosed(Event):
    """A period in which the complainant could act ended without it."""

    type: Literal["window_closed"] = "window_closed"
    duty: Word
    due: Instant


def _from_json(value: Any) -> Any:
    # A notice is strict about its dates, and JSON has none.
    if not isinstance(value, dict):
        return value
    try:
        return Notice.model_validate_json(json.dumps(value, default=str))
    except ValidationError:
        raise ValueError("not a notice") from None


class CalendarAdopted(Event):
    """
    A notice changed the working calendar under the running case: from here on its working days count by *calendar*.

    The *notice* stands here whole, so that the record alone proves what was counted. *calendar_hash* is the content hash
    that the calendar then has. *slip* is the dispatch slip that adopted it, None for the complaint itself.
    """

    type: Literal["calendar_adopted"] = "calendar_adopted"
    notice: Annotated[Notice, BeforeValidator(_from_json)]
    calendar: Word
    calendar_hash: Word
    slip: Word | None = None


class RulesMoved(Event):
    """
    Somebody moved the running case to other rules: from here on it is folded under *pack*, from its receipt on.

    *before* is the pack that it leaves; both are named with their content hash, and a hash that is not the one here stops
    the fold. *calendar* is the version by which working days count at that moment; a move does not change it. *slip* is the
    dispatch slip that moved, None for the complaint itself.
    """

    type: Literal["rules_moved"] = "rules_moved"
    before: Word
    before_hash: Word
    pack: Word
    pack_hash: Word
    calendar: Word
    reason: Prose
    slip: Word | None = None

"""What becomes true when an alarm of the clock rings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from rulebook import events as ev
from rulebook.clock import Alarm
from workflows.case import Case

Pointless = Literal["CaseEnded", "ClockReset", "RulesMoved"]
Lapsed = Literal["UndecidedAtDeadline", "NotToldAtDeadline"]
LAPSED: dict[Lapsed, str] = {
    "UndecidedAtDeadline": "undecided when the deadline came: counts as refused (办法 第十八条第一款)",
    "NotToldAtDeadline": "approved, but the complainant was not told before the deadline (办法 第十八条第一款)",
}
POINTLESS: dict[Pointless, str] = {
    "CaseEnded": "the procedure ended",
    "ClockReset": "the limit restarted with new facts",
    "RulesMoved": "the rules to which the complaint was moved know no extension",
}


def ring(alarm: Alarm, now: datetime, slip: str | None = None, *, renewed: bool = False) -> Iterator[ev.Event]:
    """
    Yield the event that *alarm*, of the complaint or of its *slip*, makes true at *now*.

    A breach carries the legal instant as its own and *now* as the instant of detection, however late that is. *renewed* says
    that the duty recurs, and runs anew from the deadline that it missed.
    """
    facts = {"at": alarm.at, "recorded_at": now, "duty": alarm.duty, "due": alarm.due}
    match alarm.kind:
        case "reminder":
            yield ev.ReminderRaised(**facts, before=alarm.before, to=alarm.to, slip=slip, passed=alarm.passed)
        case "window_end":
            yield ev.WindowClosed(**facts)
        case "due":
            yield ev.DeadlineBreached(**facts, slip=slip, shortened=alarm.shortened, renewed=renewed)


def ring_case(case: Case, alarm: Alarm, now: datetime, *, renewed: bool = False) -> Iterator[ev.Event]:
    """
    Yield the events that an *alarm* of the complaint itself makes true at *now*.

    An extension that was not approved, or not told, when the deadline came counts as refused before the breach is recorded
    (art. 18(1)).
    """
    if alarm.kind == "due" and alarm.duty == "decide":
        yield from lapse(case, alarm.at, now)
    yield from ring(alarm, now, renewed=renewed)


def lapse(case: Case, at: datetime, now: datetime) -> Iterator[ev.Event]:
    """Yield the refusal of an extension that still waits when its deadline comes."""
    pending = case.state.pending_extension
    if pending is None:
        return
    name, ask = pending
    code: Lapsed = "UndecidedAtDeadline" if ask.approved is None else "NotToldAtDeadline"
    yield ev.ExtensionRefused(at=at, recorded_at=now, request=name, code=code, reason=LAPSED[code])


def settle(case: Case, code: Pointless, now: datetime) -> Iterator[ev.Event]:
    """Yield the refusal of an extension that has become pointless, because the case ended or its limit restarted."""
    pending = case.state.pending_extension
    if pending is not None:
        yield ev.ExtensionRefused(at=now, recorded_at=now, request=pending[0], code=code, reason=POINTLESS[code])

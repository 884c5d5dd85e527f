"""
Events folded again, compared with what was recorded of them: the half of an audit that needs no database.

Every breach and every closed window must be where the rules and the calendar pinned at the time put it; every projected row
must follow from the events; and every version of every deadline, counted day by day, must arrive where it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from activities import ledger_chain as chain
from activities import ledger_projection as projection
from activities.folded_case import Opened, Rules
from models.tables import EventRow
from rulebook import events as ev
from rulebook.clock import CaseClock
from rulebook.counting_days import calendars_of, count_days
from rulebook.errors import RulebookError
from rulebook.limit import in_utc
from rulebook.pack import Pin
from rulebook.slip_clocks import slip_clocks, slip_rules


def fold_faults(
    rows: Sequence[EventRow],
    recorded: projection.Projection | None,
    said: Mapping[str, Any] | None = None,
    opened: Opened = Pin.open,
) -> list[str]:
    """
    Return one line for each way in which the events in *rows*, at least the receipt, do not amount to what was recorded.

    *recorded* is what was projected from them at the time, None when that is not at hand; *said* the content of the intake,
    which what is counted for figures needs; *opened* gives the rules to a pin.
    """
    events = [chain.event_of(row) for row in rows]
    try:
        projected = projection.project(rows, said, opened)
        return [
            *(sorted(projection.differences(projected, recorded)) if recorded else ()),
            *_clock_faults(rows, events, opened),
            *_count_faults(opened(chain.pin_of(rows[-1])), events),
        ]
    except RulebookError as error:
        return [f"the events cannot be folded again: {error}"]


def _clock_faults(rows: Sequence[EventRow], events: Sequence[ev.Event], opened: Opened) -> Iterator[str]:
    clocks: dict[str | None, CaseClock] = {}
    pin = None
    for index, (row, event) in enumerate(zip(rows, events, strict=True)):
        if chain.pin_of(row) != pin:
            pin = chain.pin_of(row)
            clocks = {slip: _clock(opened(pin), slip, events, index) for slip in (None, *clocks)}
        if isinstance(event, ev.SlipDispatched) and event.slip not in clocks:
            clocks[event.slip] = _clock(opened(chain.pin_of(row)), event.slip, events, index)
        if isinstance(event, ev.DeadlineBreached | ev.WindowClosed):
            yield from _alarm_faults(row, event, clocks.get(_slip_of(event)))
        if isinstance(event, ev.RulesMoved):
            yield from _move_faults(row, event, clocks.get(event.slip))
        for slip, clock in clocks.items():
            if slip in {None, _slip_of(event)}:
                clock.apply(event)


def _clock(rules: Rules, slip: str | None, events: Sequence[ev.Event], known: int) -> CaseClock:
    """Return the clock of the complaint, or of its *slip*, after as many of *events* as are *known*."""
    pack, calendar = rules
    if slip is None:
        return CaseClock.fold(pack, calendar, events[:known])
    # A slip rings by what its own process knows, and news of the complaint reaches that later than the record.
    own = [event for event in events[:known] if slip == _slip_of(event)]
    return CaseClock.fold(slip_rules(pack, events)[slip], calendar, own, slip)


def _slip_of(event: ev.Event) -> str | None:
    slip: str | None = getattr(event, "slip", None)
    return slip


def _alarm_faults(
    row: EventRow, event: ev.DeadlineBreached | ev.WindowClosed, clock: CaseClock | None
) -> Iterator[str]:
    duty = clock.duty(event.duty) if clock else None
    place = f"seq {row.seq}: {row.type}"
    if event.at != event.due:
        yield f"{place} is dated {_text(event.at)}, the deadline it names is {_text(event.due)}"
    if duty is None:
        yield f"{place} names {event.duty}, the fold knows no such duty"
    elif duty.status != "open":
        yield f"{place} names {event.duty}, by the fold it had ended: {duty.status}"
    elif duty.due != event.due:
        said = event.due.astimezone(clock.pack.zone) if clock else event.due
        yield f"{place} says {event.duty} was due {_text(said)}, the fold says {_text(duty.due)}"
    elif event.recorded_at < event.due:
        yield f"{place} was recorded {_text(event.recorded_at)}, before the deadline {_text(event.due)}"


def _move_faults(row: EventRow, event: ev.RulesMoved, clock: CaseClock | None) -> Iterator[str]:
    place = f"seq {row.seq}: {row.type}"
    if clock is None:
        yield f"{place} names {event.slip}, the record knows no such slip"
    elif (event.before, event.before_hash) != (clock.pack.pack, clock.pack.content_hash):
        yield f"{place} leaves {event.before}, the fold was under {clock.pack.pack}"
    elif event.calendar != clock.calendar.version:
        yield f"{place} counts by {event.calendar}, the fold by {clock.calendar.version}"


def _count_faults(rules: Rules, events: Sequence[ev.Event]) -> Iterator[str]:
    pack, calendar = rules
    calendars = calendars_of(calendar, events)
    for clock in (CaseClock.fold(pack, calendar, events), *slip_clocks(pack, calendar, events).values()):
        for duty in clock.duties:
            for number, deadline in enumerate(duty.versions, start=1):
                counted = count_days(deadline, calendars[deadline.calendar]).due
                dated = deadline.shortened_from or deadline.due
                if (counted and in_utc(counted)) != (dated and in_utc(dated)):
                    place = f"deadline {duty.key} version {number}"
                    yield f"{place} is {_text(deadline.due)}, counted day by day it is {_text(counted)}"


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else "open"

"""The clocks of a complaint's dispatch slips (会办单): each counts by the rules under which it was sent, or has moved to."""

from __future__ import annotations

from collections.abc import Iterable

from rulebook import events as ev
from rulebook.calendar import WorkingCalendar
from rulebook.clock import CaseClock
from rulebook.pack import RulePack, pinned_pack


def slip_clocks(pack: RulePack, calendar: WorkingCalendar, events: Iterable[ev.Event]) -> dict[str, CaseClock]:
    """Return the clock of every dispatch slip that *events*, those of one complaint, speak of."""
    happened = list(events)
    rules = slip_rules(pack, happened)
    return {slip: CaseClock.fold(under, calendar, happened, slip) for slip, under in rules.items()}


def slip_rules(pack: RulePack, events: Iterable[ev.Event]) -> dict[str, RulePack]:
    """Return the rules under which each dispatch slip was sent, of a complaint that was opened under *pack*."""
    sent: dict[str, RulePack] = {}
    for event in events:
        if isinstance(event, ev.RulesMoved) and event.slip is None:
            pack = pinned_pack(event.pack, event.pack_hash)
        elif isinstance(event, ev.SlipDispatched):
            sent.setdefault(event.slip, pack)
    return sent

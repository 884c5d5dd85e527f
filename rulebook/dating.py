"""How the clock dates one duty: by its limit under the pack and the calendar, or by the day that an event set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rulebook.calendar import WorkingCalendar
from rulebook.deadline import Deadline, date_limit, set_date
from rulebook.duty import Duty
from rulebook.limit import Pause

if TYPE_CHECKING:
    from rulebook.pack import RulePack

SET_BY_EVENT = "set_by_event"
"""What stands in a proof for the name of a limit when no limit, but an event has set the last day."""


def date_duty(
    duty: Duty,
    pack: RulePack,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause],
    *,
    extended_by: int,
    computed_at: datetime,
    reason: str,
) -> Deadline:
    """Return the deadline of *duty* from its start, *extended_by* units of its limit, without *pauses*, with its proof."""
    name = duty.limit or ""
    if duty.set_day is not None and duty.rule.dated_by_event:
        return set_date(
            duty.set_day,
            duty.start,
            pack.zone,
            calendar,
            name=name,
            citation=duty.rule.citation,
            pack=pack.pack,
            started_by=duty.started_by,
            computed_at=computed_at,
            reason=reason,
            mark=duty.rule.mark,
        )
    rule = pack.limit(name)
    return date_limit(
        rule.limit,
        duty.start,
        pack.zone,
        calendar,
        pauses,
        name=name,
        citation=rule.citation,
        pack=pack.source_of(name),
        started_by=duty.started_by,
        extended_by=extended_by,
        computed_at=computed_at,
        reason=reason,
        mark=rule.mark,
    )


def substance(deadline: Deadline) -> tuple[object, ...]:
    """Return what makes *deadline* another version than one before it; when and why it was computed does not."""
    return (
        deadline.due,
        deadline.limit,
        deadline.start,
        deadline.extended_by,
        deadline.calendar if deadline.unit == "wd" else None,
        deadline.provisional,
    )

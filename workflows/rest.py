"""
Whether a complaint has come to rest: nothing runs in it, and nothing is owed that anybody could still do.

Decided here alone: the process asks before its last step, and so does whoever seals a file by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from models.wording import people_day
from rulebook.duty import Duty
from rulebook.waiting import waited_for
from workflows.case import Case
from workflows.notices import owed


def at_rest(case: Case) -> bool:
    """Return whether nothing runs and nothing is owed any more that anybody could still do."""
    return case.remembered("at rest", lambda: not kept_open_by(case) and not owed(case))


def kept_open_by(case: Case) -> tuple[Duty, ...]:
    """Return the duties and windows for which *case* is kept open: all that are open, and once closed what is waited for."""
    open_duties = case.clock.open_duties
    return open_duties if case.state.closed is None else waited_for(open_duties)


def unfinished(case: Case, now: datetime) -> str | None:
    """Return in one line what keeps the file of *case* from being sealed at *now*, by codes alone; None if nothing does."""
    found = list(_unfinished(case))
    if not found and (until := _entered_until(case)) and now < until:
        found.append(f"what was handed in in time may be entered until {people_day(until, case.pack.zone)}")
    return "; ".join(found) or None


def _unfinished(case: Case) -> Iterator[str]:
    if case.state.closed is None:
        yield "the complaint is not closed"
    if duties := [duty.key for duty in kept_open_by(case)]:
        yield f"still open: {', '.join(duties)}"
    if letters := [f"{notice.kind} {notice.ref or ''}".strip() for notice in owed(case)]:
        yield f"still to be told: {', '.join(letters)}"


def _entered_until(case: Case) -> datetime | None:
    """Return until when late entries are waited for, from the event on with which the case came to rest."""
    if not case.entry_grace:
        return None
    again, since = Case(case.intake, case.pin), None
    for event in case.events:
        again.append(event)
        since = (since or event.recorded_at) if again.closed_or_over and at_rest(again) else None
    return since + case.entry_grace if since else None

"""Whether what a script expects is true of a complaint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cli.moments import Days
from cli.output import deadline
from cli.script import Expectation
from models.case import CaseState
from rulebook import events as ev
from rulebook.clock import CaseClock, Duty
from rulebook.pack import Pin


def unmet(expect: Expectation, pin: Pin, events: Sequence[ev.Event], days: Days) -> str | None:
    """Return the first thing that *expect* says and *events* do not bear out, in one sentence, or None."""
    state = CaseState.fold(events)
    clock = CaseClock.fold(*pin.open(), events)
    for name, expected, found in _pairs(expect, state, clock, days):
        if expected != found:
            return f"expected {name} {expected}, found {found}"
    return None


def _pairs(expect: Expectation, state: CaseState, clock: CaseClock, days: Days) -> Iterator[tuple[str, Any, Any]]:
    """Give what is expected and what is found, by name, for everything that *expect* says."""
    decide = clock.duty("decide")
    if expect.stage is not None:
        yield "stage", expect.stage, state.stage
    if expect.due is not None:
        last = decide.deadline.last_day if decide and decide.deadline else None
        yield "due", days.day(expect.due), last
    if expect.overdue is not None:
        yield "overdue", expect.overdue, clock.overdue
    if isinstance(expect.breached, bool):
        yield "breached", expect.breached, decide is not None and decide.breached
    elif expect.breached is not None:
        yield "breached", deadline(days.instant(expect.breached)), _breach(decide)
    if expect.extension is not None:
        asked = [ask.status for ask in state.extensions.values()]
        yield "extension", expect.extension, asked[-1] if asked else "none"
    if expect.letters is not None:
        told = [notice.kind for notice in state.notices if isinstance(notice, ev.NoticeGiven)]
        yield "letters", ", ".join(expect.letters), ", ".join(told)
    if expect.result is not None:
        yield "result", expect.result, state.closed.result if state.closed else "none"


def _breach(duty: Duty | None) -> str:
    return deadline(duty.breaches[-1]) if duty and duty.breached and duty.breaches else "none"

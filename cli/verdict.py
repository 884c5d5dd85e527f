"""Whether what a script expects is true of a complaint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.moments import Days
from cli.output import deadline
from cli.script import Expectation
from models.case import CaseState
from rulebook import events as ev
from rulebook.clock import CaseClock, Duty
from rulebook.counting import weights
from rulebook.pack import Pin
from rulebook.slip_clocks import slip_clocks


def unmet(expect: Expectation, pin: Pin, events: Sequence[ev.Event], days: Days, *, forwarded: bool) -> str | None:
    """Return the first thing that *expect* says and *events* do not bear out, in one sentence, or None."""
    state = CaseState.fold(events)
    pack, calendar = pin.open()
    clock = CaseClock.fold(pack, calendar, events)
    clocks = (clock, *slip_clocks(pack, calendar, events).values())
    for name, expected, found in (
        *_pairs(expect, state, clock, days),
        *_versions(expect, clocks, days),
        *_by_own_rules(expect, state, clocks, events, weights(clock.pack, events, forwarded=forwarded)),
    ):
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


def _versions(expect: Expectation, clocks: Sequence[CaseClock], days: Days) -> Iterator[tuple[str, Any, Any]]:
    for key, wanted in (expect.versions or {}).items():
        duty = next((duty for clock in clocks if (duty := clock.duty(key))), None)
        found = [str(one.last_day) for one in duty.versions] if duty else []
        yield f"versions of {key}", ", ".join(str(days.day(text)) for text in wanted), ", ".join(found)


def _by_own_rules(
    expect: Expectation,
    state: CaseState,
    clocks: Sequence[CaseClock],
    events: Sequence[ev.Event],
    counts: Mapping[str, int],
) -> Iterator[tuple[str, Any, Any]]:
    """Give the same for what only an insurer's own rules know."""
    for name, status in (expect.slips or {}).items():
        slip = state.slips.get(name)
        yield f"slip {name}", status, slip.status if slip else "none"
    for key, wanted in (expect.duties or {}).items():
        found = next((duty.status for clock in clocks if (duty := clock.duty(key))), "none")
        yield f"duty {key}", wanted, found
    for key, levels in (expect.reminded or {}).items():
        raised = [event for event in events if isinstance(event, ev.ReminderRaised) and event.duty == key]
        yield f"reminders of {key}", ", ".join(levels), ", ".join(event.to or "coordinator" for event in raised)
    for profile, weight in (expect.counts or {}).items():
        yield f"count for {profile}", weight, counts.get(profile)


def _breach(duty: Duty | None) -> str:
    return deadline(duty.breaches[-1]) if duty and duty.breached and duty.breaches else "none"

"""The one timer of a workflow: it runs until the next alarm of a clock, and is set anew whenever that alarm moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from temporalio import workflow

from rulebook.clock import Alarm, CaseClock

ARREARS = "reminders-in-arrears"
RENEWAL = "renew-missed-duties"
"""The change since which a recurring duty that was missed runs anew; a run that missed one before it stays as it was."""


async def keep_time(
    next_alarm: Callable[[datetime], Alarm | None],
    ring_all: Callable[[], None],
    stopping: Callable[[], bool],
    summary: Callable[[Alarm], str],
) -> None:
    """Sleep until each *next_alarm* and have what is due rung, until *stopping*."""
    while not stopping():
        alarm = next_alarm(workflow.now())
        if alarm is not None and alarm.at <= workflow.now():
            ring_all()
            continue
        identity = _identity(alarm)
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda identity=identity: stopping() or _identity(next_alarm(workflow.now())) != identity,  # type: ignore[misc]
                timeout=alarm.at - workflow.now() if alarm else None,
                timeout_summary=summary(alarm) if alarm else None,
            )


def next_alarm(clock: CaseClock, now: datetime) -> Alarm | None:
    """Return the next alarm of *clock*; a run that began by dropping what is in arrears goes on so."""
    alarm = clock.next_alarm(now)
    if alarm is None or not alarm.arrears or workflow.patched(ARREARS):
        return alarm
    return clock.next_alarm(now, arrears=False)


def renews(clock: CaseClock, alarm: Alarm) -> bool:
    """Return whether what *alarm* rings for is a recurring duty of *clock* that was missed, and so runs anew."""
    duty = clock.duty(alarm.duty)
    return alarm.kind == "due" and duty is not None and duty.rule.again and workflow.patched(RENEWAL)


def _identity(alarm: Alarm | None) -> object:
    return alarm and (alarm.at, alarm.kind, alarm.duty, alarm.due, alarm.before)

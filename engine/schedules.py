"""
The schedules of supervision on a Temporal server: made, compared and changed from the one file that says what they are.

Temporal's calendars know no working days. So each schedule fires every day at its local time, and what it starts asks
the record and the working calendar what is owed: a day that was missed is made up on the next one, also after a
schedule stopped silently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleDescription,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from models.supervision import Scheduled, Supervision, Watchdog
from models.supervision_steps import SUPERVISION_WORKFLOW, WATCHDOG_WORKFLOW, Firing, schedule_id

Change = Literal["created", "updated", "unchanged"]

CATCH_UP: Final = timedelta(hours=25)
"""After an outage the server makes up the firings of these hours: one or two, and the second finds nothing owed."""

HOUR: Final = 60
WATCHDOG: Final = "watchdog"
WATCHES: Final = (
    "巡检：核对记录与运行中的投诉、期限、计划和工作进程，发现写入日志并由 tousu watchdog 显示。"
    "Compares the record with what runs: complaints, deadlines, schedules, workers; tousu watchdog shows what it finds."
)
"""What the schedule of the watchdog is for, as an operator reads it in the Web UI."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one schedule: what was done, and in which points the server's differed."""

    name: str
    change: Change
    differences: tuple[str, ...] = ()


def names(rules: Supervision) -> tuple[str, ...]:
    """Return the names of all schedules, in their order."""
    return (*(one.id for one in rules.schedules), WATCHDOG)


def wanted(rules: Supervision, queue: str) -> dict[str, Schedule]:
    """Return the schedules as they should be, by name."""
    made = {one.id: _daily(one, rules, queue) for one in rules.schedules}
    return {**made, WATCHDOG: _watchdog(rules.watchdog, rules, queue)}


async def apply(client: Client, rules: Supervision, queue: str, *, anew: bool = False) -> list[Applied]:
    """
    Bring the server's schedules to what *rules* say; doing it again changes nothing.

    Who paused one keeps it paused. *anew* takes each away and makes it again, which brings one back that stopped silently.
    """
    return [await _apply(client, name, schedule, anew=anew) for name, schedule in wanted(rules, queue).items()]


async def _apply(client: Client, name: str, schedule: Schedule, *, anew: bool) -> Applied:
    there = await described(client, name)
    if there is None:
        return await _create(client, name, schedule)
    if there.schedule.state.paused:
        schedule.state = there.schedule.state  # With the reason of whoever paused it.
    found = tuple(differences(there, schedule))
    handle = client.get_schedule_handle(schedule_id(name))
    if anew:
        await handle.delete()
        await client.create_schedule(schedule_id(name), schedule)
        return Applied(name, "updated", found)
    if not found:
        return Applied(name, "unchanged")

    def update(_: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule)

    await handle.update(update)
    return Applied(name, "updated", found)


async def _create(client: Client, name: str, schedule: Schedule) -> Applied:
    try:
        await client.create_schedule(schedule_id(name), schedule)
    except ScheduleAlreadyRunningError:  # Two processes start together: the other one's is the same.
        return Applied(name, "unchanged")
    return Applied(name, "created")


async def described(client: Client, name: str) -> ScheduleDescription | None:
    """Return the schedule *name* as the server has it; None if it has none."""
    try:
        return await client.get_schedule_handle(schedule_id(name)).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise


def differences(there: ScheduleDescription, schedule: Schedule) -> Iterator[str]:
    """Yield the points in which the server's schedule is not what it should be."""
    paused = there.schedule.state.paused  # Whoever pauses a schedule says why in the place of its purpose.
    for point, one, other in (
        ("purpose", paused or there.schedule.state.note, paused or schedule.state.note),
        ("definition", _definition(there.schedule), _definition(schedule)),
        ("times", _times(there.schedule), _times(schedule)),
        ("time zone", there.schedule.spec.time_zone_name, schedule.spec.time_zone_name),
        ("overlap", there.schedule.policy.overlap, schedule.policy.overlap),
        ("catch-up", there.schedule.policy.catchup_window, schedule.policy.catchup_window),
        ("workflow", _action(there.schedule).workflow, _action(schedule).workflow),
        ("task queue", _action(there.schedule).task_queue, _action(schedule).task_queue),
    ):
        if one != other:
            yield point


def _definition(schedule: Schedule) -> str | None:
    return next((calendar.comment for calendar in schedule.spec.calendars), None)


def _times(schedule: Schedule) -> list[tuple[tuple[tuple[int, int, int], ...], ...]]:
    return [
        tuple(
            tuple((one.start, max(one.end, one.start), one.step or 1) for one in field)
            for field in (calendar.hour, calendar.minute, calendar.day_of_month, calendar.month, calendar.day_of_week)
        )
        for calendar in schedule.spec.calendars
    ]


def _action(schedule: Schedule) -> ScheduleActionStartWorkflow:
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        raise TypeError("a schedule of ours starts a workflow")
    return action


def _purpose(one: Scheduled) -> str:
    """Return what a schedule is for, as an operator reads it in the Web UI: most firings rightly find nothing to do."""
    return (
        f"{one.title} · {one.citation}。每日触发，按工作日历查看应办事项，应办的每期只办一次，无应办事项即结束。"
        "Fires daily, asks by the working calendar what is due, does it once for each period, and ends when nothing is."
    )


def _daily(one: Scheduled, rules: Supervision, queue: str) -> Schedule:
    hour, minute = one.day.clock.hour, one.day.clock.minute
    return Schedule(
        action=ScheduleActionStartWorkflow(
            SUPERVISION_WORKFLOW,
            Firing(schedule=one.id),
            id=f"supervision-{one.id}",
            task_queue=queue,
            static_summary=f"{one.title} · {one.citation}",
            static_details=_purpose(one),
        ),
        state=ScheduleState(note=_purpose(one)),
        spec=_spec([ScheduleRange(hour)], [ScheduleRange(minute)], rules, f"{one.title} · {_digest(one)}"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=CATCH_UP),
    )


def _watchdog(one: Watchdog, rules: Supervision, queue: str) -> Schedule:
    every = one.every_minutes
    minutes = [ScheduleRange(0, HOUR - 1, every)] if every < HOUR else [ScheduleRange(0)]
    hours = [ScheduleRange(0, 23, max(1, every // HOUR))]
    return Schedule(
        action=ScheduleActionStartWorkflow(
            WATCHDOG_WORKFLOW,
            id="supervision-watchdog",
            task_queue=queue,
            static_summary=str(one.title),
            static_details=WATCHES,
        ),
        state=ScheduleState(note=WATCHES),
        spec=_spec(hours, minutes, rules, f"{one.title} · {_digest(one)}"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=every)),
    )


def _spec(hours: list[ScheduleRange], minutes: list[ScheduleRange], rules: Supervision, comment: str) -> ScheduleSpec:
    calendar = ScheduleCalendarSpec(hour=hours, minute=minutes, comment=comment)
    return ScheduleSpec(calendars=[calendar], time_zone_name=rules.time_zone)


def _digest(one: Scheduled | Watchdog) -> str:
    return hashlib.sha256(one.model_dump_json().encode()).hexdigest()[:12]

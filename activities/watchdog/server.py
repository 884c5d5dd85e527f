"""What Temporal shows beside the record: workflows that are missing, unknown, stuck or ahead; schedules that do not fire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, ScheduleDescription, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger import Ledger
from activities.watchdog import asking, waiting
from activities.watchdog.children import missing_children
from activities.watchdog.findings import Finding
from activities.watchdog.openings import failed_openings
from activities.watchdog.record import MOST, Standing, going_on
from models import search_attributes as sa
from models.opening import RUNNING, complaint_of, workflow_id
from models.supervision import Supervision
from models.supervision_steps import schedule_id
from models.view import CaseView

STUCK = "ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL"


async def of_the_server(client: Client, ledger: Ledger, rules: Supervision, queue: str, now: datetime) -> list[Finding]:
    """Return everything that Temporal shows to be wrong at *now*, seen together with the record."""
    patience = timedelta(minutes=rules.watchdog.patience_minutes)
    found = [one async for one in _stuck(client)]
    found += [one async for one in _schedules(client, rules, now)]
    found += await _workers(client, queue)
    found += await failed_openings(client, ledger, now)
    found += await missing_children(client, ledger)
    found += await _compared(client, ledger, queue, now, now - patience)
    return found


async def _compared(client: Client, ledger: Ledger, queue: str, now: datetime, before: datetime) -> list[Finding]:
    # The record first: a complaint that is opened in between is then in the list of workflows alone, and too young to count.
    there = await asyncio.to_thread(going_on, ledger, before)
    running = {complaint_of(one.id): one async for one in client.list_workflows(RUNNING, page_size=1000)}
    found = [one async for one in _missing(client, sorted(there.keys() - running.keys())[:MOST])]
    old = {name for name, one in running.items() if one.start_time < before}
    unknown = old - await asyncio.to_thread(ledger.known, old)
    found += [Finding("RecordMissing", name, "runs, and is not in the record") for name in sorted(unknown)[:MOST]]
    differ = sorted(name for name, one in running.items() if name in there and _differs(one, there[name]))[:MOST]
    otherwise, (people, away) = await asyncio.gather(
        _again(client, ledger, differ, before), waiting.still_waiting(client, ledger, running)
    )
    ours = {name for name in old if running[name].task_queue == queue}
    conspicuous = ours & {*differ, *people, *away}
    answers, behind = await _asked(client, ledger, asking.chosen(conspicuous, ours - conspicuous, now), before)
    return [*found, *otherwise, *behind, *waiting.of_waiting(people, away, answers)]


async def _asked(
    client: Client, ledger: Ledger, names: list[str], before: datetime
) -> tuple[dict[str, CaseView], list[Finding]]:
    """Return what the complaints answered, and a finding for each whose record, at rest since then, is behind."""
    there = await asyncio.to_thread(asking.held, ledger, names)
    answers = await asking.views(client, names)
    at_rest = {name: view for name, view in answers.items() if (last := there[name].last) is None or last < before}
    apart = await asking.apart(ledger, at_rest, there)
    return answers, [Finding("RecordBehind", name, str(events)) for name, events in sorted(apart.items())]


async def _missing(client: Client, names: list[str]) -> AsyncIterator[Finding]:
    for name in names:
        try:
            described = await client.get_workflow_handle(workflow_id(name)).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            yield Finding("WorkflowMissing", name, "unknown to the server")
            continue
        if described.status != WorkflowExecutionStatus.RUNNING:
            yield Finding("WorkflowMissing", name, described.status.name.lower() if described.status else "unknown")


def _differs(shown: WorkflowExecution, row: Standing) -> bool:
    values: Mapping[Any, Any] = {pair.key.name: pair.value for pair in shown.typed_search_attributes}
    if sa.SEVERITY.name not in values:
        return False  # It has not shown anything of its own yet.
    due = values.get(sa.NEXT_DUE.name)
    recorded = sa.last_second(row.next_due)
    moved = (due is None) != (recorded is None)
    if due is not None and recorded is not None:
        moved = abs(due - recorded) >= timedelta(seconds=1)  # Visibility keeps fewer digits than the record.
    return moved or values.get(sa.STAGE.name) != row.stage


async def _again(client: Client, ledger: Ledger, names: list[str], before: datetime) -> list[Finding]:
    if not names:
        return []
    await asyncio.sleep(asking.SECOND_LOOK.total_seconds())
    there, found = await asyncio.to_thread(going_on, ledger, before), []
    for name in names:
        described = await client.get_workflow_handle(workflow_id(name)).describe()
        if described.status == WorkflowExecutionStatus.RUNNING and name in there and _differs(described, there[name]):
            found.append(Finding("RecordBehind", name, f"the record says {there[name].stage}"))
    return found


async def _stuck(client: Client) -> AsyncIterator[Finding]:
    async for one in client.list_workflows(STUCK, limit=MOST):
        yield Finding("TaskStuck", one.id, one.workflow_type)


async def _schedules(client: Client, rules: Supervision, now: datetime) -> AsyncIterator[Finding]:
    for name in (*(one.id for one in rules.schedules), "watchdog"):
        try:
            described = await client.get_schedule_handle(schedule_id(name)).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            yield Finding("ScheduleMissing", name)
            continue
        if described.schedule.state.paused:
            yield Finding("SchedulePaused", name, "paused")
        elif silent := _silence(described, rules, name, now):
            yield Finding("ScheduleSilent", name, silent)


def _silence(described: ScheduleDescription, rules: Supervision, name: str, now: datetime) -> str | None:
    """Say since when the schedule has not fired although it should have; every schedule of ours fires at least daily."""
    every = timedelta(minutes=rules.watchdog.every_minutes) if name == "watchdog" else timedelta(days=1)
    info = described.info
    last = max(
        [info.created_at, *([info.last_updated_at] if info.last_updated_at else [])]
        + [action.started_at for action in info.recent_actions]
    )
    if not info.next_action_times:
        return "it has no next time"
    if now - last > every + timedelta(minutes=rules.watchdog.patience_minutes):
        return f"silent since {last:%Y-%m-%dT%H:%MZ}"
    return None


async def _workers(client: Client, queue: str) -> list[Finding]:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    pollers = (await client.workflow_service.describe_task_queue(request)).pollers
    return [] if pollers else [Finding("WorkerMissing", queue)]

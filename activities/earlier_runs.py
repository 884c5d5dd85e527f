"""How the earlier runs of a workflow ended, as far as the server still knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHistoryEventFilterType,
)
from temporalio.service import RPCError, RPCStatusCode

from models.opening import TURNED_AWAY
from rulebook.events import RunEnd

MOST: Final = 100
"""How many earlier runs are looked at, the newest first: more can only be openings that were turned away."""

WRITES: Final = "records.record"
"""The activity that writes the record."""

_ENDS: Final[Mapping[WorkflowExecutionStatus, RunEnd]] = {
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.TIMED_OUT: "timed_out",
    WorkflowExecutionStatus.COMPLETED: "completed",
}


async def last_run(client: Client, name: str, present: str, recorded_at: datetime) -> dict[str, Any]:
    """
    Return how and when the last run of the workflow *name* before the *present* one ended, and which it was.

    Runs that have recorded nothing do not count: whose opening was turned away, or whose first run began after the instant
    *recorded_at* of the last event on record. Empty when the server knows no run any more.
    """
    # Visibility may lag behind: it says which runs there are, each run itself how it stands.
    runs = [one async for one in client.list_workflows(f"WorkflowId = '{name}'", limit=MOST)]
    begun = {one.run_id: one.start_time for one in runs}
    for one in sorted(runs, key=lambda run: run.start_time, reverse=True):
        if one.run_id == present or (described := await _described(client, one)) is None:
            continue
        first = begun.get(described.raw_description.workflow_execution_info.first_run_id)
        if first is not None and first > recorded_at:
            continue
        end = _ENDS.get(described.status) if described.status else None
        if end is not None and not (end == "failed" and await _turned_away(client, one)):
            writing = any(step.activity_type.name == WRITES for step in described.raw_description.pending_activities)
            return {"ended": end, "ended_at": described.close_time, "run": described.run_id, "writing": writing}
    return {}


async def _described(client: Client, one: WorkflowExecution) -> WorkflowExecutionDescription | None:
    try:
        return await client.get_workflow_handle(one.id, run_id=one.run_id).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _turned_away(client: Client, one: WorkflowExecution) -> bool:
    handle = client.get_workflow_handle(one.id, run_id=one.run_id)
    closing = handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT)
    async for event in closing:
        failure = event.workflow_execution_failed_event_attributes.failure
        return failure.application_failure_info.type in TURNED_AWAY
    return False

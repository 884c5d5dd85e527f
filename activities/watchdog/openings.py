"""Openings that a worker turned away: the client that sent them may never have looked what became of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError
from temporalio.client import Client, WorkflowExecution, WorkflowHistoryEventFilterType

from activities.ledger import Ledger
from activities.watchdog.findings import Finding
from activities.watchdog.record import MOST
from models.identifiers import ComplaintId
from models.opening import WORKFLOW_TYPE, complaint_of

SINCE = timedelta(days=7)
"""How long a failed opening is told; the server forgets it some time later."""

_ID: TypeAdapter[str] = TypeAdapter(ComplaintId)


async def failed_openings(client: Client, ledger: Ledger, now: datetime) -> list[Finding]:
    """Return the openings that failed in the last days, and of whose complaint nothing is on record since."""
    since = f"{(now - SINCE).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    asked = f"WorkflowType = '{WORKFLOW_TYPE}' AND ExecutionStatus = 'Failed' AND CloseTime > '{since}'"
    failed = {one.id: one async for one in client.list_workflows(asked, limit=MOST)}
    named = {key: _complaint(one) for key, one in failed.items()}
    known = await asyncio.to_thread(ledger.known, {name for name in named.values() if name})
    return [
        Finding("OpeningFailed", named[key] or one.run_id, await _reason(client, one))
        for key, one in sorted(failed.items())
        if named[key] not in known
    ]


def _complaint(one: WorkflowExecution) -> str | None:
    # What is no id of a complaint may be anything, a number of a person too: its run is named instead.
    try:
        return _ID.validate_python(complaint_of(one.id))
    except ValidationError:
        return None


async def _reason(client: Client, one: WorkflowExecution) -> str:
    """Return the stable type of the refusal, which holds no value."""
    handle = client.get_workflow_handle(one.id, run_id=one.run_id)
    events = handle.fetch_history_events(event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT)
    async for event in events:
        return event.workflow_execution_failed_event_attributes.failure.application_failure_info.type
    return ""

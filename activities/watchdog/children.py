"""Which slips and reviews of complaints that go on were ended from outside before they had come to their end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger import Ledger
from activities.ledger_session import LedgerError
from activities.watchdog.findings import Finding
from activities.watchdog.record import MOST
from models.case import CaseState
from models.child import REVIEW_WORKFLOW_TYPE, SLIP_WORKFLOW_TYPE, review_workflow_id, slip_workflow_id
from models.opening import RUNNING, complaint_of

ENDED = (
    f"WorkflowType IN ('{SLIP_WORKFLOW_TYPE}', '{REVIEW_WORKFLOW_TYPE}')"
    " AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')"
)
"""Children that did not end by themselves; a complaint that was terminated and brought back starts such ones anew."""


async def missing_children(client: Client, ledger: Ledger) -> list[Finding]:
    """Return a finding for each slip and review that does not run, with something left to do and a complaint that runs."""
    ended = {one.id async for one in client.list_workflows(ENDED, limit=MOST)}
    if not ended:
        return []
    running = {complaint_of(one.id) async for one in client.list_workflows(RUNNING, page_size=1000)}
    theirs = {complaint_of(complaint_workflow(child)) for child in ended}
    left = await asyncio.to_thread(lambda: set(_open(ledger, theirs & running)))
    return [
        Finding("ChildMissing", child, "its complaint runs, and it does not")
        for child in sorted(ended & left)
        if not await _runs(client, child)
    ]


async def _runs(client: Client, child: str) -> bool:
    try:
        return (await client.get_workflow_handle(child).describe()).status == WorkflowExecutionStatus.RUNNING
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False  # Its history lapsed while we looked.


def complaint_workflow(child: str) -> str:
    """Return the id of the workflow of the complaint whose slip or review has the workflow id *child*."""
    return child.rpartition(".")[0]


def _open(ledger: Ledger, names: Iterable[str]) -> Iterator[str]:
    """Yield the workflow ids of the slips and reviews of the complaints *names* that have something left to do."""
    for name in sorted(names):
        try:
            state = CaseState.fold(ledger.events(name))
        except LedgerError:
            continue  # Its own findings say so.
        for child in state.open_children:
            named = slip_workflow_id if child in state.slips else review_workflow_id
            yield named(name, child)

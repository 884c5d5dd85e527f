"""Claiming the reference of a complaint before it is opened: of two openings of one row the second names the first."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from cli import session
from cli.rejected import Rejected, SameComplaint
from models.intake import Intake
from models.opening import workflow_id

if TYPE_CHECKING:
    from activities.ledger import Ledger

START_WITHIN = timedelta(seconds=30)
"""How long a start may take."""

LEASE = 4 * START_WITHIN
"""How old a claim is of which nothing can come any more, if nothing has."""

ON_ITS_WAY = timedelta(seconds=5)
"""How long to wait for what another opening has just claimed: it is a moment between claim and start."""

PAUSE = timedelta(milliseconds=100)


async def claim(client: Client, ledger: Ledger, intake: Intake, *, alone: bool) -> None:
    """
    Claim the reference of *intake* for it, with its receipt.

    SameComplaint when another complaint has them; Rejected when one may be just about to have them, or, with *alone*, when
    another one has the reference with another receipt.
    """
    references = ledger.references
    give_up = session.now() + ON_ITS_WAY
    while held := await asyncio.to_thread(references.claim, intake, session.now(), alone=alone):
        if held.received_at != intake.received_at:
            raise Rejected(
                "ReferenceTaken",
                "source_reference: one with this reference was received at another instant; look whether they are one",
            )
        if await _came_to_be(client, ledger, held.complaint_id):
            raise SameComplaint(held.complaint_id)
        if session.now() - held.claimed_at > LEASE:
            if await asyncio.to_thread(references.claim, intake, session.now(), alone=alone, over=held) is None:
                return
        elif session.now() > give_up:
            raise Rejected(
                "ReferenceClaimed",
                "source_reference: another opening with this reference has just begun or was broken off; "
                f"open it again in {LEASE.total_seconds():.0f} seconds",
            )
        await asyncio.sleep(PAUSE.total_seconds())


async def _came_to_be(client: Client, ledger: Ledger, complaint_id: str) -> bool:
    """Return whether the complaint is on record or on its way there."""
    if await asyncio.to_thread(ledger.known, [complaint_id]):
        return True
    try:
        described = await client.get_workflow_handle(workflow_id(complaint_id)).describe(rpc_timeout=START_WITHIN)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return described.status in {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED}

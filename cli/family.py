"""
A complaint and its children on a server where time skips: whether they are at rest, and how their days pass together.

Slips and reviews are workflows with clocks of their own. The server lets no time pass for a workflow that waits for children
it has started itself, so the complaint goes on in a new run, which knows its children by their ids alone; then all of them
are moved, a day at a time, so that they hear of each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError

from cli.session import seen
from engine.time_skipping import TimeSkipper
from models.child import review_workflow_id, slip_workflow_id
from models.outages import ATTEMPTS
from models.view import CaseView

DAY = timedelta(days=1)
UNSTARTED = 2
"""A history that is no longer than this has had no workflow task yet."""
_BETWEEN_ATTEMPTS = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
ON_ITS_WAY = timedelta(milliseconds=100)
"""A signal from one workflow to another is nobody's pending task for an instant."""


@dataclass
class Family:
    """The workflow of the complaint *complaint_id* and those of its children."""

    client: Client
    handle: WorkflowHandle[Any, Any]
    complaint_id: str
    handed_over: bool = False
    begun: bool = False

    async def view(self) -> CaseView:
        """Return the complaint as its workflow sees it."""
        return await seen(self.handle)

    async def runs(self) -> bool:
        """Return whether the complaint is still open."""
        return await _runs(self.handle)

    async def children(self) -> list[WorkflowHandle[Any, Any]]:
        """Return the handles of the slips and the review that run."""
        handles = [self.client.get_workflow_handle(name) for name in await self._known(await self.handle.describe())]
        return [handle for handle in handles if await _runs(handle)]

    async def _known(self, own: WorkflowExecutionDescription) -> list[str]:
        if own.status != WorkflowExecutionStatus.RUNNING:
            return []
        pending = [child.workflow_id for child in own.raw_description.pending_children]
        if not pending and not self.handed_over:
            return []
        view = await self.view()
        slips = [slip_workflow_id(self.complaint_id, slip.slip) for slip in view.slips]
        reviews = [review_workflow_id(self.complaint_id, view.handling.review)] if view.handling.review else []
        return sorted({*pending, *slips, *reviews})

    async def _pending(self) -> list[str]:
        described = (await self.handle.describe()).raw_description
        return [child.workflow_id for child in described.pending_children]

    async def at_rest(self) -> bool:
        """Return whether no activity and no task is under way for any of them."""
        if not await self._begun():
            return False
        lengths = await self._lengths()
        if len(lengths) > 1:
            await asyncio.sleep(ON_ITS_WAY.total_seconds())
        return bool(lengths) and (len(lengths) == 1 or lengths == await self._lengths())

    async def _begun(self) -> bool:
        # Between a delayed start and its first task nothing is under way, and nothing has happened either.
        if not self.begun:
            with suppress(RPCError, WorkflowQueryFailedError):
                await self.view()
                self.begun = True
        return self.begun

    async def _lengths(self) -> list[int]:
        """Return how long the histories of the complaint and its children are; nothing while one of them is at work."""
        try:
            own = await self.handle.describe()
            if _busy(own):
                return []
            names = await self._known(own)
            described = [await self.client.get_workflow_handle(name).describe() for name in names]
        except RPCError:
            return []  # A child that is being started.
        running = [own, *(child for child in described if child.status == WorkflowExecutionStatus.RUNNING)]
        ordered = {child.workflow_id for child in own.raw_description.pending_children}
        if own.status == WorkflowExecutionStatus.RUNNING and ordered - {one.id for one in running}:
            return []  # A child that the complaint ordered, or saw end, while we looked.
        return [] if any(map(_busy, running)) else [one.history_length for one in running]

    async def forward(self, skipper: TimeSkipper, span: timedelta, settle: Callable[[], Awaitable[None]]) -> None:
        """Let *span* pass for all of them, and have what falls due done; *settle* waits until they are at rest."""
        while (children := await self.children()) and span > DAY:
            await self._pass(skipper, children, DAY, settle)
            span -= DAY
        await self._pass(skipper, children, span, settle)

    async def _pass(
        self,
        skipper: TimeSkipper,
        children: list[WorkflowHandle[Any, Any]],
        span: timedelta,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        while children and await self._pending():
            await self.handle.signal("hand_over")
            self.handed_over = True
            await settle()
        for handle in (self.handle, *children):
            await skipper.fast_forward(handle, span)
        await settle()


def _busy(described: WorkflowExecutionDescription) -> bool:
    raw = described.raw_description
    return (
        described.history_length <= UNSTARTED
        or any(_at_work(pending) for pending in raw.pending_activities)
        or raw.HasField("pending_workflow_task")
    )


def _at_work(pending: PendingActivityInfo) -> bool:
    """Return whether an activity does something: one that has failed, and waits for the end of an outage, does not."""
    return pending.maximum_attempts <= ATTEMPTS or pending.attempt == 1 or pending.state != _BETWEEN_ATTEMPTS


async def _runs(handle: WorkflowHandle[Any, Any]) -> bool:
    return (await handle.describe()).status == WorkflowExecutionStatus.RUNNING

"""What became of an opening that the server took: a worker took it in, turned it away, or has not come to it yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from cli.rejected import Rejected
from models.opening import workflow_id

ACCEPTED_WITHIN = timedelta(seconds=30)
"""How long the workers may take from one complaint to the next before nobody waits for them any more."""

_LOOK = 0.5  # Seconds: once the workers are given up, an answer that is there already is still found.

_FAILED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
_ENDED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
}


class Acceptance:
    """Asks the server what became of openings; all that are asked about share one patience with the workers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._within = ACCEPTED_WITHIN.total_seconds()
        self._give_up = asyncio.get_running_loop().time() + self._within

    async def of(self, complaint_id: str) -> bool:
        """
        Return whether a worker took the opening of *complaint_id* in, False if none did in time.

        Rejected, with the door's own code and sentence, when it was turned away.
        """
        # The first page is what is there; each later one waits for what comes.
        pages = self._client.get_workflow_handle(workflow_id(complaint_id)).fetch_history_events(wait_new_event=True)
        time = asyncio.get_running_loop().time
        while True:
            try:
                async with asyncio.timeout(max(self._give_up - time(), _LOOK)):
                    await pages.fetch_next_page()
            except TimeoutError:
                if time() < self._give_up:
                    continue
                return False
            page = pages.current_page or ()
            await self._refuse_ended(page)
            if any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in page):
                self._give_up = time() + self._within
                return True

    async def _refuse_ended(self, page: Sequence[HistoryEvent]) -> None:
        for event in page:
            if event.event_type == _FAILED:
                failure = event.workflow_execution_failed_event_attributes.failure
                error = await self._client.data_converter.decode_failure(failure)
                if isinstance(error, ApplicationError):
                    raise Rejected(error.type or "OpeningFailed", error.message)
                raise Rejected("OpeningFailed", "a worker turned the opening away; its log says why")
            if event.event_type in _ENDED:
                raise Rejected("OpeningFailed", "somebody ended the workflow before a worker took it in")

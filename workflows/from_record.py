"""How a run that goes on takes the events of its complaint, slip or review from the record."""

from __future__ import annotations

from collections.abc import AsyncIterator

from temporalio import workflow

from models.loading import EventPage, EventQuestion, PageOrder
from models.shortening import shortened_in
from rulebook.events import Event
from workflows.base import STEP_TIMEOUT, UNTIL_DONE

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities


async def pages(complaint_id: str, count: int, child: str | None = None) -> AsyncIterator[EventPage]:
    """Yield the first *count* events of a complaint, or of its *child*, as the record gives them: tried until it can."""
    known, after = 0, 0
    while known < count:
        page = await workflow.execute_activity_method(
            RecordActivities.page,
            PageOrder(complaint_id=complaint_id, child=child, count=count, known=known, after=after),
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=UNTIL_DONE,
            summary=f"从记录读取 read events from number {known + 1} of {count} in the record",
        )
        known, after = known + len(page.events), page.after or 0
        yield page


async def with_all_texts(complaint_id: str, event: Event, number: int) -> Event:
    """Return *event*, which is number *number* of the record, with the texts that were left out of it, if any were."""
    if not shortened_in(event):
        return event
    found = await workflow.execute_activity_method(
        RecordActivities.event,
        EventQuestion(complaint_id=complaint_id, number=number),
        start_to_close_timeout=STEP_TIMEOUT,
        retry_policy=UNTIL_DONE,
        summary=f"从记录读取 read event {number} in the record in full",
    )
    return found.event

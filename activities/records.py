"""Records: every event is written down, in order, once, and read again by a workflow that goes on in a new run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.earlier_runs import last_run
from activities.ledger import Ledger, LedgerConflict
from models.identifiers import ComplaintId
from models.loading import Answers, EventInFull, EventPage, EventQuestion, Extent, PageOrder
from models.opening import workflow_id
from models.steps import RecordBatch
from rulebook.errors import PackError


class RecordActivities:
    """Writes the record, and gives it back to a workflow that goes on in a new run."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def steps(self) -> tuple[Callable[..., Any], ...]:
        """What a worker serves of them."""
        return self.record, self.page, self.event, self.keep_answers, self.extent

    @activity.defn(name="records.record")
    def record(self, batch: RecordBatch) -> int:
        """Append the events and refresh what is derived from them; return how many the record holds now."""
        with _final(LedgerConflict, PackError):
            return self._ledger.append(batch.complaint_id, batch.first, batch.events, batch.pin, batch.done)

    @activity.defn(name="records.page")
    def page(self, order: PageOrder) -> EventPage:
        """Return the next page of events, without their long texts; an error while the record is behind."""
        return self._ledger.pages.page(order)

    @activity.defn(name="records.event")
    def event(self, question: EventQuestion) -> EventInFull:
        """Return one event with all that it says; an error while the record is behind."""
        return EventInFull(event=self._ledger.pages.event(question.complaint_id, question.number))

    @activity.defn(name="records.extent")
    async def extent(self, complaint_id: ComplaintId) -> Extent | None:
        """Return what the record holds of a complaint, None for none, and how its last run ended: for bringing it back."""
        found = await asyncio.to_thread(self._ledger.pages.extent, complaint_id)
        if found is None or found.destroyed:
            return found
        name, present = workflow_id(complaint_id), activity.info().workflow_run_id or ""
        return found.model_copy(update=await last_run(activity.client(), name, present, found.recorded_at))

    @activity.defn(name="records.keep_answers")
    def keep_answers(self, answers: Answers) -> None:
        """Keep what the commands of a slip or a review were answered, once; an error while the record is behind."""
        self._ledger.pages.keep(answers)


@contextmanager
def _final(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        # Trying again would fail again: a person has to look.
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error

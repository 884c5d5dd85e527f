"""Records: every event is written down, in order, once."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ledger import Ledger, LedgerConflict
from models.steps import RecordBatch
from rulebook.errors import PackError


class RecordActivities:
    """Writes the record."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="records.record")
    def record(self, batch: RecordBatch) -> int:
        """Append the events and refresh what is derived from them; return how many the record holds now."""
        try:
            return self._ledger.append(batch.complaint_id, batch.first, batch.events, batch.pin)
        except (LedgerConflict, PackError) as error:
            # Trying again would fail again: a person has to look.
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error

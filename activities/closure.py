"""Closure (结案): a case is closed over a record that is complete and unbroken."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ledger import Ledger
from models.steps import ClosureOrder, ClosureReport


class ClosureActivities:
    """Checks the record before a case is closed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="closure.check")
    def check(self, order: ClosureOrder) -> ClosureReport:
        """Return the hash of the last link; not retried when the chain is broken or events are missing."""
        report = self._ledger.verify(order.complaint_id)
        if report.differences:
            raise ApplicationError(
                f"the record does not verify: {report.differences[0]}", type="RecordBroken", non_retryable=True
            )
        if report.events < order.events:
            raise ApplicationError("the record lacks events", type="RecordIncomplete")
        return ClosureReport(head_hash=report.head_hash)

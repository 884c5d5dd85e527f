"""Investigation (核实): the department finds a task in its list."""

from __future__ import annotations

from temporalio import activity

from activities.ledger import Ledger
from models.steps import TaskOrder


class InvestigationActivities:
    """Opens tasks for departments."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="investigation.open")
    def open(self, order: TaskOrder) -> str:
        """Open the task to verify the facts, once, and return its id."""
        return self._ledger.open_task(order)

"""Callback (回访): the callback team finds a task in its list (R164)."""

from __future__ import annotations

from temporalio import activity

from activities.ledger import Ledger
from models.steps import TaskOrder


class CallbackActivities:
    """Opens tasks for the callback team."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="callback.open")
    def open(self, order: TaskOrder) -> str:
        """Open the task to call the customer, once, and return its id."""
        return self._ledger.open_task(order)

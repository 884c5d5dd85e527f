"""Reminders (催办): the coordinator is told that a deadline is near, or past (R105)."""

from __future__ import annotations

from temporalio import activity

from activities.delivery import Delivery, Outgoing
from models.steps import ReminderOrder


class ReminderActivities:
    """Sends reminders to staff."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    @activity.defn(name="reminders.remind")
    def remind(self, order: ReminderOrder) -> str:
        """Hand the reminder over, once, and return what proves it; it names no person outside the house."""
        what = "即将到期 due soon" if order.kind == "reminder" else "已逾期 overdue"
        return self._delivery.deliver(
            Outgoing(
                notice=order.reminder,
                method="internal",
                recipient=order.coordinator or order.unit,
                subject=f"催办 {order.complaint_id}: {what}",
                body=f"{order.title}\n到期 due: {order.due}\n依据 article: {order.citation}",
            )
        )

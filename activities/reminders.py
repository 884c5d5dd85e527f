"""Reminders (催办): those who must act are told that a deadline is near, or past, level by level (R105)."""

from __future__ import annotations

from temporalio import activity

from activities.delivery import Delivery, Outgoing
from models.ladder import recipients
from models.organisation import Organisation
from models.steps import ReminderOrder


class ReminderActivities:
    """Sends reminders to staff."""

    def __init__(self, delivery: Delivery, organisation: Organisation) -> None:
        self._delivery = delivery
        self._organisation = organisation

    @activity.defn(name="reminders.remind")
    def remind(self, order: ReminderOrder) -> str:
        """Hand the reminder over to each recipient, once, and return what proves it; it names nobody outside the house."""
        if order.to is None:
            return self._send(order, order.reminder, order.coordinator or order.unit)
        people = recipients(self._organisation, order.to, order.unit, order.department, order.coordinator)
        return "; ".join(self._send(order, f"{order.reminder}.{person}", person) for person in people or (order.unit,))

    def _send(self, order: ReminderOrder, name: str, recipient: str) -> str:
        what = "即将到期 due soon" if order.kind == "reminder" else "已逾期 overdue"
        if order.to is not None:
            what = f"催办单 reminder slip → {order.to}"
        slip = f" {order.slip}" if order.slip else ""
        return self._delivery.deliver(
            Outgoing(
                notice=name,
                method="internal",
                recipient=recipient,
                subject=f"催办 {order.complaint_id}{slip}: {what}",
                body=f"{order.title}\n到期 due: {order.due}\n依据 article: {order.citation}",
            )
        )

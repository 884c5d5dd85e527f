"""What the house tells its own people: a deadline is near or past, level by level (催办, R105); the result (R135)."""

from __future__ import annotations

from itertools import chain

from temporalio import activity

from activities.delivery import Delivery, Outgoing
from models.ladder import recipients
from models.organisation import Organisation
from models.steps import FeedbackOrder, ReminderOrder

_LIABILITY = {
    "responsible": "有责 responsible",
    "non_responsible": "无责 non-responsible",
    "litigation": "转诉讼 litigation",
}


class ReminderActivities:
    """Tells staff what they must know."""

    def __init__(self, delivery: Delivery, organisation: Organisation) -> None:
        self._delivery = delivery
        self._organisation = organisation

    @activity.defn(name="reminders.remind")
    def remind(self, order: ReminderOrder) -> str:
        """Hand the reminder over to each recipient, once, and return what proves it; it names nobody outside the house."""
        if order.to is None:
            return self._send(order, order.reminder, order.coordinator or self._service(order.unit))
        people = recipients(self._organisation, order.to, order.unit, order.department, order.coordinator)
        return "; ".join(
            self._send(order, f"{order.reminder}.{person}", person) for person in people or (self._service(order.unit),)
        )

    @activity.defn(name="reminders.feed_back")
    def feed_back(self, order: FeedbackOrder) -> str:
        """Hand the result over to everybody who must know of it, once each, and return what proves it (R135)."""
        above = (recipients(self._organisation, level, order.unit, None, None) for level in order.levels)
        people = dict.fromkeys([*order.coordinators, *chain.from_iterable(above)])
        liability = _LIABILITY.get(order.liability or "", "—")
        return "; ".join(
            self._delivery.deliver(
                Outgoing(
                    notice=f"{order.feedback}.{person}",
                    method="internal",
                    recipient=person,
                    subject=f"反馈 {order.complaint_id}: 处理结果 result",
                    body=f"处理决定已告知投诉人。The complainant was told the decision.\n责任 liability: {liability}",
                )
            )
            for person in people
        )

    def _service(self, unit: str) -> str:
        """Return the coordinator of the customer service of *unit*, its code where the organisation data know none."""
        known = self._organisation.units.get(unit)
        service = (one.coordinator for one in known.departments if one.kind == "customer_service") if known else ()
        return next(iter(service), unit)

    def _send(self, order: ReminderOrder, name: str, recipient: str) -> str:
        what = "即将到期 due soon" if order.kind == "reminder" else "已逾期 overdue"
        if order.to is not None:
            what = f"催办单 reminder slip → {order.to}"
        slip = f" {order.slip}" if order.slip else ""
        passed = f"\n录入时已过 passed over when entered: {'、'.join(order.passed)}" if order.passed else ""
        return self._delivery.deliver(
            Outgoing(
                notice=name,
                method="internal",
                recipient=recipient,
                subject=f"催办 {order.complaint_id}{slip}: {what}",
                body=f"{order.title}\n到期 due: {order.due}\n依据 article: {order.citation}{passed}",
            )
        )

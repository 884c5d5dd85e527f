"""Dispatch slips (会办单): put before the department that must act, and before those that get a copy (R038, R100)."""

from __future__ import annotations

from collections.abc import Collection

from temporalio import activity

from activities.delivery import Delivery, Outgoing
from activities.ledger import Ledger
from models.organisation import Organisation
from models.organisation_routing import VIOLATION
from models.shortening import in_full
from models.steps import SlipBackOrder, SlipOrder, TaskOrder
from models.vocabulary import LABELS_ZH

MATTERS_ZH = {**LABELS_ZH["category"], VIOLATION: "涉嫌违规"}


class SlipActivities:
    """Brings slips to the people who must see them."""

    def __init__(self, ledger: Ledger, delivery: Delivery, organisation: Organisation) -> None:
        self._ledger = ledger
        self._delivery = delivery
        self._organisation = organisation

    @activity.defn(name="slips.deliver")
    def deliver(self, order: SlipOrder) -> str:
        """
        Open the department's task, tell its coordinator and those of the copied departments, once; return the task.

        Where a coordinator has a direct interest the deputy is told (art. 17); where both have one, nobody.
        """
        task = self._ledger.open_task(
            TaskOrder(
                complaint_id=order.complaint_id,
                task=f"{order.complaint_id}.slip.{order.slip}",
                kind="slip",
                department=order.department,
                coordinator=order.coordinator,
                opened_at=order.opened_at,
            )
        )
        self._tell(order, order.coordinator, "主办 main" if order.main else "协办 co-handling")
        for copied in order.copies:
            if reader := self._reader(copied, order.excluded):
                self._tell(order, reader, "抄送 copy")
        return task

    @activity.defn(name="slips.tell_back")
    def tell_back(self, order: SlipBackOrder) -> str:
        """Tell the coordinator, once for each time, that the slip came back; return what proves it (R020)."""
        reason = in_full(order.reason, lambda number: self._ledger.pages.event(order.complaint_id, number))
        return self._delivery.deliver(
            Outgoing(
                notice=f"{order.complaint_id}.slip.{order.slip}.back.{order.number}",
                method="internal",
                recipient=order.coordinator,
                subject=f"会办单 {order.complaint_id} {order.slip}: 返回重新调查 sent back",
                body=f"请重新调查并再次答复。Please investigate again and answer anew.\n缘由 reason: {reason}",
            )
        )

    def _reader(self, department: str, excluded: Collection[str]) -> str | None:
        known = self._organisation.departments.get(department)
        people = (known.coordinator, known.deputy) if known else ()
        return next((person for person in people if person and person not in excluded), None)

    def _tell(self, order: SlipOrder, person: str, role: str) -> None:
        self._delivery.deliver(
            Outgoing(
                notice=f"{order.complaint_id}.slip.{order.slip}.{person}",
                method="internal",
                recipient=person,
                subject=f"会办单 {order.complaint_id} {order.slip}: {role}",
                body=f"承办 department: {order.unit} / {order.department}\n类别 category: {_named(order.category)}\n"
                f"投诉全部类别 all categories: {'、'.join(map(_named, order.categories)) or '—'}\n"
                f"缘由 reason: {order.reason}"
                + (f"\n初步处理意见 first opinion: {order.opinion}" if order.opinion else ""),
            )
        )


def _named(category: str | None) -> str:
    return f"{MATTERS_ZH.get(category, '')} {category}".strip() if category else "—"

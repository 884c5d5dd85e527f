"""Acknowledgement: the complaint is on file and has a number under which its complainant can ask (R062)."""

from __future__ import annotations

from temporalio import activity

from activities.ledger import Ledger
from models.steps import Registered, Registration


class AcknowledgementActivities:
    """Registers complaints in the record."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="acknowledgement.register")
    def register(self, order: Registration) -> Registered:
        """Store the intake and return the ticket number; a repetition finds both and changes nothing."""
        intake = order.intake
        self._ledger.open_case(
            intake.model_dump(mode="json"), intake.complaint_id, intake.content_hash(), order.opened_at
        )
        return Registered(ticket=self._ledger.ticket(intake.complaint_id, order.opened_at))

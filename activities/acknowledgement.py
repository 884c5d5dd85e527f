"""Acknowledgement: the complaint is on file and has a number under which its complainant can ask (R062)."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ledger import Ledger, LedgerConflict
from models.steps import Registered, Registration


class AcknowledgementActivities:
    """Registers complaints in the record."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="acknowledgement.register")
    def register(self, order: Registration) -> Registered:
        """
        Store the intake and return the ticket number; a repetition finds both and changes nothing.

        Not retried when the id is on record with other content: a person has to look.
        """
        intake = order.intake
        try:
            self._ledger.open_case(
                intake.model_dump(mode="json"), intake.complaint_id, intake.content_hash(), order.opened_at
            )
        except LedgerConflict as error:
            raise ApplicationError(str(error), type="LedgerConflict", non_retryable=True) from error
        ticket = order.ticket or self._ledger.ticket(intake.complaint_id, order.opened_at)
        return Registered(
            ticket=ticket,
            notices=tuple(self._ledger.calendar_notices()),
            recorded_at=self._ledger.pages.begun_at(intake.complaint_id),
        )

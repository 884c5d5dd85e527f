"""Notices (告知): the complainant is told, once for each notice, and the proof is kept (art. 21)."""

from __future__ import annotations

from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.delivery import Delivery, DeliveryRefused, Outgoing
from activities.ledger import Ledger, LedgerMissing
from activities.letters import Letter, LetterError, render
from models.intake import Intake
from models.organisation import Organisation
from models.particulars import corrected
from models.parties import Contact
from models.reach import ways
from models.shortening import in_full
from models.steps import NoticeOrder, NoticeProof
from rulebook.events import NoticeKind

UNNAMED = "投诉人"


class NoticeActivities:
    """Writes letters and hands them to delivery."""

    def __init__(self, ledger: Ledger, delivery: Delivery, organisation: Organisation) -> None:
        self._ledger = ledger
        self._delivery = delivery
        self._organisation = organisation

    @activity.defn(name="notices.tell")
    def tell(self, order: NoticeOrder) -> NoticeProof:
        """
        Tell the complainant, once for each notice id, and return the proof.

        The letter is on file before it leaves: a crash afterwards repeats the same letter under its id, which delivery
        recognises. That it has left, and when, the record learns from the event alone. Not retried when it is refused for
        good: a person finds another way, and keeps the proof of it (art. 21).
        """
        stored = self._ledger.intake(order.complaint_id)
        if stored is None:
            raise LedgerMissing("the complaint is not registered yet")
        intake = corrected(Intake.model_validate(stored), order.corrections)
        method, recipient = reach(intake, order.kind, order.contact)
        # What was stored first is what goes out, even if the template has changed between two attempts.
        letter = self._ledger.notice_put(order, self._letter(order, intake), method)
        if letter.method != method:
            # Written for one way before the contact details changed; it leaves by that way, to its newest address.
            recipient = dict(ways(intake, order.kind, order.contact))[letter.method]
        sent = self._hand_over(
            Outgoing(order.notice, letter.method, recipient, letter.subject, letter.body, letter.written_at)
        )
        return NoticeProof(
            method=letter.method,
            template=letter.template,
            template_hash=letter.template_hash,
            body_hash=letter.body_hash,
            proof=sent,
        )

    def _hand_over(self, outgoing: Outgoing) -> str:
        try:
            return self._delivery.deliver(outgoing)
        except DeliveryRefused as error:
            raise ApplicationError(str(error), type="DeliveryRefused", non_retryable=True) from error

    def _letter(self, order: NoticeOrder, intake: Intake) -> Letter:
        facts: dict[str, Any] = {
            "addressee": addressee(intake, order.kind),
            "institution": self._institution(order.unit),
            "superior": self._superior(order.unit),
            "hotline": self._organisation.hotline,
            "received_at": intake.received_at,
            "written_at": order.at,
            "missing": intake.missing_material(),
            # A run that goes on knows long texts only by their place in the record; the complainant reads them in full.
            **in_full(order.facts, lambda number: self._ledger.pages.event(order.complaint_id, number)),
        }
        if order.kind == "merge":
            facts["into"] = self._known_as(facts["into"])
        try:
            return render(order.kind, facts, time_zone=order.time_zone)
        except LetterError as error:
            raise ApplicationError(str(error), type="LetterError", non_retryable=True) from error

    def _known_as(self, complaint_id: str) -> str:
        # The complainant knows the earlier complaint by its ticket; our id only stands in where none was given out.
        case = self._ledger.case(complaint_id)
        return case.ticket if case is not None and case.ticket else complaint_id

    def _institution(self, unit: str) -> str:
        known = self._organisation.units.get(unit)
        return f"{self._organisation.name}{known.name}" if known and known.parent else self._organisation.name

    def _superior(self, unit: str) -> str | None:
        known = self._organisation.units.get(unit)
        return self._institution(known.parent) if known and known.parent else None


def addressee(intake: Intake, kind: NoticeKind) -> str:
    """Return whom a letter of *kind* addresses: the complainant, but the refusal whoever submitted it (art. 18(4))."""
    if kind == "refusal" and intake.agent:
        return intake.agent.name
    complainant = intake.complainant
    return UNNAMED if complainant.kind == "unnamed" else complainant.name


def reach(intake: Intake, kind: NoticeKind, contact: Contact | None = None) -> tuple[str, str]:
    """
    Return by which of the ways of art. 21 the complainant, or else the agent, is reached, and at which address.

    A refusal reaches whoever submitted the complaint and nobody else (art. 18(4)). The preferred way comes first. Not
    retried when the complaint names none: a person finds one, or has the notice exempted.
    """
    for method, address in ways(intake, kind, contact):
        return method, address
    raise ApplicationError(
        "the complaint names no way to reach anybody (art. 21)", type="NoAddress", non_retryable=True
    )

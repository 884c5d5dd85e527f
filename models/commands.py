"""
What people and systems ask of a running complaint.

Every command is one object with the actor, and an idempotency id under which a repeated call is answered and not done twice.
*at* is the legal instant of the fact it reports (a letter handed in yesterday), the present instant when left out.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from models.delivery import is_mailbox
from models.parties import Contact
from models.vocabulary import Category, ContactMethod, IdDocumentType
from rulebook.event import ContactPart
from rulebook.events import CallbackMethod, Complexity, Liability, NoticeKind, PauseGround
from rulebook.scalars import (
    MOST,
    DocumentNumber,
    Flag,
    Hashes,
    Instant,
    Line,
    MailAddress,
    Narrative,
    Phone,
    Reason,
    Reference,
    Remark,
    Sha256,
    Whole,
)


class Command(BaseModel):
    """
    What someone asks.

    *actor* is the id of a person in the organisation data. *id* makes a repeated call harmless: the same id is done once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Line
    actor: Line
    at: Instant | None = None


class Classify(Command):
    """Set complexity, severity and categories (art. 18(1), R084)."""

    complexity: Complexity
    severity: Literal["general", "important", "major"] = "general"
    categories: tuple[Category, ...] = Field(default=(), max_length=MOST)
    reason: Reason


class Assign(Command):
    """Give the complaint to a department and a coordinator by hand (R102, R107)."""

    unit: Line
    department: Line
    coordinator: Line
    reason: Reason


class SubmitFindings(Command):
    """Report what was verified (核实情况)."""

    findings: Narrative
    evidence: Hashes = ()


class Decide(Command):
    """
    Decide (art. 19), with the liability (R142) and at least one cause (R148).

    *links* are the links of the business process that answer for it (责任环节, R022, R028), such as underwriting or issuing.
    *decision* is what the insurer does: pays, corrects, apologises, or why it does nothing. The letter tells it with what
    was verified, its basis and its reasons, and adds the remedies by itself: they are not the decider's to choose.

    *agreed* says that the complainant agrees to this decision (R149); what they say to it afterwards (``response``) counts
    in its place. Without it only the consumer protection committee closes the case, or whoever may after a meeting of the
    committee found its handling lawful (R150), or whoever may once the superior institution has reviewed it.
    """

    liability: Liability
    causes: tuple[Line, ...] = Field(min_length=1, max_length=MOST)
    decision: Narrative
    verification: Narrative
    basis: Narrative
    reasons: Narrative
    agreed: Flag = False
    links: tuple[Line, ...] = Field(default=(), max_length=MOST)


class RequestExtension(Command):
    """Ask for further time, in the units of the limit; the rules say how much at most (30 natural days, art. 18(1))."""

    days: Whole = Field(ge=1, le=366)
    reason: Reason


class ApproveExtension(Command):
    """Approve an extension as the superior institution or a head-office senior manager (art. 18(1))."""

    request: Line
    reason: Reason


class RefuseExtension(Command):
    """Refuse an extension, with the reason."""

    request: Line
    reason: Reason


class Pause(Command):
    """Leave a period out of the limit, on a ground of the rules: external_appraisal (art. 18(2)) or mediation (art. 23)."""

    ground: PauseGround
    reason: Reason


class Resume(Command):
    """End the period that is left out of the limit."""

    pause: Line
    reason: Reason


class AddFacts(Command):
    """Record that the complainant brought new facts and reasons: the limit restarts (art. 18(3))."""

    summary: Narrative
    evidence: Hashes = ()


class Withdraw(Command):
    """Record the complainant's withdrawal (art. 15)."""

    reason: Reason


class RefuseHandling(Command):
    """Refuse to handle (不予办理): not made by the complainant, a representative or an agent (art. 18(4))."""

    ground: Literal["not_from_complainant_or_agent"] = "not_from_complainant_or_agent"
    reason: Reason


class Merge(Command):
    """Handle this complaint within an earlier one: the same matter without new facts (art. 18(3))."""

    into: Line
    reason: Reason


class RecordContact(Command):
    """Write down an attempt to reach the complainant (R115, R151), with the hash of its recording if there is one."""

    method: Literal["phone", "sms", "email", "letter", "visit"]
    reached: Flag
    summary: Narrative
    recording: Sha256 | None = None


class ChangeContact(Command):
    """
    Record new contact details of the complainant (联系方式, art. 13): every later letter goes there.

    What is left out stays as it was. The details rest encrypted with the run of the complaint; its event names which of them
    changed and nothing more.
    """

    phone: Phone | None = None
    email: MailAddress | None = None
    address: Line | None = None
    preferred: ContactMethod | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.changes:
            raise PydanticCustomError("contact", "name at least one of phone, email, address and preferred")
        if self.email is not None and not is_mailbox(self.email):
            raise PydanticCustomError("mail_address", "email: must be one mail address")
        return self

    @property
    def changes(self) -> dict[ContactPart, str]:
        """What is new, by its name."""
        parts: dict[ContactPart, str | None] = {
            "phone": self.phone,
            "email": self.email,
            "address": self.address,
            "preferred": self.preferred,
        }
        return {name: value for name, value in parts.items() if value is not None}

    def over(self, before: Contact | None) -> Contact:
        """Return the details after the change, *before* being those known until now."""
        return (before or Contact()).model_copy(update={str(name): value for name, value in self.changes.items()})


class CorrectParticulars(Command):
    """
    Correct the name or the identity document of the complainant or the agent (更正, PIPL art. 46): later letters use it.

    What is left out stays as it was; a document comes with its kind and its number.
    """

    whose: Literal["complainant", "agent"] = "complainant"
    name: Line | None = None
    document: IdDocumentType | None = None
    number: DocumentNumber | None = None
    reason: Reason

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.name is None and self.document is None and self.number is None:
            raise PydanticCustomError(
                "particulars", "name what is corrected: the name, or the document with its number"
            )
        if (self.document is None) != (self.number is None):
            raise PydanticCustomError("particulars", "a document is corrected with its kind and its number together")
        return self


class RecordNotice(Command):
    """Record that a person told the complainant, with the proof; *at* is when it was posted, sent or dialled (art. 21)."""

    kind: NoticeKind
    method: Literal["handed", "posted", "sms", "email", "phone"]
    proof: Reference
    ref: Line | None = None


class ExemptNotice(Command):
    """Record that the complainant cannot be contacted, the only exemption from telling (art. 21, R152)."""

    kind: NoticeKind
    reason: Reason
    ref: Line | None = None


class ConfirmReceipt(Command):
    """Record when the complainant received the decision: the review window runs from then (art. 20)."""

    kind: NoticeKind = "decision"
    proof: Reference


class RecordCallback(Command):
    """Report the customer callback (回访): its way (R165), and the satisfaction from 1 (very poor) to 5 (R164)."""

    reached: Flag
    satisfaction: Whole | None = Field(default=None, ge=1, le=5)
    remarks: Remark = ""
    method: CallbackMethod = "phone"


class Close(Command):
    """Close the case after its checks (R144–R150)."""

    reason: Reason


class RequestReview(Command):
    """Record the complainant's written request for a review of a branch's decision (核查, art. 20)."""

    reason: Reason


class DecideReview(Command):
    """
    Decide a review on process, time limits and result, as the superior institution (art. 20).

    *liability* and *causes* are what a changed decision makes of them (R142, R148); left out, they stay.
    """

    outcome: Literal["upheld", "changed"]
    process: Narrative
    time_limits: Narrative
    result: Narrative
    liability: Liability | None = None
    causes: tuple[Line, ...] = Field(default=(), max_length=MOST)


class RetryStep(Command):
    """Have a failed machine step tried again."""

    step: Line


class SkipStep(Command):
    """Take over a failed machine step oneself, with the reason."""

    step: Line
    reason: Reason


class MoveRules(Command):
    """
    Move the running complaint to the rule pack *to*, whose content hash is *pack_hash*, from its receipt on.

    Every deadline is dated anew under those rules, and every earlier version is kept. The move is made now, by whom the
    matrix of the complaint allows it.
    """

    to: Line = Field(description="the name of a rule pack")
    pack_hash: Sha256
    reason: Reason


class AdoptCalendar(Command):
    """
    Count working days by a notice (国务院办公厅放假通知) that was published while the complaint runs.

    *notice* is the notice's YAML, as it will lie in the calendar.
    """

    notice: Narrative

"""
The complaint as it comes in: the payload with which a backend opens a case.

It holds every field that art. 13 and R055–R071 name, and demands few of them: an id, the receipt, the channel, somebody who
complains, a unit complained of and the facts. What else the insurer may ask for is listed by `Intake.missing_material` and
is never a ground to refuse the complaint or to stop its clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Self

import rfc8785
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from models.identifiers import ComplaintId
from models.parties import (
    PERSONAL,
    Agent,
    Complainant,
    Contact,
    Group,
    Heir,
    OrganisationComplainant,
    Part,
    PersonComplainant,
    Respondent,
    UnnamedComplainant,
    labels,
)
from models.vocabulary import (
    CallbackWish,
    Category,
    Channel,
    DisputeType,
    EvidenceKind,
    LineOfBusiness,
    Missing,
    SalesChannel,
    Unfiled,
)
from rulebook.events import Complexity, Origin
from rulebook.scalars import MOST, Day, DocumentNumber, Flag, Instant, Line, Sha256, Text


class FutureReceipt(ValueError):  # noqa: N818  # the name is the stable error type that callers see
    """The complaint claims to have been received after the present instant."""


class Policy(Part):
    """The policy complained about (R060)."""

    number: DocumentNumber | None = Field(default=None, description="Policy number.", json_schema_extra=PERSONAL)
    product: Line | None = Field(default=None, description="Name of the product.")
    line_of_business: LineOfBusiness | None = Field(
        default=None,
        description="The regulator's line of insurance.",
        json_schema_extra=labels("line_of_business"),
    )
    sales_channel: SalesChannel | None = Field(
        default=None, description="How the policy was sold.", json_schema_extra=labels("sales_channel")
    )


class Evidence(Part):
    """A piece of evidence: what it is, where it lies, and the hash that tells whether it was changed (R112)."""

    sha256: Sha256 = Field(description="SHA-256 of the file, lower-case hexadecimal.")
    title: Line = Field(description="What it is, for people.", json_schema_extra=PERSONAL)
    kind: EvidenceKind = Field(
        default="document", description="Kind of evidence.", json_schema_extra=labels("evidence_kind")
    )
    reference: Line | None = Field(default=None, description="Where it is kept, such as an archive number.")


class Forwarding(Part):
    """A complaint that the regulator forwarded (监管转办, art. 33, R076): who, when, and by when it wants an answer."""

    body: Line = Field(description="The office that forwarded the complaint.")
    reference: Line | None = Field(default=None, description="Its reference number.")
    regulator_received_at: Instant = Field(description="When the regulator received the complaint.")
    forwarded_at: Instant = Field(description="When the regulator forwarded it.")
    insurer_received_at: Instant = Field(description="When the insurer received it: equals received_at.")
    answer_by: Day | None = Field(default=None, description="Last day that the regulator set for an answer, if any.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.regulator_received_at <= self.forwarded_at <= self.insurer_received_at:
            raise PydanticCustomError(
                "forwarding_order", "the regulator receives, then forwards, then the insurer receives: in that order"
            )
        return self


class OutboundCallback(Part):
    """The company's own callback in which the customer complained (R071)."""

    wish: CallbackWish = Field(
        description="What the customer complained of.", json_schema_extra=labels("callback_wish")
    )
    task: Line | None = Field(default=None, description="Number of the callback task.")


class Intake(Part):
    """
    A complaint as it was received.

    Equal content has an equal `content_hash`, which makes opening the same complaint twice harmless.
    """

    complaint_id: ComplaintId = Field(
        description="Opaque id, given by the sending system, unique for ever; it must not name or number a person."
    )
    received_at: Instant = Field(
        description="When it reached the insurer (收到): the statutory clock starts (art. 18). Never in the future."
    )
    channel: Channel = Field(description="By which way it came.", json_schema_extra=labels("channel"))
    channel_detail: Line | None = Field(default=None, description="The place on that way: a hotline, site or platform.")
    source_reference: Line | None = Field(default=None, description="Its number in the sending system (R068).")

    complainant: Complainant = Field(description="Who complains.")
    agent: Agent | None = Field(default=None, description="Who acts for the complainant (art. 14).")
    heir: Heir | None = Field(default=None, description="From whom the complainant inherited (art. 14).")
    group: Group | None = Field(default=None, description="A joint complaint of several people (art. 12).")

    respondent: Respondent = Field(description="Against whom (art. 13(2)).")
    policy: Policy | None = Field(default=None, description="The policy concerned (R060).")

    facts: Text = Field(description="The main facts (art. 13(3)).", json_schema_extra=PERSONAL)
    demand: Text | None = Field(
        default=None, description="What the complainant demands (投诉请求, art. 13(3)).", json_schema_extra=PERSONAL
    )
    basis: Text | None = Field(
        default=None, description="On what the demand rests (依据, art. 13(3)).", json_schema_extra=PERSONAL
    )
    service_on: Day | None = Field(default=None, description="Day of the service complained about (R061).")
    service_place: Line | None = Field(
        default=None, description="Place of the service complained about (R061).", json_schema_extra=PERSONAL
    )
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MOST, description="Evidence handed in, with hashes.")
    signed: Flag = Field(
        default=False, description="Whether written material is signed or sealed (art. 13(4)); for letter and fax."
    )

    categories: Annotated[tuple[Category, ...], Field(max_length=13)] = Field(
        default=(),
        description="One or several of the thirteen types (R085–R097), the main one first; empty until classified.",
        json_schema_extra=labels("category"),
    )
    dispute_type: DisputeType | None = Field(
        default=None, description="The regulator's dispute type.", json_schema_extra=labels("dispute_type")
    )
    complexity: Complexity | None = Field(
        default=None,
        description="Whether 15 or 30 days apply (art. 18(1)); simple until somebody says otherwise.",
        json_schema_extra=labels("complexity"),
    )
    suspected_violation: Flag = Field(
        default=False, description="Whether sales staff are suspected of a violation (R031, R067)."
    )

    forwarding: Forwarding | None = Field(default=None, description="For complaints that the regulator forwarded.")
    earlier_complaint: ComplaintId | None = Field(
        default=None, description="Id of an earlier complaint about the same matter (art. 18(3))."
    )
    key_information_checklist: Line | None = Field(
        default=None, description="Reference of the completed key-information list (R067)."
    )
    visit_form: Line | None = Field(
        default=None, description="Reference of the visit form that the visitor signed (R063)."
    )
    outbound_callback: OutboundCallback | None = Field(
        default=None, description="For complaints voiced in a callback by the company (R071)."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for code, sentence in self._refusals():
            raise PydanticCustomError(code, sentence)
        return self

    def _refusals(self) -> Iterator[tuple[str, str]]:
        if self.channel == "regulator" and not self.forwarding:
            yield "forwarding_missing", "channel regulator needs the forwarding block with its three instants"
        if self.forwarding and self.forwarding.insurer_received_at != self.received_at:
            yield "receipt_differs", "forwarding.insurer_received_at and received_at must be the same instant"
        if self.outbound_callback and self.channel != "outbound_callback":
            yield "callback_not_expected", "outbound_callback goes with channel outbound_callback only"
        if self.visit_form and self.channel != "visit":
            yield "visit_form_not_expected", "visit_form goes with channel visit only"
        if self.heir and self.complainant.kind == "organisation":
            yield "heir_not_a_person", "an heir is a person, not an organisation"
        if self.earlier_complaint == self.complaint_id:
            yield "earlier_is_itself", "earlier_complaint must be another complaint"
        if len(set(self.categories)) != len(self.categories):
            yield "category_twice", "categories must not repeat"

    def refuse_future(self, now: datetime) -> None:
        """
        Refuse a receipt that lies after *now*.

        The model cannot read a clock, so the door that lets a complaint in asks. No other instant in a complaint is later
        than its receipt. Raises `FutureReceipt`.
        """
        if self.received_at > now:
            raise FutureReceipt("received_at: must not lie in the future [FutureReceipt]")

    def missing_material(self) -> tuple[Missing, ...]:
        """
        Return what the insurer may still ask the complainant for (art. 13, 14), main things first.

        With a policy number no identity is asked for: the insurer holds it, and may not ask for what it holds (art. 13).
        """
        return tuple(code for code, lacks in _MATERIAL if lacks(self))

    def unfiled(self) -> tuple[Unfiled, ...]:
        """Return what the insurer itself must still put on file (R063, R067, R071)."""
        return tuple(code for code, lacks in _FILE if lacks(self))

    def matters(self, categories: tuple[str, ...]) -> tuple[str, ...]:
        """Return what the complaint is routed by: a suspected violation before its present *categories* (R031)."""
        return ("suspected_violation", *categories) if self.suspected_violation else categories

    @property
    def origin(self) -> Origin:
        """Return where it came from, as the insurer's own rules tell it (R064, R069, R145)."""
        return _ORIGINS.get(self.channel, "own")

    def excluded_staff(self) -> frozenset[str]:
        """Return the ids of the staff complained of, who may not work on the case (art. 17, R107)."""
        return frozenset(staff.person for staff in self.respondent.staff if staff.person)

    def content_hash(self) -> str:
        """
        Return the SHA-256 of the canonical JSON (RFC 8785) of what was said.

        Fields left at their default are not part of it, so that a field added later changes no hash given today.
        """
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json", exclude_defaults=True))).hexdigest()


_ORIGINS: Mapping[Channel, Origin] = {
    "regulator": "forwarded",
    "letter": "written",
    "email": "written",
    "fax": "written",
    "superior_company": "superior",
    "other_department": "elsewhere",
    "media": "elsewhere",
    "association": "elsewhere",
}
"""The channels by which a complaint does not reach customer service in person."""


def _reachable(*contacts: Contact | None) -> bool:
    return any(contact and contact.reachable for contact in contacts)


def _unidentified(intake: Intake) -> bool:
    return isinstance(intake.complainant, PersonComplainant) and not intake.complainant.id_document


def _body_lacks(field: str) -> Callable[[Intake], bool]:
    return lambda it: isinstance(it.complainant, OrganisationComplainant) and not getattr(it.complainant, field)


def _policy_known(intake: Intake) -> bool:
    return bool(intake.policy and intake.policy.number)


_MATERIAL: tuple[tuple[Missing, Callable[[Intake], bool]], ...] = (
    ("complainant_name", lambda it: isinstance(it.complainant, UnnamedComplainant)),
    ("identity", lambda it: _unidentified(it) and not _policy_known(it)),
    ("contact", lambda it: not _reachable(it.complainant.contact, it.agent.contact if it.agent else None)),
    ("organisation_address", _body_lacks("address")),
    ("organisation_credit_code", lambda it: _body_lacks("credit_code")(it) and not _policy_known(it)),
    ("organisation_principal", _body_lacks("principal")),
    ("agent_identity", lambda it: bool(it.agent and not it.agent.id_document)),
    ("agent_contact", lambda it: bool(it.agent and not _reachable(it.agent.contact))),
    ("agent_authority", lambda it: bool(it.agent and not it.agent.authority)),
    ("heir_proof", lambda it: bool(it.heir and not it.heir.proof)),
    ("group_representatives", lambda it: bool(it.group and it.group.face_to_face and not it.group.representatives)),
    ("demand", lambda it: not it.demand),
    ("basis", lambda it: not it.basis),
    ("signature", lambda it: it.channel in {"letter", "fax"} and not it.signed),
)
"""What can be missing, and when it is."""

_FILE: tuple[tuple[Unfiled, Callable[[Intake], bool]], ...] = (
    ("visit_form", lambda it: it.channel == "visit" and not it.visit_form),
    ("key_information_checklist", lambda it: it.suspected_violation and not it.key_information_checklist),
    (
        "callback_task",
        lambda it: it.channel == "outbound_callback" and not (it.outbound_callback and it.outbound_callback.task),
    ),
)
"""What can be unfiled, and when it is."""

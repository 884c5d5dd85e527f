"""
Who complains, who acts for whom, and against whom: the persons of art. 13 and 14.

Whatever names or leads to a person is marked ``personal`` in the JSON Schema, so that systems can treat it as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from models.delivery import is_mailbox
from models.identifiers import PersonId, UnitCode
from models.vocabulary import LABELS_ZH, AgentKind, ContactMethod, IdDocumentType
from rulebook.scalars import DocumentNumber, Flag, Line, MailAddress, Phone, Whole

PERSONAL: dict[str, Any] = {"personal": True}
"""The mark of a field that holds personal data (personal information protection law, art. 28 and 51)."""


def labels(vocabulary: str) -> dict[str, Any]:
    """Return the schema note that carries the Chinese names of *vocabulary*."""
    return {"labels_zh": dict(LABELS_ZH[vocabulary])}


class Part(BaseModel):
    """A part of a complaint: unchangeable, without unknown fields, and silent about its values when it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class IdDocument(Part):
    """What identifies a person (身份信息, art. 13)."""

    type: IdDocumentType = Field(description="Kind of document.", json_schema_extra=labels("id_document_type"))
    number: DocumentNumber = Field(description="Number of the document.", json_schema_extra=PERSONAL)


class Contact(Part):
    """How somebody can be reached (联系方式, art. 13); all parts are optional, none may be made up."""

    phone: Phone | None = Field(default=None, description="Telephone number, as written.", json_schema_extra=PERSONAL)
    email: MailAddress | None = Field(
        default=None, description="E-mail address, as written.", json_schema_extra=PERSONAL
    )
    address: Line | None = Field(default=None, description="Postal address.", json_schema_extra=PERSONAL)
    preferred: ContactMethod | None = Field(
        default=None,
        description="How the complainant wants to be told (art. 21).",
        json_schema_extra=labels("contact_method"),
    )

    @property
    def mailbox(self) -> str | None:
        """The e-mail address, where mail can be sent to it."""
        return self.email if self.email and is_mailbox(self.email) else None

    @property
    def reachable(self) -> bool:
        """Whether there is any way to reach the person."""
        return bool(self.phone or self.mailbox or self.address)


class Named(Part):
    """A natural person with what art. 13 lets the insurer ask for."""

    name: Line = Field(description="Name.", json_schema_extra=PERSONAL)
    id_document: IdDocument | None = Field(default=None, description="Identity document, where known.")
    contact: Contact | None = Field(default=None, description="Ways to reach the person, where known.")


class PersonComplainant(Named):
    """A natural person who complains (art. 13(1))."""

    kind: Literal["person"]


class OrganisationComplainant(Part):
    """An organisation that complains (art. 13(1)); its agent goes into `Intake.agent`."""

    kind: Literal["organisation"]
    name: Line = Field(description="Name of the organisation.")
    address: Line | None = Field(default=None, description="Registered address (住所).", json_schema_extra=PERSONAL)
    credit_code: DocumentNumber | None = Field(
        default=None, description="Unified social credit code (统一社会信用代码), as written."
    )
    principal: Named | None = Field(default=None, description="Legal or principal person (法定代表人或主要负责人).")
    contact: Contact | None = Field(default=None, description="Ways to reach the organisation, where known.")


class UnnamedComplainant(Part):
    """
    Somebody who has not given a name.

    The law lets the insurer ask for the name (art. 13) but names no name as a ground to refuse (art. 18(4) knows one
    ground only), so the complaint is recorded and its clock runs.
    """

    kind: Literal["unnamed"]
    reference: Line = Field(
        description="What the sending system calls this complainant; opaque, no name and no number of a person."
    )
    contact: Contact | None = Field(default=None, description="Ways to reach the person, where known.")


COMPLAINANTS = ("person", "organisation", "unnamed")
"""The kinds of complainants."""


def _known_kind(value: Any) -> Any:
    # Left to itself, pydantic repeats an unknown kind in its message.
    if isinstance(value, Mapping) and "kind" in value and value["kind"] not in COMPLAINANTS:
        raise PydanticCustomError("complainant_kind", "kind must be person, organisation or unnamed")
    return value


Complainant = Annotated[
    PersonComplainant | OrganisationComplainant | UnnamedComplainant,
    Field(discriminator="kind"),
    BeforeValidator(_known_kind),
]
"""Who complains, told apart by ``kind``."""


class Agent(Named):
    """
    Somebody who acts for the complainant.

    An agent of a complainant in real difficulty must be accepted (art. 14), so missing papers are listed, never refused.
    """

    kind: AgentKind = Field(
        default="entrusted", description="Acts by mandate or by law.", json_schema_extra=labels("agent_kind")
    )
    authority: Line | None = Field(
        default=None, description="Reference of the power of attorney, or of the proof of guardianship."
    )


class Heir(Part):
    """The complainant complains as an heir, whom the insurer must accept; it may ask for proof (art. 14)."""

    deceased: Line = Field(description="Name of the person inherited from.", json_schema_extra=PERSONAL)
    relation: Line | None = Field(default=None, description="Relation to the deceased.", json_schema_extra=PERSONAL)
    proof: Line | None = Field(default=None, description="Reference of the proof of inheritance.")


class Group(Part):
    """A joint complaint of several people, who elect at most five representatives when they come in person (art. 12)."""

    total: Whole = Field(ge=2, le=1_000_000, description="How many people complain jointly.")
    face_to_face: Flag = Field(
        description="Whether they complain in person; from 20 people on that makes a major complaint (art. 29)."
    )
    representatives: tuple[Named, ...] = Field(
        default=(), max_length=50, description="The elected representatives, at most five."
    )

    @model_validator(mode="after")
    def _few_representatives(self) -> Self:
        if len(self.representatives) > 5:
            raise PydanticCustomError("too_many_representatives", "a group has at most five representatives (art. 12)")
        if len(self.representatives) > self.total:
            raise PydanticCustomError("group_too_small", "a group cannot have more representatives than people")
        return self


class RespondentStaff(Part):
    """A member of staff complained of; one with a known id is kept away from the case (art. 17)."""

    person: PersonId | None = Field(default=None, description="Id in the organisation data, where known.")
    name: Line | None = Field(default=None, description="Name as the complainant gave it.", json_schema_extra=PERSONAL)
    unit: UnitCode | None = Field(default=None, description="Code of the unit the person belongs to, where known.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.person or self.name):
            raise PydanticCustomError("staff_unnamed", "a member of staff needs an id or a name")
        return self


class Respondent(Part):
    """The unit complained of, and the staff concerned (art. 13(2))."""

    unit: UnitCode = Field(description="Code of the unit in the organisation data.")
    staff: tuple[RespondentStaff, ...] = Field(default=(), max_length=50, description="The staff concerned.")

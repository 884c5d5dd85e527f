"""The personal data of a complaint: what is held (查阅, PIPL art. 45), and what was corrected (更正, art. 46, R198)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from models.commands import CorrectParticulars
from models.intake import Intake
from models.parties import IdDocument, Named, PersonComplainant, UnnamedComplainant
from rulebook import events as ev

Correction = CorrectParticulars | ev.ParticularsCorrected
"""What somebody asks to be corrected, and what was."""


def corrected(intake: Intake, corrections: Iterable[Correction]) -> Intake:
    """
    Return *intake* with every one of *corrections* made, in order.

    Somebody who had given no name becomes a person once one is known. What cannot have what is corrected is left alone.
    """
    for one in corrections:
        party = getattr(intake, one.whose)
        if party is not None:
            intake = intake.model_copy(update={one.whose: _corrected(party, one)})
    return intake


class Corrections:
    """The corrections of a case: those that still count, however many there were."""

    def __init__(self) -> None:
        self._made: list[ev.ParticularsCorrected] = []

    @property
    def standing(self) -> tuple[ev.ParticularsCorrected, ...]:
        """Return, in order, corrections that come to the same as all that were taken."""
        return tuple(self._made)

    def take(self, correction: ev.ParticularsCorrected) -> None:
        """Take one more correction into account, and forget those that it leaves without effect."""
        made = [*self._made, correction]
        self._made = [
            one for position, one in enumerate(made) if self._counts(one, made[:position], made[position + 1 :])
        ]

    @staticmethod
    def _counts(
        one: ev.ParticularsCorrected, before: list[ev.ParticularsCorrected], after: list[ev.ParticularsCorrected]
    ) -> bool:
        later = [other for other in after if other.whose == one.whose]
        names = one.name is not None and not any(other.name is not None for other in later)
        documents = one.document is not None and not any(other.document is not None for other in later)
        # The first name makes a person of somebody unnamed; only then a document can be noted.
        first = one.name is not None and not any(other.name is not None for other in before if other.whose == one.whose)
        return names or documents or first


def has_particulars(intake: Intake, whose: Literal["complainant", "agent"], *, document: bool) -> bool:
    """Say whether *whose* name, and with *document* the identity document, is a thing that *intake* can have."""
    party = getattr(intake, whose)
    return party is not None and (not document or isinstance(party, Named | UnnamedComplainant))


def _corrected(party: Any, one: Correction) -> Any:
    document = IdDocument(type=one.document, number=one.number) if one.document and one.number else None
    if isinstance(party, UnnamedComplainant):
        if one.name is None:
            return party
        return PersonComplainant(kind="person", name=one.name, id_document=document, contact=party.contact)
    changes = {"name": one.name, "id_document": document if isinstance(party, Named) else None}
    return party.model_copy(update={name: value for name, value in changes.items() if value is not None})


class Held(NamedTuple):
    """A field of personal data that is held: its place in the intake, what it is, and its value."""

    path: str
    about: str
    value: str


def held(part: BaseModel, path: str = "") -> Iterator[Held]:
    """Yield every field of *part* that is marked as personal and has a value, in the order of the intake."""
    for name, field in type(part).model_fields.items():
        value, place = getattr(part, name), f"{path}{name}"
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("personal") and value is not None:
            yield Held(place, field.description or "", str(value))
        else:
            several = value if isinstance(value, tuple) else (value,)
            for number, one in enumerate(several):
                if isinstance(one, BaseModel):
                    yield from held(one, f"{place}[{number}]." if isinstance(value, tuple) else f"{place}.")

"""
Whether a text that others shall read names somebody of a complaint, or leads to somebody by a number.

It knows the words of one complaint, and the forms of an identity and of a mobile number. That a text leads to nobody in
another way, people see to.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from models.identifiers import holds_personal_number
from models.intake import Intake
from models.parties import Contact, Named, OrganisationComplainant, PersonComplainant

SHORTEST_NAME, SHORTEST_NUMBER = 2, 6
"""What is shorter than these stands in every second text."""

_APART = re.compile(r"[\W_]+")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_COUNTRY = re.compile(r"^(?:00)?86(?=1[3-9]\d{9}$)")


def names_somebody(text: str, intake: Intake) -> bool:
    """
    Return whether *text* has a name, an address or a number that *intake* tells of a person, or such a number of anybody.

    However it is written: in either width and case of letters, with or without blanks and hyphens.
    """
    said = unicodedata.normalize("NFKC", text).casefold()
    return (
        holds_personal_number(_BETWEEN_DIGITS.sub("", said))
        or any(_holds_word(said, word) for word in _words(intake))
        or any(number in _APART.sub("", said) for number in _numbers(intake))
    )


def _holds_word(said: str, word: str) -> bool:
    plain = unicodedata.normalize("NFKC", word).casefold()
    if plain.isascii():
        # Letters have edges: Li is not named by "policy".
        parts = map(re.escape, _APART.split(plain.strip()))
        return re.search(r"(?<![a-z0-9])" + r"[\W_]*".join(parts) + r"(?![a-z0-9])", said) is not None
    return _APART.sub("", plain) in _APART.sub("", said)


def _people(intake: Intake) -> Iterator[Named]:
    if isinstance(intake.complainant, PersonComplainant):
        yield intake.complainant
    if isinstance(intake.complainant, OrganisationComplainant) and intake.complainant.principal:
        yield intake.complainant.principal
    if intake.agent:
        yield intake.agent
    if intake.group:
        yield from intake.group.representatives


def _contacts(intake: Intake) -> Iterator[Contact]:
    yield from (one for one in (intake.complainant.contact, *(person.contact for person in _people(intake))) if one)


def _words(intake: Intake) -> Iterator[str]:
    names: list[str | None] = [person.name for person in _people(intake)]
    if isinstance(intake.complainant, OrganisationComplainant):
        names += [intake.complainant.name, intake.complainant.address]
    names.append(intake.heir.deceased if intake.heir else None)
    names += [staff.name for staff in intake.respondent.staff]
    for contact in _contacts(intake):
        names += [contact.email, contact.address]
    yield from (name for name in names if name and len(_APART.sub("", name)) >= SHORTEST_NAME)


def _numbers(intake: Intake) -> Iterator[str]:
    found: list[str | None] = [person.id_document.number for person in _people(intake) if person.id_document]
    if isinstance(intake.complainant, OrganisationComplainant):
        found.append(intake.complainant.credit_code)
    found.append(intake.policy.number if intake.policy else None)
    for contact in _contacts(intake):
        if contact.phone:
            # With and without the area code, which people leave out.
            found += [contact.phone, *re.split(r"[\s()-]+", contact.phone)[-1:]]
    for number in found:
        bare = _COUNTRY.sub("", _APART.sub("", unicodedata.normalize("NFKC", number or "").casefold()))
        if len(bare) >= SHORTEST_NUMBER:
            yield bare

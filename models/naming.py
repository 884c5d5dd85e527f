"""Names beside codes, for people: units, departments and members of staff; never a complainant."""

from __future__ import annotations

from models.organisation import Organisation, OrganisationError, installed


def named(code: str | None) -> str:
    """
    Return *code* of a unit, a department or a member of staff with its name in the organisation data before it.

    A code that they do not know stands alone, such as that of somebody who left; a dash stands for none.
    """
    if not code:
        return "—"
    try:
        name = _name(installed(), code)
    except OrganisationError:
        return code  # A replay or a tool has none, and the codes are what is on record.
    return f"{name} {code}" if name else code


def _name(organisation: Organisation, code: str) -> str | None:
    known = organisation.people.get(code) or organisation.departments.get(code) or organisation.units.get(code)
    return known.name if known else None

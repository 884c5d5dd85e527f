"""Whom a reminder slip (催办单) reaches at each level of the organisation (R105)."""

from __future__ import annotations

from collections.abc import Iterator

from models.organisation import Organisation
from models.organisation_parts import Person, Unit
from rulebook.events import Level


def recipients(
    organisation: Organisation, level: Level, unit: str, department: str | None, coordinator: str | None
) -> tuple[str, ...]:
    """
    Return the ids of the people at *level*, as seen from *department* of *unit*, whose *coordinator* has the matter.

    Who is not there is looked for in the unit above, up to the head office. Empty only where the whole line up has nobody.
    """
    if level == "coordinator" and coordinator is not None:
        return (coordinator,)
    line = [one for one in _line(organisation, unit) if level != "superior" or one.code != unit]
    line = line or list(_line(organisation, unit))  # The head office has none above it.
    if level == "department_head" and department is not None and (found := _heads(organisation, department)):
        return found
    return next(filter(None, (_at(organisation, level, one) for one in line)), ())


def _line(organisation: Organisation, unit: str) -> Iterator[Unit]:
    known = unit in organisation.units
    return organisation.chain(unit if known else organisation.unit_list[0].code)


def _at(organisation: Organisation, level: Level, unit: Unit) -> tuple[str, ...]:
    if level == "general_manager":
        return _people(organisation, unit, "senior_manager")
    if level == "committee":
        return _people(organisation, unit, "committee")
    service = next(one.code for one in unit.departments if one.kind == "customer_service")
    return _heads(organisation, service)


def _heads(organisation: Organisation, department: str) -> tuple[str, ...]:
    return tuple(
        person.id
        for person in organisation.person_list
        if person.department == department and "department_head" in person.roles
    )


def _people(organisation: Organisation, unit: Unit, role: str) -> tuple[str, ...]:
    def fits(person: Person) -> bool:
        return person.unit == unit.code and role in person.roles

    return tuple(person.id for person in organisation.person_list if fits(person))

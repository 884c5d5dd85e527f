"""Who is told of what supervision puts down: areas, and people by their roles (R179, R183)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.ladder import recipients
from models.organisation import Organisation
from models.organisation_parts import Person
from models.supervision import Audience


def area_of(organisation: Organisation, unit: str) -> str:
    """Return the code of the area of *unit*: its province, or the head office for all that lies in none or is unknown."""
    if unit in organisation.units:
        for one in organisation.chain(unit):
            if one.level == "province":
                return one.code
    return head_office(organisation)


def head_office(organisation: Organisation) -> str:
    """Return the code of the head office."""
    return next(unit.code for unit in organisation.unit_list if unit.level == "head_office")


def audience(
    organisation: Organisation,
    words: Iterable[Audience],
    area: str,
    units: Iterable[str] = (),
    departments: Iterable[str] = (),
) -> tuple[str, ...]:
    """
    Return the ids of those whom *words* name, as seen from *area*, each once.

    *units* and *departments* are those that the document speaks of: their managers and heads are told too.
    """
    named, told = frozenset(units), frozenset(departments)
    found = (person for word in words for person in _named(organisation, word, area, named, told))
    return tuple(dict.fromkeys(found))


def _named(
    organisation: Organisation, word: Audience, area: str, units: frozenset[str], departments: frozenset[str]
) -> Iterator[str]:
    match word:
        case "management":
            yield from recipients(organisation, "general_manager", area, None, None)
            yield from (one.id for one in organisation.person_list if one.unit in units and _manages(one))
        case "heads":
            yield from (one.id for one in organisation.person_list if _heads_one_of(one, departments))
        case "service":
            yield from recipients(organisation, "customer_service_head", area, None, None)
        case "committee":
            yield from recipients(organisation, "committee", area, None, None)
        case "callback":
            yield from callers(organisation, area)
        case "head_office":
            top = head_office(organisation)
            kinds = {one.code: one.kind for one in organisation.unit(top).departments}
            for person in organisation.person_list:
                if kinds.get(person.department) in {"customer_service", "consumer_protection"}:
                    yield person.id


def callers(organisation: Organisation, area: str) -> tuple[str, ...]:
    """Return the callback team of *area*, its call centre; the heads of its customer service where it has none."""
    team = tuple(one.id for one in organisation.person_list if one.unit == area and "callback" in one.roles)
    return team or recipients(organisation, "customer_service_head", area, None, None)


def customer_service(organisation: Organisation, unit: str) -> tuple[str, ...]:
    """Return the ids of those who work in the customer service of *unit* itself, not of units below it."""
    departments = {one.code for one in organisation.unit(unit).departments if one.kind == "customer_service"}
    return tuple(one.id for one in organisation.person_list if one.unit == unit and one.department in departments)


def _manages(person: Person) -> bool:
    return "senior_manager" in person.roles


def _heads_one_of(person: Person, departments: frozenset[str]) -> bool:
    return person.department in departments and "department_head" in person.roles

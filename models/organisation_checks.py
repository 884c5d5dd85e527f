"""What can be wrong with organisation data as a whole: each problem with its place and its rule, and no name of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.organisation_parts import LEVELS_ZH, MATTERS, Department, Person, Unit
from models.organisation_routing import SELLERS

Problem = tuple[str, str]
"""A place, such as ``units.3.parent``, and the rule that is broken there."""


def problems(units: Sequence[Unit], people: Sequence[Person]) -> Iterator[Problem]:
    """Yield what is wrong, in the order of the file within each rule; the first one is the one to mend first."""
    unit_by_code = {unit.code: unit for unit in units}
    yield from _duplicates(units, people)
    for at, unit in enumerate(units):
        if rule := _misplaced(unit, unit_by_code):
            yield f"units.{at}.parent", rule
    if sum(unit.level == "head_office" for unit in units) != 1:
        yield "units", "there must be exactly one head office"
    yield from _people(people, unit_by_code)
    yield from _coordinators(units, {person.id: person for person in people})
    yield from _routes(units)
    yield from _ladder(units, people)


def _duplicates(units: Sequence[Unit], people: Sequence[Person]) -> Iterator[Problem]:
    yield from _repeated("unit code", ((f"units.{at}.code", unit.code) for at, unit in enumerate(units)))
    yield from _repeated("department code", ((f"{place}.code", one.code) for place, one in _departments(units)))
    yield from _repeated("person id", ((f"people.{at}.id", person.id) for at, person in enumerate(people)))


def _repeated(what: str, entries: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    seen = set()
    for place, code in entries:
        if code in seen:
            yield place, f"duplicate {what}"
        seen.add(code)


def _departments(units: Sequence[Unit]) -> Iterator[tuple[str, Department]]:
    for at, unit in enumerate(units):
        for to, department in enumerate(unit.departments):
            yield f"units.{at}.departments.{to}", department


def _misplaced(unit: Unit, units: Mapping[str, Unit]) -> str | None:
    if unit.level == "head_office":
        return "the head office has no parent" if unit.parent else None
    if not unit.parent:
        return "every unit below the head office needs a parent"
    if unit.parent not in units:
        return "unknown parent"
    if _cyclic(unit, units):
        return "cycle: the unit is its own superior"
    order = list(LEVELS_ZH)
    if order.index(units[unit.parent].level) >= order.index(unit.level):
        return "a parent must be of a higher level"
    return None


def _cyclic(unit: Unit, units: Mapping[str, Unit]) -> bool:
    passed = set()
    here: Unit | None = unit
    while here:
        if here.code in passed:
            return True
        passed.add(here.code)
        here = units.get(here.parent) if here.parent else None
    return False


def _people(people: Sequence[Person], units: Mapping[str, Unit]) -> Iterator[Problem]:
    for at, person in enumerate(people):
        if person.unit not in units:
            yield f"people.{at}.unit", "unknown unit"
        elif person.department not in {department.code for department in units[person.unit].departments}:
            yield f"people.{at}.department", "the person's unit has no such department"


def _coordinators(units: Sequence[Unit], people: Mapping[str, Person]) -> Iterator[Problem]:
    for place, department in _departments(units):
        for field, named in (("coordinator", department.coordinator), ("deputy", department.deputy)):
            if named is None:
                continue
            if named not in people:
                yield f"{place}.{field}", "unknown person"
            elif people[named].department != department.code:
                yield f"{place}.{field}", f"the {field} must belong to the department (R037)"
        if department.deputy == department.coordinator:
            yield f"{place}.deputy", "the deputy must be somebody else"
        named = department.coordinator
        if named in people and "coordinator" not in people[named].roles:
            yield f"{place}.coordinator", "the coordinator must have the role coordinator (R037)"


def _routes(units: Sequence[Unit]) -> Iterator[Problem]:
    for at, unit in enumerate(units):
        place = f"units.{at}.departments"
        kinds = Counter(department.kind for department in unit.departments)
        if kinds["customer_service"] != 1:
            yield place, "a unit needs exactly one customer service department (R006)"
        for kind in sorted(set(SELLERS.values())):
            if kinds[kind] > 1:
                yield place, f"two departments are {kind}: nobody could tell which one sold (R030)"
        handled = Counter(matter for department in unit.departments for matter in department.handles)
        for matter in unit.centralises:
            if not handled[matter]:
                yield (
                    f"units.{at}.centralises",
                    f"the unit centralises {matter}, but none of its departments handles it (R018)",
                )
        for matter in MATTERS:
            if handled[matter] > 1:
                yield place, f"two departments handle {matter}: one must be the main department"
            if unit.level == "head_office" and not handled[matter]:
                yield place, f"nobody at head office handles {matter}, so it is routed nowhere"


def _ladder(units: Sequence[Unit], people: Sequence[Person]) -> Iterator[Problem]:
    """Yield whom head office lacks: every reminder slip that finds nobody below must find somebody there."""
    top = next((unit for unit in units if unit.level == "head_office"), None)
    if top is None:
        return
    here = [person for person in people if person.unit == top.code]
    service = {department.code for department in top.departments if department.kind == "customer_service"}
    if not any("department_head" in person.roles and person.department in service for person in here):
        yield "people", "customer service at head office needs somebody with the role department_head (R105)"
    for role in ("senior_manager", "committee"):
        if not any(role in person.roles for person in here):
            yield "people", f"head office needs somebody with the role {role} (R105)"

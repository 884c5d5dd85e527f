"""
The insurer's organisation: units, departments, coordinators, people and their roles.

It answers who handles what (R030–R037), who stands above whom, and who may approve an extension (art. 18). One validated
YAML file holds it (`read_organisation`). Reading a file is I/O, which a Temporal update validator may not do, so a process
installs its organisation once and everybody asks `installed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, Self

import rfc8785
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from models.data_file import read_model
from models.identifiers import Line
from models.organisation_checks import problems
from models.organisation_parts import (
    LEVELS_ZH,
    Department,
    DepartmentKind,
    Level,
    OrganisationPart,
    Person,
    Unit,
)
from models.vocabulary import SalesChannel

Ground = Literal["superior_institution", "head_office_senior_manager"]
"""On which ground a person may approve an extension (art. 18(1))."""


LEVELS: tuple[Level, ...] = tuple(LEVELS_ZH)
"""The levels, highest first."""

SOLD = frozenset({"selling", "sales_service"})
"""What the department that sold the policy answers for (R030)."""

SELLERS: Mapping[SalesChannel | None, DepartmentKind] = {
    "personal_agent": "personal_sales",
    "group": "group_sales",
    "bank": "bank_sales",
    "telephone": "phone_sales",
}
"""The sales department of each way of selling that has one (R030)."""


class OrganisationError(ValueError):
    """The organisation data are wrong, unknown or not there; the message is one line."""


class Assignment(NamedTuple):
    """Who takes a complaint, and the one sentence that says why."""

    unit: str
    department: str
    coordinator: str
    reason: str


class Organisation(OrganisationPart):
    """
    The whole organisation; it is complete and consistent, or it does not come into being.

    *hotline* is the number at which complainants ask how their complaint stands, named in every letter.
    """

    name: Line
    version: Line
    hotline: Line | None = None
    unit_list: tuple[Unit, ...] = Field(alias="units")
    person_list: tuple[Person, ...] = Field(alias="people")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for place, rule in problems(self.unit_list, self.person_list):
            raise PydanticCustomError("organisation", "{place}: {rule}", {"place": place, "rule": rule})
        return self

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Every unit by its code."""
        return {unit.code: unit for unit in self.unit_list}

    @cached_property
    def people(self) -> Mapping[str, Person]:
        """Everybody by id."""
        return {person.id: person for person in self.person_list}

    @cached_property
    def departments(self) -> Mapping[str, Department]:
        """Every department by its code, which is unique in the organisation."""
        return {department.code: department for unit in self.unit_list for department in unit.departments}

    def unit(self, code: str) -> Unit:
        """Return the unit with *code*; `OrganisationError` if there is none."""
        if code not in self.units:
            raise OrganisationError("the organisation data know no such unit")
        return self.units[code]

    def person(self, id: str) -> Person:  # noqa: A002  # the word everybody uses
        """Return the person with *id*; `OrganisationError` if there is none."""
        if id not in self.people:
            raise OrganisationError("the organisation data know no such person")
        return self.people[id]

    def level(self, unit: str) -> Level:
        """Return the level of *unit*."""
        return self.unit(unit).level

    def superior(self, unit: str) -> Unit | None:
        """Return the superior institution (上级机构) of *unit*, or None for the head office."""
        parent = self.unit(unit).parent
        return self.unit(parent) if parent else None

    def chain(self, unit: str) -> Iterator[Unit]:
        """Yield *unit* and everything above it, up to the head office."""
        here: Unit | None = self.unit(unit)
        while here:
            yield here
            here = self.superior(here.code)

    def is_superior(self, upper: str, lower: str) -> bool:
        """Return whether *upper* stands above *lower*, at whatever distance; no unit stands above itself."""
        return upper != lower and any(unit.code == upper for unit in self.chain(lower))

    def may_approve_extension(self, person: str, handling_unit: str) -> Ground | None:
        """
        Return the ground on which *person* may approve an extension for *handling_unit*, or None (art. 18(1)).

        A senior manager of head office always may. A superior institution acts through a senior manager, or through the head
        of its customer service or consumer protection department. Nobody else of the handling unit itself may.
        """
        who = self.person(person)
        if self.level(who.unit) == "head_office" and "senior_manager" in who.roles:
            return "head_office_senior_manager"
        if not self.is_superior(who.unit, handling_unit):
            return None
        complaints = self.departments[who.department].kind in {"customer_service", "consumer_protection"}
        if "senior_manager" in who.roles or ("department_head" in who.roles and complaints):
            return "superior_institution"
        return None

    def route(
        self,
        categories: tuple[str, ...],
        unit: str,
        *,
        excluded: frozenset[str] = frozenset(),
        at_least: Level | None = None,
        sales_channel: SalesChannel | None = None,
    ) -> Assignment:
        """
        Return who handles a complaint of *categories* (the main one first) at *unit*.

        The department that handles the main category takes it, at *unit* or else at the nearest unit above. A suspected
        violation comes before any category (R031); without a category customer service takes it. What was sold by a
        *sales_channel* with a department of its own goes there (R030), what a unit above centralises goes up to it (R018,
        R027), and nobody below the level *at_least* takes it. Nobody in *excluded* is chosen (direct interest, art. 17,
        R107): the deputy steps in, then the next unit above. `OrganisationError` when nobody is left.
        """
        matter = "suspected_violation" if "suspected_violation" in categories else (*categories, None)[0]
        seller = SELLERS.get(sales_channel) if matter in SOLD else None
        chain = list(self._from(unit, matter, at_least))
        for kind in (seller, None) if seller else (None,):
            for here in chain:
                for department in here.departments:
                    if not _takes(department, matter, kind):
                        continue
                    for candidate in (department.coordinator, department.deputy):
                        if candidate and candidate not in excluded:
                            reason = _reason(matter, here, unit, kind, deputised=candidate == department.deputy)
                            return Assignment(here.code, department.code, candidate, reason)
        raise OrganisationError("nobody without a direct interest is left to coordinate; assign the complaint by hand")

    def _from(self, unit: str, matter: str | None, at_least: Level | None) -> Iterator[Unit]:
        """Yield the units that may take *matter* of *unit*, the nearest first."""
        chain = list(self.chain(unit))
        central = next((at for at, here in enumerate(chain) if matter in here.centralises), 0)
        lowest = LEVELS.index(at_least) if at_least else len(LEVELS)
        return (here for here in chain[central:] if LEVELS.index(here.level) <= lowest)

    def settled_by_customer_service(self, categories: tuple[str, ...], unit: str) -> bool:
        """Return whether customer service settles all of *categories* of *unit* without another department (R019, R124)."""
        return all(
            self.departments[self.route((category,), unit).department].kind == "customer_service"
            for category in categories
        )

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON (RFC 8785) of the organisation."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json", by_alias=True))).hexdigest()


def _takes(department: Department, matter: str | None, kind: DepartmentKind | None) -> bool:
    if kind is not None:
        return department.kind == kind
    return matter in department.handles if matter else department.kind == "customer_service"


def _reason(matter: str | None, here: Unit, unit: str, kind: DepartmentKind | None, *, deputised: bool) -> str:
    parts = [f"handles {matter}" if matter else "not yet classified: customer service"]
    if kind is not None:
        parts = [f"{matter}: sold by {kind}"]
    if here.code != unit:
        parts.append(
            f"centralised at {here.code}" if matter in here.centralises else f"nearest unit above {unit} that can"
        )
    if deputised:
        parts.append("deputy, because the coordinator has a direct interest")
    return "; ".join(parts)


_installed: list[Organisation] = []


def install(organisation: Organisation) -> None:
    """Make *organisation* the one of this process: what `installed` returns from now on."""
    _installed[:] = [organisation]


def installed() -> Organisation:
    """Return the organisation of this process; `OrganisationError` when nobody installed one."""
    if not _installed:
        raise OrganisationError("no organisation data in this process; the worker installs them when it starts")
    return _installed[0]


def read_organisation(path: Path) -> Organisation:
    """Return the organisation in the YAML file at *path*; `OrganisationError` names file, line, place and rule."""
    return read_model(path, Organisation, OrganisationError)

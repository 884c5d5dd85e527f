"""
The insurer's organisation: units, departments, coordinators, people and their roles.

It answers who handles what (R030–R037), who stands above whom, and who may approve an extension (art. 18). One validated
YAML file holds it (`read_organisation`). Reading a file is I/O, which a Temporal update validator may not do, so a process
installs its organisation once and everybody asks `installed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, Self, Unpack

import rfc8785
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from models.data_file import read_model
from models.organisation_checks import problems
from models.organisation_parts import Department, OrganisationPart, Person, Unit
from models.organisation_routing import VIOLATION, Assignment, Narrowing, choose, main_matter, separate_matters
from rulebook.errors import PackError
from rulebook.offices import UnitLevel
from rulebook.pack import Pin, pack_names, pin_for, pin_to, rule_pack
from rulebook.scalars import Line

HOME = "CN"
"""Whose law a unit follows when neither it nor any unit above it says."""

Ground = Literal["superior_institution", "head_office_senior_manager"]
"""On which ground a person may approve an extension (art. 18(1))."""


class OrganisationError(ValueError):
    """The organisation data are wrong, unknown or not there; the message is one line."""


class OtherJurisdiction(OrganisationError):  # noqa: N818  # its name is its public code
    """A pack was named by hand that is the law of another jurisdiction than that of the unit complained of."""


class Organisation(OrganisationPart):
    """
    The whole organisation; it is complete and consistent, or it does not come into being.

    *hotline* is the number at which complainants ask how their complaint stands, named in every letter. *rules* is the
    published pack of the insurer's own rules, under which its complaints run wherever it extends the statute in force; None
    for the statute alone.
    """

    name: Line
    version: Line
    hotline: Line | None = None
    rules: Line | None = None
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

    def jurisdiction(self, unit: str) -> str:
        """Return whose law the complaints about *unit* follow: its own, else the nearest one above it; CN if none says."""
        line = self.chain(unit) if unit in self.units else ()
        return next((one.jurisdiction for one in line if one.jurisdiction), HOME)

    def pin(self, unit: str, received_at: datetime, known_on: date, *, pack: str | None = None) -> Pin:
        """
        Return what a complaint about *unit* received at *received_at* is pinned to, by the calendar as known on *known_on*.

        The statute of that day in the unit's jurisdiction, under the insurer's own rules where they extend it; or *pack*,
        named by hand. OtherJurisdiction when *pack* is the law of elsewhere; else the errors of `rulebook.pack.pin_for`.
        """
        here = self.jurisdiction(unit)
        if pack is None:
            return pin_for(received_at, known_on, here, company=self.rules)
        if (theirs := rule_pack(pack).jurisdiction) != here:
            raise OtherJurisdiction(f"{pack} is a pack of {theirs}; the unit complained of lies in {here}")
        return pin_to(pack, known_on)

    def level(self, unit: str) -> UnitLevel:
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

    def with_below(self, code: str) -> tuple[str, ...]:
        """Return the codes of the unit *code* and of every unit below it; `OrganisationError` if there is no such unit."""
        self.unit(code)
        return tuple(one.code for one in self.unit_list if code == one.code or self.is_superior(code, one.code))

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

    def route(self, categories: Sequence[str], unit: str, **narrowing: Unpack[Narrowing]) -> Assignment:
        """
        Return who handles a complaint of *categories* (the main one first) at *unit*.

        The department that handles the main category takes it, at *unit* or else at the nearest unit above. A suspected
        violation comes before any category (R031); without a category customer service takes it. What was sold through a
        *sales_channel* with a department of its own goes there (R030), what a unit above centralises goes up to it (R018,
        R027), and nobody below the level *at_least* takes it (R018, R145). Nobody in *excluded* is chosen (direct interest,
        art. 17, R107): the deputy steps in, then the next unit above. `OrganisationError` when nobody is left.
        """
        found = choose(tuple(self.chain(unit)), main_matter(categories), narrowing)
        if found is None:
            raise OrganisationError(
                "nobody without a direct interest is left to coordinate; assign the complaint by hand"
            )
        return found

    def share_out(self, categories: Sequence[str], unit: str, **narrowing: Unpack[Narrowing]) -> dict[str, Assignment]:
        """
        Return who takes each category of a complaint at *unit*, the main one first (R103); errors as for `route`.

        What was sold has no share of its own beside a suspected violation: it goes with it (R030, R031).
        """
        return {matter: self.route((matter,), unit, **narrowing) for matter in separate_matters(categories)}

    def settled_by_customer_service(self, categories: Sequence[str], unit: str, **narrowing: Unpack[Narrowing]) -> bool:
        """
        Return whether customer service settles *categories* at *unit* without another department (R019, R124).

        A suspected violation never; what is not yet classified is with customer service until somebody says otherwise.
        """
        if VIOLATION in categories:
            return False
        shares = self.share_out(categories, unit, **narrowing).values() or [self.route((), unit, **narrowing)]
        return all(self.departments[share.department].kind == "customer_service" for share in shares)

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON (RFC 8785) of the organisation."""
        content = self.model_dump(mode="json", by_alias=True)
        for unit in content["units"]:
            if unit["jurisdiction"] is None:  # So that data written before there were several keep their hash.
                del unit["jurisdiction"]
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def refuse_unknown_rules(organisation: Organisation) -> None:
    """Raise `OrganisationError` unless the rules and the jurisdictions that *organisation* names are published here."""
    statutes = {pack.jurisdiction for pack in map(rule_pack, pack_names()) if pack.layer == "statute"}
    for at, unit in enumerate(organisation.unit_list):
        if unit.jurisdiction and unit.jurisdiction not in statutes:
            known = ", ".join(sorted(statutes))
            raise OrganisationError(f"units.{at}.jurisdiction: no statute of {unit.jurisdiction} is here; of {known}")
    if organisation.rules is None:
        return
    try:
        pack = rule_pack(organisation.rules)
    except PackError as error:
        raise OrganisationError(f"rules: {error}") from error
    if pack.extends is None:
        raise OrganisationError(f"rules: {pack.pack} extends no statute; leave it out for the statute alone")


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

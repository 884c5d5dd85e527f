"""What an organisation is made of: levels, units, departments, people and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from models.identifiers import DepartmentCode, Jurisdiction, PersonId, UnitCode
from models.vocabulary import Category
from rulebook.offices import DepartmentKind, Role, UnitLevel
from rulebook.scalars import Line

LEVELS_ZH: Mapping[UnitLevel, str] = {
    "head_office": "总公司",
    "province": "省级分公司",
    "city": "地市级机构",
    "county": "县级机构",
}
"""The levels as people read them, highest first."""

Matter = Category | Literal["suspected_violation"]
"""What a department handles: one of the thirteen categories, or suspected violations by sales staff (R031)."""

MATTERS: tuple[Matter, ...] = (*get_args(Category), "suspected_violation")
"""Everything that must be routed somewhere."""


class OrganisationPart(BaseModel):
    """Unchangeable, without unknown fields, and silent about its values when it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Department(OrganisationPart):
    """A department of a unit, with the matters it handles and its one coordinator (投诉处理协调员, R037)."""

    code: DepartmentCode
    name: Line
    kind: DepartmentKind
    handles: tuple[Matter, ...] = ()
    coordinator: PersonId
    deputy: PersonId | None = None


class Unit(OrganisationPart):
    """
    A unit of the insurer; every unit but the head office has a *parent*.

    *centralises* are the matters that it takes over from every unit below it (R018, R027). *jurisdiction* is whose law
    its complaints follow, and those of every unit below it that names no other; None is the parent's.
    """

    code: UnitCode
    name: Line
    level: UnitLevel
    parent: UnitCode | None = None
    centralises: tuple[Matter, ...] = ()
    jurisdiction: Jurisdiction | None = None
    departments: tuple[Department, ...]


class Person(OrganisationPart):
    """A member of staff: an opaque id for the record, a name for the screen."""

    id: PersonId
    name: Line = Field(json_schema_extra={"personal": True})
    unit: UnitCode
    department: DepartmentCode
    roles: tuple[Role, ...] = ()

"""
Who takes a matter: the rules by which it finds its unit, its department and somebody without an interest.

Only the units in question come in, the nearest first: what stands above what, `models.organisation` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

from models.organisation_parts import LEVELS_ZH, Department, Unit
from models.vocabulary import SalesChannel
from rulebook.offices import DepartmentKind, UnitLevel

LEVELS: tuple[UnitLevel, ...] = tuple(LEVELS_ZH)
"""The levels, highest first."""

VIOLATION = "suspected_violation"
"""What comes before every category, and takes what was sold along with it (R031)."""

SOLD = frozenset({"selling", "sales_service"})
"""What the department that sold the policy answers for, unless a violation is suspected (R030)."""

SELLERS: Mapping[SalesChannel | None, DepartmentKind] = {
    "personal_agent": "personal_sales",
    "group": "group_sales",
    "bank": "bank_sales",
    "telephone": "phone_sales",
}
"""The sales department of each way of selling that has one (R030)."""


class Assignment(NamedTuple):
    """Who takes a complaint, and the one sentence that says why."""

    unit: str
    department: str
    coordinator: str
    reason: str


class Narrowing(TypedDict, total=False):
    """
    What narrows the choice of who takes a matter.

    Nobody in *excluded* is chosen (art. 17, R107), no unit below the level *at_least* (R018, R145); *sales_channel* tells
    which sales department sold (R030).
    """

    excluded: frozenset[str]
    at_least: UnitLevel | None
    sales_channel: SalesChannel | None


class _Candidate(NamedTuple):
    unit: Unit
    department: Department
    person: str


def main_matter(categories: Sequence[str]) -> str | None:
    """Return what decides on the department: a suspected violation, else the first category, else None (R031, R106)."""
    return VIOLATION if VIOLATION in categories else next(iter(categories), None)


def separate_matters(categories: Sequence[str]) -> tuple[str, ...]:
    """
    Return what is worked on apart from one another, the main matter first (R103).

    With a suspected violation what was sold is no matter of its own: the sales department, which handles non-violation
    complaints only, would verify what its own people are suspected of (R030, R031).
    """
    if VIOLATION not in categories:
        return tuple(dict.fromkeys(categories))
    others = (one for one in dict.fromkeys(categories) if one != VIOLATION and one not in SOLD)
    return (VIOLATION, *others)


def choose(line: Sequence[Unit], matter: str | None, narrowing: Narrowing) -> Assignment | None:
    """
    Return who takes *matter* (None: not yet classified) in *line*, a unit and all above it; None if nobody may.

    What is centralised goes up to the highest unit that centralises it. From there upwards the nearest department takes it:
    the one that sold, if that is known and asked for, else the one that handles the matter. In a department the coordinator
    comes before the deputy.
    """
    able, steps = _able(line, matter, narrowing.get("at_least"))
    excluded = narrowing.get("excluded", frozenset())
    for kind, why in _ways(matter, narrowing.get("sales_channel")):
        for here, department, person in _candidates(able, matter, kind):
            if person in excluded:
                continue
            detour = [f"nearest unit above {able[0].code} that can"] if here is not able[0] else []
            deputy = ["deputy, because the coordinator has a direct interest"] if person == department.deputy else []
            return Assignment(here.code, department.code, person, "; ".join((why, *steps, *detour, *deputy)))
    return None


def _able(line: Sequence[Unit], matter: str | None, at_least: UnitLevel | None) -> tuple[Sequence[Unit], list[str]]:
    """Return the units of *line* that may take *matter*, and a few words for each reason why the lowest may not."""
    able, steps = line, []
    central = max((at for at, unit in enumerate(line) if matter in unit.centralises), default=0)
    if central:
        able = line[central:]
        steps.append(f"centralised at {able[0].code}")
    if at_least and _below(able[0], at_least):
        able = [unit for unit in able if not _below(unit, at_least)]
        steps.append(f"no unit below the level {at_least} may handle it")
    return able, steps


def _below(unit: Unit, level: UnitLevel) -> bool:
    return LEVELS.index(unit.level) > LEVELS.index(level)


def _ways(matter: str | None, channel: SalesChannel | None) -> Iterator[tuple[DepartmentKind | None, str]]:
    """Yield the kinds of departments to ask, None for whichever handles the matter, each with its reason."""
    if matter is None:
        yield "customer_service", "not yet classified: customer service"
        return
    seller = SELLERS.get(channel) if matter in SOLD else None
    if seller is None:
        yield None, f"handles {matter}"
        return
    yield seller, f"{matter}, sold by {channel}: {seller}"
    yield None, f"handles {matter}, because nobody of {seller} can"


def _candidates(able: Sequence[Unit], matter: str | None, kind: DepartmentKind | None) -> Iterator[_Candidate]:
    for unit in able:
        for department in unit.departments:
            if department.kind == kind if kind else matter in department.handles:
                for person in (department.coordinator, department.deputy):
                    if person:
                        yield _Candidate(unit, department, person)

"""Who acts on a complaint, and what the organisation data says of them at that moment."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.organisation import Organisation

ADOPTERS = "a notice is adopted by head office: its consumer protection, its customer service or its auditors"
"""Who may adopt a notice, as who may not is told."""

PUBLISHERS = "figures are published by customer service or consumer protection of the unit or of one above it"
"""Who may publish figures and import what they are set against, as who may not is told."""

TEACHERS = (
    "typical cases are told by customer service or consumer protection of the unit of the case or of one above it"
)
"""Who may choose, revise and withdraw a typical case, as who may not is told."""

MENDERS = (
    "customer service, consumer protection or an auditor of the unit of a rectification, or of one above it, does this"
)
"""Who may open a rectification, link complaints to it and close it, as who may not is told."""

FOLLOWERS = "its owner, or somebody of the unit of the rectification or of one above it, says what has been done"
"""Who may write down how a rectification goes on, as who may not is told."""


RECOVERERS = (
    "customer service, handlers, consumer protection or auditors of its unit, or of one above, bring a complaint back"
)
"""Who may bring back a complaint whose workflow was ended, as who may not is told."""


class Actor(BaseModel):
    """
    A person as seen from the unit that handles a complaint.

    *approves* is the ground on which the person may approve an extension for that unit (art. 18(1)), *superior* whether the
    person's unit stands above it (art. 20), *concerned* whether it is that unit, the one complained of, or above one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    unit: str
    level: str
    department: str
    roles: frozenset[str]
    approves: Literal["superior_institution", "head_office_senior_manager"] | None
    superior: bool
    concerned: bool
    department_kind: str = ""

    @property
    def adopts_calendars(self) -> bool:
        """Whether the person may have complaints adopt a notice about working days."""
        return self.level == "head_office" and self.has("consumer_protection", "customer_service", "auditor")

    @property
    def publishes_figures(self) -> bool:
        """Whether the person may publish the figures of the unit from which he or she is seen (R181)."""
        return self.concerned and self.department_kind in {"customer_service", "consumer_protection"}

    @property
    def teaches(self) -> bool:
        """Whether the person may tell a typical case of the unit from which he or she is seen (R015, R200)."""
        return self.publishes_figures

    @property
    def mends(self) -> bool:
        """Whether the person may open, link and close a rectification of the unit from which he or she is seen (R199)."""
        return self.publishes_figures or (self.concerned and self.has("auditor"))

    @property
    def recovers(self) -> bool:
        """Whether the person may have a complaint of the unit from which he or she is seen go on from its record."""
        return self.concerned and self.has("customer_service", "handler", "consumer_protection", "auditor")

    @property
    def imports(self) -> bool:
        """Whether the person may have complaints taken over from another system, with what is told of their past."""
        return self.level == "head_office" and self.has("consumer_protection", "customer_service")

    def has(self, *roles: str) -> bool:
        """Return whether the person has at least one of *roles*."""
        return bool(self.roles.intersection(roles))


def actor(organisation: Organisation, person: str, handling_unit: str, respondent: str) -> Actor | None:
    """
    Return *person* as seen from *handling_unit*, in a complaint about the unit *respondent*.

    None when the organisation data knows no such person.
    """
    if (known := organisation.people.get(person)) is None:
        return None
    level = organisation.level(known.unit)
    return Actor(
        id=known.id,
        unit=known.unit,
        level=level,
        department=known.department,
        department_kind=organisation.departments[known.department].kind,
        roles=frozenset(known.roles),
        approves=organisation.may_approve_extension(
            known.id, handling_unit if handling_unit in organisation.units else known.unit
        ),
        superior=_above(organisation, known.unit, handling_unit),
        concerned=any(
            known.unit == unit or _above(organisation, known.unit, unit) for unit in (handling_unit, respondent)
        ),
    )


def _above(organisation: Organisation, upper: str, lower: str) -> bool:
    # A complaint may name a unit that the organisation data lacks; the head office stands above that too.
    if lower not in organisation.units:
        return organisation.level(upper) == "head_office"
    return organisation.is_superior(upper, lower)

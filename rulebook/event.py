"""What every event is, and the words that events share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, Strict, model_serializer

from rulebook.scalars import Instant, Word

SYSTEM = "system"
"""The actor of everything the machine does by itself."""

NoticeKind = Literal[
    "receipt",
    "extension",
    "pause",
    "facts_added",
    "decision",
    "late",
    "withdrawal",
    "refusal",
    "merge",
    "review_decision",
    "material",
    "progress",
    "final_opinion",
    "holding",
    "resolution",
]
"""What a notice to the complainant is about; every kind has a template."""

Level = Literal["coordinator", "department_head", "customer_service_head", "general_manager", "superior", "committee"]
"""Whom a reminder slip (催办单) goes to: from the coordinator up the levels of the organisation (R105)."""

ContactPart = Literal["phone", "email", "address", "preferred"]
"""One of the ways by which a complainant is reached, or which of them the complainant prefers (联系方式, art. 13)."""

Complexity = Literal["simple", "complex"]
"""情况清楚、争议简单 or 情况复杂 (art. 18(1)): it chooses between 15 and 30 natural days."""

Liability = Literal["responsible", "non_responsible", "litigation"]
"""有责 / 无责 / 转诉讼 (R142)."""

PauseGround = Annotated[str, Strict(), Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""
The name under which a pack leaves time out, such as ``mediation``: nothing else stops its clock.

In Order 2020 No. 3 these are ``external_appraisal`` (鉴定、检测、评估, art. 18(2)) and ``mediation`` (调解, art. 23).
"""


class Event(BaseModel):
    """
    A fact in the life of a complaint.

    *at* is the legal instant, *recorded_at* the instant at which the system learned of it, *by* the id of the person who
    answers for it, or ``system``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    added: ClassVar[frozenset[str]] = frozenset()
    """Fields that a later version gave this event: left out of its JSON at their default, so no recorded hash changes."""

    at: Instant
    recorded_at: Instant
    by: Word = SYSTEM

    @model_serializer(mode="wrap")
    def _without_what_was_added(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = serialize(self)
        for name in self.added:
            if getattr(self, name) == type(self).model_fields[name].default:
                del content[name]
        return content

    def qualifier(self) -> str | None:
        """Return what distinguishes this event from others of its type in a pack, or None."""
        return None

    @property
    def names(self) -> frozenset[str]:
        """The names by which a pack can refer to it: its type, and its type with its qualifier if it has one."""
        kind, qualifier = str(type(self).model_fields["type"].default), self.qualifier()
        return frozenset({kind, f"{kind}.{qualifier}"} if qualifier else {kind})

    def facts(self) -> Mapping[str, str]:
        """Return the facts that a pack's conditions may read from now on."""
        return {}

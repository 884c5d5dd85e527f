"""
The ids and codes of complaints and of the organisation, each with its one rule.

Lines, texts, instants and whatever else shapes are made of stand in `rulebook.scalars`.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, Strict
from pydantic_core import PydanticCustomError

_RESIDENT_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_MOBILE_IN_TEXT = re.compile(rf"(?<!\d){_MOBILE.pattern}(?!\d)")


def holds_personal_number(text: str) -> bool:
    """Return whether *text* has something of the form of an identity or a mobile number."""
    return bool(_RESIDENT_ID.search(text) or _MOBILE_IN_TEXT.search(text))


def _opaque(value: str) -> str:
    if _RESIDENT_ID.search(value) or _MOBILE.fullmatch(value):
        raise PydanticCustomError(
            "personal_identifier", "an id must be opaque: this one looks like an identity or mobile number"
        )
    return value


ComplaintId = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$"), AfterValidator(_opaque)]
"""An opaque complaint id: it is part of the workflow id and visible to operators, so it may name nobody."""

PersonId = Annotated[str, Strict(), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$"), AfterValidator(_opaque)]
"""The opaque id of a member of staff in the organisation data, such as ``p-gd-kf-01``."""

UnitCode = Annotated[str, Strict(), Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""The code of a unit in the organisation data, such as ``gd-sz``."""

DepartmentCode = Annotated[str, Strict(), Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
"""The code of a department, unique in the organisation, such as ``gd-sz-kf``."""

Jurisdiction = Annotated[str, Strict(), Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,8})?$")]
"""The code of a jurisdiction as rule packs name it, such as ``CN`` or ``US-CA`` (ISO 3166)."""

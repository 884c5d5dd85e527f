"""The scalar values that complaint and organisation data are made of, each with its one rule."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints
from pydantic_core import PydanticCustomError

_RESIDENT_ID = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_MOBILE_IN_TEXT = re.compile(rf"(?<!\d){_MOBILE.pattern}(?!\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def holds_personal_number(text: str) -> bool:
    """Return whether *text* has something of the form of an identity or a mobile number."""
    return bool(_RESIDENT_ID.search(text) or _MOBILE_IN_TEXT.search(text))


def _opaque(value: str) -> str:
    if _RESIDENT_ID.search(value) or _MOBILE.fullmatch(value):
        raise PydanticCustomError(
            "personal_identifier", "an id must be opaque: this one looks like an identity or mobile number"
        )
    return value


def _printable(value: str) -> str:
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "must not contain control characters")
    return value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


ComplaintId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$"), AfterValidator(_opaque)]
"""An opaque complaint id: it is part of the workflow id and visible to operators, so it may name nobody."""

PersonId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$"), AfterValidator(_opaque)]
"""The opaque id of a member of staff in the organisation data, such as ``p-gd-kf-01``."""

UnitCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""The code of a unit in the organisation data, such as ``gd-sz``."""

DepartmentCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
"""The code of a department, unique in the organisation, such as ``gd-sz-kf``."""

Jurisdiction = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,8})?$")]
"""The code of a jurisdiction as rule packs name it, such as ``CN`` or ``US-CA`` (ISO 3166)."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""

Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""An instant with a time zone, kept in UTC so that one instant has one form and one hash."""

Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
"""One short line of text."""

Text = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_printable)]
"""Text of any practical length."""

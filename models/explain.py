"""What is wrong with data, in one line and without repeating the data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")

_RULES = {
    "extra_forbidden": "unknown field",
    "missing": "is required",
    "string_pattern_mismatch": "has the wrong form",
    "timezone_aware": "must carry a time zone",
    "union_tag_invalid": "names no kind that there is",
    "string_too_short": "is too short, write at least {min_length} characters",
    "string_too_long": "is too long, write at most {max_length} characters",
}

_FORMS = {
    "complaint_id": "must be 3 to 64 letters, digits, dots, hyphens or underscores, the first one a letter or a digit",
}
"""What a field of a form of its own must look like."""


def explain(error: ValidationError) -> str:
    """
    Return *error* as one line: ``place: rule [type]``, several joined by ``; ``, never with a value.

    The type in brackets is stable and meant for programs, the rule for people.
    """
    items = error.errors(include_url=False, include_input=False)
    return "; ".join(dict.fromkeys(explain_item(item) for item in items))


def explain_item(item: ErrorDetails, *, own: bool = False) -> str:
    """
    Return one error as ``place: rule [type]``; a rule about the whole object has no place.

    *own* says that the data are a file of the house, in which a misspelt field may be named.
    """
    where = place(item["loc"]) if own else place_of(item)
    return f"{where + ': ' if where else ''}{rule(item)} [{item['type']}]"


def rule(item: ErrorDetails) -> str:
    """Return the rule that one error is about, for people and without the value."""
    if item["type"] == "string_pattern_mismatch" and item["loc"] and (form := _FORMS.get(str(item["loc"][-1]))):
        return form
    ours = _RULES.get(item["type"], item["msg"].removeprefix("Value error, "))
    limits = {name: value for name, value in item.get("ctx", {}).items() if name in {"min_length", "max_length"}}
    return ours.format(**limits) if limits else ours


def place_of(item: ErrorDetails) -> str:
    """Return where *item* is wrong; a field that nobody knows becomes ``?``, because its name may be a value."""
    if item["type"] == "extra_forbidden":
        return place((*item["loc"][:-1], "?"))
    return place(item["loc"])


def place(location: Iterable[str | int]) -> str:
    """Return *location* as a dotted path; a key that is not a plain word may be a value, and becomes ``?``."""
    return ".".join(str(key) if isinstance(key, int) or _KEY.fullmatch(key) else "?" for key in location)

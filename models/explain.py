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
}


def explain(error: ValidationError) -> str:
    """
    Return *error* as one line: ``place: rule [type]``, several joined by ``; ``, never with a value.

    The type in brackets is stable and meant for programs, the rule for people.
    """
    items = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(dict.fromkeys(explain_item(item) for item in items))


def explain_item(item: ErrorDetails) -> str:
    """Return one error as ``place: rule [type]``; a rule about the whole object has no place."""
    where = place(item["loc"])
    return f"{where + ': ' if where else ''}{_RULES.get(item['type'], item['msg'])} [{item['type']}]"


def place(location: Iterable[str | int]) -> str:
    """Return *location* as a dotted path; a key that is not a plain word may be a value, and becomes ``?``."""
    return ".".join(str(key) if isinstance(key, int) or _KEY.fullmatch(key) else "?" for key in location)

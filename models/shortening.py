"""
Long texts of recorded events, left out where only the course of a complaint is needed.

A workflow that continues from the record is not given texts of megabytes, which it would have to keep in its history. In the
place of each long text stands a mark that says where the whole is. The record refuses an event that has such a mark, and a
letter is written from the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rulebook.events import Event

LONGEST = 500
"""How many characters a text may have that is not left out: more than any name, reference or piece of evidence has."""

MARK = "\ufdd0"
"""Begins every mark: a code point that Unicode keeps for internal use, so that it stands in nobody's text."""

_PLACE = re.compile(rf"{MARK}(\d+)\.(\w+)(?:\.(\d+))?")


def shortened(event: Event, number: int) -> Event:
    """Return *event*, which is number *number* of the record, with a mark in the place of each text that is too long."""
    changes: dict[str, Any] = {}
    for name, value in event:
        place = f"{MARK}{number}.{name}"
        if isinstance(value, str):
            if len(value) > LONGEST:
                changes[name] = place
        elif isinstance(value, tuple) and any(isinstance(one, str) and len(one) > LONGEST for one in value):
            changes[name] = tuple(
                f"{place}.{position}" if isinstance(one, str) and len(one) > LONGEST else one
                for position, one in enumerate(value)
            )
    return event.model_copy(update=changes) if changes else event


def shortened_in(event: Event) -> bool:
    """Return whether a text of *event* was left out."""
    return any(
        isinstance(one, str) and one.startswith(MARK)
        for _, value in event
        for one in (value if isinstance(value, tuple) else (value,))
    )


def in_full(value: Any, event_number: Callable[[int], Event]) -> Any:
    """Return *value*, of dicts, lists and texts, with each mark replaced by the text of the event that it names."""
    if isinstance(value, str):
        place = _PLACE.fullmatch(value)
        return value if place is None else _text(event_number(int(place[1])), place[2], place[3])
    if isinstance(value, dict):
        return {name: in_full(one, event_number) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(in_full(one, event_number) for one in value)
    return value


def _text(event: Event, name: str, position: str | None) -> Any:
    value = getattr(event, name)
    return value if position is None else value[int(position)]

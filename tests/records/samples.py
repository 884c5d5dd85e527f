"""One event of every type, with text and instants of one's choice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args, get_origin

from rulebook import events as ev
from rulebook.calendar import adoption, calendar
from rulebook.scalars import Sha256
from tests.calendars import fictitious


def sample(kind: type[ev.Event], at: datetime, text: str = "说明") -> ev.Event:
    """An event of *kind* at *at*, with *text* in every free field that has no default."""
    values: dict[str, Any] = {"at": at, "recorded_at": at}
    if kind is ev.CalendarAdopted:
        values |= adoption(calendar("cn"), fictitious(date(2026, 11, 20)))
    if kind is ev.ClockPaused:
        values["ground"] = "mediation"  # A name of a pack, which no free text can be.
    for name, field in kind.model_fields.items():
        if field.is_required() and name not in values:
            values[name] = _value(field.annotation, at, text)
    return kind(**values)


def _value(annotation: Any, at: datetime, text: str) -> Any:
    plain = {str: text, datetime: at, date: at.date(), int: 1, bool: True}
    if annotation in plain:
        return plain[annotation]
    if annotation is Sha256 or get_origin(annotation) is Annotated:
        return "0" * 64 if annotation is Sha256 else _value(get_args(annotation)[0], at, text)
    if get_origin(annotation) is tuple:
        return (_value(get_args(annotation)[0], at, text),)
    options = get_args(annotation)
    return options[0] if get_origin(annotation) is Literal else _value(options[0], at, text)

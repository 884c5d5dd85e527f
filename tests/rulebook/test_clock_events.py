"""Every event type, also one that is added tomorrow: round trip, frozen, strict, aware, and silent about what it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from rulebook import events as ev
from rulebook.calendar import adoption, calendar
from rulebook.pack_checks import EVENT_NAMES, FACTS, QUALIFIERS
from rulebook.scalars import Sha256
from tests.calendars import fictitious

SECRET = "zhang-san-13800000000"
WHEN = datetime(2026, 3, 2, 2, tzinfo=UTC)
EVERY = pytest.mark.parametrize("kind", ev.EVENT_TYPES, ids=lambda kind: kind.__name__)


def sample(annotation: Any) -> Any:
    """Return a value for a field, whatever its type."""
    if annotation is str or annotation == str | None or annotation is Sha256:
        return "0" * 64 if annotation is Sha256 else SECRET
    if get_origin(annotation) is Literal:
        return get_args(annotation)[-1]  # Hardly ever the default, which the JSON may leave out.
    if get_origin(annotation) is tuple:
        return (sample(get_args(annotation)[0]),)
    if get_args(annotation) and datetime not in get_args(annotation):
        return sample(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return fields(annotation)
    return {int: 3, bool: True, date: WHEN.date(), Decimal: Decimal("12.50")}.get(annotation, WHEN)


def fields(model: type[BaseModel]) -> dict[str, Any]:
    """Return a value for every field of *model*."""
    known: dict[str, Any] = {"ground": "mediation"} if model is ev.ClockPaused else {}
    if model is ev.CalendarAdopted:
        known = adoption(calendar("cn"), fictitious(WHEN.date()))
    return {name: known.get(name) or sample(field.annotation) for name, field in model.model_fields.items()}


@EVERY
def test_an_event_read_back_from_its_json_is_the_same_event(kind: type[ev.Event]) -> None:
    event = kind.model_validate(fields(kind))
    stored = ev.event_to_json(event)
    assert stored["type"] == ev.event_type(event)
    assert set(stored) == set(kind.model_fields), "no field may be left out of what is hashed"
    again = ev.event_from_json(stored)
    assert (type(again), again, ev.event_to_json(again)) == (kind, event, stored)


@EVERY
def test_a_field_that_was_added_later_leaves_the_json_of_older_events_as_it_was(kind: type[ev.Event]) -> None:
    """A chain that was hashed before the field existed must still verify."""
    older = {name: value for name, value in fields(kind).items() if name not in kind.added}
    assert kind.added <= kind.model_fields.keys()
    assert set(ev.event_to_json(kind.model_validate(older))) == set(kind.model_fields) - kind.added


@EVERY
def test_an_event_never_changes(kind: type[ev.Event]) -> None:
    event = kind.model_validate(fields(kind))
    with pytest.raises(ValidationError, match="frozen"):
        event.at = WHEN  # type: ignore[misc]  # the type checker knows it too


@EVERY
def test_an_event_refuses_fields_it_does_not_know(kind: type[ev.Event]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted") as refusal:
        kind.model_validate(fields(kind) | {"nickname": SECRET})
    assert SECRET not in str(refusal.value)


@EVERY
@pytest.mark.parametrize("field", ["at", "recorded_at"])
def test_an_event_refuses_an_instant_without_a_zone(kind: type[ev.Event], field: str) -> None:
    with pytest.raises(ValidationError, match="timezone"):
        kind.model_validate(fields(kind) | {field: WHEN.replace(tzinfo=None)})
    with pytest.raises(ValidationError, match="timezone"):
        ev.event_from_json(ev.event_to_json(kind.model_validate(fields(kind))) | {field: "2026-03-02T10:00:00"})


@EVERY
def test_an_event_that_is_refused_does_not_repeat_what_it_was_given(kind: type[ev.Event]) -> None:
    for name in kind.model_fields:
        with pytest.raises(ValidationError) as refusal:
            kind.model_validate(fields(kind) | {name: {SECRET: SECRET}})
        assert SECRET not in str(refusal.value)


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValidationError, match="type"):
        ev.event_from_json({"type": "forgotten", "at": WHEN, "recorded_at": WHEN})


@EVERY
def test_what_an_event_says_of_itself_is_what_packs_may_ask(kind: type[ev.Event]) -> None:
    event = kind.model_validate(fields(kind))
    name, qualifier = ev.event_type(event), event.qualifier()
    assert name in EVENT_NAMES
    if kind is ev.ClockPaused:
        return  # On which ground, the pack's own pauses say.
    assert (qualifier is None) is (name not in QUALIFIERS)
    assert qualifier is None or f"{name}.{qualifier}" in EVENT_NAMES
    for fact, value in event.facts().items():
        assert value in FACTS[fact]


@EVERY
def test_an_event_says_in_its_docstring_what_it_means(kind: type[ev.Event]) -> None:
    assert kind.__doc__
    assert kind.__doc__ != ev.Event.__doc__


def test_no_two_events_share_a_name() -> None:
    names = [kind.model_fields["type"].default for kind in ev.EVENT_TYPES]
    assert len(set(names)) == len(names)

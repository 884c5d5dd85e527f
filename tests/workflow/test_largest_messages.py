"""What a message from outside costs: a workflow that thinks for two seconds is taken for one that hangs."""

from __future__ import annotations

import inspect
import json
import time
from typing import Any, Final

import pytest
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.workflow import _Definition

from engine.converter import Converter
from models import commands as cmd
from models.child import News
from models.commands import Command
from models.explain import explain
from models.opening import Opening
from tests.workflow.refusing import FIELDS
from workflows import WORKFLOWS
from workflows.inbound import MAX_MESSAGE, MAX_VALUES, Malformed, _refuse_many, values_in

SECONDS: Final = 1.0
"""Of processor time; the SDK gives a workflow two seconds."""


def kinds() -> set[type[Any]]:
    """Return what the updates and signals of all workflows take, by the closures that decode it."""
    found: set[type[Any]] = {Opening, News}
    for one in WORKFLOWS:
        told = _Definition.must_from_class(one)
        handlers = [update.fn for update in told.updates.values()] + [signal.fn for signal in told.signals.values()]
        for handler in handlers:
            if kind := inspect.getclosurevars(handler).nonlocals.get("kind"):
                found.add(kind)
    return found


def worst(field: str) -> dict[str, bytes]:
    """Return what takes longest of what is let through: as many values as there may be, and as long a text."""
    values: dict[str, Any] = {
        "names": {f"k{number}": 1 for number in range(MAX_VALUES - 5)},
        "lists": {field: [[]] * (MAX_VALUES // 2 - 5)},
        "objects": {field: [{}] * (MAX_VALUES // 2 - 5)},
        "unseen": {field: "\u200b" * (MAX_MESSAGE // 3 - 50)},
        "breaks": {field: "\r\n" * (MAX_MESSAGE // 4 - 50)},
        "digits": {field: "1" * (MAX_MESSAGE - 50)},
    }
    return {name: json.dumps(value, ensure_ascii=False).encode() for name, value in values.items()}


def seconds(kind: type[Any], data: bytes) -> float:
    """Return the processor time that it takes to look at *data* and to say what is wrong with it."""
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    begun = time.process_time()
    _refuse_many([RawValue(payload)], MAX_VALUES)
    with pytest.raises(ValidationError) as refused:
        Converter().from_payload(payload, kind)
    assert explain(refused.value)
    return time.process_time() - begun


def test_the_worst_decision_is_turned_away_in_time() -> None:
    taken = {name: seconds(cmd.Decide, data) for name, data in worst("reasons").items()}
    assert max(taken.values()) < SECONDS, taken


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(kinds(), key=str), ids=lambda kind: kind.__qualname__)
def test_the_worst_of_every_message_is_turned_away_in_time(kind: type[Any]) -> None:
    for field in list(kind.model_fields):
        taken = {name: seconds(kind, data) for name, data in worst(field).items()}
        assert max(taken.values()) < SECONDS, (field, taken)


@pytest.mark.parametrize("data", [b'{"id": [' + b"[]," * 300_000 + b"[]]}", b"[" * 900_000, b'["' + b'","' * 300_000])
def test_a_message_with_more_values_than_any_of_ours_is_refused_unread(data: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(Malformed, match="the argument holds more than 10,000 values"):
        _refuse_many([RawValue(Payload(data=data))], MAX_VALUES)
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    ("data", "count"),
    [
        pytest.param(b"{}", 2, id="nothing"),
        pytest.param(rb'{"a,[{": "x\",,,[\\", "b": [1, 2]}', 5, id="marks within texts"),
        pytest.param(b'"' + rb"\"," * 400_000, 1, id="a text that never ends"),
        pytest.param(b'"' + b"," * 400_000 + b"\\", 1, id="a text cut off in an escape"),
        pytest.param(b"\xff,\xff", 2, id="no text at all"),
    ],
)
def test_values_are_counted_outside_of_texts(data: bytes, count: int) -> None:
    begun = time.process_time()
    assert values_in(data) == count
    assert time.process_time() - begun < SECONDS


def test_every_command_of_ours_is_far_within() -> None:
    assert kinds() >= {kind for kind in FIELDS if issubclass(kind, Command)}
    most = max(values_in(json.dumps(fields, default=str).encode()) for fields in FIELDS.values())
    assert most * 100 < MAX_VALUES

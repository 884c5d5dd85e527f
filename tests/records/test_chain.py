"""The chain: what is written down comes back as it was, and no change to it goes unnoticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.ledger_chain import GENESIS, event_of, faults, link, pin_of, row_hash
from models.canonical import canonical, digest, digest_text
from models.tables import EventRow
from rulebook import events as ev
from tests.records.parts import PIN, story
from tests.records.samples import sample
from tests.rulebook.helpers import on

NOON = on("Mon 2026-03-02 12:00")


def chained(events: list[ev.Event]) -> list[EventRow]:
    rows: list[EventRow] = []
    for seq, event in enumerate(events, start=1):
        rows.append(link("C-1", seq, event, PIN, rows[-1].hash if rows else GENESIS))
    return rows


@pytest.mark.parametrize("kind", ev.EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_every_event_comes_back_as_it_was_written_down(kind: type[ev.Event]) -> None:
    event = sample(kind, NOON)
    (row,) = chained([event])
    assert event_of(row) == event
    assert (row.type, row.at, row.by) == (ev.event_type(event), event.at, event.by)
    assert pin_of(row) == PIN
    assert list(faults([row])) == []


instants = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))]),
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff"))
events = st.builds(sample, st.sampled_from(ev.EVENT_TYPES), instants, texts)


@given(st.lists(events, min_size=1, max_size=6))
def test_any_history_comes_back_and_its_chain_is_whole(history: list[ev.Event]) -> None:
    rows = chained(history)
    assert [event_of(row) for row in rows] == history
    assert list(faults(rows)) == []


def changed(value: Any) -> Any:
    if isinstance(value, str):
        return f"{value} "
    return value + (timedelta(microseconds=1) if isinstance(value, datetime) else 1)


@pytest.mark.parametrize("column", sorted(EventRow.model_fields))
@given(data=st.data())
def test_a_change_to_any_column_of_any_row_is_found(column: str, data: st.DataObject) -> None:
    rows = chained(story())
    row = data.draw(st.sampled_from(rows))
    seq = row.seq
    setattr(row, column, changed(getattr(row, column)))
    found = list(faults(rows))
    assert any(line.startswith((f"seq {seq}: ", f"seq {seq + 1}: ")) for line in found)


def test_a_forged_row_is_found_at_the_row_after_it() -> None:
    """Somebody who computes the forged row's own hashes anew does not get past the next row."""
    rows = chained(story())
    forged = story()[2].model_copy(update={"reason": "另一理由"})
    rows[2] = link("C-1", 3, forged, PIN, rows[1].hash)
    assert list(faults(rows)) == ["seq 4: it is not bound to the row before it"]


def test_a_row_of_another_case_is_found() -> None:
    """A link says which case it belongs to."""
    (own,) = chained(story()[:1])
    own.complaint_id = "C-2"
    assert list(faults([own])) == ["seq 1: the row was changed, its hash does not fit"]


def test_a_struck_out_body_leaves_the_rest_of_the_chain_provable() -> None:
    """Only the body's own line appears: every other column is bound through the body's hash, which stays."""
    rows = chained(story())
    rows[2].body = ""
    assert list(faults(rows)) == ["seq 3: the body was changed, its hash does not fit"]


def test_a_body_that_is_no_event_is_named_and_not_quoted() -> None:
    """Hashes that fit do not make an event of what is none."""
    (row,) = chained(story()[:1])
    row.body = canonical({"type": "received", "name": "secret"})
    row.body_hash = digest_text(row.body)
    row.hash = row_hash(row)
    assert list(faults([row])) == ["seq 1: the body is not an event that this code knows"]


def test_a_column_that_contradicts_the_body_is_named() -> None:
    """The columns are for questions; the body is what was recorded."""
    (row,) = chained(story()[:1])
    row.by = "p-9"
    row.hash = row_hash(row)
    assert list(faults([row])) == ["seq 1: by differs from the body"]


def test_the_hash_of_a_value_is_that_of_its_canonical_json() -> None:
    """Key order and form of numbers do not matter (RFC 8785); the expected text was hashed by another tool."""
    assert canonical({"b": 1.0, "a": "理"}) == '{"a":"理","b":1}'
    assert digest({"b": 1, "a": []}) == "1c8f8816506a8ccbc55140d8a7bb70214a8942c7030fc0fc2914cec675cd1c15"


@pytest.mark.parametrize("value", [float("nan"), 2**60, {"secret": object()}], ids=["nan", "big", "object"])
def test_a_value_without_canonical_form_is_refused_and_not_quoted(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^the value has no canonical JSON form: \w+$"):
        canonical(value)

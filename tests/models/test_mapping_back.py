"""A mapping read the other way: what the cells would hold for a value, and whether a row says what is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from models.mapping import ColumnMapping
from models.source import MappingError, Source

CHINA = {"format": "%Y-%m-%d %H:%M", "time_zone": "Asia/Shanghai"}


def source(**facts: Any) -> Source:
    return Source.model_validate(facts)


@pytest.mark.parametrize(
    ("one", "value", "cells"),
    [
        pytest.param(source(column="c"), "x", {"c": "x"}, id="as it is"),
        pytest.param(source(column="c", prefix="OLD-"), "OLD-7", {"c": "7"}, id="prefix"),
        pytest.param(source(column="c", values={"电话": "phone"}), "phone", {"c": "电话"}, id="translated"),
        pytest.param(
            source(column="c", split=";", values={"甲": "a", "乙": "b"}), ["a", "b"], {"c": "甲;乙"}, id="list"
        ),
        pytest.param(source(column="c", **CHINA), "2026-03-01T18:30:00Z", {"c": "2026-03-02 02:30"}, id="instant"),
        pytest.param(source(column="c", format="%d.%m.%Y"), "2026-03-02", {"c": "02.03.2026"}, id="day"),
        pytest.param(
            source(columns=["d", "t"], **CHINA), "2026-03-02T02:05:00Z", {"d": "2026-03-02", "t": "10:05"}, id="joined"
        ),
        pytest.param(source(column="c", default="other"), "other", {"c": ""}, id="default"),
        pytest.param(source(column="c"), None, {"c": ""}, id="nothing"),
        pytest.param(source(const="person"), "person", {}, id="constant"),
    ],
)
def test_what_is_written_back_is_read_as_the_same(one: Source, value: Any, cells: dict[str, str]) -> None:
    assert one.cells(value) == cells
    assert one.same(one.value(cells), value)


@pytest.mark.parametrize(
    ("one", "value"),
    [
        pytest.param(source(column="c", values={"电话": "phone"}), "visit", id="no word for it"),
        pytest.param(source(column="c", prefix="OLD-"), "NEW-7", id="another prefix"),
        pytest.param(source(column="c"), ["a", "b"], id="a list"),
    ],
)
def test_what_no_cell_can_say_is_refused_without_the_value(one: Source, value: Any) -> None:
    with pytest.raises(MappingError) as refused:
        one.cells(value)
    assert str(value) not in str(refused.value)


def test_a_row_says_the_same_to_the_precision_of_its_format_and_not_beyond() -> None:
    """A table that knows minutes agrees with a record that knows seconds; another minute is another instant."""
    one = source(column="c", **CHINA)
    given = one.value({"c": "2026-03-02 10:05"})
    assert one.same(given, "2026-03-02T02:05:59Z")
    assert not one.same(given, "2026-03-02T02:06:00Z")
    assert not one.same(given, None)


def mapping(**facts: Any) -> dict[str, Any]:
    return {
        "fields": {"complaint_id": {"column": "n"}},
        "events": [{"event": "withdrawn", "when": "w", "fields": {"at": {"column": "w"}, "reason": {"column": "r"}}}],
        **facts,
    }


def test_a_row_tells_a_complaint_an_event_or_both() -> None:
    both = ColumnMapping.model_validate(mapping())
    told = both.told({"n": "C-1", "w": "2026-03-02T10:00:00+08:00", "r": "已和解"}, 2)
    assert (told.complaint_id, told.intake) == ("C-1", {"complaint_id": "C-1"})
    assert told.events == ({"type": "withdrawn", "at": "2026-03-02T10:00:00+08:00", "reason": "已和解"},)
    assert both.told({"n": "C-1", "w": "", "r": ""}, 3).events == ()
    apart = ColumnMapping.model_validate(mapping(where={"r": "receipt"}))
    assert apart.told({"n": "C-1", "w": "x", "r": ""}, 2).intake is None
    with pytest.raises(MappingError, match="row 3: tells neither of a complaint nor of an event"):
        apart.told({"n": "C-1", "w": "", "r": ""}, 3)
    assert both.ordered == ("n", "w", "r")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"events": [{"event": "exploded", "fields": {"at": {"column": "w"}}}]}, "unknown_event"),
        ({"events": [{"event": "withdrawn", "fields": {"reason": {"column": "w"}}}]}, "at_missing"),
        ({"events": [{"event": "withdrawn", "fields": {"at": {"column": "w"}, "mood": {"column": "r"}}}]}, "unknown_target"),
        ({"fields": {"facts": {"column": "f"}}}, "complaint_id_missing"),
    ],
)  # fmt: skip
def test_a_mapping_of_events_that_makes_no_sense_is_refused(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        ColumnMapping.model_validate(mapping(**change))

"""Rows of somebody's file become closed complaints, or say which rule they break, and never with what value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.settings import ROOT
from models.closed import CaseReader, ClosedMapping, Rejection, plain_mapping, read_closed_mapping
from models.source import MappingError
from rulebook.what_if import Facts
from rulebook.what_if_tally import ClosedCase

PLAIN = ("received", "answered", "closed", "complexity", "severity", "route", "unit", "category", "channel")


def read(row: dict[str, str], mapping: ClosedMapping | None = None) -> ClosedCase | Rejection:
    """Return what one row is read as; without *mapping* by columns with the names of the fields."""
    cells = {name: [row.get(name, "")] for name in (mapping.columns if mapping else PLAIN)}
    (found,) = CaseReader(mapping or plain_mapping(PLAIN)).read(cells, 1)
    return found


def test_days_are_days_and_instants_are_instants() -> None:
    days = read({"received": "2026-03-02", "answered": "2026-03-05", "closed": "2026-03-09"})
    assert isinstance(days, ClosedCase)
    assert days[:3] == (date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 9))
    instants = read({"received": "2026-03-02T10:00:00+08:00", "closed": "2026-03-02T03:00:00Z"})
    assert isinstance(instants, ClosedCase)
    assert instants.received == datetime(2026, 3, 2, 2, tzinfo=UTC)


def test_of_answer_and_closure_one_is_enough() -> None:
    for name in ("answered", "closed"):
        found = read({"received": "2026-03-02", name: "2026-03-05"})
        assert isinstance(found, ClosedCase)
        assert found.answered == found.closed == date(2026, 3, 5)


def test_what_else_is_known_is_kept() -> None:
    known = {"complexity": "complex", "severity": "major", "route": "departments", "unit": "gd", "channel": "phone"}
    found = read({"received": "2026-03-02", "closed": "2026-03-05", **known})
    assert isinstance(found, ClosedCase)
    assert found.facts == Facts("complex", "major", "departments")
    assert found.names == ("gd", None, "phone")


GOOD = {"received": "2026-03-02", "answered": "2026-03-05"}


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        ({"received": ""}, "Missing", "received: is empty"),
        ({"answered": ""}, "Missing", "answered, closed: are both empty, the complaint is not over"),
        ({"received": "secret"}, "Unreadable", "received: is neither a day such as 2026-03-02 nor an instant"),
        ({"answered": "2026-02-30"}, "Unreadable", "answered: is neither a day such as 2026-03-02 nor an instant"),
        ({"closed": "2026-03-05 10:00"}, "Unreadable", "closed: has no offset, and the mapping names no time_zone"),
        ({"received": "0026-03-02"}, "OutOfRange", "received: lies outside the years 1900 to 2200"),
        (
            {"answered": "2026-03-05T10:00:00Z"},
            "Mixed",
            "received, answered and closed must all be days, or all be instants",
        ),
        ({"answered": "2026-03-01"}, "BeforeReceipt", "answered: lies before received"),
        ({"closed": "2026-03-01"}, "BeforeReceipt", "closed: lies before received"),
        ({"complexity": "secret"}, "UnknownValue", "complexity: must be simple or complex"),
        ({"severity": "secret"}, "UnknownValue", "severity: must be general or important or major"),
        ({"route": "secret"}, "UnknownValue", "route: must be customer_service or departments"),
    ],
)
def test_a_row_that_breaks_a_rule_says_which(row: dict[str, str], code: str, reason: str) -> None:
    assert read({**GOOD, **row}) == Rejection(code, reason)  # type: ignore[arg-type]


def test_an_instant_before_the_receipt_is_found_in_the_hour_that_strikes_twice() -> None:
    """01:30 comes twice on that night in London, and 01:40+01:00 is the earlier."""
    row = {"received": "2026-10-25T01:30:00+00:00", "answered": "2026-10-25T01:40:00+01:00"}
    assert read(row) == Rejection("BeforeReceipt", "answered: lies before received")


def mapping(fields: dict[str, Any], **more: Any) -> ClosedMapping:
    return ClosedMapping.model_validate({"fields": fields, **more})


def test_a_mapping_names_columns_formats_zones_and_words() -> None:
    made = mapping(
        {
            "received": {"column": "进线", "format": "%d.%m.%Y %H:%M", "time_zone": "Asia/Shanghai"},
            "closed": {"column": "结案"},
            "complexity": {"column": "类型", "values": {"简": "simple", "繁": "complex"}},
            "channel": {"const": "phone"},
        },
        time_zone="Asia/Shanghai",
    )
    assert made.columns == ("类型", "结案", "进线")
    found = read({"进线": "02.03.2026 10:00", "结案": "2026-03-05 09:30:00", "类型": "繁"}, made)
    assert isinstance(found, ClosedCase)
    assert found.received == datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert found.closed == datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
    assert (found.facts.complexity, found.names[2]) == ("complex", "phone")
    unknown = read({"进线": "02.03.2026 10:00", "结案": "2026-03-05 09:30:00", "类型": "secret"}, made)
    assert unknown == Rejection("Unreadable", "complexity: the mapping does not know this value")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("fields: {closed: {column: a}}", "received is needed"),
        ("fields: {received: {column: a}}", "answered or closed is needed"),
        ("fields: {received: {column: a}, closed: {column: b}, category: {column: c, split: ;}}", "none is split"),
        ("fields: {received: {column: a}, closed: {column: b}, mood: {column: c}}", "mood"),
        ("fields: {received: {column: a}, closed: {column: b}}\ntime_zone: Mars/Base", "no such time zone"),
    ],
)
def test_a_mapping_that_cannot_be_used_names_its_rule(tmp_path: Path, text: str, reason: str) -> None:
    (path := tmp_path / "columns.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=reason):
        read_closed_mapping(path)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (["received", "answered", "answered"], "column answered: appears twice"),
        (["received", "answered", "unit", "unit"], "column unit: appears twice"),
    ],
)
def test_a_header_with_a_needed_column_twice_is_refused(header: list[str], reason: str) -> None:
    with pytest.raises(MappingError, match=reason):
        plain_mapping(header).check_columns(header)


def test_the_mapping_of_the_open_data_of_texas_can_be_used() -> None:
    made = read_closed_mapping(ROOT / "samples/texas-closed.yaml")
    row = {"received_date": "2012-06-12", "closed_date": "2012-07-25", "coverage_type": "Life & Annuity"}
    found = read({**row, "complaint_filed_by": "Relative"}, made)
    day = date(2012, 7, 25)
    names = ("Relative", "Life & Annuity", "regulator")
    assert found == ClosedCase(date(2012, 6, 12), day, day, Facts(), names)

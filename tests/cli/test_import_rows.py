"""Workbooks and JSON lines are read to the same rows as CSV: dates, numbers and empty cells included."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cli.errors import CliError
from cli.import_rows import Line, read_file
from models.source import MappingError

MAPPING = """
fields:
  complaint_id: {column: n, prefix: C-}
  received_at: {columns: [day, hour], format: "%Y-%m-%d %H:%M", time_zone: Asia/Shanghai}
events:
  - event: extension_requested
    when: asked
    fields:
      at: {column: asked, format: "%Y-%m-%d %H:%M", time_zone: Asia/Shanghai}
      days: {column: days}
      reason: {column: agreed}
ignore: [note]
"""
HEADER = ["n", "day", "hour", "asked", "days", "agreed", "note"]
ROWS: list[list[Any]] = [
    [7, datetime(2026, 3, 2), time(9, 5), datetime(2026, 3, 10, 14, 30), 30.0, True, None],  # noqa: DTZ001
    [8, datetime(2026, 3, 3), time(10, 0), None, None, None, "x"],  # noqa: DTZ001
]


def mapping(tmp_path: Path) -> Path:
    file = tmp_path / "mapping.yaml"
    file.write_text(MAPPING, encoding="utf-8")
    return file


def workbook(tmp_path: Path, *rows: list[Any], sheet: str = "数据") -> Path:
    book = Workbook()
    assert book.active is not None
    book.active.append(["another sheet"])
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    book.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def told(lines: tuple[Line, ...]) -> list[Any]:
    return [line.told and (line.number, line.told.intake, line.told.events) for line in lines]


EXPECTED = [
    (
        2,
        {"complaint_id": "C-7", "received_at": "2026-03-02T09:05:00+08:00"},
        (
            {
                "type": "extension_requested",
                "at": "2026-03-10T14:30:00+08:00",
                "days": "30",
                "reason": "true",
            },
        ),
    ),
    (3, {"complaint_id": "C-8", "received_at": "2026-03-03T10:00:00+08:00"}, ()),
]


def test_a_workbook_reads_like_a_csv_file_whatever_its_cells_are(tmp_path: Path) -> None:
    """Dates, instants, hours, numbers and truth are text; formatted but empty columns and rows are nothing."""
    file = workbook(tmp_path, [*HEADER, None, ""], *([*row, None, ""] for row in ROWS), [None] * 9)
    found = read_file(file, mapping(tmp_path), "数据")
    assert told(found.lines) == EXPECTED


def test_flat_json_lines_read_through_the_same_mapping(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [
        {"n": 7, "day": "2026-03-02", "hour": "09:05", "asked": "2026-03-10 14:30", "days": 30, "agreed": True, "note": ""},
        {"n": 8, "day": "2026-03-03", "hour": "10:00", "note": None},
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert told(read_file(file, mapping(tmp_path), None).lines) == [(at - 1, *rest) for at, *rest in EXPECTED]


def test_a_row_that_cannot_be_read_keeps_the_complaint_that_it_names(tmp_path: Path) -> None:
    """So that the complaint is left out whole, and not imported without it."""
    bad = [9, "yesterday", time(9, 5), None, None, None, None]
    (line,) = read_file(workbook(tmp_path, HEADER, bad), mapping(tmp_path), "数据").lines
    assert (line.complaint, line.told) == ("C-9", None)
    assert line.problem is not None
    assert (line.problem.column, line.problem.rule) == ("day + hour", "is not a date of the given format")


def test_equal_content_has_an_equal_digest_and_another_mapping_another(tmp_path: Path) -> None:
    file, one = tmp_path / "a.jsonl", mapping(tmp_path)
    file.write_text(json.dumps(dict.fromkeys(HEADER, "")), encoding="utf-8")
    same = tmp_path / "b.jsonl"
    same.write_bytes(file.read_bytes())
    assert read_file(file, one, None).digest == read_file(same, one, None).digest
    before = read_file(file, one, None).digest
    one.write_text(MAPPING + "\n", encoding="utf-8")
    assert read_file(file, one, None).digest != before


def test_a_sheet_and_a_header_that_are_not_there_are_named(tmp_path: Path) -> None:
    file = workbook(tmp_path, HEADER)
    with pytest.raises(CliError, match="has no such sheet"):
        read_file(file, mapping(tmp_path), "别的")
    with pytest.raises(MappingError, match="row 1, column agreed: is missing"):
        read_file(file, mapping(tmp_path), None)

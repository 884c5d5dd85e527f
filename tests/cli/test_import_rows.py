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
from cli.verb import read_text
from models.mapping import column_of, read_mapping
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
                "days": 30,
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


def test_flat_json_with_a_column_that_nobody_thought_of_or_without_one_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    for keys, told in (([*HEADER, "more"], "column number 8: is neither mapped"), (HEADER[:-2], "agreed: is missing")):
        file.write_text(json.dumps(dict.fromkeys(keys, "")), encoding="utf-8")
        with pytest.raises(MappingError, match=told):
            read_file(file, mapping(tmp_path), None)


def test_names_in_flat_json_are_those_of_a_header_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("header_row: 3\nfields: {complaint_id: {column: 单号}}", encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"单 号\\n": "C-1"}', encoding="utf-8")
    (line,) = read_file(tmp_path / "rows.jsonl", tmp_path / "m.yaml", None).lines
    assert line.complaint == "C-1"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param(b"[" * 100_000, "is nested too deeply", id="deep"),
        pytest.param(b'{"complaint_id": "C-1", "complaint_id": "C-2"}', "gives a field twice", id="twice"),
        pytest.param(b'{"complaint_id": NaN}', "is not JSON", id="no number"),
        pytest.param(b'{"complaint_id": 1' + b"0" * 5000 + b"}", "is not JSON", id="thousands of digits"),
        pytest.param(b'{"complaint_id": "\xff"}', "is not in utf-8", id="another encoding"),
        pytest.param(b'{"complaint_id": "C-1", "event": []}', "event: there is no event of this type", id="no type"),
    ],
)
def test_a_line_that_is_spoilt_is_one_rejected_row(tmp_path: Path, line: bytes, rule: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line + b'\n\n{"complaint_id": "C-3"}\n')
    spoilt, good = read_file(file, None, None).lines
    assert (spoilt.number, spoilt.problem and spoilt.problem.rule) == (1, rule)
    assert (good.number, good.complaint) == (3, "C-3")


def test_a_sheet_that_is_not_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = workbook(tmp_path, ["n"])
    with pytest.raises(MappingError):
        read_file(file, mapping(tmp_path), None)
    assert capsys.readouterr().err == "note: one sheet is read, and 1 more hold rows; --sheet NAME reads another\n"
    with pytest.raises(MappingError):
        read_file(file, mapping(tmp_path), "数据")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["book.xlsx", "book.XLSM"])
def test_a_damaged_workbook_is_one_line_with_its_name(tmp_path: Path, name: str) -> None:
    whole = workbook(tmp_path, HEADER).read_bytes()
    (tmp_path / name).write_bytes(whole[:500])
    with pytest.raises(CliError) as refused:
        read_file(tmp_path / name, mapping(tmp_path), None)
    assert str(refused.value) == f"{tmp_path / name}: is not a workbook that can be read"


def test_an_error_in_a_column_that_is_ignored_is_nobodys_fault(tmp_path: Path) -> None:
    rows: list[list[Any]] = [HEADER, [7, datetime(2026, 3, 2), time(9, 5), None, None, None, "#N/A"]]  # noqa: DTZ001
    (line,) = read_file(workbook(tmp_path, *rows), mapping(tmp_path), "数据").lines
    assert line.told is not None
    rows[1] = [7, datetime(2026, 3, 2), "#REF!", None, None, None, None]  # noqa: DTZ001
    (line,) = read_file(workbook(tmp_path, *rows), mapping(tmp_path), "数据").lines
    assert (line.complaint, line.problem and line.problem.column) == ("C-7", "hour")


FAULTY = """
fields:
  complaint_id: {column: 单号}
  complainant.kind: {const: person, when: 姓名, default: unnamed}
  complainant.name: {column: 姓名}
  complainant.contact.phone: {column: 电话}
  respondent.staff.0.person: {column: 一}
  respondent.staff.1.person: {column: 二}
  forwarding.body: {column: 转办}
"""


@pytest.mark.parametrize(
    ("place", "column"),
    [
        ("complainant.person.contact.phone", "电话"),
        ("complainant.unnamed.reference", ""),
        ("complainant.person.name", "姓名"),
        ("respondent.staff.0.person", "二"),
        ("forwarding", "转办"),
        ("complaint_id", "单号"),
        ("facts", ""),
    ],
)
def test_a_fault_names_the_column_from_which_it_comes(tmp_path: Path, place: str, column: str) -> None:
    """The kind of a complainant, and a list without its empty members, are in the path of a fault and not of a mapping."""
    (tmp_path / "m.yaml").write_text(FAULTY, encoding="utf-8")
    read = read_mapping(tmp_path / "m.yaml")
    told = read.told({"单号": "C-1", "姓名": "甲", "电话": "1", "一": "", "二": "p-2", "转办": ""}, 2)
    assert column_of(read.fields, place, told.numbers) == column


def test_a_text_from_a_file_loses_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("\ufeff维持原决定。\n", encoding="utf-8")
    assert read_text(f"@{tmp_path / 'text.txt'}") == "维持原决定。"

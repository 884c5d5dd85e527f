"""Whatever a text holds, a table that is written is one row for one record, runs nowhere, and reads back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from models.cells import as_read
from models.source import MappingError
from models.tabular import written
from models.tabular.delimited import records
from models.tabular.text_file import decoded
from models.tabular.workbook import Workbook
from models.tabular.written import TableError, csv_bytes, printable, workbook_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text(
    alphabet="'=+-@\t\r\n\x0b\x00\ufffe,\" _x0Dab1", max_size=8
)
AWKWARD = [
    "\r=1+1",
    "a\rb",
    "a\x0bb",
    "\x00",
    "\ufffe",
    "_x000B_",
    '="138"',
    "'138",
    "'=1",
    "a\r\nb",
    " ends ",
    '"',
    "\ufeffx",
]


def back_from_csv(data: bytes) -> list[list[str]]:
    lines = io.StringIO(decoded(data, "utf-8"), newline="")
    return [cells for _, cells in records(lines, ",", "utf-8") if not isinstance(cells, MappingError)]


def back_from_workbook(data: bytes) -> list[list[str]]:
    book = Workbook(data)
    return [cells for _, cells in book.rows(book.sheet(None)) if not isinstance(cells, MappingError)]


@settings(max_examples=60)
@given(st.lists(TEXT, min_size=1, max_size=4))
def test_a_row_reads_back_as_it_was(cells: list[str]) -> None:
    table = [[*cells, "end"], ["second"]]
    expected = [[as_read(cell) for cell in row] for row in table]
    assert back_from_csv(csv_bytes(table)) == expected
    assert back_from_csv(csv_bytes(table, mark=True)) == expected
    assert back_from_workbook(workbook_bytes("a", table)) == expected


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_read_back_and_are_one_row(text: str) -> None:
    table = [["head", "end"], [text, "end"]]
    expected = [["head", "end"], [as_read(text), "end"]]
    assert back_from_csv(csv_bytes(table)) == expected
    assert back_from_workbook(workbook_bytes("a", table)) == expected


def test_a_lone_carriage_return_starts_no_row() -> None:
    data = csv_bytes([["a"], ["x\r=cmd()"], ["y\n=cmd()"]]).decode()
    assert data == 'a\r\n"x\r=cmd()"\r\n"y\n=cmd()"\r\n'
    assert len(list(csv.reader(io.StringIO(data, newline="")))) == 3


def test_a_workbook_opens_elsewhere_and_holds_texts_only() -> None:
    data = workbook_bytes("a", [["=1+1", "http://example.com", "007", "", "a\x0bb"]])
    (row,) = load_workbook(io.BytesIO(data)).active.iter_rows()
    assert [(cell.value, cell.data_type) for cell in row] == [
        ("=1+1", "s"), ("http://example.com", "s"), ("007", "s"), ("", "s"), ("a_x000B_b", "s"),
    ]  # fmt: skip


def test_what_no_workbook_holds_is_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert back_from_workbook(workbook_bytes("a", [["x" * 32_767]])) == [["x" * 32_767]]
    with pytest.raises(TableError, match="at most 32,767 characters"):
        workbook_bytes("a", [["x" * 32_768]])
    monkeypatch.setattr(written, "MOST_ROWS", 2)
    with pytest.raises(TableError, match="at most 2 rows"):
        workbook_bytes("a", [["1"], ["2"], ["3"]])


def test_what_no_xml_holds_is_replaced_in_titles() -> None:
    assert printable({"a": ["x\x0by\ufffe\n", 1, None]}) == {"a": ["x\ufffdy\ufffd\n", 1, None]}

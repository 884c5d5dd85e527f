"""CSV files of other systems: the marks and habits of spreadsheets are read, and a spoilt row spoils no other."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from models.mapping import ColumnMapping
from models.source import MappingError
from models.tabular.delimited import LONGEST_CELL, UNCLOSED
from models.tabular.text_file import TextFileError, decoded, opened

HEAD = "单号,内容\n"


def mapping(**more: Any) -> ColumnMapping:
    fields = {"complaint_id": {"column": "单号"}, "facts": {"column": "内容"}}
    return ColumnMapping.model_validate({"fields": fields, **more})


def rows(text: str, **more: Any) -> list[tuple[int, Any]]:
    """The rows of *text*: number and cells, or number and what is wrong."""
    found = mapping(**more).rows(io.StringIO(text, newline=""))
    return [
        (number, str(cells) if isinstance(cells, MappingError) else (cells["单号"], cells["内容"]))
        for number, cells in found
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param(HEAD + "a,b\n", 2, id="plain"),
        pytest.param("\n\r\n" + HEAD + "a,b\n", 4, id="blank lines above"),
        pytest.param(" , \n" + HEAD + ",\n,\na,b\n,\n", 5, id="blank rows"),
        pytest.param("sep=;\r\n单号;内容\r\na;b\r\n", 2, id="sep"),
        pytest.param('"sep=\t"\n单号\t内容\na\tb\n', 2, id="sep in quotes"),
        pytest.param("单号,内容,,\na,b,,\n", 2, id="columns without a name"),
        pytest.param("单号,,内容\na,,b\n", 2, id="a gap between columns"),
        pytest.param(" 单号 ,\u3000内容\u00a0\n a ,\u3000b\n", 2, id="white space"),
        pytest.param('"单\n号",内容\na,b\n', 2, id="a line break in the header"),
        pytest.param(HEAD + "a,b", 2, id="no line break at the end"),
        pytest.param(HEAD.replace("\n", "\r") + "a,b\r", 2, id="old line breaks"),
        pytest.param(HEAD + "a,b,,\n", 2, id="a row with empty cells more"),
    ],
)
def test_the_habits_of_spreadsheets_are_read(text: str, number: int) -> None:
    assert rows(text) == [(number, ("a", "b"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_a_byte_order_mark_says_more_than_the_mapping_and_is_no_text(tmp_path: Path, encoding: str) -> None:
    """Excel writes one before UTF-8, whatever the mapping says; a file without one is read as the mapping says."""
    marked = ("\ufeff" + HEAD + "a,b\n").encode("utf-8" if encoding == "utf-8-sig" else encoding)
    for named in ("utf-8", "gbk", encoding):
        assert decoded(marked, named) == HEAD + "a,b\n"
        (tmp_path / "a.csv").write_bytes(marked)
        with opened(tmp_path / "a.csv", named) as text:
            assert text.read() == HEAD + "a,b\n"
    assert decoded(HEAD.encode(encoding), encoding) == HEAD


def test_columns_without_a_name_hold_nothing_unless_they_are_ignored() -> None:
    assert rows("单号,内容,\na,b,x\nc,d,\n") == [(2, "row 2: has 3 cells, the header has 2"), (3, ("c", "d"))]
    assert rows("单号,,内容\na,x,b\n") == [(2, "row 2: column number 2 holds something and has no name")]
    assert rows("单号,内容,,\na,b,x,y\n", ignore=[""]) == [(2, ("a", "b"))]
    assert rows("单号,内容,备注,备注\na,b,x,y\n", ignore=["备注"]) == [(2, ("a", "b"))]


def test_the_header_stands_where_the_mapping_says() -> None:
    titled = "2026年台账,\n制表：客服部,\n" + HEAD + "a,b\n"
    assert rows(titled, header_row=3) == [(4, ("a", "b"))]
    with pytest.raises(MappingError, match="row 1, column 内容: is missing"):
        rows(titled)
    with pytest.raises(MappingError, match="row 9, column 内容: is missing"):
        rows(titled, header_row=9)
    with pytest.raises(MappingError, match="row 1: a column appears twice"):
        rows("单号,内容,内 容\n")


def test_what_another_program_puts_around_a_number_is_taken_off() -> None:
    text = HEAD + '"=""13800000001""",\'13800000001\n\t13800000001,\'+8613800000001\na,\'twas\n'
    assert rows(text) == [
        (2, ("13800000001", "13800000001")),
        (3, ("13800000001", "+8613800000001")),
        (4, ("a", "'twas")),
    ]


def test_line_breaks_within_a_cell_are_of_one_kind() -> None:
    assert rows(HEAD + 'a,"1\r\n2\r3\n4"\r\n') == [(2, ("a", "1\n2\n3\n4"))]


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        pytest.param(
            f'x,"{"y" * (LONGEST_CELL + 1)}"\n', "row 2: has a cell of more than 131,072 characters", id="long"
        ),
        pytest.param(
            f'x,"{"y," * LONGEST_CELL}\n"\n', "row 2: has a cell of more than 131,072 characters", id="long lines"
        ),
        pytest.param('x,"y"z\n', "row 2: is not valid CSV", id="a stray quotation mark"),
        pytest.param("x\n", "row 2: has 1 cells, the header has 2", id="short"),
    ],
)
def test_a_spoilt_row_is_one_rejected_row(spoilt: str, told: str) -> None:
    assert rows(HEAD + spoilt + "a,b\n") == [(2, told), (3, ("a", "b"))]


def test_a_quotation_mark_that_is_never_closed_swallows_nothing_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + 'a,b\nc,"d\ne,f\n'
    assert rows(text) == [(2, ("a", "b")), (3, f"row 3: {UNCLOSED}")]
    monkeypatch.setattr("models.tabular.delimited._LONGEST_READ", 100)
    with pytest.raises(MappingError, match="row 3: a quotation mark is opened"):
        rows(text + "x" * 200 + "\n")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
def test_a_row_in_another_encoding_is_one_rejected_row(encoding: str) -> None:
    head, spoilt, good = HEAD.encode(encoding), b'x,"\xff\xfe\n"\n', "甲,乙\n".encode(encoding)
    text = decoded(head + spoilt + good, encoding)
    assert rows(text, encoding=encoding) == [(2, f"row 2: is not in {encoding}"), (3, ("甲", "乙"))]
    with pytest.raises(MappingError, match=f"row 1: is not in {encoding}"):
        rows(decoded(b"\xff" + head, encoding), encoding=encoding)


@pytest.mark.parametrize("encoding", ["klingon", "base64"])
def test_what_is_no_encoding_of_text_is_refused(encoding: str) -> None:
    with pytest.raises(TextFileError, match=f"{encoding} is no encoding of text"):
        decoded(b"YQ==", encoding)


def test_half_a_letter_at_the_end_spoils_the_last_row() -> None:
    text = decoded((HEAD + "a,b\nc,d").encode("utf-16") + b"a", "utf-16")
    assert rows(text, encoding="utf-16") == [(2, ("a", "b")), (3, "row 3: is not in utf-16")]


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        ("complainant.contact.phone", "1.38E+10"),
        ("complainant.contact.phone", "1.3800000001e10"),
        ("facts", "1.10101E+17"),
    ],
)
def test_a_number_that_a_spreadsheet_has_shortened_is_named(path: str, cell: str) -> None:
    taken = ColumnMapping.model_validate({"fields": {path: {"column": "c"}}})
    with pytest.raises(MappingError, match=r"row 2, column c: .*its digits are lost"):
        taken.to_intake_data({"c": cell}, 2)


def test_an_identifier_with_decimals_is_named_and_a_text_with_some_is_not() -> None:
    fields = {
        "source_reference": {"column": "n"},
        "complainant.contact.phone": {"column": "p"},
        "facts": {"column": "f"},
    }
    taken = ColumnMapping.model_validate({"fields": fields})
    for cells, column in (({"n": "17.0", "p": "1", "f": "x"}, "n"), ({"n": "17", "p": "13800000001.0", "f": "x"}, "p")):
        with pytest.raises(MappingError, match=f"row 2, column {column}: is a number with decimals"):
            taken.to_intake_data(cells, 2)
    assert taken.to_intake_data({"n": "17", "p": "1", "f": "版本 2.0"}, 2)["facts"] == "版本 2.0"

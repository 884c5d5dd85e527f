"""Workbooks of other systems are read as people see them, or refused in one line; no row and no cell is lost silently."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date, datetime, time

import pytest

from models.cells import Moment, Unreadable
from models.tabular import package
from models.tabular.package import WorkbookError
from models.tabular.workbook import ERROR, MERGED, NO_RESULT, Workbook
from tests.models.books import MAIN, STRICT, book, cell, packed, read, relations, row, styles, text

ROWS = [row("a", "b", number=1), row("1", "2", number=2), row("3", "4", number=3)]
TABLE = [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]


@pytest.mark.parametrize("dimension", ["", "A1", "A1:A3", "A1:B1", "C7:D9", "A1:XFD1048576", "nonsense"])
def test_what_a_sheet_says_of_its_extent_is_not_believed(dimension: str) -> None:
    assert read(book(ROWS, dimension=dimension)) == TABLE


def test_rows_and_cells_are_where_they_say_or_next_to_the_last() -> None:
    sparse = ['<row r="2"><c r="B2"><v>1</v></c><c><v>2</v></c></row>', "<row/>", '<row><c r="D4"><v>3</v></c></row>']
    assert read(book(sparse)) == [(2, ["", "1", "2"]), (4, ["", "", "", "3"])]
    turned = ['<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>']
    assert read(book(turned)) == [(1, ["1", "", "3"])]


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([row("a", number=2), row("b", number=2)], "row 2: stands out of order"),
        ([row("a", number=2), row("b", number=1)], "row 1: stands out of order"),
        (['<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'], "row 1: has two cells in one place"),
        (['<row r="1"><c r="A9"><v>1</v></c></row>'], "row 1: holds a cell of another row"),
        ([row("x" * 131_073, number=1)], "row 1: has a cell of more than 131,072 characters"),
    ],
)
def test_a_row_that_cannot_be_told_from_another_is_named(rows: list[str], wrong: str) -> None:
    assert read(book(rows))[-1][1] == wrong


def test_shared_strings_come_with_their_runs_and_without_their_pronunciation() -> None:
    strings = [
        "<si><t>投诉</t></si>",
        "<si><r><t>理</t></r><r><t>赔</t></r><rPh sb='0' eb='1'><t>lǐ</t></rPh><phoneticPr fontId='1'/></si>",
    ]
    assert cell('<c t="s"><v>0</v></c>', strings=strings) == "投诉"
    assert cell('<c t="s"><v>1</v></c>', strings=strings) == "理赔"
    for missing in ("2", "-1", "x", "99999999999"):
        found = cell(f'<c t="s"><v>{missing}</v></c>', strings=strings)
        assert isinstance(found, Unreadable)
        assert found.rule == "holds a text that the workbook lacks"
    assert isinstance(cell('<c t="s"><v>0</v></c>'), Unreadable)


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        ('<c t="e"><v>#N/A</v></c>', ERROR),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', ERROR),
        ("<c><f>A2</f></c>", NO_RESULT),
        ("<c><f>A2</f><v></v></c>", NO_RESULT),
        ('<c t="str"><f>A2</f></c>', NO_RESULT),
        ("<c><f t='shared' si='0'/><v/></c>", NO_RESULT),
        ("<c><v>110101199003071230</v></c>", "is a number of more than 15 digits"),
        ("<c><v>1.10101199003071E+17</v></c>", "is a number of more than 15 digits"),
        ("<c><v>many</v></c>", "is no number"),
        ("<c><v>1E999</v></c>", "is no number"),
    ],
)
def test_a_cell_without_a_usable_value_says_why(inside: str, rule: str) -> None:
    found = cell(inside)
    assert isinstance(found, Unreadable)
    assert found.rule.startswith(rule)
    assert found.strip() is found


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ("<c><v>13800000001</v></c>", "13800000001"),
        ("<c><v>1.3800000001E10</v></c>", "13800000001"),
        ("<c><v>0.1</v></c>", "0.1"),
        ("<c><v>-5</v></c>", "-5"),
        ('<c t="b"><v>1</v></c>', "true"),
        ('<c t="b"><v>0</v></c>', "false"),
        ('<c t="str"><f>A2</f><v></v></c>', ""),
        ('<c t="str"><f>"a"</f><v>a</v></c>', "a"),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        (text("  两端  "), "两端"),
        (text("一_x000D_\n二"), "一\n二"),
        (text("一_x000D_二"), "一\n二"),
        (text("_x005F_x000D_"), "_x000D_"),
        (text("_xD83D__xDE00_"), "\U0001f600"),
        (text("_xD83D_"), "_xD83D_"),
        (text("'13800000001"), "13800000001"),
        ('<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c t="inlineStr"/>', ""),
    ],
)
def test_a_cell_is_read_as_what_people_see(inside: str, value: str) -> None:
    assert cell(inside) == value


FORMATS = styles(
    "yyyy-mm-dd h:mm:ss", "yyyy/m/d", "h:mm", "[h]:mm", 'yyyy"年"m"月"d"日"', "000000", 31, 22, 14, 20, "[Red]0.00", 57
)


@pytest.mark.parametrize(
    ("style", "value", "held", "shown"),
    [
        pytest.param(1, "46346.39600694444", datetime(2026, 11, 20, 9, 30, 15), "2026-11-20 09:30:15", id="instant"),  # noqa: DTZ001
        pytest.param(1, "46346.39583333334", datetime(2026, 11, 20, 9, 30), "2026-11-20 09:30:00", id="no-noise"),  # noqa: DTZ001
        pytest.param(1, "46346.395833", datetime(2026, 11, 20, 9, 30), "2026-11-20 09:30:00", id="few-digits"),  # noqa: DTZ001
        pytest.param(1, "46346", datetime(2026, 11, 20), "2026-11-20 00:00:00", id="midnight"),  # noqa: DTZ001
        pytest.param(2, "46346", date(2026, 11, 20), "2026-11-20", id="day"),
        pytest.param(2, "46346.5", datetime(2026, 11, 20, 12), "2026-11-20 12:00:00", id="day-with-a-hidden-hour"),  # noqa: DTZ001
        pytest.param(3, "0.375", time(9), "09:00:00", id="hour"),
        pytest.param(4, "0.375", time(9), "09:00:00", id="short-duration"),
        pytest.param(5, "46346", date(2026, 11, 20), "2026-11-20", id="chinese"),
        pytest.param(7, "46346", date(2026, 11, 20), "2026-11-20", id="chinese-built-in"),
        pytest.param(8, "46346.5", datetime(2026, 11, 20, 12), "2026-11-20 12:00:00", id="built-in-instant"),  # noqa: DTZ001
        pytest.param(9, "46346", date(2026, 11, 20), "2026-11-20", id="built-in-day"),
        pytest.param(10, "0.5", time(12), "12:00:00", id="built-in-hour"),
        pytest.param(12, "46346", date(2026, 11, 20), "2026-11-20", id="chinese-month"),
        pytest.param(2, "1", date(1900, 1, 1), "1900-01-01", id="first-day"),
        pytest.param(2, "61", date(1900, 3, 1), "1900-03-01", id="after-the-day-that-never-was"),
    ],
)
def test_a_number_that_stands_for_a_moment_is_told_by_its_format(
    style: int, value: str, held: date | time, shown: str
) -> None:
    found = cell(f'<c s="{style}"><v>{value}</v></c>', style=FORMATS)
    assert isinstance(found, Moment)
    assert (found.held, str(found)) == (held, shown)
    assert found.strip() is found


def test_moments_of_1904_and_of_iso_8601_and_what_is_none() -> None:
    since = '<workbookPr date1904="1"/>'
    found = cell('<c s="2"><v>44884</v></c>', style=FORMATS, properties=since)
    assert isinstance(found, Moment)
    assert found.held == date(2026, 11, 20)
    for iso, held in (("2026-11-20T09:30:00", datetime(2026, 11, 20, 9, 30)), ("2026-11-20", date(2026, 11, 20))):  # noqa: DTZ001
        found = cell(f'<c t="d"><v>{iso}</v></c>')
        assert isinstance(found, Moment)
        assert found.held == held
    for wrong in (
        '<c s="2"><v>-1</v></c>',
        '<c s="1"><v>9999999</v></c>',
        '<c s="2"><v>0.5</v></c>',
        '<c t="d"><v>x</v></c>',
    ):
        assert isinstance(cell(wrong, style=FORMATS), Unreadable)
    assert cell('<c s="4"><v>1.25</v></c>', style=FORMATS) == "30:00:00"
    assert cell('<c s="6"><v>41</v></c>', style=FORMATS) == "000041"
    assert cell('<c s="11"><v>41</v></c>', style=FORMATS) == "41"
    assert cell('<c s="99"><v>46346</v></c>', style=FORMATS) == "46346"
    assert (
        cell('<c s="1"><v>46346</v></c>', style=f'<styleSheet xmlns="{MAIN}"><fills><fill/></fills></styleSheet>')
        == "46346"
    )


def test_merged_cells_hold_their_value_once() -> None:
    merged = '<mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/></mergeCells>'
    rows = [row("n", "a", "b", number=1), row("1", "x", number=2), '<row r="3"><c r="B3"><v>7</v></c></row>']
    (_, second), (_, third) = read(book(rows, after=merged))[1:]
    assert isinstance(second, list)
    assert isinstance(third, list)
    assert (second[:2], third[1]) == (["1", "x"], "7")
    for found in (second[2], third[0]):
        assert isinstance(found, Unreadable)
        assert found.rule == MERGED


def test_merged_cells_are_found_wherever_the_file_is_cut_for_reading() -> None:
    """The word that announces them can lie across two pieces."""
    merged = '<mergeCell ref="A1:B1"/>'
    before = len(
        unpacked(book([row("n", "a")], after=merged))["xl/worksheets/sheet1.xml"].partition(merged.encode())[0]
    )
    for cut in range(len("<mergeCell") + 1):
        ((_, cells),) = read(book([row("n", "a")], after=" " * (2**16 - before - cut) + merged))
        assert isinstance(cells[1], Unreadable)


def test_hidden_rows_are_read_and_hidden_sheets_are_not_chosen() -> None:
    rows = [row("a"), '<row r="2" hidden="1"><c><v>1</v></c></row>']
    assert read(book(rows)) == [(1, ["a"]), (2, ["1"])]
    several = {"词典": ("veryHidden", [row("x")]), "十月": ("visible", [row("y")]), "十一月": ("visible", [row("z")])}
    data = book([], sheets=several)
    assert read(data) == [(1, ["y"])]
    assert read(data, "词典") == [(1, ["x"])]
    opened = Workbook(data)
    assert [opened.filled(sheet) for sheet in opened.sheets] == [True, True, True]


def test_a_strict_workbook_and_one_with_prefixes_are_read() -> None:
    assert read(book(ROWS, namespace=STRICT)) == TABLE
    sheet = "<x:worksheet xmlns:x='x'><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    related = relations({"rId1": ("worksheet", "worksheets/sheet1.xml")})
    files = {
        "_rels/.rels": relations({"rId1": ("officeDocument", "/xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="r"><sheets><sheet name="s" r:id="rId1"/></sheets></workbook>',
        "xl\\worksheets\\Sheet1.xml": sheet,
        "xl/_rels/workbook.xml.rels": related,
    }
    assert read(packed(files)) == [(1, ["1"])]


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"", "is not a workbook", id="empty"),
        pytest.param(b"<html><table></table></html>", "is not a workbook", id="a web page under another name"),
        pytest.param(b"\xd0\xcf\x11\xe0" + bytes(512), "locked with a password, or an old .xls", id="old or locked"),
        pytest.param(packed({"a.txt": "x"}), "is not a workbook", id="another archive"),
        pytest.param(book(ROWS)[:-40], "is not a workbook", id="cut off"),
        pytest.param(book(ROWS, after="<open>"), "is damaged or cut off", id="xml cut off"),
        pytest.param(book([], sheets={}), "has no sheet with cells", id="charts only"),
        pytest.param(book(ROWS, prolog=BOMB), "declares entities", id="entities"),
        pytest.param(book(["<g>" * 200 + "</g>" * 200]), "nested too deeply", id="deep"),
        pytest.param(book([" " * 8_000_000]), "unpacks to more than 200 times", id="bomb"),
        pytest.param(book([], sheets={f"s{at}": ("visible", []) for at in range(1001)}), "1,000 sheets", id="sheets"),
        pytest.param(book(['<row r="0"/>']), "a number that no row can have", id="row zero"),
        pytest.param(book(['<row r="1048577"/>']), "a number that no row can have", id="row too far"),
        pytest.param(book(['<row><c r="XFE1"><v>1</v></c></row>']), "beyond the last column", id="column too far"),
        pytest.param(book(['<row r="x"/>']), "a number is none", id="row no number"),
        pytest.param(
            packed({"_rels/.rels": relations({"r": ("officeDocument", "xl/workbook.bin")}), "xl/workbook.bin": b""}),
            "is a binary workbook",
            id="xlsb",
        ),
        pytest.param(
            packed({f"{at}.xml": "" for at in range(package.MOST_PARTS + 1)}, method=zipfile.ZIP_STORED),
            "more than 10,000 parts",
            id="parts",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, told: str) -> None:
    with pytest.raises(WorkbookError, match=told) as refused:
        read(data)
    assert "\n" not in str(refused.value)


def test_many_cells_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.tabular.workbook._MOST_CELLS", 100)
    monkeypatch.setattr("models.tabular.workbook._MOST_LETTERS", 1000)
    monkeypatch.setattr("models.tabular.workbook._MOST_STRINGS", 3)
    monkeypatch.setattr(package, "LARGEST", 50_000)
    for data in (
        book(['<row><c r="ZZ1"><v>1</v></c></row>']),
        book([row("x" * 1001)]),
        book([row(*['<c t="s"><v>0</v></c>'] * 5)], strings=[f"<si><t>{'x' * 300}</t></si>"]),
        book(ROWS, strings=["<si/>"] * 4),
        book(ROWS, after="<!--" + " x" * 30_000 + "-->"),
    ):
        with pytest.raises(WorkbookError, match="is too large"):
            read(data)


def test_a_damaged_workbook_is_one_line_or_read_and_never_a_traceback() -> None:
    """Files with some bytes changed, packed and unpacked: they are damaged, or hold what they hold."""
    chance = random.Random(11)  # noqa: S311  # the same files every time
    numbered = [f'<row r="{at}"><c s="1"><v>{at}</v></c><c t="s"><v>0</v></c></row>' for at in range(2, 9)]
    merged = '<mergeCells><mergeCell ref="A9:B9"/></mergeCells>'
    made = book([row("n", "t"), *numbered], strings=["<si><t>文</t></si>"], style=FORMATS, after=merged)
    refused = 0
    for at in range(300):
        if at % 2:
            data = spoilt(made, chance)
        else:  # Within a part, so that the archive is whole and its sums are right.
            parts = unpacked(made)
            name = chance.choice(sorted(parts))
            data = packed({**parts, name: spoilt(parts[name], chance)})
        try:
            read(data)
        except WorkbookError:
            refused += 1
    assert 150 < refused < 300


def spoilt(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        found[chance.randrange(len(found))] = chance.choice(b"<>/\"'&=0129Azrstf \x00\xff")
    return bytes(found)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}

"""
The rows of a workbook (.xlsx), each with its number.

No library reads them for us, because those that could lose cells silently: docs/decisions/0027-files-of-other-systems.md.

What a workbook says about the extent of its sheets is not believed. A formula without a result, an error, and a cell that
is merged into another hold nothing that could be read: they are `Unreadable`, for whoever needs the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from models.cells import Unreadable, as_read, unmarked
from models.source import MappingError
from models.tabular.delimited import LONGEST_CELL, Record
from models.tabular.number_formats import Kind, iso, kind, shown
from models.tabular.package import Package, WorkbookError

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_SHEETS = 1000
_MOST_STRINGS = 2_000_000
_MOST_CELLS = 50_000_000
_MOST_LETTERS = 2**28

NO_RESULT = "holds a formula without its result: open the file in a spreadsheet program, save it, and try again"
ERROR = "holds an error of the spreadsheet"
MERGED = "is merged into another cell: take the merging back"

_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")

Merge = tuple[int, int, int, int]
"""First row, last row, first column, last column."""


@dataclass(frozen=True)
class Sheet:
    """A sheet with cells: its name, its part, and whether people see it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True)
class _Book:
    strings: list[str]
    kinds: list[tuple[Kind, str | None]]
    since_1904: bool


class Workbook:
    """The workbook in *data*; WorkbookError when it cannot be read at all."""

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        related = self._package.related("").values()
        self._main = next((part for kind, part in related if kind == "officeDocument"), "xl/workbook.xml")
        if self._main.endswith(".bin"):
            raise WorkbookError("is a binary workbook (.xlsb): save it as .xlsx")
        if self._main not in self._package:
            raise WorkbookError("is not a workbook that can be read")
        self._parts = self._package.related(self._main)
        told = self._package.elements(self._main, "workbookPr", "sheet")
        self._since_1904 = any(tag == "workbookPr" and _true(one.get("date1904")) for tag, one in told)
        self.sheets = tuple(self._sheet(one) for tag, one in told if tag == "sheet" and self._has_cells(one))
        """The sheets that have cells, in the order in which they stand."""
        if len(self.sheets) > MOST_SHEETS:
            raise WorkbookError(f"is refused: it has more than {MOST_SHEETS:,} sheets")

    def _has_cells(self, told: Mapping[str, str]) -> bool:
        return self._parts.get(_relation(told), ("", ""))[0] == "worksheet"

    def _sheet(self, told: Mapping[str, str]) -> Sheet:
        part = self._parts[_relation(told)][1]
        return Sheet(unescaped(told.get("name", "")), part, told.get("state", "visible") == "visible")

    def sheet(self, name: str | None) -> Sheet:
        """Return the sheet *name*; left out, the first one that people see."""
        if not self.sheets:
            raise WorkbookError("has no sheet with cells")
        if name is None:
            return next((one for one in self.sheets if one.visible), self.sheets[0])
        return next(one for one in self.sheets if one.name == name)

    def filled(self, sheet: Sheet) -> bool:
        """Return whether *sheet* holds anything."""
        return any(any(cells) for _, cells in self.rows(sheet) if not isinstance(cells, MappingError))

    def rows(self, sheet: Sheet) -> Iterator[Record]:
        """Yield the rows of *sheet* that the file holds; WorkbookError if it is damaged."""
        reading = _Rows(self._book, self._merges(sheet.part))
        for _ in self._package.parsed(sheet.part, reading.start, reading.end, reading.text):
            yield from reading.taken()

    @cached_property
    def _book(self) -> _Book:
        return _Book(self._strings(), self._kinds(), self._since_1904)

    def _part(self, kind: str) -> str | None:
        return next((part for known, part in self._parts.values() if known == kind and part in self._package), None)

    def _strings(self) -> list[str]:
        part = self._part("sharedStrings")
        if part is None:
            return []
        reading = _Strings()
        for _ in self._package.parsed(part, reading.start, reading.end, reading.text):
            pass
        return reading.found

    def _kinds(self) -> list[tuple[Kind, str | None]]:
        """Return what the number format of each style shows; a workbook without usable styles has plain numbers."""
        part = self._part("styles")
        if part is None:
            return []
        codes: dict[int, str] = {}
        styles: list[int] = []
        within = ""

        def start(tag: str, told: Mapping[str, str]) -> None:
            nonlocal within
            if tag in {"cellXfs", "cellStyleXfs", "dxfs"}:
                within = tag
            elif tag == "numFmt" and within != "dxfs":
                codes[_whole(told.get("numFmtId"))] = told.get("formatCode", "")
            elif tag == "xf" and within == "cellXfs":
                styles.append(_whole(told.get("numFmtId", "0")))
            if len(styles) > MOST_ROWS:
                raise WorkbookError("is refused: it has too many styles")

        for _ in self._package.parsed(part, start):
            pass
        return [(kind(number, codes.get(number)), codes.get(number)) for number in styles]

    def _merges(self, part: str) -> list[Merge]:
        # They stand behind the rows; a search for the word spares most files a second parsing.
        tail = b""
        for piece in self._package.pieces(part):
            if b"mergeCell" in tail + piece:
                return sorted(_merge(one.get("ref", "")) for _, one in self._package.elements(part, "mergeCell"))
            tail = piece[-16:]
        return []


@dataclass
class _Strings:
    """Reads the shared strings: the letters of each, without what only says how they are pronounced."""

    found: list[str] = field(default_factory=list)
    _letters: list[str] = field(default_factory=list)
    _open: bool = False
    _spoken: bool = False
    _size: int = 0

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        if tag == "si":
            self._letters = []
        self._spoken = self._spoken or tag == "rPh"
        self._open = tag == "t" and not self._spoken

    def text(self, letters: str) -> None:
        if self._open:
            self._letters.append(letters)
            self._size += len(letters)
            if self._size > _MOST_LETTERS:
                raise WorkbookError("is too large; split it, or use CSV")

    def end(self, tag: str, _: Mapping[str, str]) -> None:
        if tag == "t":
            self._open = False
        elif tag == "rPh":
            self._spoken = False
        elif tag == "si":
            self.found.append(_cell("".join(self._letters)))
            if len(self.found) > _MOST_STRINGS:
                raise WorkbookError("is too large; split it, or use CSV")


class _Rows:
    """Reads the rows of a sheet."""

    def __init__(self, book: _Book, merges: list[Merge]) -> None:
        self._book = book
        self._merges = merges
        self._open_merges: list[Merge] = []
        self._ready: list[Record] = []
        self._row: dict[int, str] | None = None
        self._number = 0
        self._problem: str | None = None
        self._column = 0
        self._about: Mapping[str, str] = {}
        self._formula = False
        self._within: str | None = None
        self._spoken = False
        self._value: list[str] | None = None
        self._letters: list[str] = []
        self._cells = 0
        self._size = 0

    def taken(self) -> list[Record]:
        ready, self._ready = self._ready, []
        return ready

    def start(self, tag: str, told: Mapping[str, str]) -> None:
        if tag == "row":
            self._begin(told)
        elif self._row is None:
            return
        elif tag == "c":
            self._place(told)
            self._about, self._formula, self._value, self._letters = told, False, None, []
        elif tag == "f":
            self._formula = True
        elif tag == "v":
            self._within, self._value = "v", []
        elif tag == "rPh":
            self._spoken = True
        elif tag == "t" and not self._spoken:
            self._within = "t"

    def text(self, letters: str) -> None:
        if self._within is None:
            return
        self._size += len(letters)
        if self._size > _MOST_LETTERS:
            raise WorkbookError("is too large; split it, or use CSV")
        if self._within == "v" and self._value is not None:
            self._value.append(letters)
        else:
            self._letters.append(letters)

    def end(self, tag: str, _: Mapping[str, str]) -> None:
        if tag in {"v", "t"}:
            self._within = None
        elif tag == "rPh":
            self._spoken = False
        elif tag == "c" and self._row is not None:
            if self._column in self._row:
                self._problem = "has two cells in one place"
            if cell := self._read():
                self._row[self._column] = cell
        elif tag == "row" and self._row is not None:
            self._finish(self._row)
            self._row = None

    def _begin(self, told: Mapping[str, str]) -> None:
        number = _whole(told["r"]) if "r" in told else self._number + 1
        if not 0 < number <= MOST_ROWS:
            raise WorkbookError("is damaged: a row has a number that no row can have")
        self._problem = "stands out of order" if number <= self._number else None
        self._number = number
        self._row, self._column = {}, 0

    def _place(self, told: Mapping[str, str]) -> None:
        self._column += 1
        if place := told.get("r"):
            row, self._column = _placed(place)
            if row != self._number:
                self._problem = "holds a cell of another row"
        if self._column > MOST_COLUMNS:
            raise WorkbookError("is damaged: a cell stands beyond the last column")

    def _read(self) -> str:
        form = self._about.get("t", "n")
        text = "".join(self._value) if self._value is not None else ""
        if form == "inlineStr":
            return _cell("".join(self._letters))
        if self._formula and not text and (self._value is None or form != "str"):
            return Unreadable("=", NO_RESULT)
        if form == "e":
            return Unreadable(text or "#", ERROR)
        return self._typed(form, text) if text else ""

    def _typed(self, form: str, text: str) -> str:
        if form == "s":
            return self._shared(text)
        if form == "str":
            return _cell(text)
        if form == "b":
            return "false" if text.strip() in {"0", "false"} else "true"
        if form == "d":
            return iso(text.strip())
        style = _whole(self._about.get("s", "0"))
        of, code = self._book.kinds[style] if style < len(self._book.kinds) else ("number", None)
        return shown(text, of, code, since_1904=self._book.since_1904)

    def _shared(self, text: str) -> str:
        place = int(text) if text.strip().isdecimal() and len(text) < 10 else -1
        if not 0 <= place < len(self._book.strings):
            return Unreadable("?", "holds a text that the workbook lacks")
        found = self._book.strings[place]
        self._size += len(found)
        if self._size > _MOST_LETTERS:
            raise WorkbookError("is too large; split it, or use CSV")
        return found

    def _finish(self, row: dict[int, str]) -> None:
        for first, _, left, right in self._covering():
            for column in range(left, right + 1):
                if (first, left) != (self._number, column):
                    row[column] = Unreadable("", MERGED)
        width = max(row, default=0)
        self._cells += width
        if self._cells > _MOST_CELLS:
            raise WorkbookError("is too large; split it, or use CSV")
        if self._problem is None and any(len(cell) > LONGEST_CELL for cell in row.values()):
            self._problem = f"has a cell of more than {LONGEST_CELL:,} characters"
        if self._problem is not None:
            problem = MappingError(f"row {self._number}: {self._problem}", rule=self._problem)
            self._ready.append((self._number, problem))
        elif row:
            self._ready.append((self._number, [row.get(column, "") for column in range(1, width + 1)]))

    def _covering(self) -> list[Merge]:
        while self._merges and self._merges[0][0] <= self._number:
            self._open_merges.append(self._merges.pop(0))
        self._open_merges = [one for one in self._open_merges if self._number <= one[1]]
        return self._open_merges


def unescaped(text: str) -> str:
    """Return *text* with the characters that a workbook writes as ``_x000D_``, because XML holds them not at all."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text)
    found = _PAIR.sub(lambda one: one[0].encode("utf-16", "surrogatepass").decode("utf-16"), found)
    return _HALF.sub(
        lambda one: f"_x{ord(one[0]):04X}_", found
    )  # Half a character is none, and stays as it is written.


def _cell(text: str) -> str:
    return as_read(unmarked(unescaped(text)))


def _relation(told: Mapping[str, str]) -> str:
    return next((value for name, value in told.items() if name.rpartition(":")[2] == "id" and ":" in name), "")


def _true(text: str | None) -> bool:
    return text in {"1", "true", "on"}


def _whole(text: str | None) -> int:
    if text is None or not re.fullmatch(r"\d{1,9}", text):
        raise WorkbookError("is damaged: a number is none")
    return int(text)


def _placed(place: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(place.replace("$", ""))
    if found is None:
        raise WorkbookError("is damaged: a cell stands nowhere")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _merge(place: str) -> Merge:
    first, _, last = place.partition(":")
    (top, left), (bottom, right) = _placed(first), _placed(last or first)
    return top, bottom, left, min(right, MOST_COLUMNS)

"""
The one writer of tables: CSV files and workbooks in which nothing runs, and which read back as they were.

One record is one row whatever is in it: every line break stands in quotation marks in CSV, and what XML cannot hold stands
as ``_x000B_`` in a workbook, as spreadsheets write it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from models.cells import marked, shielded

LONGEST_TEXT = 32_767
"""Characters that a cell of a workbook can hold."""

MOST_ROWS = 1_048_576

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class TableError(ValueError):
    """A table that no workbook can hold; the message is one line and repeats no cell."""


def csv_bytes(rows: Iterable[Sequence[object]], *, mark: bool = False) -> bytes:
    """Return *rows* as a CSV file (RFC 4180), with a byte order mark, by which spreadsheets know UTF-8, if *mark*."""
    text = io.StringIO(newline="")
    # With both characters in the line break, the library quotes a cell that has either of them.
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([marked("" if cell is None else str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")


def workbook_bytes(name: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Return *rows* of texts as a workbook with one sheet *name*; TableError when a workbook cannot hold them."""
    made = io.BytesIO()
    book = new_workbook(made)
    sheet = book.add_worksheet(name)
    for at, row in enumerate(rows):
        if at >= MOST_ROWS:
            raise TableError(f"a workbook holds at most {MOST_ROWS:,} rows: write CSV, or fewer")
        for column, cell in enumerate(row):
            text = shielded(cell)
            if len(text) > LONGEST_TEXT:
                raise TableError(f"a cell of a workbook holds at most {LONGEST_TEXT:,} characters: write CSV")
            sheet.write_string(at, column, text)
    book.close()
    return made.getvalue()


def new_workbook(made: io.BytesIO) -> Any:
    """Return a new workbook that is written into *made* when it is closed; texts in it are texts, and run nowhere."""
    import xlsxwriter  # noqa: PLC0415  # the library takes long to load

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(made, {"in_memory": True, **plain})


def printable(value: Any) -> Any:
    """Return *value*, nested data, with a sign of replacement for each character that no XML can hold, titles included."""
    if isinstance(value, str):
        return _NOT_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {name: printable(part) for name, part in value.items()}
    return [printable(part) for part in value] if isinstance(value, list) else value

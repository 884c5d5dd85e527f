"""
Cells of tables: what stands in one, as a mapping reads it and as a file is written.

Text that a spreadsheet would run as a formula is marked as text, and read back as it was. A cell that is no text (a moment,
a number without all its digits, an error) says so by its type, and does not pass for text on the way.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Self

MARK = "'"
"""What a spreadsheet takes for: this is text."""

_RUNS = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r]")
"""Half or full width, after spaces too: what one of the usual spreadsheets takes for the beginning of a formula."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_IDENTIFIER = r"[+-]?(?=\D*\d)[0-9A-Za-z][0-9A-Za-z._/-]*"
_KEPT_AS_TEXT = re.compile(rf"{_IDENTIFIER}\s*")
_SPACED = re.compile(rf"\s+'({_IDENTIFIER})\s*")
_WRAPPED = re.compile(r'\s*="((?:[^"]|"")*)"\s*')


def marked(text: str) -> str:
    """Return *text* as it is written into a CSV file: with a mark if it begins like a formula and is no plain number."""
    return MARK + text if _looks_run(text) else shielded(text)


def shielded(text: str) -> str:
    """Return *text* with a mark if it would otherwise not be read back as it is: enough where nothing runs as a formula."""
    return MARK + text if unmarked(text) != text else text


def unmarked(text: str) -> str:
    """
    Return the text that a cell stands for: without our mark, or what another program puts around a number to keep it text.

    Those are an apostrophe before a number and ``="…"``. What carries neither stays as it is.
    """
    core = text.lstrip(MARK)
    if core == text:
        return _bare(text)
    return text[1:] if _looks_run(core) or _KEPT_AS_TEXT.fullmatch(core) or _bare(core) != core else text


def _bare(text: str) -> str:
    if spaced := _SPACED.fullmatch(text):
        return spaced[1]
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[1].replace('""', '"') if wrapped else text


def as_read(text: str) -> str:
    """Return *text* as a cell holds it once it is read: every line break one line feed, and no white space at the ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def _looks_run(text: str) -> bool:
    return _RUNS.match(text) is not None and _NUMBER.fullmatch(text) is None


class Unreadable(str):
    """A cell that holds no value that can be used; the text is what the file shows, *rule* says why it cannot be used."""

    __slots__ = ("rule",)
    rule: str

    def __new__(cls, shown: str, rule: str) -> Self:
        """Make it of what the file shows."""
        made = super().__new__(cls, shown)
        made.rule = rule
        return made

    def strip(self, _: str | None = None, /) -> Self:
        """Return it as it is."""
        return self


class Moment(str):
    """A cell that holds a day, an hour or both as such: *held* is the value, the text has one form for each kind."""

    __slots__ = ("held",)
    held: date | time

    def __new__(cls, held: date | time) -> Self:
        """Make it of a day, an hour, or a day with an hour (a `datetime` without time zone)."""
        made = super().__new__(cls, held.isoformat(" ") if isinstance(held, datetime) else held.isoformat())
        made.held = held
        return made

    def strip(self, _: str | None = None, /) -> Self:
        """Return it as it is."""
        return self


def joined_moment(cells: list[str]) -> Moment | None:
    """Return the moment that two *cells* make, one a day and the other an hour; None if they are anything else."""
    held = [cell.held for cell in cells if isinstance(cell, Moment)]
    days = [_day(one) for one in held]
    hours = [one for one in held if isinstance(one, time)]
    if len(cells) != 2 or len(held) != 2 or len(hours) != 1:
        return None
    found = next((day for day in days if day is not None), None)
    return Moment(datetime.combine(found, hours[0])) if found else None


def _day(held: date | time) -> date | None:
    if isinstance(held, datetime):
        return held.date() if held.time() == time() else None
    return held if isinstance(held, date) else None


MOST_DIGITS = 10**15
"""A spreadsheet keeps fifteen digits of a number; what is longer has lost its last ones."""

LOST_DIGITS = "is a number of more than 15 digits, of which a spreadsheet keeps 15: let the column be text"


def plain(value: Any) -> str:
    """Return *value*, of a workbook or of JSON, as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        whole = str(int(value))
        return Unreadable(whole, LOST_DIGITS) if abs(value) >= MOST_DIGITS else whole
    return as_read(value) if isinstance(value, str) else str(value)

"""Numbers of a workbook that stand for days and hours: told by their number format, read without the noise of fractions."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Literal

from models.cells import Moment, Unreadable, plain

Kind = Literal["number", "zeros", "day", "hour", "moment", "duration"]
"""What a number format shows: a number (with leading *zeros*), a day, an hour, both, or hours beyond 24."""

# ECMA-376 part 1, 18.8.30, with the ids that Chinese spreadsheets have of their own (27-36 and 50-58).
_BUILT_IN: dict[int, Kind] = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58), "day"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 55, 56), "hour"),
    22: "moment",
    46: "duration",
}
_NO_LETTERS = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p|上午/下午|general', re.IGNORECASE)
_LAST = 2_958_465  # 9999-12-31

NO_DATE = "is formatted as a date and holds none"


def kind(number: int, code: str | None) -> Kind:
    """Return what the number format with this *number* shows; *code* is its definition in the workbook, if it has one."""
    if code is None:
        return _BUILT_IN.get(number, "number")
    shown = code.split(";")[0]
    if re.fullmatch("0{2,}", shown):
        return "zeros"
    letters = _NO_LETTERS.sub("", shown).lower()
    if re.search(r"\[(h+|m+|s+)\]", letters):
        return "duration"
    hour = "h" in letters or "s" in letters
    day = "y" in letters or "d" in letters or ("m" in letters and not hour)
    return "moment" if day and hour else "day" if day else "hour" if hour else "number"


def shown(text: str, of: Kind, code: str | None, *, since_1904: bool) -> str:
    """Return the cell that the number *text* makes in a format *of* this kind; a value that cannot be is `Unreadable`."""
    try:
        value = float(text)
    except ValueError:
        return Unreadable(text, "is no number, though the workbook says so")
    if not abs(value) < float("inf"):
        return Unreadable(text, "is no number, though the workbook says so")
    if of == "number":
        return plain(value)
    if of == "zeros":
        whole = plain(value)
        return whole if isinstance(whole, Unreadable) else whole.zfill(len((code or "").split(";")[0]))
    return _moment(value, of, since_1904=since_1904)


def _moment(value: float, of: Kind, *, since_1904: bool) -> str:
    if value < 0 or value > _LAST + 1:
        return Unreadable(repr(value), NO_DATE)
    seconds = round(value * 86400, 3)
    if abs(seconds - round(seconds)) < 0.05:  # What is left of a fraction of a day that was written with few digits.
        seconds = float(round(seconds))
    if of == "duration" and seconds >= 86400:
        whole = int(seconds)
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    if seconds < 86400 and not since_1904:
        hour = _hour(seconds)
        return Unreadable(repr(value), NO_DATE) if of == "day" else Moment(hour)
    if of in {"hour", "duration"} and seconds < 86400:
        return Moment(_hour(seconds))
    at = _epoch(seconds, since_1904=since_1904) + timedelta(seconds=seconds)
    return Moment(at.date() if of == "day" and at.time() == time() else at)


def _hour(seconds: float) -> time:
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).time()  # noqa: DTZ001  # any day has such an hour


def _epoch(seconds: float, *, since_1904: bool) -> datetime:
    if since_1904:
        return datetime(1904, 1, 1)  # noqa: DTZ001  # a workbook knows no time zones
    # Spreadsheets take 1900 for a leap year: their day 60 never was.
    return datetime(1899, 12, 31 if seconds < 60 * 86400 else 30)  # noqa: DTZ001


def iso(text: str) -> str:
    """Return the cell that *text* makes where a workbook writes a date as ISO 8601."""
    for read in (date.fromisoformat, time.fromisoformat, datetime.fromisoformat):
        try:
            held = read(text)
        except ValueError:
            continue
        naive = held if not isinstance(held, datetime | time) or held.tzinfo is None else None
        return (
            Moment(naive) if naive is not None else Unreadable(text, "is a date with an offset, which no workbook has")
        )
    return Unreadable(text, NO_DATE)

"""
Moments of a rehearsal: days counted from the receipt, or dates of the complaint's own calendar.

The complaint of a rehearsal is moved to another day than the one in its file. ``+14d 10:00`` is ten o'clock, fourteen days
after the day of receipt; ``2026-03-16 10:00`` is the same for a complaint that by its file was received on 2026-03-02.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cli.output import ZONE
from rulebook.calendar import WorkingCalendar, calendar

_RELATIVE = re.compile(r"\+(\d{1,4})d(?: (\d{1,2}):(\d{2}))?")
_ABSOLUTE = re.compile(r"(\d{4}-\d{2}-\d{2})(?: (\d{1,2}):(\d{2}))?")
_AFTER = re.compile(r"(\d{1,4})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_END_OF_DAY = 24
_SATURDAY = 5


def plain_monday(after: date) -> date:
    """Return the first Monday after *after* which no published holiday or make-up day follows for 60 days."""
    known = calendar("cn")
    monday = after + timedelta(days=7 - after.weekday())
    while not all(_plain(known, monday + timedelta(days=ahead)) for ahead in range(60)):
        monday += timedelta(days=7)
    return monday


def _plain(known: WorkingCalendar, day: date) -> bool:
    return known.is_working(day) is (day.weekday() < _SATURDAY)


@dataclass(frozen=True)
class Days:
    """
    Two calendars and what leads from one to the other.

    *written* is the day of receipt in the complaint's file, *played* the day on which the rehearsal has it received, both in
    the *zone* of the rules.
    """

    written: date
    played: date
    zone: ZoneInfo = ZONE

    def day(self, text: str) -> date:
        """Return the day in the rehearsal that *text* means, such as ``+58d``; ValueError if it means none."""
        found, clock = self._parse(text)
        if clock is not None:
            raise ValueError("must be a day, such as +58d, without a time")
        return found

    def instant(self, text: str) -> datetime:
        """Return the instant in the rehearsal that *text* means, such as ``+14d 10:00``; ValueError if it means none."""
        found, clock = self._parse(text)
        if clock is None:
            raise ValueError("must have a time, such as +14d 10:00")
        hour, minute = clock
        if hour == _END_OF_DAY and minute == 0:
            found, hour = found + timedelta(days=1), 0
        return datetime.combine(found, time(hour, minute), self.zone)

    def _parse(self, text: str) -> tuple[date, tuple[int, int] | None]:
        if match := _RELATIVE.fullmatch(text):
            found = self.played + timedelta(days=int(match[1]))
        elif match := _ABSOLUTE.fullmatch(text):
            found = self.played + (date.fromisoformat(match[1]) - self.written)
        else:
            raise ValueError("must be a moment such as +14d 10:00 or 2026-03-16 10:00")
        return found, (int(match[2]), int(match[3])) if match[2] else None


def duration(text: str) -> timedelta:
    """Return the length that *text* means: ``3d``, ``12h`` or ``30m``; ValueError if it means none."""
    if not (match := _AFTER.fullmatch(text)):
        raise ValueError("must be a length such as 3d, 12h or 30m")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})

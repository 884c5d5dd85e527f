"""
How a mapping reads days and instants, and writes them back.

Nothing that a text says is read and dropped: an offset makes the instant, an hour for which a mapping has no use is an
error, and a layout that leaves open what is meant is refused when the mapping is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from models.cells import Moment

Unit = Literal["seconds", "milliseconds"]

NO_DATE = "is not a date of the given format"
NO_INSTANT = "is no count of {unit} since 1970 that lies in the years 1990 to 2199"
_NO_SUCH_HOUR = "is an hour that this day does not have there: the clocks are put forward over it"
_EXTRA_HOUR = "has an hour, and the mapping reads a day"
_LACKS_HOUR = "has no hour, and the mapping reads one"
_LACKS_OFFSET = "has no offset, and the mapping reads one"

_HALVES = {"上午": "AM", "下午": "PM"}
_LOCAL = re.compile(r"%[cxXZ]")
_GLUED = re.compile(r"%[YymdHIMSj](?=%[YymdHIMSj])")
_SHORT_OFFSET = re.compile(r"[+-]\d\d")
_FROM, _TO = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class MomentError(ValueError):
    """A cell is no day or instant that the mapping can read; the message is the broken rule."""


@dataclass(frozen=True)
class Layout:
    """
    How days and instants are written: a *text* of `strptime`, with the *zone* of instants that carry no offset.

    *time_of_day* is the hour of instants of which only the day is written.
    """

    text: str
    zone: str | None
    time_of_day: time | None

    def check(self) -> None:
        """Raise the PydanticCustomError that says what the layout leaves open."""
        if _LOCAL.search(self.text):
            raise PydanticCustomError("format", "%c, %x, %X and %Z mean something else on every machine")
        hours = self._hours()
        if hours == {0, 9}:
            raise PydanticCustomError("format", "%I needs %p: an hour of twelve can be one of two")
        if self.offset and (self.zone or self.time_of_day):
            raise PydanticCustomError("offset", "%z is the offset: time_zone and time_of_day do not go with it")
        if self.offset and not self.hour:
            raise PydanticCustomError("offset", "%z goes with an hour: %H, or %I with %p")
        if self.zone and self.hour == (self.time_of_day is not None):
            raise PydanticCustomError(
                "time_of_day", "an instant takes its hour from the format (%H) or from time_of_day, from exactly one"
            )

    def _hours(self) -> set[int]:
        """Return the hours that are read back for midnight, nine and twenty-one o'clock."""
        found = set()
        for hour in (0, 9, 21):
            written = datetime(2026, 3, 12, hour, 34, 56, tzinfo=UTC)
            try:
                read = datetime.strptime(written.strftime(self.text), self.text)  # noqa: DTZ007  # a probe
            except ValueError:
                raise PydanticCustomError("format", "is no format of strptime") from None
            if read.date() != written.date():
                raise PydanticCustomError("format", "must have year, month and day")
            found.add(read.hour)
        return found

    @cached_property
    def hour(self) -> bool:
        """Whether the hour of the day is written."""
        return len(self._hours()) > 2

    @cached_property
    def offset(self) -> bool:
        """Whether the offset is written."""
        return "%z" in self.text.replace("%%", "")

    def read(self, cell: str) -> str:
        """Return the day or the instant in *cell* as ISO 8601 writes it; MomentError if there is none."""
        if isinstance(cell, Moment):
            return self._held(cell.held)
        for word, half in _HALVES.items() if "%p" in self.text else ():
            cell = cell.replace(word, half)
        if self.offset and self.text.endswith("%z") and _SHORT_OFFSET.fullmatch(cell[-3:]):
            cell += "00"
        try:
            found = datetime.strptime(cell, self.text)  # noqa: DTZ007  # the zone comes from the mapping, below
        except ValueError:
            raise MomentError(NO_DATE) from None
        if _GLUED.search(self.text) and len(found.strftime(self.text)) != len(cell):
            raise MomentError(NO_DATE)  # With a digit missing it would be another day.
        return self._placed(found)

    def _held(self, held: date | time) -> str:
        if isinstance(held, time):
            raise MomentError(NO_DATE)
        if not isinstance(held, datetime):
            if self.hour:
                raise MomentError(_LACKS_HOUR)
            return self._placed(datetime.combine(held, time()))
        if self.offset:
            raise MomentError(_LACKS_OFFSET)
        if not self.hour and held.time() != time():
            raise MomentError(_EXTRA_HOUR)
        return self._placed(held)

    def _placed(self, found: datetime) -> str:
        if found.tzinfo is not None:
            return found.isoformat()
        if not self.zone:
            return found.isoformat() if found.time() != time() else found.date().isoformat()
        if self.time_of_day is not None:
            found = datetime.combine(found.date(), self.time_of_day)
        # An hour that strikes twice is its first: what was received earlier is due earlier.
        there = found.replace(tzinfo=ZoneInfo(self.zone))
        real = there.astimezone(UTC).astimezone(there.tzinfo)
        if real.replace(tzinfo=None) == found:
            return there.isoformat()
        if self.time_of_day is None:
            raise MomentError(_NO_SUCH_HOUR)
        return real.isoformat()

    def written(self, iso: str) -> str:
        """Return the day or the instant *iso* in this layout."""
        if self.zone:
            return datetime.fromisoformat(iso).astimezone(ZoneInfo(self.zone)).strftime(self.text)
        if self.offset:
            return datetime.fromisoformat(iso).astimezone(UTC).strftime(self.text)
        return date.fromisoformat(iso[:10]).strftime(self.text)


@lru_cache(maxsize=256)
def layout(text: str, zone: str | None, time_of_day: time | None) -> Layout:
    """Return the layout, the same one for the same words."""
    return Layout(text, zone, time_of_day)


def counted(cell: str, unit: Unit) -> str:
    """Return the instant of which *cell* counts the *unit* since 1970-01-01T00:00:00Z; MomentError if it counts none."""
    milliseconds = int(cell) * (1000 if unit == "seconds" else 1) if re.fullmatch(r"[0-9]{1,15}", cell) else 0
    if not _FROM.timestamp() <= milliseconds / 1000 < _TO.timestamp():
        raise MomentError(NO_INSTANT.format(unit=unit))
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).isoformat()


def count(iso: str, unit: Unit) -> str:
    """Return the count of *unit* since 1970 for the instant *iso*."""
    passed = datetime.fromisoformat(iso) - datetime(1970, 1, 1, tzinfo=UTC)
    return str(passed // timedelta(**{unit: 1}))

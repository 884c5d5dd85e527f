"""
A limit, and the instant at which it has run out.

Periods are half-open: *due* is the first instant that is too late. A limit of 15 natural days from any instant of
2026-03-02 has the due instant 2026-03-18T00:00 (24:00 of the 17th, the last day on which one is in time).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from rulebook.calendar import MAX_WORKING_DAYS, WorkingCalendar
from rulebook.errors import LimitError

Unit = Literal["nd", "wd", "h", "w", "m"]
"""Natural days (日, art. 43), working days (工作日), hours, weeks of seven natural days (周), calendar months (月)."""

UNITS: dict[Unit, str] = {"nd": "natural days", "wd": "working days", "h": "hours", "w": "weeks", "m": "months"}
"""The units in words, for messages."""

LONGEST: dict[Unit, int] = {"nd": 36_600, "wd": MAX_WORKING_DAYS, "h": 878_400, "w": 5_200, "m": 1_200}
"""A century, or what the calendar answers: a larger number is a typing error, and every search stays bounded."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MONTHS = 12
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time that knows its unit: natural days, working days, hours, weeks or months."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse nonsense when it is made; LimitError says what is wrong."""
        if self.unit not in UNITS:
            raise LimitError(f"a limit's unit is one of {', '.join(UNITS)}")
        # 0 working days is "the same day, or the next one that is worked"; 0 of anything else would be no time at all.
        if not (0 if self.unit == "wd" else 1) <= self.amount <= LONGEST[self.unit]:
            longest = f"{LONGEST[self.unit]:,} {UNITS[self.unit]}"
            raise LimitError(f"a limit must be positive and at most {longest}, got {self.amount:,}")

    @classmethod
    def natural_days(cls, amount: int) -> Self:
        """Return a limit of *amount* natural days: holidays do not move it (art. 43)."""
        return cls(amount, "nd")

    @classmethod
    def working_days(cls, amount: int) -> Self:
        """
        Return a limit of *amount* working days by the State Council's notices, make-up days (补班) included.

        0 is the same day (当日): until the end of the day itself if it is worked, otherwise of the next one that is (R072).
        """
        return cls(amount, "wd")

    @classmethod
    def hours(cls, amount: int) -> Self:
        """Return a limit of *amount* hours, counted around the clock."""
        return cls(amount, "h")

    @classmethod
    def weeks(cls, amount: int) -> Self:
        """Return a limit of *amount* weeks, each of seven natural days."""
        return cls(amount, "w")

    @classmethod
    def months(cls, amount: int) -> Self:
        """Return a limit of *amount* calendar months: see `months_after` for where it ends."""
        return cls(amount, "m")

    def __str__(self) -> str:
        """Return the limit in words."""
        return f"{self.amount} {UNITS[self.unit]}"


@dataclass(frozen=True, slots=True)
class Pause:
    """
    A period that is left out of a limit: [*start*, *end*); *end* is None while it lasts.

    LimitError when an instant has no time zone or the end lies before the start.
    """

    start: datetime
    end: datetime | None
    ground: str = ""

    def __post_init__(self) -> None:
        """Refuse naive instants and periods that run backwards."""
        require_aware(self.start, "a pause's start")
        if self.end is not None:
            require_aware(self.end, "a pause's end")
            if in_utc(self.end) < in_utc(self.start):
                raise LimitError("a pause must not end before it starts")


def require_aware(instant: datetime, what: str) -> None:
    """Refuse an instant without a time zone: LimitError names *what* it is."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise LimitError(f"{what} must carry a time zone, such as +08:00")


def in_utc(instant: datetime) -> datetime:
    """
    Return *instant* in UTC, where instants compare and subtract as they should; LimitError outside the years 1 to 9999.

    Two times in one zone compare by the wall clock, and an hour that strikes twice equals nothing in another zone.
    """
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise LimitError("an instant lies outside the years 1 to 9999") from error


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of *day* in *zone*."""
    return datetime.combine(day, time(), zone)


def months_after(start: date, amount: int) -> date:
    """
    Return the last day of *amount* calendar months from *start*: the day with the same number, or the month's last one.

    So 31 January and a month end on 28 February, or on the 29th: Civil Code art. 202, and in England the corresponding-date
    rule (Dodd v Chief Constable of Cheshire [1988]). ValueError beyond the year 9999.
    """
    years, month = divmod(start.month - 1 + amount, MONTHS)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def counted_to(amount: int, unit: Unit, start: date) -> date:
    """Return the last day of a limit of natural days, weeks or months that no pause moves; *start* is day zero."""
    if unit == "m":
        return months_after(start, amount)
    return start + amount * (WEEK if unit == "w" else DAY)


def last_day(due: datetime) -> date:
    """Return the last day on which one is in time, for the first instant that is too late (in its own zone)."""
    # Read an instant earlier: where midnight is missing a day begins at one; where it strikes twice the second one ends an
    # hour of its own day.
    return (in_utc(due) - INSTANT).astimezone(due.tzinfo).date()


def due_after(
    limit: Limit, start: datetime, zone: ZoneInfo, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """
    Return the first instant that is too late, in *zone*, or None while an open pause holds the clock.

    *start* must carry a time zone; the day on which it falls in *zone* is day zero (Civil Code art. 201). A pause moves
    natural days, weeks, months and hours by exactly its length. A working day counts as paused when the pause covers the
    whole of it, so that a working-day limit always ends at the end of a working day. LimitError for a naive start, and for
    one so near to the year 1 or 9999 that the limit leaves them.
    """
    require_aware(start, "a start")
    spans = merge(pauses) if pauses else ()
    try:
        return _due(limit, start, zone, calendar, spans)
    except (OverflowError, ValueError) as error:  # The calendar and datetime both end with the year 9999.
        raise LimitError("the limit leaves the years 1 to 9999") from error


def _due(
    limit: Limit, start: datetime, zone: ZoneInfo, calendar: WorkingCalendar, spans: Sequence[Pause]
) -> datetime | None:
    if limit.unit == "wd":
        return _after_working_days(limit.amount, start, zone, calendar, spans)
    if limit.unit == "h":
        due = (start.astimezone(UTC) + timedelta(hours=limit.amount)).astimezone(zone)
    else:
        due = midnight(counted_to(limit.amount, limit.unit, start.astimezone(zone).date()) + DAY, zone)
    return _shifted(due, start, spans) if spans else due


def merge(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """
    Return *pauses* in order and without overlaps, in UTC, so that an hour paused twice is left out once.

    In UTC, because times in one zone subtract by the wall clock, which repeats or skips an hour.
    """
    merged: list[Pause] = []
    for pause in sorted(map(_pause_in_utc, pauses), key=lambda one: one.start):
        before = merged[-1] if merged else None
        if before is None or (before.end is not None and before.end < pause.start):
            merged.append(pause)
        elif before.end is not None and (pause.end is None or pause.end > before.end):
            merged[-1] = Pause(before.start, pause.end, before.ground)
    return tuple(merged)


def _pause_in_utc(pause: Pause) -> Pause:
    if pause.start.tzinfo is UTC and (pause.end is None or pause.end.tzinfo is UTC):
        return pause
    return Pause(in_utc(pause.start), in_utc(pause.end) if pause.end else None, pause.ground)


def _shifted(due: datetime, start: datetime, spans: Sequence[Pause]) -> datetime | None:
    end = due.astimezone(UTC)
    for span in spans:
        begin = max(span.start, start)
        if begin >= end:
            break
        if span.end is None:
            return None
        end += max(span.end - begin, timedelta())
    return end.astimezone(due.tzinfo)


def counting_from(amount: int, start: date) -> tuple[date, int]:
    """Return after which day how many working days are counted: the same day (0) is the first one after the day before."""
    return (start, amount) if amount else (start - DAY, 1)


def _after_working_days(
    amount: int, start: datetime, zone: ZoneInfo, calendar: WorkingCalendar, spans: Sequence[Pause]
) -> datetime | None:
    day, left = counting_from(amount, start.astimezone(zone).date())
    for span in spans:
        first, last = _whole_days(span, zone)
        if last <= day or last < first:
            continue
        if calendar.nth_working_day(day, left) < first:
            break
        if span.end is None:
            return None
        while (counted := calendar.nth_working_day(day, 1)) < first:
            day, left = counted, left - 1
        day = last
    return midnight(calendar.nth_working_day(day, left) + DAY, zone)


def _whole_days(span: Pause, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day that lie wholly within *span*; the last is before the first if none does."""
    first = span.start.astimezone(zone).date()
    if midnight(first, zone) < span.start:
        first += DAY
    return first, span.end.astimezone(zone).date() - DAY if span.end else date.max

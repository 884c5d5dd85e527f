"""
The limits counted slowly, straight from the text of the law; it shares no code with the rulebook.

- Civil Code art. 201: the day on which a period begins is not counted; hours are counted from the hour.
- Civil Code art. 202/203: the last day ends at 24:00.
- Order 2020 No. 3 art. 18(2), 23: appraisal and mediation do not count; art. 43: 日 is a natural day.
- Working days: a list of days that are worked, made by hand from the State Council's notices.

Time is counted in whole minutes since 1970 (UTC), so that no zone's clock change can hide in the arithmetic.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# 国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04, by hand: first and last days off, then the days worked instead.
HOLIDAYS_2026 = (
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)
WORKED_WEEKENDS_2026 = (
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
)


def minute(instant: datetime) -> int:
    """Return the minutes since 1970 of an instant that falls on a minute."""
    return int(instant.astimezone(UTC).timestamp()) // 60


def works_2026(day: date) -> bool:
    """Return whether *day* of the year 2026 is a working day."""
    text = day.isoformat()
    if text in WORKED_WEEKENDS_2026:
        return True
    if any(first <= text <= last for first, last in HOLIDAYS_2026):
        return False
    return day.strftime("%a") not in {"Sat", "Sun"}


def natural_days(start: datetime, amount: int, zone: ZoneInfo) -> datetime:
    """Walk from day to day; the first instant that is too late begins the day after the last one counted."""
    day = start.astimezone(zone).date()
    counted = 0
    while counted < amount:
        day = day + timedelta(days=1)
        counted += 1
    tomorrow = day + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def working_days(start: datetime, amount: int, zone: ZoneInfo, paused_days: frozenset[date] = frozenset()) -> datetime:
    """Walk from day to day and count those that are worked and not wholly paused."""
    day = start.astimezone(zone).date()
    counted = 0
    while counted < amount:
        day = day + timedelta(days=1)
        if works_2026(day) and day not in paused_days:
            counted += 1
    tomorrow = day + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def with_pauses(start: datetime, unpaused: datetime, pauses: list[tuple[datetime, datetime]]) -> int:
    """Walk from minute to minute: only those outside every pause use the limit up. Return the minute that is too late."""
    left = minute(unpaused) - minute(start)
    spans = [(minute(begin), minute(end)) for begin, end in pauses]
    now = minute(start)
    while left:
        if not any(begin <= now < end for begin, end in spans):
            left -= 1
        now += 1
    return now


def wholly_paused(day: date, pauses: list[tuple[datetime, datetime]], zone: ZoneInfo) -> bool:
    """Return whether every minute of *day* lies within some pause."""
    tomorrow = day + timedelta(days=1)
    first = minute(datetime(day.year, day.month, day.day, tzinfo=zone))
    last = minute(datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone))
    spans = [(minute(begin), minute(end)) for begin, end in pauses]
    return all(any(begin <= now < end for begin, end in spans) for now in range(first, last))

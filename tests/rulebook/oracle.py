"""
The limits counted slowly, straight from the text of the law; it shares no code with the rulebook.

- Civil Code art. 201: the day on which a period begins is not counted; hours are counted from the hour.
- Civil Code art. 202/203: the last day ends at 24:00; months end on the day with the same number, or on the month's last.
- Order 2020 No. 3 art. 18(2), 23: appraisal and mediation do not count; art. 43: 日 is a natural day.
- Working days: a list of days that are worked, made by hand from the State Council's notices.

Everything walks from day to day, and within a day from one edge of a pause to the next. A day begins at the first instant at
which a clock on the wall shows its date, found by looking at that clock every quarter of an hour, so that no zone's clock
change can hide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.rulebook.notices_by_hand import NOTICES

Span = tuple[datetime, datetime | None]
"""What is left out: from an instant until before another, or without an end."""

QUARTER = timedelta(minutes=15)
TODAY = "9999-12-31"
FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


def minute(instant: datetime) -> int:
    """Return the minutes since 1970 of an instant that falls on a minute."""
    return int(instant.astimezone(UTC).timestamp()) // 60


@lru_cache(maxsize=100_000)
def works(day: date, known_on: str = TODAY) -> bool:
    """Return whether *day* is worked by the notices published until *known_on*: the last one that names it decides."""
    text = day.isoformat()
    answer = day.strftime("%a") not in {"Sat", "Sun"}
    for notice in NOTICES:
        if notice.published <= known_on:
            if any(span.partition("/")[0] <= text <= span.rpartition("/")[2] for span in notice.off):
                answer = False
            if text in notice.worked:
                answer = True
    return answer


def arranged(day: date, known_on: str = TODAY) -> bool:
    """Return whether a notice for the whole year of *day* was published until *known_on*."""
    return any(notice.year == day.year and notice.published <= known_on for notice in NOTICES)


@lru_cache(maxsize=100_000)
def begins(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the clocks of *zone* show *day*, in UTC."""
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while now.astimezone(zone).date() < day:
        now += QUARTER
    return now


def due(
    amount: int, unit: str, start: datetime, zone: ZoneInfo, spans: Sequence[Span] = (), *, known_on: str = TODAY
) -> datetime | None:
    """Return the first instant that is too late, in UTC; None when a span without an end holds the clock."""
    if unit == "wd":
        last = last_working_day(amount, start, zone, spans, known_on)
        return begins(last + timedelta(days=1), zone) if last else None
    if unit in UNPAUSED:
        return walk(start, UNPAUSED[unit](start, amount, zone), spans)
    return walk(start, start.astimezone(UTC) + timedelta(hours=amount), spans)


def last_working_day(
    amount: int, start: datetime, zone: ZoneInfo, spans: Sequence[Span], known_on: str = TODAY
) -> date | None:
    """Return the last day in time; the same day (0) is the first working day that is not before the day of *start*."""
    day = start.astimezone(zone).date()
    if amount == 0:
        day, amount = day - timedelta(days=1), 1
    endless = [begin for begin, end in spans if end is None]
    counted = 0
    while counted < amount:
        day = day + timedelta(days=1)
        if any(begin <= begins(day, zone) for begin in endless):
            return None
        if works(day, known_on) and not covered(day, zone, spans):
            counted += 1
    return day


def counted(start: date, amount: int, worked: Callable[[date], bool] = works) -> date:
    """Return the last of *amount* days after *start* that are *worked*, in China unless another calendar says so."""
    day = start
    while amount:
        day = day + timedelta(days=1)
        if worked(day):
            amount -= 1
    return day


def covered(day: date, zone: ZoneInfo, spans: Sequence[Span]) -> bool:
    """Return whether every instant of *day* lies in some span."""
    return free(begins(day, zone), begins(day + timedelta(days=1), zone), spans) == []


def free(begin: datetime, end: datetime, spans: Sequence[Span]) -> list[tuple[datetime, datetime]]:
    """Return the stretches from *begin* until before *end* that lie in no span; between two edges nothing changes."""
    ended = [(one.astimezone(UTC), other.astimezone(UTC) if other else FOREVER) for one, other in spans]
    edges = sorted({begin, end, *(edge for span in ended for edge in span if begin < edge < end)})
    return [(a, b) for a, b in pairwise(edges) if not any(one <= a and b <= other for one, other in ended)]


def walk(start: datetime, unpaused: datetime, spans: Sequence[Span]) -> datetime | None:
    """Walk on from *start*, day after day, until as much free time has passed as lies between *start* and *unpaused*."""
    now = start.astimezone(UTC)
    left = unpaused.astimezone(UTC) - now
    while True:
        tomorrow = now + timedelta(days=1)
        for begin, end in free(now, tomorrow, spans):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        if any(end is None and begin <= now for begin, end in spans):
            return None
        now = tomorrow


def natural_days(start: datetime, amount: int, zone: ZoneInfo) -> datetime:
    """Walk from day to day; the first instant that is too late begins the day after the last one counted."""
    day = start.astimezone(zone).date()
    counted = 0
    while counted < amount:
        day = day + timedelta(days=1)
        counted += 1
    return begins(day + timedelta(days=1), zone).astimezone(zone)


def weeks(start: datetime, amount: int, zone: ZoneInfo) -> datetime:
    """Walk from day to day; a week has passed whenever the weekday of the start comes round."""
    day = start.astimezone(zone).date()
    weekday = day.strftime("%a")
    counted = 0
    while counted < amount:
        day = day + timedelta(days=1)
        if day.strftime("%a") == weekday:
            counted += 1
    return begins(day + timedelta(days=1), zone).astimezone(zone)


def months(start: datetime, amount: int, zone: ZoneInfo) -> datetime:
    """Walk over the ends of *amount* months, then on to the number of the start, or to the month's last day."""
    day = start.astimezone(zone).date()
    number = day.day
    ends = 0
    while ends < amount:
        day = day + timedelta(days=1)
        if day.day == 1:
            ends += 1
    while day.day < number and (day + timedelta(days=1)).day != 1:
        day = day + timedelta(days=1)
    return begins(day + timedelta(days=1), zone).astimezone(zone)


UNPAUSED = {"nd": natural_days, "w": weeks, "m": months}
"""The counts that holidays do not touch, by unit."""


def working_days(start: datetime, amount: int, zone: ZoneInfo, paused_days: frozenset[date] = frozenset()) -> datetime:
    """Walk from day to day and count those that are worked and not wholly paused."""
    day = start.astimezone(zone).date()
    counted = 0
    while counted < amount:
        day = day + timedelta(days=1)
        if works(day) and day not in paused_days:
            counted += 1
    return begins(day + timedelta(days=1), zone).astimezone(zone)


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
    first, last = minute(begins(day, zone)), minute(begins(day + timedelta(days=1), zone))
    spans = [(minute(begin), minute(end)) for begin, end in pauses]
    return all(any(begin <= now < end for begin, end in spans) for now in range(first, last))


def special(first: date, last: date, known_on: str = TODAY) -> list[date]:
    """Return the days from *first* to *last* that are not what the week says: days off, and weekend days worked."""
    count = (last - first).days + 1
    days = (first + timedelta(days=number) for number in range(count))
    return [day for day in days if not works(day, known_on) or day.strftime("%a") in {"Sat", "Sun"}]

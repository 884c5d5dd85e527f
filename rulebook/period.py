"""
Periods: weeks, months, quarters and years of local days, and the day on which something is owed about each.

Figures are made of a period; what supervision owes about one (a bulletin, a sample, a publication) is owed on the n-th
working or natural day after its last day, so that a holiday, even a week without a working day, moves the day and never
loses the period. A period has one name, ``2026-W47``, ``2026-10``, ``2026-Q3`` or ``2025``, and that name is the identity
of what is done about it.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from rulebook.calendar import WorkingCalendar
from rulebook.errors import RulebookError

PeriodKind = Literal["week", "month", "quarter", "year"]
"""A week from Monday to Sunday (ISO 8601), a calendar month, a quarter, a calendar year."""

_FORMS = re.compile(r"(?P<year>(?:19|20|21)\d\d)(?:-(?:W(?P<week>\d\d)|Q(?P<quarter>[1-4])|(?P<month>\d\d)))?")
_MONTHS = range(1, 13)
_LONGEST = {"week": 7, "month": 31, "quarter": 92, "year": 366}


class PeriodError(RulebookError):
    """The text names no period; the message is one line."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """
    A period by its *kind* and its *first* day; it is made by `containing` or `parse`, which know the first days.

    Periods of one kind are in the order of time.
    """

    first: date
    kind: PeriodKind

    @classmethod
    def containing(cls, kind: PeriodKind, day: date) -> Self:
        """Return the period of *kind* in which *day* lies."""
        match kind:
            case "week":
                return cls(day - timedelta(days=day.weekday()), kind)
            case "month":
                return cls(day.replace(day=1), kind)
            case "quarter":
                return cls(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), kind)
            case "year":
                return cls(day.replace(month=1, day=1), kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the period that *text* names; PeriodError if it names none."""
        if not (found := _FORMS.fullmatch(text)):
            raise PeriodError("a period is written 2026-10, 2026-W43, 2026-Q3 or 2026")
        year = int(found["year"])
        if found["week"]:
            try:
                return cls(date.fromisocalendar(year, int(found["week"]), 1), "week")
            except ValueError:
                raise PeriodError(f"{year} has no week {found['week']}") from None
        if found["quarter"]:
            return cls(date(year, 3 * int(found["quarter"]) - 2, 1), "quarter")
        if found["month"]:
            if int(found["month"]) not in _MONTHS:
                raise PeriodError("a year has the months 01 to 12")
            return cls(date(year, int(found["month"]), 1), "month")
        return cls(date(year, 1, 1), "year")

    @property
    def name(self) -> str:
        """The one name of the period; people and files call it by it."""
        match self.kind:
            case "week":
                year, week, _ = self.first.isocalendar()
                return f"{year}-W{week:02}"
            case "month":
                return f"{self.first:%Y-%m}"
            case "quarter":
                return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
            case "year":
                return str(self.first.year)

    @property
    def name_zh(self) -> str:
        """How Chinese readers call it."""
        match self.kind:
            case "week":
                year, week, _ = self.first.isocalendar()
                return f"{year}年第{week}周（{self.first}至{self.last}）"
            case "month":
                return f"{self.first.year}年{self.first.month}月"
            case "quarter":
                return f"{self.first.year}年第{'一二三四'[(self.first.month - 1) // 3]}季度"
            case "year":
                return f"{self.first.year}年"

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.next().first - timedelta(days=1)

    def next(self) -> Self:
        """Return the period after this one."""
        return self.containing(self.kind, self.first + timedelta(days=_LONGEST[self.kind]))

    def previous(self) -> Self:
        """Return the period before this one."""
        return self.containing(self.kind, self.first - timedelta(days=1))

    def back(self, count: int) -> list[Self]:
        """Return *count* periods of the same kind in the order of time, this one the last."""
        found = [self]
        while len(found) < count:
            found.append(found[-1].previous())
        return found[::-1]

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return its first instant and the first instant after it, in *zone*."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.next().first, time(), zone)


@dataclass(frozen=True, slots=True)
class DayRule:
    """
    The day on which something is owed about a period: the *amount*-th *unit* day after its last day, at the local time *at*.

    *unit* is ``working`` for working days of the calendar, ``natural`` for any day.
    """

    amount: int
    unit: Literal["working", "natural"]
    at: time

    def due(self, period: Period, calendar: WorkingCalendar, zone: ZoneInfo) -> datetime:
        """Return the instant at which it is owed about *period*."""
        if self.unit == "working":
            day = calendar.nth_working_day(period.last, self.amount)
        else:
            day = period.last + timedelta(days=self.amount)
        return datetime.combine(day, self.at, zone)


def newest_due(kind: PeriodKind, rule: DayRule, calendar: WorkingCalendar, zone: ZoneInfo, now: datetime) -> Period:
    """Return the newest period of *kind* about which *rule* owes something at the instant *now*."""
    period = Period.containing(kind, now.astimezone(zone).date()).previous()
    while rule.due(period, calendar, zone) > now:
        period = period.previous()
    return period


@dataclass(frozen=True, slots=True)
class Owed:
    """A *period* to be dealt with now, and those right before it that are *passed_over* because its run covers them."""

    period: Period
    passed_over: tuple[Period, ...] = ()


def owed(
    newest: Period, covered: Container[Period], missed: Literal["latest", "each"], reach: int, begun: date | None
) -> tuple[Owed, ...]:
    """
    Return what is owed, oldest first, when *newest* is the newest period due and runs have *covered* some.

    Owed is every period that no run covers, whatever was done about later ones: of the last *reach*, without those that were
    over before the day on which the record was *begun*, None for an empty one: nothing can be told of them. After an outage
    ``each`` deals with one after the other, ``latest`` with the newest of those that follow one another, naming the others.
    """
    if begun is None:
        return ()
    stretches: list[list[Period]] = [[]]
    for period in newest.back(reach):
        if period.last < begun or period in covered:
            stretches.append([])
        else:
            stretches[-1].append(period)
    if missed == "each":
        return tuple(Owed(period) for stretch in stretches for period in stretch)
    return tuple(Owed(last, tuple(over)) for *over, last in filter(None, stretches))

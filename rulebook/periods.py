"""
Periods of supervision: weeks, months and years of local days, and the day on which something is owed about each.

What is owed about a period (a bulletin, a sample, a publication) is owed on the n-th working or natural day after its
last day, so that a holiday, even a week without a working day, moves the day and never loses the period. A period has
one name, ``2026-W47``, ``2026-10`` or ``2025``, and that name is the identity of what is done about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo

from rulebook.calendar import WorkingCalendar
from rulebook.errors import RulebookError

PeriodKind = Literal["week", "month", "year"]
"""A week from Monday to Sunday (ISO 8601), a calendar month, a calendar year."""

_NAMES = {"week": r"(\d{4})-W(\d{2})", "month": r"(\d{4})-(\d{2})", "year": r"(\d{4})"}


class PeriodError(RulebookError):
    """A text names no period; the message is one line."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period by its *kind* and its *first* day; it is made by `containing` or `parse`, which know the first days."""

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
            case "year":
                return cls(day.replace(month=1, day=1), kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the period that *text* names: ``2026-W47``, ``2026-10`` or ``2025``; PeriodError otherwise."""
        for kind in get_args(PeriodKind):
            if found := re.fullmatch(_NAMES[kind], text):
                year, *part = map(int, found.groups())
                try:
                    month = part[0] if part else 1
                    first = date.fromisocalendar(year, month, 1) if kind == "week" else date(year, month, 1)
                except ValueError:
                    break
                return cls(first, kind)
        raise PeriodError("a period is a week such as 2026-W47, a month such as 2026-10, or a year such as 2025")

    @property
    def name(self) -> str:
        """The one name of the period."""
        match self.kind:
            case "week":
                year, week, _ = self.first.isocalendar()
                return f"{year:04}-W{week:02}"
            case "month":
                return f"{self.first:%Y-%m}"
            case "year":
                return f"{self.first:%Y}"

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.next().first - timedelta(days=1)

    def next(self) -> Self:
        """Return the period after this one."""
        longest = {"week": 7, "month": 31, "year": 366}[self.kind]
        return self.containing(self.kind, self.first + timedelta(days=longest))

    def previous(self) -> Self:
        """Return the period before this one."""
        return self.containing(self.kind, self.first - timedelta(days=1))

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
    """The periods to be dealt with now, oldest first, and those *passed_over* because the newest covers them."""

    periods: tuple[Period, ...] = ()
    passed_over: tuple[Period, ...] = ()


def owed(newest: Period, done: Period | None, missed: Literal["latest", "each"], reach: int) -> Owed:
    """
    Return what is owed when *newest* is the newest period due and *done* the newest that was dealt with, None for none yet.

    After an outage ``latest`` deals with the newest period alone and names the others, ``each`` deals with one after
    the other; neither looks further back than *reach* periods. Who begins begins with the newest.
    """
    if done is not None and done >= newest:
        return Owed()
    back = [newest]
    while done is not None and len(back) < reach and back[-1].previous() > done:
        back.append(back[-1].previous())
    back.reverse()
    return Owed(tuple(back)) if missed == "each" else Owed((newest,), tuple(back[:-1]))

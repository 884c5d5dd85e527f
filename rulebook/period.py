"""The stretches of days for which figures are made: a week, a month, a quarter, a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rulebook.errors import RulebookError

PeriodKind = Literal["week", "month", "quarter", "year"]

_FORMS = re.compile(r"(?P<year>(?:19|20|21)\d\d)(?:-(?:W(?P<week>\d\d)|Q(?P<quarter>[1-4])|(?P<month>\d\d)))?")
_MONTHS = range(1, 13)
_JANUARY_FOURTH = 4
"""The day of January that always lies in the first week of a year (ISO 8601)."""


class PeriodError(RulebookError):
    """The text names no period; the message is one line."""


@dataclass(frozen=True, slots=True)
class Period:
    """
    Whole local days, from *first* to *last*, both within it.

    *name* is how people and files call it: ``2026-10``, ``2026-W43`` (ISO 8601, Monday to Sunday), ``2026-Q3``, ``2026``.
    """

    kind: PeriodKind
    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period that *text* names; PeriodError if it names none."""
        if not (found := _FORMS.fullmatch(text)):
            raise PeriodError("a period is written 2026-10, 2026-W43, 2026-Q3 or 2026")
        year = int(found["year"])
        if found["week"]:
            return _week(year, int(found["week"]))
        if found["quarter"]:
            return quarter(year, int(found["quarter"]))
        if found["month"]:
            if int(found["month"]) not in _MONTHS:
                raise PeriodError("a year has the months 01 to 12")
            return month(year, int(found["month"]))
        return cls("year", date(year, 1, 1), date(year, 12, 31))

    @property
    def name(self) -> str:
        """How it is called: see the class."""
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

    def before(self) -> Period:
        """Return the period of the same kind that ends the day before this one begins."""
        eve = self.first - timedelta(days=1)
        match self.kind:
            case "week":
                return Period("week", self.first - timedelta(days=7), eve)
            case "month":
                return month(eve.year, eve.month)
            case "quarter":
                return quarter(eve.year, (eve.month + 2) // 3)
            case "year":
                return Period("year", date(eve.year, 1, 1), eve)

    def back(self, count: int) -> list[Period]:
        """Return *count* periods of the same kind in the order of time, this one the last."""
        found = [self]
        while len(found) < count:
            found.append(found[-1].before())
        return found[::-1]


def month(year: int, number: int) -> Period:
    """Return the month *number* (1–12) of *year*."""
    following = date(year + number // 12, number % 12 + 1, 1)
    return Period("month", date(year, number, 1), following - timedelta(days=1))


def quarter(year: int, number: int) -> Period:
    """Return the quarter *number* (1–4) of *year*."""
    return Period("quarter", date(year, 3 * number - 2, 1), month(year, 3 * number).last)


def _week(year: int, number: int) -> Period:
    fourth = date(year, 1, _JANUARY_FOURTH)
    monday = fourth - timedelta(days=fourth.weekday()) + timedelta(weeks=number - 1)
    if monday.isocalendar()[:2] != (year, number):
        raise PeriodError(f"{year} has no week {number:02}")
    return Period("week", monday, monday + timedelta(days=6))

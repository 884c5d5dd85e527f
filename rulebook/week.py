"""The working week: which weekdays are worked where no notice says otherwise, and counting by them alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final, Literal

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""A weekday, as files name it."""

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The weekdays in the order in which a date numbers them."""


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """
    The *days* of the week that are worked, at least one, in the order of `WEEKDAYS`; ValueError for anything else.

    It counts days from Monday, 1 January of the year 1 on, so that the n-th one is found without walking there.
    """

    days: tuple[Weekday, ...]
    _numbers: tuple[int, ...] = ()
    _worked: tuple[bool, ...] = ()
    _until: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a week that has no day, names one twice, or is out of order."""
        if not self.days or self.days != tuple(day for day in WEEKDAYS if day in self.days):
            raise ValueError(f"a working week names weekdays once each, in the order {', '.join(WEEKDAYS)}")
        worked = tuple(day in self.days for day in WEEKDAYS)
        object.__setattr__(self, "_worked", worked)
        object.__setattr__(self, "_numbers", tuple(number for number, works in enumerate(worked) if works))
        object.__setattr__(self, "_until", (0, *accumulate(map(int, worked))))

    def works(self, on: date) -> bool:
        """Return whether the weekday of *on* is worked."""
        return self._worked[on.weekday()]

    def until(self, on: date) -> int:
        """Return how many worked days there are up to and including *on*."""
        weeks, days = divmod(on.toordinal(), len(WEEKDAYS))
        return weeks * len(self._numbers) + self._until[days]

    def nth(self, start: date, amount: int) -> date:
        """Return the *amount*-th worked day after *start*; ValueError beyond the year 9999."""
        weeks, days = divmod(self.until(start) + amount - 1, len(self._numbers))
        ordinal = weeks * len(WEEKDAYS) + self._numbers[days] + 1
        if ordinal > date.max.toordinal():
            raise ValueError(f"amount: {amount} working days after {start} is beyond the year 9999")
        return date.fromordinal(ordinal)


MONDAY_TO_FRIDAY: Final = WorkingWeek(("mon", "tue", "wed", "thu", "fri"))
"""The week of a calendar whose notices name none."""

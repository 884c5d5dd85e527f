"""A working week of any weekdays counts as one walks from day to day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.errors import CalendarError
from rulebook.freeze import week_named
from rulebook.week import MONDAY_TO_FRIDAY, WEEKDAYS, WorkingWeek

DAY = timedelta(days=1)
weeks = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(
    lambda days: WorkingWeek(tuple(day for day in WEEKDAYS if day in days))
)
dates = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(weeks, dates, st.integers(1, 40))
def test_the_nth_day_is_the_one_that_a_walk_finds(week: WorkingWeek, start: date, amount: int) -> None:
    day, left = start, amount
    while left:
        day += DAY
        left -= f"{day:%a}".lower() in week.days
    assert week.nth(start, amount) == day
    assert week.until(day) - week.until(start) == amount


@given(weeks, dates)
def test_a_day_is_worked_if_the_week_names_its_weekday(week: WorkingWeek, day: date) -> None:
    assert week.works(day) is (f"{day:%a}".lower() in week.days)
    assert week.until(day) - week.until(day - DAY) == week.works(day)


def test_the_first_and_the_last_days_of_all() -> None:
    """1 January of the year 1 is a Monday, 31 December 9999 a Friday."""
    assert [MONDAY_TO_FRIDAY.until(date(1, 1, number)) for number in (1, 5, 6, 7, 8)] == [1, 5, 5, 5, 6]
    assert MONDAY_TO_FRIDAY.nth(date(9999, 12, 30), 1) == date(9999, 12, 31)
    with pytest.raises(ValueError, match="1 working days after 9999-12-31 is beyond the year 9999"):
        MONDAY_TO_FRIDAY.nth(date(9999, 12, 31), 1)


@pytest.mark.parametrize("days", [(), ("tue", "mon"), ("mon", "mon"), ("Mon",)])
def test_a_week_without_days_or_out_of_order_is_refused(days: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="names weekdays once each, in the order mon, tue"):
        WorkingWeek(days)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", "mon tue wed thu fri"),
        ("sun-thu", "mon tue wed thu sun"),
        ("sat-wed", "mon tue wed sat sun"),
        ("mon-sun", "mon tue wed thu fri sat sun"),
        ("fri-fri", "fri"),
        ("wed,mon", "mon wed"),
    ],
)
def test_a_week_can_be_typed(text: str, days: str) -> None:
    assert week_named(text).days == tuple(days.split())


@pytest.mark.parametrize("text", ["", "mon-", "mon,", "montag-freitag", "Mon-Fri"])
def test_a_week_that_names_no_weekday_is_refused(text: str) -> None:
    with pytest.raises(CalendarError, match="week: expected weekdays such as mon-fri or mon,wed,fri, got"):
        week_named(text)

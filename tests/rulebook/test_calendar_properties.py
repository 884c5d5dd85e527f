"""The working calendar against a day-by-day count, for any version, start and amount."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rulebook.calendar import WorkingCalendar, assemble, calendar
from rulebook.counting_days import count_days
from rulebook.deadline import date_limit
from rulebook.limit import Limit, midnight
from rulebook.notice import Notice, NoticeDay
from rulebook.week import WorkingWeek
from tests.rulebook.test_week import weeks

CN = calendar("cn")
DAY = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")


def made_up(week: WorkingWeek, off: set[date]) -> WorkingCalendar:
    """Return a calendar of 2026 and 2027 with another working week and days off of its own."""
    days = [NoticeDay(day=day, kind="off", holiday="National Day") for day in sorted(off)]
    notice = Notice(
        id="xx-2026",
        title="t",
        year=2026,
        until=2027,
        published=date(2026, 1, 1),
        date_source="document",
        week=week.days,
        days=tuple(days),
    )
    return assemble("xx", (notice,), {})


calendars = st.one_of(
    st.dates(date(2006, 1, 1), date(2027, 12, 31)).map(CN.as_known_on),
    st.builds(made_up, weeks, st.sets(st.dates(date(2025, 12, 1), date(2027, 12, 31)), min_size=1, max_size=12)),
    st.sampled_from(["au", "gb-eng", "ie", "in", "sg", "us-ca"]).map(calendar),
)
starts = st.dates(date(2006, 6, 1), date(2028, 6, 30))
amounts = st.integers(1, 90)


def count_day_by_day(days: WorkingCalendar, start: date, amount: int) -> date:
    """Find the answer slowly: look at one day after the other."""
    on = start
    while amount:
        on += DAY
        amount -= days.is_working(on)
    return on


@settings(deadline=None)
@given(calendars, starts, amounts)
def test_the_answer_is_the_one_found_by_counting_days(days: WorkingCalendar, start: date, amount: int) -> None:
    assert days.nth_working_day(start, amount) == count_day_by_day(days, start, amount)


@settings(deadline=None)
@given(calendars, starts, amounts)
def test_a_limit_never_ends_on_a_day_off(days: WorkingCalendar, start: date, amount: int) -> None:
    assert days.day(days.nth_working_day(start, amount)).working


@settings(deadline=None)
@given(calendars, starts, amounts, st.integers(0, 40))
def test_a_later_start_never_ends_earlier(days: WorkingCalendar, start: date, amount: int, later: int) -> None:
    assert days.nth_working_day(start, amount) <= days.nth_working_day(start + later * DAY, amount)


@settings(deadline=None)
@given(calendars, starts, amounts, amounts)
def test_two_limits_in_a_row_are_one_limit_of_their_sum(
    days: WorkingCalendar, start: date, amount: int, more: int
) -> None:
    """So a longer limit also ends strictly later."""
    middle = days.nth_working_day(start, amount)
    assert middle < days.nth_working_day(middle, more) == days.nth_working_day(start, amount + more)


@settings(deadline=None)
@given(calendars, starts, amounts)
def test_the_listed_days_account_for_every_day_on_the_way(days: WorkingCalendar, start: date, amount: int) -> None:
    end, listed = days.add_working_days(start, amount)
    assert end == days.nth_working_day(start, amount)
    passed = [days.day(start + n * DAY) for n in range(1, (end - start).days + 1)]
    assert list(listed) == [answer for answer in passed if not answer.working or not days.week.works(answer.day)]
    assert (end - start).days == amount + sum(not answer.working for answer in listed)


@settings(deadline=None, max_examples=60)
@given(calendars, starts, st.integers(0, 40))
def test_a_proof_by_any_calendar_is_followed_day_by_day(days: WorkingCalendar, start: date, amount: int) -> None:
    """Make-up days are those outside the calendar's own week; both ways of counting name the same days off."""
    proof = date_limit(Limit.working_days(amount), midnight(start, UTC_ZONE), UTC_ZONE, days)
    found = count_days(proof, days)
    assert found.due == proof.due
    off = [one.day for one in found.days if not days.is_working(one.day) and (amount == 0 or one.day > start)]
    assert off == [one.day for one in proof.skipped if not one.working]
    made_up = [one.day for one in found.days if one.kind == "made_up"]
    assert made_up == [one.day for one in proof.skipped if one.working]
    assert not any(days.week.works(day) for day in made_up)


@given(calendars, st.dates(max_value=date(9900, 1, 1)))
def test_any_date_has_an_answer_that_agrees_with_itself(days: WorkingCalendar, on: date) -> None:
    answer = days.day(on)
    assert answer.day == on
    assert answer.working == days.is_working(on)
    assert answer.provisional == days.is_provisional(on)
    assert answer.source is None or not answer.provisional


@settings(deadline=None)
@given(st.dates(max_value=date(9900, 1, 1)), st.integers(1, 10_000))
def test_any_start_has_an_answer(start: date, amount: int) -> None:
    """However far from the published years, the answer comes at once and never fails."""
    assert CN.nth_working_day(start, amount) > start

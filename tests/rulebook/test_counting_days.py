"""The days of a proof, one by one, arrive at the deadline that was computed at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rulebook.counting_days import CountedDay, DayCount, count_days
from rulebook.deadline import Deadline, date_limit, set_date
from rulebook.errors import LimitError
from rulebook.limit import DAY, Limit, Pause, midnight
from tests.rulebook.helpers import CN, SHANGHAI, on
from tests.rulebook.test_limit_properties import fast, in_order, limits, spans, starts, zones

HOUR = timedelta(hours=1)


def dated(limit: Limit, start: datetime, *pauses: Pause, zone: ZoneInfo = SHANGHAI, more: int = 0) -> Deadline:
    return date_limit(limit, start, zone, CN, pauses, extended_by=more)


def counted(limit: Limit, start: str, *pauses: Pause, more: int = 0) -> DayCount:
    return count_days(dated(limit, on(start), *pauses, more=more), CN)


def told(days: tuple[CountedDay, ...]) -> list[tuple[str, str, int | None]]:
    return [(f"{one.day:%a %m-%d}", one.kind, one.number) for one in days]


@fast
@given(limits, starts, spans, zones, st.integers(0, 30))
def test_counting_day_by_day_arrives_at_the_deadline(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]], zone: ZoneInfo, more: int
) -> None:
    """Every unit, paused, extended and over clock changes."""
    deadline = dated(limit, start, *in_order(pauses), zone=zone, more=more)
    found = count_days(deadline, CN)
    assert found.due == deadline.due
    assert found.days[-1].day == deadline.last_day
    assert found.days[-1].number == limit.amount + more


@fast
@given(limits, starts, zones)
def test_without_a_pause_the_midnight_after_the_last_counted_day_is_the_deadline(
    limit: Limit, start: datetime, zone: ZoneInfo
) -> None:
    assume(limit.unit != "h")
    deadline = dated(limit, start, zone=zone)
    days = count_days(deadline, CN).days
    assert midnight(days[-1].day + DAY, zone) == deadline.due
    numbers = [one.number for one in days if one.number is not None]
    assert numbers == list(range(1, limit.amount + 1))


@fast
@given(starts, spans)
def test_a_limit_of_the_same_day_counts_to_the_first_day_that_is_worked(
    start: datetime, pauses: list[tuple[datetime, timedelta]]
) -> None:
    deadline = dated(Limit.working_days(0), start, *in_order(pauses))
    found = count_days(deadline, CN)
    assert found.due == deadline.due == midnight(found.days[-1].day + DAY, SHANGHAI)
    assert [one.number for one in found.days if one.number is not None] == [0]


@fast
@given(limits, starts, spans, starts)
def test_an_open_pause_holds_the_count_where_it_holds_the_deadline(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]], open_from: datetime
) -> None:
    deadline = dated(limit, start, *in_order(pauses), Pause(open_from, None))
    found = count_days(deadline, CN)
    assert found.due == deadline.due
    assert (found.days[-1].kind == "paused" or found.days[-1].left_out > timedelta()) or found.due


@fast
@given(limits, starts, spans, zones)
def test_every_calendar_day_from_start_to_deadline_is_there_once(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]], zone: ZoneInfo
) -> None:
    deadline = dated(limit, start, *in_order(pauses), zone=zone)
    days = [one.day for one in count_days(deadline, CN).days]
    first = start.astimezone(zone).date()
    assert days == [first + timedelta(days=count) for count in range(len(days))]


@fast
@given(limits, starts, spans, zones)
def test_the_time_that_ran_and_the_time_left_out_are_the_time_from_start_to_deadline(
    limit: Limit, start: datetime, pauses: list[tuple[datetime, timedelta]], zone: ZoneInfo
) -> None:
    assume(limit.unit != "wd")
    deadline = dated(limit, start, *in_order(pauses), zone=zone)
    assert deadline.due is not None
    days = count_days(deadline, CN).days
    spent = sum((one.counted + one.left_out for one in days), timedelta())
    assert spent == deadline.due.astimezone(UTC) - start.astimezone(UTC)


def test_working_days_over_a_holiday_with_a_make_up_day() -> None:
    """国庆节 2026: off from 1 to 7 October, worked on Sat 10 October instead."""
    found = counted(Limit.working_days(4), "Wed 2026-09-30 16:00")
    assert told(found.days) == [
        ("Wed 09-30", "zero", None),
        *[(f"{day:%a %m-%d}", "skipped", None) for day in (date(2026, 10, number) for number in range(1, 8))],
        ("Thu 10-08", "counted", 1),
        ("Fri 10-09", "counted", 2),
        ("Sat 10-10", "made_up", 3),
        ("Sun 10-11", "skipped", None),
        ("Mon 10-12", "counted", 4),
    ]
    holiday, weekend, make_up = found.days[1], found.days[-2], found.days[-3]
    assert (holiday.reason, holiday.source) == ("国庆节", "cn-2026")
    assert (weekend.reason, weekend.source) == ("Sun 周末", None)
    assert (make_up.reason, make_up.source) == ("补班 国庆节", "cn-2026")
    assert found.due == on("Tue 2026-10-13 00:00")


def test_a_working_day_that_a_pause_covers_only_in_part_counts_and_names_the_pause() -> None:
    pause = Pause(on("Tue 2026-03-03 12:00"), on("Thu 2026-03-05 00:00"), "mediation")
    days = counted(Limit.working_days(2), "Mon 2026-03-02 10:00", pause).days
    assert told(days) == [
        ("Mon 03-02", "zero", None),
        ("Tue 03-03", "counted", 1),
        ("Wed 03-04", "paused", None),
        ("Thu 03-05", "counted", 2),
    ]
    assert [one.ground for one in days] == [None, "mediation", "mediation", None]
    assert days[2].left_out == 24 * HOUR


def test_natural_days_count_holidays_and_a_pause_takes_its_hours_from_the_days_that_it_touches() -> None:
    """From Tue 09:00 to Thu 12:00 is 51 hours: three days are cut, and the limit ends at 03:00."""
    pause = Pause(on("Tue 2026-03-03 09:00"), on("Thu 2026-03-05 12:00"), "external_appraisal")
    found = counted(Limit.natural_days(3), "Mon 2026-03-02 10:00", pause)
    assert told(found.days) == [
        ("Mon 03-02", "zero", None),
        ("Tue 03-03", "counted", None),
        ("Wed 03-04", "paused", None),
        ("Thu 03-05", "counted", None),
        ("Fri 03-06", "counted", 1),
        ("Sat 03-07", "counted", 2),
        ("Sun 03-08", "counted", 3),
    ]
    assert [one.counted / HOUR for one in found.days] == [14, 9, 0, 12, 24, 24, 3]
    assert [one.left_out / HOUR for one in found.days] == [0, 15, 24, 12, 0, 0, 0]
    assert found.due == on("Sun 2026-03-08 03:00")
    assert found.days[-1].reason == "Sun 周末"


def test_hours_run_through_the_days_and_say_how_many_are_used_up() -> None:
    found = counted(Limit.hours(24), "Mon 2026-03-02 10:00")
    assert told(found.days) == [("Mon 03-02", "counted", 14), ("Tue 03-03", "counted", 24)]
    assert found.due == on("Tue 2026-03-03 10:00")


@pytest.mark.parametrize(
    ("limit", "start", "ends"),
    [
        pytest.param(Limit.weeks(2), "Mon 2026-03-02 10:00", ["Mon 2026-03-09", "Mon 2026-03-16"], id="weeks"),
        pytest.param(Limit.months(2), "Sat 2026-01-31 10:00", ["Sat 2026-02-28", "Tue 2026-03-31"], id="31st"),
        pytest.param(Limit.months(2), "Tue 2026-12-15 10:00", ["Fri 2027-01-15", "Mon 2027-02-15"], id="year's end"),
    ],
)
def test_a_week_and_a_month_are_numbered_on_the_day_on_which_they_end(
    limit: Limit, start: str, ends: list[str]
) -> None:
    days = counted(limit, start).days
    assert [(f"{one.day:%a %Y-%m-%d}", one.number) for one in days if one.number is not None] == [
        (ends[0], 1),
        (ends[1], 2),
    ]
    assert [one.kind for one in days] == ["zero"] + ["counted"] * (len(days) - 1)
    assert days[-1].day == on(f"{ends[1]} 00:00").date()


def test_a_month_that_a_pause_moves_ends_in_the_course_of_a_day() -> None:
    pause = Pause(on("Tue 2026-03-03 09:00"), on("Thu 2026-03-05 12:00"), "external_appraisal")
    found = counted(Limit.months(1), "Mon 2026-03-02 10:00", pause)
    assert found.due == on("Sun 2026-04-05 03:00")
    assert (found.days[-1].number, found.days[-2].number) == (1, None)


def test_a_day_that_an_event_has_set_is_not_counted() -> None:
    deadline = set_date(
        date(2026, 3, 20),
        on("Mon 2026-03-02 10:00"),
        SHANGHAI,
        CN,
        name="set_by_event",
        citation="c",
        pack="p",
        started_by="answer_demanded",
        computed_at=on("Mon 2026-03-02 10:05"),
        reason="answer_demanded",
    )
    found = count_days(deadline, CN)
    assert told(found.days) == [("Mon 03-02", "zero", None), ("Fri 03-20", "set", 0)]
    assert found.due == deadline.due == on("Sat 2026-03-21 00:00")


def test_days_beyond_the_last_notice_are_provisional_only_where_the_calendar_decides() -> None:
    working = counted(Limit.working_days(2), "Thu 2026-12-31 10:00").days
    natural = counted(Limit.natural_days(2), "Thu 2026-12-31 10:00").days
    assert [one.provisional for one in working] == [False, True, True, True, True]
    assert not any(one.provisional for one in natural)


def test_a_count_that_leaves_the_calendar_is_refused() -> None:
    deadline = dated(Limit.natural_days(1), on("Mon 2026-03-02 10:00"))
    late = Deadline(5, "nd", datetime(9999, 12, 30, tzinfo=SHANGHAI), "Asia/Shanghai", CN.version, None, False)
    assert count_days(deadline, CN).due == on("Wed 2026-03-04 00:00")
    with pytest.raises(LimitError, match="leaves the years 1 to 9999"):
        count_days(late, CN)

"""Which period something is owed about, and on which day: the working calendar decides, an outage loses nothing."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.calendar import calendar
from rulebook.period import DayRule, Owed, Period, PeriodError, PeriodKind, newest_due, owed
from tests.rulebook.helpers import on

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_WORKING = DayRule(1, "working", time(8, 30))


def week(name: str) -> Period:
    return Period.parse(name)


@pytest.mark.parametrize(
    ("name", "first", "last", "zh"),
    [
        ("2026-02", "2026-02-01", "2026-02-28", "2026年2月"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024年2月"),
        ("2026-12", "2026-12-01", "2026-12-31", "2026年12月"),
        ("2026-W01", "2025-12-29", "2026-01-04", "2026年第1周（2025-12-29至2026-01-04）"),
        ("2026-W47", "2026-11-16", "2026-11-22", "2026年第47周（2026-11-16至2026-11-22）"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026年第53周（2026-12-28至2027-01-03）"),
        ("2026-Q3", "2026-07-01", "2026-09-30", "2026年第三季度"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026年第四季度"),
        ("2026", "2026-01-01", "2026-12-31", "2026年"),
    ],
)
def test_a_name_is_one_period_and_a_period_has_one_name(name: str, first: str, last: str, zh: str) -> None:
    period = Period.parse(name)
    assert (period.first.isoformat(), period.last.isoformat(), period.name, period.name_zh) == (first, last, name, zh)


_FORMS = "a period is written 2026-10, 2026-W43, 2026-Q3 or 2026"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2026-13", "a year has the months 01 to 12"),
        ("2026-00", "a year has the months 01 to 12"),
        ("2025-W53", "2025 has no week 53"),
        ("2026-W54", "2026 has no week 54"),
        ("2026-W00", "2026 has no week 00"),
        ("2026-Q5", _FORMS),
        ("10/2026", _FORMS),
        ("26-11", _FORMS),
        ("2026-W1", _FORMS),
        ("0000", _FORMS),
        ("", _FORMS),
        ("2026-W47 ", _FORMS),
    ],
)
def test_what_names_no_period_is_refused(text: str, rule: str) -> None:
    with pytest.raises(PeriodError, match=f"^{rule}$"):
        Period.parse(text)


@given(st.sampled_from(get_args(PeriodKind)), st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_periods_follow_each_other_without_gap_or_overlap(kind: PeriodKind, day: date) -> None:
    period = Period.containing(kind, day)
    assert period.first <= day <= period.last
    assert period.next().first == period.last + timedelta(days=1)
    assert period.next().previous() == period == Period.parse(period.name)
    assert period.back(3) == [period.previous().previous(), period.previous(), period]
    since, until = period.span(ZONE)
    assert (since.date(), until.date()) == (period.first, period.next().first)


@pytest.mark.parametrize(
    ("period", "due"),
    [
        pytest.param("2026-W47", "Mon 2026-11-23 08:30", id="an ordinary Monday"),
        pytest.param("2026-W39", "Mon 2026-09-28 08:30", id="the week before National Day"),
        pytest.param("2026-W40", "Thu 2026-10-08 08:30", id="National Day lasts until Wednesday"),
        pytest.param("2026-W07", "Tue 2026-02-24 08:30", id="the next week has no working day at all"),
        pytest.param("2026-W08", "Tue 2026-02-24 08:30", id="and that week is owed on the same day"),
    ],
)
def test_a_holiday_moves_the_day_and_never_loses_the_period(period: str, due: str) -> None:
    """R178: weekly, on the first working day after the week."""
    assert FIRST_WORKING.due(week(period), calendar("cn"), ZONE) == on(due)


def test_the_tenth_working_day_of_a_month_counts_make_up_days() -> None:
    """R181: October 2026 begins with seven days off and works on Saturday the 10th."""
    due = DayRule(10, "working", time(18)).due(Period.parse("2026-09"), calendar("cn"), ZONE)
    assert due == on("Tue 2026-10-20 18:00")


def test_a_natural_day_is_any_day() -> None:
    assert DayRule(1, "natural", time(6)).due(Period.parse("2026-09"), calendar("cn"), ZONE) == on(
        "Thu 2026-10-01 06:00"
    )


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("Mon 2026-11-23 08:29:59", "2026-W46"),
        ("Mon 2026-11-23 08:30", "2026-W47"),
        ("Sun 2026-11-29 23:59", "2026-W47"),
    ],
)
def test_a_period_is_due_from_its_instant_on(now: str, newest: str) -> None:
    assert newest_due("week", FIRST_WORKING, calendar("cn"), ZONE, on(now)).name == newest


def names(found: tuple[Owed, ...]) -> list[tuple[str, ...]]:
    return [(one.period.name, *(over.name for over in one.passed_over)) for one in found]


JANUARY = date(2026, 1, 1)


def weeks(first: int, last: int) -> set[Period]:
    return {week(f"2026-W{number:02}") for number in range(first, last + 1)}


@pytest.mark.parametrize(
    ("covered", "missed", "reach", "found"),
    [
        pytest.param(weeks(1, 47), "each", 8, [], id="a second firing finds nothing"),
        pytest.param(weeks(1, 46), "latest", 8, [("2026-W47",)], id="the ordinary week"),
        pytest.param(weeks(1, 44), "latest", 8, [("2026-W47", "2026-W45", "2026-W46")], id="three weeks, one bulletin"),
        pytest.param(weeks(1, 44), "each", 8, [("2026-W45",), ("2026-W46",), ("2026-W47",)], id="three in turn"),
        pytest.param(weeks(1, 1), "each", 2, [("2026-W46",), ("2026-W47",)], id="no further back than reach"),
        pytest.param(set(), "latest", 3, [("2026-W47", "2026-W45", "2026-W46")], id="nothing was ever done"),
        pytest.param(
            weeks(1, 44) | weeks(47, 48), "each", 8, [("2026-W45",), ("2026-W46",)], id="later ones by hand hide none"
        ),
        pytest.param(
            weeks(1, 43) | weeks(46, 46),
            "latest",
            8,
            [("2026-W45", "2026-W44"), ("2026-W47",)],
            id="one by hand in between: a bulletin covers weeks that follow one another",
        ),
    ],
)
def test_an_outage_is_made_up_without_a_burst(
    covered: set[Period], missed: Literal["latest", "each"], reach: int, found: list[tuple[str, ...]]
) -> None:
    assert names(owed(week("2026-W47"), covered, missed, reach, JANUARY)) == found


def test_a_month_done_by_hand_leaves_those_before_it_owed() -> None:
    """An outage from July on, and in November somebody draws October first: July to September are still owed."""
    october = Period.parse("2026-10")
    covered = {*Period.parse("2026-06").back(6), october}
    assert names(owed(october, covered, "each", 12, JANUARY)) == [("2026-07",), ("2026-08",), ("2026-09",)]


@pytest.mark.parametrize(
    ("begun", "found"),
    [
        pytest.param(date(2026, 11, 15), [("2026-W46",), ("2026-W47",)], id="on the last day of the week before"),
        pytest.param(date(2026, 11, 22), [("2026-W47",)], id="on its last day, a Sunday"),
        pytest.param(date(2026, 11, 23), [], id="on the Monday after"),
        pytest.param(None, [], id="not yet"),
    ],
)
def test_nothing_is_owed_about_a_time_before_the_record_began(begun: date | None, found: list[tuple[str, ...]]) -> None:
    """A figure of 0 would be published for weeks of which nothing is known."""
    assert names(owed(week("2026-W47"), set(), "each", 8, begun)) == found

"""What the working calendar of mainland China answers, and what it could have answered earlier."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rulebook.calendar import FOLDER, CalendarError, DayAnswer, calendar, calendar_version, read_calendar

CN = calendar("cn")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(text: str) -> date:
    """Read ``Sun 2019-04-28`` and refuse a wrong weekday."""
    weekday, iso = text.split()
    found = date.fromisoformat(iso)
    assert weekday == WEEKDAYS[found.weekday()], text
    return found


@pytest.mark.parametrize(
    ("on", "working", "reason", "source"),
    [
        pytest.param("Wed 2026-03-18", True, "workday", None, id="ordinary weekday"),
        pytest.param("Sat 2026-03-21", False, "Sat 周末", None, id="ordinary Saturday"),
        pytest.param("Sun 2026-03-22", False, "Sun 周末", None, id="ordinary Sunday"),
        pytest.param("Thu 2026-10-01", False, "国庆节", "cn-2026", id="holiday"),
        pytest.param("Sat 2026-10-03", False, "国庆节", "cn-2026", id="weekend inside a holiday"),
        pytest.param("Sat 2026-10-10", True, "补班 国庆节", "cn-2026", id="make-up Saturday after National Day"),
        pytest.param("Sun 2026-09-20", True, "补班 国庆节", "cn-2026", id="make-up Sunday before National Day"),
        pytest.param("Mon 2018-12-31", False, "元旦", "cn-2019", id="New Year's holiday that begins in December"),
        pytest.param("Sat 2018-12-29", True, "补班 元旦", "cn-2019", id="make-up day in the December before"),
    ],
)
def test_a_day_is_answered_with_its_reason_and_the_notice_behind_it(
    on: str, working: bool, reason: str, source: str | None
) -> None:
    expected = DayAnswer(day(on), working, reason, source, provisional=False)
    assert CN.day(day(on)) == expected
    assert CN.is_working(day(on)) is working


@pytest.mark.parametrize(
    "on",
    [
        pytest.param("Mon 2021-03-08", id="women's day is an observance"),
        pytest.param("Mon 2015-05-04", id="youth day is an observance"),
        pytest.param("Fri 2020-12-25", id="Christmas"),
        pytest.param("Thu 2014-01-30", id="New Year's Eve 2014 was not in the notice"),
        pytest.param("Fri 2024-02-09", id="New Year's Eve 2024 was only recommended"),
        pytest.param("Mon 2020-02-03", id="work resumed after the extended Spring Festival"),
    ],
)
def test_only_what_a_notice_orders_is_a_day_off(on: str) -> None:
    """Observances and recommendations never stop the clock: the source is the official notice alone."""
    assert CN.day(day(on)) == DayAnswer(day(on), True, "workday", None, provisional=False)


@pytest.mark.parametrize(
    "on",
    [
        "Sat 2007-02-17",
        "Sun 2007-02-25",
        "Sat 2007-04-28",
        "Sun 2007-09-30",
        "Sat 2007-12-29",
        "Sat 2008-02-02",
        "Sun 2008-02-03",
        "Sun 2008-05-04",
        "Sat 2008-09-27",
        "Sun 2008-09-28",
    ],
)
def test_the_make_up_days_of_2007_and_2008_are_worked(on: str) -> None:
    """These are the days that calendars computed afterwards got wrong."""
    assert CN.is_working(day(on))


def test_the_day_worked_and_the_day_off_in_lieu_are_not_confused() -> None:
    """Sunday 2019-09-29 was exchanged for a day in the National Day week: the Sunday works, the Friday rests."""
    worked, rested = CN.day(day("Sun 2019-09-29")), CN.day(day("Fri 2019-10-04"))
    assert (worked.working, worked.reason) == (True, "补班 国庆节")
    assert (rested.working, rested.reason) == (False, "国庆节")


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        pytest.param("Fri 2026-03-13", 1, "Mon 2026-03-16", id="over a weekend"),
        pytest.param("Sun 2026-03-15", 1, "Mon 2026-03-16", id="received on a Sunday"),
        pytest.param("Wed 2026-09-30", 1, "Thu 2026-10-08", id="over National Day"),
        pytest.param("Fri 2026-10-09", 1, "Sat 2026-10-10", id="onto a make-up Saturday"),
        pytest.param("Fri 2026-10-09", 2, "Mon 2026-10-12", id="past a make-up Saturday"),
        pytest.param("Mon 2026-02-16", 3, "Thu 2026-02-26", id="received in the Spring Festival"),
        pytest.param("Fri 2026-02-27", 1, "Sat 2026-02-28", id="make-up day at the end of a month"),
        pytest.param("Fri 2006-12-29", 3, "Thu 2007-01-04", id="from an unpublished year into the first one"),
        pytest.param("Thu 2026-12-31", 2, "Mon 2027-01-04", id="from the last published year into the next"),
    ],
)
def test_the_start_is_not_counted_and_only_working_days_are(start: str, amount: int, end: str) -> None:
    assert CN.nth_working_day(day(start), amount) == day(end)


def test_the_days_on_the_way_are_listed_with_their_reasons() -> None:
    end, passed = CN.add_working_days(day("Fri 2026-09-18"), 6)
    assert end == day("Mon 2026-09-28")
    assert [(f"{answer.day:%m-%d}", answer.working, answer.reason) for answer in passed] == [
        ("09-19", False, "Sat 周末"),
        ("09-20", True, "补班 国庆节"),
        ("09-25", False, "中秋节"),
        ("09-26", False, "中秋节"),
        ("09-27", False, "中秋节"),
    ]


def test_the_list_goes_on_beyond_the_last_published_year() -> None:
    end, passed = CN.add_working_days(day("Wed 2026-12-30"), 3)
    assert end == day("Mon 2027-01-04")
    assert [(answer.day, answer.provisional) for answer in passed] == [
        (day("Sat 2027-01-02"), True),
        (day("Sun 2027-01-03"), True),
    ]


LABOUR_DAY_2019 = ["Sun 2019-04-28", "Thu 2019-05-02", "Fri 2019-05-03", "Sun 2019-05-05"]
SPRING_FESTIVAL_2020 = ["Fri 2020-01-31", "Sat 2020-02-01", "Sun 2020-02-02", "Mon 2020-02-03"]


@pytest.mark.parametrize(
    ("known_on", "days", "working"),
    [
        pytest.param("Thu 2019-03-21", LABOUR_DAY_2019, [False, True, True, False], id="the day before the change"),
        pytest.param("Fri 2019-03-22", LABOUR_DAY_2019, [True, False, False, True], id="the day of the change"),
        pytest.param("Sun 2020-01-26", SPRING_FESTIVAL_2020, [True, True, False, True], id="before the extension"),
        pytest.param("Mon 2020-01-27", SPRING_FESTIVAL_2020, [False, False, False, True], id="the extension"),
        pytest.param("Tue 2015-05-12", ["Thu 2015-09-03", "Sun 2015-09-06"], [True, False], id="2015 before"),
        pytest.param("Wed 2015-05-13", ["Thu 2015-09-03", "Sun 2015-09-06"], [False, True], id="2015 victory day"),
    ],
)
def test_a_late_notice_is_not_known_the_day_before(known_on: str, days: list[str], working: list[bool]) -> None:
    then = CN.as_known_on(day(known_on))
    assert [then.is_working(day(on)) for on in days] == working
    assert not any(then.is_provisional(day(on)) for on in days)


@pytest.mark.parametrize(
    ("known_on", "start", "amount", "end"),
    [
        ("Thu 2019-03-21", "Mon 2019-04-22", 8, "Fri 2019-05-03"),
        ("Fri 2019-03-22", "Mon 2019-04-22", 8, "Sun 2019-05-05"),
        ("Sun 2020-01-26", "Thu 2020-01-23", 5, "Wed 2020-02-05"),
        ("Mon 2020-01-27", "Thu 2020-01-23", 5, "Fri 2020-02-07"),
    ],
)
def test_a_late_notice_moves_running_limits(known_on: str, start: str, amount: int, end: str) -> None:
    assert CN.as_known_on(day(known_on)).nth_working_day(day(start), amount) == day(end)


def test_a_day_given_by_an_amendment_names_the_amendment() -> None:
    assert CN.day(day("Thu 2019-05-02")).source == "cn-2019b"
    assert CN.day(day("Sat 2020-02-01")) == DayAnswer(day("Sat 2020-02-01"), False, "春节", "cn-2020b", False)


def test_an_unpublished_year_is_a_marked_guess_and_never_an_error() -> None:
    """A calendar that ends must neither stop a case nor guess in silence."""
    assert CN.horizon == day("Thu 2026-12-31")
    assert CN.day(day("Fri 2027-01-01")) == DayAnswer(day("Fri 2027-01-01"), True, "workday", None, provisional=True)
    assert CN.day(day("Sat 2027-10-02")).provisional
    assert not CN.is_working(day("Sat 2027-10-02"))
    assert CN.is_provisional(day("Fri 2027-01-01"))
    assert not CN.is_provisional(day("Thu 2026-12-31"))


def test_the_years_before_the_first_notice_are_provisional() -> None:
    assert CN.is_provisional(day("Fri 2006-12-29"))
    assert not CN.is_provisional(day("Sat 2006-12-30"))  # named by the notice for 2007
    assert CN.is_working(day("Sat 2006-12-30"))


def test_the_next_year_is_provisional_until_its_notice_is_out() -> None:
    before, after = CN.as_known_on(day("Mon 2025-11-03")), CN.as_known_on(day("Tue 2025-11-04"))
    spring = day("Mon 2026-02-16")
    assert before.day(spring) == DayAnswer(spring, True, "workday", None, provisional=True)
    assert after.day(spring) == DayAnswer(spring, False, "春节", "cn-2026", provisional=False)
    assert (before.horizon, after.horizon) == (day("Wed 2025-12-31"), day("Thu 2026-12-31"))


def test_before_the_first_notice_everything_is_provisional() -> None:
    nothing = CN.as_known_on(day("Sun 2006-12-17"))
    assert (nothing.version, nothing.notices) == ("cn@none", ())
    assert nothing.is_provisional(day("Thu 2019-05-02"))
    assert nothing.nth_working_day(day("Fri 2019-04-26"), 5) == day("Fri 2019-05-03")
    assert calendar_version("cn@none") == nothing


def test_every_version_can_be_found_again_by_its_name() -> None:
    cn = calendar("cn")
    for notice in cn.notices:
        then = cn.as_known_on(notice.published)
        assert then.version == f"cn@{notice.published}"
        assert calendar_version(then.version) is then
        assert cn.as_known_on(notice.published - timedelta(days=1)).content_hash != then.content_hash


def test_a_calendar_known_earlier_does_not_learn_what_came_later() -> None:
    early = CN.as_known_on(day("Thu 2019-03-21"))
    assert early.as_known_on(day("Thu 2026-01-01")) is early


def test_calendars_with_the_same_notices_are_the_same_key() -> None:
    early = CN.as_known_on(day("Thu 2019-03-21"))
    again = read_calendar(FOLDER / "cn")
    assert {CN: "now", early: "then"}[again.as_known_on(day("Tue 2019-01-01"))] == "then"
    assert repr(early) == f"<WorkingCalendar cn@2018-12-06 {early.content_hash[:12]}>"


@pytest.mark.parametrize("name", ["cn@2025-11-05", "cn@", "cn", "cn@soon", "cn@20251104"])
def test_an_unknown_version_is_refused_with_the_newest_one(name: str) -> None:
    with pytest.raises(CalendarError) as refused:
        calendar_version(name)
    assert str(refused.value) == f"calendar version {name!r} is unknown; the newest is {CN.version}"


@pytest.mark.parametrize("name", ["hk", "", "../calendars/cn"])
def test_an_unknown_calendar_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(CalendarError) as refused:
        calendar(name)
    assert str(refused.value) == f"calendar {name!r} is unknown; known: au, cn, gb-eng, ie, in, sg, us-ca"


def test_an_instant_is_refused_because_its_date_depends_on_the_time_zone() -> None:
    """Holidays are dates: 2026-10-01 begins in Beijing while it is still September in UTC."""
    instant = datetime(2026, 9, 30, 16, tzinfo=UTC)
    for ask in (CN.day, CN.is_working, CN.is_provisional, CN.as_known_on):
        with pytest.raises(TypeError, match="convert the instant to a date in the pack's time zone"):
            ask(instant)
    with pytest.raises(TypeError, match="convert the instant to a date in the pack's time zone"):
        CN.nth_working_day(instant, 1)


@pytest.mark.parametrize("amount", [0, -1, 10_001])
def test_every_search_is_bounded(amount: int) -> None:
    with pytest.raises(ValueError, match=f"^amount: expected 1 to 10000 working days, got {amount}$"):
        CN.add_working_days(day("Mon 2026-03-02"), amount)


def test_the_end_of_time_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match=r"^amount: 5 working days after 9999-12-28 is beyond the year 9999$"):
        CN.nth_working_day(date(9999, 12, 28), 5)

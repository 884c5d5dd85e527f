"""The calendars of other jurisdictions are what a library said on one day, and stay that."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from rulebook.calendar import FOLDER, WorkingCalendar, calendar, calendar_version
from rulebook.counting_days import count_days
from rulebook.deadline import date_limit
from rulebook.freeze import library_version, public_holidays
from rulebook.limit import Limit
from rulebook.notice import Notice
from tests.rulebook.helpers import on

LONDON = ZoneInfo("Europe/London")
FROZEN = {
    "au": "88285e16af89a3b8a7d1be8d9a6297a95ab4135a01bbe236a700a5a0eb56df5b",
    "gb-eng": "16b330b86fa5edfecaf078572dc833fdd808c33120a19df914f12b43cc845396",
    "ie": "cdf100b3cd8a96138e77dd43641a0d1370310280b18007c5fa89e16e4a4e7d1f",
    "in": "71bdf66b3467558d879236912b5f719e62de5a852f5387064b8d0258f0596860",
    "sg": "c8dfef78e7f46ff9ffd1f215ad90d6919741ef1a3172c3edd6efa91b300da900",
    "us-ca": "14f08391e60271b8a5ca09eb608d8d9524059306ca0c42ca914a35ff9a8e3b5c",
}
SOURCE = re.compile(r"holidays (\S+) \(Python library\), ([A-Z]{2})(?:-(\w+))?, public holidays(?:, without (.+))?")


FILES = [(calendar(name), notice) for name in FROZEN for notice in calendar(name).notices if notice.amends is None]
"""Every file that was frozen and amends none, with its calendar."""


def differing(days: WorkingCalendar, notice: Notice, first: int) -> list[date]:
    """Return the worked weekdays from *first* on about which the file and the installed library do not agree."""
    said = SOURCE.fullmatch(notice.source or "")
    assert said, notice.source
    years = range(max(first, notice.year), notice.last_year + 1)
    without = said[4].split(" and ") if said[4] else ()
    holidays = {day for day in public_holidays(said[2], said[3], years, without) if days.week.works(day)}
    off = {day.day for day in notice.days if day.day.year in years}
    return sorted(holidays ^ off)


def test_frozen_files_never_change() -> None:
    """A correction is a new file, which amends; add its hash here."""
    assert {name: calendar(name).as_known_on(date(2026, 11, 20)).content_hash for name in FROZEN} == FROZEN


@pytest.mark.parametrize(("days", "notice"), FILES, ids=lambda one: one.id)
def test_a_frozen_file_is_what_its_release_of_the_library_says(days: WorkingCalendar, notice: Notice) -> None:
    if f"holidays {library_version()} " not in (notice.source or ""):
        pytest.skip("another release of the library is installed: the long test compares the years to come")
    assert differing(days, notice, notice.year) == []


@pytest.mark.long
@pytest.mark.parametrize(("days", "notice"), FILES, ids=lambda one: one.id)
def test_a_later_release_of_the_library_says_the_same_of_the_years_to_come(
    days: WorkingCalendar, notice: Notice
) -> None:
    """What had passed when the file was published is left alone: no open case counts by it."""
    assert differing(days, notice, notice.published.year) == [], (
        f"the library knows better: publish a file with `python -m rulebook freeze … --amends {notice.id}`"
    )


@pytest.mark.parametrize(("days", "notice"), FILES, ids=lambda one: one.id)
def test_a_frozen_file_says_how_firm_it_is_and_where_it_comes_from(days: WorkingCalendar, notice: Notice) -> None:
    assert (notice.mark, notice.year, notice.last_year) == ("secondary", 2020, 2028)
    assert days.horizon == date(2028, 12, 31)
    assert notice.note
    assert all(named.kind == "off" and days.week.works(named.day) for named in notice.days)
    text = (FOLDER / days.id / f"{notice.published}.yaml").read_text(encoding="utf-8")
    dated = re.findall(r"^  ([\d-]{10}): off .+  # (\w{3})$", text, re.MULTILINE)
    assert [(day, f"{date.fromisoformat(day):%a}") for day, _ in dated] == dated
    assert len(dated) == len(notice.days)


@pytest.mark.parametrize(
    ("name", "day", "reason"),
    [
        pytest.param("gb-eng", "Fri 2020-05-08", "May Day", id="moved from Monday to VE day"),
        pytest.param("gb-eng", "Mon 2020-05-04", None, id="the Monday it was moved from"),
        pytest.param("gb-eng", "Mon 2022-09-19", "State Funeral of Queen Elizabeth II", id="proclaimed"),
        pytest.param("gb-eng", "Mon 2023-05-08", "Coronation of Charles III", id="proclaimed too"),
        pytest.param("gb-eng", "Mon 2026-12-28", "Boxing Day (observed)", id="Boxing Day on a Saturday"),
        pytest.param("gb-eng", "Sat 2026-12-26", "Sat 周末", id="the Saturday itself"),
        pytest.param("gb-eng", "Tue 2026-12-29", None, id="the day after"),
        pytest.param("gb-eng", "Thu 2026-12-24", None, id="Christmas Eve"),
        pytest.param("gb-eng", "Tue 2027-12-28", "Boxing Day (observed)", id="both on a weekend"),
        pytest.param("ie", "Mon 2026-02-02", "Saint Brigid's Day", id="since 2023"),
        pytest.param("ie", "Fri 2026-04-03", None, id="Good Friday is none in Ireland"),
        pytest.param("au", "Mon 2026-06-08", None, id="the King's Birthday is the states'"),
        pytest.param("au", "Mon 2026-01-26", "Australia Day", id="national"),
        pytest.param("sg", "Mon 2026-08-10", "National Day (observed)", id="a Sunday's Monday"),
        pytest.param("in", "Wed 2026-03-04", "Holi", id="gazetted"),
        pytest.param("us-ca", "Tue 2026-03-31", "Cesar Chavez Day", id="the state's own"),
        pytest.param("us-ca", "Tue 2028-02-15", None, id="Susan B. Anthony Day is left out"),
        pytest.param("us-ca", "Mon 2027-02-15", "Presidents' Day", id="a day that it shares stays"),
        pytest.param("us-ca", "Fri 2021-12-31", "New Year's Day (observed)", id="observed in the year before"),
    ],
)
def test_days_that_anyone_can_look_up(name: str, day: str, reason: str | None) -> None:
    answer = calendar(name).day(on(f"{day} 00:00").date())
    assert (answer.working, answer.reason) == (reason is None, reason or "workday")
    assert answer.provisional is False


def test_beyond_its_horizon_a_calendar_guesses_and_says_so() -> None:
    days = calendar("gb-eng")
    assert (days.is_provisional(date(2028, 12, 31)), days.is_provisional(date(2029, 1, 1))) == (False, True)
    assert (days.is_provisional(date(2019, 12, 31)), days.is_provisional(date(2020, 1, 1))) == (True, False)
    assert days.day(date(2029, 1, 1)) == (date(2029, 1, 1), True, "workday", None, True, "verified")
    last = date_limit(Limit.working_days(1), on("Thu 2028-12-28 10:00", LONDON), LONDON, days)
    next_year = date_limit(Limit.working_days(1), on("Fri 2028-12-29 10:00", LONDON), LONDON, days)
    assert (last.last_day, last.provisional) == (date(2028, 12, 29), False)
    assert (next_year.last_day, next_year.provisional) == (date(2029, 1, 1), True)


def test_a_calendar_of_another_jurisdiction_is_known_from_its_publication_on() -> None:
    days = calendar("gb-eng")
    assert days.as_known_on(date(2026, 11, 20)) is days
    before = days.as_known_on(date(2026, 11, 19))
    assert (before.version, before.is_working(date(2026, 12, 25))) == ("gb-eng@none", True)
    assert before.is_provisional(date(2026, 12, 25))
    assert calendar_version("gb-eng@2026-11-20") is days


def test_a_proof_shows_the_mark_of_each_day_that_the_file_names() -> None:
    """Eight working days over Christmas: the holidays are secondary, the weekends are nobody's word."""
    proof = date_limit(Limit.working_days(5), on("Wed 2026-12-23 10:00", LONDON), LONDON, calendar("gb-eng"))
    said = proof.to_json()["skipped"]
    named = {"source": "gb-eng-2020", "mark": "secondary", "working": False}
    assert said == [
        {"day": "2026-12-25", "reason": "Christmas Day", **named},
        {"day": "2026-12-26", "reason": "Sat 周末", "working": False, "source": None},
        {"day": "2026-12-27", "reason": "Sun 周末", "working": False, "source": None},
        {"day": "2026-12-28", "reason": "Boxing Day (observed)", **named},
        {"day": "2027-01-01", "reason": "New Year's Day", **named},
        {"day": "2027-01-02", "reason": "Sat 周末", "working": False, "source": None},
        {"day": "2027-01-03", "reason": "Sun 周末", "working": False, "source": None},
    ]
    found = count_days(proof, calendar("gb-eng"))
    assert found.due == proof.due
    assert [(one.day.day, one.mark) for one in found.days if one.source] == [(day, "secondary") for day in (25, 28, 1)]
    assert found.days[-1].day == date(2027, 1, 4) == proof.last_day
    assert found.days[-1].day - found.days[0].day == timedelta(days=12)

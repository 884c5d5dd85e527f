"""`python -m rulebook freeze` writes what a library knows into a file, once, and later files continue it."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rulebook.calendar import read_calendar
from rulebook.command_line import main
from rulebook.errors import CalendarError
from rulebook.freeze import public_holidays

BASE = ("--calendar", "xx", "--country", "GB", "--subdiv", "ENG", "--title", "Bank holidays: England")


def run(folder: Path, capfdbinary: Any, *options: str) -> tuple[int, str]:
    """Return the exit code and what was printed or complained of."""
    code = main(["freeze", *BASE, "--folder", str(folder), *options])
    out, error = capfdbinary.readouterr()
    return code, (out + error).decode().strip()


def test_a_file_covers_several_years_and_can_be_read_at_once(tmp_path: Path, capfdbinary: Any) -> None:
    asked = ("--years", "2026-2027", "--published", "2026-11-20", "--note", 'says: "nothing"')
    assert run(tmp_path, capfdbinary, *asked) == (0, str(tmp_path / "xx" / "2026-11-20.yaml"))
    days = read_calendar(tmp_path / "xx")
    (notice,) = days.notices
    assert (days.version, days.horizon) == ("xx@2026-11-20", date(2027, 12, 31))
    assert (notice.id, notice.year, notice.until, notice.mark) == ("xx-2026", 2026, 2027, "secondary")
    assert (notice.title, notice.note) == ("Bank holidays: England", 'says: "nothing"')
    assert days.is_working(date(2026, 12, 28)) is False


def test_what_was_published_is_never_written_again(tmp_path: Path, capfdbinary: Any) -> None:
    run(tmp_path, capfdbinary, "--years", "2026", "--published", "2026-11-20")
    file = tmp_path / "xx" / "2026-11-20.yaml"
    before = file.read_bytes()
    again = run(tmp_path, capfdbinary, "--years", "2027", "--published", "2026-11-20")
    assert again == (2, "Error: xx: published: 2026-11-20 is not after xx@2026-11-20")
    same = run(tmp_path, capfdbinary, "--years", "2026", "--published", "2026-11-21")
    assert same == (
        2,
        "Error: xx/2026-11-21.yaml: id: xx-2026 exists already; published notices are never replaced",
    )
    assert file.read_bytes() == before
    assert len(list(file.parent.iterdir())) == 1


def test_a_later_file_goes_on_where_the_first_one_ended(tmp_path: Path, capfdbinary: Any) -> None:
    run(tmp_path, capfdbinary, "--years", "2026-2027", "--published", "2026-11-20")
    gap = run(tmp_path, capfdbinary, "--years", "2029", "--published", "2027-11-20")
    assert gap == (2, "Error: xx/2027-11-20.yaml: year: expected 2028, the year after the last published one")
    assert run(tmp_path, capfdbinary, "--years", "2028-2030", "--published", "2027-11-20")[0] == 0
    days = read_calendar(tmp_path / "xx")
    assert (days.version, days.horizon) == ("xx@2027-11-20", date(2030, 12, 31))
    assert days.as_known_on(date(2027, 11, 19)).is_provisional(date(2028, 1, 3))


def test_an_amendment_holds_only_the_days_that_differ(tmp_path: Path, capfdbinary: Any) -> None:
    """A holiday that the first file left out is given, one that it should have left out is taken back."""
    run(tmp_path, capfdbinary, "--years", "2026-2027", "--published", "2026-11-20", "--without", "Good Friday")
    asked = ("--years", "2027", "--amends", "xx-2026", "--without", "May Day")
    assert run(tmp_path, capfdbinary, *asked, "--published", "2026-11-21")[0] == 0
    days = read_calendar(tmp_path / "xx")
    _, amendment = days.notices
    assert (amendment.id, amendment.amends) == ("xx-2027b", "xx-2026")
    assert [(str(one.day), one.kind, one.holiday) for one in amendment.days] == [
        ("2027-03-26", "off", "Good Friday"),
        ("2027-05-03", "work", "May Day"),
    ]
    assert (days.is_working(date(2027, 3, 26)), days.is_working(date(2027, 5, 3))) == (False, True)
    assert days.is_working(date(2026, 4, 3))
    nothing = run(tmp_path, capfdbinary, *asked, "--published", "2026-11-22")
    assert nothing == (2, "Error: xx: amends: the library says nothing else of 2027 to 2027")


def test_a_working_week_of_other_days_is_part_of_the_file(tmp_path: Path, capfdbinary: Any) -> None:
    run(tmp_path, capfdbinary, "--years", "2026", "--published", "2026-11-20", "--week", "sun-thu")
    days = read_calendar(tmp_path / "xx")
    assert days.week.days == ("mon", "tue", "wed", "thu", "sun")
    assert date(2026, 4, 3) not in {day.day for day in days.notices[0].days}, "Good Friday is off anyway"
    assert days.as_known_on(date(2026, 1, 1)).is_working(date(2026, 3, 1)), "a Sunday, before anything was published"
    later = ("--years", "2027", "--published", "2026-11-21")
    other = run(tmp_path, capfdbinary, *later, "--week", "mon-fri")
    assert other == (2, "Error: xx: week: that of the calendar is mon, tue, wed, thu, sun")
    assert run(tmp_path, capfdbinary, *later)[0] == 0
    assert all(days.week.works(day.day) for day in read_calendar(tmp_path / "xx").notices[1].days)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--years", "2027-2026", "--published", "2026-11-20"), "years: 2026 is before 2027"),
        (("--years", "soon", "--published", "2026-11-20"), "--years: not years such as 2020-2028"),
        (("--years", "2026-", "--published", "2026-11-20"), "--years: not years such as 2020-2028"),
        (("--years", "2026", "--published", "now"), "--published: not a date such as 2026-03-02"),
        (
            ("--years", "2026", "--published", "2026-11-20", "--week", "mon-"),
            "week: expected weekdays such as mon-fri or mon,wed,fri, got 'mon-'",
        ),
        (
            ("--years", "2026", "--published", "2026-11-20", "--amends", "xx-2026"),
            "xx: amends: there is no earlier file",
        ),
        (
            ("--years", "2026", "--published", "2026-11-20", "--calendar", "Xx"),
            "Xx/2026-11-20.yaml: id: String should match pattern '^[a-z]+(-[a-z]+)*-\\d{4}[a-z]?$'",
        ),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    tmp_path: Path, capfdbinary: Any, options: tuple[str, ...], message: str
) -> None:
    assert run(tmp_path, capfdbinary, *options) == (2, f"Error: {message}")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_the_library_does_not_know_is_refused() -> None:
    with pytest.raises(CalendarError, match=r"^holidays: .*Atlantis"):
        public_holidays("Atlantis", None, [2026])


def test_without_the_library_one_line_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to the development set, and no worker needs it."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(CalendarError, match="holidays: the library is not installed"):
        public_holidays("GB", None, [2026])


def test_a_day_observed_before_the_last_year_ends_is_not_missed() -> None:
    """New Year's Day of 2022, a Saturday, was observed on the Friday before."""
    assert public_holidays("US", "CA", [2021])[date(2021, 12, 31)] == "New Year's Day (observed)"

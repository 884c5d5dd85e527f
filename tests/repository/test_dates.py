"""The starts at which plays are run beside today's: there whatever day it is, and what their names say."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime, timedelta

from tests.dates import DAY, ENDS, LONDON, PLAYS, SHANGHAI, WRITTEN, starts
from tests.present import BEGIN, LATER_BY
from tests.repository.parts import ROOT


def test_on_every_day_there_are_fourteen_starts_ahead_and_within_thirteen_months_but_for_a_leap_day() -> None:
    for number in range(0, 1500, 31):
        today = date(2026, 11, 30) + number * DAY
        found = starts(today)
        assert len(found) == 14
        leap = found["29 February"].date()
        assert (leap.month, leap.day) == (2, 29)
        assert all(today < one.date() <= today + 396 * DAY for one in found.values() if one.date() != leap)


def test_the_starts_are_what_their_names_say() -> None:
    """The spring festival of 2027 is on 2027-02-06; London's clocks change in the nights to 2027-03-28 and 2027-10-31."""
    found = {name.partition(",")[0]: one for name, one in starts(date(2026, 11, 30)).items()}
    assert found["the eve of the spring festival"] == datetime(2027, 2, 5, 23, 50, tzinfo=SHANGHAI)
    assert found["the night in which London's clocks change"] == datetime(2027, 3, 27, 23, 30, tzinfo=LONDON)
    assert found["the night in which they change again"] == datetime(2027, 10, 30, 23, 30, tzinfo=LONDON)
    assert found["31 December"] == datetime(2026, 12, 31, 23, 50, tzinfo=SHANGHAI)
    assert found["29 February"].date() == date(2028, 2, 29)


def test_a_process_that_begins_on_another_day_and_those_that_it_starts_live_then() -> None:
    """Also the clock of commands, which nothing else may read."""
    says = "import tests.present, cli.session; print(cli.session.now())"
    again = f"import subprocess, sys, tests.present; subprocess.run([sys.executable, '-c', {says!r}], check=True)"
    kept = {name: value for name, value in os.environ.items() if name != LATER_BY}
    done = subprocess.run(
        [sys.executable, "-c", again],
        cwd=ROOT,
        env={**kept, BEGIN: "2027-02-05T23:50+08:00"},
        capture_output=True,
        text=True,
        check=True,
    )
    begin = datetime(2027, 2, 5, 23, 50, tzinfo=SHANGHAI)
    assert begin < datetime.fromisoformat(done.stdout.strip()) < begin + timedelta(minutes=5)


def test_the_plays_are_where_they_are_looked_for() -> None:
    assert all((ROOT / folder).is_dir() for folder in (*PLAYS, *WRITTEN))
    assert set(ENDS) < starts(date(2026, 11, 30)).keys()

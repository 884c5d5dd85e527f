"""
All plays at 14 starts over the coming 13 months: ``python -m tests.dates``; with ``--list`` the starts alone.

The days are those on which dates go wrong, found from today's date. A 29 February that lies further ahead is the last start:
no calendar is published for it, so what plays there is provisional.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

from tests.present import BEGIN, LATER_BY, now

ROOT = Path(__file__).parents[1]
PLAYS = ("tests/workflow", "tests/cli")
"""Where tests begin at the present."""
WRITTEN = tuple(f"tests/{room}" for room in ("activities", "archive", "figures", "records"))
"""Where the days are written into the tests: what asks the clock there asks no more than whether a day is over."""
ENDS = ("31 December, 23:50 in Shanghai", "the night in which London's clocks change", "29 February")
"""The starts at which those are run too."""
OTHER_DAYS = ("tests/workflow/test_replay.py",)
"""Stored histories keep the days on which they were recorded."""
SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
MORNING, NIGHT = time(9, 30), time(23, 50)
DAY = timedelta(days=1)
COMING = 396
"""Days in 13 months."""


def starts(today: date) -> dict[str, datetime]:
    """Return the 14 instants at which the plays begin, by what is special about them, the earliest first."""
    coming = [today + number * DAY for number in range(1, COMING + 1)]

    def first(month: int, day: int) -> date:
        return next(one for one in coming if (one.month, one.day) == (month, day))

    def at(day: date, hour: time = MORNING, zone: ZoneInfo = SHANGHAI) -> datetime:
        return datetime.combine(day, hour, zone)

    festivals = _spring_festivals(today.year)
    spring = next(one for one in coming[14:] if one in festivals)
    change, change_again = [one for one in coming[1:] if _clocks_change(one)][:2]
    found = {
        "29 December": at(first(12, 29)),
        "31 December, 23:50 in Shanghai": at(first(12, 31), NIGHT),
        "1 January": at(first(1, 1)),
        "31 January, the last day of a month before a shorter one": at(first(1, 31)),
        "two weeks before the spring festival": at(spring - 14 * DAY),
        "the eve of the spring festival, 23:50 in Shanghai": at(spring - DAY, NIGHT),
        "28 February, 23:50 in Shanghai": at(first(2, 28), NIGHT),
        "the night in which London's clocks change": at(change - DAY, time(23, 30), LONDON),
        "the night in which they change again": at(change_again - DAY, time(23, 30), LONDON),
        "30 April, before the holidays of May": at(first(4, 30)),
        "a Saturday": at(next(one for one in coming[180:] if one.strftime("%a") == "Sat")),
        "30 September, the eve of the National Day, 23:50 in Shanghai": at(first(9, 30), NIGHT),
        "the last of the 13 months": at(coming[-1]),
        "29 February": at(_leap_day(today)),
    }
    return dict(sorted(found.items(), key=lambda one: one[1]))


@cache
def _spring_festivals(year: int) -> set[date]:
    known = holidays.country_holidays("CN", years=range(year, year + 3), language="zh_CN")
    return {day for day, name in known.items() if "春节" in name and "除夕" not in name and "observed" not in name}


def _clocks_change(day: date) -> bool:
    begin, end = (datetime.combine(day + number * DAY, time(), LONDON) for number in (0, 1))
    return begin.utcoffset() != end.utcoffset()


def _leap_day(today: date) -> date:
    day = today + DAY
    while (day.month, day.day) != (2, 29):
        day += DAY
    return day


def play(begin: datetime, workers: str, words: Sequence[str]) -> int:
    """Run what *words* name as if it began at *begin*; return the exit code."""
    kept = {name: value for name, value in os.environ.items() if name != LATER_BY}
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-m", "not long", "-n", workers),
        *("--dist", "loadfile", "--no-loadscope-reorder"),
        *(f"--ignore={path}" for path in OTHER_DAYS),
        *words,
    ]
    return subprocess.run(command, cwd=ROOT, env={**kept, BEGIN: begin.isoformat()}, check=False).returncode


def main() -> int:
    """Run the plays at every start, or at those whose day is asked for; return 1 if any of them failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="only show the starts")
    parser.add_argument("--day", action="append", default=[], help="only the start on that day, such as 2027-02-05")
    parser.add_argument("--workers", default="0", help="processes in which tests run at once")
    parser.add_argument("words", nargs="*", help="what to give to pytest instead of all plays")
    asked = parser.parse_args()
    failed = []
    for name, begin in starts(now().astimezone(SHANGHAI).date()).items():
        if asked.day and begin.date().isoformat() not in asked.day:
            continue
        title = f"{begin:%a %Y-%m-%d %H:%M} {begin.tzinfo}: {name}"
        print(title, flush=True)  # noqa: T201
        rooms = (*PLAYS, *WRITTEN) if name in ENDS else PLAYS
        if not asked.list and play(begin, asked.workers, asked.words or rooms):
            failed.append(title)
    for title in failed:
        print(f"failed: {title}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

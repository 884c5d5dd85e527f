"""
Calendars of other jurisdictions: a library's public holidays, frozen into a file of their own.

The library (``holidays``) is asked once, here, by whoever maintains the calendar; it is needed for nothing else. What it
said that day lies in ``calendars/<id>/<published>.yaml`` and never changes, so that no upgrade of it moves a running case.
Its dates were read in no law, so the file marks them ``secondary``, and says from which release they come and what is left
out.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rulebook.calendar import FOLDER, WorkingCalendar, read_calendar
from rulebook.errors import CalendarError
from rulebook.notice import parse_notice, refuse_misfit
from rulebook.week import MONDAY_TO_FRIDAY, WEEKDAYS, WorkingWeek


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What is to be frozen: the *years* of *country* (and its *subdivision*) as the calendar *calendar*.

    *published* is the first day on which everyone could know this release of the library, *without* names holidays that
    change no working day there, *note* says what the calendar leaves out. *amends* is the id of the earlier file whose years
    these are: then only the days that differ are written. *week* None is the calendar's own, or Monday to Friday.
    """

    calendar: str
    country: str
    subdivision: str | None
    years: tuple[int, int]
    published: date
    title: str
    note: str | None = None
    week: WorkingWeek | None = None
    without: tuple[str, ...] = ()
    amends: str | None = None


def freeze(asked: Asked, folder: Path = FOLDER) -> Path:
    """
    Write the file of *asked* into the calendar's place under *folder* and return it.

    CalendarError when the library is missing or knows no such place, when nothing would change, when the file does not
    continue the calendar, or when there is one already: what was published is never written again.
    """
    place = folder / asked.calendar
    known = read_calendar(place) if place.is_dir() else None
    text = "\n".join(_lines(asked, known)) + "\n"
    file = place / f"{asked.published}.yaml"
    notice = parse_notice(text, f"{asked.calendar}/{file.name}")
    refuse_misfit(f"{asked.calendar}/{file.name}", asked.calendar, notice, known.notices if known else ())
    if known and notice.published <= known.notices[-1].published:
        raise CalendarError(f"{asked.calendar}: published: {notice.published} is not after {known.version}")
    place.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def public_holidays(
    country: str, subdivision: str | None, years: Sequence[int], without: Sequence[str] = ()
) -> dict[date, str]:
    """
    Return what the installed library calls a public holiday in *years*, observed days included, with its English name.

    A name in *without* is left out, also where it shares its day. CalendarError when the library is missing or does not
    know the place.
    """
    library = _library()
    try:
        # A New Year's Day that is observed in the December before belongs, to the library, to the year after.
        asked = range(min(years), max(years) + 2)
        found = library.country_holidays(country, subdiv=subdivision, years=asked, language="en_US")
    except NotImplementedError as error:
        raise CalendarError(f"holidays: {str(error).splitlines()[0]}") from None
    named = {day: [name for name in str(names).split("; ") if name not in without] for day, names in found.items()}
    return {day: "; ".join(names) for day, names in sorted(named.items()) if names and day.year in years}


def library_version() -> str:
    """Return the version of the installed library."""
    return str(_library().__version__)


def source(asked: Asked) -> str:
    """Return where the days of *asked* come from, in one line."""
    where = asked.country + (f"-{asked.subdivision}" if asked.subdivision else "")
    left_out = f", without {' and '.join(asked.without)}" if asked.without else ""
    return f"holidays {library_version()} (Python library), {where}, public holidays{left_out}"


def week_named(text: str) -> WorkingWeek:
    """Return the week that *text* names, such as ``mon-fri``, ``sun-thu`` or ``mon,wed,fri``; CalendarError if none."""
    names: Sequence[str] = WEEKDAYS
    first, dash, last = text.partition("-")
    try:
        numbers = set(_numbers(first, last) if dash else map(names.index, text.split(",")))
    except ValueError:
        raise CalendarError(f"week: expected weekdays such as mon-fri or mon,wed,fri, got {text!r}") from None
    return WorkingWeek(tuple(day for number, day in enumerate(WEEKDAYS) if number in numbers))


def _numbers(first: str, last: str) -> Iterator[int]:
    names: Sequence[str] = WEEKDAYS
    start, end = names.index(first), names.index(last)
    return (number % len(names) for number in range(start, start + (end - start) % len(names) + 1))


def _library() -> Any:
    try:
        return importlib.import_module("holidays")
    except ImportError:
        raise CalendarError("holidays: the library is not installed; it belongs to the development set") from None


def _lines(asked: Asked, known: WorkingCalendar | None) -> Iterator[str]:
    first, last = asked.years
    if last < first:
        raise CalendarError(f"years: {last} is before {first}")
    week = _week(asked, known)
    yield f"id: {asked.calendar}-{first}{_letter(asked, known)}"
    yield f"title: {json.dumps(asked.title, ensure_ascii=False)}"
    yield f"year: {first}"
    if last > first:
        yield f"until: {last}"
    if asked.amends:
        yield f"amends: {asked.amends}"
    yield f"published: {asked.published}"
    yield "date_source: first-seen  # when that release of the library was first reported"
    if known is None and week != MONDAY_TO_FRIDAY:
        yield f"week: [{', '.join(week.days)}]"
    yield "mark: secondary"
    yield f"source: {json.dumps(source(asked), ensure_ascii=False)}"
    if asked.note:
        yield f"note: {json.dumps(asked.note, ensure_ascii=False)}"
    yield "days:"
    for day, (kind, name) in sorted(_days(asked, known).items()):
        yield f"  {day}: {kind} {name}  # {day:%a}"


def _week(asked: Asked, known: WorkingCalendar | None) -> WorkingWeek:
    week = known.week if known else asked.week or MONDAY_TO_FRIDAY
    if asked.week not in {None, week}:
        raise CalendarError(f"{asked.calendar}: week: that of the calendar is {', '.join(week.days)}")
    return week


def _letter(asked: Asked, known: WorkingCalendar | None) -> str:
    if not asked.amends:
        return ""
    begun = f"{asked.calendar}-{asked.years[0]}"
    taken = sum(notice.id.startswith(begun) for notice in known.notices) if known else 0
    return "abcdefghijklmnopqrstuvwxyz"[max(taken, 1)]


def _days(asked: Asked, known: WorkingCalendar | None) -> Mapping[date, tuple[str, str]]:
    first, last = asked.years
    week = _week(asked, known)
    found = public_holidays(asked.country, asked.subdivision, range(first, last + 1), asked.without)
    # A holiday on a day that is not worked anyway changes nothing; where another is given for it, the library names that.
    off = {day: ("off", name) for day, name in found.items() if week.works(day)}
    if not asked.amends:
        return off
    if known is None:
        raise CalendarError(f"{asked.calendar}: amends: there is no earlier file")
    every = map(date.fromordinal, range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1))
    was = {day: known.day(day).reason for day in every if week.works(day) and not known.is_working(day)}
    changed = {day: said for day, said in off.items() if day not in was}
    changed |= {day: ("work", name) for day, name in was.items() if day not in off}
    if not changed:
        raise CalendarError(f"{asked.calendar}: amends: the library says nothing else of {first} to {last}")
    return changed

"""
The working calendar (工作日历): which days count when the law says 工作日.

Mainland China works Monday to Friday, except where a State Council notice (国务院通知) gives a day off (放假) or makes a
weekend day a working day in exchange (调休上班, 补班). Each notice is one file ``calendars/<id>/<publication date>.yaml``
and is never changed; a change is a new notice. A calendar is the pile of notices up to one publication date:

    calendar("cn")                                   # everything published so far
    calendar("cn").as_known_on(date(2019, 3, 21))    # what one could know on that day
    calendar_version("cn@2019-03-22")                # the very calendar a deadline was dated with

A year without a notice (too old, or not published yet) is answered with Monday to Friday and marked *provisional*.
Days are plain dates: the time zone in which a day begins belongs to the rule pack.

Calendars of other jurisdictions are such piles too. Their files arrange several years at once and come from a library
(`rulebook.freeze`), so their days are marked ``secondary``; a file may name another working week than Monday to Friday.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import rfc8785

from rulebook.errors import CalendarError
from rulebook.mark import Mark
from rulebook.notice import Notice, NoticeDay, read_notice, refuse_misfit, week_of
from rulebook.shelves import PUBLISHED, calendar_folders
from rulebook.week import MONDAY_TO_FRIDAY, WorkingWeek

__all__ = [
    "CalendarError",
    "DayAnswer",
    "Notice",
    "NoticeDay",
    "WorkingCalendar",
    "calendar",
    "calendar_version",
    "read_calendar",
]

FOLDER: Final = PUBLISHED / "calendars"
MAX_WORKING_DAYS: Final = 10_000
"""The largest number of working days one question may ask for, some forty years: it bounds every answer."""

UNPUBLISHED: Final = "none"
_WEEKEND: Final = tuple(f"{day} 周末" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))


class DayAnswer(NamedTuple):
    """
    What the calendar says about one day, ready to stand in a proof.

    *reason* is ``workday``, ``Sat 周末`` / ``Sun 周末``, the holiday's name (``国庆节``) or ``补班 <holiday>``. *source* is
    the id of the notice that names the day; None where the ordinary week decides. *provisional* means that no notice
    for that year was known. *mark* says how firm the notice is.
    """

    day: date
    working: bool
    reason: str
    source: str | None
    provisional: bool
    mark: Mark = "verified"


@dataclass(frozen=True, slots=True, repr=False)
class WorkingCalendar:
    """
    A working calendar made of all notices published up to one day; immutable, and equal to any other with its content.

    *version* is ``<id>@<publication date of the newest notice>``, *content_hash* the SHA-256 (hex) over the canonical
    form of its notices, *horizon* the last day of the last published year (``date.min`` when nothing was published), *week*
    what is worked where no notice says otherwise.
    """

    id: str
    version: str
    content_hash: str
    horizon: date
    notices: tuple[Notice, ...] = field(compare=False)
    week: WorkingWeek
    _first: date = field(compare=False)  # 1 January of the first published year
    _dawn: date = field(compare=False)  # the day before the first one in _working or _special
    _special: dict[date, DayAnswer] = field(compare=False)  # published days that differ from "workday"
    _listed: tuple[DayAnswer, ...] = field(compare=False)  # days off and make-up days, in order
    _listed_days: list[date] = field(compare=False)
    _working: list[date] = field(compare=False)  # published working days, in order
    _versions: dict[int, WorkingCalendar] = field(compare=False)  # shared: number of notices -> calendar
    _with: dict[str, WorkingCalendar] = field(
        compare=False, default_factory=dict
    )  # hash of a further notice -> calendar

    def __repr__(self) -> str:
        return f"<WorkingCalendar {self.version} {self.content_hash[:12]}>"

    def day(self, on: date) -> DayAnswer:
        """Return what is known about *on*, with the reason and the notice that says so; never fails for a date."""
        _refuse_instant(on)
        return self._special.get(on) or _ordinary_day(on, self.week, provisional=self.is_provisional(on))

    def is_working(self, on: date) -> bool:
        """Return whether *on* is a working day; a guess by weekday where ``is_provisional(on)``."""
        _refuse_instant(on)
        answer = self._special.get(on)
        return answer.working if answer else self.week.works(on)

    def is_provisional(self, on: date) -> bool:
        """Return whether no notice for the year of *on* is part of this calendar, so that a later one may differ."""
        _refuse_instant(on)
        if self._first <= on <= self.horizon:
            return False
        answer = self._special.get(on)  # a December day that the first notice names
        return answer is None or answer.provisional

    def as_known_on(self, on: date) -> WorkingCalendar:
        """Return the calendar made of the notices published on or before *on*; the same object for the same notices."""
        _refuse_instant(on)
        known = bisect_right(self.notices, on, key=lambda notice: notice.published)
        return (
            self if known == len(self.notices) else assemble(self.id, self.notices[:known], self._versions, self.week)
        )

    def knows(self, notice: Notice) -> bool:
        """Return whether *notice* is part of this calendar."""
        return any(known.id == notice.id for known in self.notices)

    def precedes(self, notice: Notice) -> bool:
        """Return whether *notice* is one of this calendar's own that was published after all that it knows."""
        newest = self.notices[-1].published if self.notices else date.min
        return notice.calendar == self.id and notice.published > newest and not self.knows(notice)

    def with_notice(self, notice: Notice) -> WorkingCalendar:
        """
        Return the calendar that *notice*, published after all of its own, makes of this one.

        Every complaint that runs adopts it, so the answer is made once. Raises CalendarError when it does not continue this
        calendar.
        """
        if (made := self._with.get(key := notice.content_hash)) is not None:
            return made
        refuse_misfit(notice.id, self.id, notice, self.notices)
        if self.notices and notice.published <= self.notices[-1].published:
            raise CalendarError(f"{notice.id}: published: {notice.published} is not after {self.notices[-1].published}")
        return self._with.setdefault(key, assemble(self.id, (*self.notices, notice), {}))

    def nth_working_day(self, start: date, amount: int) -> date:
        """
        Return the *amount*-th working day after *start*; *start* itself is not counted.

        Raises ValueError unless *amount* is 1 to 10,000 working days and the answer lies before the year 10000.
        """
        _refuse_instant(start)
        if not 1 <= amount <= MAX_WORKING_DAYS:
            raise ValueError(f"amount: expected 1 to {MAX_WORKING_DAYS} working days, got {amount}")
        if start < self._dawn:
            before = self.week.until(self._dawn) - self.week.until(start)
            if amount <= before:
                return self.week.nth(start, amount)
            start, amount = self._dawn, amount - before
        position = bisect_right(self._working, start)
        published = len(self._working) - position
        if amount <= published:
            return self._working[position + amount - 1]
        return self.week.nth(max(start, self.horizon), amount - published)

    def add_working_days(self, start: date, amount: int) -> tuple[date, tuple[DayAnswer, ...]]:
        """
        Return the *amount*-th working day after *start*, and every day on the way that is off or made up.

        These are, in order, the days off that were skipped and the make-up days (补班) that were counted, each with its
        reason. Raises ValueError as ``nth_working_day`` does.
        """
        end = self.nth_working_day(start, amount)
        first = bisect_right(self._listed_days, start)
        last = bisect_right(self._listed_days, end)
        listed = self._listed[first:last]
        if self._dawn <= start and end <= self.horizon:
            return end, listed
        early = _days_off(start, min(end, self._dawn), self.week)
        return end, (*early, *listed, *_days_off(max(start, self.horizon), end, self.week))


def calendar(id: str = "cn") -> WorkingCalendar:  # noqa: A002  # the id is what callers call it
    """
    Return the calendar *id* with every notice published so far; its files are read once per process.

    Raises CalendarError when there is no such calendar or one of its files is broken.
    """
    return _shipped(id)


@lru_cache(maxsize=64)
def _shipped(calendar_id: str) -> WorkingCalendar:
    """Return the calendar of the files that come with the rulebook, or lie in the folder of rules beside it."""
    known = calendar_folders()
    if calendar_id not in known:
        raise CalendarError(f"calendar {calendar_id!r} is unknown; known: {', '.join(known)}")
    return read_calendar(known[calendar_id])


@lru_cache(maxsize=256)
def calendar_version(version: str) -> WorkingCalendar:
    """
    Return the calendar named by *version*, such as ``cn@2025-11-04``, with exactly the notices it had.

    Raises CalendarError when no notice of that calendar was published on that day.
    """
    name, _, published = version.partition("@")
    newest = calendar(name)
    try:
        found = newest.as_known_on(date.min if published == UNPUBLISHED else date.fromisoformat(published))
    except ValueError:
        found = None
    if found is None or found.version != version:
        raise CalendarError(f"calendar version {version!r} is unknown; the newest is {newest.version}")
    return found


def forget_calendars() -> None:
    """Have the files of the calendars read anew, because the folder of rules beside the published ones changed."""
    _shipped.cache_clear()
    calendar_version.cache_clear()


def calendar_files(version: str) -> list[Path]:
    """Return the files of the notices of which the calendar *version* is made, oldest first; CalendarError as above."""
    known = calendar_version(version)
    return [calendar_folders()[known.id] / f"{notice.published}.yaml" for notice in known.notices]


def adoption(calendar: WorkingCalendar, notice: Notice) -> dict[str, Any]:
    """Return what `CalendarAdopted` says of *notice* for who counts by *calendar*; CalendarError if it does not fit."""
    known = calendar.with_notice(notice)
    return {"notice": notice, "calendar": known.version, "calendar_hash": known.content_hash}


def read_calendar(folder: Path) -> WorkingCalendar:
    """
    Read the notices in *folder*, whose name is the calendar's id, and return the calendar of all of them.

    Raises CalendarError, one line with file, path and reason, for anything that could make an answer wrong.
    """
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    notices: list[Notice] = []
    for file in files:
        notice = read_notice(file)
        refuse_misfit(f"{folder.name}/{file.name}", folder.name, notice, notices)
        notices.append(notice)
    if not notices:
        raise CalendarError(f"{folder.name}: no notices; expected files named <publication date>.yaml")
    whole = assemble(folder.name, tuple(notices), {})
    for notice in notices:
        for year in range(notice.year, notice.last_year + 1):
            if not any(day.year == year for day in whole._working):
                raise CalendarError(f"{folder.name}/{notice.published}.yaml: days: leaves {year} no working day")
    return whole


def assemble(
    calendar_id: str,
    notices: tuple[Notice, ...],
    versions: dict[int, WorkingCalendar],
    week: WorkingWeek = MONDAY_TO_FRIDAY,
) -> WorkingCalendar:
    """Return the calendar of *notices*, made once and kept in *versions*; *week* is that of a calendar without any."""
    if (made := versions.get(len(notices))) is not None:
        return made
    week = week_of(notices) if notices else week
    named = {day.day: (day, notice) for notice in notices for day in notice.days}
    first = date(min(notice.year for notice in notices), 1, 1) if notices else date.max
    horizon = date(max(notice.last_year for notice in notices), 12, 31) if notices else date.min
    dawn = min((first, *named)) - timedelta(days=1) if notices else date.min
    span = map(date.fromordinal, range(dawn.toordinal() + 1, horizon.toordinal() + 1))
    answers = [
        _named_day(*named[day], week) if day in named else _ordinary_day(day, week, provisional=day < first)
        for day in span
    ]
    listed = tuple(answer for answer in answers if not answer.working or not week.works(answer.day))
    canonical = rfc8785.dumps([notice.model_dump(mode="json") for notice in notices])
    versions[len(notices)] = WorkingCalendar(
        id=calendar_id,
        version=f"{calendar_id}@{notices[-1].published if notices else UNPUBLISHED}",
        content_hash=hashlib.sha256(canonical).hexdigest(),
        horizon=horizon,
        notices=notices,
        week=week,
        _first=first,
        _dawn=dawn,
        _special={answer.day: answer for answer in answers if answer.source or not answer.working},
        _listed=listed,
        _listed_days=[answer.day for answer in listed],
        _working=[answer.day for answer in answers if answer.working],
        _versions=versions,
    )
    return versions[len(notices)]


def _named_day(named: NoticeDay, notice: Notice, week: WorkingWeek) -> DayAnswer:
    """Return the answer for a day that a notice names."""
    working = named.kind == "work"
    reason = named.holiday
    if working:
        reason = "workday" if week.works(named.day) else f"补班 {named.holiday}"
    return DayAnswer(named.day, working, reason, source=notice.id, provisional=False, mark=notice.mark)


def _ordinary_day(on: date, week: WorkingWeek, *, provisional: bool) -> DayAnswer:
    """Return the answer of the ordinary week."""
    working = week.works(on)
    reason = "workday" if working else _WEEKEND[on.weekday()]
    return DayAnswer(on, working, reason, source=None, provisional=provisional)


def _refuse_instant(on: date) -> None:
    # A datetime is a date to Python, but it never equals one: a holiday would silently be missed.
    if isinstance(on, datetime):
        raise TypeError("a calendar answers for dates; convert the instant to a date in the pack's time zone first")


def _days_off(after: date, until: date, week: WorkingWeek) -> list[DayAnswer]:
    """Return the provisional days off that are later than *after*, up to *until*."""
    days = map(date.fromordinal, range(after.toordinal() + 1, until.toordinal() + 1))
    return [_ordinary_day(day, week, provisional=True) for day in days if not week.works(day)]

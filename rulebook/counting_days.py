"""
The days of a deadline, one by one: which counted, which did not, and because of which notice or pause.

The count walks from the start and never looks at the due instant: it arrives at one of its own. That the two agree is the
proof that a person can follow with a finger on the calendar, and `DayCount.due` lets a program do the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from rulebook import events as ev
from rulebook.calendar import DayAnswer, WorkingCalendar
from rulebook.deadline import Deadline
from rulebook.errors import LimitError
from rulebook.limit import DAY, WEEK, Pause, counted_to, last_day, midnight, months_after
from rulebook.mark import Mark

DayKind = Literal["zero", "counted", "made_up", "skipped", "paused", "set"]
"""
What a day is in a count: the day of the start (day zero), counted, counted as a make-up day (补班), skipped because it is a
day off, left out because a pause covers it, or the last day that an event has set.
"""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """
    One calendar day of a count.

    *number* says how many whole units of the limit are used up when the day ends: days, working days, hours, weeks or
    months; None where none was completed on it. *counted* is the time of the day that the limit ran, *left_out* the time
    that a pause took from it, *ground* that pause's. *reason*, *source* and *mark* are the calendar's: the holiday, the id
    of the notice that names it, and how firm that is.
    """

    day: date
    kind: DayKind
    number: int | None
    reason: str
    source: str | None
    provisional: bool
    counted: timedelta
    left_out: timedelta
    ground: str | None
    mark: Mark = "verified"


@dataclass(frozen=True, slots=True)
class DayCount:
    """Every day of a count, and the instant at which it arrives; None while an open pause holds it, on its last day."""

    days: tuple[CountedDay, ...]
    due: datetime | None


def calendars_of(pinned: WorkingCalendar, events: Iterable[ev.Event]) -> Mapping[str, WorkingCalendar]:
    """Return every calendar by which a complaint has counted, by version: the *pinned* one, and what notices made of it."""
    known = {pinned.version: pinned}
    newest = pinned
    for event in events:
        if isinstance(event, ev.CalendarAdopted) and not newest.knows(event.notice):
            newest = newest.with_notice(event.notice)
            known[newest.version] = newest
    return known


def count_days(deadline: Deadline, calendar: WorkingCalendar) -> DayCount:
    """
    Return the days of *deadline* from its start on, counted one by one under *calendar*.

    LimitError when the count leaves the years 1 to 9999.
    """
    walk = _Walk(deadline, calendar, ZoneInfo(deadline.zone))
    try:
        if deadline.unit == "wd":
            return walk.working_days()
        return walk.set_day() if deadline.amount == 0 else walk.running_time()
    except (OverflowError, ValueError) as error:  # The calendar and datetime both end with the year 9999.
        raise LimitError("the limit leaves the years 1 to 9999") from error


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a day that runs, or one that a pause leaves out, in UTC."""

    start: datetime
    end: datetime
    pause: Pause | None

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Run:
    """What became of one day: how long the limit ran and stood, and where on it the limit ended or an open pause began."""

    ran: timedelta
    left_out: timedelta
    ground: str | None
    due: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Walk:
    deadline: Deadline
    calendar: WorkingCalendar
    zone: ZoneInfo

    @property
    def first(self) -> date:
        return self.deadline.start.astimezone(self.zone).date()

    @property
    def total(self) -> int:
        return self.deadline.amount + self.deadline.extended_by

    def running_time(self) -> DayCount:
        """Count natural days, weeks, months and hours: every instant outside the pauses uses the limit up."""
        start = self.deadline.start.astimezone(UTC)
        left, used, days = self._target() - start, timedelta(), []
        day = self.first
        while True:
            run = self._run(day, left - used)
            number = self._completed(start + used, start + used + run.ran)
            days.append(self._running_day(day, number, run))
            used += run.ran
            if run.held or run.due:
                return DayCount(tuple(days), run.due.astimezone(self.zone) if run.due else None)
            day += DAY

    def working_days(self) -> DayCount:
        """Count working days: those that the calendar has as worked and that no pause covers wholly."""
        counted, days, day = 0, [], self.first
        while True:
            one, held = self._working_day(day, counted)
            days.append(one)
            counted += one.kind in {"counted", "made_up"}
            if held:
                return DayCount(tuple(days), None)
            if counted == max(self.total, 1):
                return DayCount(tuple(days), midnight(day + DAY, self.zone))
            day += DAY

    def set_day(self) -> DayCount:
        """Return the day of the start and the one that an event has set: between them nothing is counted."""
        if self.deadline.due is None:
            return DayCount((), None)
        end = last_day(self.deadline.due.astimezone(self.zone))
        before = [self._plain(self.first, "zero", None)] if self.first < end else []
        return DayCount((*before, self._plain(end, "set", 0)), midnight(end + DAY, self.zone))

    def _target(self) -> datetime:
        """Return the instant at which the limit would be used up without any pause."""
        if self.deadline.unit == "h":
            return self.deadline.start.astimezone(UTC) + timedelta(hours=self.total)
        return midnight(counted_to(self.total, self.deadline.unit, self.first) + DAY, self.zone).astimezone(UTC)

    def _completed(self, before: datetime, after: datetime) -> int | None:
        """Return how many units are used up at *after*, both being instants of the unpaused limit, if some were since."""
        done, earlier = self._units(after), self._units(before)
        return done if done > earlier and done > 0 else None

    def _units(self, instant: datetime) -> int:
        if self.deadline.unit == "h":
            return int((instant - self.deadline.start.astimezone(UTC)) / timedelta(hours=1))
        ended = instant.astimezone(self.zone).date() - DAY
        match self.deadline.unit:
            case "w":
                return (ended - self.first) // WEEK
            case "m":
                return self._months(ended)
            case _:
                return (ended - self.first).days

    def _months(self, ended: date) -> int:
        apart = (ended.year - self.first.year) * 12 + ended.month - self.first.month
        return apart if ended >= months_after(self.first, apart) else apart - 1

    def _parts(self, day: date, *, whole: bool = False) -> Iterator[_Stretch]:
        """Yield the stretches of *day*, the first from the start on unless it is asked for as a *whole*."""
        now, end = midnight(day, self.zone).astimezone(UTC), midnight(day + DAY, self.zone).astimezone(UTC)
        if not whole:
            now = max(now, self.deadline.start.astimezone(UTC))
        for pause in _in_utc(self.deadline.pauses):
            begin, stop = max(pause.start, now), min(pause.end or end, end)
            if begin >= stop:
                continue
            if now < begin:
                yield _Stretch(now, begin, None)
            yield _Stretch(begin, stop, pause)
            now = stop
        if now < end:
            yield _Stretch(now, end, None)

    def _run(self, day: date, left: timedelta) -> _Run:
        ran = left_out = timedelta()
        ground = None
        for part in self._parts(day):
            if part.pause:
                left_out, ground = left_out + part.length, ground or part.pause.ground
                if part.pause.end is None:
                    return _Run(ran, left_out, ground, held=True)
            elif left - ran <= part.length:
                return _Run(left, left_out, ground, due=part.start + (left - ran))
            else:
                ran += part.length
        return _Run(ran, left_out, ground)

    def _running_day(self, day: date, number: int | None, run: _Run) -> CountedDay:
        kind: DayKind = "counted"
        if run.left_out and not run.ran:
            kind = "paused"
        elif day == self.first and self.deadline.unit != "h":
            kind = "zero"
        return self._plain(day, kind, number, run)

    def _plain(self, day: date, kind: DayKind, number: int | None, run: _Run | None = None) -> CountedDay:
        # Only working days owe something to the calendar: what it says is told, and no other day is provisional.
        answer, run = self.calendar.day(day), run or _Run(timedelta(), timedelta(), None)
        return CountedDay(
            day,
            kind,
            number,
            answer.reason,
            answer.source,
            False,
            run.ran,
            run.left_out,
            run.ground,
            answer.mark,
        )

    def _working_day(self, day: date, counted: int) -> tuple[CountedDay, bool]:
        """Return *day*, before which *counted* were, and whether an open pause holds the count on it."""
        answer, parts = self.calendar.day(day), list(self._parts(day, whole=True))
        pauses = [part.pause for part in parts if part.pause]
        kind, number = self._kind(answer, covered=len(pauses) == len(parts)), None
        if kind in {"counted", "made_up"}:
            number = counted + 1 if self.total else 0
        length, none = sum((part.length for part in parts), timedelta()), timedelta()
        one = CountedDay(
            day=day,
            kind=kind,
            number=number,
            reason=answer.reason,
            source=answer.source,
            provisional=answer.provisional,
            counted=none if number is None else length,
            left_out=length if kind == "paused" else none,
            ground=pauses[0].ground if pauses and kind not in {"zero", "skipped"} else None,
            mark=answer.mark,
        )
        return one, kind == "paused" and pauses[-1].end is None

    def _kind(self, answer: DayAnswer, *, covered: bool) -> DayKind:
        # A limit of no days (当日) is met on the day of the start itself, so that day is judged like any other.
        if answer.day == self.first and self.total:
            return "zero"
        if not answer.working:
            return "skipped"
        if covered:
            return "paused"
        return "counted" if self.calendar.week.works(answer.day) else "made_up"


def _in_utc(pauses: Sequence[Pause]) -> Iterator[Pause]:
    for pause in pauses:
        yield Pause(pause.start.astimezone(UTC), pause.end.astimezone(UTC) if pause.end else None, pause.ground)

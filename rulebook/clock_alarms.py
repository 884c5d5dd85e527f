"""When the clock must wake its case: what one duty demands next, before its deadline, at it and after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from rulebook.calendar import WorkingCalendar
from rulebook.duty import Duty
from rulebook.event import Level
from rulebook.limit import DAY, in_utc, last_day
from rulebook.pack_parts import Reminder


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    The next instant at which something must happen by itself.

    *late_by* is how far the asking instant lies behind it: zero in the ordinary case, more after an outage. *before* is the
    name of the reminder (``5nd``, ``+1wd``), *to* the level that is reminded, None where the rules name none. *arrears*
    says that the reminder was planned for before its deadline was known, *passed* for which lower levels it stands.
    *shortened* says that a notice, or a move to other rules, put the deadline into the past.
    """

    at: datetime
    kind: Literal["reminder", "due", "window_end"]
    duty: str
    due: datetime
    late_by: timedelta
    before: str = ""
    to: Level | None = None
    shortened: bool = False
    arrears: bool = False
    passed: tuple[Level, ...] = ()

    @property
    def order(self) -> tuple[datetime, bool]:
        """Return what alarms are sorted by: the instant, and at the same one a step after the deadline comes after it."""
        return in_utc(self.at), self.kind == "reminder" and in_utc(self.at) >= in_utc(self.due)


def alarms(
    duty: Duty, now: datetime, zone: ZoneInfo, calendar: WorkingCalendar, *, arrears: bool = True
) -> Iterator[Alarm]:
    """
    Yield what *duty* still demands, whether it lies before *now* or after it; a duty that has ended demands nothing.

    Steps of a ladder that were planned for before the deadline was known, as for a complaint entered late, are one reminder
    to the highest level that they reached; without *arrears* they are none.
    """
    deadline = duty.deadline
    if duty.status != "open" or deadline is None or deadline.due is None:
        return
    due, missed = deadline.due, list[tuple[datetime, Reminder]]()
    for reminder in duty.rule.reminders:
        at = _reminder_at(reminder, due, zone, calendar)
        in_place = reminder.after is not None or in_utc(at) < in_utc(due)
        if not in_place or (in_utc(due), str(reminder)) in duty.reminded:
            continue
        # A reminder older than its deadline's version would arrive as a burst with the news itself.
        if deadline.computed_at is None or at > deadline.computed_at:
            yield Alarm(at, "reminder", duty.key, due, _behind(now, at), str(reminder), reminder.to)
        elif reminder.to:
            missed.append((at, reminder))
    if arrears and missed and not any(of == in_utc(due) for of, _ in duty.reminded):
        yield _highest(missed, duty.key, due, now)
    if duty.kind != "target" and not duty.recorded(due):
        kind: Literal["due", "window_end"] = "due" if duty.kind == "duty" else "window_end"
        yield Alarm(due, kind, duty.key, due, _behind(now, due), shortened=duty.shortened)


def _highest(missed: list[tuple[datetime, Reminder]], duty: str, due: datetime, now: datetime) -> Alarm:
    """Return the reminder to the highest level of the *missed* ones, which names those below it."""
    *lower, (at, highest) = sorted(missed, key=lambda one: in_utc(one[0]))
    passed = tuple(dict.fromkeys(reminder.to for _, reminder in lower if reminder.to and reminder.to != highest.to))
    return Alarm(at, "reminder", duty, due, _behind(now, at), str(highest), highest.to, arrears=True, passed=passed)


def _reminder_at(reminder: Reminder, due: datetime, zone: ZoneInfo, calendar: WorkingCalendar) -> datetime:
    if reminder.after == 0:
        return due
    day = last_day(due)
    if reminder.unit == "nd":
        day += timedelta(days=(reminder.after or 0) - (reminder.before or 0))
    elif reminder.after:
        day = calendar.nth_working_day(day, reminder.after)
    else:
        for _ in range(reminder.before or 0):
            day = _working_day_before(day, calendar)
    return datetime.combine(day, reminder.at, zone)


def _working_day_before(day: date, calendar: WorkingCalendar) -> date:
    day -= DAY
    while not calendar.is_working(day):
        day -= DAY
    return day


def _behind(now: datetime, at: datetime) -> timedelta:
    return max(in_utc(now) - in_utc(at), timedelta())

"""A deadline with its proof: everything an auditor needs to compute the same instant again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rulebook.calendar import DayAnswer, WorkingCalendar
from rulebook.errors import LimitError
from rulebook.limit import DAY, Limit, Pause, Unit, counting_from, due_after, last_day, merge, midnight, require_aware
from rulebook.mark import Mark


@dataclass(frozen=True, slots=True)
class Deadline:
    """
    One version of a deadline.

    *due* is the first instant that is too late, None while an open pause holds the clock. *skipped* are the days off that a
    working-day limit passed over and the make-up days that it counted, each with its reason and notice. *computed_at* is the
    instant at which the version came into being, *reason* the event that made it necessary. *shortened_from* is the instant
    that was counted, where a notice or a move to other rules put it into the past: then the deadline is the instant of the
    notice's adoption, or of the move.
    """

    amount: int
    unit: Unit
    start: datetime
    zone: str
    calendar: str
    due: datetime | None
    provisional: bool
    skipped: tuple[DayAnswer, ...] = ()
    pauses: tuple[Pause, ...] = ()
    limit: str | None = None
    citation: str | None = None
    pack: str | None = None
    started_by: str | None = None
    extended_by: int = 0
    computed_at: datetime | None = None
    reason: str | None = None
    shortened_from: datetime | None = None
    mark: Mark = "verified"

    @property
    def last_day(self) -> date | None:
        """Return the last day on which one is in time."""
        return last_day(self.due) if self.due else None

    def to_json(self) -> dict[str, Any]:
        """Return the proof as a JSON object; instants carry the offset of the rule's time zone."""
        proof = {
            "due": _instant(self.due),
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "amount": self.amount,
            "unit": self.unit,
            "extended_by": self.extended_by,
            "limit": self.limit,
            "citation": self.citation,
            "pack": self.pack,
            "start": _instant(self.start),
            "started_by": self.started_by,
            "time_zone": self.zone,
            "calendar": self.calendar,
            "provisional": self.provisional,
            "skipped": [_skipped(day) for day in self.skipped],
            "pauses": [
                {"start": _instant(pause.start), "end": _instant(pause.end), "ground": pause.ground}
                for pause in self.pauses
            ],
            "computed_at": _instant(self.computed_at),
            "reason": self.reason,
            # Only where it applies: what was recorded before there were notices under running cases stays as it was.
            **({"shortened_from": _instant(self.shortened_from)} if self.shortened_from else {}),
        }
        # Left out at its default, so that proofs recorded before there were marks still compare equal.
        return proof if self.mark == "verified" else proof | {"mark": self.mark}


def date_limit(
    limit: Limit,
    start: datetime,
    zone: ZoneInfo,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause] = (),
    *,
    name: str | None = None,
    citation: str | None = None,
    pack: str | None = None,
    started_by: str | None = None,
    extended_by: int = 0,
    computed_at: datetime | None = None,
    reason: str | None = None,
    mark: Mark = "verified",
) -> Deadline:
    """
    Return the deadline of *limit* from *start*, extended by *extended_by* of its own units, with its proof.

    *pauses* that do not touch the running limit are left out of the proof. LimitError for a naive *start*.
    """
    require_aware(start, "a start")
    whole = Limit(limit.amount + extended_by, limit.unit) if extended_by else limit
    due = due_after(whole, start, zone, calendar, pauses)
    skipped: tuple[DayAnswer, ...] = ()
    provisional = False
    if limit.unit == "wd":
        skipped, provisional = _days(whole, start.astimezone(zone).date(), calendar, due)
    return Deadline(
        amount=limit.amount,
        unit=limit.unit,
        start=start.astimezone(zone),
        zone=zone.key,
        calendar=calendar.version,
        due=due,
        provisional=provisional,
        skipped=skipped,
        pauses=_touching(pauses, start, due, zone) if pauses else (),
        limit=name,
        citation=citation,
        pack=pack,
        started_by=started_by,
        extended_by=extended_by,
        computed_at=computed_at,
        reason=reason,
        mark=mark,
    )


def set_date(
    day: date,
    start: datetime,
    zone: ZoneInfo,
    calendar: WorkingCalendar,
    *,
    name: str,
    citation: str,
    pack: str,
    started_by: str,
    computed_at: datetime,
    reason: str,
    mark: Mark = "verified",
) -> Deadline:
    """
    Return the deadline that somebody set to the end of *day* at *start*; its proof counts nothing, so its amount is 0.

    LimitError for the last day of the calendar, whose end no instant names.
    """
    try:
        due = midnight(day + DAY, zone)
    except OverflowError as error:
        raise LimitError("the limit leaves the years 1 to 9999") from error
    return Deadline(
        amount=0,
        unit="nd",
        start=start.astimezone(zone),
        zone=zone.key,
        calendar=calendar.version,
        due=due,
        provisional=False,
        limit=name,
        citation=citation,
        pack=pack,
        started_by=started_by,
        computed_at=computed_at,
        reason=reason,
        mark=mark,
    )


def _days(
    limit: Limit, start: date, calendar: WorkingCalendar, due: datetime | None
) -> tuple[tuple[DayAnswer, ...], bool]:
    start, amount = counting_from(limit.amount, start)
    end, days = calendar.add_working_days(start, amount)
    if due and end != last_day(due):  # A pause moved it.
        more = (calendar.day(end + timedelta(days=count)) for count in range(1, (last_day(due) - end).days + 1))
        days = (*days, *(day for day in more if not day.working or not calendar.week.works(day.day)))
        end = last_day(due)
    # Published years follow each other, so the first and the last day counted speak for all between.
    return days, calendar.is_provisional(start + DAY) or calendar.is_provisional(end)


def _touching(pauses: Sequence[Pause], start: datetime, due: datetime | None, zone: ZoneInfo) -> tuple[Pause, ...]:
    return tuple(
        Pause(pause.start.astimezone(zone), pause.end.astimezone(zone) if pause.end else None, pause.ground)
        for pause in merge(pauses)
        if (pause.end is None or pause.end > start) and (due is None or pause.start < due)
    )


def _skipped(day: DayAnswer) -> dict[str, Any]:
    said = {"day": day.day.isoformat(), "working": day.working, "reason": day.reason, "source": day.source}
    return said if day.mark == "verified" else said | {"mark": day.mark}


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None

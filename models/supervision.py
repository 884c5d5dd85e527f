"""
What is done at fixed times to supervise complaints: the one file that says what, when, how it catches up and who is told.

`rulebook/defaults/supervision.yaml` is the house's; an insurer may name a file of its own. Reading is all that happens
here: which days those are is the arithmetic of `rulebook.period`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from models.data_file import read_model
from rulebook.calendar import WorkingCalendar, calendar
from rulebook.errors import CalendarError
from rulebook.notice import Notice
from rulebook.period import DayRule, PeriodKind
from rulebook.scalars import Line, Whole

SHIPPED: Final = Path(__file__).parent.parent / "rulebook" / "defaults" / "supervision.yaml"
"""The house's own file."""

Kind = Literal["bulletin", "sample", "publication"]
"""What is made: a bulletin of what is late (R178), a sample (R153, R160), published figures (R181)."""

Audience = Literal["management", "heads", "service", "callback", "committee", "head_office"]
"""
Who is told, as seen from an area (a province with everything below it, or head office): its senior managers and those
of its units that are named; the heads of the departments that are named; the heads of its customer service; its
callback team; its complaint committee; head office's customer service and consumer protection.
"""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_Id = Annotated[str, Strict(), Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
_Duty = Annotated[str, Strict(), Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
_Clock = Annotated[str, Strict(), Field(pattern=rf"^{_CLOCK.pattern}$")]


class SupervisionError(ValueError):
    """The file of what is done at fixed times cannot be used; the message is one line."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Title(_Part):
    """What people read, Chinese and English."""

    zh: Line
    en: Line

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


class Day(_Part):
    """The n-th *working* or *natural* day after a period, at a local time; one of the two is given."""

    working: Whole | None = Field(default=None, ge=1, le=250)
    natural: Whole | None = Field(default=None, ge=1, le=366)
    at: _Clock

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.working is None) == (self.natural is None):
            raise PydanticCustomError("one_of", "give working or natural, and only one of them")
        return self

    @property
    def clock(self) -> time:
        """The local time of day."""
        return time.fromisoformat(self.at)

    @property
    def rule(self) -> DayRule:
        """The same for the arithmetic."""
        if self.working is not None:
            return DayRule(self.working, "working", self.clock)
        return DayRule(self.natural or 1, "natural", self.clock)

    def __str__(self) -> str:
        count, unit = (self.working, "工作日 working day") if self.working else (self.natural, "日 day")
        return f"{count}. {unit} {self.at}"


class Scheduled(_Part):
    """
    One thing that is done about every period, *every* week, month, quarter or year.

    *day* is when it is owed, *by* the last instant that the rules allow. *missed* and *reach* say what happens after an
    outage (see `rulebook.period.owed`). *above* is the share of late matters, in per cent, beyond which the committee
    supervises (R180); *population* and *share* what a sample is drawn from and how much of it, in per cent (R160).
    """

    id: _Id
    kind: Kind
    title: Title
    every: PeriodKind
    day: Day
    by: Day | None = None
    missed: Literal["latest", "each"]
    reach: Whole = Field(ge=1, le=60)
    recipients: tuple[Audience, ...] = Field(min_length=1)
    citation: Line
    above: Whole | None = Field(default=None, ge=0, lt=100)
    population: Literal["late", "closed"] | None = None
    share: Whole | None = Field(default=None, ge=1, le=100)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "bulletin") != (self.above is not None):
            raise PydanticCustomError("bulletin", "above belongs to a bulletin, and every bulletin has it")
        given = self.population is not None, self.share is not None
        if given != (self.kind == "sample",) * 2:
            raise PydanticCustomError("sample", "population and share belong to a sample, and every sample has both")
        if self.kind == "publication" and self.every not in {"month", "year"}:
            raise PydanticCustomError("publication", "figures are published for a month or a year")
        return self


class Watchdog(_Part):
    """
    How often the watchdog looks, in minutes, and how long a thing may be missing before it is a finding.

    *every_minutes* divides an hour, or is a whole number of hours that divides a day.
    """

    title: Title
    every_minutes: Whole = Field(ge=1, le=1440)
    patience_minutes: Whole = Field(ge=1, le=1440)
    recipients: tuple[Audience, ...] = Field(min_length=1)
    citation: Line

    @model_validator(mode="after")
    def _even(self) -> Self:
        hours, minutes = divmod(self.every_minutes, 60)
        if 60 % minutes if not hours else minutes or 24 % hours:
            raise PydanticCustomError("uneven", "every_minutes divides an hour, or is whole hours that divide a day")
        return self


class Supervision(_Part):
    """Everything that is done at fixed times; *limits* and *slip_answers* name the duties that make a matter late."""

    version: Line
    time_zone: Line
    calendar: Line
    limits: tuple[_Duty, ...] = Field(min_length=1)
    slip_answers: tuple[_Duty, _Duty]
    schedules: tuple[Scheduled, ...]
    watchdog: Watchdog

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for place, rule in self._problems():
            raise PydanticCustomError("supervision", "{place}: {rule}", {"place": place, "rule": rule})
        return self

    def _problems(self) -> Iterator[tuple[str, str]]:
        if self.time_zone not in available_timezones():
            yield "time_zone", "is no IANA time zone"
        try:
            calendar(self.calendar)
        except CalendarError:
            yield "calendar", "no such working calendar is published"
        names = [one.id for one in self.schedules]
        for at, name in enumerate(names):
            if name in names[:at] or name == "watchdog":
                yield f"schedules.{at}.id", "is taken already"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its days."""
        return ZoneInfo(self.time_zone)

    def known_days(self, adopted: list[Notice]) -> WorkingCalendar:
        """Return the working calendar as published, with the notices that were *adopted* here since."""
        known = calendar(self.calendar)
        for notice in adopted:
            newer = notice.published > known.notices[-1].published
            if notice.id.startswith(f"{known.id}-") and newer and not known.knows(notice):
                known = known.with_notice(notice)
        return known

    def scheduled(self, name: str) -> Scheduled:
        """Return what has the id *name*; SupervisionError names those that there are."""
        for one in self.schedules:
            if one.id == name:
                return one
        raise SupervisionError(f"there is no schedule of this id; there are {', '.join(s.id for s in self.schedules)}")

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON (RFC 8785) of the file's content."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def read_supervision(path: Path = SHIPPED) -> Supervision:
    """Return what the YAML file at *path* says; `SupervisionError` names file, line, place and rule."""
    return read_model(path, Supervision, SupervisionError)

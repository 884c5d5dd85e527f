"""
A State Council notice (国务院办公厅放假通知): which days of a year are off, and which weekend days are worked instead.

Other jurisdictions have calendars too: their files say the same for several years at once, and where it comes from.

Each published notice is one file ``calendars/<id>/<publication date>.yaml`` and never changes; another change is another
notice. What a notice makes of a calendar is told in `rulebook.calendar`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import rfc8785
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    Strict,
    ValidationError,
    model_serializer,
    model_validator,
)

from rulebook.errors import CalendarError
from rulebook.mark import Mark
from rulebook.plain_yaml import YamlRefused, plain_yaml
from rulebook.scalars import Line, Prose, Word
from rulebook.week import MONDAY_TO_FRIDAY, Weekday, WorkingWeek

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


LATER: Final[Mapping[str, Any]] = {"until": None, "week": None, "mark": "verified", "source": None, "note": None}
"""Fields that the first notices did not have, and what they are where a file is silent."""


LARGEST: Final = 20_000
"""The most characters of a notice: four times the longest that was published."""


class NoticeDay(BaseModel):
    """One day that a notice names: *off* (放假) or *work* (上班), and the holiday it belongs to."""

    model_config = _STRICT

    day: date
    kind: Literal["off", "work"]
    holiday: Line


class Notice(BaseModel):
    """
    One State Council notice, as published, or the same for another jurisdiction.

    *published* is the day on which everyone could know it; *date_source* says how firm that day is: ``document`` (the
    notice or its official page says so), ``url`` (the official address carries the date), ``first-seen`` (the first
    dated press report), ``recalled`` (from memory). *signed* is the 成文日期 where it is known. A notice without
    *amends* arranges the whole *year*, or every year from there to *until*; one with it changes days of what that earlier
    notice arranged. *week* names the weekdays that are worked; None is the calendar's own week, Monday to Friday in its
    first notice. *mark* says how firm the days are, *source* where they come from, *note* what they leave out.
    """

    model_config = _STRICT

    id: Annotated[str, Strict(), Field(pattern=r"^[a-z]+(-[a-z]+)*-\d{4}[a-z]?$")]
    title: Line
    number: Line | None = None
    year: Annotated[int, Field(ge=1950, le=9998)]
    until: Annotated[int, Field(ge=1950, le=9998)] | None = None
    amends: Line | None = None
    signed: date | None = None
    published: date
    date_source: Literal["document", "url", "first-seen", "recalled"]
    url: Word | None = None
    week: Annotated[tuple[Weekday, ...], Field(strict=False)] | None = None
    mark: Mark = "verified"
    source: Prose | None = None
    note: Prose | None = None
    days: Annotated[tuple[NoticeDay, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _days_belong_here(self) -> Self:
        # New Year's Day (元旦) borrows days of the December before; no notice has ever named another year.
        if self.last_year < self.year:
            raise ValueError(f"until: {self.until} is before the year {self.year}")
        years = f"{self.year}" if self.last_year == self.year else f"{self.year} to {self.last_year}"
        first, last = date(self.year - 1, 12, 1), date(self.last_year, 12, 31)
        seen: set[date] = set()
        for named in self.days:
            if not first <= named.day <= last:
                raise ValueError(f"days.{named.day}: outside {first}..{last}, the days of {years}")
            if named.day in seen:
                raise ValueError(f"days.{named.day}: named twice")
            seen.add(named.day)
        if self.signed and self.signed > self.published:
            raise ValueError(f"published: {self.published} is before the day of signature {self.signed}")
        if self.week is not None:
            WorkingWeek(self.week)
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # What was hashed and recorded before there were these fields stays as it was.
        plain: dict[str, Any] = handler(self)
        return {name: value for name, value in plain.items() if name not in LATER or value != LATER[name]}

    @property
    def calendar(self) -> str:
        """The id of the calendar to which it belongs."""
        return self.id.rpartition("-")[0]

    @property
    def last_year(self) -> int:
        """The last year that it arranges."""
        return self.until or self.year

    @property
    def working_week(self) -> WorkingWeek | None:
        """The week that it names, if it names one."""
        return WorkingWeek(self.week) if self.week else None

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) over the canonical JSON (RFC 8785) of this notice; comments in the file do not count."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json"))).hexdigest()


def read_notice(file: Path) -> Notice:
    """Return the notice in *file*, or raise CalendarError with file, path and reason in one line."""
    place = f"{file.parent.name}/{file.name}"
    if file.suffix != ".yaml":
        raise CalendarError(f"{place}: only notices named <publication date>.yaml belong here")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError(f"{place}: cannot be read: {str(error).splitlines()[0]}") from None
    notice = parse_notice(text, place)
    if file.stem != notice.published.isoformat():
        raise CalendarError(f"{place}: published: {notice.published} is not the date in the file's name")
    return notice


@lru_cache(maxsize=16)  # The guards of a workflow and its effect each ask for the same one.
def parse_notice(text: str, place: str = "notice") -> Notice:
    """Return the notice in the YAML *text*, or raise CalendarError with *place*, path and reason in one line."""
    raw: Any = None
    try:
        raw = plain_yaml(text, LARGEST)
        return Notice.model_validate(_fields(raw))
    except YamlRefused as error:
        line = f"line {error.line}: " if error.line else ""
        raise CalendarError(f"{place}: {line}{error.rule}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = _spoken(first["loc"], raw)
        reason = first["msg"].removeprefix("Value error, ")
        raise CalendarError(f"{place}: {path}: {reason}" if path else f"{place}: {reason}") from None


def _fields(raw: Any) -> Any:
    """Turn the days of a file, ``2019-04-28: work 劳动节``, into a notice's fields; validation judges the rest."""
    if not isinstance(raw, dict) or not isinstance(raw.get("days"), dict):
        return raw
    parts = [(day, *str(text).partition(" ")) for day, text in raw["days"].items()]
    return raw | {"days": [{"day": day, "kind": kind, "holiday": name.strip()} for day, kind, _, name in parts]}


def _spoken(path: tuple[int | str, ...], raw: Any) -> str:
    """Return *path* with the date in place of a day's position."""
    match path:
        case ("days", int(position), *rest) if isinstance(raw["days"], dict):
            return ".".join(["days", str(list(raw["days"])[position]), *map(str, rest)])
    return ".".join(map(str, path))


def refuse_misfit(place: str, calendar_id: str, notice: Notice, earlier: Sequence[Notice]) -> None:
    """Raise CalendarError unless *notice* continues the notices published *earlier*."""
    years = [known.last_year for known in earlier if known.amends is None]
    if notice.calendar != calendar_id or not notice.id.startswith(f"{calendar_id}-{notice.year}"):
        raise CalendarError(f"{place}: id: expected {calendar_id}-{notice.year}, with a letter if it amends")
    if notice.id in {known.id for known in earlier}:
        raise CalendarError(f"{place}: id: {notice.id} exists already; published notices are never replaced")
    if notice.amends is None and years and notice.year != years[-1] + 1:
        raise CalendarError(f"{place}: year: expected {years[-1] + 1}, the year after the last published one")
    if notice.amends is not None and not any(_arranges(known, notice) for known in earlier):
        raise CalendarError(f"{place}: amends: no earlier notice {notice.amends} for {notice.year}")
    week = week_of(earlier) if earlier else notice.working_week or MONDAY_TO_FRIDAY
    if notice.working_week not in {None, week}:
        raise CalendarError(f"{place}: week: expected {', '.join(week.days)}; another week is another calendar")
    named = {day.day: day for known in earlier for day in known.days}
    for day in notice.days:
        given_back = day.day in named and named[day.day].kind == "off"
        if day.kind == "work" and week.works(day.day) and not given_back:
            raise CalendarError(f"{place}: days.{day.day}: an ordinary working day needs no make-up work")


def week_of(notices: Sequence[Notice]) -> WorkingWeek:
    """Return the working week of the calendar of *notices*, at least one: its first notice names it."""
    return notices[0].working_week or MONDAY_TO_FRIDAY


def _arranges(known: Notice, amendment: Notice) -> bool:
    within = known.year <= amendment.year and amendment.last_year <= known.last_year
    return known.id == amendment.amends and within

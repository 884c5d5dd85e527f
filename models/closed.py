"""
How the rows of somebody's file of closed complaints become cases to count, as data.

A mapping names, for each of a few fields, where the value comes from, as the mapping of complaints to open does
(`models.mapping`). It reads what it names and leaves the other columns alone: nothing is recorded, so nothing can be lost.
No rejection repeats a value from a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from models.data_file import read_model
from models.source import MappingError, Source
from models.tabular.header import Delimiter, HeaderRow
from rulebook.event import Complexity
from rulebook.pack_parts import zone_name
from rulebook.what_if import Facts, Route, Severity
from rulebook.what_if_tally import ClosedCase

ClosedField = Literal[
    "received", "answered", "closed", "complexity", "severity", "route", "unit", "category", "channel"
]
"""What may be known of a closed complaint; *answered* is when the complainant was told the decision."""

FIELDS: tuple[ClosedField, ...] = get_args(ClosedField)
MOMENTS = FIELDS[:3]
WORDS: Mapping[ClosedField, tuple[str, ...]] = {
    "complexity": get_args(Complexity),
    "severity": get_args(Severity),
    "route": get_args(Route),
}

YEARS = range(1900, 2201)
"""A day outside these years is a typing error; the bound also bounds every count by day."""

LONGEST_NAME = 120
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(_DAY.pattern + r"[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII)
_KEPT = 65_536


class Rejection(NamedTuple):
    """Why a row is not counted: *code* for programs, *reason* for people."""

    code: Literal["Malformed", "Missing", "Unreadable", "UnknownValue", "OutOfRange", "Mixed", "BeforeReceipt"]
    reason: str


Cells = Mapping[str, Sequence[str]]
"""The cells of many rows, by column."""


class ClosedMapping(BaseModel):
    """
    How to read the file, and where each field comes from.

    *header_row* is the number of the row with the names of the columns; left out, it is the first that is not empty.
    *time_zone* is that of instants which carry none. A plain day counts as that day in each pack's own time zone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    encoding: str = "utf-8-sig"
    delimiter: Delimiter = ","
    header_row: HeaderRow | None = None
    time_zone: Annotated[str, AfterValidator(zone_name)] | None = None
    fields: dict[ClosedField, Source]

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if "received" not in self.fields:
            raise PydanticCustomError("received", "fields: received is needed")
        if not {"answered", "closed"} & self.fields.keys():
            raise PydanticCustomError("closed", "fields: answered or closed is needed")
        if any(source.split is not None for source in self.fields.values()):
            raise PydanticCustomError("split", "fields: a closed complaint has one value of each, so none is split")
        return self

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that the mapping needs, in a fixed order."""
        return tuple(sorted(frozenset().union(*(source.reads for source in self.fields.values()))))

    def with_unit(self, column: str) -> ClosedMapping:
        """Return this mapping with the unit taken from *column*."""
        return self.model_copy(update={"fields": {**self.fields, "unit": Source(column=column)}})

    def check_columns(self, header: Sequence[str]) -> None:
        """Refuse a *header* that lacks a needed column or has one of them twice."""
        for name in self.columns:
            if (found := header.count(name)) != 1:
                raise MappingError(f"column {name}: {'appears twice' if found else 'is missing'}")


def plain_mapping(header: Sequence[str]) -> ClosedMapping:
    """Return the mapping for a file whose columns have the names of the fields; MappingError if too few have."""
    fields: dict[ClosedField, Source] = {name: Source(column=name) for name in FIELDS if name in header}
    if "received" not in fields or not {"answered", "closed"} & fields.keys():
        raise MappingError("there are no columns received and answered or closed; name others with --mapping FILE")
    return ClosedMapping(fields=fields)


def read_closed_mapping(path: Path) -> ClosedMapping:
    """Return the mapping in the YAML file at *path*; `MappingError` names file, line, place and rule."""
    return read_model(path, ClosedMapping, MappingError)


class CaseReader:
    """Rows into cases. Cells that repeat, as days and units do, are read once."""

    def __init__(self, mapping: ClosedMapping) -> None:
        zone = ZoneInfo(mapping.time_zone) if mapping.time_zone else None
        self._columns = mapping.columns
        self._readers = {name: _reader(name, source, zone) for name, source in mapping.fields.items()}

    def read(self, cells: Cells, rows: int) -> Iterator[ClosedCase | Rejection]:
        """Yield the case in each of *rows* rows, or why it is none."""
        found = [self._readers[name](cells, rows) if name in self._readers else [None] * rows for name in FIELDS]
        for values in zip(*found, strict=True):
            problem = next((value for value in values if isinstance(value, Rejection)), None)
            yield problem or _case(values[:3], values[3:6], values[6:])


def _case(moments: Sequence[date | None], known: Sequence[Any], names: Sequence[str | None]) -> ClosedCase | Rejection:
    received, answered, closed = moments
    answered, closed = answered or closed, closed or answered
    if received is None:
        return Rejection("Missing", "received: is empty")
    if answered is None or closed is None:
        return Rejection("Missing", "answered, closed: are both empty, the complaint is not over")
    if not type(received) is type(answered) is type(closed):
        return Rejection("Mixed", "received, answered and closed must all be days, or all be instants")
    if answered < received or closed < received:
        early = "answered" if answered < received else "closed"
        return Rejection("BeforeReceipt", f"{early}: lies before received")
    complexity, severity, route = known
    unit, category, channel = names
    facts = Facts(complexity, severity or "general", route)
    return ClosedCase(received, answered, closed, facts, (unit, category, channel))


_Reader = Callable[[Cells, int], list[Any]]


def _reader(name: ClosedField, source: Source, zone: ZoneInfo | None) -> _Reader:
    """Return what reads the field *name* of many rows at once."""

    @lru_cache(maxsize=_KEPT)
    def read(*texts: str) -> Any:
        try:
            value = source.value(dict(zip(columns, texts, strict=True)))
        except MappingError as error:
            return Rejection("Unreadable", f"{name}: {error}")
        return None if value is None else _typed(name, _with_hour(source, str(value)), zone)

    columns = tuple(sorted(source.reads))

    def read_rows(cells: Cells, rows: int) -> list[Any]:
        if not columns:
            return [read()] * rows
        return [read(*texts) for texts in zip(*(cells[column] for column in columns), strict=True)]

    return read_rows


def _with_hour(source: Source, text: str) -> str:
    """Return an instant at midnight as an instant, and not as the day of which the format would be content."""
    return f"{text}T00:00:00" if source.layout and source.layout.hour and _DAY.fullmatch(text) else text


def _typed(name: ClosedField, text: str, zone: ZoneInfo | None) -> date | str | Rejection:
    if name in MOMENTS:
        return _moment(name, text, zone)
    words = WORDS.get(name)
    if words and text not in words:
        return Rejection("UnknownValue", f"{name}: must be {' or '.join(words)}")
    # A name goes to terminals and into drawings, which obey some characters instead of showing them.
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:LONGEST_NAME])


def _moment(name: str, text: str, zone: ZoneInfo | None) -> date | Rejection:
    kind = date if _DAY.fullmatch(text) else datetime
    # The standard forms alone: the library also takes rows of digits for instants, and counts of milliseconds are such rows.
    if kind is datetime and not _INSTANT.fullmatch(text):
        return Rejection("Unreadable", f"{name}: is neither a day such as 2026-03-02 nor an instant")
    try:
        found = kind.fromisoformat(text)
    except ValueError:
        return Rejection("Unreadable", f"{name}: is neither a day such as 2026-03-02 nor an instant")
    if found.year not in YEARS:
        return Rejection("OutOfRange", f"{name}: lies outside the years {YEARS.start} to {YEARS.stop - 1}")
    if not isinstance(found, datetime):
        return found
    if found.tzinfo is None:
        if zone is None:
            return Rejection("Unreadable", f"{name}: has no offset, and the mapping names no time_zone")
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC)  # In UTC instants compare as they should, an hour that strikes twice included.

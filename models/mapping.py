"""
How the columns of somebody's CSV file become the fields of an `Intake`, as data.

A mapping names, for each field by its dotted path, where the value comes from. Columns that are not needed are listed under
*ignore*, so that a column nobody thought of is an error and not a silent loss. Nothing here repeats a value from a row.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from models.data_file import read_model
from models.intake import Intake

Scalar = str | bool | int
"""What a mapping can put into a field by itself."""


class MappingError(ValueError):
    """A mapping, a header or a row cannot be used; the message is one line and holds no value."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Source(_Part):
    """
    Where one field comes from.

    Either *const*, or *column*, or several *columns* joined by *join*. An empty cell leaves the field out, or gives
    *default*. *split* makes a list. *values* translates; what it does not know is an error, or becomes *otherwise*. *prefix*
    goes before the text. *format* (of `strptime`) reads a date; with *time_zone* an instant, at *time_of_day* if the format
    has no hour. *when* names a column that must not be empty, *unless* one that must be empty; otherwise
    the field is left out, or gets *default*.
    """

    const: Scalar | None = None
    when: str | None = None
    unless: str | None = None
    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = " "
    split: str | None = Field(default=None, min_length=1)
    values: dict[str, Scalar] | None = None
    otherwise: Scalar | None = None
    default: Scalar | list[Scalar] | None = None
    prefix: str = ""
    format: str | None = None
    time_zone: str | None = None
    time_of_day: time | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            _ = ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise PydanticCustomError("time_zone", "no such time zone") from error
        return name

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.const is not None) + (self.column is not None) + bool(self.columns) != 1:
            raise PydanticCustomError("origin", "give exactly one of const, column and columns")
        if (self.time_zone or self.time_of_day) and not self.format:
            raise PydanticCustomError("format", "time_zone and time_of_day go with format only")
        if self.time_zone and ("%H" in (self.format or "")) == (self.time_of_day is not None):
            raise PydanticCustomError(
                "time_of_day", "an instant takes its hour from the format (%H) or from time_of_day, from exactly one"
            )
        return self

    @property
    def reads(self) -> frozenset[str]:
        """The columns that this source needs."""
        return frozenset(filter(None, (self.column, self.when, self.unless, *self.columns)))

    def value(self, row: Mapping[str, str]) -> Scalar | list[Scalar] | None:
        """Return the field's value for *row*, or None to leave it out; `MappingError` says which rule a cell breaks."""
        if (self.when and not row[self.when]) or (self.unless and row[self.unless]):
            return self.default
        if self.const is not None:
            return self.const
        text = (
            self.join.join(filter(None, (row[name] for name in self.columns)))
            if self.columns
            else row[self.column or ""]
        )
        if not text:
            return self.default
        if self.split is None:
            found = self._translated(text)
            return self.default if found is None else found
        parts = (self._translated(part.strip()) for part in text.split(self.split) if part.strip())
        return list(dict.fromkeys(part for part in parts if part is not None)) or self.default

    def _translated(self, text: str) -> Scalar | None:
        if self.format:
            return self._dated(text, self.format)
        if self.values is not None:
            if text in self.values:
                return self.values[text]
            if self.otherwise is None and "otherwise" not in self.model_fields_set:
                raise MappingError("the mapping does not know this value")
            return self.otherwise
        return self.prefix + text

    def _dated(self, text: str, layout: str) -> str:
        try:
            found = datetime.strptime(text, layout)  # noqa: DTZ007  # the zone comes from the mapping, below
        except ValueError:
            raise MappingError("is not a date of the given format") from None
        if not self.time_zone:
            return found.date().isoformat()
        at = self.time_of_day if self.time_of_day is not None else found.time()
        return datetime.combine(found.date(), at, ZoneInfo(self.time_zone)).isoformat()


class ColumnMapping(_Part):
    """A whole mapping: how to read the file, and where every field comes from."""

    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    ignore: tuple[str, ...] = ()
    fields: dict[str, Source]

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, fields: dict[str, Source]) -> dict[str, Source]:
        if any(path.split(".")[0] not in Intake.model_fields for path in fields):
            raise PydanticCustomError("unknown_target", "a complaint has no such field")
        if any(other.startswith(f"{path}.") for path in fields for other in fields):
            raise PydanticCustomError("target_twice", "a field is mapped both as a whole and in parts")
        return fields

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that the mapping needs."""
        return frozenset().union(*(source.reads for source in self.fields.values()))

    def check_header(self, header: Sequence[str]) -> None:
        """Refuse a *header* that lacks a needed column, has one twice, or has one the mapping neither uses nor ignores."""
        if lacking := sorted(self.columns - set(header)):
            raise MappingError(f"row 1, column {lacking[0]}: is missing")
        if strange := [name for name in header if name not in self.columns | set(self.ignore)]:
            where = header.index(strange[0]) + 1
            raise MappingError(f"row 1, column number {where}: is neither mapped nor listed under ignore")
        if len(set(header)) != len(header):
            raise MappingError("row 1: a column appears twice")

    def to_intake_data(self, row: Mapping[str, str], number: int) -> dict[str, Any]:
        """
        Return the data of an `Intake` for *row*, not yet validated.

        *number* is the row's number for error messages. `MappingError` names row, column and rule.
        """
        cells = {name: cell.strip() for name, cell in row.items()}
        data: dict[str, Any] = {}
        for path, source in self.fields.items():
            try:
                found = source.value(cells)
            except MappingError as error:
                column = source.column or " + ".join(source.columns)
                raise MappingError(f"row {number}, column {column}: {error}") from None
            if found is not None:
                _place(data, path.split("."), found)
        return {name: _listed(value) for name, value in data.items()}

    def read(self, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any] | MappingError]]:
        """
        Yield every row of a CSV file with its number (the header is row 1): the data of an `Intake`, or what is wrong.

        A bad row is yielded as its error and stops nothing; a bad header raises `MappingError`.
        """
        records = self._records(csv.reader(lines, delimiter=self.delimiter))
        header = next(records, [])
        if isinstance(header, MappingError):
            raise header
        self.check_header(header)
        for number, cells in enumerate(records, start=2):
            if isinstance(cells, MappingError):
                yield number, cells
            elif cells:
                yield number, self._row(header, cells, number)

    def _records(self, reader: Iterator[list[str]]) -> Iterator[list[str] | MappingError]:
        for number in itertools.count(1):
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield MappingError(f"row {number}: is not valid CSV")
            except UnicodeDecodeError as error:
                raise MappingError(f"row {number}: the file is not in {self.encoding}") from error

    def _row(self, header: Sequence[str], cells: Sequence[str], number: int) -> dict[str, Any] | MappingError:
        if len(cells) != len(header):
            return MappingError(f"row {number}: has {len(cells)} cells, the header has {len(header)}")
        try:
            return self.to_intake_data(dict(zip(header, cells, strict=True)), number)
        except MappingError as error:
            return error


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping in the YAML file at *path*; `MappingError` names file, line, place and rule."""
    return read_model(path, ColumnMapping, MappingError)


def _place(data: dict[str, Any], path: Sequence[str], value: object) -> None:
    for key in path[:-1]:
        data = data.setdefault(key, {})
    data[path[-1]] = value


def _listed(value: Any) -> Any:
    """Return *value* with every object whose keys are numbers as a list, without gaps."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(part) for key, part in value.items()}
    if all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner

"""
Where one value of somebody's row comes from, as data, and how it would be written back into the row.

Nothing here repeats a value from a row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from models.cells import as_read, joined_moment
from models.tabular.moments import Layout, MomentError, Unit, count, counted, layout

Scalar = str | bool | int
"""What a mapping can put into a field by itself."""

_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+\d{1,3}|[+-]?\d\.\d+[eE]\d{1,3}")
SCIENTIFIC = "is a number as a spreadsheet shortens it, and its digits are lost: let the column be text"


class MappingError(ValueError):
    """
    A mapping, a header or a row cannot be used; the message is one line and holds no value.

    *column* is the column at fault, if it is one, and *rule* the broken rule without its place.
    """

    def __init__(self, message: str, *, column: str | None = None, rule: str | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.rule = rule or message


class Part(BaseModel):
    """A part of a mapping."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Source(Part):
    """
    Where one field comes from.

    Either *const*, or *column*, or several *columns* joined by *join*. An empty cell leaves the field out, or gives
    *default*. *split* makes a list. *values* translates; what it does not know is an error, or becomes *otherwise*. *prefix*
    goes before the text. *format* (of `strptime`) reads a date; with *time_zone* an instant, at *time_of_day* if the format
    has no hour; with ``%z`` the instant of the offset that is written. *unix* reads an instant that is counted from 1970.
    A cell of a workbook that is a date is read whatever the format. *when* names a column that must not be empty, *unless*
    one that must be empty; otherwise the field is left out, or gets *default*.
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
    unix: Unit | None = None

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
        if self.unix and (self.format or self.values is not None or self.prefix):
            raise PydanticCustomError("unix", "unix reads the instant by itself: without format, values and prefix")
        if self.layout:
            self.layout.check()
        return self

    @property
    def reads(self) -> frozenset[str]:
        """The columns that this source needs."""
        return frozenset(filter(None, (self.column, self.when, self.unless, *self.columns)))

    @property
    def layout(self) -> Layout | None:
        """How the days or instants that it reads are written; None if it reads none."""
        return layout(self.format, self.time_zone, self.time_of_day) if self.format else None

    @property
    def plain(self) -> bool:
        """Whether the text of the cell becomes the text of the field."""
        return self.const is None and self.values is None and not self.format and not self.unix

    @property
    def name(self) -> str:
        """Its column, or columns, for error messages."""
        return self.column or " + ".join(self.columns)

    def value(self, row: Mapping[str, str]) -> Scalar | list[Scalar] | None:
        """Return the field's value for *row*, or None to leave it out; `MappingError` says which rule a cell breaks."""
        if (self.when and not row[self.when]) or (self.unless and row[self.unless]):
            return self.default
        if self.const is not None:
            return self.const
        text = self._joined([row[name] for name in self.columns]) if self.columns else row[self.column or ""]
        if not text:
            return self.default
        if self.split is None:
            found = self._translated(text)
            return self.default if found is None else found
        parts = (self._translated(part.strip()) for part in text.split(self.split) if part.strip())
        return list(dict.fromkeys(part for part in parts if part is not None)) or self.default

    def _joined(self, cells: list[str]) -> str:
        held = [cell for cell in cells if cell]
        return joined_moment(held) or self.join.join(held)

    def cells(self, value: Scalar | list[Scalar] | None) -> dict[str, str]:
        """Return what the columns would have to hold for this source to give *value*; `MappingError` if nothing gives it."""
        if self.const is not None:
            return {}
        empty = dict.fromkeys(self.columns or (self.column or "",), "")
        if value is None or value == self.default:
            return empty
        if isinstance(value, list):
            if self.split is None:
                raise MappingError("the mapping reads no list here")
            text = self.split.join(self._text(part) for part in value)
        else:
            text = self._text(value)
        if not self.columns:
            return {self.column or "": text}
        parts = text.split(self.join) if self.join else [text]
        if len(parts) != len(self.columns):
            parts = [text]  # An empty cell joins nothing, so that the whole text can stand in the first.
        return {**empty, **dict(zip(self.columns, parts, strict=False))}

    def same(self, given: object, recorded: object) -> bool:
        """Return whether a row that gives *given* says what is recorded, as far as this source can say it."""
        if given == recorded:
            return True
        try:
            cells = self.cells(recorded)  # type: ignore[arg-type]  # what is no value of a cell has no text
            others = dict.fromkeys(filter(None, (self.when, self.unless)), "")
            if self.when and self.when not in cells:
                others[self.when] = "-"  # The row gave a value, so this column was not empty.
            read = {name: as_read(text) for name, text in {**others, **cells}.items()}
            return bool(self.value(read) == given)
        except (MappingError, ValueError):
            return False

    def _text(self, value: Scalar) -> str:
        if self.layout:
            return self.layout.written(str(value))
        if self.unix:
            return count(str(value), self.unix)
        if self.values is not None:
            found = next((text for text, code in self.values.items() if code == value), None)
            if found is None:
                raise MappingError("no value of the mapping stands for it")
            return found
        text = str(value)
        if not text.startswith(self.prefix):
            raise MappingError("it lacks the prefix of the mapping")
        return text.removeprefix(self.prefix)

    def _translated(self, text: str) -> Scalar | None:
        try:
            if self.layout:
                return self.layout.read(text)
            if self.unix:
                return counted(text, self.unix)
        except MomentError as error:
            raise MappingError(str(error)) from None
        if self.values is not None:
            if text in self.values:
                return self.values[text]
            if self.otherwise is None and "otherwise" not in self.model_fields_set:
                raise MappingError("the mapping does not know this value")
            return self.otherwise
        if _SCIENTIFIC.fullmatch(text):
            raise MappingError(SCIENTIFIC)
        return self.prefix + text

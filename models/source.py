"""
Where one value of somebody's row comes from, as data, and how it would be written back into the row.

Nothing here repeats a value from a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

Scalar = str | bool | int
"""What a mapping can put into a field by itself."""


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
            return bool(self.value({**others, **cells}) == given)
        except (MappingError, ValueError):
            return False

    def _text(self, value: Scalar) -> str:
        if self.format:
            return self._written(str(value), self.format)
        if self.values is not None:
            found = next((text for text, code in self.values.items() if code == value), None)
            if found is None:
                raise MappingError("no value of the mapping stands for it")
            return found
        text = str(value)
        if not text.startswith(self.prefix):
            raise MappingError("it lacks the prefix of the mapping")
        return text.removeprefix(self.prefix)

    def _written(self, iso: str, layout: str) -> str:
        if not self.time_zone:
            return date.fromisoformat(iso[:10]).strftime(layout)
        return datetime.fromisoformat(iso).astimezone(ZoneInfo(self.time_zone)).strftime(layout)

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

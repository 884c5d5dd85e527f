"""
How the columns of somebody's table become the fields of an `Intake`, and events of complaints, as data.

A mapping names, for each field by its dotted path, where the value comes from. Columns that are not needed are listed under
*ignore*, so that a column nobody thought of is an error and not a silent loss. Nothing here repeats a value from a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self, get_args, get_origin

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from models.cells import Unreadable
from models.data_file import read_model
from models.intake import Intake
from models.parties import COMPLAINANTS
from models.source import MappingError, Part, Source
from models.tabular.delimited import Record, records
from models.tabular.header import UNNAMED, Delimiter, Header, HeaderRow
from rulebook import events as ev

EVENTS: Mapping[str, type[ev.Event]] = {kind.model_fields["type"].default: kind for kind in ev.EVENT_TYPES}
"""Every event type by its name."""

_WHOLE = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Told:
    """
    What one row tells: the data of an `Intake`, or None, and the data of events with the *places* of their mappings.

    None of it is validated. *complaint_id* is None if the row names none. *numbers* are those by which the mapping names the
    members of each list of the complaint: a list has no gaps, so that its second member can be the mapping's third.
    """

    complaint_id: str | None
    intake: dict[str, Any] | None
    events: tuple[dict[str, Any], ...] = ()
    places: tuple[int, ...] = ()
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class EventSource(Part):
    """
    Which rows tell of an *event* of one type, and where its fields come from.

    *when* names a column that must not be empty in such a row; *where* gives columns and what they must hold.
    """

    event: str
    when: str | None = None
    where: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, Source]

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.event not in EVENTS:
            raise PydanticCustomError("unknown_event", "there is no event of this type")
        known = EVENTS[self.event].model_fields.keys() - {"recorded_at", "type"}
        if any(path.split(".")[0] not in known for path in self.fields):
            raise PydanticCustomError("unknown_target", "an event of this type has no such field")
        if "at" not in self.fields:
            raise PydanticCustomError("at_missing", "an event needs its instant, at")
        return self

    @property
    def reads(self) -> frozenset[str]:
        """The columns that it needs."""
        own = {*self.where, *([self.when] if self.when else [])}
        return frozenset(own).union(*(source.reads for source in self.fields.values()))

    def told_by(self, row: Mapping[str, str]) -> bool:
        """Return whether *row* tells of such an event."""
        return (not self.when or bool(row[self.when])) and _holds(self.where, row)


class ColumnMapping(Part):
    """
    A whole mapping: how to read the file, and where every field comes from.

    *header_row* is the number of the row with the names of the columns; left out, it is the first that is not empty.
    *where* says which rows are complaints, by what columns hold; all are, if it is left out. A row that is none names by
    ``complaint_id`` the complaint to which its *events* belong.
    """

    encoding: str = "utf-8-sig"
    delimiter: Delimiter = ","
    header_row: HeaderRow | None = None
    ignore: tuple[str, ...] = ()
    where: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, Source]
    events: tuple[EventSource, ...] = ()

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, fields: dict[str, Source]) -> dict[str, Source]:
        if any(path.split(".")[0] not in Intake.model_fields for path in fields):
            raise PydanticCustomError("unknown_target", "a complaint has no such field")
        if any(other.startswith(f"{path}.") for path in fields for other in fields):
            raise PydanticCustomError("target_twice", "a field is mapped both as a whole and in parts")
        return fields

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.events or self.where) and "complaint_id" not in self.fields:
            raise PydanticCustomError("complaint_id_missing", "events need a complaint: map complaint_id")
        return self

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that the mapping needs."""
        own = [source.reads for source in self.fields.values()]
        return frozenset(self.where).union(*own, *(source.reads for source in self.events))

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """The columns in the order in which the mapping names them first: how a table is written by it."""
        named = [*self.where]
        for source in self.fields.values():
            named += _in_order(source)
        for event in self.events:
            named += [*event.where, *([event.when] if event.when else [])]
            for source in event.fields.values():
                named += _in_order(source)
        return tuple(dict.fromkeys(named))

    def named(self, row: Mapping[str, str]) -> str | None:
        """Return the id of the complaint that *row* names; None if it names none that can be read."""
        cells = _trimmed(row)
        if any(isinstance(cells.get(name), Unreadable) for name in self.fields["complaint_id"].reads):
            return None
        try:
            found = self.fields["complaint_id"].value(cells)
        except (MappingError, KeyError):
            return None
        return found if isinstance(found, str) else None

    def told(self, row: Mapping[str, str], number: int) -> Told:
        """
        Return what *row* tells of a complaint and of events, not yet validated.

        *number* is the row's number for error messages. `MappingError` names row, column and rule.
        """
        cells = self._readable(row, number)
        named = self.named(cells)
        intake = self._taken(Intake, self.fields, cells, number) if _holds(self.where, cells) else None
        events, places = [], []
        for place, source in enumerate(self.events):
            if source.told_by(cells):
                events.append({"type": source.event, **self._taken(EVENTS[source.event], source.fields, cells, number)})
                places.append(place)
        if intake is None and not events:
            raise MappingError(f"row {number}: tells neither of a complaint nor of an event", rule="tells nothing")
        return Told(named, intake, tuple(events), tuple(places), self._numbers(cells) if intake else {})

    def _numbers(self, cells: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for path, source in self.fields.items():
            parts = path.split(".")
            for at in (at for at, part in enumerate(parts) if part.isdigit()):
                if source.value(cells) is not None:
                    found.setdefault(".".join(parts[:at]), set()).add(parts[at])
        return {path: tuple(sorted(numbers, key=int)) for path, numbers in found.items()}

    def check_header(self, header: Header) -> None:
        """Refuse a *header* that lacks a needed column, has one twice, or has one the mapping neither uses nor ignores."""
        if lacking := sorted(self.columns - set(header.names)):
            raise MappingError(f"row {header.number}, column {lacking[0]}: is missing")
        known = self.columns | {*self.ignore, UNNAMED}
        for place, name in enumerate(header.names, start=1):
            if name not in known:
                raise MappingError(
                    f"row {header.number}, column number {place}: is neither mapped nor listed under ignore"
                )
        if any(header.names.count(name) > 1 for name in self.columns):
            raise MappingError(f"row {header.number}: a column appears twice")

    def to_intake_data(self, row: Mapping[str, str], number: int) -> dict[str, Any]:
        """
        Return the data of an `Intake` for *row*, not yet validated.

        *number* is the row's number for error messages. `MappingError` names row, column and rule.
        """
        return self._taken(Intake, self.fields, self._readable(row, number), number)

    def _readable(self, row: Mapping[str, str], number: int) -> dict[str, str]:
        cells = _trimmed(row)
        for name in self.ordered:
            if isinstance(cell := cells.get(name), Unreadable):
                raise MappingError(f"row {number}, column {name}: {cell.rule}", column=name, rule=cell.rule)
        return cells

    @staticmethod
    def _taken(
        shape: type[BaseModel], fields: Mapping[str, Source], cells: Mapping[str, str], number: int
    ) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for path, source in fields.items():
            try:
                found = source.value(cells)
                if source.plain:
                    _refuse_decimals(path, found)
            except MappingError as error:
                column = source.name
                raise MappingError(f"row {number}, column {column}: {error}", column=column, rule=error.rule) from None
            if found is not None:
                _place(data, path.split("."), found if source.const is not None else _typed(shape, path, found))
        return {name: _listed(value) for name, value in data.items()}

    def read(self, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any] | MappingError]]:
        """
        Yield every row of a CSV file with its number (the header is row 1): the data of an `Intake`, or what is wrong.

        A bad row is yielded as its error and stops nothing; a bad header raises `MappingError`.
        """
        for number, cells in self.rows(lines):
            if isinstance(cells, MappingError):
                yield number, cells
                continue
            try:
                yield number, self.to_intake_data(cells, number)
            except MappingError as error:
                yield number, error

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str] | MappingError]]:
        """Yield every row of a CSV file as its cells by column, with its number; errors as for `read`."""
        yield from self.table(records(lines, self.delimiter, self.encoding), short=False)

    def table(
        self, found: Iterator[Record], *, short: bool = True
    ) -> Iterator[tuple[int, dict[str, str] | MappingError]]:
        """
        Yield every row of *found* below the header that is not empty as its cells by column; errors as for `read`.

        A row may end before the header does if *short*: in a workbook empty cells are not there.
        """
        header = Header.found(found, self.header_row, self.columns | set(self.ignore))
        self.check_header(header)
        for number, cells in found:
            if isinstance(cells, MappingError):
                yield number, cells
            elif any(cells):
                yield number, header.cells(number, cells, short=short, nameless=UNNAMED in self.ignore)


def column_of(fields: Mapping[str, Source], path: str, numbers: Mapping[str, Sequence[str]]) -> str:
    """
    Return the column from which the value at *path* of what a row told comes, "" if there is none.

    *numbers* are those of `Told`. A whole field that is at fault, or missing, is named by the first column that fills it.
    """
    parts = path.split(".")
    if parts[0] == "complainant" and parts[1:2] and parts[1] in COMPLAINANTS:
        del parts[1]  # How the kinds of complainants are told apart is no part of a path.
    for at, part in enumerate(parts):
        known = numbers.get(".".join(parts[:at]), ())
        if part.isdigit() and int(part) < len(known):
            parts[at] = known[int(part)]
    for length in range(len(parts), 0, -1):
        if source := fields.get(".".join(parts[:length])):
            return source.name
    below = (source.name for path, source in fields.items() if path.startswith(f"{'.'.join(parts)}."))
    return next(filter(None, below), "")


def read_mapping(path: Path) -> ColumnMapping:
    """Return the mapping in the YAML file at *path*; `MappingError` names file, line, place and rule."""
    return read_model(path, ColumnMapping, MappingError)


_NUMBERS = frozenset(
    {"complaint_id", "source_reference", "reference", "number", "phone", "person", "ticket", "credit_code"}
)
_DECIMALS = re.compile(r".*\d\.0+", re.DOTALL)
DECIMALS = "is a number with decimals, as a spreadsheet or a program makes it of an identifier: let the column be text"


def _refuse_decimals(path: str, found: object) -> None:
    if path.rpartition(".")[2] in _NUMBERS and isinstance(found, str) and _DECIMALS.fullmatch(found):
        raise MappingError(DECIMALS)


def _trimmed(row: Mapping[str, str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in row.items()}


def _holds(wanted: Mapping[str, str], row: Mapping[str, str]) -> bool:
    return all(row[column] == text for column, text in wanted.items())


def _in_order(source: Source) -> list[str]:
    named = (source.column, *source.columns, source.when, source.unless)
    return [name for name in named if name]


def _typed(shape: type[BaseModel], path: str, value: object) -> object:
    """Return *value*, a cell's text, as the number or the truth value that the field at *path* of *shape* is."""
    kind: Any = shape
    for name in path.split("."):
        fields = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
        kind = _without_none(fields[name].annotation) if name in fields else None
    if kind is int and isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return {"true": True, "false": False}.get(value, value) if kind is bool and isinstance(value, str) else value


def _without_none(annotation: Any) -> Any:
    """Return the type in *annotation*, which may be left out and may carry rules."""
    if get_origin(annotation) is Annotated:
        return _without_none(get_args(annotation)[0])
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return _without_none(kinds[0]) if len(kinds) == 1 else annotation


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

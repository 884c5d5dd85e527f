"""A complaint of the record as rows of somebody's table: the way back through the mapping by which it is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.mapping import ColumnMapping, EventSource
from models.source import MappingError, Source
from models.values import at_path

Row = dict[str, str]


def rows_of(mapping: ColumnMapping, intake: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """
    Yield the rows that tell of a complaint by *mapping*; read back by it, they tell nothing that the record does not hold.

    An event source without *where* stands in the complaint's own row, with the newest event of its kind; one with *where*
    has a row for each. MappingError, with its column, for a value that the mapping cannot express.
    """
    first = _blank(mapping) | mapping.where
    _put(first, mapping.fields, intake)
    own = [source for source in mapping.events if not source.where]
    for source in own:
        if found := [event for event in events if _fits(source, event)]:
            _put(first, source.fields, found[-1])
    yield first
    for event in events:
        for source in mapping.events:
            if source.where and _fits(source, event):
                row = _blank(mapping) | source.where
                _put(row, {"complaint_id": mapping.fields["complaint_id"]}, intake)
                _put(row, source.fields, event)
                yield row


def _blank(mapping: ColumnMapping) -> Row:
    return dict.fromkeys(mapping.ordered, "")


def _put(row: Row, fields: Mapping[str, Source], data: Mapping[str, Any]) -> None:
    for path, source in fields.items():
        try:
            cells = source.cells(at_path(data, path))
        except MappingError as error:
            raise MappingError(f"{path}: {error}", column=source.name, rule=error.rule) from None
        for column, text in cells.items():
            if text and not row[column]:
                row[column] = text


def _fits(source: EventSource, event: Mapping[str, Any]) -> bool:
    wanted = {path: one.const for path, one in source.fields.items() if one.const is not None and one.when is None}
    return event["type"] == source.event and all(at_path(event, path) == const for path, const in wanted.items())

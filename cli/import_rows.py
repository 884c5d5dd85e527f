"""The rows of a file that is imported: CSV, JSON lines or a workbook, each read to what it tells. No row is lost."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from cli.errors import bad_input
from cli.files import read
from cli.json_text import json_lines
from models.cells import plain
from models.mapping import EVENTS, ColumnMapping, Told, read_mapping
from models.source import MappingError
from models.tabular.delimited import Record
from models.tabular.header import Header
from models.tabular.package import WorkbookError
from models.tabular.text_file import TextFileError, decoded
from models.tabular.workbook import Sheet, Workbook

WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Line:
    """A row as it stands in its file: its number, the complaint it names, and what it tells or the *problem* with it."""

    number: int
    complaint: str | None = None
    told: Told | None = None
    problem: MappingError | None = None


@dataclass(frozen=True)
class ImportFile:
    """A file to import: its *digest* stands for its content, its mapping and its sheet."""

    digest: str
    mapping: ColumnMapping | None
    lines: tuple[Line, ...]


def read_file(source: Path, mapping: Path | None, sheet: str | None) -> ImportFile:
    """Return what is in *source*; CliError or MappingError when it cannot be read at all."""
    data = read(source)
    by = read_mapping(mapping) if mapping else None
    digest = hashlib.sha256()
    for part in (data, read(mapping) if mapping else b"", (sheet or "").encode()):
        digest.update(hashlib.sha256(part).digest())
    try:
        return ImportFile(digest.hexdigest(), by, tuple(_lines(source, data, by, sheet)))
    except (WorkbookError, TextFileError) as error:
        raise bad_input(f"{source}: {error}") from None


def _lines(source: Path, data: bytes, mapping: ColumnMapping | None, sheet: str | None) -> Iterator[Line]:
    kind = source.suffix.lower()
    if kind in WORKBOOKS:
        if mapping is None:
            raise bad_input("a workbook needs --mapping FILE, which says what its columns mean")
        return _mapped(mapping, mapping.table(_records(source, data, sheet)))
    if sheet is not None:
        raise bad_input("--sheet goes with a workbook (.xlsx)")
    if kind in {".jsonl", ".ndjson"}:
        found = json_lines(decoded(data, "utf-8"))
        return _mapped(mapping, _objects(mapping, found)) if mapping else _plain(found)
    if kind != ".csv":
        raise bad_input(f"{source}: name a file that ends with .csv, .jsonl or .xlsx")
    if mapping is None:
        raise bad_input("a CSV file needs --mapping FILE, which says what its columns mean; see samples/mapping.yaml")
    return _mapped(mapping, mapping.rows(io.StringIO(decoded(data, mapping.encoding), newline="")))


def _mapped(mapping: ColumnMapping, rows: Iterator[tuple[int, dict[str, str] | MappingError]]) -> Iterator[Line]:
    for number, cells in rows:
        if isinstance(cells, MappingError):
            yield Line(number, problem=cells)
            continue
        named = mapping.named(cells)
        try:
            yield Line(number, named, mapping.told(cells, number))
        except MappingError as error:
            yield Line(number, named, problem=error)


def _objects(
    mapping: ColumnMapping, found: Iterator[tuple[int, Any]]
) -> Iterator[tuple[int, dict[str, str] | MappingError]]:
    """Yield the flat JSON objects of a file as rows of cells; a column that an object leaves out is empty."""
    rows = list(found)
    names = list(dict.fromkeys(name for _, row in rows if isinstance(row, dict) for name in row))
    header = Header.named(1, names, mapping.columns | set(mapping.ignore))
    if names:
        mapping.check_header(header)
    for number, row in rows:
        if not isinstance(row, dict):
            yield number, row if isinstance(row, MappingError) else MappingError(f"row {number}: is not an object")
        elif any(isinstance(value, list | dict) for value in row.values()):
            yield number, MappingError(f"row {number}: a cell holds one value, not a list or an object")
        else:
            yield number, header.cells(number, [plain(row.get(name)) for name in names], short=True, nameless=True)


def _plain(found: Iterator[tuple[int, Any]]) -> Iterator[Line]:
    """Yield lines that need no mapping: a complaint as `open` takes it, or an event with its ``complaint_id``."""
    for number, row in found:
        if isinstance(row, MappingError):
            yield Line(number, problem=row)
        elif not isinstance(row, dict) or not isinstance(row.get("complaint_id"), str):
            rule = "complaint_id: is required"
            yield Line(number, problem=MappingError(f"row {number}: {rule}", column="complaint_id", rule=rule))
        elif "event" not in row:
            yield Line(number, row["complaint_id"], Told(row["complaint_id"], row))
        elif not isinstance(row["event"], str) or row["event"] not in EVENTS:
            rule = "event: there is no event of this type"
            problem = MappingError(f"row {number}: {rule}", column="event", rule=rule)
            yield Line(number, row["complaint_id"], problem=problem)
        else:
            facts = {name: value for name, value in row.items() if name not in {"complaint_id", "event"}}
            told = Told(row["complaint_id"], None, ({"type": row["event"], **facts},), (0,))
            yield Line(number, told.complaint_id, told)


def _records(source: Path, data: bytes, name: str | None) -> Iterator[Record]:
    book = Workbook(data)
    if name is not None and all(sheet.name != name for sheet in book.sheets):
        raise bad_input(f"--sheet: {source} has no such sheet")
    chosen = book.sheet(name)
    if name is None:
        _tell_of_others(book, chosen)
    return book.rows(chosen)


def _tell_of_others(book: Workbook, chosen: Sheet) -> None:
    others = sum(sheet is not chosen and book.filled(sheet) for sheet in book.sheets)
    if others:
        typer.echo(f"note: one sheet is read, and {others} more hold rows; --sheet NAME reads another", err=True)

"""The rows of a file that is imported: CSV, JSON lines or a workbook, each read to what it tells. No row is lost."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from cli.errors import bad_input
from models.mapping import EVENTS, ColumnMapping, Told, read_mapping
from models.source import MappingError

Record = list[str] | MappingError


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
    data = _bytes(source)
    by = read_mapping(mapping) if mapping else None
    digest = hashlib.sha256()
    for part in (data, _bytes(mapping) if mapping else b"", (sheet or "").encode()):
        digest.update(hashlib.sha256(part).digest())
    return ImportFile(digest.hexdigest(), by, tuple(_lines(source, data, by, sheet)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise bad_input(f"{path}: cannot be read: {error.strerror}") from None


def _lines(source: Path, data: bytes, mapping: ColumnMapping | None, sheet: str | None) -> Iterator[Line]:
    kind = source.suffix.lower()
    if kind == ".xlsx":
        if mapping is None:
            raise bad_input("a workbook needs --mapping FILE, which says what its columns mean")
        return _mapped(mapping, mapping.table(_records(source, data, sheet)))
    if sheet is not None:
        raise bad_input("--sheet goes with a workbook (.xlsx)")
    if kind in {".jsonl", ".ndjson"}:
        return _mapped(mapping, _objects(_text(source, data, "utf-8-sig"))) if mapping else _plain(source, data)
    if kind != ".csv":
        raise bad_input(f"{source}: name a file that ends with .csv, .jsonl or .xlsx")
    if mapping is None:
        raise bad_input("a CSV file needs --mapping FILE, which says what its columns mean; see samples/mapping.yaml")
    text = io.StringIO(_text(source, data, mapping.encoding), newline="")
    try:
        return iter(list(_mapped(mapping, mapping.rows(text))))
    except csv.Error as error:
        raise bad_input(f"{source}: is not CSV: {error}") from None


def _text(source: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise bad_input(f"{source}: is not {encoding} text") from None


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


def _objects(text: str) -> Iterator[tuple[int, dict[str, str] | MappingError]]:
    """Yield the flat JSON objects of *text* as rows of cells; a column that an object leaves out is empty."""
    rows = list(_json(text))
    names = dict.fromkeys(name for _, row in rows if isinstance(row, dict) for name in row)
    for number, row in rows:
        if not isinstance(row, dict):
            yield number, row if isinstance(row, MappingError) else MappingError(f"row {number}: is not an object")
        elif any(isinstance(value, list | dict) for value in row.values()):
            yield number, MappingError(f"row {number}: a cell holds one value, not a list or an object")
        else:
            yield number, {name: _cell(row.get(name)) for name in names}


def _json(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError:
                yield number, MappingError(f"row {number}: is not JSON", rule="is not JSON")


def _plain(source: Path, data: bytes) -> Iterator[Line]:
    """Yield lines that need no mapping: a complaint as `open` takes it, or an event with its ``complaint_id``."""
    for number, row in _json(_text(source, data, "utf-8-sig")):
        if isinstance(row, MappingError):
            yield Line(number, problem=row)
        elif not isinstance(row, dict) or not isinstance(row.get("complaint_id"), str):
            rule = "complaint_id: is required"
            yield Line(number, problem=MappingError(f"row {number}: {rule}", column="complaint_id", rule=rule))
        elif "event" not in row:
            yield Line(number, row["complaint_id"], Told(row["complaint_id"], row))
        elif row["event"] not in EVENTS:
            rule = "event: there is no event of this type"
            problem = MappingError(f"row {number}: {rule}", column="event", rule=rule)
            yield Line(number, row["complaint_id"], problem=problem)
        else:
            facts = {name: value for name, value in row.items() if name not in {"complaint_id", "event"}}
            told = Told(row["complaint_id"], None, ({"type": row["event"], **facts},), (0,))
            yield Line(number, told.complaint_id, told)


def _records(source: Path, data: bytes, sheet: str | None) -> Iterator[Record]:
    # Here and not above: the library takes long to load, and only workbooks need it.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError, SyntaxError, EOFError):
        raise bad_input(f"{source}: is not a workbook that can be read") from None
    if sheet is not None and sheet not in book.sheetnames:
        raise bad_input(f"--sheet: {source} has no such sheet")
    page = book[sheet] if sheet else book.worksheets[0]
    header: list[str] = []
    for row in page.iter_rows(values_only=True):
        cells = [_cell(value) for value in row]
        if not header:
            header = cells[: max((at for at, name in enumerate(cells, start=1) if name), default=0)]
            yield header
        else:
            # Formatted, but empty cells may follow on the right, and whole rows below.
            kept = cells[: len(header)] + [text for text in cells[len(header) :] if text]
            yield (kept + [""] * (len(header) - len(kept))) if any(kept) else []
    book.close()


def _cell(value: object) -> str:
    """Return a cell as text: a day as 2026-03-02, an instant as 2026-03-02 09:30, with seconds if it has any."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        hour = "" if value.time() == time() else f" {_hour(value.time())}"
        return f"{value:%Y-%m-%d}{hour}"
    if isinstance(value, time):
        return _hour(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _hour(at: time) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"

"""
A file of closed complaints in chunks, CSV or Parquet, so that no more than a few chunks are ever in memory.

A chunk goes to whichever process counts it: of a Parquet file still packed, so that the unpacking is shared too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from models.closed import FIELDS, Cells, ClosedMapping, Rejection, plain_mapping
from models.source import MappingError
from models.tabular.delimited import Record, records
from models.tabular.header import UNNAMED, Header
from models.tabular.text_file import TextFileError, opened

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 20_000
"""Rows that are counted at once: some megabytes, and a few tenths of a second of work."""

MALFORMED = Rejection("Malformed", "the row is not valid CSV or not text, or has more or fewer cells than the header")


class Chunk(Protocol):
    """Some rows of a file."""

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows whose cells can be told apart."""

    @property
    def malformed(self) -> Sequence[int]:
        """The numbers of the others."""

    def cells(self) -> Cells:
        """Return the cells of the readable rows, by column, as text without blanks around it."""


@dataclass(frozen=True)
class CsvChunk:
    """Rows of a CSV file, whose header is row 1; of each row the needed cells."""

    columns: tuple[str, ...]
    numbers: Sequence[int]
    rows: list[tuple[str, ...]]
    malformed: Sequence[int]

    def cells(self) -> Cells:
        """Return the cells by column."""
        turned = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        return dict(zip(self.columns, turned, strict=True))


@dataclass(frozen=True)
class ParquetChunk:
    """Rows of a Parquet file, the first of which is row 1."""

    numbers: Sequence[int]
    batch: pa.RecordBatch
    malformed: Sequence[int] = ()

    def cells(self) -> Cells:
        """Return the cells by column; a value becomes text as ISO 8601 and JSON write it."""
        return {name: _texts(self.batch.column(name)) for name in self.batch.schema.names}


@dataclass(frozen=True)
class ClosedFile:
    """A file of closed complaints: its *mapping*, how many rows it has (None if unknown before the end), and its chunks."""

    mapping: ClosedMapping
    rows: int | None
    chunks: Iterator[Chunk]


@contextmanager
def open_closed(
    path: Path, mapping: ClosedMapping | None, unit_column: str | None, size: int | None = None
) -> Iterator[ClosedFile]:
    """
    Open the file at *path* for the length of the block: Parquet if its name ends in .parquet, CSV otherwise.

    Without *mapping* its columns have the names of the fields. MappingError, one line, when it cannot be read or lacks one.
    """
    opener = _open_parquet if path.suffix.lower() in {".parquet", ".pq"} else _open_csv
    try:
        with opener(path, mapping, unit_column, size or CHUNK) as opened:
            yield opened
    except OSError as error:
        raise MappingError(f"{path}: cannot be read: {error.strerror or 'not a file of this kind'}") from None


def _fitting(mapping: ClosedMapping | None, unit_column: str | None, header: Sequence[str]) -> ClosedMapping:
    chosen = plain_mapping(header) if mapping is None else mapping
    if unit_column is not None:
        chosen = chosen.with_unit(unit_column)
    chosen.check_columns(header)
    return chosen


@contextmanager
def _open_parquet(
    path: Path, mapping: ClosedMapping | None, unit_column: str | None, size: int
) -> Iterator[ClosedFile]:
    # Here and not above: whoever never reads Parquet need not wait for the library.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        opened = pq.ParquetFile(path, memory_map=True)
        schema = opened.schema_arrow
    except pa.ArrowException:
        raise MappingError(f"{path}: is not a Parquet file") from None
    with opened as file:
        chosen = _fitting(mapping, unit_column, schema.names)
        for name in chosen.columns:
            if not _is_plain(schema.field(name).type):
                raise MappingError(f"{path}: column {name}: holds lists, records or bytes, and not values")
        batches = file.iter_batches(batch_size=size, columns=list(chosen.columns), use_threads=False)
        yield ClosedFile(chosen, file.metadata.num_rows, _parquet_chunks(batches, path))


def _is_plain(kind: pa.DataType) -> bool:
    import pyarrow as pa  # noqa: PLC0415

    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return not (pa.types.is_nested(inner) or pa.types.is_binary(inner) or pa.types.is_large_binary(inner))


def _parquet_chunks(batches: Iterator[pa.RecordBatch], path: Path) -> Iterator[Chunk]:
    import pyarrow as pa  # noqa: PLC0415

    first = 1
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except (pa.ArrowException, OSError):
            raise MappingError(f"{path}: is damaged after row {first - 1:,}") from None
        yield ParquetChunk(range(first, first + batch.num_rows), batch)
        first += batch.num_rows


def _texts(column: pa.Array) -> list[str]:
    import pyarrow as pa  # noqa: PLC0415  # in the counting process, which unpacks

    if pa.types.is_timestamp(column.type):  # Python knows no nanoseconds.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return [_text(value) for value in column.to_pylist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


@contextmanager
def _open_csv(path: Path, mapping: ClosedMapping | None, unit_column: str | None, size: int) -> Iterator[ClosedFile]:
    encoding, delimiter = (mapping.encoding, mapping.delimiter) if mapping else ("utf-8-sig", ",")
    try:
        with opened(path, encoding) as file:
            found = records(file, delimiter, encoding)
            known = frozenset(mapping.columns if mapping else FIELDS) | {unit_column or UNNAMED}
            header = Header.found(found, mapping.header_row if mapping else None, known)
            chosen = _fitting(mapping, unit_column, header.names)
            yield ClosedFile(chosen, None, _csv_chunks(_named(found, path), header, chosen.columns, size))
    except TextFileError as error:
        raise MappingError(f"{path}: {error}") from None


def _named(found: Iterator[Record], path: Path) -> Iterator[Record]:
    """Yield the rows; whatever ends the file before its end is told with its name."""
    try:
        yield from found
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None


def _csv_chunks(found: Iterator[Record], header: Header, columns: tuple[str, ...], size: int) -> Iterator[Chunk]:
    places, width = [header.names.index(name) for name in columns], header.width
    while taken := list(itertools.islice(found, size)):
        good = [(number, row) for number, row in taken if not isinstance(row, MappingError) and _fits(row, width)]
        yield CsvChunk(
            columns,
            [number for number, _ in good],
            [tuple(row[place] for place in places) for _, row in good],
            [number for number, row in taken if isinstance(row, MappingError) or (any(row) and not _fits(row, width))],
        )


def _fits(row: Sequence[str], width: int) -> bool:
    return len(row) >= width and any(row) and not any(row[width:])

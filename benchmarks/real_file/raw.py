"""The rows of a CSV or Parquet file as text, and as the CSV that ``tousu import`` reads."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

Row = dict[str, str]
"""The cells of a row by column; an empty one is ''."""


def raw_rows(path: Path) -> list[Row]:
    """Return all rows of the file at *path*: Parquet if its name ends in .parquet, CSV otherwise."""
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415  # a CSV file needs no such library

        return [{name: _text(value) for name, value in row.items()} for row in pq.read_table(path).to_pylist()]
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """Write *rows*, at least one, to a CSV file at *path*."""
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def parts(rows: Sequence[Row], by: str, size: int) -> Iterator[list[Row]]:
    """Yield *rows* in parts of about *size*, such that all rows with the same text in the column *by* are in one part."""
    together: dict[str, list[Row]] = {}
    for row in rows:
        together.setdefault(row[by], []).append(row)
    part: list[Row] = []
    for same in together.values():
        part += same
        if len(part) >= size:
            yield part
            part = []
    if part:
        yield part

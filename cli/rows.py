"""Complaints out of a file: one JSON object, a JSON array, JSON lines, or CSV with a mapping. No row is lost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import bad_input
from cli.files import read
from cli.json_text import json_lines, json_value
from models.mapping import ColumnMapping, read_mapping
from models.source import MappingError
from models.tabular.text_file import SPOILED, TextFileError, decoded


@dataclass(frozen=True)
class Row:
    """One complaint as it stands in its file: where (line, position or CSV row), and its data or what is wrong with it."""

    number: int
    data: Any = None
    problem: str | None = None


def read_rows(source: str, mapping: Path | None) -> list[Row]:
    """Return the rows of the file *source* (``-``: standard input); with *mapping* it is CSV. CliError if unreadable."""
    if mapping is not None:
        return _csv(source, read_mapping(mapping))
    if source.lower().endswith(".csv"):
        raise bad_input("a CSV file needs --mapping FILE, which says what its columns mean; see samples/mapping.yaml")
    text = _read(source, "utf-8")
    if source.lower().endswith((".jsonl", ".ndjson")):
        return list(_lines(text))
    try:
        whole = json_value(text)
    except ValueError:
        return list(_lines(text))
    if SPOILED in text:
        raise bad_input(f"{source}: is not utf-8 text")
    if isinstance(whole, list):
        return [Row(number, data) for number, data in enumerate(whole, start=1)]
    return [Row(1, whole)]


def _read(source: str, encoding: str) -> str:
    try:
        return decoded(read(source), encoding)
    except TextFileError as error:
        raise bad_input(f"{source}: {error}") from None


def _csv(source: str, mapping: ColumnMapping) -> list[Row]:
    lines = io.StringIO(_read(source, mapping.encoding), newline="")
    return [
        Row(number, problem=str(read)) if isinstance(read, MappingError) else Row(number, read)
        for number, read in mapping.read(lines)
    ]


def _lines(text: str) -> Iterator[Row]:
    for number, value in json_lines(text):
        yield Row(number, problem=value.rule) if isinstance(value, MappingError) else Row(number, value)

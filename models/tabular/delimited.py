"""The rows of a CSV file, each with its number, whatever is wrong with its neighbours."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator

from models.cells import as_read, unmarked
from models.source import MappingError
from models.tabular.text_file import SPOILED

Record = tuple[int, list[str] | MappingError]
"""A row of a table: its number as a spreadsheet counts, and its cells or what is wrong with it."""

LONGEST_CELL = 131_072
"""Characters: more than any field of a complaint takes, and more than a spreadsheet shows."""

_LONGEST_READ = 2**26
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*", re.IGNORECASE)

UNCLOSED = "a quotation mark is opened and never closed, so that the rest of the file cannot be told apart"


def records(lines: Iterable[str], delimiter: str, encoding: str) -> Iterator[Record]:
    """
    Yield the rows of the CSV text in *lines*, from number 1, empty ones as no cells.

    A first line ``sep=;`` names the delimiter, as spreadsheets take it, and is no row. MappingError if the rest of the file
    cannot be told apart.
    """
    rest = iter(lines)
    try:
        first = next(rest, "")
    except UnicodeError:
        raise MappingError(f"row 1: the file is not in {encoding}") from None
    if told := _SEPARATOR.fullmatch(first):
        delimiter, first = told[1], ""
    read = csv.reader(itertools.chain([first] if first else [], rest), delimiter=delimiter, strict=True)
    # The library's own limit ends within a quoted cell, and takes what follows in it for rows.
    csv.field_size_limit(_LONGEST_READ)
    for number in itertools.count(1):
        try:
            cells = next(read)
        except StopIteration:
            return
        except UnicodeError:
            raise MappingError(f"row {number}: the file is not in {encoding}") from None
        except csv.Error as error:
            yield number, _malformed(number, str(error))
            continue
        yield number, _checked(cells, number, encoding)


def _malformed(number: int, said: str) -> MappingError:
    if said.startswith("field larger"):
        raise MappingError(f"row {number}: {UNCLOSED}", rule=UNCLOSED)
    rule = UNCLOSED if said.startswith("unexpected end") else "is not valid CSV"
    return MappingError(f"row {number}: {rule}", rule=rule)


def _checked(cells: list[str], number: int, encoding: str) -> list[str] | MappingError:
    whole = "\n".join(cells)
    if SPOILED in whole:
        rule = f"is not in {encoding}"
    elif len(whole) > LONGEST_CELL and any(len(cell) > LONGEST_CELL for cell in cells):
        rule = f"has a cell of more than {LONGEST_CELL:,} characters"
    elif "'" in whole or '="' in whole or "\r" in whole:
        return [as_read(unmarked(cell)) for cell in cells]
    else:
        return [cell.strip() for cell in cells]
    return MappingError(f"row {number}: {rule}", rule=rule)

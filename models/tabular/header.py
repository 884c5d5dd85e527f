"""Which column of a table is which: its header, and the cells of a row by the names that a mapping knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from models.source import MappingError
from models.tabular.delimited import Record

Delimiter = Annotated[str, Field(pattern=r'^[^\r\n"]$')]
"""What stands between the cells of a row."""

HeaderRow = Annotated[int, Field(ge=1, le=1000)]
"""The number of the row with the names of the columns, as a spreadsheet counts; what stands above it is a title."""

UNNAMED = ""
"""The name of a column without one, under which a mapping can list such columns as ignored."""


@dataclass(frozen=True)
class Header:
    """
    The header of a table: its row number, and the name of each column as the mapping knows it.

    White space in a header counts for nothing, so that 登记⏎时间 is 登记时间.
    """

    number: int
    names: tuple[str, ...]

    @classmethod
    def found(cls, records: Iterator[Record], row: int | None, known: Collection[str]) -> Header:
        """
        Return the header that stands in *row* of *records*, left out in the first that is not empty; read up to there.

        *known* are the names in the words of the mapping. MappingError if the row cannot be read.
        """
        for number, cells in records:
            if row is not None and number < row:
                continue
            if isinstance(cells, MappingError):
                raise cells
            if any(cells) or number == row:
                return cls.named(number, cells, known)
        return cls(row or 1, ())

    @classmethod
    def named(cls, number: int, cells: Sequence[str], known: Collection[str]) -> Header:
        """Return the header that *cells* make."""
        by_letters = {_letters(name): name for name in known}
        return cls(number, tuple(name if name in known else by_letters.get(_letters(name), name) for name in cells))

    @property
    def width(self) -> int:
        """How many columns there are up to the last one that has a name."""
        return max((place for place, name in enumerate(self.names, start=1) if name != UNNAMED), default=0)

    def cells(self, number: int, row: Sequence[str], *, short: bool, nameless: bool) -> dict[str, str] | MappingError:
        """
        Return the cells of *row* by name, or what is wrong with it.

        A row may lack its last cells if *short*; columns without a name may hold something if *nameless*.
        """
        if len(row) < self.width and not short:
            return MappingError(f"row {number}: has {len(row)} cells, the header has {self.width}")
        held = list(row) + [""] * (self.width - len(row))
        for place, cell in enumerate(held):
            if not cell or (place < len(self.names) and (nameless or self.names[place] != UNNAMED)):
                continue
            if place >= self.width:
                return MappingError(f"row {number}: has {place + 1} cells, the header has {self.width}")
            return MappingError(f"row {number}: column number {place + 1} holds something and has no name")
        return dict(zip(self.names, held, strict=False))


def _letters(name: str) -> str:
    return "".join(name.split())

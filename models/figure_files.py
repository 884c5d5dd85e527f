"""The files behind figures: an insurer's own indicators, and the bases (policies, premium, persons) that it imports."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from models.canonical import digest
from models.data_file import read_model
from models.explain import explain
from models.identifiers import UnitCode
from models.source import MappingError
from models.tabular.delimited import records
from models.tabular.header import UNNAMED, Header
from models.tabular.text_file import TextFileError, decoded
from models.vocabulary import LineOfBusiness
from rulebook.figures import DEFAULT_FIGURES, BaseName, FigureSet
from rulebook.period import Period, PeriodError
from rulebook.scalars import Line

BASES: tuple[BaseName, ...] = get_args(BaseName)
KEYS = ("unit", "period", "line", "source")


class FiguresError(ValueError):
    """Indicators, bases or a question about figures that cannot be used; the message is one line."""


@cache
def house_figures() -> FigureSet:
    """Return the indicators of the house."""
    return read_model(DEFAULT_FIGURES, FigureSet, FiguresError)


def read_figures(own: Path | None) -> FigureSet:
    """Return the house's indicators with those in the YAML file *own*; FiguresError names file, line, place and rule."""
    return house_figures().with_own(read_model(own, FigureSet, FiguresError)) if own else house_figures()


def figures_hash(figures: FigureSet) -> str:
    """Return the SHA-256 by which a report names its definitions; fields left at their default are not part of it."""
    return digest(figures.model_dump(mode="json", exclude_defaults=True))


def _period(text: str) -> str:
    try:
        return Period.parse(text).name
    except PeriodError as error:
        raise PydanticCustomError("period", "{rule}", {"rule": str(error)}) from None


def _counted(text: object) -> object:
    # Numbers come with thousands separators out of spreadsheets; anything else is left for the type to refuse.
    if isinstance(text, str) and re.fullmatch(r"\d{1,3}(,\d{3})+", text.strip()):
        return text.replace(",", "")
    return text


Amount = Annotated[int, BeforeValidator(_counted), Field(gt=0, lt=2**53)]


class Base(BaseModel):
    """
    What complaints of a *unit* in a *period* are set against: whole policies, yuan and persons.

    *line* is the line of insurance, None for all lines together. *source* says where the numbers come from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    unit: UnitCode
    period: Annotated[str, AfterValidator(_period)]
    line: LineOfBusiness | None = None
    policies_in_force: Amount | None = None
    premium: Amount | None = None
    persons_insured: Amount | None = None
    source: Line | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not dict(self.amounts()):
            raise PydanticCustomError("no_base", f"gives none of {', '.join(BASES)}")
        return self

    def amounts(self) -> Iterator[tuple[BaseName, int]]:
        """Yield each number that is given, by its name."""
        for name in BASES:
            if (amount := getattr(self, name)) is not None:
                yield name, amount


class _BaseFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    bases: tuple[Base, ...] = Field(min_length=1)


def read_bases(path: Path) -> tuple[Base, ...]:
    """
    Return the bases in the file at *path*: YAML with a list ``bases``, otherwise CSV with the names of the fields as header.

    FiguresError names the file, the line and the rule, never a value; a file with one wrong row is refused whole.
    """
    found = _yaml(path) if path.suffix.lower() in {".yaml", ".yml"} else tuple(_csv(path))
    seen: set[tuple[object, ...]] = set()
    for base in found:
        for name, _ in base.amounts():
            key = (base.unit, base.period, base.line, name)
            if key in seen:
                raise FiguresError(f"{path}: {name} of {base.unit} for {base.period} stands there twice")
            seen.add(key)
    return found


def _yaml(path: Path) -> tuple[Base, ...]:
    return read_model(path, _BaseFile, FiguresError).bases


def _csv(path: Path) -> Iterator[Base]:
    try:
        text = decoded(path.read_bytes(), "utf-8")
    except (OSError, TextFileError):
        raise FiguresError(f"{path}: cannot be read as a UTF-8 file") from None
    found = records(io.StringIO(text, newline=""), ",", "utf-8")
    rows = 0
    try:
        header = Header.found(found, None, {*KEYS, *BASES})
        _check(path, header)
        for number, cells in found:
            if isinstance(cells, MappingError):
                raise FiguresError(f"{path}:{number}: {cells.rule}")
            if any(cells):
                rows += 1
                yield _base(path, number, header.cells(number, cells, short=False, nameless=False))
    except MappingError as error:
        raise FiguresError(f"{path}: {error}") from None
    if not rows:
        raise FiguresError(f"{path}: holds no row below its header")


def _check(path: Path, header: Header) -> None:
    if lacking := {"unit", "period"} - set(header.names):
        raise FiguresError(f"{path}:{header.number}: the column {min(lacking)} is missing")
    for place, name in enumerate(header.names, start=1):
        if name != UNNAMED and (name not in {*KEYS, *BASES} or header.names.count(name) > 1):
            raise FiguresError(f"{path}:{header.number}: column {place} has an unknown or a repeated name")


def _base(path: Path, line: int, row: dict[str, str] | MappingError) -> Base:
    if isinstance(row, MappingError):
        raise FiguresError(f"{path}:{line}: has more or fewer cells than the header")
    try:
        return Base.model_validate({name: cell for name, cell in row.items() if cell})
    except ValidationError as error:
        raise FiguresError(f"{path}:{line}: {explain(error)}") from None

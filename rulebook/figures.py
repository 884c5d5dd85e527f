"""
Indicators (指标) as data: what is counted, over which complaints, in which period, by whose counting, after which source.

A definition names one of five formulas; none of them runs code from a file. `rulebook/defaults/figures.yaml` holds those of
the house, and an insurer's own file adds to them or replaces one by its id. What a definition says is turned into questions
to the record elsewhere; the arithmetic, from whole numbers to a value, is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from rulebook.mark import Mark
from rulebook.pack_parts import Citation, Condition, Part, Text

DEFAULT_FIGURES = Path(__file__).parent / "defaults" / "figures.yaml"

Formula = Literal["count", "share", "mean", "median", "per"]
"""
How a value comes about: a number of items; the part of them that fulfils more; the mean or median of a measure; their
number for each so many units of a base.
"""

Population = Literal["cases", "slips", "duties"]
"""What is counted: complaints, dispatch slips (会办单), or duties of complaints that had a deadline."""

DatedBy = Literal["received", "told", "closed", "open_at_end", "dispatched", "findings_due", "due"]
"""
Which day decides whether an item belongs to a period.

*open_at_end* is a stock: received by the period's last day and not closed by then.
"""

DATES: Mapping[Population, frozenset[DatedBy]] = {
    "cases": frozenset({"received", "told", "closed", "open_at_end"}),
    "slips": frozenset({"dispatched", "findings_due"}),
    "duties": frozenset({"due"}),
}

Axis = Literal[
    "unit",
    "department",
    "channel",
    "origin",
    "category",
    "dispute_type",
    "line",
    "product",
    "sales_channel",
    "complexity",
    "severity",
    "result",
]
"""By what items are told apart."""

Property = Axis | Literal["satisfaction", "response", "findings", "state"]
"""What a condition may ask: an axis, a mark of 1 to 5, or how a slip's response or findings, or a duty, stand in time."""

TIMELINESS = ("in_time", "late", "open", "off")
"""How something with a deadline stands: *open* is not due yet, *off* fell away before it was or never had a deadline."""

Measure = Literal["handling_time", "response_time", "satisfaction"]
"""What a mean or median is of: seconds from receipt to closure, seconds from dispatch to the first response, a mark."""

MEASURES: Mapping[Measure, Population] = {
    "handling_time": "cases",
    "response_time": "slips",
    "satisfaction": "cases",
}

BaseName = Literal["policies_in_force", "premium", "persons_insured"]
"""What complaints are set against: policies in force with liability (有责保单), premium in yuan, persons insured (人次)."""

Unit = Literal["cases", "slips", "percent", "days", "hours", "mark", "ratio"]
"""In what a value is printed; a percent is kept as its share of one."""

ReportKind = Literal["weekly", "monthly", "annual", "regulator"]

SECONDS: Mapping[Unit, int] = {"days": 86_400, "hours": 3_600}
PLACES = Decimal("0.000001")
"""Values are kept to a millionth, half to even."""

FigureId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,63}$")]


class Selection(Part):
    """
    Conditions that must all hold.

    *closed*: the complaint is closed, or is not. *within_days*: closed so many natural days after the day of receipt, or
    sooner. *in_time*: of these duties the first that the complaint has is done or fell away, and none of it late.
    """

    where: dict[Property, Condition] = Field(default_factory=dict)
    closed: bool | None = None
    within_days: int | None = Field(default=None, ge=0)
    in_time: tuple[str, ...] = ()

    @property
    def of_cases_only(self) -> bool:
        """Return whether it asks what only a complaint can answer."""
        return self.closed is not None or self.within_days is not None or bool(self.in_time)


class Alert(Part):
    """The value from which on (exclusive) people must act, and what they must do."""

    above: Decimal
    text: Text
    citation: Citation


class Figure(Part):
    """
    One indicator.

    *formula* says which other fields it takes: *part* for a share, *measure* for a mean or median, *base* and *scale* (so
    many units of it) for a number per base. *rules* are the duties that are counted. *profile* is the counting profile of
    the complaint's own rules (C8); without one every complaint counts once. *unit_of* says whether a complaint belongs to
    the unit that handles it or to the one complained of. *by* are the axes of its splits, *reports* where it stands.
    *trend* has it shown over earlier periods as well.
    """

    id: FigureId
    title: Text
    says: Text
    formula: Formula
    population: Population
    dated_by: DatedBy
    select: Selection = Selection()
    part: Selection | None = None
    rules: tuple[str, ...] = ()
    measure: Measure | None = None
    base: BaseName | None = None
    scale: int | None = Field(default=None, ge=1)
    profile: str | None = None
    unit_of: Literal["handling", "complained_of"] = "handling"
    unit: Unit
    decimals: int = Field(default=2, ge=0, le=6)
    alert: Alert | None = None
    by: tuple[Axis, ...] = ()
    reports: tuple[ReportKind, ...] = ()
    trend: bool = False
    citation: Citation
    mark: Mark = "verified"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for sentence in self._misfits():
            raise PydanticCustomError("figure", "{id}: {sentence}", {"id": self.id, "sentence": sentence})
        return self

    def _misfits(self) -> list[str]:
        takes: tuple[tuple[str, bool, bool], ...] = (
            ("part", self.part is not None, self.formula == "share"),
            ("measure", self.measure is not None, self.formula in {"mean", "median"}),
            ("base", self.base is not None, self.formula == "per"),
            ("scale", self.scale is not None, self.formula == "per"),
            ("rules", bool(self.rules), self.population == "duties"),
        )
        found = [f"{name} is missing" for name, given, wanted in takes if wanted and not given]
        found += [
            f"{name} does not go with this formula or population" for name, given, wanted in takes if given > wanted
        ]
        if self.dated_by not in DATES[self.population]:
            found.append(f"dated_by of {self.population} is one of {', '.join(sorted(DATES[self.population]))}")
        if self.measure and MEASURES[self.measure] != self.population:
            found.append(f"{self.measure} is a measure of {MEASURES[self.measure]}")
        asked = [one for one in (self.select, self.part) if one is not None]
        if self.population != "cases" and any(one.of_cases_only for one in asked):
            found.append("closed, within_days and in_time are asked of cases")
        names = {name for one in asked for name in one.where}
        own = {"slips": {"response", "findings"}, "duties": {"state"}, "cases": {"satisfaction"}}
        for population, properties in own.items():
            found += [
                f"{name} is asked of {population}" for name in properties & names if population != self.population
            ]
        return found


class FigureSet(Part):
    """The indicators of a file, in the order in which reports show them."""

    version: str
    figures: tuple[Figure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        seen: set[str] = set()
        for number, figure in enumerate(self.figures):
            if figure.id in seen:
                context = {"place": f"figures.{number}", "id": figure.id}
                raise PydanticCustomError("figure_twice", "{place}: {id} is defined twice", context)
            seen.add(figure.id)
        return self

    def with_own(self, own: FigureSet) -> FigureSet:
        """Return these indicators with those of *own*: the same id replaces one in its place, others come after."""
        mine = {figure.id: figure for figure in own.figures}
        kept = [mine.pop(figure.id, figure) for figure in self.figures]
        return FigureSet(version=f"{self.version}+{own.version}", figures=(*kept, *mine.values()))

    def of(self, report: ReportKind) -> tuple[Figure, ...]:
        """Return the indicators that stand in *report*."""
        return tuple(figure for figure in self.figures if report in figure.reports)


def value_of(figure: Figure, top: Decimal | int, bottom: Decimal | int | None) -> Decimal | None:
    """
    Return the value of *figure* from whole numbers, None where there is nothing to divide by.

    *top* is the count, the part, or the sum of the measure (seconds, marks); *bottom* the whole, the number of items, or the
    base.
    """
    if figure.formula == "count":
        return Decimal(top)
    if not bottom:
        return None
    scale = figure.scale or 1
    value = Decimal(top) * scale / Decimal(bottom) / SECONDS.get(figure.unit, 1)
    return value.quantize(PLACES, ROUND_HALF_EVEN)

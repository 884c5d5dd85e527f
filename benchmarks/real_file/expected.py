"""The reports as they must be: every number of every indicator, from the complaints that were counted by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from statistics import median_high, median_low

from benchmarks.real_file.by_hand import Case, Cases

Place = tuple[str, ...]
"""Where a number stands: the indicator, then "all", "before", a period of its trend, or an axis and a group."""

Base = tuple[str, str, str, str]
"""Its name, the unit, the period, and the line of insurance or ''."""

NOBODY = "(not filled in)"
FEW = "(few, together)"
FEWEST = 5
MILLIONTH = 10**6
PARENTS = {
    "gd": "hq", "zj": "hq", "gd-gz": "gd", "gd-sz": "gd", "gd-gz-zc": "gd-gz", "gd-sz-lh": "gd-sz", "zj-hz": "zj",
    "zj-hz-xs": "zj-hz",
}  # fmt: skip
TRENDS = {"week": 13, "month": 13, "quarter": 8, "year": 5}


@dataclass(frozen=True)
class Numbers:
    """A value, rounded to a millionth, and the whole numbers behind it."""

    value: Fraction | None
    top: int
    bottom: int | None
    items: int


def _rounded(top: int, bottom: int, unit: int = 1) -> Fraction | None:
    return Fraction(round(Fraction(top, bottom * unit) * MILLIONTH), MILLIONTH) if bottom else None


Of = Callable[[Sequence[Case]], Numbers]


def count(cases: Sequence[Case]) -> Numbers:
    return Numbers(Fraction(len(cases)), len(cases), None, len(cases))


def share(fits: Callable[[Case], bool]) -> Of:
    def of(cases: Sequence[Case]) -> Numbers:
        part = sum(map(fits, cases))
        return Numbers(_rounded(part, len(cases)), part, len(cases), len(cases))

    return of


def mean_days(cases: Sequence[Case]) -> Numbers:
    total = sum(case.seconds for case in cases)
    return Numbers(_rounded(total, len(cases), 86_400), total, len(cases), len(cases))


def median_days(cases: Sequence[Case]) -> Numbers:
    lengths = [case.seconds for case in cases]
    middle = [median_low(lengths), median_high(lengths)] if lengths else []
    middle = middle[: 2 - len(lengths) % 2]
    return Numbers(_rounded(sum(middle), len(middle), 86_400), sum(middle), len(middle), len(lengths))


def nothing(_: Sequence[Case]) -> Numbers:
    return Numbers(None, 0, 0, 0)


@dataclass(frozen=True)
class Indicator:
    """What is counted of which complaints, along which axes, in which reports."""

    population: Callable[[Cases, date, date], list[Case]]
    of: Of
    axes: str
    reports: str
    trend: bool = False
    base: tuple[str, int] | None = None


def _in_time(case: Case) -> bool:
    return case.in_time


def _nine_days(case: Case) -> bool:
    return case.closed is not None and case.closed <= case.received + timedelta(days=9)


_EACH = "unit category dispute_type line product channel sales_channel"
_POLICIES = ("policies_in_force", 10_000)
_PERSONS = ("persons_insured", 10_000)
_PREMIUM = ("premium", 100_000_000)
_BASED = "dispute_type line unit"

INDICATORS = {
    "received": Indicator(Cases.received, count, f"{_EACH} severity complexity", "weekly monthly", trend=True),
    "received_company": Indicator(Cases.received, count, "unit category", "monthly"),
    "received_year": Indicator(Cases.received, count, f"{_EACH} result", "annual", trend=True),
    "closed": Indicator(Cases.closed, count, "unit result category", "weekly monthly", trend=True),
    "open_at_end": Indicator(Cases.open_at_end, count, "unit", "weekly monthly"),
    "closure_rate": Indicator(Cases.received, share(_in_time), "unit category", "monthly annual", trend=True),
    "closure_rate_9": Indicator(Cases.received, share(_nine_days), "unit category", "monthly annual", trend=True),
    "complaint_rate": Indicator(Cases.received, count, "unit", "monthly annual", base=_POLICIES),
    "response_rate": Indicator(Cases.nothing, nothing, "department unit", "weekly monthly"),
    "response_hours": Indicator(Cases.nothing, nothing, "department unit", "monthly"),
    "response_hours_median": Indicator(Cases.nothing, nothing, "department", "monthly"),
    "findings_late": Indicator(Cases.nothing, nothing, "department unit", "weekly"),
    "handling_days": Indicator(Cases.closed, mean_days, "unit category", "monthly annual", trend=True),
    "handling_days_median": Indicator(Cases.closed, median_days, "", "monthly annual"),
    "satisfaction": Indicator(Cases.nothing, nothing, "unit category", "monthly annual"),
    "satisfied": Indicator(Cases.nothing, nothing, "", "monthly annual"),
    "statutory_timeliness": Indicator(
        Cases.due, share(_in_time), "unit category complexity", "weekly monthly annual", trend=True
    ),
    "received_regulator": Indicator(Cases.received, count, "dispute_type line unit channel", "regulator", trend=True),
    "per_premium": Indicator(Cases.received, count, _BASED, "regulator", base=_PREMIUM),
    "per_policies": Indicator(Cases.received, count, _BASED, "regulator", base=_POLICIES),
    "per_persons": Indicator(Cases.received, count, _BASED, "regulator", base=_PERSONS),
}
"""Those of the house, with what docs/figures.md and its file say of them. Each complaint weighs one: none is escalated."""


def span(period: str) -> tuple[str, date, date]:
    """Return the kind of *period*, its first and its last day."""
    year = int(period[:4])
    if "W" in period:
        monday = date.fromisocalendar(year, int(period[6:]), 1)
        return "week", monday, monday + timedelta(days=6)
    if "Q" in period:
        month = int(period[6:]) * 3
        return "quarter", date(year, month - 2, 1), _month_end(year, month)
    if re.fullmatch(r"\d{4}", period):
        return "year", date(year, 1, 1), date(year, 12, 31)
    return "month", date(year, int(period[5:]), 1), _month_end(year, int(period[5:]))


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def before(period: str) -> str:
    """Return the period that ends the day before *period* begins."""
    kind, first, _ = span(period)
    return name_of(kind, first - timedelta(days=1))


def name_of(kind: str, day: date) -> str:
    """Return the period of *kind* in which *day* lies."""
    year, week, _ = day.isocalendar()
    names = {
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "year": f"{day.year}",
    }
    return names[kind]


@dataclass(frozen=True)
class Expected:
    """One report on *period* about *unit* and all below it: the head office for the whole company."""

    cases: Cases
    bases: Mapping[Base, int]
    kind: str
    period: str
    unit: str = "hq"

    def numbers(self) -> dict[Place, Numbers]:
        """Return every number of the report by its place."""
        return dict(self._numbers())

    def late(self) -> int:
        """Return how many were not told by the end of their limit, of those whose limit ended in the period."""
        return sum(not case.in_time for case in self._of(Cases.due, self.period))

    def _numbers(self) -> Iterator[tuple[Place, Numbers]]:
        for name, indicator in INDICATORS.items():
            if self.kind not in indicator.reports.split():
                continue
            yield (name, "all"), self._value(indicator, self.period)
            yield (name, "before"), self._value(indicator, before(self.period))
            period = self.period
            for _ in range(TRENDS[span(self.period)[0]] if indicator.trend else 0):
                yield (name, "trend", period), self._value(indicator, period)
                period = before(period)
            for axis in indicator.axes.split():
                for group, numbers in self._split(indicator, axis):
                    yield (name, axis, group), numbers

    def _value(self, indicator: Indicator, period: str) -> Numbers:
        found = indicator.of(self._of(indicator.population, period))
        return self._per(indicator, found, (self.unit, period, ""))

    def _of(self, population: Callable[[Cases, date, date], list[Case]], period: str) -> list[Case]:
        _, first, last = span(period)
        return [case for case in population(self.cases, first, last) if self.unit in _chain(case)]

    def _per(self, indicator: Indicator, found: Numbers, place: tuple[str, str, str] | None) -> Numbers:
        if indicator.base is None:
            return found
        name, scale = indicator.base
        amount = self.bases.get((name, *place)) if place else None
        value = _rounded(found.top * scale, amount) if amount else None
        return Numbers(value, found.top, amount, found.items)

    def _split(self, indicator: Indicator, axis: str) -> Iterator[tuple[str, Numbers]]:
        groups: dict[str | None, list[Case]] = {}
        for case in self._of(indicator.population, self.period):
            groups.setdefault(self._shown(case) if axis == "unit" else case.group[axis], []).append(case)
        least = FEWEST if self.kind == "annual" else 0
        few = [case for cases in groups.values() if len(cases) < least for case in cases]
        for code, cases in groups.items():
            if len(cases) >= least:
                place = self._place(axis, code)
                yield code or NOBODY, self._per(indicator, indicator.of(cases), place)
        if few:
            yield FEW, self._per(indicator, indicator.of(few), None)

    def _shown(self, case: Case) -> str:
        """Return the report's own unit, or the one right below it."""
        chain = _chain(case)
        return chain[max(chain.index(self.unit) - 1, 0)]

    def _place(self, axis: str, code: str | None) -> tuple[str, str, str] | None:
        """Where the base of a group is found: its unit's, its line's, or the whole unit's; None if there cannot be one."""
        if axis == "unit":
            return None if code in {None, self.unit} else (str(code), self.period, "")
        if axis == "line":
            return None if code is None else (self.unit, self.period, code)
        return self.unit, self.period, ""


def _chain(case: Case) -> list[str]:
    found = [str(case.group["unit"])]
    while found[-1] in PARENTS:
        found.append(PARENTS[found[-1]])
    return found

"""The product's reports beside those counted by hand: every number of every indicator, in total and by every group."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from activities.figures.bases import import_bases
from activities.figures.report import Ask, Report, make
from activities.figures.words import FEW as FEW_WORDS
from activities.ledger import Ledger
from benchmarks.real_file.by_hand import Cases
from benchmarks.real_file.expected import FEW, NOBODY, Base, Expected, Numbers, Place, before, name_of, span
from engine.settings import SAMPLE_ORGANISATION
from models.figure_files import Base as BaseLine
from models.figure_files import house_figures
from models.organisation import read_organisation
from rulebook.period import Period

Question = tuple[str, str, str]
"""The kind of a report, its period and its unit."""


@dataclass
class Outcome:
    """How many numbers were compared, what differed, and how long each report took."""

    compared: int = 0
    differences: list[str] = field(default_factory=list)
    seconds: dict[Question, float] = field(default_factory=dict)


def questions(cases: Cases, months: int) -> list[Question]:
    """Return which reports are compared: some *months* from the first to the last, a week, a quarter and a year."""
    counted = Counter(f"{case.received:%Y-%m}" for case in cases.all)
    known = sorted(counted)
    chosen = list(dict.fromkeys(known[place * (len(known) - 1) // max(months - 1, 1)] for place in range(months)))
    fullest = max(known, key=lambda month: (counted[month], month))
    day = span(fullest)[2]
    return [
        *(("monthly", month, "hq") for month in dict.fromkeys([*chosen, fullest])),
        ("monthly", fullest, "gd"),
        ("weekly", name_of("week", day), "hq"),
        ("regulator", name_of("quarter", day), "hq"),
        ("annual", name_of("year", day), "hq"),
    ]


def bases(asked: list[Question]) -> dict[Base, int]:
    """Return made-up bases for the periods of *asked*: not for every unit and line, so that some are missing."""
    found: dict[Base, int] = {}
    periods = sorted({period for _, last, _ in asked for period in (last, before(last))})
    for number, period in enumerate(periods):
        for unit in ("hq", "gd", "gd-sz"):
            for line in ("", "medical", "motor") if unit == "hq" else ("",):
                amount = 1_000_003 + 7_919 * number + 104_729 * len(unit + line)
                found["policies_in_force", unit, period, line] = amount
                found["persons_insured", unit, period, line] = amount + 31
                found["premium", unit, period, line] = amount * 997
    return found


def put_bases(ledger: Ledger, given: Mapping[Base, int], at: datetime) -> None:
    """Import *given* as ``tousu figures base`` does."""
    lines = [
        BaseLine.model_validate({"unit": unit, "period": period, "line": line or None, name: amount, "source": "示例"})
        for (name, unit, period, line), amount in given.items()
    ]
    import_bases(ledger, lines, "p-hq-kf-01", at)


def compare(ledger: Ledger, cases: Cases, given: Mapping[Base, int], asked: list[Question]) -> Outcome:
    """Make each of the reports *asked* and compare it with what it must be."""
    outcome, people = Outcome(), read_organisation(SAMPLE_ORGANISATION)
    for kind, period, unit in asked:
        begun = time.perf_counter()
        ask = Ask(kind, Period.parse(period), None if unit == "hq" else unit)  # type: ignore[arg-type]  # a kind
        report = make(ledger, ask, people, house_figures())
        outcome.seconds[kind, period, unit] = time.perf_counter() - begun
        expected = Expected(cases, given, kind, period, unit)
        where = f"{kind} {period} {unit}"
        wanted, found = expected.numbers(), dict(_numbers(report))
        for place in sorted(wanted.keys() | found.keys()):
            outcome.compared += 1
            if wanted.get(place) != found.get(place):
                outcome.differences.append(
                    f"{where} {' '.join(place)}: {found.get(place)} instead of {wanted.get(place)}"
                )
        if report["late"] is not None:
            outcome.compared += 1
            if report["late"]["total"] != expected.late():
                outcome.differences.append(f"{where} late: {report['late']['total']} instead of {expected.late()}")
    return outcome


def _numbers(report: Report) -> Iterator[tuple[Place, Numbers]]:
    """Yield every number of *report* by its place."""
    for figure in report["figures"]:
        name = figure["id"]
        yield (name, "all"), _of(figure)
        yield (name, "before"), _of(figure["before"])
        for point in figure["trend"]:
            yield (name, "trend", point["period"]), _of(point)
        for axis, groups in figure["by"].items():
            for group in groups:
                shown = FEW if group["en"] == FEW_WORDS["en"] else group["code"] or NOBODY
                yield (name, axis, shown), _of(group)


def _of(told: Mapping[str, Any]) -> Numbers:
    value = told["value"]
    return Numbers(None if value is None else Fraction(value), told["top"], told["bottom"], told["items"])

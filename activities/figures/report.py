"""
A report: the indicators of one kind for a period and a unit, as plain data from which every form of it is written.

It reads the record in one moment and no clock, so the same record, definitions, bases and organisation give the same report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from activities.figures.bases import Bases
from activities.figures.late import late_list
from activities.figures.query import Groups, Scope, Tally, tally
from activities.figures.uncounted import uncounted
from activities.figures.words import (
    FEW,
    NO_MEDIAN,
    NOT_BY_THIS,
    NOTHING,
    OF_ITSELF,
    REPORTS,
    Label,
    name_of,
    no_base,
)
from activities.ledger import Ledger
from models.canonical import digest
from models.figure_files import FiguresError, figures_hash, house_figures
from models.figure_tables import CountedCase
from models.organisation import Organisation
from models.tables import CaseRow
from rulebook.figures import Axis, Figure, FigureSet, ReportKind, value_of
from rulebook.period import Period, PeriodKind

FORMAT = "tousu-figures/1"
"""The form of the data; fields are only ever added to it."""

PERIODS: Mapping[ReportKind, tuple[PeriodKind, ...]] = {
    "weekly": ("week",),
    "monthly": ("month",),
    "annual": ("year",),
    "regulator": ("month", "quarter", "year"),
}
TREND: Mapping[PeriodKind, int] = {"week": 13, "month": 13, "quarter": 8, "year": 5}
"""Over how many periods a trend goes, the report's own the last."""

FEWEST: Mapping[ReportKind, int] = {"annual": 5}
"""In reports for the public, groups of fewer items are put together: a single complaint is nobody's business there."""

LISTS_LATE: frozenset[ReportKind] = frozenset({"weekly", "monthly"})

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """Which report: its *kind*, its *period*, and the *unit* with all below it, None for the whole company."""

    kind: ReportKind
    period: Period
    unit: str | None = None


def monthly(
    ledger: Ledger,
    period: Period,
    organisation: Organisation,
    *,
    unit: str | None = None,
    figures: FigureSet | None = None,
) -> Report:
    """Return the draft of the monthly report (R181) on *period*, with the house's indicators unless *figures* are given."""
    return make(ledger, Ask("monthly", period, unit), organisation, figures or house_figures())


def make(
    ledger: Ledger, ask: Ask, organisation: Organisation, figures: FigureSet, at: datetime | None = None
) -> Report:
    """
    Return the draft of the report that *ask* names; made *at* an instant, it says whether its period was over by then.

    Cases that an earlier release left uncounted are counted first. FiguresError for a unit that the organisation data do not
    know or a period that such a report has not; PackError when the rules of a case are not the ones here.
    """
    if ask.period.kind not in PERIODS[ask.kind]:
        kinds = " or a ".join(PERIODS[ask.kind])
        raise FiguresError(f"a {ask.kind} report is about a {kinds}, {ask.period.name} is a {ask.period.kind}")
    if ask.unit is not None and ask.unit not in organisation.units:
        raise FiguresError("the organisation data know no such unit")
    for complaint_id in uncounted(ledger):
        ledger.rebuild(complaint_id)
    with ledger.sessions.reading() as session:
        report = _Maker(session, ask, organisation, figures).report()
    if at is not None:
        report["period"]["over"] = is_over(report, at)
    return report


def last_receipt(ledger: Ledger) -> datetime | None:
    """Return when the latest complaint on record was received; None when there is none."""
    with ledger.sessions.reading() as session:
        return session.exec(select(func.max(CaseRow.received_at))).one()


def is_over(report: Report, at: datetime) -> bool:
    """Return whether the period of *report* was over *at* an instant, in every zone of the cases in the record."""
    last = date.fromisoformat(report["period"]["last"])
    there = [at.astimezone(ZoneInfo(name)) for name in report["period"]["zones"]] or [at]
    return all(local.date() > last for local in there)


class _Maker:
    def __init__(self, session: Session, ask: Ask, organisation: Organisation, figures: FigureSet) -> None:
        self._session = session
        self._ask = ask
        self._organisation = organisation
        self._figures = figures
        self._top = ask.unit or organisation.unit_list[0].code
        self._zones = tuple(sorted(session.exec(select(CountedCase.zone).distinct())))
        self._groups = unit_groups(organisation, self._top)
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._bases = Bases.read(session, [ask.period.name, ask.period.previous().name])

    def report(self) -> Report:
        ask = self._ask
        shown = [self._figure(figure) for figure in self._figures.of(ask.kind)]
        late = late_list(self._session, self._scope(ask.period)) if ask.kind in LISTS_LATE else None
        return {
            "format": FORMAT,
            "report": ask.kind,
            "title": REPORTS[ask.kind],
            "institution": self._organisation.name,
            "unit": {"code": self._top, "zh": self._organisation.units[self._top].name, "whole": ask.unit is None},
            "period": {
                "name": ask.period.name,
                "zh": ask.period.name_zh,
                "kind": ask.period.kind,
                "first": ask.period.first.isoformat(),
                "last": ask.period.last.isoformat(),
                "zones": list(self._zones),
            },
            "status": "draft",
            "published": None,
            "sources": self._sources(),
            "figures": shown,
            "late": self._named(late) if late is not None else None,
        }

    def _scope(self, period: Period) -> Scope:
        return Scope(period, self._groups, self._ask.unit is None, self._zones)

    def _figure(self, figure: Figure) -> Report:
        period = self._ask.period
        found = self._value(figure, self._tally(figure, period), period, self._top)
        before = period.previous()
        return {
            "id": figure.id,
            **figure.model_dump(mode="json", include=_TOLD),
            "says": figure.says.model_dump(),
            "title": figure.title.model_dump(),
            "alert_text": {**figure.alert.text.model_dump(), "citation": figure.alert.citation}
            if figure.alert
            else None,
            **found,
            "before": {
                "period": before.name,
                **self._value(figure, self._tally(figure, before), before, self._top),
            },
            "trend": self._trend(figure, found),
            "by": {axis: self._split(figure, axis) for axis in figure.by},
        }

    def _tally(self, figure: Figure, period: Period) -> Tally:
        # The period before stands in the headline and in the trend.
        if (key := (figure.id, period.name)) not in self._tallies:
            self._tallies[key] = tally(self._session, figure, self._scope(period))[None]
        return self._tallies[key]

    def _trend(self, figure: Figure, now: Report) -> list[Report]:
        if not figure.trend:
            return []
        *earlier, last = self._ask.period.back(TREND[self._ask.period.kind])
        values = [self._value(figure, self._tally(figure, period), period, self._top) for period in earlier]
        named = zip((*earlier, last), (*values, now), strict=True)
        return [{"period": period.name, **{key: value[key] for key in _VALUE}} for period, value in named]

    def _split(self, figure: Figure, axis: Axis) -> list[Report]:
        found = tally(self._session, figure, self._scope(self._ask.period), axis)
        groups = {code: one for code, one in found.items() if one.items}
        least = FEWEST.get(self._ask.kind, 0)
        few = {code for code, one in groups.items() if one.items < least}
        shown = sorted(groups.keys() - few, key=lambda code: (-groups[code].items, -groups[code].top, code or ""))
        rows = [self._group(figure, axis, code, groups[code]) for code in shown]
        if few:
            rows.append(self._few(figure, [groups[code] for code in few]))
        return rows

    def _group(self, figure: Figure, axis: Axis, code: str | None, found: Tally) -> Report:
        period, unit, line, reason = self._ask.period, self._top, None, None
        if figure.formula == "per" and axis == "unit":
            # The base of a unit includes those below it; of what the unit itself has no base is known.
            unit, reason = code or "", OF_ITSELF if code in {None, self._top} else None
        elif figure.formula == "per" and axis == "line":
            line, reason = code, None if code else NOT_BY_THIS
        value = self._without(found, reason) if reason else self._value(figure, found, period, unit, line)
        return {"code": code, **name_of(axis, code, self._organisation), **value}

    def _few(self, figure: Figure, groups: Sequence[Tally]) -> Report:
        together = Tally(*(sum(getattr(one, name) for one in groups) for name in ("top", "bottom", "items")))
        reason = {"median": NO_MEDIAN, "per": NOT_BY_THIS}.get(figure.formula)
        value = (
            self._without(together, reason) if reason else self._value(figure, together, self._ask.period, self._top)
        )
        return {"code": None, **FEW, **value}

    def _without(self, found: Tally, reason: Label) -> Report:
        return {
            "value": None,
            "top": found.top,
            "bottom": None,
            "items": found.items,
            "reason": reason,
            "alert": False,
        }

    def _value(self, figure: Figure, found: Tally, period: Period, unit: str, line: str | None = None) -> Report:
        bottom: int | None = found.bottom
        reason = NOTHING
        if figure.base is not None:
            bottom = self._bases.amount(figure.base, unit, period.name, line or "")
            reason = no_base(figure.base, unit, period.name, line or "")
        value = value_of(figure, found.top, bottom)
        return {
            "value": None if value is None else plain(value),
            "top": found.top,
            "bottom": None if figure.formula == "count" else bottom,
            "items": found.items,
            "reason": reason if value is None else None,
            "alert": figure.alert is not None and value is not None and value > figure.alert.above,
        }

    def _named(self, late: Report) -> Report:
        for row in late["rows"]:
            row["unit_zh"] = name_of("unit", row["unit"], self._organisation)["zh"]
            row["department_zh"] = name_of("department", row["department"], self._organisation)["zh"]
        return late

    def _sources(self) -> Report:
        rules = select(CaseRow.pack, CaseRow.pack_hash, func.count()).group_by(
            col(CaseRow.pack), col(CaseRow.pack_hash)
        )
        # Read after the figures: only then is it known which bases they used.
        inputs = {"organisation": self._organisation.content_hash(), "bases": self._bases.used()}
        return {
            "definitions": {"version": self._figures.version, "hash": figures_hash(self._figures)},
            "organisation": {"version": self._organisation.version, "hash": inputs["organisation"]},
            "bases": inputs["bases"],
            "inputs_hash": digest(inputs),
            "rules": [
                {"pack": pack, "hash": sha, "cases": count}
                for pack, sha, count in sorted(map(tuple, self._session.execute(rules)))
            ],
            "record": record_head(self._session),
        }


_TOLD = {
    "formula", "population", "dated_by", "profile", "unit", "unit_of", "decimals", "citation", "mark", "base", "scale",
}  # fmt: skip
_VALUE = ("value", "top", "bottom", "items", "reason")


def plain(value: Decimal) -> str:
    """Return *value* in digits, without an exponent and without noughts that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_groups(organisation: Organisation, top: str) -> Groups:
    """Return each unit at or below *top* with the one under which it is shown: *top* itself, or the one right below it."""
    found = {}
    for unit in organisation.unit_list:
        chain = [one.code for one in organisation.chain(unit.code)]
        if top in chain:
            place = chain.index(top)
            found[unit.code] = chain[place - 1] if place else top
    return found


def record_head(session: Session) -> Report:
    """Return how much the record holds, and one hash over the last link of every case."""
    asked = select(CaseRow.complaint_id, CaseRow.event_count, CaseRow.head_hash)
    # Sorted here: databases differ in how they sort text.
    heads = sorted(session.exec(asked))
    until: datetime | None = session.exec(select(func.max(CaseRow.updated_at))).one()
    folded = hashlib.sha256()
    for complaint_id, events, head in heads:
        folded.update(f"{complaint_id} {events} {head}\n".encode())
    return {
        "cases": len(heads),
        "events": sum(events for _, events, _ in heads),
        "head": folded.hexdigest(),
        "until": until.astimezone(UTC).isoformat() if until else None,
    }

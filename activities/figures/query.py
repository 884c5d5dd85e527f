"""
Indicators turned into questions to the database: one aggregate for each indicator and axis, however large the record.

The same statements run on SQLite and PostgreSQL: days are columns, lengths are whole seconds, and nothing is divided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    values,
)
from sqlmodel import Session, col

from models.figure_tables import CountedCase, CountedSlip, CountedWeight
from models.tables import DutyRow
from rulebook.figures import Axis, Figure, Selection
from rulebook.limit import midnight
from rulebook.pack_parts import Condition
from rulebook.period import Period

Groups = Mapping[str, str]
"""The group in which each unit is shown, by its code; a unit that is not in it lies outside the question."""


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What a report is about: a *period*, and the units of *groups*; ``None`` for all units, each its own group.

    *everything* has units that *groups* does not know counted too, under the code they have: those of the whole company.
    *zones* are the time zones of the rules of the complaints on record.
    """

    period: Period
    groups: Groups | None
    everything: bool
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Whole numbers behind a value: *top* over *bottom*; of a count only the first means something.

    *items* is over how many it was made. Of a median *bottom* is one or two, the values in the middle.
    """

    top: int
    bottom: int
    items: int

    def plus(self, other: Tally) -> Tally:
        """Return both together; medians cannot be put together."""
        return Tally(self.top + other.top, self.bottom + other.bottom, self.items + other.items)


def tally(session: Session, figure: Figure, scope: Scope, axis: Axis | None = None) -> dict[str | None, Tally]:
    """Return the numbers of *figure* for each value of *axis*; without an axis those of all under None."""
    found: dict[str | None, Tally] = {} if axis else {None: Tally(0, 0, 0)}
    shown = scope.groups or {} if axis == "unit" else {}
    for code, *numbers in session.execute(statement(figure, scope, axis)):
        group, tallied = shown.get(code, code), Tally(*(int(number or 0) for number in numbers))
        found[group] = found[group].plus(tallied) if group in found else tallied
    return found


def statement(figure: Figure, scope: Scope, axis: Axis | None = None) -> Select[Any]:
    """Return the one question that answers *figure* along *axis*: group, top, bottom, items."""
    items = _Items(figure, scope, grouped=figure.formula == "median" and axis == "unit")
    group = items.axis(axis) if axis else null()
    match figure.formula:
        case "mean":
            measure = items.measure()
            asked = items.ask(group.label("g"), func.sum(measure), func.count(), func.count())
            asked = asked.where(items.counts, measure.is_not(None))
        case "median":
            return _median(items, group)
        case "share" if figure.part is not None:
            part = case((and_(*items.conditions(figure.part)), items.weight), else_=0)
            asked = items.ask(group.label("g"), func.sum(part), func.sum(items.weight), func.sum(items.weight))
        case _:
            asked = items.ask(group.label("g"), *[func.sum(items.weight)] * 3)
    return asked.group_by(group) if axis else asked


def _median(items: _Items, group: ColumnElement[Any]) -> Select[Any]:
    """Of *n* values in order, the middle one or the middle two: twice their rank lies between n and n + 2."""
    measure = items.measure()
    rank = func.row_number().over(partition_by=group, order_by=measure)
    size = func.count().over(partition_by=group)
    asked = items.ask(group.label("g"), measure.label("m"), rank.label("r"), size.label("n"))
    ranked = asked.where(items.counts, measure.is_not(None)).subquery()
    middle = (2 * ranked.c.r).between(ranked.c.n, ranked.c.n + 2)
    asked = select(ranked.c.g, func.sum(ranked.c.m), func.count(), func.max(ranked.c.n))
    return asked.where(middle).group_by(ranked.c.g)


class _Items:
    """The rows that an indicator counts, joined with what it may ask of them."""

    def __init__(self, figure: Figure, scope: Scope, *, grouped: bool) -> None:
        self._figure = figure
        self._scope = scope
        self._unit = self._unit_column()
        # Numbers of units are put together afterwards; medians cannot be, so there the database groups the units.
        self._groups = _groups(scope.groups) if grouped and scope.groups is not None else None
        weight = func.coalesce(col(CountedWeight.weight), 1) if figure.profile else literal(1)
        # A slip or a duty is one, however much its complaint weighs; those of a complaint left out are left out.
        self.weight = weight if figure.population == "cases" else literal(1)
        self.counts = weight > 0 if figure.profile else true()

    def ask(self, *columns: Any) -> Select[Any]:
        """Return the question for *columns* of the items in scope."""
        return select(*columns).select_from(self._joined()).where(*self._where())

    def axis(self, axis: Axis) -> ColumnElement[Any]:
        """Return the column that tells items apart along *axis*."""
        if axis == "unit":
            return func.coalesce(self._groups.c.top, self._unit) if self._groups is not None else self._unit
        if self._figure.population == "slips" and axis in {"department", "category"}:
            return _column(CountedSlip, axis)
        return _column(CountedCase, axis)

    def measure(self) -> ColumnElement[Any]:
        """Return the column of which the mean or median is asked."""
        name = self._figure.measure
        return _column(CountedSlip if name == "response_time" else CountedCase, str(name))

    def conditions(self, selection: Selection) -> list[ColumnElement[bool]]:
        """Return what *selection* asks of an item."""
        found = [self._property(name, wanted) for name, wanted in selection.where.items()]
        if selection.closed is not None:
            closed = col(CountedCase.closed_on)
            found.append(closed.is_not(None) if selection.closed else closed.is_(None))
        if selection.within_days is not None:
            found.append(
                func.coalesce(col(CountedCase.handling_days), selection.within_days + 1) <= selection.within_days
            )
        if selection.in_time:
            found.append(_first_in_time(selection.in_time))
        return found

    def _property(self, name: str, wanted: Condition) -> ColumnElement[bool]:
        asked: Any
        match name:
            case "response" | "findings":
                asked = col(getattr(CountedSlip, name))
            case "state":
                asked = DUTY_STATE
            case "satisfaction":
                asked = cast(col(CountedCase.satisfaction), String)
            case _:
                asked = self.axis(name)  # type: ignore[arg-type]  # what is left are axes
        found: ColumnElement[bool] = asked.in_([wanted] if isinstance(wanted, str) else wanted)
        return found

    def _unit_column(self) -> ColumnElement[Any]:
        if self._figure.unit_of == "complained_of":
            return _column(CountedCase, "respondent")
        return _column(CountedSlip if self._figure.population == "slips" else CountedCase, "unit")

    def _joined(self) -> FromClause:
        joined: Any = CountedCase
        if (figure := self._figure).population == "slips":
            joined = CountedSlip.__table__.join(CountedCase, _same(CountedSlip, CountedCase))  # type: ignore[attr-defined]
        elif figure.population == "duties":
            joined = DutyRow.__table__.join(CountedCase, _same(DutyRow, CountedCase))  # type: ignore[attr-defined]
        else:
            joined = CountedCase.__table__  # type: ignore[attr-defined]
        if figure.profile:
            weight = and_(_same(CountedWeight, CountedCase), col(CountedWeight.profile) == figure.profile)
            joined = joined.outerjoin(CountedWeight, weight)
        if self._groups is not None:
            joined = joined.outerjoin(self._groups, self._groups.c.code == self._unit)
        found: FromClause = joined
        return found

    def _where(self) -> list[ColumnElement[bool]]:
        narrowed = [*self._dated(), *self.conditions(self._figure.select)]
        if self._figure.population == "duties":
            narrowed += [col(DutyRow.rule).in_(self._figure.rules), OF_THE_CASE]
        if self._figure.profile and self._figure.population != "cases":
            narrowed.append(self.counts)
        if not self._scope.everything:
            narrowed.append(self._unit.in_(sorted(self._scope.groups or ())))
        return narrowed

    def _dated(self) -> list[ColumnElement[bool]]:
        first, last = self._scope.period.first, self._scope.period.last
        match self._figure.dated_by:
            case "due":
                return [or_(false(), *(due_within(zone, self._scope.period) for zone in self._scope.zones))]
            case "open_at_end":
                closed = col(CountedCase.closed_on)
                return [col(CountedCase.received_on) <= last, or_(closed.is_(None), closed > last)]
            case "dispatched" | "findings_due" as name:
                return [col(getattr(CountedSlip, f"{name}_on")).between(first, last)]
            case name:
                return [col(getattr(CountedCase, f"{name}_on")).between(first, last)]


_IN_TIME = or_(
    and_(col(DutyRow.kind) == "duty", col(DutyRow.status).in_(("met", "met_late")), ~col(DutyRow.breached)),
    and_(col(DutyRow.kind) == "target", col(DutyRow.status) == "met"),
)
_LATE = or_(col(DutyRow.breached), and_(col(DutyRow.kind) == "target", col(DutyRow.status) == "met_late"))

DUTY_STATE = case((_LATE, "late"), (_IN_TIME, "in_time"), (col(DutyRow.status) == "open", "open"), else_="off")
"""How a duty stands in time: what `activities.figures.counted.timeliness` says of it, in SQL."""

OF_THE_CASE = and_(~col(DutyRow.key).contains("/"), col(DutyRow.kind) != "window")
"""The duties of the complaint itself: a slip's have the slip in their key, a window is nobody's duty."""


def _first_in_time(rules: Sequence[str]) -> ColumnElement[bool]:
    """Of *rules* the first under which the complaint owed anything: see `_in_time`."""
    return func.coalesce(*map(_in_time, rules), 0) == 1


def _in_time(rule: str) -> ColumnElement[int]:
    """1 if all that the complaint owed under *rule* is done or gone, and nothing late; else 0; NULL if it owed nothing."""
    # The rule with nothing behind it offers no index: SQLite without statistics would look through all duties of that rule
    # for every single complaint, instead of through the complaint's few.
    of_rule = and_(_same(DutyRow, CountedCase), col(DutyRow.rule).concat("") == rule, OF_THE_CASE)
    fulfilled = case((or_(_LATE, col(DutyRow.status) == "open"), 0), else_=1)
    return select(func.min(fulfilled)).where(of_rule).correlate(CountedCase).scalar_subquery()


def due_within(zone: str, period: Period) -> ColumnElement[bool]:
    """Due on a day of *period*: what is due by the first instant of a day was owed on the day before."""
    begin, end = bounds(period, ZoneInfo(zone))
    due = col(DutyRow.due)
    return and_(col(CountedCase.zone) == zone, due > begin, due <= end)


def bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first instant of *period* in *zone*, and the first one after it."""
    return midnight(period.first, zone), midnight(period.last + timedelta(days=1), zone)


def _groups(groups: Groups) -> FromClause:
    # A SELECT without rows needs one that no unit can be called.
    rows = sorted(groups.items()) or [("", "")]
    return values(column("code", String), column("top", String), name="unit_groups").data(rows).cte("unit_groups")


def _column(table: type, name: str) -> ColumnElement[Any]:
    found: ColumnElement[Any] = table.__table__.columns[name]  # type: ignore[attr-defined]  # every table has them
    return found


def _same(one: type, other: type) -> ColumnElement[bool]:
    found: ColumnElement[bool] = one.complaint_id == other.complaint_id  # type: ignore[attr-defined]  # all have it
    return found

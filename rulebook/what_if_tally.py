"""What becomes of many closed complaints under one pack, counted: sums that can be made apart and put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from rulebook.what_if import Due, Facts, WhatIf

GROUPS = ("unit", "category", "channel")
"""What complaints are grouped by, where the data know it."""

MOST_NAMES = 50_000
"""Different names of one kind that are told apart; the rest is counted together, so that memory stays bounded."""

REST = "…"
"""The name under which further names are counted together."""


class ClosedCase(NamedTuple):
    """
    One complaint that is over: all three days, or all three instants with their zone, and what is known of it.

    *names* are those of its unit, category and channel, None where the data do not know them.
    """

    received: date
    answered: date
    closed: date
    facts: Facts
    names: tuple[str | None, str | None, str | None]


@dataclass(slots=True)
class LimitTally:
    """The cases that fell under one limit: how many, how many late, by how many days, and by a provisional calendar."""

    cases: int = 0
    late: int = 0
    provisional: int = 0
    days_late: Counter[int] = field(default_factory=Counter)

    def add(self, other: LimitTally) -> None:
        """Add the cases of *other*."""
        self.cases += other.cases
        self.late += other.late
        self.provisional += other.provisional
        _sum(self.days_late, other.days_late)


@dataclass(slots=True)
class DutyTally:
    """One duty: its cases by limit, and how many fell due on each last day, and of these how many were late."""

    limits: dict[str, LimitTally] = field(default_factory=dict)
    due: Counter[date] = field(default_factory=Counter)
    late: Counter[date] = field(default_factory=Counter)

    def count(self, due: Due, days_late: int) -> None:
        """Count one case that had *due* and was *days_late*."""
        limit = self.limits.get(due.limit)
        if limit is None:
            limit = self.limits[due.limit] = LimitTally()
        limit.cases += 1
        limit.provisional += due.provisional
        self.due[due.last_day] += 1
        if days_late:
            limit.late += 1
            limit.days_late[days_late] += 1
            self.late[due.last_day] += 1

    def add(self, other: DutyTally) -> None:
        """Add the cases of *other*."""
        for name, limit in other.limits.items():
            self.limits.setdefault(name, LimitTally()).add(limit)
        _sum(self.due, other.due)
        _sum(self.late, other.late)

    @property
    def total(self) -> LimitTally:
        """The cases of all limits together."""
        whole = LimitTally()
        for limit in self.limits.values():
            whole.add(limit)
        return whole


@dataclass(slots=True)
class PackTally:
    """
    All cases under one pack.

    *outside* were received on a day on which the pack was not in force. *groups* has for each unit, category and channel the
    number of its cases and, for each duty in turn, of those that were late.
    """

    duties: list[DutyTally]
    cases: int = 0
    outside: int = 0
    received: Counter[date] = field(default_factory=Counter)
    closed: Counter[date] = field(default_factory=Counter)
    groups: tuple[dict[str | None, list[int]], ...] = ()

    def add(self, other: PackTally) -> None:
        """Add the cases of *other*."""
        self.cases += other.cases
        self.outside += other.outside
        for mine, theirs in zip(self.duties, other.duties, strict=True):
            mine.add(theirs)
        _sum(self.received, other.received)
        _sum(self.closed, other.closed)
        for names, more in zip(self.groups, other.groups, strict=True):
            for name, counts in more.items():
                known = _counts(names, name, len(self.duties))
                known[:] = map(sum, zip(known, counts, strict=True))


def empty(what_if: WhatIf) -> PackTally:
    """Return the tally of no case at all."""
    return PackTally([DutyTally() for _ in what_if.duties], groups=tuple({} for _ in GROUPS))


def tally(what_if: WhatIf, cases: Iterable[ClosedCase]) -> PackTally:
    """Return what becomes of *cases* under the pack of *what_if*."""
    whole = empty(what_if)
    moment, covers, width = what_if.moment, what_if.pack.in_force.covers, len(what_if.duties)
    for case in cases:
        received, answered, closed = moment(case.received), moment(case.answered), moment(case.closed)
        whole.cases += 1
        whole.outside += not covers(received.day)
        whole.received[received.day] += 1
        whole.closed[closed.day] += 1
        counts = [_counts(names, name, width) for names, name in zip(whole.groups, case.names, strict=True)]
        for one in counts:
            one[0] += 1
        for position, due in enumerate(what_if.dues(received, case.facts)):
            if due is None:
                continue
            days_late = due.late_days(what_if.met(position, answered, closed))
            whole.duties[position].count(due, days_late)
            if days_late:
                for one in counts:
                    one[position + 1] += 1
    return whole


def percentile(days: Counter[int], share: float) -> int | None:
    """Return the number of days that the *share* of all cases does not exceed (nearest rank); None without any case."""
    # Whole numbers: 0.99 * 100 is a little less than 99 to a computer.
    rank = -(-days.total() * round(share * 1000) // 1000)
    for value in sorted(days):
        rank -= days[value]
        if rank <= 0:
            return value
    return None


def _counts(names: dict[str | None, list[int]], name: str | None, duties: int) -> list[int]:
    found = names.get(name)
    if found is None:
        if len(names) >= MOST_NAMES:
            name = REST
        found = names.setdefault(name, [0] * (duties + 1))
    return found


def _sum(mine: Counter[date] | Counter[int], theirs: Counter[date] | Counter[int]) -> None:
    mine.update(theirs)  # type: ignore[arg-type]  # both are of one kind

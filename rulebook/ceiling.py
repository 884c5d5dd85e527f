"""Which of a company's limits can exceed the statute's, which stays the ceiling (C2): told when a pack is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import takewhile

from rulebook.calendar import WorkingCalendar, calendar
from rulebook.limit import Limit, counted_to, counting_from
from rulebook.pack import RulePack
from rulebook.pack_parts import DutyRule

TOLD = frozenset({"notice_given.decision", "notice_exempted.decision"})
"""What meets the statute's duty to decide and tell (art. 18)."""

ENDS = TOLD | {"decision_made", "closed", "findings_submitted", "slip_answered"}
"""What a duty ends with that the decision waits for, or that waits for the decision."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A limit of the company that can last longer than one of the statute.

    *worst* is its longest stretch in natural days over all published years, first on *start*; *ceiling* is the statute's
    limit that it can exceed, which lasts *natural_days* from that start.
    """

    duty: str
    limit: str
    worst: int
    start: date
    natural_days: int
    ceiling: str

    def __str__(self) -> str:
        """Return the finding as one line for a log or a terminal."""
        return (
            f"{self.limit} (duty {self.duty}) can last {self.worst} natural days, as from {self.start}: longer than "
            f"{self.ceiling}, {self.natural_days} natural days; the statute stays the ceiling"
        )


def exceeds(pack: RulePack) -> tuple[Finding, ...]:
    """
    Return which limits of *pack*, read over the statute, can exceed the statute's limits to decide and tell.

    Looked at are the duties and targets, of the complaint and of its slips, that end with the decision, with closing or
    with what the decision waits for. A pack that extends none has none.
    """
    ceilings = list(_ceilings(pack))
    days = calendar(pack.calendar)
    return tuple(
        Finding(duty.id, name, *found, ceiling)
        for duty, name in _limits(pack)
        for ceiling in ceilings
        if (found := _over(pack.limit(name).limit, pack.limit(ceiling).limit, days))
    )


def longest(limit: Limit, days: WorkingCalendar) -> tuple[int, date]:
    """Return the most natural days that *limit* lasts within the published years, and the first start for which it does."""
    return max(_stretches(limit, days), key=lambda found: found[0], default=(0, days.horizon))


def _over(limit: Limit, ceiling: Limit, days: WorkingCalendar) -> tuple[int, date, int] | None:
    """Return the longest stretch of *limit* over that of *ceiling* from the same start, that start, and the latter."""
    both = zip(_stretches(limit, days), _stretches(ceiling, days), strict=False)
    over = [(length, start, most) for (length, start), (most, _) in both if length > most]
    return max(over, key=lambda found: found[0], default=None)


@lru_cache
def _stretches(limit: Limit, days: WorkingCalendar) -> tuple[tuple[int, date], ...]:
    """Return how many natural days *limit* lasts from each day of the published years on, as far as they reach."""
    first = date(min((notice.year for notice in days.notices), default=days.horizon.year), 1, 1)
    every = map(date.fromordinal, range(first.toordinal(), days.horizon.toordinal() + 1))
    lengths = ((_length(limit, day, days), day) for day in every)
    if limit.unit != "wd":
        return tuple(lengths)
    return tuple(takewhile(lambda found: found[1] + timedelta(days=found[0]) <= days.horizon, lengths))


def _length(limit: Limit, start: date, days: WorkingCalendar) -> int:
    """Return how many natural days *limit* lasts from *start*, a begun one included."""
    if limit.unit == "h":
        return -(-limit.amount // 24)
    if limit.unit == "wd":
        return (days.nth_working_day(*counting_from(limit.amount, start)) - start).days
    return (counted_to(limit.amount, limit.unit, start) - start).days


def _limits(pack: RulePack) -> Iterator[tuple[DutyRule, str]]:
    slips = pack.slips.duties if pack.slips else ()
    for duty in (*pack.duties, *slips):
        for name in dict.fromkeys(choice.limit for choice in duty.limits):
            if ENDS.intersection(duty.met_by) and pack.source_of(name) != (pack.extends and pack.extends.pack):
                yield duty, name


def _ceilings(pack: RulePack) -> Iterator[str]:
    for duty in pack.duties:
        if pack.extends and TOLD.intersection(duty.met_by):
            for choice in duty.limits:
                if pack.source_of(choice.limit) == pack.extends.pack:
                    yield choice.limit

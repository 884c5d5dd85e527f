"""Which of a company's limits can exceed the statute's, which stays the ceiling (C2): told when a pack is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rulebook.calendar import WorkingCalendar, calendar
from rulebook.limit import DAY, Limit, counting_from
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
    limit of *natural_days* that it can exceed.
    """

    duty: str
    limit: str
    worst: int
    start: date
    ceiling: str
    natural_days: int

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
    return tuple(
        Finding(duty.id, name, worst, start, ceiling, most)
        for duty, name in _limits(pack)
        for worst, start in [longest(pack.limit(name).limit, calendar(pack.calendar))]
        for ceiling, most in ceilings
        if worst > most
    )


@lru_cache
def longest(limit: Limit, days: WorkingCalendar) -> tuple[int, date]:
    """Return the most natural days that *limit* lasts within the published years, and the first start for which it does."""
    first = date(min((notice.year for notice in days.notices), default=days.horizon.year), 1, 1)
    if limit.unit != "wd":
        return limit.amount if limit.unit == "nd" else -(-limit.amount // 24), first
    worst, start = 0, first
    for count in range((days.horizon - first).days + 1):
        day = first + timedelta(days=count)
        end = days.nth_working_day(*counting_from(limit.amount, day))
        if end > days.horizon:
            break
        if (end - day) > timedelta(days=worst):
            worst, start = (end - day) // DAY, day
    return worst, start


def _limits(pack: RulePack) -> Iterator[tuple[DutyRule, str]]:
    slips = pack.slips.duties if pack.slips else ()
    for duty in (*pack.duties, *slips):
        for name in dict.fromkeys(choice.limit for choice in duty.limits):
            if ENDS.intersection(duty.met_by) and pack.source_of(name) != (pack.extends and pack.extends.pack):
                yield duty, name


def _ceilings(pack: RulePack) -> Iterator[tuple[str, int]]:
    for duty in pack.duties:
        if pack.extends and TOLD.intersection(duty.met_by):
            for choice in duty.limits:
                rule = pack.limit(choice.limit)
                if rule.unit == "nd" and pack.source_of(choice.limit) == pack.extends.pack:
                    yield choice.limit, rule.amount

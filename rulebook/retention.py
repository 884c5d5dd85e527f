"""
How long the file of a complaint is kept (保管期限), and who may hold it, propose its destruction and approve that.

Order 2020 No. 3 asks for an archive and names no years (art. 28); other laws and the insurer's own rules do. So classes are
data: the house's default here, an insurer's own file in its place, and whatever the complaint's rule pack says beside it.
The longest one that applies counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from rulebook.authority import AuthorityRule
from rulebook.pack_keeping import RetentionRule
from rulebook.pack_parts import Condition, EventName, Part, holds

DEFAULT = Path(__file__).parent / "defaults" / "retention.yaml"
"""The house's default."""

KeepingAct = Literal["hold", "lift", "propose", "approve"]
"""What somebody may do with an archived file: stop its destruction, allow it again, ask for it, approve it."""

LEAP_DAY = (2, 29)


class KeepingRule(RetentionRule):
    """
    One class of files: what a pack's rule of retention says, and *when*, the facts under which a file belongs to the class.

    Without *when* every file does.
    """

    start: EventName = "closed"
    when: dict[str, Condition] = Field(default_factory=dict)


class RetentionRules(Part):
    """The classes by name, and who may do what; an act without a rule that applies is nobody's."""

    classes: dict[str, KeepingRule] = Field(min_length=1)
    authority: dict[KeepingAct, tuple[AuthorityRule, ...]]

    def may(self, act: KeepingAct, level: str, roles: frozenset[str], department: str) -> bool:
        """Return whether somebody of *level* with *roles* in a *department* of that kind may do *act*."""
        rules = self.authority.get(act, ())
        return bool(rules) and all(rule.allows(level, roles, department, frozenset()) for rule in rules)

    def applying(self, facts: Mapping[str, str]) -> dict[str, KeepingRule]:
        """Return the classes to which a file with *facts* belongs."""
        return {name: rule for name, rule in self.classes.items() if holds(rule.when, facts)}


class Kept(NamedTuple):
    """Until when a file is kept: *last_day* is the last day on which it must be there; *rule* and *citation* say why."""

    rule: str
    citation: str
    last_day: date

    def over(self, on: date) -> bool:
        """Return whether the time is over on the day *on*."""
        return on > self.last_day


def longest(rules: Iterable[tuple[str, RetentionRule]], days: Mapping[str, date]) -> Kept | None:
    """
    Return the rule of *rules* (name and rule) that keeps a file longest; None when none of their events has happened.

    *days* are the days, in the time zone of the complaint's rules, of the last event of each name. The day of the event is
    not counted, and the period ends with the same day of its last year (Civil Code art. 201, 202); a file may go on the day
    after that.
    """
    kept = [
        Kept(name, rule.citation, anniversary(days[rule.start], rule.years))
        for name, rule in rules
        if rule.start in days
    ]
    return max(kept, key=lambda one: one.last_day, default=None)


def anniversary(day: date, years: int) -> date:
    """Return the same day *years* years after *day*, the last day of the month for 29 February (Civil Code art. 202)."""
    year = day.year + years
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1) - timedelta(days=1)

"""What a rule pack asks for beyond the complaint: when periodic returns are due, and how long records are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rulebook.calendar import WorkingCalendar
from rulebook.deadline import Deadline, date_limit
from rulebook.limit import midnight
from rulebook.mark import article
from rulebook.pack import RulePack
from rulebook.pack_keeping import Period, ReturnRule
from rulebook.words import amount, event

PERIODS: Mapping[Period, str] = {
    "month": "每月 monthly",
    "quarter": "每季 quarterly",
    "half_year": "每半年 half-yearly",
    "year": "每年 yearly",
}


@dataclass(frozen=True, slots=True)
class ReturnDue:
    """One return: its *id* in the pack, its rule, the *first* and *last* day of its period, and its deadline."""

    id: str
    rule: ReturnRule
    first: date
    last: date
    deadline: Deadline

    def __str__(self) -> str:
        """Return the line that people read, Chinese first."""
        to, text = self.rule.to, self.rule.text
        by = self.deadline.last_day
        open_end = " 暂定 provisional" if self.deadline.provisional else ""
        return (
            f"{self.first} – {self.last}  {by}{open_end}  {self.id}  {text.zh} {text.en}  → {to.zh} {to.en}  "
            f"{article(self.rule.citation, self.rule.mark)}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object; *proof* is that of its deadline."""
        return {
            "return": self.id,
            "period": [self.first.isoformat(), self.last.isoformat()],
            "last_day": self.deadline.last_day.isoformat() if self.deadline.last_day else None,
            "to": self.rule.to.model_dump(),
            "text": self.rule.text.model_dump(),
            "citation": self.rule.citation,
            "mark": self.rule.mark,
            "proof": self.deadline.to_json(),
        }


def returns_of(pack: RulePack, calendar: WorkingCalendar, year: int) -> list[ReturnDue]:
    """
    Return the returns for the periods of *year* whose last day lies in the days in force of *pack*, the first due first.

    The last day of a period is day zero of its limit; the due day may lie in the year after.
    """
    found = list(_returns(pack, calendar, year))
    return sorted(found, key=lambda one: (one.deadline.last_day or date.max, one.first, one.id))


def _returns(pack: RulePack, calendar: WorkingCalendar, year: int) -> Iterator[ReturnDue]:
    for name, rule in pack.returns.items():
        for first, last in rule.periods(year):
            if pack.in_force.covers(last):
                deadline = date_limit(
                    rule.limit,
                    midnight(last, pack.zone),
                    pack.zone,
                    calendar,
                    name=name,
                    citation=rule.citation,
                    pack=pack.pack,
                    mark=rule.mark,
                )
                yield ReturnDue(name, rule, first, last, deadline)


def keeping(pack: RulePack) -> str:
    """Return, in Chinese and English, how long records are kept, what is returned and whom one may turn to, by *pack*."""
    lines = [f"{pack.pack}  {pack.title.zh} {pack.title.en}"]
    for name, kept in pack.retention.items():
        since = f"自{event(kept.start, 'zh')}起{kept.years}年 {kept.years} years from: {event(kept.start, 'en')}"
        lines.append(f"保存 retention  {name}  {since}  {article(kept.citation, kept.mark)}")
    for name, one in pack.returns.items():
        within = f"{amount(one.amount, one.unit, 'zh')}内 within {amount(one.amount, one.unit, 'en')}"
        to = f"→ {one.to.zh} {one.to.en}"
        lines.append(f"报送 return  {name}  {PERIODS[one.period]}，{within}  {to}  {article(one.citation, one.mark)}")
    for name, scheme in pack.schemes.items():
        title = f"{scheme.title.zh} {scheme.title.en}"
        lines.append(f"外部机构 scheme  {name}  {title}  {article(scheme.citation, scheme.mark)}")
    return "\n".join(lines)

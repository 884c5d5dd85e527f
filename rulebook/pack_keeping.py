"""The parts of a rule pack that outlive a complaint: how long records are kept, what is returned, whom one may turn to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from rulebook.mark import Mark
from rulebook.pack_parts import Citation, EventName, LimitRule, Part, Text

Period = Literal["month", "quarter", "half_year", "year"]
"""How often a return is due."""

MONTHS: Mapping[Period, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""How many months a period lasts; the first of a year begins with January."""


class RetentionRule(Part):
    """
    For how many *years* records of one class are kept, counted from the event *start*, such as ``closed``.

    The name under which it stands in the pack is the class, such as ``complaint`` or ``recording``.
    """

    years: int = Field(ge=1, le=100)
    start: EventName
    citation: Citation
    text: Text
    mark: Mark = "verified"


class ReturnRule(LimitRule):
    """A return to an authority: for which *period*, to whom, and within which limit after the last day of the period."""

    period: Period
    to: Text

    def periods(self, year: int) -> Iterator[tuple[date, date]]:
        """Yield the first and the last day of each period of *year*."""
        months = MONTHS[self.period]
        for first in range(1, 13, months):
            after = date(year, first + months, 1) if first + months <= max(MONTHS.values()) else date(year + 1, 1, 1)
            yield date(year, first, 1), after - timedelta(days=1)


class Scheme(Part):
    """An outside scheme, such as an ombudsman, to which the complainant may take the complaint, as the letters tell it."""

    title: Text
    text: Text
    citation: Citation
    mark: Mark = "verified"

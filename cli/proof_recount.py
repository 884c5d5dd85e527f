"""A deadline in working days before and after a notice that changed them, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from models.proof import DayProof, DutyProof, VersionProof

ADOPTED = "calendar_adopted"


@dataclass(frozen=True)
class Recount:
    """Version *before* and the version *after* that a notice put in its place; *days* is every day of either count."""

    before: VersionProof
    after: VersionProof
    days: tuple[tuple[date, DayProof | None, DayProof | None], ...]

    @property
    def changed(self) -> tuple[tuple[date, DayProof | None, DayProof | None], ...]:
        """The days from the first on that the two versions count differently."""
        first = next((place for place, day in enumerate(self.days) if _differ(*day[1:])), len(self.days))
        return self.days[first:]


def recounts(duty: DutyProof) -> Iterator[Recount]:
    """Yield what each notice did to the deadline of *duty*, in order."""
    for before, after in pairwise(duty.versions):
        if after.reason == ADOPTED:
            old, new = ({day.day: day for day in one.days} for one in (before, after))
            days = tuple((day, old.get(day), new.get(day)) for day in sorted(old.keys() | new.keys()))
            yield Recount(before, after, days)


def _differ(before: DayProof | None, after: DayProof | None) -> bool:
    if before is None or after is None:
        return True
    return (before.kind, before.number, before.provisional) != (after.kind, after.number, after.provisional)

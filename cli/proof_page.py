"""A proof as one HTML page: nothing is loaded from elsewhere, and a browser prints it on A4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path

from jinja2 import Template

from activities.pages import page_environment
from cli import output
from cli.proof_recount import recounts
from cli.proof_text import dated, due_of, happened, not_late, number, paused, provisional
from models.moving import CHANGES
from models.proof import CaseProof, DayProof, VersionProof
from models.proof_words import KINDS_ZH, LAYERS_ZH, limit_words, span_words
from models.view import STATUS_ZH
from models.wording import WEEKDAYS_ZH
from rulebook.mark import article

_AFTER = {
    "duty": "起即为逾期 from that instant on it is late",
    "window": "期间届满 the period ends",
    "target": "为目标期限，超过不构成逾期 a date to aim at, no breach",
}
"""What the first instant that is too late means for each kind of duty."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of the calendar on the page: its date, what it counted for, why, and the numbers of the notices behind it."""

    date: str
    count: str
    why: str
    kind: str
    note: int | None
    last: bool


def to_html(proof: CaseProof, sentences: Mapping[int, str]) -> str:
    """Return *proof* as a page; *sentences* says what each event was, by its number, and is text in it, never markup."""
    notes = {notice.id: place for place, notice in enumerate(proof.notices, start=1)}
    return _template().render(
        proof=proof,
        weekdays=WEEKDAYS_ZH,
        weeks=lambda one: list(_weeks(one, notes)),
        article=article,
        event=lambda one: happened(one, sentences),
        instant=output.instant,
        deadline=output.deadline,
        limit=lambda one: limit_words(one.amount, one.unit, one.extended_by),
        provisional=provisional,
        due_of=due_of,
        not_late=not_late,
        changes=CHANGES,
        paused=paused,
        span=span_words,
        after=_AFTER,
        recounts=recounts,
        count=_count,
        note=lambda day: notes.get(day.source),
        dated=dated,
        exact=lambda due: due.isoformat(sep=" ", timespec="seconds"),
        layers=LAYERS_ZH,
        kinds=KINDS_ZH,
        status=STATUS_ZH,
    )


def _weeks(one: VersionProof, notes: Mapping[str, int]) -> Iterator[Sequence[Cell | None]]:
    """Yield the weeks, from Monday on, that have a day of the count; a cell is None where the day is not part of it."""
    days = {day.day: day for day in one.days}
    for monday in sorted({day - timedelta(days=day.weekday()) for day in days}):
        week = [monday + timedelta(days=count) for count in range(7)]
        yield [_cell(days[day], one, notes) if day in days else None for day in week]


def _cell(day: DayProof, one: VersionProof, notes: Mapping[str, int]) -> Cell:
    last = day is one.days[-1] and one.due is not None
    kind = "provisional" if day.provisional and day.kind != "zero" else ""
    part = "part" if day.kind == "counted" and day.left_out else ""
    why = "" if day.kind == "zero" else day.why_zh.removesuffix("，计入").removesuffix("计入")
    if last and one.due and one.due.time() != time():
        why = "，".join(filter(None, (why, f"至 {one.due:%H:%M}")))
    return Cell(
        date=_date(day.day, first=day is one.days[0]),
        count=_count(day, one),
        why=why,
        kind=" ".join(filter(None, (day.kind, part, kind))),
        note=notes.get(day.source or ""),
        last=last,
    )


def _count(day: DayProof, one: VersionProof) -> str:
    return number(day, one).split(" day")[0].split(" last")[0]


def _date(day: date, *, first: bool) -> str:
    return f"{day.year}-{day:%m-%d}" if first or (day.month, day.day) == (1, 1) else f"{day:%m-%d}"


@cache
def _template() -> Template:
    return page_environment(Path(__file__).parent / "templates").get_template("proof.html.j2")

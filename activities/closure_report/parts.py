"""What a report consists of, as data: both renderers draw the same parts, so page and document say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Label(NamedTuple):
    """A heading in both languages, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A text that somebody wrote, under its heading; line breaks are kept."""

    label: Label
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values, one below the other."""

    label: Label | None
    rows: tuple[tuple[Label, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; *widths* are the columns' shares of the page."""

    label: Label
    columns: tuple[Label, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Prose | Pairs | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the report; without blocks the record has nothing to say about it."""

    label: Label
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """
    A whole report.

    *as_of* is the instant at which the record last learned of something: the report knows no other present. *draft* says
    that the case is not closed.
    """

    title: Label
    complaint_id: str
    institution: str
    as_of: datetime
    as_of_text: str
    draft: bool
    sections: tuple[Section, ...]


def section(zh: str, en: str, *blocks: Block | None) -> Section:
    """Return a section of those *blocks* that have something to say."""
    return Section(Label(zh, en), tuple(block for block in blocks if block))


def prose(zh: str, en: str, text: str | None, note: str = "") -> Prose | None:
    """Return *text* under its heading, None when there is none."""
    return Prose(Label(zh, en), _clean(text), _clean(note)) if text else None


def pairs(label: tuple[str, str] | None, *rows: tuple[str, str, str | None]) -> Pairs | None:
    """Return the *rows* (Chinese name, English name, value) that have a value, None when none has."""
    filled = tuple((Label(zh, en), _clean(value)) for zh, en, value in rows if value)
    return Pairs(Label(*label) if label else None, filled) if filled else None


def table(
    label: tuple[str, str], columns: Sequence[tuple[str, str, int]], rows: Sequence[Sequence[str]]
) -> Table | None:
    """Return a table whose *columns* are (Chinese name, English name, width), None when it has no rows."""
    if not rows:
        return None
    return Table(
        Label(*label),
        tuple(Label(zh, en) for zh, en, _ in columns),
        tuple(width for _, _, width in columns),
        tuple(tuple(_clean(cell) for cell in row) for row in rows),
    )


def _clean(text: str) -> str:
    # No page or document can hold control characters, and marks that turn the writing direction disguise what was written.
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n")).strip()


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

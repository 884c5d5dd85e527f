"""
Typical cases (典型案例, R015, R181, R200): closed complaints that others shall learn from, each told without naming anybody.

What is told of a complaint is an append-only chain of events like its own, and is asked about through their fold. It is told
in words of the house's own and holds no personal data, so it stays when the complaint's file is destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, TypeAdapter

from models.chained import ChainedEvent
from models.identifiers import UnitCode
from rulebook.scalars import Line, Text, Word


class Telling(BaseModel):
    """
    What is told of a case: a *title*, what happened (*facts*), and what it teaches (*lesson*, 教训).

    *cause* is the code of the weakness behind it (`rulebook.causes`), *keywords* are by what others look for it. None of it
    names anybody.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: Line
    facts: Text
    lesson: Text
    cause: Annotated[str, Strict(), Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    keywords: tuple[Line, ...] = Field(default=(), max_length=20)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text that somebody wrote, with the name of its field."""
        yield from (("title", self.title), ("facts", self.facts), ("lesson", self.lesson))
        yield from (("keywords", word) for word in self.keywords)


class TypicalEvent(ChainedEvent):
    """A fact in the life of a typical case."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text that somebody wrote, with the name of its field."""
        yield from ()


class Chosen(TypicalEvent):
    """The complaint was chosen; *unit*, *categories* and *product* are its own, for the day when its file is destroyed."""

    type: Literal["chosen"] = "chosen"
    telling: Telling
    unit: UnitCode
    categories: tuple[Word, ...] = ()
    product: Line | None = None

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield what is told."""
        return self.telling.texts()


class Revised(TypicalEvent):
    """It is told otherwise from now on; what was told before is kept."""

    type: Literal["revised"] = "revised"
    telling: Telling
    reason: Line

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield what is told, and why."""
        yield from self.telling.texts()
        yield "reason", self.reason


class Withdrawn(TypicalEvent):
    """It is no example any more; what was told is kept, and shown as withdrawn."""

    type: Literal["withdrawn"] = "withdrawn"
    reason: Line

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield why."""
        yield "reason", self.reason


AnyTypicalEvent = Annotated[Chosen | Revised | Withdrawn, Field(discriminator="type")]
TYPICAL_EVENT: TypeAdapter[Chosen | Revised | Withdrawn] = TypeAdapter(AnyTypicalEvent)
"""Reads an event from its JSON."""


@dataclass
class TypicalCase:
    """A typical case as its events left it; it is named by its complaint."""

    complaint_id: str
    chosen: Chosen
    telling: Telling
    withdrawn: Withdrawn | None = None
    history: list[TypicalEvent] = field(default_factory=list)

    @classmethod
    def fold(cls, complaint_id: str, events: Iterable[TypicalEvent]) -> Self:
        """Return what *events* lead to; TypeError if the first does not choose it."""
        first, *more = events
        if not isinstance(first, Chosen):
            raise TypeError("a typical case begins with its choice")
        made = cls(complaint_id, first, first.telling, history=[first])
        for event in more:
            made.history.append(event)
            match event:
                case Chosen():
                    made.chosen, made.telling, made.withdrawn = event, event.telling, None
                case Revised():
                    made.telling = event.telling
                case Withdrawn():
                    made.withdrawn = event
        return made

    def to_json(self) -> dict[str, Any]:
        """Return it as programs read it."""
        return {
            "complaint_id": self.complaint_id,
            "chosen_at": self.chosen.at.isoformat(),
            "unit": self.chosen.unit,
            "categories": list(self.chosen.categories),
            "product": self.chosen.product,
            **self.telling.model_dump(mode="json"),
            "withdrawn": self.withdrawn.model_dump(mode="json", exclude={"type"}) if self.withdrawn else None,
        }


@dataclass(frozen=True, slots=True)
class Sought:
    """
    By what typical cases are looked for; what is left out fits every case.

    *word* stands somewhere in what is told, in any case of letters; *units* are those that the complaint may be of; *since*
    and *until* enclose the instant of the choice, the second from outside.
    """

    word: str | None = None
    category: str | None = None
    product: str | None = None
    cause: str | None = None
    units: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    withdrawn: bool = False

    def fits(self, one: TypicalCase) -> bool:
        """Return whether *one* is looked for; what was withdrawn is not, unless it is asked for."""
        first = one.chosen
        return all((
            self.withdrawn or one.withdrawn is None,
            self.word is None or any(self.word.casefold() in text.casefold() for _, text in one.telling.texts()),
            self.category is None or self.category in first.categories,
            self.product is None or self.product.casefold() in (first.product or "").casefold(),
            self.cause is None or self.cause == one.telling.cause,
            self.units is None or first.unit in self.units,
            self.since is None or first.at >= self.since,
            self.until is None or first.at < self.until,
        ))  # fmt: skip


REFUSALS: tuple[tuple[str, str, Callable[[TypicalCase, TypicalEvent], bool]], ...] = (
    (
        "ChosenAlready",
        "it is a typical case already; revise it, or withdraw it first",
        lambda one, event: isinstance(event, Chosen) and one.withdrawn is None,
    ),
    (
        "NoTypicalCase",
        "it was withdrawn; choose it again",
        lambda one, event: not isinstance(event, Chosen) and one.withdrawn is not None,
    ),
    (
        "NothingRevised",
        "this is what is told of it already",
        lambda one, event: isinstance(event, Revised) and event.telling == one.telling,
    ),
)
"""What speaks against an event, in the order in which it is asked: a code, a sentence, the condition."""


def refusal(one: TypicalCase, event: TypicalEvent) -> tuple[str, str] | None:
    """Return the code and the sentence that refuse *event*, None if nothing does."""
    return next(((code, sentence) for code, sentence, applies in REFUSALS if applies(one, event)), None)

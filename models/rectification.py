"""
Rectification (溯源整改, R199): a weakness behind complaints, who mends it by when, and the proof that it was mended.

It is an append-only chain of events like a complaint's, and is asked about through their fold. No statutory clock runs on
it: its due date is the company's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter

from models.chained import ChainedEvent
from models.identifiers import ComplaintId, PersonId, UnitCode
from rulebook.scalars import MOST, Day, Line, Text


class RectificationEvent(ChainedEvent):
    """A fact in the life of a rectification."""


class Opened(RectificationEvent):
    """The weakness was named: its *cause*, what is to be done, who *owner* is, and the last day, *due*."""

    type: Literal["opened"] = "opened"
    cause: Line
    title: Line
    plan: Text
    unit: UnitCode
    owner: PersonId
    due: Day


class Linked(RectificationEvent):
    """A complaint in which the weakness showed."""

    type: Literal["linked"] = "linked"
    complaint: ComplaintId


class FollowedUp(RectificationEvent):
    """What has been done so far (跟踪)."""

    type: Literal["followed_up"] = "followed_up"
    text: Text


class Closed(RectificationEvent):
    """A second person saw by the *evidence* that it was mended (验收)."""

    type: Literal["closed"] = "closed"
    evidence: tuple[Line, ...] = Field(min_length=1, max_length=MOST)
    result: Text


AnyRectificationEvent = Annotated[Opened | Linked | FollowedUp | Closed, Field(discriminator="type")]
RECTIFICATION_EVENT: TypeAdapter[Opened | Linked | FollowedUp | Closed] = TypeAdapter(AnyRectificationEvent)
"""Reads an event from its JSON."""


@dataclass
class Rectification:
    """A rectification as its events left it."""

    name: str
    opened: Opened
    complaints: list[str] = field(default_factory=list)
    follow_ups: list[FollowedUp] = field(default_factory=list)
    closed: Closed | None = None

    @classmethod
    def fold(cls, name: str, events: Iterable[RectificationEvent]) -> Self:
        """Return what *events* lead to; TypeError if the first does not open it."""
        first, *more = events
        if not isinstance(first, Opened):
            raise TypeError("a rectification begins with its opening")
        made = cls(name, first)
        for event in more:
            match event:
                case Linked():
                    made.complaints.append(event.complaint)
                case FollowedUp():
                    made.follow_ups.append(event)
                case Closed():
                    made.closed = event
        return made

    def overdue(self, on: date) -> bool:
        """Return whether it is open on a day after its last one."""
        return self.closed is None and on > self.opened.due


REFUSALS: tuple[tuple[str, str, Callable[[Rectification, RectificationEvent], bool]], ...] = (
    ("RectificationClosed", "it was closed; open another one", lambda one, _: one.closed is not None),
    ("OpenedAlready", "there is another one by this id", lambda _, event: isinstance(event, Opened)),
    (
        "LinkedAlready",
        "this complaint is linked to it",
        lambda one, event: isinstance(event, Linked) and event.complaint in one.complaints,
    ),
    (
        "NothingLinked",
        "link the complaints in which the weakness showed, then close it",
        lambda one, event: isinstance(event, Closed) and not one.complaints,
    ),
    (
        "NoFollowUp",
        "write down what was done, then close it",
        lambda one, event: isinstance(event, Closed) and not one.follow_ups,
    ),
    (
        "SecondPersonNeeded",
        "neither its owner nor who opened it closes it: a second person looks at the evidence",
        lambda one, event: isinstance(event, Closed) and event.by in {one.opened.owner, one.opened.by},
    ),
)
"""What speaks against an event, in the order in which it is asked: a code, a sentence, the condition."""


def refusal(one: Rectification, event: RectificationEvent) -> tuple[str, str] | None:
    """Return the code and the sentence that refuse *event*, None if nothing does."""
    return next(((code, sentence) for code, sentence, applies in REFUSALS if applies(one, event)), None)

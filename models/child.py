"""What the child workflows of a complaint are started with, and what they tell it: dispatch slips and reviews."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from models.opening import Done, workflow_id
from rulebook import events as ev
from rulebook.events import AnyEvent, ReviewRequested, SlipDispatched
from rulebook.pack import Pin

SLIP_WORKFLOW_TYPE = "SlipWorkflow"
"""The workflow type of a dispatch slip (会办单)."""

REVIEW_WORKFLOW_TYPE = "ReviewWorkflow"
"""The workflow type of a review (核查)."""


def slip_workflow_id(complaint_id: str, slip: str) -> str:
    """Return the id of the workflow of *slip*, such as ``complaint-C-2026-0042.slip-s1``."""
    return f"{workflow_id(complaint_id)}.slip-{slip}"


def review_workflow_id(complaint_id: str, review: str) -> str:
    """Return the id of the workflow of *review*, such as ``complaint-C-2026-0042.review-r1``."""
    return f"{workflow_id(complaint_id)}.review-{review}"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ChildOpening(_Message):
    """
    What a child of a complaint must know of it: its rules, its units, and who may not act (art. 17).

    *name* is the slip's or the review's, *first* the event that opened it; *barred* is whoever may not act: staff complained
    of, and for a review whoever took part in the first decision (art. 20); *categories* are all that the complaint is about
    when the child opens (R103). The rest is the child's own, for a new run with a short history: that run takes as many of
    its events from the complaint's record as are *recorded*; *events* and *done* are those few that it lacks. *reported* is
    how many events the complaint was told, *delivered* whether the slip was put before its department, *told_back* how often
    that was told that its slip came back (R020).
    """

    complaint_id: str
    name: str
    pin: Pin
    unit: str
    respondent: str
    received_at: datetime
    barred: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    first: AnyEvent
    recorded: int = Field(default=0, ge=0)
    events: tuple[AnyEvent, ...] = ()
    reported: int = 1
    done: tuple[Done, ...] = ()
    delivered: bool = False
    told_back: int = Field(default=0, ge=0)

    @property
    def dispatched(self) -> SlipDispatched:
        """The event that opened a slip; ValueError for a review's opening."""
        if not isinstance(self.first, SlipDispatched):
            raise ValueError("a slip opens with its dispatch")  # noqa: TRY004  # what is wrong is the content
        return self.first

    @property
    def requested(self) -> ReviewRequested:
        """The event that opened a review; ValueError for a slip's opening."""
        if not isinstance(self.first, ReviewRequested):
            raise ValueError("a review opens with its request")  # noqa: TRY004  # what is wrong is the content
        return self.first


class Report(_Message):
    """Event number *number* of the child *child*, counted from one with the event that opened it."""

    child: str
    number: int = Field(ge=1)
    event: AnyEvent


class News(_Message):
    """What a complaint tells its children: new facts, its end, or that its decision was told."""

    event: AnyEvent


def child_of(event: ev.Event) -> str | None:
    """Return the name of the child whose event *event* is, None for one of the complaint's own."""
    match event:
        case ev.SlipEvent() | ev.ReminderRaised() | ev.DeadlineBreached() | ev.CalendarAdopted() | ev.RulesMoved():
            return event.slip
        case ev.ReviewRequested() | ev.ReviewerAppointed() | ev.ReviewExamined() | ev.ReviewDecided():
            return event.review
        case _:
            return None

"""What the child workflows of a complaint are started with, and what they tell it: dispatch slips and reviews."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from models.opening import Done, workflow_id
from rulebook import events as ev
from rulebook.events import AnyEvent, ReviewRequested, SlipDispatched
from rulebook.pack import Pin
from rulebook.scalars import Flag, Instant, Whole, Word

SLIP_WORKFLOW_TYPE = "SlipWorkflow"
"""The workflow type of a dispatch slip (会办单)."""

REVIEW_WORKFLOW_TYPE = "ReviewWorkflow"
"""The workflow type of a review (核查)."""


def slip_name(number: int, recoveries: int = 0) -> str:
    """
    Return the name of a complaint's slip *number*, such as ``s2``, or ``s2r1`` after one recovery from the record.

    What the run before a recovery had not written down is lost; a slip that it had sent out keeps its name for itself.
    """
    return f"s{number}r{recoveries}" if recoveries else f"s{number}"


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

    complaint_id: Word
    name: Word
    pin: Pin
    unit: Word
    respondent: Word
    received_at: Instant
    barred: tuple[Word, ...] = ()
    categories: tuple[Word, ...] = ()
    first: AnyEvent
    recorded: Whole = Field(default=0, ge=0)
    events: tuple[AnyEvent, ...] = ()
    reported: Whole = 1
    done: tuple[Done, ...] = ()
    delivered: Flag = False
    told_back: Whole = Field(default=0, ge=0)

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


@dataclass(frozen=True, slots=True)
class ChildKind:
    """
    What distinguishes slips and reviews: the event that *opens* one, and how its workflow is *named* after its complaint.

    *tells* are the events that it reports to its complaint, *hears* those of the complaint that it is told.
    """

    opens: type[ev.Event]
    named: Callable[[str, str], str]
    tells: tuple[type[ev.Event], ...]
    hears: tuple[type[ev.Event], ...]
    decision: ev.NoticeKind
    """The notice that ends it."""

    def told_of(self, event: ev.Event) -> bool:
        """Return whether *event* is news of a complaint for its child, as far as its kind shows."""
        if isinstance(event, ev.NoticeGiven | ev.NoticeExempted):
            return isinstance(event, self.hears) and event.kind == self.decision
        return isinstance(event, self.hears) and child_of(event) is None


SLIP = ChildKind(
    opens=ev.SlipDispatched,
    named=slip_workflow_id,
    tells=(
        ev.SlipAccepted,
        ev.SlipReturned,
        ev.SlipProgressed,
        ev.SlipAnswered,
        ev.SlipSentBack,
        ev.SlipRecalled,
        ev.ReminderRaised,
        ev.DeadlineBreached,
        ev.CalendarAdopted,
        ev.RulesMoved,
        ev.CommandRefused,
    ),
    hears=(
        ev.CalendarAdopted,
        ev.RulesMoved,
        ev.FactsAdded,
        ev.Withdrawn,
        ev.HandlingRefused,
        ev.Merged,
        ev.NoticeGiven,
        ev.NoticeExempted,
        ev.Recovered,
    ),
    decision="decision",
)

REVIEW = ChildKind(
    opens=ev.ReviewRequested,
    named=review_workflow_id,
    tells=(ev.ReviewerAppointed, ev.ReviewExamined, ev.ReviewDecided, ev.CommandRefused),
    hears=(ev.RulesMoved, ev.NoticeGiven, ev.NoticeExempted, ev.Recovered),
    decision="review_decision",
)


def child_of(event: ev.Event) -> str | None:
    """Return the name of the child whose event *event* is, None for one of the complaint's own."""
    match event:
        case ev.SlipEvent() | ev.ReminderRaised() | ev.DeadlineBreached() | ev.CalendarAdopted() | ev.RulesMoved():
            return event.slip
        case ev.ReviewRequested() | ev.ReviewerAppointed() | ev.ReviewExamined() | ev.ReviewDecided():
            return event.review
        case ev.CommandRefused():
            return event.child
        case _:
            return None


class Report(_Message):
    """Event number *number* of the child *child*, counted from one with the event that opened it."""

    child: Word
    number: Whole = Field(ge=1)
    event: AnyEvent


class News(_Message):
    """
    What a complaint tells its children: new facts, its end, or that its decision was told.

    When it tells that it was brought back, it has *told* events of the child on record: what follows is to be told again,
    and a child of which there is none was lost with the last run.
    """

    event: AnyEvent
    told: Whole | None = None

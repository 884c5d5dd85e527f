"""
What can happen to a complaint, in the law's own terms.

An event is a fact: it has a legal instant (*at*), the instant it was written down (*recorded_at*) and who is answerable
for it (*by*). Events are never changed. The clock is a fold over them, the record is a chain of them.

Each event answers to names a rule pack can refer to: its type, and its type with a qualifier, such as
``notice_given.decision``. Some also set facts (``complexity=complex``) which a pack's conditions read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from rulebook.clock_events import (
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    DeadlineBreached,
    ExtensionApproved,
    ExtensionRefused,
    ExtensionRequested,
    FactsAdded,
    ReminderRaised,
    RulesMoved,
    WindowClosed,
)
from rulebook.event import SYSTEM, Complexity, Event, Level, Liability, NoticeKind, PauseGround
from rulebook.handling_events import (
    Absorbed,
    AnswerDemanded,
    Capacity,
    CaseSummarised,
    ClosureDelegated,
    CommitteeMet,
    ContingencyStarted,
    CountingExcluded,
    CountingGround,
    CustomerResponded,
    EndReported,
    Escalated,
    ExemptionLifted,
    FaultDescribed,
    FinalOpinionGiven,
    IntakeExamined,
    LiabilityRuled,
    MaterialReceived,
    MaterialRequested,
    MeasureRecorded,
    Origin,
    ProgressWritten,
    Purpose,
    RegulatorAnswered,
    Released,
    Reopened,
    ReportedUp,
    ReviewerAppointed,
    ReviewExamined,
    SignOffGiven,
    SignOffRefused,
    SignOffRequested,
    VexatiousFlagged,
    VexatiousLifted,
)
from rulebook.outside_events import HoldingWritten, SchemeSought
from rulebook.process_events import (
    Acknowledged,
    Assigned,
    CallbackMethod,
    CallbackOpened,
    CalledBack,
    Classified,
    Closed,
    CommandRefused,
    ContactAttempted,
    ContactChanged,
    DecisionMade,
    FindingsSubmitted,
    HandlingRefused,
    Imported,
    InvestigationOpened,
    Merged,
    NoticeExempted,
    NoticeGiven,
    NoticeReceived,
    ParticularsCorrected,
    Received,
    Recovered,
    ReviewDecided,
    ReviewRequested,
    RunEnd,
    StepFailed,
    StepRetried,
    StepSkipped,
    Withdrawn,
)
from rulebook.slip_events import (
    SlipAccepted,
    SlipAnswered,
    SlipDispatched,
    SlipEvent,
    SlipProgressed,
    SlipRecalled,
    SlipReturned,
    SlipSentBack,
)

__all__ = [
    "EVENT_TYPES",
    "SYSTEM",
    "Absorbed",
    "Acknowledged",
    "AnswerDemanded",
    "AnyEvent",
    "Assigned",
    "CalendarAdopted",
    "CallbackMethod",
    "CallbackOpened",
    "CalledBack",
    "Capacity",
    "CaseSummarised",
    "Classified",
    "ClockPaused",
    "ClockResumed",
    "Closed",
    "ClosureDelegated",
    "CommandRefused",
    "CommitteeMet",
    "Complexity",
    "ContactAttempted",
    "ContactChanged",
    "ContingencyStarted",
    "CountingExcluded",
    "CountingGround",
    "CustomerResponded",
    "DeadlineBreached",
    "DecisionMade",
    "EndReported",
    "Escalated",
    "Event",
    "ExemptionLifted",
    "ExtensionApproved",
    "ExtensionRefused",
    "ExtensionRequested",
    "FactsAdded",
    "FaultDescribed",
    "FinalOpinionGiven",
    "FindingsSubmitted",
    "HandlingRefused",
    "HoldingWritten",
    "Imported",
    "IntakeExamined",
    "InvestigationOpened",
    "Level",
    "Liability",
    "LiabilityRuled",
    "MaterialReceived",
    "MaterialRequested",
    "MeasureRecorded",
    "Merged",
    "NoticeExempted",
    "NoticeGiven",
    "NoticeKind",
    "NoticeReceived",
    "Origin",
    "ParticularsCorrected",
    "PauseGround",
    "ProgressWritten",
    "Purpose",
    "Received",
    "Recovered",
    "RegulatorAnswered",
    "Released",
    "ReminderRaised",
    "Reopened",
    "ReportedUp",
    "ReviewDecided",
    "ReviewExamined",
    "ReviewRequested",
    "ReviewerAppointed",
    "RulesMoved",
    "RunEnd",
    "SchemeSought",
    "SignOffGiven",
    "SignOffRefused",
    "SignOffRequested",
    "SlipAccepted",
    "SlipAnswered",
    "SlipDispatched",
    "SlipEvent",
    "SlipProgressed",
    "SlipRecalled",
    "SlipReturned",
    "SlipSentBack",
    "StepFailed",
    "StepRetried",
    "StepSkipped",
    "VexatiousFlagged",
    "VexatiousLifted",
    "WindowClosed",
    "Withdrawn",
    "event_from_json",
    "event_to_json",
    "event_type",
]

AnyEvent = Annotated[
    Received
    | Acknowledged
    | Classified
    | Assigned
    | InvestigationOpened
    | FindingsSubmitted
    | DecisionMade
    | NoticeGiven
    | NoticeExempted
    | NoticeReceived
    | ContactAttempted
    | ContactChanged
    | ParticularsCorrected
    | ExtensionRequested
    | ExtensionApproved
    | ExtensionRefused
    | ClockPaused
    | ClockResumed
    | FactsAdded
    | Withdrawn
    | HandlingRefused
    | Merged
    | CallbackOpened
    | CalledBack
    | Closed
    | ReviewRequested
    | ReviewDecided
    | ReminderRaised
    | DeadlineBreached
    | WindowClosed
    | CalendarAdopted
    | RulesMoved
    | StepFailed
    | StepRetried
    | StepSkipped
    | CommandRefused
    | Recovered
    | IntakeExamined
    | MaterialRequested
    | MaterialReceived
    | ProgressWritten
    | AnswerDemanded
    | RegulatorAnswered
    | SignOffRequested
    | SignOffGiven
    | SignOffRefused
    | Released
    | CommitteeMet
    | LiabilityRuled
    | ContingencyStarted
    | ReportedUp
    | EndReported
    | Escalated
    | CountingExcluded
    | Absorbed
    | VexatiousFlagged
    | VexatiousLifted
    | CustomerResponded
    | FinalOpinionGiven
    | ExemptionLifted
    | Reopened
    | ClosureDelegated
    | FaultDescribed
    | MeasureRecorded
    | CaseSummarised
    | ReviewerAppointed
    | ReviewExamined
    | HoldingWritten
    | SchemeSought
    | SlipDispatched
    | SlipAccepted
    | SlipReturned
    | SlipProgressed
    | SlipAnswered
    | SlipSentBack
    | SlipRecalled
    | Imported,
    Field(discriminator="type"),
]
"""Any event, told apart by its ``type``."""

EVENT_TYPES: tuple[type[Event], ...] = get_args(get_args(AnyEvent)[0])
"""Every event type, for tests and tables that must not forget one."""

_EVENT: TypeAdapter[Any] = TypeAdapter(AnyEvent)


def event_type(event: Event) -> str:
    """Return the type name of *event*, such as ``received``."""
    name: str = event.type  # type: ignore[attr-defined]  # every member of AnyEvent has it; the base class has not
    return name


def event_from_json(data: Mapping[str, Any]) -> Event:
    """Return the event that *data* (its JSON object) describes; pydantic's ValidationError if it describes none."""
    event: Event = _EVENT.validate_python(data)
    return event


def event_to_json(event: Event) -> dict[str, Any]:
    """Return *event* as a JSON object with every field, the form that is hashed and stored."""
    return event.model_dump(mode="json")

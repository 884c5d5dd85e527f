"""
What can happen to a complaint, in the law's own terms.

An event is a fact: it has a legal instant (*at*), the instant it was written down (*recorded_at*) and who is answerable
for it (*by*). Events are never changed. The clock is a fold over them, the record is a chain of them.

Each event answers to names a rule pack can refer to: its type, and its type with a qualifier, such as
``notice_given.decision``. Some also set facts (``complexity=complex``) which a pack's conditions read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

SYSTEM = "system"
"""The actor of everything the machine does by itself."""

NoticeKind = Literal[
    "receipt",
    "extension",
    "pause",
    "facts_added",
    "decision",
    "late",
    "withdrawal",
    "refusal",
    "merge",
    "review_decision",
]
"""What a notice to the complainant is about; every kind has a template."""

Complexity = Literal["simple", "complex"]
"""情况清楚、争议简单 or 情况复杂 (art. 18(1)): it chooses between 15 and 30 natural days."""

Liability = Literal["responsible", "non_responsible", "litigation"]
"""有责 / 无责 / 转诉讼 (R142)."""

PauseGround = Literal["external_appraisal", "mediation"]
"""鉴定、检测、评估 (art. 18(2)) or 调解 (art. 23): nothing else stops the statutory clock."""


class Event(BaseModel):
    """
    A fact in the life of a complaint.

    *at* is the legal instant, *recorded_at* the instant at which the system learned of it, *by* the id of the person who
    answers for it, or ``system``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    at: AwareDatetime
    recorded_at: AwareDatetime
    by: str = SYSTEM

    def qualifier(self) -> str | None:
        """Return what distinguishes this event from others of its type in a pack, or None."""
        return None

    def facts(self) -> Mapping[str, str]:
        """Return the facts that a pack's conditions may read from now on."""
        return {}


class Received(Event):
    """The complaint reached the insurer (收到): the statutory clock starts (art. 18(1))."""

    type: Literal["received"] = "received"
    content_hash: str
    channel: str
    unit: str
    categories: tuple[str, ...] = ()
    earlier_complaint: str | None = None
    regulator_due: AwareDatetime | None = None


class Acknowledged(Event):
    """The complainant was given a ticket number (R062, R069)."""

    type: Literal["acknowledged"] = "acknowledged"
    ticket: str


class Classified(Event):
    """Complexity, severity and categories were set or changed, with the reason (art. 18(1), R084)."""

    type: Literal["classified"] = "classified"
    complexity: Complexity
    severity: Literal["general", "important", "major"] = "general"
    categories: tuple[str, ...] = ()
    reason: str

    def facts(self) -> Mapping[str, str]:
        """Return complexity and severity."""
        return {"complexity": self.complexity, "severity": self.severity}


class Assigned(Event):
    """A department and a coordinator without a direct interest took the complaint (art. 17, R037, R107)."""

    type: Literal["assigned"] = "assigned"
    unit: str
    department: str
    coordinator: str
    reason: str


class InvestigationOpened(Event):
    """The department was asked to verify the facts (核实)."""

    type: Literal["investigation_opened"] = "investigation_opened"
    task: str
    department: str


class FindingsSubmitted(Event):
    """The department reported what it verified."""

    type: Literal["findings_submitted"] = "findings_submitted"
    findings: str
    evidence: tuple[str, ...] = ()


class DecisionMade(Event):
    """
    The insurer decided (处理决定), with the four parts of art. 19 and the liability of R142.

    *decided_by* says whether a branch or the head office decided: only a branch's decision can be reviewed (art. 20).
    """

    type: Literal["decision_made"] = "decision_made"
    decided_by: Literal["branch", "head_office"]
    unit: str
    liability: Liability
    causes: tuple[str, ...]
    verification: str
    basis: str
    reasons: str
    remedies: tuple[str, ...]
    agreed: bool

    def facts(self) -> Mapping[str, str]:
        """Return who decided and with which liability."""
        return {"decided_by": self.decided_by, "liability": self.liability}


class NoticeGiven(Event):
    """The complainant was told, and here is the proof (art. 21). *at* is the instant of posting, sending or dialling."""

    type: Literal["notice_given"] = "notice_given"
    kind: NoticeKind
    notice: str
    method: str
    template: str
    template_hash: str
    body_hash: str
    proof: str
    ref: str | None = None

    def qualifier(self) -> str:
        """Return the kind of notice."""
        return self.kind


class NoticeExempted(Event):
    """The complainant cannot be contacted: the only exemption from telling (art. 21), granted by a person."""

    type: Literal["notice_exempted"] = "notice_exempted"
    kind: NoticeKind
    reason: str
    ref: str | None = None

    def qualifier(self) -> str:
        """Return the kind of notice that cannot be given."""
        return self.kind


class NoticeReceived(Event):
    """The complainant is known to have received a notice: the review window runs from here (art. 20)."""

    type: Literal["notice_received"] = "notice_received"
    kind: NoticeKind
    notice: str
    proof: str

    def qualifier(self) -> str:
        """Return the kind of notice."""
        return self.kind


class ContactAttempted(Event):
    """Somebody tried to reach the complainant; every attempt is written down (R115, R151)."""

    type: Literal["contact_attempted"] = "contact_attempted"
    method: str
    reached: bool
    summary: str


class ExtensionRequested(Event):
    """A further period of at most 30 natural days was asked for, with the reason (art. 18(1))."""

    type: Literal["extension_requested"] = "extension_requested"
    request: str
    days: int = Field(ge=1)
    reason: str


class ExtensionApproved(Event):
    """
    The superior institution (上级机构) or a head-office senior manager (总公司高级管理人员) approved (art. 18(1)).

    It moves the deadline only when the complainant has been told.
    """

    type: Literal["extension_approved"] = "extension_approved"
    request: str
    days: int = Field(ge=1)
    ground: Literal["superior_institution", "head_office_senior_manager"]
    reason: str


class ExtensionRefused(Event):
    """An extension was refused by a person, or lapsed at the deadline; *code* says which and why."""

    type: Literal["extension_refused"] = "extension_refused"
    request: str
    code: Literal["RefusedBySuperior", "UndecidedAtDeadline", "NotToldAtDeadline", "CaseEnded", "ClockReset"]
    reason: str


class ClockPaused(Event):
    """A period that the law leaves out of the limit began (art. 18(2), art. 23)."""

    type: Literal["clock_paused"] = "clock_paused"
    pause: str
    ground: PauseGround
    reason: str

    def qualifier(self) -> str:
        """Return the ground of the pause."""
        return self.ground


class ClockResumed(Event):
    """The period that the law leaves out of the limit ended."""

    type: Literal["clock_resumed"] = "clock_resumed"
    pause: str
    reason: str


class FactsAdded(Event):
    """The same complaint came again with new facts and reasons: the limit restarts (art. 18(3))."""

    type: Literal["facts_added"] = "facts_added"
    facts_hash: str
    summary: str


class Withdrawn(Event):
    """The complainant withdrew; the procedure ends on the day the request is received (撤回, art. 15)."""

    type: Literal["withdrawn"] = "withdrawn"
    reason: str


class HandlingRefused(Event):
    """不予办理: the complaint came from neither the complainant, nor a representative, nor an agent (art. 18(4))."""

    type: Literal["handling_refused"] = "handling_refused"
    ground: Literal["not_from_complainant_or_agent"]
    reason: str


class Merged(Event):
    """The same complaint, repeated without new facts, is handled within an earlier one (合并处理, art. 18(3))."""

    type: Literal["merged"] = "merged"
    into: str
    reason: str


class CalledBack(Event):
    """The customer callback (回访) with the satisfaction that was expressed (R164)."""

    type: Literal["called_back"] = "called_back"
    task: str
    reached: bool
    satisfaction: int | None = Field(default=None, ge=1, le=5)
    remarks: str = ""


class CallbackOpened(Event):
    """A callback was ordered from the callback team (R164)."""

    type: Literal["callback_opened"] = "callback_opened"
    task: str


class Closed(Event):
    """The case was closed after its checks (R144–R150)."""

    type: Literal["closed"] = "closed"
    reason: str
    result: Liability | Literal["withdrawn", "refused", "merged"]


class ReviewRequested(Event):
    """The complainant asked the superior institution in writing to review a branch's decision (核查, art. 20)."""

    type: Literal["review_requested"] = "review_requested"
    review: str
    reason: str


class ReviewDecided(Event):
    """The superior institution decided on process, time limits and result (art. 20)."""

    type: Literal["review_decided"] = "review_decided"
    review: str
    outcome: Literal["upheld", "changed"]
    process: str
    time_limits: str
    result: str


class ReminderRaised(Event):
    """A deadline came near; *at* is the planned instant, *recorded_at* when it was raised."""

    type: Literal["reminder_raised"] = "reminder_raised"
    duty: str
    due: AwareDatetime
    before: str


class DeadlineBreached(Event):
    """A duty was not met by its deadline; *at* is the legal instant, *recorded_at* minus *at* the detection delay."""

    type: Literal["deadline_breached"] = "deadline_breached"
    duty: str
    due: AwareDatetime


class WindowClosed(Event):
    """A period in which the complainant could act ended without it."""

    type: Literal["window_closed"] = "window_closed"
    duty: str
    due: AwareDatetime


class StepFailed(Event):
    """A machine step exhausted its retries; a person decides (retry, or skip with a reason)."""

    type: Literal["step_failed"] = "step_failed"
    step: str
    error: str


class StepRetried(Event):
    """A person had a failed machine step tried again."""

    type: Literal["step_retried"] = "step_retried"
    step: str


class StepSkipped(Event):
    """A person took over a failed machine step, with the reason."""

    type: Literal["step_skipped"] = "step_skipped"
    step: str
    reason: str


class CommandRefused(Event):
    """A command that came as a signal was refused; as an update it would have failed its caller."""

    type: Literal["command_refused"] = "command_refused"
    command: str
    code: str


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
    | StepFailed
    | StepRetried
    | StepSkipped
    | CommandRefused,
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

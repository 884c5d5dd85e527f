"""
Where a complaint stands: the fold of its events into what people ask about it.

It decides nothing. The workflow asks it before it acts, the record projects it into rows, the command line prints it, and
all three get the same answer because they fold the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from models.extension import Extension
from models.handling import Handling
from models.slips import OVER, Slip, slips_with
from models.told import Notice, Told
from rulebook import events as ev

Stage = Literal[
    "received",
    "acknowledged",
    "investigating",
    "deciding",
    "notifying",
    "calling_back",
    "closing",
    "closed",
    "in_review",
]
"""How far the process has come; each stage is named for what happens next."""

STAGES_ZH: dict[Stage, str] = {
    "received": "已收到",
    "acknowledged": "待分派",
    "investigating": "核实中",
    "deciding": "待作出决定",
    "notifying": "告知中",
    "calling_back": "回访中",
    "closing": "待结案",
    "closed": "已结案",
    "in_review": "核查中",
}
"""The stages as handlers and supervisors read them."""

Ending = Literal["withdrawn", "refused", "merged"]
"""How a procedure ends without a decision: art. 15, art. 18(4), art. 18(3)."""


@dataclass(slots=True)
class CaseState:
    """A complaint as its events left it."""

    received: ev.Received | None = None
    ticket: str | None = None
    complexity: ev.Complexity = "simple"
    severity: str = "general"
    categories: tuple[str, ...] = ()
    assigned: ev.Assigned | None = None
    task: str | None = None
    findings: ev.FindingsSubmitted | None = None
    decision: ev.DecisionMade | None = None
    telling: Told = field(default_factory=Told)
    contacts: list[ev.ContactAttempted] = field(default_factory=list)
    extensions: dict[str, Extension] = field(default_factory=dict)
    pauses: dict[str, ev.ClockPaused] = field(default_factory=dict)
    pause_count: int = 0
    facts_added: int = 0
    newest_facts: ev.FactsAdded | None = None
    ending: Ending | None = None
    ending_event: ev.Withdrawn | ev.HandlingRefused | ev.Merged | None = None
    callback_task: str | None = None
    callback: ev.CalledBack | None = None
    closed: ev.Closed | None = None
    review: ev.ReviewRequested | None = None
    review_decided: ev.ReviewDecided | None = None
    failed_steps: dict[str, ev.StepFailed] = field(default_factory=dict)
    skipped_steps: set[str] = field(default_factory=set)
    last_refusal: ev.CommandRefused | None = None
    breaches: list[ev.DeadlineBreached] = field(default_factory=list)
    moves: list[ev.RulesMoved] = field(default_factory=list)
    recoveries: list[ev.Recovered] = field(default_factory=list)
    slips: dict[str, Slip] = field(default_factory=dict)
    handling: Handling = field(default_factory=Handling)
    count: int = 0
    updated_at: datetime | None = None

    @classmethod
    def fold(cls, events: Iterable[ev.Event]) -> Self:
        """Return the state that *events*, in the order in which they were recorded, lead to."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    def apply(self, event: ev.Event) -> None:
        """Take one more event into account."""
        self.count += 1
        self.updated_at = event.recorded_at
        if isinstance(event, ev.SlipEvent):
            slips_with(self.slips, event)
        elif change := _CHANGES.get(type(event)):
            change(self, event)
        self.handling.apply(event)

    @property
    def stage(self) -> Stage:
        """Return how far the process has come."""
        steps: tuple[tuple[bool, Stage], ...] = (
            (self.review is not None and self.review_decided is None, "in_review"),
            (self.closed is not None, "closed"),
            (self.ending is not None, "closing"),
            (self.callback is not None or "callback" in self.skipped_steps, "closing"),
            (self.told("decision"), "calling_back"),
            (self.decision is not None, "notifying"),
            (self.verified, "deciding"),
            (self.assigned is not None, "investigating"),
            (self.ticket is not None, "acknowledged"),
        )
        return next((stage for reached, stage in steps if reached), "received")

    @property
    def open_slips(self) -> tuple[str, ...]:
        """Return the dispatch slips on which somebody must still act (R103)."""
        return tuple(name for name, slip in self.slips.items() if slip.open)

    @property
    def on_slips(self) -> bool:
        """Return whether departments work on slips: those that a decision ended do not count."""
        return any(not slip.over for slip in self.slips.values())

    @property
    def verified(self) -> bool:
        """Return whether the facts were verified: every slip was answered, or the department reported its findings."""
        answered = any(slip.answer for slip in self.slips.values())
        return not self.open_slips and (self.findings is not None or answered)

    @property
    def verified_at(self) -> datetime | None:
        """Return when the last of what was verified was reported, None if nothing was."""
        answers = [slip.answer.at for slip in self.slips.values() if slip.answer]
        return max([*answers, *([self.findings.at] if self.findings else [])], default=None)

    @property
    def evidence(self) -> int:
        """Return on how many pieces of evidence the findings rest (R133)."""
        answers = [slip.answer.evidence for slip in self.slips.values() if slip.answer]
        return len({one for found in [*answers, *([self.findings.evidence] if self.findings else [])] for one in found})

    @property
    def agreed(self) -> bool:
        """Return whether the customer agrees: as last said to the decision (R136), or as stated with it (R149)."""
        if self.handling.response is not None:
            return self.handling.response.accepts
        return self.decision is not None and self.decision.agreed

    @property
    def liability(self) -> ev.Liability | None:
        """Return the liability (R142): as a review changed it, else by the committee (R005), else the decision's own."""
        reviewed = self.review_decided.liability if self.review_decided else None
        judged = self.handling.ruling or self.decision
        return reviewed or (judged.liability if judged else None)

    @property
    def route(self) -> Literal["customer_service", "departments"] | None:
        """Return whether customer service settles it by itself, or departments take part (R124, R125); None if not known."""
        return self.assigned.route if self.assigned else None

    @property
    def holder(self) -> str | None:
        """Return the department that has the complaint now, or None before assignment."""
        return self.assigned.department if self.assigned else None

    @property
    def unit(self) -> str | None:
        """Return the unit that handles the complaint: the one assigned, before that the respondent's."""
        if self.assigned:
            return self.assigned.unit
        return self.received.unit if self.received else None

    @property
    def pending_extension(self) -> tuple[str, Extension] | None:
        """Return the application for further time that still waits, if there is one: only the newest can."""
        name, ask = next(reversed(self.extensions.items()), (None, None))
        return (name, ask) if name is not None and ask is not None and ask.pending else None

    @property
    def notices(self) -> list[Notice]:
        """Return what the complainant was told, or need not be told, in order."""
        return self.telling.notices

    def told(self, kind: ev.NoticeKind, ref: str | None = None) -> bool:
        """Return whether the complainant was told (or need not be, art. 21) about *kind*, for *ref* if one is given."""
        return self.telling.told(kind, ref)

    @property
    def open_children(self) -> list[str]:
        """The slips and the review, by name, whose workflows have something left to do."""
        decided = self.ending is not None or (self.decision is not None and self.told("decision"))
        slips = [] if decided else [name for name, slip in self.slips.items() if slip.status not in OVER]
        review = [self.review.review] if self.review and not self.told("review_decision") else []
        return slips + review

    def exempt(self, kind: ev.NoticeKind) -> bool:
        """Return whether the complainant could not be reached, and need not be told about *kind* (art. 21, R152)."""
        return self.telling.exempt(kind)

    def clear(self, *steps: str) -> None:
        """Take *steps* off the list of those that wait for a person: nobody needs them any more."""
        for step in steps:
            self.failed_steps.pop(step, None)


def _received(state: CaseState, event: ev.Received) -> None:
    state.received = event
    state.complexity = event.complexity or state.complexity
    state.severity = event.severity
    state.categories = event.categories


def _acknowledged(state: CaseState, event: ev.Acknowledged) -> None:
    state.ticket = event.ticket


def _classified(state: CaseState, event: ev.Classified) -> None:
    state.complexity = event.complexity
    state.severity = event.severity
    state.categories = event.categories or state.categories


def _assigned(state: CaseState, event: ev.Assigned) -> None:
    state.assigned = event
    state.clear("assignment")


def _opened(state: CaseState, event: ev.InvestigationOpened) -> None:
    state.task = event.task


def _findings(state: CaseState, event: ev.FindingsSubmitted) -> None:
    state.findings = event


def _decided(state: CaseState, event: ev.DecisionMade) -> None:
    state.decision = event


def _notice(state: CaseState, event: ev.NoticeGiven | ev.NoticeExempted) -> None:
    state.telling.add(event)
    state.clear(f"notice.{event.kind}.{event.ref}" if event.ref else f"notice.{event.kind}")
    if event.kind == "decision":
        for slip in state.slips.values():
            slip.over = True
    ask = state.pending_extension
    if event.kind == "extension" and ask and event.ref in {None, ask[0]}:
        ask[1].told = event


def _contact(state: CaseState, event: ev.ContactAttempted) -> None:
    state.contacts.append(event)


def _extension_requested(state: CaseState, event: ev.ExtensionRequested) -> None:
    state.extensions[event.request] = Extension(event)


def _extension_approved(state: CaseState, event: ev.ExtensionApproved) -> None:
    state.extensions[event.request].approved = event


def _extension_refused(state: CaseState, event: ev.ExtensionRefused) -> None:
    state.extensions[event.request].refused = event
    state.clear(f"notice.extension.{event.request}")


def _paused(state: CaseState, event: ev.ClockPaused) -> None:
    state.pauses[event.pause] = event
    state.pause_count += 1


def _resumed(state: CaseState, event: ev.ClockResumed) -> None:
    state.pauses.pop(event.pause, None)


def _facts(state: CaseState, event: ev.FactsAdded) -> None:
    state.clear(f"notice.facts_added.{state.facts_added}", "notice.decision", "investigation")
    state.facts_added += 1
    state.newest_facts = event
    # New facts deserve a new look: what was found and decided without them does not answer the complaint (art. 18(3)).
    state.findings = None
    state.decision = None
    state.callback_task = state.callback = None
    for slip in state.slips.values():
        slip.outdate()
    state.handling.start_anew()


def _ended(ending: Ending) -> Callable[[CaseState, ev.Withdrawn | ev.HandlingRefused | ev.Merged], None]:
    def change(state: CaseState, event: ev.Withdrawn | ev.HandlingRefused | ev.Merged) -> None:
        state.ending = ending
        state.ending_event = event
        for slip in state.slips.values():
            slip.ended = True
        state.clear(*state.failed_steps.keys() - {"acknowledgement", "record"})

    return change


def _callback_opened(state: CaseState, event: ev.CallbackOpened) -> None:
    state.callback_task = event.task


def _called_back(state: CaseState, event: ev.CalledBack) -> None:
    state.callback = event


def _closed(state: CaseState, event: ev.Closed) -> None:
    state.closed = event
    state.clear(*state.failed_steps.keys() - {"record"})


def _review(state: CaseState, event: ev.ReviewRequested) -> None:
    state.review = event


def _review_decided(state: CaseState, event: ev.ReviewDecided) -> None:
    state.review_decided = event


def _failed(state: CaseState, event: ev.StepFailed) -> None:
    state.failed_steps[event.step] = event


def _retried(state: CaseState, event: ev.StepRetried) -> None:
    state.failed_steps.pop(event.step, None)


def _skipped(state: CaseState, event: ev.StepSkipped) -> None:
    state.failed_steps.pop(event.step, None)
    state.skipped_steps.add(event.step)


def _command_refused(state: CaseState, event: ev.CommandRefused) -> None:
    state.last_refusal = event


def _exemption_lifted(state: CaseState, event: ev.ExemptionLifted) -> None:
    state.telling.lift(event.kind, event.ref)


def _reopened(state: CaseState, event: ev.Reopened) -> None:  # noqa: ARG001  # one signature for all changes
    state.closed = None
    state.callback = None
    state.callback_task = None


def _breached(state: CaseState, event: ev.DeadlineBreached) -> None:
    state.breaches.append(event)


_CHANGES: dict[type[ev.Event], Callable[..., None]] = {
    ev.Received: _received,
    ev.Acknowledged: _acknowledged,
    ev.Classified: _classified,
    ev.Assigned: _assigned,
    ev.InvestigationOpened: _opened,
    ev.FindingsSubmitted: _findings,
    ev.DecisionMade: _decided,
    ev.NoticeGiven: _notice,
    ev.NoticeExempted: _notice,
    ev.ContactAttempted: _contact,
    ev.ExtensionRequested: _extension_requested,
    ev.ExtensionApproved: _extension_approved,
    ev.ExtensionRefused: _extension_refused,
    ev.ClockPaused: _paused,
    ev.ClockResumed: _resumed,
    ev.FactsAdded: _facts,
    ev.Withdrawn: _ended("withdrawn"),
    ev.HandlingRefused: _ended("refused"),
    ev.Merged: _ended("merged"),
    ev.CallbackOpened: _callback_opened,
    ev.CalledBack: _called_back,
    ev.Closed: _closed,
    ev.ReviewRequested: _review,
    ev.ReviewDecided: _review_decided,
    ev.StepFailed: _failed,
    ev.StepRetried: _retried,
    ev.StepSkipped: _skipped,
    ev.CommandRefused: _command_refused,
    ev.DeadlineBreached: _breached,
    ev.RulesMoved: lambda state, event: state.moves.extend([event] if event.slip is None else []),
    ev.Recovered: lambda state, event: state.recoveries.append(event),
    ev.ExemptionLifted: _exemption_lifted,
    ev.Reopened: _reopened,
}

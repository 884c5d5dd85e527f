"""
A complaint that another system has begun: what happened there is taken into the case, each fact at its own instant.

The same code runs in the workflow, which obeys it, and before an import, which asks it whether anything is wrong. What the
clock makes true by itself, a breach or the lapse of an extension, is added where it belongs, at its legal instant; it was
detected at the instant of the import.

Facts are not judged by today's authority: who could approve there, the other system knew. They must be possible, though: in
the order of time, by somebody, and each after what it rests on. What the rules forbid (a second extension) moves no
deadline, because the clock itself refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.opening import Opening, Past
from rulebook import events as ev
from rulebook.errors import RulebookError
from workflows.alarms import Pointless, ring_case, settle
from workflows.case import Case
from workflows.receipt import on_receipt

IMPORTABLE: frozenset[type[ev.Event]] = frozenset(
    {
        ev.Acknowledged,
        ev.Classified,
        ev.Assigned,
        ev.FindingsSubmitted,
        ev.DecisionMade,
        ev.NoticeGiven,
        ev.NoticeExempted,
        ev.NoticeReceived,
        ev.ContactAttempted,
        ev.ExtensionRequested,
        ev.ExtensionApproved,
        ev.ExtensionRefused,
        ev.ClockPaused,
        ev.ClockResumed,
        ev.FactsAdded,
        ev.Withdrawn,
        ev.HandlingRefused,
        ev.Merged,
        ev.CalledBack,
        ev.Closed,
        ev.ReviewRequested,
        ev.ReviewDecided,
        ev.MaterialRequested,
        ev.MaterialReceived,
        ev.ProgressWritten,
        ev.RegulatorAnswered,
        ev.Absorbed,
        ev.CustomerResponded,
        ev.FaultDescribed,
        ev.MeasureRecorded,
        ev.CaseSummarised,
    }
)
"""What another system may tell. Our clock makes the rest true, or it has a workflow of its own here (slips)."""

BY_THE_MACHINE = (ev.Acknowledged, ev.Assigned, ev.NoticeGiven, ev.Absorbed)
"""What a machine may have done there."""

AFTER_THE_END = (
    ev.NoticeGiven,
    ev.NoticeExempted,
    ev.NoticeReceived,
    ev.ContactAttempted,
    ev.CalledBack,
    ev.Closed,
    ev.ReviewRequested,
    ev.ReviewDecided,
    ev.Absorbed,
    ev.CustomerResponded,
    ev.FaultDescribed,
    ev.MeasureRecorded,
    ev.CaseSummarised,
)
"""What may still happen to a case that has ended or was closed."""

REVIEW = "r1"
"""The id of the one review that a decision can have (art. 20)."""


class PastRefused(ValueError):  # noqa: N818  # an answer about data, not a failure of ours
    """The event at *position* (from 0) of a past cannot have happened: *code* for programs, the text for people."""

    def __init__(self, position: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.position = position
        self.code = code


@dataclass(frozen=True, slots=True)
class _Look:
    """One event of a past before the case that it meets; *after* is the instant that it may not precede."""

    case: Case
    event: ev.Event
    after: datetime
    now: datetime

    @property
    def ended(self) -> bool:
        return self.case.closed_or_over

    @property
    def request(self) -> str | None:
        pending = self.case.state.pending_extension
        return pending[0] if pending else None


def _approval_without_request(look: _Look) -> bool:
    event = look.event
    if isinstance(event, ev.ExtensionApproved | ev.ExtensionRefused):
        return event.request != look.request
    if isinstance(event, ev.NoticeGiven | ev.NoticeExempted) and event.kind == "extension":
        return look.request is None or event.ref not in {None, look.request}
    return False


def _not_decided(look: _Look) -> bool:
    event, state = look.event, look.case.state
    if isinstance(event, ev.NoticeGiven | ev.NoticeExempted | ev.NoticeReceived) and event.kind == "decision":
        return state.decision is None
    if isinstance(event, ev.CustomerResponded | ev.ReviewRequested):
        return state.decision is None
    return isinstance(event, ev.CalledBack | ev.Closed) and not look.case.settled


def _other_result(look: _Look) -> bool:
    event, state = look.event, look.case.state
    return isinstance(event, ev.Closed) and look.case.settled and event.result != (state.ending or state.liability)


def _wrong_review(look: _Look) -> bool:
    event, state = look.event, look.case.state
    if isinstance(event, ev.ReviewRequested):
        return event.review != REVIEW or state.review is not None
    if isinstance(event, ev.ReviewDecided):
        return event.review != REVIEW or state.review is None or state.review_decided is not None
    return False


REFUSALS: tuple[tuple[str, str, Callable[[_Look], bool]], ...] = (
    (
        "NotImportable",
        "an event of this type cannot come from another system",
        lambda look: type(look.event) not in IMPORTABLE,
    ),
    (
        "OutOfOrder",
        "at: lies before the receipt or before the event ahead of it",
        lambda look: look.event.at < look.after,
    ),
    ("FutureEvent", "at: must not lie in the future", lambda look: look.event.at > look.now),
    (
        "NobodyAnswers",
        "by: name the person who did it; only a machine's steps may be the system's",
        lambda look: look.event.by == ev.SYSTEM and not isinstance(look.event, BY_THE_MACHINE),
    ),
    (
        "AfterTheEnd",
        "the case had been closed or had ended by then",
        lambda look: (
            look.ended
            and (
                not isinstance(look.event, AFTER_THE_END)
                or (isinstance(look.event, ev.Closed) and look.case.state.closed is not None)
            )
        ),
    ),
    (
        "NoSuchExtension",
        "request: no application for further time by this name was waiting then",
        _approval_without_request,
    ),
    (
        "ExtensionPending",
        "request: another application was waiting, or had this name",
        lambda look: (
            isinstance(look.event, ev.ExtensionRequested)
            and (look.request is not None or look.event.request in look.case.state.extensions)
        ),
    ),
    (
        "PausedAlready",
        "pause: the clock stood still then",
        lambda look: isinstance(look.event, ev.ClockPaused) and bool(look.case.state.pauses),
    ),
    (
        "NotPaused",
        "pause: no pause by this name was running then",
        lambda look: isinstance(look.event, ev.ClockResumed) and look.event.pause not in look.case.state.pauses,
    ),
    (
        "DecidedAlready",
        "a decision stood then; only new facts undo one (art. 18(3))",
        lambda look: isinstance(look.event, ev.DecisionMade) and look.case.state.decision is not None,
    ),
    ("NotDecided", "no decision had been made, or told, by then", _not_decided),
    ("OtherResult", "result: differs from the decision's liability, or from how the procedure ended", _other_result),
    (
        "WrongReview",
        "review: there is one review of a decision, called r1: asked for, then decided once",
        _wrong_review,
    ),
)
"""What speaks against an event of the past, in the order in which it is asked."""


def relive(case: Case, past: Past, now: datetime) -> None:
    """
    Take *past*, imported at *now*, into *case*, which holds the receipt; PastRefused for the first event that cannot be.

    After a refusal the case is of no use.
    """
    case.append(
        ev.Imported(
            at=now, recorded_at=now, by=past.by, source=past.source, digest=past.digest, events=len(past.events)
        )
    )
    after = case.intake.received_at
    for position, told in enumerate(past.events):
        event = told.model_copy(update={"recorded_at": now})
        look = _Look(case, event, after, now)
        for code, sentence, applies in REFUSALS:
            if applies(look):
                raise PastRefused(position, code, sentence)
        _ring_until(case, event.at, now)
        _take(case, event, now)
        after = event.at


def _ring_until(case: Case, at: datetime, now: datetime) -> None:
    """Add what the clock had made true by itself when *at* came; of reminders the other system knows."""
    while (alarm := case.clock.next_alarm(now, arrears=False)) is not None and alarm.at <= at:
        duty = case.clock.duty(alarm.duty)
        renewed = alarm.kind == "due" and duty is not None and duty.rule.again
        for event in ring_case(case, alarm, now, renewed=renewed):
            case.append(event)


def _take(case: Case, event: ev.Event, now: datetime) -> None:
    pointless = SETTLED_BY.get(type(event))
    case.append(event)
    if pointless:
        for refusal in settle(case, pointless, now):
            case.append(refusal.model_copy(update={"at": event.at}))


SETTLED_BY: Mapping[type[ev.Event], Pointless] = {
    ev.Withdrawn: "CaseEnded",
    ev.HandlingRefused: "CaseEnded",
    ev.Merged: "CaseEnded",
    ev.FactsAdded: "ClockReset",
}
"""What makes an extension that still waits pointless."""


def begun(opening: Opening, now: datetime) -> Case:
    """
    Return the case that *opening*, whose rules are pinned, begins at *now*.

    PastRefused for a past that cannot be; RulebookError (PackError) when the rules here are not those it is pinned to.
    """
    if opening.pin is None:
        raise RulebookError("the rules of the complaint are not pinned")
    case = Case(opening.intake, opening.pin)
    for event in on_receipt(case, now):
        case.append(event)
    if opening.past is not None:
        relive(case, opening.past, now)
        _ring_until(case, now, now)
    return case

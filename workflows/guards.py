"""
Who may ask what, and when: every refusal is a row with its code, its sentence and its condition.

The same rows guard an update before it is written to history, the handler after each await, and a signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models import commands as cmd
from workflows.notices import Owed, owed
from workflows.refusal import Ask, Refusal, refused


def check(ask: Ask) -> None:
    """Raise the first refusal that applies to *ask*; return if it may be obeyed."""
    for row in (*EVERY, *ROWS[type(ask.command)]):
        if row.applies(ask):
            raise refused(row.code, row.sentence)


SKIPPABLE = frozenset({"investigation", "callback", "reminder"})
"""The steps, by the first part of their names, that a person can take over by doing the same outside the system."""


def _request(ask: Ask) -> Any:
    return ask.case.state.extensions.get(ask.command.request)


def _needs(*roles: str) -> Refusal:
    return Refusal(
        "NotAuthorised", f"this takes one of the roles {', '.join(roles)}", lambda ask: not ask.who.has(*roles)
    )


def _elsewhere(ask: Ask) -> bool:
    assigned = ask.case.state.assigned
    here = assigned is not None and (ask.who.unit, ask.who.department) == (assigned.unit, assigned.department)
    return not here and (assigned is None or ask.who.id != assigned.coordinator)


def _window_shut(ask: Ask) -> bool:
    window = ask.case.clock.duty("review_window")
    return window is None or window.status != "open" or (window.due is not None and ask.now >= window.due)


def _shortens_into_the_past(ask: Ask) -> bool:
    duty = ask.case.decide
    if ask.command.complexity != "simple" or ask.case.state.complexity == "simple" or duty is None:
        return False
    first = next((version for version in duty.versions if version.limit == "decide_simple"), None)
    return first is not None and first.due is not None and first.due <= ask.now


def _named(ask: Ask) -> list[Owed]:
    kind, ref = ask.command.kind, ask.command.ref
    return [notice for notice in owed(ask.case) if notice.kind == kind and ref in {None, notice.ref}]


EVERY: Sequence[Refusal] = (
    Refusal("UnknownActor", "the organisation data knows no such person", lambda ask: ask.actor is None),
    Refusal("FutureInstant", "a fact cannot lie in the future", lambda ask: (ask.command.at or ask.now) > ask.now),
    Refusal(
        "BeforeReceipt",
        "a fact cannot lie before the receipt of the complaint",
        lambda ask: ask.command.at is not None and ask.command.at < ask.case.intake.received_at,
    ),
)
"""What is refused of every command."""

_CLOSED = Refusal(
    "CaseClosed", "the case is closed; the remedy is a review (art. 20)", lambda ask: ask.case.state.closed is not None
)
_OVER = Refusal("CaseEnded", "the procedure has ended (art. 15, 18)", lambda ask: ask.case.over)
_DECIDED = Refusal("AlreadyDecided", "the decision has been made", lambda ask: ask.case.state.decision is not None)
_TOLD = Refusal(
    "AlreadyTold",
    "the complainant has been told the decision; the remedy is a review (art. 20)",
    lambda ask: ask.case.decided_and_told,
)
_OPEN = (_CLOSED, _OVER)
_UNDECIDED = (_CLOSED, _OVER, _DECIDED)
_SERVICE = _needs("customer_service", "handler")
_INTERESTED = Refusal(
    "DirectInterest",
    "nobody with a direct interest may act on the complaint (art. 17)",
    lambda ask: ask.case.interested(ask.who.id),
)
_PASSED = Refusal(
    "DeadlinePassed",
    "the deadline has passed; nothing moves it any more (art. 18)",
    lambda ask: ask.case.too_late(ask.now),
)
_NOW_ONLY = Refusal(
    "InstantNotAllowed",
    "an extension is asked for and settled now, not as of another instant",
    lambda ask: ask.command.at is not None,
)
_NO_REQUEST = Refusal("NoSuchRequest", "there is no such extension request", lambda ask: _request(ask) is None)
_SETTLED = Refusal(
    "AlreadySettled", "the extension request has been settled", lambda ask: _request(ask).status != "requested"
)
_NOT_OWED = Refusal("NothingToTell", "no such notice is owed", lambda ask: not _named(ask))
_TOO_EARLY = Refusal(
    "NoticeTooEarly",
    "nobody can be told before it happened; give the instant at which the notice was sent",
    lambda ask: ask.command.at is not None and any(ask.command.at < notice.since for notice in _named(ask)),
)
_UNDERWAY = Refusal(
    "DecisionUnderway",
    "the decision is on its way to the complainant; once told, the remedy is a review (art. 20)",
    lambda ask: ask.case.state.decision is not None and "notice.decision" not in ask.case.state.failed_steps,
)
_COUNTY = Refusal(
    "NotAuthorised", "a county unit neither decides nor closes (R144)", lambda ask: ask.who.level == "county"
)

_TOPMOST = Refusal(
    "NotAuthorised",
    "a complaint forwarded by the regulator is closed by the province or head office (R145)",
    lambda ask: ask.case.intake.channel == "regulator" and ask.who.level not in {"province", "head_office"},
)

ROWS: dict[type[cmd.Command], Sequence[Refusal]] = {
    cmd.Classify: (
        *_UNDECIDED,
        _SERVICE,
        Refusal(
            "DeadlinePassed",
            "the deadline has passed; the complexity can no longer move it (art. 18)",
            lambda ask: ask.command.complexity != ask.case.state.complexity and ask.case.too_late(ask.now),
        ),
        Refusal(
            "WouldBreach",
            "as a simple complaint it would have been due before now (art. 18)",
            _shortens_into_the_past,
        ),
    ),
    cmd.Assign: (
        *_UNDECIDED,
        _SERVICE,
        Refusal(
            "DirectInterest",
            "nobody with a direct interest may verify the facts (art. 17)",
            lambda ask: ask.case.interested(ask.command.coordinator),
        ),
        Refusal("UnknownCoordinator", "the organisation data knows no such coordinator", lambda ask: ask.other is None),
        Refusal(
            "NotInDepartment",
            "the coordinator belongs to another unit or department",
            lambda ask: (
                ask.other is not None
                and (ask.other.unit, ask.other.department) != (ask.command.unit, ask.command.department)
            ),
        ),
    ),
    cmd.SubmitFindings: (
        *_UNDECIDED,
        Refusal("NotAssigned", "the complaint is not assigned yet", lambda ask: ask.case.state.assigned is None),
        _INTERESTED,
        Refusal(
            "NotAuthorised",
            "findings come from the department that has the complaint",
            _elsewhere,
        ),
    ),
    cmd.Decide: (
        *_UNDECIDED,
        _SERVICE,
        _COUNTY,
        _INTERESTED,
        Refusal(
            "FindingsMissing",
            "the department has not reported what it verified (art. 19)",
            lambda ask: ask.case.state.findings is None,
        ),
        Refusal(
            "RemedyMissing",
            "a branch's decision names the review among the remedies (art. 19, 20)",
            lambda ask: ask.who.level != "head_office" and "review" not in ask.command.remedies,
        ),
    ),
    cmd.RequestExtension: (
        _NOW_ONLY,
        *_UNDECIDED,
        _SERVICE,
        _PASSED,
        Refusal(
            "NotComplex",
            "only a complex complaint can be extended; classify it first (art. 18)",
            lambda ask: ask.case.state.complexity != "complex",
        ),
        Refusal(
            "ExtensionPending",
            "another extension request is still open",
            lambda ask: ask.case.state.pending_extension is not None,
        ),
        Refusal(
            "ExtensionUsed",
            "the limit has been extended once; 60 days is the ceiling (art. 18)",
            lambda ask: ask.case.decide is not None and ask.case.decide.extended_by > 0,
        ),
    ),
    cmd.ApproveExtension: (
        _NOW_ONLY,
        *_OPEN,
        _NO_REQUEST,
        _SETTLED,
        Refusal(
            "SelfApproval",
            "the person who asked cannot approve (four eyes, art. 18)",
            lambda ask: ask.who.id == _request(ask).asked.by,
        ),
        Refusal(
            "NotAuthorised",
            "only the superior institution or a head-office senior manager approves (art. 18)",
            lambda ask: ask.who.approves not in ask.case.pack.extensions["decide_extension"].approvers,
        ),
        _INTERESTED,
        _PASSED,
    ),
    cmd.RefuseExtension: (
        _NOW_ONLY,
        *_OPEN,
        _NO_REQUEST,
        _SETTLED,
        Refusal(
            "NotAuthorised",
            "a request is refused by who may approve it, or taken back by who made it (art. 18)",
            lambda ask: ask.who.approves is None and ask.who.id != _request(ask).asked.by,
        ),
    ),
    cmd.Pause: (
        *_UNDECIDED,
        _SERVICE,
        _PASSED,
        Refusal(
            "AlreadyPaused",
            "a pause on this ground is running",
            lambda ask: any(pause.ground == ask.command.ground for pause in ask.case.state.pauses.values()),
        ),
    ),
    cmd.Resume: (
        *_OPEN,
        _SERVICE,
        Refusal("NoSuchPause", "there is no such pause", lambda ask: ask.command.pause not in ask.case.state.pauses),
        Refusal(
            "BeforePause",
            "a pause cannot end before it began",
            lambda ask: (ask.command.at or ask.now) < ask.case.state.pauses[ask.command.pause].at,
        ),
    ),
    cmd.AddFacts: (
        *_OPEN,
        _TOLD,
        _SERVICE,
        _UNDERWAY,
    ),
    cmd.Withdraw: (*_OPEN, _TOLD, _SERVICE, _UNDERWAY),
    cmd.RefuseHandling: (*_UNDECIDED, _SERVICE),
    cmd.Merge: (
        *_UNDECIDED,
        _SERVICE,
        Refusal(
            "MergeIntoItself",
            "a complaint cannot be merged into itself",
            lambda ask: ask.command.into == ask.case.intake.complaint_id,
        ),
    ),
    cmd.RecordContact: (),
    cmd.RecordNotice: (_NOT_OWED, _TOO_EARLY),
    cmd.ExemptNotice: (
        _NOT_OWED,
        _needs("department_head", "senior_manager"),
        Refusal(
            "NoAttempt",
            "an attempt to reach the complainant must be on record first (art. 21, R152)",
            lambda ask: not any(not contact.reached for contact in ask.case.state.contacts),
        ),
    ),
    cmd.ConfirmReceipt: (
        Refusal("NotTold", "no such notice has been given", lambda ask: not ask.case.state.told(ask.command.kind)),
    ),
    cmd.RecordCallback: (
        *_OPEN,
        Refusal("NoCallback", "no callback has been ordered", lambda ask: ask.case.state.callback_task is None),
        _needs("callback", "customer_service", "handler"),
        Refusal(
            "SatisfactionMissing",
            "a customer who was reached is asked for the satisfaction (R164)",
            lambda ask: ask.command.reached and ask.command.satisfaction is None,
        ),
    ),
    cmd.Close: (
        *_OPEN,
        _SERVICE,
        _COUNTY,
        _TOPMOST,
        Refusal(
            "NotTold",
            "the complainant has not been told the decision (art. 18)",
            lambda ask: not ask.case.decided_and_told,
        ),
        Refusal(
            "DutyOpen",
            "a duty to tell the complainant is still open; record the notice by hand, or have it exempted (art. 18(2), 21)",
            lambda ask: any(duty.status == "open" and duty.kind == "duty" for duty in ask.case.clock.duties),
        ),
        Refusal(
            "CallbackMissing",
            "the customer has not been called back (R164)",
            lambda ask: ask.case.state.callback is None and "callback" not in ask.case.state.skipped_steps,
        ),
        Refusal(
            "CommitteeOnly",
            "without the customer's agreement only the committee closes (R150)",
            lambda ask: (
                ask.case.state.decision is not None
                and not ask.case.state.decision.agreed
                and not ask.who.has("committee")
            ),
        ),
    ),
    cmd.RequestReview: (
        Refusal("NoWindow", "the window for a review is not open (art. 20)", _window_shut),
        _SERVICE,
    ),
    cmd.DecideReview: (
        Refusal("NoReview", "no review waits for a decision", lambda ask: ask.case.state.stage != "in_review"),
        Refusal(
            "NotAuthorised",
            "a review is decided by the superior institution (art. 20)",
            lambda ask: not ask.who.superior,
        ),
        Refusal(
            "TookPart",
            "who took part in the first decision cannot review it (art. 20)",
            lambda ask: ask.case.took_part(ask.who.id),
        ),
        _INTERESTED,
    ),
    cmd.RetryStep: (
        Refusal(
            "StepNotFailed",
            "no such step waits for a person",
            lambda ask: ask.command.step not in ask.case.state.failed_steps,
        ),
        _SERVICE,
    ),
    cmd.SkipStep: (
        Refusal(
            "StepNotFailed",
            "no such step waits for a person",
            lambda ask: ask.command.step not in ask.case.state.failed_steps,
        ),
        _SERVICE,
        Refusal(
            "StepNotSkippable",
            "this step cannot be skipped: assign by hand, record the notice by hand, or retry",
            lambda ask: ask.command.step.partition(".")[0] not in SKIPPABLE,
        ),
    ),
}
"""What is refused of each command, in the order in which it is looked at."""

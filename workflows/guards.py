"""
Who may ask what, and when: every refusal is a row with its code, its sentence and its condition.

The same rows guard an update before it is written to history, the handler after each await, and a signal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models import commands as cmd
from models.actor import ADOPTERS
from models.particulars import corrected, has_particulars
from rulebook.notice import parse_notice
from workflows.authority import authorised, authorised_without_agreement
from workflows.grounds import (
    CLOSED_BY_TWO,
    DUTY_OPEN,
    NO_REQUEST,
    NO_SUCH_GROUND,
    NOT_OWED,
    NOW_ONLY,
    OPEN,
    OTHER_TEXT,
    OURS,
    PASSED,
    SERVICE,
    SETTLED,
    SKIPPABLE,
    TOLD,
    TOO_EARLY,
    TOO_LONG,
    UNDECIDED,
    UNDERWAY,
    UNEXTENDED,
    beyond_reach,
    coordinates,
    elsewhere,
    misfit,
    needs,
    request,
    rests_on,
    shared,
    shortens_into_the_past,
    still_reachable,
    unless_it_came_first,
    window_shut,
)
from workflows.handling_guards import HANDLING_ROWS
from workflows.moving import ROWS as MOVING_ROWS
from workflows.refusal import Ask, Refusal, judged


def check(ask: Ask, known: Callable[[str], bool] = lambda _: True) -> None:
    """Raise the first refusal that applies to *ask*; return if it may be obeyed. *known* says whether a patch holds here."""
    for row in (*EVERY, *ROWS[type(ask.command)]):
        if (error := judged(row, ask)) and (row.since is None or known(row.since)):
            raise error


EVERY: Sequence[Refusal] = (
    Refusal("UnknownActor", "the organisation data knows no such person", lambda ask: ask.actor is None),
    Refusal("FutureInstant", "a fact cannot lie in the future", lambda ask: (ask.command.at or ask.now) > ask.now),
    Refusal(
        "BeforeReceipt",
        "a fact cannot lie before the receipt of the complaint",
        lambda ask: ask.command.at is not None and ask.command.at < ask.case.intake.received_at,
    ),
    Refusal(
        "DirectInterest",
        "nobody with a direct interest may act on the complaint (art. 17)",
        lambda ask: ask.case.interested(ask.who.id),
    ),
)
"""What is refused of every command."""

ROWS: dict[type[cmd.Command], Sequence[Refusal]] = {
    cmd.Classify: (
        *UNDECIDED,
        *SERVICE,
        Refusal(
            "DeadlinePassed",
            "the deadline has passed; the complexity can no longer move it (art. 18)",
            lambda ask: ask.command.complexity != ask.case.state.complexity and ask.case.too_late(ask.now),
        ),
        Refusal(
            "WouldBreach",
            "as a simple complaint it would have been due before now (art. 18)",
            shortens_into_the_past,
        ),
    ),
    cmd.Assign: (
        *UNDECIDED,
        *SERVICE,
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
        *UNDECIDED,
        Refusal("NotAssigned", "the complaint is not assigned yet", lambda ask: ask.case.state.assigned is None),
        Refusal(
            "SlipsOpen",
            "the departments answer on their slips (R100)",
            lambda ask: bool(ask.case.state.open_slips),
        ),
        rests_on("the facts", lambda case: case.facts_at),
        Refusal(
            "NotAuthorised",
            "findings come from the department that has the complaint",
            elsewhere,
        ),
    ),
    cmd.Decide: (
        *UNDECIDED,
        authorised("decide"),
        *SERVICE,
        Refusal(
            "SlipsOpen",
            "wait for the answer or recall the slip; for a returned one dispatch anew with --replaces (R102, R103)",
            lambda ask: bool(ask.case.state.open_slips),
        ),
        Refusal(
            "FindingsMissing",
            "the department has not reported what it verified (art. 19)",
            lambda ask: not ask.case.state.verified,
        ),
        rests_on("the findings", lambda case: case.state.verified_at),
        OTHER_TEXT,
    ),
    cmd.RequestExtension: (
        NOW_ONLY,
        *UNDECIDED,
        *SERVICE,
        UNEXTENDED,
        PASSED,
        TOO_LONG,
        Refusal(
            "NotComplex",
            "only a complex complaint can be extended; classify it first (art. 18)",
            lambda ask: (
                ask.case.extension is not None
                and ask.case.decide is not None
                and ask.case.decide.limit != ask.case.extension.after
            ),
        ),
        Refusal(
            "ExtensionPending",
            "another extension request is still open",
            lambda ask: ask.case.state.pending_extension is not None,
        ),
        Refusal(
            "ExtensionUsed",
            "the limit has been extended once; 60 days is the ceiling (art. 18)",
            lambda ask: (
                ask.case.extension is not None
                and ask.case.decide is not None
                and ask.case.decide.extensions >= ask.case.extension.at_most
            ),
        ),
    ),
    cmd.ApproveExtension: (
        NOW_ONLY,
        *OPEN,
        NO_REQUEST,
        SETTLED,
        Refusal(
            "SelfApproval",
            "the person who asked cannot approve (four eyes, art. 18)",
            lambda ask: ask.who.id == request(ask).asked.by,
        ),
        Refusal(
            "NotAuthorised",
            "only the superior institution or a head-office senior manager approves (art. 18)",
            lambda ask: ask.case.extension is None or ask.who.approves not in ask.case.extension.approvers,
        ),
        authorised("approve_extension"),
        PASSED,
    ),
    cmd.RefuseExtension: (
        NOW_ONLY,
        *OPEN,
        NO_REQUEST,
        SETTLED,
        Refusal(
            "NotAuthorised",
            "a request is refused by who may approve it, or taken back by who made it (art. 18)",
            lambda ask: ask.who.approves is None and ask.who.id != request(ask).asked.by,
        ),
    ),
    cmd.Pause: (
        *UNDECIDED,
        *SERVICE,
        NO_SUCH_GROUND,
        PASSED,
        Refusal(
            "AlreadyPaused",
            "a pause on this ground is running",
            lambda ask: any(pause.ground == ask.command.ground for pause in ask.case.state.pauses.values()),
        ),
    ),
    cmd.Resume: (
        *OPEN,
        *SERVICE,
        Refusal("NoSuchPause", "there is no such pause", lambda ask: ask.command.pause not in ask.case.state.pauses),
        Refusal(
            "BeforePause",
            "a pause cannot end before it began",
            lambda ask: (ask.command.at or ask.now) < ask.case.state.pauses[ask.command.pause].at,
        ),
    ),
    cmd.AddFacts: (
        *OPEN,
        TOLD,
        *SERVICE,
        UNDERWAY,
    ),
    # Received before the decision, it ended the procedure that day, whenever it was entered (art. 15).
    cmd.Withdraw: (*OPEN, *map(unless_it_came_first, (TOLD, UNDERWAY)), *SERVICE),
    cmd.RefuseHandling: (*UNDECIDED, authorised("end"), *SERVICE),
    cmd.Merge: (
        *UNDECIDED,
        authorised("end"),
        *SERVICE,
        Refusal(
            "MergeIntoItself",
            "a complaint cannot be merged into itself",
            lambda ask: ask.command.into == ask.case.intake.complaint_id,
        ),
    ),
    cmd.ChangeContact: (
        *SERVICE,
        Refusal(
            "NothingChanged",
            "these are the contact details that are known",
            lambda ask: ask.command.over(ask.case.known_contact) == ask.case.known_contact,
        ),
    ),
    cmd.CorrectParticulars: (
        *SERVICE,
        Refusal(
            "NoSuchParty",
            "the complaint names no agent, or an organisation, which has no identity document",
            lambda ask: not has_particulars(ask.case.intake, ask.command.whose, document=bool(ask.command.document)),
        ),
        Refusal(
            "NothingChanged",
            "this is what is known already",
            lambda ask: corrected(ask.case.known, [ask.command]) == ask.case.known,
        ),
    ),
    cmd.RecordContact: (
        Refusal(
            "NotAuthorised",
            "the complainant is contacted by customer service, a handler or the coordinator (R104, R115)",
            lambda ask: not ask.who.has("customer_service", "handler") and (shared(ask) or not coordinates(ask)),
        ),
        OURS,
    ),
    cmd.RecordNotice: (NOT_OWED, TOO_EARLY, *SERVICE),
    cmd.ExemptNotice: (
        NOT_OWED,
        authorised("exempt_notice"),
        OURS,
        Refusal(
            "NoAttempt",
            "an attempt to reach the complainant must be on record first (art. 21, R152)",
            lambda ask: not any(not contact.reached for contact in ask.case.state.contacts) and not beyond_reach(ask),
        ),
        Refusal(
            "SelfApproval",
            "who made all attempts in vain does not consent to giving them up (four eyes, R152)",
            lambda ask: {one.by for one in ask.case.state.contacts if not one.reached} == {ask.who.id},
        ),
        Refusal(
            "TooFewAttempts",
            "the attempts on record are too few, or not spread over the days and channels of the rules (R151–R152)",
            still_reachable,
        ),
    ),
    cmd.ConfirmReceipt: (
        Refusal("NotTold", "no such notice has been given", lambda ask: not ask.case.state.told(ask.command.kind)),
        *SERVICE,
    ),
    cmd.RecordCallback: (
        *OPEN,
        Refusal("NoCallback", "no callback has been ordered", lambda ask: ask.case.state.callback_task is None),
        needs("callback", "customer_service", "handler"),
        OURS,
        Refusal(
            "SatisfactionMissing",
            "a customer who was reached is asked for the satisfaction (R164)",
            lambda ask: ask.command.reached and ask.command.satisfaction is None,
        ),
    ),
    cmd.Close: (
        *OPEN,
        authorised("close"),
        *SERVICE,
        Refusal(
            "NotTold",
            "the complainant has not been told the decision (art. 18)",
            lambda ask: not ask.case.decided_and_told,
        ),
        DUTY_OPEN,
        Refusal(
            "CallbackMissing",
            "the customer has not been called back (R164)",
            lambda ask: ask.case.state.callback is None and "callback" not in ask.case.state.skipped_steps,
        ),
        authorised_without_agreement(),
        CLOSED_BY_TWO,
    ),
    cmd.RequestReview: (
        Refusal("NoWindow", "the window for a review is not open (art. 20)", window_shut),
        *SERVICE,
    ),
    cmd.DecideReview: (
        Refusal(
            "DecideInReview",
            "the review is a workflow of its own; decide it there (art. 20)",
            lambda ask: ask.case.review_apart and ask.case.state.stage == "in_review",
        ),
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
        rests_on("the request for a review", lambda case: case.state.review.at if case.state.review else None),
    ),
    cmd.MoveRules: MOVING_ROWS,
    cmd.AdoptCalendar: (
        Refusal(
            "NotAuthorised",
            ADOPTERS,
            lambda ask: not ask.who.adopts_calendars,
        ),
        Refusal(
            "NoticeMisfit", "the notice cannot be read, or does not continue the calendar of the complaint", misfit
        ),
        Refusal(
            "NotPublished",
            "the notice is published later than today",
            lambda ask: parse_notice(ask.command.notice).published > ask.case.day(ask.now),
        ),
    ),
    cmd.RetryStep: (
        Refusal(
            "StepNotFailed",
            "no such step waits for a person",
            lambda ask: ask.command.step not in ask.case.state.failed_steps,
        ),
        *SERVICE,
    ),
    cmd.SkipStep: (
        Refusal(
            "StepNotFailed",
            "no such step waits for a person",
            lambda ask: ask.command.step not in ask.case.state.failed_steps,
        ),
        *SERVICE,
        Refusal(
            "StepNotSkippable",
            "this step cannot be skipped: assign by hand, record the notice by hand, or retry",
            lambda ask: ask.command.step.partition(".")[0] not in SKIPPABLE,
        ),
    ),
    **HANDLING_ROWS,
}
"""What is refused of each command, in the order in which it is looked at."""

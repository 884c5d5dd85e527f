"""Who may ask what the insurer's own rules allow, and when: every refusal is a row with its code, sentence and condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import get_args

from models import commands as base
from models import handling_commands as cmd
from models.handling import SignOffState
from models.vocabulary import Missing
from workflows.authority import authorised
from workflows.grounds import (
    FORWARDED,
    NEW_DAY,
    OPEN,
    OURS,
    SERVICE,
    TOLD,
    UNDECIDED,
    coordinates,
)
from workflows.refusal import Ask, Refusal
from workflows.telling_guards import TELLING_ROWS, asked_for

LONGEST_FLAG = timedelta(days=366)
"""A vexatious flag ends within a year (C17); whoever still thinks so must look again."""

JUDGING = frozenset({"close_without_agreement", "final_opinion", "liability"})
"""The subjects on which the committee judges what somebody decided."""

COMPANY = Refusal(
    "NotInRules",
    "the complaint is pinned to the statute alone; only an insurer's own rules know of this",
    lambda ask: ask.case.pack.layer != "company",
)
MAJOR = Refusal(
    "NotMajor",
    "the complaint is not a major one; classify it first (R118, R177)",
    lambda ask: ask.case.state.severity != "major",
)
NO_SIGN_OFF = Refusal("NoSuchSignOff", "there is no such sign-off", lambda ask: _sign_off(ask) is None)
SIGNING: Sequence[Refusal] = (
    COMPANY,
    NO_SIGN_OFF,
    Refusal(
        "AlreadySettled", "the sign-off is complete, or was refused", lambda ask: _asked(ask).status != "requested"
    ),
    Refusal(
        "SelfApproval",
        "the author of a text does not sign it (four eyes)",
        lambda ask: ask.who.id == _asked(ask).asked.by,
    ),
    Refusal(
        "SignedTwice",
        "one person signs in one capacity only (four eyes)",
        lambda ask: any(given.by == ask.who.id for given in _asked(ask).given),
    ),
    Refusal(
        "CapacityNotNeeded",
        "the rules ask for no signature, or no further one, in this capacity",
        lambda ask: (
            ask.command.capacity not in ask.case.pack.sign_offs.get(_asked(ask).asked.purpose, ())
            or any(given.capacity == ask.command.capacity for given in _asked(ask).given)
        ),
    ),
    authorised("sign"),
    OURS,
)


def _sign_off(ask: Ask) -> SignOffState | None:
    return ask.case.state.handling.sign_offs.get(ask.command.sign_off)


def _asked(ask: Ask) -> SignOffState:
    return ask.case.state.handling.sign_offs[ask.command.sign_off]


def signed_off(*purposes: str, unless_nobody_signs: bool = False) -> Refusal:
    """
    Refuse unless the sign-off that the command names is complete and was asked for one of *purposes*.

    With *unless_nobody_signs* none is needed where the rules name nobody to sign for any of them.
    """

    def missing(ask: Ask) -> bool:
        if unless_nobody_signs and not any(purpose in ask.case.pack.sign_offs for purpose in purposes):
            return False
        state = _sign_off(ask)
        return state is None or state.status != "complete" or state.asked.purpose not in purposes

    return Refusal("SignOffMissing", f"this takes a complete sign-off for {' or '.join(purposes)}", missing)


def meeting_on(subject: str) -> Refusal:
    """Refuse unless the meeting that the command names was on *subject*, and knew the newest facts (art. 18(3))."""

    def other(ask: Ask) -> bool:
        held, facts_at = ask.case.state.handling.meetings.get(ask.command.meeting), ask.case.facts_at
        return held is None or held.subject != subject or (facts_at is not None and held.at < facts_at)

    return Refusal("NoSuchMeeting", f"there is no such meeting of the committee on {subject}", other)


def _no_meeting(ask: Ask) -> bool:
    named = ask.command.members
    sit = all(member is not None and member.concerned and member.has("committee") for member in ask.members)
    return ask.who.id not in named or len(set(named)) != len(named) or not sit


def _may_put_up(ask: Ask) -> bool:
    slips = ask.case.state.slips.values()
    if coordinates(ask) or any(slip.dispatched.department == ask.who.department for slip in slips):
        return True
    # The opinion letter is the handling department's own; customer service countersigns it (R134).
    theirs = ask.command.purpose == "written_reply" and ask.case.state.route == "departments"
    return not theirs and ask.who.has("customer_service", "handler")


def _not_asked_for(ask: Ask) -> bool:
    lacking = set(ask.case.intake.missing_material()) - ask.case.state.handling.handed_in
    return not set(ask.command.codes) <= lacking


def _may_dispatch(ask: Ask) -> bool:
    main = (slip.dispatched for slip in ask.case.state.slips.values() if slip.dispatched.main and slip.open)
    return ask.who.has("customer_service", "handler") or any(sent.coordinator == ask.who.id for sent in main)


def _reported_already(ask: Ask) -> bool:
    # A case that was opened again and ended anew is reported anew: its new duty would stay open for ever.
    owed = any("end_reported" in duty.rule.met_by for duty in ask.case.clock.open_duties)
    return ask.case.state.handling.end_report is not None and not owed


def _works_on_it(ask: Ask) -> bool:
    return ask.who.has("customer_service", "handler") or coordinates(ask)


def _unless(allowed: Callable[[Ask], bool], sentence: str) -> Refusal:
    return Refusal("NotAuthorised", sentence, lambda ask: not allowed(ask))


WORKS_ON_IT = _unless(_works_on_it, "this is for customer service or the coordinator who has the complaint")

HANDLING_ROWS: dict[type[base.Command], Sequence[Refusal]] = {
    **TELLING_ROWS,
    cmd.Dispatch: (
        COMPANY,
        *UNDECIDED,
        _unless(
            _may_dispatch, "a slip is sent by customer service, or by the coordinator who has the main one (R100, R101)"
        ),
        OURS,
        Refusal("NoSlipRules", "the rules of this complaint know no slips", lambda ask: ask.case.pack.slips is None),
        Refusal("NotAssigned", "the complaint is not assigned yet", lambda ask: ask.case.state.assigned is None),
        Refusal(
            "NobodyNamed",
            "name a category, or unit, department and coordinator",
            lambda ask: (
                not ask.command.category
                and not (ask.command.unit and ask.command.department and ask.command.coordinator)
            ),
        ),
        Refusal(
            "NotReturned",
            "only a slip that was returned, and not yet replaced, can be replaced (R102)",
            lambda ask: ask.command.replaces is not None and not _returned(ask),
        ),
        Refusal(
            "UnknownCoordinator",
            "the organisation data knows no such coordinator",
            lambda ask: ask.command.coordinator is not None and ask.other is None,
        ),
        Refusal(
            "NotInDepartment",
            "the coordinator belongs to another unit or department",
            lambda ask: (
                ask.other is not None
                and (ask.other.unit, ask.other.department) != (ask.command.unit, ask.command.department)
            ),
        ),
        Refusal(
            "DirectInterest",
            "nobody with a direct interest may verify the facts (art. 17)",
            lambda ask: ask.command.coordinator is not None and ask.case.interested(ask.command.coordinator),
        ),
    ),
    cmd.RequestMaterial: (
        asked_for("notice_given.material"),
        *OPEN,
        TOLD,
        *SERVICE,
        Refusal(
            "UnknownMaterial",
            f"codes are among {', '.join(get_args(Missing))}",
            lambda ask: not set(ask.command.codes) <= set(get_args(Missing)),
        ),
        Refusal(
            "MaterialHeld",
            "what the insurer already holds may not be asked for (art. 13, R079)",
            _not_asked_for,
        ),
    ),
    cmd.RecordMaterial: (
        asked_for("notice_given.material", "material_received"),
        *OPEN,
        *SERVICE,
        Refusal(
            "UnknownMaterial",
            f"codes are among {', '.join(get_args(Missing))}",
            lambda ask: not set(ask.command.codes) <= set(get_args(Missing)),
        ),
    ),
    cmd.RequestSignOff: (
        COMPANY,
        Refusal(
            "NotInRules",
            "the rules of this complaint name nobody to sign for this purpose",
            lambda ask: ask.command.purpose not in ask.case.pack.sign_offs,
        ),
        _unless(
            _may_put_up,
            "customer service, or a department that has the complaint, puts up a text; the department an opinion letter",
        ),
        OURS,
    ),
    cmd.SignOff: SIGNING,
    cmd.RefuseSignOff: SIGNING,
    cmd.DemandAnswer: (
        COMPANY,
        *FORWARDED,
        *SERVICE,
        *NEW_DAY,
    ),
    cmd.AnswerRegulator: (
        asked_for("regulator_answered"),
        *FORWARDED,
        authorised("answer_regulator"),
        OURS,
        signed_off("regulator_report", unless_nobody_signs=True),
    ),
    cmd.Release: (
        COMPANY,
        authorised("release"),
        OURS,
        signed_off("public_answer", "records_release"),
        Refusal(
            "AlreadyReleased",
            "what was signed off was released; another release takes a sign-off of its own (R196)",
            lambda ask: any(one.sign_off == ask.command.sign_off for one in ask.case.state.handling.releases),
        ),
    ),
    cmd.RecordCommittee: (
        COMPANY,
        *OPEN,
        authorised("record_committee"),
        OURS,
        Refusal(
            "NotAMember",
            "who records a meeting took part in it, and members are named once and sit on the committee of a unit concerned",
            _no_meeting,
        ),
        Refusal(
            "TookPart",
            "who made the decision does not sit on the meeting that judges it (four eyes, R005, R138, R150)",
            lambda ask: (
                ask.command.subject in JUDGING
                and ask.case.state.decision is not None
                and ask.case.state.decision.by in ask.command.members
            ),
        ),
        Refusal(
            "DirectInterest",
            "nobody with a direct interest sits on the committee (art. 17)",
            lambda ask: any(ask.case.interested(member) for member in ask.command.members),
        ),
    ),
    cmd.RuleLiability: (COMPANY, *OPEN, authorised("rule_liability"), OURS, meeting_on("liability")),
    cmd.StartContingency: (
        COMPANY,
        *OPEN,
        *SERVICE,
        MAJOR,
        Refusal(
            "UnknownLead",
            "the organisation data know no such lead in a unit concerned (R050)",
            lambda ask: ask.other is None or not ask.other.concerned,
        ),
    ),
    cmd.ReportUp: (
        COMPANY,
        authorised("report_up"),
        OURS,
        Refusal(
            "NotMajor",
            "only a major or difficult complaint is reported up; classify it first (R016, R169)",
            lambda ask: ask.case.state.severity == "general",
        ),
    ),
    cmd.ReportEnd: (
        COMPANY,
        authorised("report_up"),
        OURS,
        Refusal(
            "NotEnded", "the whole course is reported after the end (R172)", lambda ask: not ask.case.closed_or_over
        ),
        Refusal(
            "AlreadyReported",
            "the whole course was reported",
            _reported_already,
        ),
    ),
    cmd.ExcludeFromCount: (
        COMPANY,
        *SERVICE,
        Refusal(
            "AlreadyExcluded",
            "the complaint is left out of the count already",
            lambda ask: ask.case.state.handling.excluded is not None,
        ),
    ),
    cmd.FlagVexatious: (
        COMPANY,
        authorised("flag_vexatious"),
        OURS,
        signed_off("vexatious"),
        Refusal(
            "FlagTooLong",
            "a flag ends on a later day, within a year; whoever still thinks so must look again (C17)",
            lambda ask: not timedelta() < ask.command.until - ask.case.day(ask.now) <= LONGEST_FLAG,
        ),
    ),
    cmd.LiftVexatious: (
        COMPANY,
        Refusal("NoFlag", "there is no flag", lambda ask: not ask.case.state.handling.flagged(ask.case.day(ask.now))),
        authorised("flag_vexatious"),
        OURS,
    ),
    cmd.GiveFinalOpinion: (
        COMPANY,
        *OPEN,
        authorised("final_opinion"),
        OURS,
        Refusal(
            "NotRefused",
            "a final opinion answers a customer who refuses the decision (R137, R138)",
            lambda ask: ask.case.state.handling.response is None or ask.case.state.handling.response.accepts,
        ),
        meeting_on("final_opinion"),
        Refusal(
            "AlreadyAnswered",
            "the committee's final opinion was given, and is told once (R138)",
            lambda ask: ask.case.state.handling.final_opinion is not None,
        ),
    ),
    cmd.DelegateClosure: (
        COMPANY,
        *OPEN,
        authorised("delegate_closure"),
        OURS,
        Refusal(
            "NotForwarded",
            "only the closure of a forwarded complaint is left to a city (R145)",
            lambda ask: ask.case.intake.origin not in {"forwarded", "superior"},
        ),
    ),
    cmd.DescribeFault: (COMPANY, *OPEN, WORKS_ON_IT, OURS),
    cmd.RecordMeasure: (
        COMPANY,
        WORKS_ON_IT,
        OURS,
        Refusal(
            "DayMissing",
            "a planned measure has a day, and one that was taken has none (R120)",
            lambda ask: (ask.command.status == "planned") is not (ask.command.planned_for is not None),
        ),
    ),
    cmd.Summarise: (
        COMPANY,
        *SERVICE,
        Refusal("NotTold", "a case is summarised after its handling (R155)", lambda ask: not ask.case.settled),
    ),
}
"""What is refused of each command, in the order in which it is looked at."""


def _returned(ask: Ask) -> bool:
    slip = ask.case.state.slips.get(ask.command.replaces)
    return slip is not None and slip.status == "returned" and slip.replaced_by is None

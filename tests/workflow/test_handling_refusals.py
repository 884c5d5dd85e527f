"""Every row of the guards of an insurer's own rules refuses in play: on the complaint, on its slips and on its review."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip
from tests.workflow.company import PROVINCE, SALES
from tests.workflow.company_states import (
    about_a_coordinator,
    answered,
    appointed,
    closed,
    decided_by_a_member,
    disputed,
    examined,
    flaggable,
    flagged,
    forwarded,
    found_lawful,
    from_the_regulator,
    in_review,
    interested,
    major,
    met,
    of_the_statute,
    of_two,
    opined,
    put_up,
    reached_too_little,
    received,
    released,
    returned,
    signed,
    told,
    tried_by_the_head,
    unassigned,
    withdrawn,
    written,
)
from tests.workflow.refusing import (
    DAY,
    ELSEWHERE,
    FIELDS,
    HEAD_OFFICE,
    Scenario,
    Try,
    assert_refused,
    each,
    tried,
)
from tests.workflow.stage import CALLER, CHAIR, CLAIMS, HEAD, REVIEWER, SENIOR, SERVICE, SUPERIOR, Play, Stage
from workflows import review_guards, slip_guards
from workflows.guards import ROWS
from workflows.handling_effects import HANDLING_EFFECTS
from workflows.handling_guards import HANDLING_ROWS
from workflows.handling_handlers import HandlingHandlers

ELSEWHERE_HEAD = "p-zj-kf-03"
"""Head of customer service of another province, who sits on its committee."""

COMMANDS = sorted(HANDLING_ROWS, key=lambda command: command.__name__)
UNCLOSED: list[type[cmd.Command]] = [
    hcmd.Dispatch, hcmd.RequestMaterial, hcmd.RecordMaterial, hcmd.WriteProgress, hcmd.RecordCommittee,
    hcmd.RuleLiability, hcmd.StartContingency, hcmd.RecordResponse, hcmd.GiveFinalOpinion, hcmd.DelegateClosure,
    hcmd.DescribeFault,
]  # fmt: skip
"""What makes no sense once the case is closed, or has ended without a decision."""
SERVICE_ONLY: list[type[cmd.Command]] = [
    hcmd.Dispatch, hcmd.RequestMaterial, hcmd.RecordMaterial, hcmd.WriteProgress, hcmd.StartContingency,
    hcmd.ExcludeFromCount, hcmd.Summarise,
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_command_has_guards_an_effect_and_a_name_to_call_it_by(command: type[cmd.Command]) -> None:
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in command.__name__).lstrip("_")
    assert command in ROWS, f"say in handling_guards.py when {command.__name__} is refused"
    assert command in HANDLING_EFFECTS, f"say in handling_effects.py what {command.__name__} makes true"
    assert hasattr(HandlingHandlers, name), f"give {command.__name__} an update in handling_handlers.py"
    assert command in FIELDS, f"try {command.__name__} in this test"


def test_every_reason_to_refuse_is_tried() -> None:
    """A new row comes with a test: each code of each command is expected by a scenario below."""
    rows = {(command, row.code) for command, guards in HANDLING_ROWS.items() for row in guards}
    rows |= {(command, row.code) for command, guards in slip_guards.ROWS.items() for row in guards}
    rows |= {(command, row.code) for command, guards in review_guards.ROWS.items() for row in guards}
    seen = tried(SCENARIOS)
    seen |= {(hcmd.Dispatch, "NoSlipRules")}  # No published company pack is without slips.
    # Under rules that ask for a holding letter and name a scheme: see test_jurisdictions.py.
    seen |= {(hcmd.WriteHolding, code) for code in ("CaseClosed", "CaseEnded", "AlreadyDecided", "DayPast")}
    seen |= {(kind, code) for kind in (hcmd.WriteHolding, hcmd.RecordScheme) for code in ("NotAuthorised", "OtherUnit")}
    assert sorted(f"{c.__name__}: {code}" for c, code in rows - seen) == []
    codes = {code for _, code in seen}
    everywhere = {row.code for row in (*slip_guards.EVERY, *review_guards.EVERY)}
    # What has ended has no run that could refuse: these rows guard the moment between, one of them in a test of its own.
    assert everywhere - codes == {"SlipEnded", "NoSuchSlip", "ReviewDecided"}


ALL_SLIPS: list[type[cmd.Command]] = list(slip_guards.ROWS)
DEPARTMENT_ONLY: list[type[cmd.Command]] = [slip.AcceptSlip, slip.ReturnSlip, slip.ReportProgress, slip.AnswerSlip]
REVIEWS: list[type[cmd.Command]] = list(review_guards.ROWS)
SCENARIOS: list[Scenario] = [
    (
        of_the_statute,
        each("NotInRules", *(one for one in COMMANDS if one is not hcmd.RecordScheme))
        + each("UnknownScheme", hcmd.RecordScheme),
    ),
    (
        received,
        each("NotAuthorised", *SERVICE_ONLY, by=CLAIMS)
        + each("OtherUnit", *SERVICE_ONLY, by=ELSEWHERE)
        + each("NobodyNamed", hcmd.Dispatch, category=None)
        + each("NotReturned", hcmd.Dispatch, replaces="s1")
        + each("UnknownCoordinator", hcmd.Dispatch, category=None, unit="gd", department="gd-kf", coordinator="nobody")
        + each("NotInDepartment", hcmd.Dispatch, category=None, unit="gd", department="gd-kf", coordinator=SALES)
        + each("UnknownMaterial", hcmd.RequestMaterial, hcmd.RecordMaterial, codes=["shoe_size"])
        + each("MaterialHeld", hcmd.RequestMaterial, codes=["contact"])
        + each("NotAuthorised", hcmd.RequestSignOff, by=SALES)
        + each("OtherUnit", hcmd.RequestSignOff, by=ELSEWHERE)
        + each("NotInRules", hcmd.RequestSignOff, purpose="unreachable")
        + each("NoSuchSignOff", hcmd.SignOff, hcmd.RefuseSignOff)
        + each("NotForwarded", hcmd.DemandAnswer, hcmd.AnswerRegulator)
        + each("NotForwarded", hcmd.DelegateClosure, by=PROVINCE)
        + each("SignOffMissing", hcmd.Release)
        + each("SignOffMissing", hcmd.FlagVexatious, until=30 * DAY)
        + each("NotAuthorised", hcmd.Release, hcmd.FlagVexatious, by=CLAIMS)
        + each("OtherUnit", hcmd.Release, hcmd.FlagVexatious, by=ELSEWHERE)
        + each("NoFlag", hcmd.LiftVexatious)
        + each("NotAuthorised", hcmd.RecordCommittee, hcmd.RuleLiability, hcmd.GiveFinalOpinion)
        + each("OtherUnit", hcmd.RecordCommittee, hcmd.RuleLiability, hcmd.GiveFinalOpinion, by=ELSEWHERE_HEAD)
        + each("NotAMember", hcmd.RecordCommittee, by=CHAIR, members=[SUPERIOR, SENIOR])
        + each("NotAMember", hcmd.RecordCommittee, by=CHAIR, members=[CHAIR, CHAIR])
        + each("NotAMember", hcmd.RecordCommittee, by=CHAIR, members=[CHAIR, "nobody"])
        + each("NotAMember", hcmd.RecordCommittee, by=CHAIR, members=[CHAIR, ELSEWHERE_HEAD])
        + each("NotAMember", hcmd.RecordCommittee, by=CHAIR, members=[CHAIR, SERVICE])
        + each("NotMajor", hcmd.StartContingency, hcmd.ReportUp)
        + each("NotAuthorised", hcmd.ReportUp, hcmd.ReportEnd, hcmd.DelegateClosure, by=CLAIMS)
        + each("OtherUnit", hcmd.ReportUp, hcmd.ReportEnd, by=ELSEWHERE)
        + each("OtherUnit", hcmd.DelegateClosure, by=ELSEWHERE_HEAD)
        + each("NotEnded", hcmd.ReportEnd)
        + each("NotTold", hcmd.RecordResponse, hcmd.Summarise)
        + each("NotAuthorised", hcmd.DescribeFault, hcmd.RecordMeasure, by=SALES)
        + each("OtherUnit", hcmd.DescribeFault, hcmd.RecordMeasure, by=ELSEWHERE)
        + each("DayMissing", hcmd.RecordMeasure, status="planned"),
    ),
    (unassigned, each("NotAssigned", hcmd.Dispatch, by=HEAD_OFFICE)),
    (
        interested,
        each("DirectInterest", hcmd.Dispatch, category=None, unit="gd-gz", department="gd-gz-yg", coordinator=CLAIMS)
        + each("DirectInterest", hcmd.RecordCommittee, by=SUPERIOR),
    ),
    (
        of_two,
        each("UnknownActor", *ALL_SLIPS, by="nobody")
        + each("FutureInstant", slip.AnswerSlip, by=CLAIMS, at=DAY)
        + each("BeforeDispatch", slip.AnswerSlip, by=CLAIMS, at=-DAY)
        + each("NotAuthorised", *DEPARTMENT_ONLY, by=SALES)
        + each("NotAuthorised", slip.SendBackSlip, slip.RecallSlip, by=CLAIMS)
        + each("NotAuthorised", slip.SendBackSlip, slip.RecallSlip, by=ELSEWHERE)
        + each("SlipAccepted", slip.AcceptSlip, by=CLAIMS)
        + each("SlipNotAccepted", slip.ReportProgress, slip.AnswerSlip, by=SALES, slip="s2")
        + each("SlipNotAnswered", slip.SendBackSlip)
        + each("SlipsOpen", cmd.Decide)
        + each("SlipsOpen", cmd.SubmitFindings, by=CLAIMS)
        + each("NotAuthorised", cmd.RecordContact, by=CLAIMS),
    ),
    (returned, each("NotReturned", hcmd.Dispatch, replaces="s2") + each("NotReturned", hcmd.Dispatch, replaces="s1")),
    (
        answered,
        each("SlipAnswered", slip.AcceptSlip, slip.ReturnSlip, slip.ReportProgress, slip.AnswerSlip, by=CLAIMS)
        + each("SlipAnswered", slip.RecallSlip),
    ),
    (about_a_coordinator, each("DirectInterest", slip.RecallSlip)),
    (written, each("OtherUnit", hcmd.SignOff, hcmd.RefuseSignOff, by=ELSEWHERE_HEAD)),
    (
        put_up,
        each("SelfApproval", hcmd.SignOff, hcmd.RefuseSignOff, by=CLAIMS, capacity="legal")
        + each("SignedTwice", hcmd.SignOff, hcmd.RefuseSignOff, by=HEAD, capacity="legal")
        + each("CapacityNotNeeded", hcmd.SignOff, hcmd.RefuseSignOff, by=SUPERIOR)
        + each("CapacityNotNeeded", hcmd.SignOff, by=CHAIR, capacity="general_manager")
        + each("NotAuthorised", hcmd.SignOff, hcmd.RefuseSignOff, by=SUPERIOR, capacity="legal")
        + each("SignOffMissing", hcmd.Release),
    ),
    (released, each("AlreadyReleased", hcmd.Release)),
    (signed, each("AlreadySettled", hcmd.SignOff, hcmd.RefuseSignOff, by=SUPERIOR)),
    (
        flaggable,
        each("FlagTooLong", hcmd.FlagVexatious, until=400 * DAY)
        + each("FlagTooLong", hcmd.FlagVexatious, until=timedelta()),
    ),
    (
        flagged,
        each("NotAuthorised", hcmd.LiftVexatious, by=CLAIMS) + each("OtherUnit", hcmd.LiftVexatious, by=ELSEWHERE),
    ),
    (
        forwarded,
        each("NotAuthorised", hcmd.DemandAnswer, by=CLAIMS)
        + each("OtherUnit", hcmd.DemandAnswer, by=ELSEWHERE)
        + each("DayBeforeDemand", hcmd.DemandAnswer, by=PROVINCE, last_day=date(2026, 3, 1))
        + each("NothingChanged", hcmd.DemandAnswer, by=PROVINCE, last_day="stands")
        + each("NotAuthorised", hcmd.AnswerRegulator)
        + each("OtherUnit", hcmd.AnswerRegulator, by=ELSEWHERE_HEAD)
        + each("SignOffMissing", hcmd.AnswerRegulator, by=PROVINCE),
    ),
    (
        from_the_regulator,
        each("AlreadyAnswered", hcmd.DemandAnswer, hcmd.AnswerRegulator, by=PROVINCE)
        + each("NotAuthorised", cmd.Close),
    ),
    (
        met,
        each("NoSuchMeeting", hcmd.RuleLiability, by=CHAIR)
        + each("NoSuchMeeting", hcmd.RuleLiability, by=CHAIR, meeting="k7"),
    ),
    (
        told,
        each("AlreadyTold", hcmd.RequestMaterial)
        + each("AlreadyDecided", hcmd.Dispatch, hcmd.WriteProgress)
        + each("NotAuthorised", hcmd.RecordResponse, by=CLAIMS)
        + each("OtherUnit", hcmd.RecordResponse, by=ELSEWHERE)
        + each("NotRefused", hcmd.GiveFinalOpinion, by=CHAIR),
    ),
    (
        decided_by_a_member,
        each("TookPart", hcmd.RecordCommittee, by=CHAIR)
        + each("TookPart", hcmd.RecordCommittee, by=CHAIR, subject="close_without_agreement"),
    ),
    (disputed, each("NoSuchMeeting", hcmd.GiveFinalOpinion, by=CHAIR)),
    (found_lawful, each("SelfApproval", cmd.Close, by=SUPERIOR)),
    (opined, each("AlreadyAnswered", hcmd.GiveFinalOpinion, by=CHAIR)),
    (
        closed,
        each("CaseClosed", *UNCLOSED)
        + each("AlreadyReported", hcmd.ReportEnd)
        + each("AlreadyExcluded", hcmd.ExcludeFromCount),
    ),
    (withdrawn, each("CaseEnded", *UNCLOSED)),
    (reached_too_little, each("TooFewAttempts", cmd.ExemptNotice, by=HEAD)),
    (tried_by_the_head, each("SelfApproval", cmd.ExemptNotice, by=HEAD)),
    (
        major,
        each("UnknownLead", hcmd.StartContingency, lead="nobody")
        + each("UnknownLead", hcmd.StartContingency, lead=ELSEWHERE_HEAD),
    ),
    (
        in_review,
        each("UnknownActor", *REVIEWS, by="nobody")
        + each("NotAuthorised", *REVIEWS, by=HEAD)
        + each("TookPart", *REVIEWS, by=SUPERIOR)
        + each("FutureInstant", cmd.DecideReview, by=SENIOR, at=DAY)
        + each("OutOfOrder", cmd.DecideReview, by=SENIOR, at=-DAY)
        + each("UnknownReviewer", hcmd.AppointReviewer, by=SENIOR, reviewer="nobody")
        + each("TookPart", hcmd.AppointReviewer, by=SENIOR, reviewer=SUPERIOR)
        + each("NotAuthorised", hcmd.AppointReviewer, by=SENIOR, reviewer=CALLER)
        + each("NotReviewer", hcmd.ExamineReview, by=REVIEWER)
        + each("ExaminationMissing", cmd.DecideReview, by=SENIOR),
    ),
    (appointed, each("NotReviewer", hcmd.ExamineReview, by=SENIOR)),
    (
        examined,
        each("SelfApproval", cmd.DecideReview, by=REVIEWER)
        + each("NothingChanged", cmd.DecideReview, by=SENIOR, liability="responsible"),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("reach", "tries"), SCENARIOS, ids=lambda each: getattr(each, "__name__", ""))
async def test_what_makes_no_sense_is_refused(
    stage: Stage, reach: Callable[[Stage], Awaitable[Play]], tries: list[Try]
) -> None:
    await assert_refused(await reach(stage), tries)


@pytest.mark.slow
async def test_a_decided_review_takes_no_further_command(stage: Stage) -> None:
    """While the letter about it cannot leave, the review still runs, and refuses (art. 20)."""
    play = await examined(stage)
    with stage.mail_room_closed():
        ask: dict[str, Any] = {"id": "decide", "actor": SENIOR, **FIELDS[cmd.DecideReview]}
        review = await play.addressee(cmd.DecideReview, {})
        await review.execute_update("decide_review", cmd.DecideReview.model_validate(ask))
        for command in REVIEWS:
            assert await play.refused(command, SENIOR, **FIELDS[command]) == "ReviewDecided"
    await play.settle()
    assert (await play.duty("review_decide")).status == "met"

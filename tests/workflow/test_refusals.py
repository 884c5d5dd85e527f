"""Every row of the guards refuses in play, and every command is refused where it makes no sense."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from engine.settings import SAMPLE_ORGANISATION
from models import commands as cmd
from models.actor import actor
from models.organisation import read_organisation
from rulebook.pack import rule_pack
from tests.calendars import notice_text
from tests.present import now
from tests.workflow.refusing import (
    COUNTY,
    DAY,
    ELSEWHERE,
    FIELDS,
    HEAD_OFFICE,
    OFFICER,
    TEXT,
    Scenario,
    Try,
    assert_refused,
    each,
    tried,
)
from tests.workflow.stage import CALLER, CLAIMS, HEAD, REVIEW, SENIOR, SERVICE, SUPERIOR, Play, Stage
from workflows.case import Case
from workflows.effects import _EFFECTS
from workflows.guards import EVERY, ROWS, check
from workflows.handlers import Handlers
from workflows.refusal import Ask, Refusal, judged

COMMANDS: list[type[cmd.Command]] = sorted(
    (command for command in ROWS if command.__module__ == cmd.__name__), key=lambda command: command.__name__
)
"""The commands of the statute; those of an insurer's own rules have a test of their own."""
LATER = now().date() + timedelta(days=400)
"""A day that has not come for any play, whenever it begins."""
STATUTE = rule_pack("cn-2020-3")
NO_ADDRESS: dict[str, Any] = {"complainant": {"kind": "person", "name": "测试人乙", "contact": {}}}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_command_has_guards_an_effect_and_a_name_to_call_it_by(command: type[cmd.Command]) -> None:
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in command.__name__).lstrip("_")
    assert command in ROWS, f"say in guards.py when {command.__name__} is refused"
    assert command in _EFFECTS, f"say in effects.py what {command.__name__} makes true"
    assert hasattr(Handlers, name), f"give {command.__name__} an update in handlers.py"
    assert command in FIELDS, f"try {command.__name__} in this test"


def test_every_reason_to_refuse_is_tried() -> None:
    """A new row comes with a test: each code of each command is expected by a scenario below."""
    rows = {(command, row.code) for command in COMMANDS for row in ROWS[command]}
    seen = tried(SCENARIOS)
    seen |= {(cmd.AddFacts, "DecisionUnderway"), (cmd.Withdraw, "DecisionUnderway")}  # In a test of their own.
    seen |= {(cmd.ApproveExtension, "DeadlinePassed")}  # For the instant before the clock settles the request itself.
    # Under an insurer's own rules only: see test_handling_refusals.py.
    seen |= {
        (cmd.Decide, "SlipsOpen"),
        (cmd.SubmitFindings, "SlipsOpen"),
        (cmd.ExemptNotice, "TooFewAttempts"),
        (cmd.ExemptNotice, "SelfApproval"),
        (cmd.Close, "SelfApproval"),
        (cmd.Decide, "OtherText"),  # See test_sign_offs.py.
    }
    seen |= {
        (cmd.MoveRules, "OtherJurisdiction")
    }  # Without a server, in test_rules_move.py: no such pack is published.
    # In a test of their own: a review is a workflow apart, unless it was asked for before it became one.
    seen |= {(cmd.DecideReview, code) for code in ("DecideInReview", "NotAuthorised", "TookPart", "OutOfOrder")}
    assert sorted(f"{c.__name__}: {code}" for c, code in rows - seen) == []
    assert {row.code for row in EVERY} <= {code for _, tries in SCENARIOS for code, _, _, _ in tries}


async def opened(stage: Stage) -> Play:
    """Received as simple, and with the department."""
    return await stage.start()


async def interested(stage: Stage) -> Play:
    """A senior manager, the city's handler and a coordinator are complained of."""
    staff = [{"person": person} for person in (SENIOR, SERVICE, CLAIMS)]
    play = await stage.start(complexity="complex", respondent={"unit": "gd-gz", "staff": staff})
    await play.do(cmd.RequestExtension, HEAD, days=5, reason=TEXT)
    return play


async def asked(stage: Stage) -> Play:
    """Complex, with a request for time, and paused for mediation since an hour ago."""
    play = await stage.start(days_ago=1, complexity="complex")
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    await play.do(cmd.Pause, ground="mediation", reason=TEXT)
    return play


async def extended(stage: Stage) -> Play:
    """Extended once."""
    play = await stage.start(complexity="complex")
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    await play.do(cmd.ApproveExtension, SUPERIOR, request="x1", reason=TEXT)
    return play


async def repealed(stage: Stage) -> Play:
    """Received on the last day of Order 2013 No. 8, of which no extension and no pause is verified."""
    return await stage.start(received_at="2020-02-29T23:59:59+08:00", complexity="complex")


async def late(stage: Stage) -> Play:
    """Complex, on day 32, with a request whose deadline has passed."""
    play = await stage.start(complexity="complex")
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    await play.forward(days=32)
    return play


async def reclassified_late(stage: Stage) -> Play:
    """Complex, on day 20: as a simple complaint it would be late."""
    play = await stage.start()
    await play.do(cmd.Classify, complexity="complex", reason=TEXT)
    await play.forward(days=20)
    return play


async def unassigned(stage: Stage) -> Play:
    """Nobody was found to take it."""
    return await stage.start(respondent={"unit": "no-such-unit"})


async def untold(stage: Stage) -> Play:
    """Decided, but there is no address to tell it to."""
    play = await stage.start(days_ago=2, **NO_ADDRESS)
    await play.do(cmd.Pause, ground="external_appraisal", reason=TEXT)
    await play.find()
    await play.decide()
    return play


async def found(stage: Stage) -> Play:
    """The department has reported, a day after the receipt."""
    play = await stage.start(days_ago=1)
    await play.find()
    return play


async def refreshed(stage: Stage) -> Play:
    """New facts came two days after the receipt."""
    play = await stage.start(days_ago=2)
    await play.do(cmd.AddFacts, summary=TEXT)
    return play


async def told(stage: Stage) -> Play:
    """Decided and told; the callback has been ordered."""
    play = await stage.start()
    await play.find()
    await play.decide(agreed=False)
    return play


async def told_with_a_pause_untold(stage: Stage) -> Play:
    """The decision was told by hand, the appraisal never was."""
    play = await untold(stage)
    await play.do(cmd.RecordNotice, kind="decision", method="posted", proof=TEXT)
    return play


async def from_the_regulator(stage: Stage) -> Play:
    """Forwarded by the regulator, decided, told and called back."""
    received = (await stage.start()).intake.received_at.isoformat()
    instants = dict.fromkeys(("regulator_received_at", "forwarded_at", "insurer_received_at"), received)
    forwarding = {"body": "金融监管局", **instants}
    play = await stage.start(channel="regulator", received_at=received, forwarding=forwarding)
    await play.find()
    await play.decide()
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)
    return play


async def called_back(stage: Stage) -> Play:
    """Told and called back, without the customer's agreement."""
    play = await told(stage)
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=1)
    return play


async def closed(stage: Stage) -> Play:
    """Closed; the window for a review is open."""
    play = await called_back(stage)
    await play.do(cmd.Close, SUPERIOR, reason=TEXT)
    return play


async def in_review(stage: Stage) -> Play:
    """The superior has been asked for a review; it approved an extension in the first instance, and is complained of."""
    staff = [{"person": "p-hq-kf-01"}]
    play = await stage.start(days_ago=1, complexity="complex", respondent={"unit": "gd-gz", "staff": staff})
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    await play.do(cmd.ApproveExtension, SUPERIOR, request="x1", reason=TEXT)
    await play.find()
    await play.decide()
    await play.close()
    await play.do(cmd.RequestReview, reason=TEXT)
    return play


async def withdrawn(stage: Stage) -> Play:
    """Withdrawn; the complainant could not be told yet."""
    play = await stage.start(complexity="complex", **NO_ADDRESS)
    await play.do(cmd.Withdraw, reason=TEXT)
    return play


CLOSED: list[type[cmd.Command]] = [
    cmd.Classify, cmd.Assign, cmd.SubmitFindings, cmd.Decide, cmd.RequestExtension, cmd.ApproveExtension,
    cmd.RefuseExtension, cmd.Pause, cmd.Resume, cmd.AddFacts, cmd.Withdraw, cmd.RefuseHandling, cmd.Merge,
    cmd.RecordCallback, cmd.Close,
]  # fmt: skip
DECIDED: list[type[cmd.Command]] = [
    cmd.Classify, cmd.Assign, cmd.SubmitFindings, cmd.Decide, cmd.RequestExtension, cmd.Pause, cmd.RefuseHandling,
    cmd.Merge,
]  # fmt: skip
ANY_STATE: list[type[cmd.Command]] = [
    cmd.Classify, cmd.Assign, cmd.RequestExtension, cmd.Pause, cmd.Resume, cmd.AddFacts, cmd.Withdraw,
    cmd.RefuseHandling, cmd.Merge,
]  # fmt: skip
SCENARIOS: list[Scenario] = [
    (
        opened,
        each("UnknownActor", *COMMANDS, by="nobody")
        + each("NotAuthorised", *ANY_STATE, by=CLAIMS)
        + each("NotAuthorised", cmd.Decide, cmd.RefuseHandling, cmd.Merge, by=COUNTY)
        + each("NotAuthorised", cmd.RecordContact, by="p-gd-gz-gx-01")
        + each(
            "OtherUnit",
            *ANY_STATE,
            cmd.Decide,
            cmd.ChangeContact,
            cmd.CorrectParticulars,
            cmd.RecordContact,
            by=ELSEWHERE,
        )
        + each("NotAuthorised", cmd.ChangeContact, cmd.CorrectParticulars, by=CLAIMS)
        + each("NothingChanged", cmd.ChangeContact, phone="13800000000")
        + each("NothingChanged", cmd.CorrectParticulars, name="测试人甲")
        + each("NoSuchParty", cmd.CorrectParticulars, whose="agent")
        + each("NotAuthorised", cmd.SubmitFindings, by=CALLER)
        + each("FindingsMissing", cmd.Decide)
        + each("NotComplex", cmd.RequestExtension)
        + each("ExtensionTooLong", cmd.RequestExtension, days=31)
        + each("NoSuchRequest", cmd.ApproveExtension, cmd.RefuseExtension, by=SUPERIOR)
        + each("NoSuchPause", cmd.Resume)
        + each("NothingToTell", cmd.RecordNotice)
        + each("NothingToTell", cmd.ExemptNotice, by=HEAD)
        + each("NotTold", cmd.ConfirmReceipt, cmd.Close)
        + each("NoCallback", cmd.RecordCallback)
        + each("NoWindow", cmd.RequestReview)
        + each("NoReview", cmd.DecideReview, by=SUPERIOR)
        + each("StepNotFailed", cmd.RetryStep, cmd.SkipStep)
        + each("MergeIntoItself", cmd.Merge, into="itself")
        + each("UnknownCoordinator", cmd.Assign, coordinator="nobody")
        + each("NotInDepartment", cmd.Assign, coordinator=SENIOR)
        + each("InstantNotAllowed", cmd.RequestExtension, cmd.ApproveExtension, cmd.RefuseExtension, at=timedelta())
        + each("FutureInstant", cmd.Withdraw, at=DAY)
        + each("BeforeReceipt", cmd.Withdraw, at=-2 * DAY)
        + each("InstantNotAllowed", cmd.MoveRules, by=OFFICER, at=timedelta())
        + each("NotAuthorised", cmd.MoveRules)
        + each("NotAuthorised", cmd.MoveRules, by=HEAD_OFFICE)
        + each("NotAuthorised", cmd.MoveRules, by=SUPERIOR)
        + each("NoSuchRules", cmd.MoveRules, by=OFFICER, to="cn-2099")
        + each("NoSuchRules", cmd.MoveRules, by=OFFICER, pack_hash="0" * 64)
        + each("SameRules", cmd.MoveRules, by=OFFICER, to=STATUTE.pack, pack_hash=STATUTE.content_hash)
        + each("NotAuthorised", cmd.AdoptCalendar)
        + each("NoticeMisfit", cmd.AdoptCalendar, by=HEAD_OFFICE, notice="no notice, but a sentence")
        + each("NoticeMisfit", cmd.AdoptCalendar, by=HEAD_OFFICE, notice=notice_text(date(2019, 1, 7)))
        + each("NotPublished", cmd.AdoptCalendar, by=HEAD_OFFICE, notice=notice_text(LATER)),
    ),
    (
        interested,
        each("DirectInterest", cmd.Assign, by=HEAD)
        + each("DirectInterest", cmd.SubmitFindings, by=CLAIMS)
        + each("DirectInterest", cmd.Decide)
        + each("DirectInterest", cmd.ApproveExtension, cmd.MoveRules, by=SENIOR),
    ),
    (
        asked,
        each("ExtensionPending", cmd.RequestExtension)
        + each("SelfApproval", cmd.ApproveExtension)
        + each("NotAuthorised", cmd.ApproveExtension, cmd.RefuseExtension, by=HEAD)
        + each("AlreadyPaused", cmd.Pause)
        + each("BeforePause", cmd.Resume, at=-DAY / 2),
    ),
    (
        extended,
        each("ExtensionUsed", cmd.RequestExtension)
        + each("AlreadySettled", cmd.ApproveExtension, cmd.RefuseExtension, by=SUPERIOR),
    ),
    (
        found,
        each("OutOfOrder", cmd.Decide, at=-DAY / 2),
    ),
    (refreshed, each("OutOfOrder", cmd.SubmitFindings, by=CLAIMS, at=-DAY)),
    (
        late,
        each("DeadlinePassed", cmd.RequestExtension, cmd.Pause)
        + each("DeadlinePassed", cmd.Classify, complexity="simple"),
    ),
    (repealed, each("NotInRules", cmd.RequestExtension, cmd.Pause)),
    (reclassified_late, each("WouldBreach", cmd.Classify, complexity="simple")),
    (
        unassigned,
        each("NotAssigned", cmd.SubmitFindings)
        + each("StepNotSkippable", cmd.SkipStep, by=HEAD_OFFICE)
        + each("OtherUnit", cmd.RetryStep, cmd.SkipStep, by=ELSEWHERE)
        + each("NotAuthorised", cmd.RetryStep, cmd.SkipStep, by=CLAIMS),
    ),
    (
        untold,
        each("AlreadyDecided", *DECIDED)
        + each("NoAttempt", cmd.ExemptNotice, by=HEAD)
        + each("NotAuthorised", cmd.ExemptNotice)
        + each("NotAuthorised", cmd.RecordNotice, by=CLAIMS)
        + each("OtherUnit", cmd.RecordNotice, by=ELSEWHERE)
        + each("OtherUnit", cmd.ExemptNotice, by="p-zj-hz-kf-03")
        + each("NoticeTooEarly", cmd.RecordNotice, at=-DAY),
    ),
    (
        told,
        each("AlreadyTold", cmd.AddFacts, cmd.Withdraw)
        + each("CallbackMissing", cmd.Close)
        + each("SatisfactionMissing", cmd.RecordCallback, satisfaction=None)
        + each("NotAuthorised", cmd.RecordCallback, cmd.Close, cmd.RequestReview, cmd.ConfirmReceipt, by=CLAIMS)
        + each("OtherUnit", cmd.RecordCallback, cmd.Close, cmd.RequestReview, cmd.ConfirmReceipt, by=ELSEWHERE)
        + each("NotAuthorised", cmd.Close, by=COUNTY),
    ),
    (told, each("RightTaken", cmd.MoveRules, by=OFFICER)),
    (told_with_a_pause_untold, each("DutyOpen", cmd.Close)),
    (from_the_regulator, each("NotAuthorised", cmd.Close)),
    (called_back, each("CommitteeOnly", cmd.Close)),
    (closed, each("CaseClosed", *CLOSED) + each("CaseClosed", cmd.MoveRules, by=OFFICER)),
    (withdrawn, each("CaseEnded", *CLOSED) + each("CaseEnded", cmd.MoveRules, by=OFFICER)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("reach", "tries"), SCENARIOS, ids=lambda each: getattr(each, "__name__", ""))
async def test_what_makes_no_sense_is_refused(
    stage: Stage, reach: Callable[[Stage], Awaitable[Play]], tries: list[Try]
) -> None:
    await assert_refused(await reach(stage), tries)


async def test_a_review_is_decided_in_its_own_workflow(stage: Stage) -> None:
    """Art. 20; one that was asked for before reviews had a workflow is decided with the complaint, under the same rules."""
    play = await in_review(stage)
    ask = cmd.DecideReview.model_validate({"id": "here", "actor": SENIOR, **REVIEW})
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await play.handle.execute_update("decide_review", ask)
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "DecideInReview"
    pin = (await play.view()).pin
    assert pin is not None
    case, now = Case(play.intake, pin, await play.events()), await play.now()
    refusals = {}
    for person, at in ((HEAD, None), (SUPERIOR, None), (HEAD_OFFICE, None), (SENIOR, now - DAY / 2)):
        command = cmd.DecideReview.model_validate({"id": "there", "actor": person, "at": at, **REVIEW})
        with pytest.raises(ApplicationError) as refused:
            check(Ask(case, command, actor(read_organisation(SAMPLE_ORGANISATION), person, "gd-gz", "gd-gz"), now))
        refusals[person] = refused.value.type
    assert refusals == {
        HEAD: "NotAuthorised",
        SUPERIOR: "TookPart",
        HEAD_OFFICE: "DirectInterest",
        SENIOR: "OutOfOrder",
    }


async def test_a_decision_on_its_way_is_neither_withdrawn_nor_reopened(stage: Stage) -> None:
    """The letter has been written and cannot be called back; once it is told, the remedy is a review (art. 20)."""
    play = await found(stage)
    with stage.mail_room_closed():
        ask = cmd.Decide.model_validate({"id": "decide", "actor": SERVICE, **FIELDS[cmd.Decide]})
        await play.handle.execute_update("decide", ask)
        for command in (cmd.Withdraw, cmd.AddFacts):
            assert await play.refused(command, **FIELDS[command]) == "DecisionUnderway"
    await play.settle()
    assert (await play.view()).stage == "calling_back"


@pytest.mark.parametrize("stumbles", [lambda ask: ask[0], lambda ask: ask < 1, lambda ask: 1 / (ask or 0)])
def test_what_a_guard_cannot_even_compare_is_refused(stumbles: Callable[[Any], bool]) -> None:
    """An error that left a handler would be tried again for ever, and stop the clock."""
    error = judged(Refusal("Code", "sentence", stumbles), None)
    assert error is not None
    assert error.type == "Malformed"

"""A complainant who cannot be reached: what must have been tried, who consents, and what contact after all changes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, TEXT, UNREACHABLE, decide, delivered, tell_by_hand, told, verified
from tests.workflow.stage import CALLER, HEAD, SERVICE, Play, Stage, kinds

pytestmark = pytest.mark.slow

CONSENT = "三次联系未果，同意免予告知。"


async def attempt(play: Play, *methods: str, reached: bool = False) -> None:
    """Try to reach the complainant by each of *methods*."""
    for method in methods:
        summary = "已接通。" if reached else "无人应答。"
        await play.do(cmd.RecordContact, method=method, reached=reached, summary=summary)


async def untold(stage: Stage) -> Play:
    """Decided without the agreement of a complainant whom no letter reaches, and nobody else has reached."""
    play = await stage.start(company=COMPANY, **UNREACHABLE)
    await decide(play, agreed=False)
    assert "notice.decision" in (await play.view()).failed_steps
    return play


async def given_up(stage: Stage) -> Play:
    """Three attempts on two days by two channels, after which the head of customer service consented."""
    play = await untold(stage)
    await attempt(play, "phone", "visit")
    await play.forward(days=1)
    await attempt(play, "phone")
    await play.do(cmd.ExemptNotice, HEAD, kind="decision", reason=CONSENT)
    return play


async def closed_unreached(stage: Stage) -> Play:
    play = await given_up(stage)
    await play.do(cmd.RecordCallback, CALLER, reached=False)
    await play.do(cmd.Close, reason="无法联系投诉人，经部门负责人同意结案。")
    return play


@pytest.mark.parametrize(
    ("first_day", "second_day"),
    [
        pytest.param(["phone", "visit", "phone"], [], id="three on one day"),
        pytest.param(["phone", "phone"], ["phone"], id="three by one channel"),
        pytest.param(["phone"], ["visit"], id="two"),
    ],
)
async def test_nobody_is_given_up_before_three_attempts_on_two_days_by_two_channels(
    stage: Stage, first_day: list[str], second_day: list[str]
) -> None:
    """R151, R152, C19."""
    play = await untold(stage)
    await attempt(play, *first_day)
    await play.forward(days=1)
    await attempt(play, *second_day)
    assert await play.refused(cmd.ExemptNotice, HEAD, kind="decision", reason=CONSENT) == "TooFewAttempts"


async def test_somebody_who_was_reached_meanwhile_must_be_tried_anew(stage: Stage) -> None:
    """R151: attempts count from the last time that the complainant was reached."""
    play = await untold(stage)
    await attempt(play, "phone", "visit")
    await play.forward(days=1)
    await attempt(play, "phone", reached=True)
    await attempt(play, "phone")
    assert await play.refused(cmd.ExemptNotice, HEAD, kind="decision", reason=CONSENT) == "TooFewAttempts"


async def test_the_unreachable_are_given_up_by_the_departments_leader_alone(stage: Stage) -> None:
    """R152: the handler who tried does not consent; the statutory duty counts as met, on the day of consent (art. 21)."""
    play = await untold(stage)
    await attempt(play, "phone", "visit")
    await play.forward(days=1)
    await attempt(play, "phone")
    assert await play.refused(cmd.ExemptNotice, SERVICE, kind="decision", reason=CONSENT) == "NotAuthorised"
    await play.do(cmd.ExemptNotice, HEAD, kind="decision", reason=CONSENT)
    exempted = next(event for event in await play.events() if isinstance(event, ev.NoticeExempted))
    assert (exempted.by, exempted.kind) == (HEAD, "decision")
    assert ((await play.duty()).status, (await play.view()).stage) == ("met", "calling_back")


async def test_every_attempt_is_on_record_with_its_recording(stage: Stage) -> None:
    """R151: each time and situation is written down, and the recording is named by its hash."""
    play = await untold(stage)
    await play.do(cmd.RecordContact, method="phone", reached=False, summary="占线。", recording="a" * 64)
    await attempt(play, "sms")
    attempts = [event for event in await play.events() if isinstance(event, ev.ContactAttempted)]
    assert [(one.method, one.reached, one.summary, one.recording) for one in attempts] == [
        ("phone", False, "占线。", "a" * 64),
        ("sms", False, "无人应答。", None),
    ]


async def test_the_case_of_somebody_unreachable_is_closed_without_the_committee(stage: Stage) -> None:
    """R152: the leader's consent is what it takes; nobody has disagreed whom the committee would have to hear (R150)."""
    play = await closed_unreached(stage)
    view = await play.view()
    assert (view.stage, view.failed_steps, view.handling.meetings) == ("closed", (), ())
    await play.forward(days=31)
    assert (await play.handle.result()).result == "responsible"
    assert verified(play)


async def test_contact_after_all_opens_a_closed_case_again(stage: Stage) -> None:
    """C19, R152: the decision is told and the customer called back; what was met in time stays met."""
    play = await closed_unreached(stage)
    await play.forward(days=20)
    await attempt(play, "phone", reached=True)
    view = await play.view()
    assert (view.closed, view.stage, (await play.duty("tell_reached")).status) == (False, "notifying", "open")
    assert await play.refused(cmd.Close, reason=TEXT) == "NotTold"
    await tell_by_hand(play, "decision")
    assert (await play.duty("tell_reached")).status == "met"
    assert (await play.view()).stage == "calling_back"
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)
    assert await play.refused(cmd.Close, reason=TEXT) == "CommitteeOnly", "whoever was reached can be asked to agree"
    assert (await play.duty()).status == "met"


async def test_a_case_that_was_opened_again_is_closed_again_and_its_record_holds(stage: Stage) -> None:
    """C19: both closures and what lay between them are on record, in their order."""
    play = await closed_unreached(stage)
    await attempt(play, "phone", reached=True)
    await tell_by_hand(play, "decision")
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)
    await play.do(hcmd.RecordResponse, accepts=True, summary="认可处理结果。")
    await play.do(cmd.Close, reason="处理完毕，客户认可。")
    happened = [
        kind
        for kind in kinds(await play.events())
        if kind in {"closed", "reopened", "exemption_lifted", "callback_opened", "called_back", "notice_given"}
    ]
    assert happened == [
        *("callback_opened", "called_back", "closed"),
        *("reopened", "exemption_lifted", "notice_given", "callback_opened", "called_back", "closed"),
    ]
    assert (await play.finish()).result == "responsible"
    assert ((await play.duty()).status, verified(play)) == ("met", True)


async def test_contact_before_closing_only_brings_back_what_must_be_told(stage: Stage) -> None:
    """R152: nothing was closed, so nothing is opened again; the exemption falls, and the decision is owed."""
    play = await given_up(stage)
    await attempt(play, "phone", reached=True)
    assert ((await play.view()).stage, "reopened" in kinds(await play.events())) == ("notifying", False)
    await tell_by_hand(play, "decision")
    assert len(told(await play.events(), "decision")) == 1


async def test_a_case_whose_decision_was_told_is_not_opened_again_by_a_call(stage: Stage) -> None:
    """C19: only what was closed over an unreachable complainant is; that the receipt reached nobody changes nothing."""
    play = await stage.start(company=COMPANY, **UNREACHABLE)
    await attempt(play, "phone", "visit")
    await play.forward(days=1)
    await attempt(play, "phone")
    await play.do(cmd.ExemptNotice, HEAD, kind="receipt", reason=CONSENT)
    await decide(play)
    await tell_by_hand(play, "decision")
    await play.close()
    await attempt(play, "phone", reached=True)
    assert ((await play.view()).closed, "reopened" in kinds(await play.events())) == (True, False)


async def test_whoever_withdrew_and_is_reached_after_all_is_told_and_the_case_stays_ended(stage: Stage) -> None:
    """Art. 15, C19: a procedure that the complainant ended is not opened again."""
    play = await stage.start(company=COMPANY, **UNREACHABLE)
    await attempt(play, "phone", "visit")
    await play.forward(days=1)
    await attempt(play, "phone")
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    await play.do(cmd.ExemptNotice, HEAD, kind="withdrawal", reason=CONSENT)
    await play.forward(days=10)
    await attempt(play, "phone", reached=True)
    await tell_by_hand(play, "withdrawal")
    result = await play.handle.result()
    assert (result.result, kinds(await play.events()).count("closed")) == ("withdrawn", 1)
    assert verified(play)


async def test_nobody_invents_attempts_to_reach_somebody_whom_nothing_names(stage: Stage) -> None:
    """Art. 21: without name, address and policy there is no way to try; the leader's consent is on record all the same."""
    play = await stage.start(company=COMPANY, complainant={"kind": "unnamed", "reference": "ref-1"})
    await play.find()
    await play.decide()
    await play.do(cmd.ExemptNotice, HEAD, kind="decision", reason="投诉人未留姓名和联系方式。")
    assert (await play.view()).stage == "calling_back"


async def test_new_contact_details_are_used_by_the_next_letter_and_stay_out_of_the_record(stage: Stage) -> None:
    """Art. 13, 21: the receipt went to the old number; the decision, in a later run, goes to the new address."""
    play = await stage.start()
    number, address = "13911112222", "new.address@example.com"
    await play.do(cmd.ChangeContact, phone=number, email=address, preferred="email")
    await play.handle.signal("hand_over")
    await play.settle()
    await play.find()
    await play.decide()
    assert "To: 13800000000\n" in delivered(play, "receipt.1")
    assert f"To: {address}\n" in delivered(play, "decision.1")
    events = await play.events()
    changed = next(event for event in events if isinstance(event, ev.ContactChanged))
    assert (changed.by, changed.parts) == (SERVICE, ("phone", "email", "preferred"))
    recorded = "".join(event.model_dump_json() for event in events)
    assert number not in recorded
    assert address not in recorded
    assert verified(play)


async def test_a_notice_that_found_no_address_goes_out_once_one_is_known(stage: Stage) -> None:
    """Art. 21: nobody need tell by hand what a letter can tell now."""
    play = await untold(stage)
    await play.do(cmd.ChangeContact, phone="13911112222")
    await play.do(cmd.RetryStep, step="notice.decision")
    [notice] = told(await play.events(), "decision")
    assert notice.method == "sms"


def test_a_change_of_contact_details_names_one_and_never_repeats_it() -> None:
    """What is refused is not echoed: it is personal."""
    with pytest.raises(ValidationError, match="name at least one of phone, email, address and preferred"):
        cmd.ChangeContact(id="1", actor=SERVICE)
    with pytest.raises(ValidationError) as refused:
        cmd.ChangeContact(id="1", actor=SERVICE, email="no address at all")
    assert "no address at all" not in str(refused.value)

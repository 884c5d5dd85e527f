"""Machine steps that fail: the case waits for a person, who retries, skips or does it by hand; it never gets stuck."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from models import commands as cmd
from rulebook import events as ev
from tests.engine.waiting import until
from tests.workflow.stage import CALLER, CLAIMS, HEAD, SERVICE, Play, Stage, kinds

NO_ADDRESS: dict[str, Any] = {"complainant": {"kind": "person", "name": "测试人乙", "contact": {}}}
HEAD_OFFICE = "p-hq-kf-01"
NO_UNIT: dict[str, Any] = {"respondent": {"unit": "no-such-unit"}}
BY_HAND: dict[str, Any] = {
    "unit": "gd-gz",
    "department": "gd-gz-yg",
    "coordinator": CLAIMS,
    "reason": "机构代码有误，人工分派。",
}


async def failures(play: Play) -> list[tuple[str, str]]:
    return [(event.step, event.error) for event in await play.events() if isinstance(event, ev.StepFailed)]


async def test_nobody_to_assign_waits_for_a_person_who_assigns(stage: Stage) -> None:
    """A retry that fails again waits again; the assignment by hand takes the case on."""
    play = await stage.start(**NO_UNIT)
    assert await failures(play) == [("assignment", "NobodyToAssign")]
    assert (await play.view()).failed_steps == ("assignment",)
    await play.do(cmd.RetryStep, HEAD_OFFICE, step="assignment")
    assert await failures(play) == [("assignment", "NobodyToAssign")] * 2
    await play.do(cmd.Assign, HEAD_OFFICE, **BY_HAND)
    assert (await play.view()).stage == "investigating"
    await play.find()
    await play.decide()
    assert (await play.finish()).result == "responsible"


async def test_a_failed_step_does_not_stop_the_clock(stage: Stage) -> None:
    """Nobody was assigned, and the deadline passes all the same (art. 18)."""
    play = await stage.start(**NO_UNIT)
    await play.forward(days=17)
    assert "deadline_breached" in kinds(await play.events())
    assert (await play.view()).overdue


async def test_a_complainant_without_an_address_is_told_by_hand(stage: Stage) -> None:
    """Each notice waits for a person, with the proof of how it was given (art. 21)."""
    play = await stage.start(**NO_ADDRESS)
    assert await failures(play) == [("notice.receipt", "NoAddress")]
    await play.do(cmd.RecordNotice, kind="receipt", method="phone", proof="录音 0001")
    await play.find()
    await play.decide()
    assert (await play.view()).stage == "notifying"
    assert await play.refused(cmd.SkipStep, step="notice.decision", reason="客户不接") == "StepNotSkippable"
    await play.do(cmd.RecordNotice, kind="decision", method="posted", proof="挂号信 0002")
    assert (await play.duty()).status == "met"
    assert (await play.view()).stage == "calling_back"
    given = [event for event in await play.events() if isinstance(event, ev.NoticeGiven)]
    assert [(event.kind, event.by, event.proof) for event in given] == [
        ("receipt", SERVICE, "录音 0001"),
        ("decision", SERVICE, "挂号信 0002"),
    ]


async def test_only_who_could_not_be_reached_need_not_be_told(stage: Stage) -> None:
    """An attempt on record, then the head of the department, then the exemption (art. 21, R152)."""
    play = await stage.start(**NO_ADDRESS)
    await play.find()
    await play.decide()
    assert await play.refused(cmd.ExemptNotice, SERVICE, kind="decision", reason="无法联系") == "NotAuthorised"
    assert await play.refused(cmd.ExemptNotice, HEAD, kind="decision", reason="无法联系") == "NoAttempt"
    await play.do(cmd.RecordContact, method="phone", reached=False, summary="号码为空号。")
    await play.do(cmd.ExemptNotice, HEAD, kind="decision", reason="投诉未留联系方式，多方查找未果。")
    assert ((await play.duty()).status, (await play.view()).stage) == ("met", "calling_back")


async def test_a_withdrawal_is_taken_while_a_step_waits(stage: Stage) -> None:
    play = await stage.start(**NO_UNIT)
    await play.do(cmd.Withdraw, HEAD_OFFICE, reason="投诉人来电撤回。")
    assert (await play.handle.result()).result == "withdrawn"


async def test_a_decision_that_could_not_be_told_can_still_be_withdrawn(stage: Stage) -> None:
    """The complainant, who came in person, withdraws before having been told; nothing is left running."""
    play = await stage.start(**NO_ADDRESS)
    await play.find()
    await play.decide()
    await play.do(cmd.Withdraw, reason="投诉人到场撤回。")
    await play.do(cmd.RecordNotice, kind="withdrawal", method="handed", proof="签收单 0003")
    assert (await play.handle.result()).result == "withdrawn"


async def test_a_letter_that_cannot_be_delivered_goes_out_once_after_the_retry(live: Stage) -> None:
    """The outbox cannot be written; retries go on by themselves until it can, and one letter lies there."""
    with live.mail_room_closed():
        play = await live.start(settle=False)
        await _attempted(play, "notices.tell")
    await play.settle()
    assert await failures(play) == []
    assert len(list((live.home / "outbox").glob(f"{play.intake.complaint_id}.receipt.*"))) == 1


async def _attempted(play: Play, activity: str) -> None:
    """Wait until *activity* has failed at least once."""

    async def failed() -> bool:
        pending = (await play.handle.describe()).raw_description.pending_activities
        return any(each.activity_type.name == activity and each.attempt > 1 for each in pending)

    await until(failed)


async def test_what_cannot_be_verified_is_not_closed(stage: Stage) -> None:
    """Somebody changed the record by hand: closing fails with a stable code, and the case goes on."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=4)
    with closing(sqlite3.connect(stage.home / "records.db")) as database, database:
        changed = database.execute(
            "UPDATE complaint_case SET severity = 'major' WHERE complaint_id = ?", (play.intake.complaint_id,)
        )
        assert changed.rowcount == 1
    assert await play.refused(cmd.Close, reason="处理完毕。") == "RecordBroken"
    assert not (await play.view()).closed

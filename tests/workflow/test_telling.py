"""What the complainant is told: by whom, with what, when it counts as told, and what stops being owed."""

from __future__ import annotations

from typing import Any

from models import commands as cmd
from models.tables import NoticeRow
from rulebook import events as ev
from tests.engine.waiting import until
from tests.workflow.stage import REVIEW, SERVICE, SUPERIOR, Play, Stage

NO_ADDRESS: dict[str, Any] = {"complainant": {"kind": "person", "name": "测试人乙", "contact": {}}}
HEAD_OFFICE = "p-hq-kf-01"
NO_UNIT: dict[str, Any] = {"respondent": {"unit": "no-such-unit"}}


def letter(play: Play, kind: str) -> NoticeRow:
    return next(row for row in play.stage.ledger.notices(play.intake.complaint_id) if row.kind == kind)


async def test_the_decision_letter_holds_the_decision_and_is_signed_by_who_decided(stage: Stage) -> None:
    """Art. 19: what is done, and every remedy; the review goes to the superior institution by name (art. 20)."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.close()
    body = letter(play, "decision").body
    assert "向您支付理赔款并致歉。" in body
    assert "（示例人寿保险股份有限公司广东省分公司）书面申请核查" in body
    assert all(remedy in body for remedy in ("调解：", "仲裁：", "诉讼："))
    assert "\n示例人寿保险股份有限公司广州市中心支公司\n" in body
    assert "Telephone: 95500-000" in letter(play, "receipt").body
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    await play.examine()
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    await play.handle.result()
    assert "\n示例人寿保险股份有限公司广东省分公司\n" in letter(play, "review_decision").body


async def test_a_letter_counts_as_sent_at_the_instant_of_its_event(stage: Stage, seldom: None) -> None:
    """However long the mail room was closed: what was told late was told late."""
    with stage.mail_room_closed():
        play = await stage.start(settle=False)
        await play.forward(hours=3)
    await play.forward(days=1)
    told = next(event for event in await play.events() if isinstance(event, ev.NoticeGiven))
    row = letter(play, "receipt")
    assert (row.sent_at, row.proof) == (told.at, told.proof)
    assert (told.at - row.written_at).total_seconds() > 2 * 3600
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_an_extension_is_told_while_the_clock_is_paused(stage: Stage) -> None:
    """It has no deadline to name then, and comes into force all the same (art. 18)."""
    play = await stage.start(complexity="complex")
    await play.do(cmd.Pause, ground="mediation", reason="双方申请调解。")
    asked = await play.do(cmd.RequestExtension, days=10, reason="等待回函。")
    await play.do(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason="同意。")
    assert [extension.status for extension in (await play.view()).extensions] == ["in_force"]
    assert "处理期限目前暂停计算" in letter(play, "extension").body


async def test_a_refusal_is_told_to_the_agent_who_submitted_and_to_nobody_else(stage: Stage) -> None:
    """Art. 18(4)."""
    agent = {"name": "代理人丙", "contact": {"phone": "13900000000"}}
    play = await stage.start(agent=agent)
    await play.do(cmd.RefuseHandling, reason="来电人并非投诉人，亦无授权。")
    await play.handle.result()
    [refusal] = (stage.home / "outbox").glob(f"{play.intake.complaint_id}.refusal.*")
    [receipt] = (stage.home / "outbox").glob(f"{play.intake.complaint_id}.receipt.*")
    assert "To: 13900000000\n" in refusal.read_text(encoding="utf-8")
    assert "尊敬的代理人丙：" in refusal.read_text(encoding="utf-8")
    assert "To: 13800000000\n" in receipt.read_text(encoding="utf-8")


async def test_a_refusal_does_not_reach_the_complainant_past_an_agent_without_address(stage: Stage) -> None:
    play = await stage.start(agent={"name": "代理人丙"})
    await play.do(cmd.RefuseHandling, reason="来电人并非投诉人，亦无授权。")
    assert (await play.view()).failed_steps == ("notice.refusal",)


async def test_a_step_that_nobody_needs_any_more_waits_for_nobody(stage: Stage) -> None:
    """Told by hand, assigned by hand, ended: the operator's list holds only what is still to do."""
    play = await stage.start(**NO_UNIT, **NO_ADDRESS)
    assert set((await play.view()).failed_steps) == {"assignment", "notice.receipt"}
    await play.do(
        cmd.Assign,
        HEAD_OFFICE,
        unit="gd-gz",
        department="gd-gz-yg",
        coordinator="p-gd-gz-yg-01",
        reason="机构代码有误，人工分派。",
    )
    assert (await play.view()).failed_steps == ("notice.receipt",)
    await play.do(cmd.Pause, ground="external_appraisal", reason="委托鉴定。")
    assert set((await play.view()).failed_steps) == {"notice.receipt", "notice.pause.p1"}
    await play.do(cmd.RecordNotice, kind="pause", method="phone", proof="录音 0001")
    assert (await play.view()).failed_steps == ("notice.receipt",)
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    assert (await play.view()).failed_steps == ("notice.withdrawal",)
    await play.do(cmd.RecordNotice, kind="withdrawal", method="phone", proof="录音 0002")
    assert (await play.handle.result()).result == "withdrawn"
    assert (await play.view()).failed_steps == ()


async def test_a_reminder_that_fails_holds_up_neither_the_next_nor_the_end(stage: Stage, seldom: None) -> None:
    """The first reminder cannot leave; the breach that follows is passed on, and the case ends (R105)."""
    play = await stage.start(**NO_ADDRESS)
    with stage.mail_room_closed():
        await play.forward(days=14)
        waiting = (await play.view()).outages
    assert any(step.startswith("reminder.") for step in waiting)
    await play.forward(days=3)

    async def breached() -> bool:
        return (await play.view()).overdue

    await until(breached)  # The server may ring a timer a moment after it has skipped past it.
    await play.settle()
    outbox = [
        file.read_text(encoding="utf-8") for file in (stage.home / "outbox").glob(f"{play.intake.complaint_id}.*")
    ]
    assert sum("已逾期 overdue" in text for text in outbox) == 1
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    await play.do(cmd.RecordNotice, SERVICE, kind="withdrawal", method="phone", proof="录音 0002")
    assert (await play.handle.result()).result == "withdrawn"

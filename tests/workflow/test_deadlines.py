"""The statutory days of a complaint, on the real server: 14, 15 and 16; 30; 58; 60 and 61 (art. 18)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models import commands as cmd
from rulebook import events as ev
from tests.workflow.stage import CLAIMS, HEAD, SENIOR, SERVICE, SHANGHAI, SUPERIOR, Play, Stage, kinds


def midnight_after(play: Play, days: int) -> datetime:
    day = play.intake.received_at.astimezone(SHANGHAI).date() + timedelta(days=days + 1)
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


async def test_a_simple_complaint_told_on_day_14_is_in_time(stage: Stage) -> None:
    """Decided and told within 15 natural days of receipt (art. 18(1)); the case ends when the review window has closed."""
    play = await stage.start()
    await play.find()
    await play.forward(days=14)
    await play.decide()
    assert (await play.duty()).status == "met"
    result = await play.finish()
    assert (result.result, result.breached) == ("responsible", False)
    events = await play.events()
    happened = [kind for kind in kinds(events) if kind != "reminder_raised"]
    # The receipt notice goes out beside the investigation; which of the two is recorded first is nobody's promise.
    assert sorted(happened[:5]) == ["acknowledged", "assigned", "investigation_opened", "notice_given", "received"]
    assert happened[5:] == [
        "findings_submitted",
        "decision_made",
        "notice_given",
        "callback_opened",
        "called_back",
        "closed",
        "window_closed",
    ]
    assert stage.ledger.verify(play.intake.complaint_id).differences == ()


async def test_the_last_second_of_day_15_is_in_time(stage: Stage) -> None:
    """24:00 of day 15 is the limit, and not the hour of receipt (Civil Code art. 202)."""
    play = await stage.start()
    due = midnight_after(play, 15)
    assert (await play.duty()).due == due
    await play.find()
    await play.forward_to(due - timedelta(minutes=1))
    await play.decide()
    assert (await play.duty()).status == "met"


async def test_a_breach_is_recorded_at_the_legal_instant(stage: Stage) -> None:
    """On day 16 the breach stands at 24:00 of day 15, with the detection delay beside it; the case goes on."""
    play = await stage.start()
    due = midnight_after(play, 15)
    await play.find()
    await play.forward_to(due + timedelta(hours=9))
    breach = next(event for event in await play.events() if isinstance(event, ev.DeadlineBreached))
    assert (breach.at, breach.due, breach.duty) == (due, due, "decide")
    assert timedelta(0) <= breach.recorded_at - breach.at < timedelta(minutes=1)
    assert (await play.view()).overdue
    await play.decide()
    view = await play.view()
    assert ((await play.duty()).status, view.overdue, view.stage) == ("met_late", False, "calling_back")
    assert (await play.finish()).breached


@pytest.mark.parametrize(("days", "status"), [(29, "met"), (31, "met_late")])
async def test_a_complex_complaint_has_30_days(stage: Stage, days: int, status: str) -> None:
    """Complex matters are decided and told within 30 natural days (art. 18(1))."""
    play = await stage.start(complexity="complex")
    assert (await play.duty()).due == midnight_after(play, 30)
    await play.find()
    await play.forward(days=days)
    await play.decide()
    assert (await play.duty()).status == status


async def extended(play: Play, actor: str = SUPERIOR) -> str:
    asked = await play.do(cmd.RequestExtension, days=30, reason="需等待医院调取病历。")
    await play.do(cmd.ApproveExtension, actor, request=asked.ref, reason="情况特别复杂，同意。")
    return asked.ref or ""


@pytest.mark.parametrize("approver", [SUPERIOR, SENIOR])
@pytest.mark.parametrize(("days", "status"), [(58, "met"), (61, "met_late")])
async def test_an_extended_complaint_has_60_days(stage: Stage, days: int, status: str, approver: str) -> None:
    """Approved by the superior institution or a head-office senior manager, and told: 60 days and no more (art. 18(1))."""
    play = await stage.start(complexity="complex")
    await play.forward(days=20)
    await extended(play, approver)
    assert (await play.duty()).due == midnight_after(play, 60)
    told = [event for event in await play.events() if isinstance(event, ev.NoticeGiven) and event.kind == "extension"]
    assert [event.ref for event in told] == ["x1"]
    await play.find()
    await play.forward_to(play.intake.received_at + timedelta(days=days))
    await play.decide()
    assert (await play.duty()).status == status


async def test_the_record_names_both_persons_instants_and_reasons_of_an_extension(stage: Stage) -> None:
    play = await stage.start(complexity="complex")
    await extended(play)
    events = await play.events()
    asked = next(event for event in events if isinstance(event, ev.ExtensionRequested))
    approved = next(event for event in events if isinstance(event, ev.ExtensionApproved))
    assert (asked.by, asked.reason) == (SERVICE, "需等待医院调取病历。")
    assert (approved.by, approved.reason, approved.ground) == (SUPERIOR, "情况特别复杂，同意。", "superior_institution")
    assert asked.at <= approved.at


async def test_an_undecided_request_counts_as_refused_at_the_deadline(stage: Stage) -> None:
    """A request that nobody decided does not move the deadline; approving it afterwards is refused."""
    play = await stage.start(complexity="complex")
    await play.forward(days=28)
    asked = await play.do(cmd.RequestExtension, days=10, reason="等待鉴定意见。")
    await play.forward(days=3)
    events = await play.events()
    lapsed = next(event for event in events if isinstance(event, ev.ExtensionRefused))
    assert (lapsed.code, lapsed.at) == ("UndecidedAtDeadline", midnight_after(play, 30))
    assert kinds(events).index("extension_refused") < kinds(events).index("deadline_breached")
    assert await play.refused(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason="同意") == "AlreadySettled"


async def test_who_asks_cannot_approve_and_who_has_no_authority_neither(stage: Stage) -> None:
    """Four eyes, and the two grounds of art. 18(1): not the requester, not the handling unit's own head."""
    play = await stage.start(complexity="complex")
    asked = await play.do(cmd.RequestExtension, SUPERIOR, days=30, reason="情况特别复杂。")
    assert await play.refused(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason="同意") == "SelfApproval"
    assert await play.refused(cmd.ApproveExtension, HEAD, request=asked.ref, reason="同意") == "NotAuthorised"
    assert await play.refused(cmd.ApproveExtension, "nobody", request=asked.ref, reason="同意") == "UnknownActor"
    assert await play.refused(cmd.ApproveExtension, SENIOR, request="x9", reason="同意") == "NoSuchRequest"


async def test_a_second_extension_is_refused(stage: Stage) -> None:
    """60 days are the ceiling (art. 18(1))."""
    play = await stage.start(complexity="complex")
    await extended(play)
    assert await play.refused(cmd.RequestExtension, days=1, reason="再延一天") == "ExtensionUsed"


async def test_only_a_complex_complaint_is_extended(stage: Stage) -> None:
    play = await stage.start()
    assert await play.refused(cmd.RequestExtension, days=30, reason="太忙") == "NotComplex"


async def test_an_appraisal_moves_the_deadline_by_exactly_its_length(stage: Stage) -> None:
    """External appraisal is left out of the limit, and the complainant is told (art. 18(2))."""
    play = await stage.start()
    before = (await play.duty()).due
    assert before is not None
    paused = await play.do(cmd.Pause, ground="external_appraisal", reason="送司法鉴定。")
    assert (await play.duty()).due is None
    begun = next(event for event in await play.events() if isinstance(event, ev.ClockPaused))
    await play.forward(days=40)
    await play.do(cmd.Resume, pause=paused.ref, reason="鉴定完成。")
    events = await play.events()
    ended = next(event for event in events if isinstance(event, ev.ClockResumed))
    assert (await play.duty()).due == before + (ended.at - begun.at)
    assert not any(isinstance(event, ev.DeadlineBreached) for event in events)
    assert (await play.duty("tell_pause")).status == "met"


async def test_new_facts_restart_the_limit_from_their_receipt(stage: Stage) -> None:
    """The limit restarts with new facts, and what was found before is looked at again (art. 18(3))."""
    play = await stage.start()
    await play.find()
    await play.forward(days=10)
    await play.do(cmd.AddFacts, summary="投诉人补交了出院小结。")
    view = await play.view()
    now = (await play.now()).date() + timedelta(days=16)
    assert view.stage == "investigating"
    assert (await play.duty()).due == datetime(now.year, now.month, now.day, tzinfo=SHANGHAI)
    assert kinds(await play.events()).count("investigation_opened") == 2


async def test_reminders_come_before_and_on_the_last_day(stage: Stage) -> None:
    play = await stage.start()
    await play.forward(days=17)
    raised = [event for event in await play.events() if isinstance(event, ev.ReminderRaised)]
    assert [event.before for event in raised] == ["5nd", "1nd", "0nd"]
    outbox = sorted(path.name for path in (stage.home / "outbox").glob(f"{play.intake.complaint_id}.reminder.*"))
    assert len(outbox) == 4


async def test_a_migrated_complaint_opens_with_its_breach_and_without_a_burst(stage: Stage) -> None:
    """A receipt that lies 40 days back gives the breach at its legal instant, and no reminder of days gone by."""
    play = await stage.start(days_ago=40)
    events = await play.events()
    breach = next(event for event in events if isinstance(event, ev.DeadlineBreached))
    assert breach.at == midnight_after(play, 15)
    assert breach.recorded_at - breach.at > timedelta(days=24)
    assert "reminder_raised" not in kinds(events)
    assert (await play.view()).overdue


async def test_a_complaint_entered_late_reminds_the_highest_level_it_has_reached_once(stage: Stage) -> None:
    """Under the insurer's own rules: for each duty one reminder, which names the levels below; staff read it."""
    play = await stage.start(days_ago=60, company="company-life", categories=["claims"])
    raised = [event for event in await play.events() if isinstance(event, ev.ReminderRaised)]
    assert [event.duty for event in raised] == list(dict.fromkeys(event.duty for event in raised))
    settle = next(event for event in raised if event.duty == "settle")
    assert (settle.to, settle.passed) == ("general_manager", ("coordinator", "department_head"))
    letters = [
        path.read_text(encoding="utf-8") for path in (stage.home / "outbox").rglob("*reminder*") if path.is_file()
    ]
    assert any("passed over when entered: coordinator、department_head" in letter for letter in letters)
    await play.forward(days=30)
    again = [event for event in await play.events() if isinstance(event, ev.ReminderRaised) and event.duty == "settle"]
    assert again == [settle]
    assert stage.ledger.verify(play.intake.complaint_id).ok


@pytest.mark.parametrize("actor", [CLAIMS, "p-gd-gz-zc-kf-01"])
async def test_decisions_need_customer_service_above_the_county(stage: Stage, actor: str) -> None:
    play = await stage.start()
    await play.find()
    refusal = await play.refused(
        cmd.Decide,
        actor,
        liability="responsible",
        causes=["x"],
        verification="核实",
        basis="依据",
        reasons="理由",
        decision="向您支付理赔款。",
    )
    assert refusal == "NotAuthorised"

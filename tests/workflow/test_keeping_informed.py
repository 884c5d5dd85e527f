"""What the complainant is asked and told on the way: missing material (R074), progress (R117); no clock of the law moves."""

from __future__ import annotations

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, COMPLETE, TEXT, decide, letters, midnight_after, statuses, told
from tests.workflow.stage import CLAIMS, HEAD, Play, Stage

pytestmark = pytest.mark.slow


async def progress(play: Play) -> None:
    """Tell the complainant how the complaint stands."""
    await play.do(hcmd.WriteProgress, text="正在向医院调取病历。")


async def complex_one(stage: Stage) -> Play:
    """A complex complaint about one department, which has a slip."""
    return await stage.start(company=COMPANY, complexity="complex", **COMPLETE)


async def test_missing_material_is_asked_for_by_letter_and_stops_no_clock(stage: Stage) -> None:
    """R074, C5: within five working days; while the complainant looks for it every day counts."""
    play = await stage.start(company=COMPANY)
    before = {duty.key: duty.due for duty in (await play.view()).duties}
    assert before["request_material"] == midnight_after(play, 7)
    await play.do(hcmd.RequestMaterial, codes=["identity", "basis"], text="请补交身份证明。")
    assert await statuses(play, "request_material") == {"request_material": "met"}
    assert "请补交身份证明。" in letters(play)["material"].body
    assert {duty.key: duty.due for duty in (await play.view()).duties} == before
    assert (await play.view()).paused == ()


async def test_what_was_handed_in_is_lacking_no_more_and_is_not_asked_for_again(stage: Stage) -> None:
    """R074, R079: the insurer holds it now (art. 13), and whoever looks at the complaint sees that."""
    play = await stage.start(company=COMPANY)
    assert (await play.view()).lacks == ("identity", "basis")
    await play.do(hcmd.RecordMaterial, codes=["identity"], evidence=["a" * 64])
    assert (await play.view()).lacks == ("basis",)
    assert await play.refused(hcmd.RequestMaterial, codes=["identity"], text=TEXT) == "MaterialHeld"
    received = next(event for event in await play.events() if isinstance(event, ev.MaterialReceived))
    assert (received.codes, received.evidence) == (("identity",), ("a" * 64,))


async def test_material_that_came_unasked_is_not_owed_a_letter(stage: Stage) -> None:
    """R074: what was to be asked for is there; nobody is written to."""
    play = await stage.start(company=COMPANY)
    await play.do(hcmd.RecordMaterial, codes=["identity", "basis"])
    assert await statuses(play, "request_material") == {"request_material": "met"}
    assert letters(play).keys() == {"receipt"}


async def test_each_request_for_material_is_a_letter_of_its_own(stage: Stage) -> None:
    play = await stage.start(company=COMPANY)
    await play.do(hcmd.RequestMaterial, codes=["identity"], text="请补交身份证明。")
    await play.do(hcmd.RequestMaterial, codes=["basis"], text="请说明依据。")
    assert [event.ref for event in told(await play.events(), "material")] == ["m1", "m2"]


async def test_a_complaint_that_lacks_everything_is_decided_all_the_same(stage: Stage) -> None:
    """C5, art. 18: waiting for material is no reason to be late, and none not to decide."""
    play = await stage.start(company=COMPANY)
    await play.do(hcmd.RequestMaterial, codes=["identity", "basis"], text="请补交。")
    await decide(play)
    assert await statuses(play, "decide", "settle") == {"decide": "met", "settle": "met"}


async def test_progress_is_told_every_seven_working_days_until_the_decision(stage: Stage) -> None:
    """R117: each letter starts the next seven days; the decision ends them."""
    play = await complex_one(stage)
    assert (await play.duty("progress")).due == midnight_after(play, 9), "Monday and seven working days"
    await play.forward(days=7)
    await progress(play)
    assert "正在向医院调取病历。" in letters(play)["progress"].body
    assert await statuses(play, "progress", "progress#2") == {"progress": "met", "progress#2": "open"}
    assert (await play.duty("progress#2")).due == midnight_after(play, 16)
    await play.forward(days=7)
    await progress(play)
    assert [event.ref for event in told(await play.events(), "progress")] == ["j1", "j2"]
    await decide(play)
    assert await statuses(play, "progress#2", "progress#3") == {"progress#2": "met", "progress#3": "cancelled"}
    assert await play.refused(hcmd.WriteProgress, text=TEXT) == "AlreadyDecided"


async def test_a_complainant_who_hears_nothing_is_a_breach_that_customer_service_hears_of(stage: Stage) -> None:
    """R117: the coordinator the day before, the head of customer service when it is too late."""
    play = await complex_one(stage)
    await play.forward_to(midnight_after(play, 9))
    raised = [
        event for event in await play.events() if isinstance(event, ev.ReminderRaised) and event.duty == "progress"
    ]
    assert [event.to for event in raised] == ["coordinator", "customer_service_head"]
    breaches = [event.duty for event in await play.events() if isinstance(event, ev.DeadlineBreached)]
    assert "progress" in breaches
    outbox = {
        path.name.split(".")[-2] for path in (stage.home / "outbox").glob(f"{play.intake.complaint_id}.reminder.*")
    }
    assert {CLAIMS, HEAD} <= outbox


async def test_a_simple_complaint_owes_no_progress(stage: Stage) -> None:
    """R117: it is for complex ones; found to be simple after all, a complaint owes none any more."""
    play = await complex_one(stage)
    await play.do(cmd.Classify, complexity="simple", reason="事实清楚。")
    assert await statuses(play, "progress") == {"progress": "cancelled"}

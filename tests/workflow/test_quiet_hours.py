"""Quiet hours (免打扰): a message waits for the morning, unless it would come too late; what counts in law never moves."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from models import commands as cmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, COMPLETE, TEXT, midnight_after, told
from tests.workflow.stage import CLAIMS, SHANGHAI, Play, Stage

pytestmark = pytest.mark.slow

MINUTE = timedelta(minutes=1)
BY_EMAIL: dict[str, Any] = {
    "complainant": {
        "kind": "person",
        "name": "测试人甲",
        "contact": {"phone": "13800000000", "email": "a@example.com", "preferred": "email"},
    }
}
BY_PHONE: dict[str, Any] = {
    "complainant": {
        "kind": "person",
        "name": "测试人甲",
        "contact": {"phone": "13800000000", "email": "a@example.com", "preferred": "sms"},
    }
}


def at(play: Play, days: int, hour: int, minute: int = 0) -> datetime:
    """Return a time of day, so many days after the receipt."""
    day = play.intake.received_at.astimezone(SHANGHAI).date() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), SHANGHAI)


async def decided_at(stage: Stage, hour: int, minute: int = 0, **changes: Any) -> Play:
    """A complaint that is decided at a time on the day after its receipt."""
    play = await stage.start(company=COMPANY, **COMPLETE, **changes)
    await play.find()
    await play.forward_to(at(play, 1, hour, minute))
    await play.decide()
    return play


async def told_at(play: Play, kind: ev.NoticeKind = "decision") -> list[datetime]:
    return [event.at for event in told(await play.events(), kind)]


@pytest.mark.parametrize(("hour", "minute", "morning"), [(21, 0, 2), (21, 30, 2), (7, 59, 1)])
async def test_a_message_at_night_is_sent_in_the_morning(stage: Stage, hour: int, minute: int, morning: int) -> None:
    """Decided between nine in the evening and eight in the morning, told at eight: that is its instant in law, too."""
    play = await decided_at(stage, hour, minute, **BY_PHONE)
    assert (await told_at(play), (await play.view()).stage) == ([], "notifying")
    eight = at(play, morning, 8)
    await play.forward_to(eight - timedelta(seconds=2))
    assert await told_at(play) == []
    await play.forward(minutes=1)
    [instant] = await told_at(play)
    assert timedelta() <= instant - eight < MINUTE
    assert (await play.duty()).status == "met"


@pytest.mark.parametrize(("hour", "minute"), [(8, 0), (20, 59)])
async def test_a_message_by_day_is_sent_at_once(stage: Stage, hour: int, minute: int) -> None:
    play = await decided_at(stage, hour, minute, **BY_PHONE)
    [instant] = await told_at(play)
    assert instant - at(play, 1, hour, minute) < MINUTE


async def test_an_email_wakes_nobody_and_is_sent_at_once(stage: Stage) -> None:
    play = await decided_at(stage, 21, 30, **BY_EMAIL)
    [instant] = await told_at(play)
    assert instant - at(play, 1, 21, 30) < MINUTE


async def test_what_would_come_too_late_in_the_morning_is_sent_at_night(stage: Stage) -> None:
    """R124: customer service has until the end of Thursday; the law and the insurer's own limit come before the quiet."""
    play = await stage.start(company=COMPANY, categories=["call_centre"], **COMPLETE)
    assert (await play.duty("settle")).due == midnight_after(play, 3)
    await play.do(cmd.SubmitFindings, "p-gd-gz-kf-01", findings=TEXT)
    await play.forward_to(at(play, 3, 21, 30))
    await play.decide()
    [instant] = await told_at(play)
    assert instant - at(play, 3, 21, 30) < MINUTE
    assert (await play.duty("settle")).status == "met"


async def test_that_it_is_late_is_told_in_the_morning_and_true_from_midnight(stage: Stage) -> None:
    """R131: the breach stands at the legal instant, while the letter about it waits until eight."""
    play = await stage.start(company=COMPANY, **COMPLETE)
    await play.forward_to(at(play, 16, 7))
    breach = next(
        event for event in await play.events() if isinstance(event, ev.DeadlineBreached) and event.duty == "decide"
    )
    assert (breach.at, await told_at(play, "late")) == (midnight_after(play, 15), [])
    await play.forward_to(at(play, 16, 8, 1))
    [instant] = await told_at(play, "late")
    assert timedelta() <= instant - at(play, 16, 8) < MINUTE


async def test_what_was_told_by_hand_at_night_is_not_told_again_in_the_morning(stage: Stage) -> None:
    """Art. 21: one notice, with one proof."""
    play = await decided_at(stage, 21, 30)
    await play.do(cmd.RecordNotice, kind="decision", method="handed", proof="签收单0001")
    await play.forward_to(at(play, 2, 9))
    [event] = told(await play.events(), "decision")
    assert event.method == "handed"
    assert list((stage.home / "outbox").glob(f"{play.intake.complaint_id}.decision.*")) == []


async def test_a_case_that_moves_to_a_new_run_at_night_keeps_the_quiet(stage: Stage) -> None:
    """Nobody is woken because a history has grown long."""
    play = await decided_at(stage, 21, 30)
    await play.handle.signal("hand_over")
    await play.settle()
    assert await told_at(play) == []
    await play.forward_to(at(play, 2, 8, 1))
    [instant] = await told_at(play)
    assert timedelta() <= instant - at(play, 2, 8) < MINUTE


async def test_a_department_that_answers_at_night_disturbs_nobody(stage: Stage) -> None:
    """Quiet hours are the complainant's: what staff do and hear has no hours."""
    play = await stage.start(company=COMPANY, **COMPLETE)
    await play.forward_to(at(play, 1, 23))
    await play.do(cmd.SubmitFindings, CLAIMS, findings=TEXT)
    assert (await play.view()).stage == "deciding"

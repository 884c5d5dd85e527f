"""A notice that is published while complaints run: they adopt it, their slips adopt it, and so does who comes later."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError

from engine.time_skipping import TimeSkipper
from models import commands as cmd
from models import handling_commands as hcmd
from models.opening import WORKFLOW_TYPE, CaseResult, Opening, workflow_id
from models.view import DutyView
from rulebook import events as ev
from rulebook.pack import pin_for
from tests import present
from tests.calendars import fictitious, notice_text
from tests.rulebook import oracle
from tests.workflow.company import COMPANY
from tests.workflow.stage import SHANGHAI, Play, Stage

OFFICER = "p-hq-xb-01"
"""Consumer protection of head office."""


async def adopt(play: Play) -> set[date]:
    """Adopt the notice; return the days that it gives off: beyond the first unpublished year none that comes soon."""
    today = (await play.now()).date()
    await play.do(cmd.AdoptCalendar, OFFICER, notice=notice_text(today))
    return {one.day for one in fictitious(today).days if one.kind == "off"}


def counted(play: Play, amount: int, off: set[date]) -> datetime:
    """Return the first instant after *amount* working days from the receipt, those that the notice gives *off* left out."""
    start = play.intake.received_at.astimezone(SHANGHAI).date()
    last = oracle.counted(start, amount, lambda day: oracle.works(day) and day not in off)
    return datetime.combine(last + timedelta(days=1), time(), SHANGHAI)


async def slip_duty(play: Play, slip: str) -> DutyView:
    view = next(one for one in (await play.view()).slips if one.slip == slip)
    return next(duty for duty in view.duties if duty.key == f"{slip}/findings")


async def test_a_running_complaint_counts_its_working_days_anew_and_keeps_both_versions(stage: Stage) -> None:
    """The natural days of the statute stay; the company's working days give way to the new day off; the timer follows."""
    play = await stage.start(company=COMPANY)
    statutory, before = (await play.duty()).due, await play.duty("settle")
    off = await adopt(play)
    after = await play.duty("settle")
    assert after.due is not None
    assert (before.due, after.due) == (counted(play, 15, set()), counted(play, 15, off))
    assert (after.versions, after.shortened) == (before.versions + 1, False)
    assert ((await play.duty()).due, (await play.duty()).versions) == (statutory, 1)
    assert (await play.view()).calendar == f"cn@{(await play.now()).date()}"
    await play.forward_to(after.due - timedelta(hours=1))
    assert not (await play.duty("settle")).breached
    await play.forward(hours=2)
    assert (await play.duty("settle")).breached
    assert stage.ledger.verify(play.intake.complaint_id).ok


@pytest.mark.slow
async def test_slips_adopt_a_notice_too_also_those_that_are_dispatched_later(stage: Stage) -> None:
    """C21: each by its own clock, with an event of its own; the record folds to the same."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    before = await slip_duty(play, "s1")
    off = await adopt(play)
    await play.do(hcmd.Dispatch, category="payment", reason="涉及收付费。")
    for slip in ("s1", "s2", "s3"):
        after = await slip_duty(play, slip)
        assert (before.due, after.due) == (counted(play, 10, set()), counted(play, 10, off))
    adopted = [event.slip for event in await play.events() if isinstance(event, ev.CalendarAdopted)]
    assert sorted(filter(None, adopted)) == ["s1", "s2", "s3"]
    assert adopted[0] is None
    assert stage.ledger.verify(play.intake.complaint_id).ok


async def test_a_notice_is_adopted_once_by_whoever_gives_it_again(stage: Stage) -> None:
    play = await stage.start(company=COMPANY)
    text = notice_text((await play.now()).date())
    again = {"id": "calendar-1", "notice": text}
    first = await play.do(cmd.AdoptCalendar, OFFICER, **again)
    assert await play.do(cmd.AdoptCalendar, OFFICER, **again) == first
    assert await play.refused(cmd.AdoptCalendar, OFFICER, notice=text) == "NoticeMisfit"
    assert sum(isinstance(event, ev.CalendarAdopted) for event in await play.events()) == 1


async def test_a_complaint_that_comes_after_the_notice_knows_it_from_its_registration_on(
    temporal_env: TimeSkipper, tmp_path: Path
) -> None:
    """It is pinned to the calendar of the release, and adopts what was published here since."""
    async with Stage.open(temporal_env.client, tmp_path, temporal_env) as stage:
        await comes_after_the_notice(stage)


async def comes_after_the_notice(stage: Stage) -> None:
    earlier = await stage.start(company=COMPANY)
    today = (await earlier.now()).date()
    notice = fictitious(today)
    assert stage.ledger.publish_notice(notice, OFFICER, await earlier.now())
    assert not stage.ledger.publish_notice(notice, OFFICER, await earlier.now())
    play = await stage.start(company=COMPANY)
    assert (await play.view()).calendar == f"cn@{today}"
    assert stage.ledger.verify(play.intake.complaint_id).ok


@pytest.mark.parametrize("notice", ["+_", "- ? - :"])
async def test_a_hostile_notice_that_comes_with_the_opening_stops_no_clock(stage: Stage, notice: str) -> None:
    """Nothing can judge it before the complaint is known; then it is refused, and the deadline behind it is met."""
    template = await stage.start()
    intake = template.intake.model_copy(update={"complaint_id": f"T-{uuid.uuid4().hex[:12]}"})
    opening = Opening(intake=intake, pin=pin_for(intake.received_at, present.now().date()))
    with stage.env.with_time_skipping_disabled():
        start: WithStartWorkflowOperation[Any, CaseResult] = WithStartWorkflowOperation(
            WORKFLOW_TYPE,
            opening,
            id=workflow_id(intake.complaint_id),
            task_queue=stage.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            result_type=CaseResult,
        )
        ask = cmd.AdoptCalendar(id="x", actor=OFFICER, notice=notice)
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await stage.client.execute_update_with_start_workflow("adopt_calendar", ask, start_workflow_operation=start)
        play = Play(stage, intake, await start.workflow_handle())
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "NoticeMisfit"
    await play.settle()
    await play.forward(days=16)
    breaches = [event.at for event in await play.events() if isinstance(event, ev.DeadlineBreached)]
    assert breaches == [(await play.duty()).due]

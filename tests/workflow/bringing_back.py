"""How a test ends the workflow of a complaint from outside, and brings the complaint back from its record."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from engine.time_skipping import skip_delay
from models.intake import Intake
from models.opening import WORKFLOW_TYPE, CaseResult, workflow_id
from tests import present
from tests.workflow.stage import SERVICE, Play, Stage

REASON = "误在控制台终止，依记录恢复。"


async def terminated(play: Play, *, with_children: bool = False) -> datetime:
    """End the complaint as an operator would; return what day it was for it."""
    last = await play.now()
    children = await play.children() if with_children else []
    await play.handle.terminate("by mistake")
    for child in children:
        await child.terminate("by mistake")
    return last


async def bring_back(
    stage: Stage, intake: Intake, by: str = SERVICE, days: float = 1, **more: Any
) -> WorkflowHandle[Any, CaseResult]:
    """Start the workflow of *intake*, so many *days* from now where days can pass, as any client could."""
    opening = {"intake": intake.model_dump(mode="json"), "reopening": {"by": by, "reason": REASON}, **more}
    delay = timedelta(days=days) if stage.skipper else None
    with stage.skipper.with_time_skipping_disabled() if stage.skipper else nullcontext():
        handle = await stage.client.start_workflow(
            WORKFLOW_TYPE,
            opening,
            id=workflow_id(intake.complaint_id),
            task_queue=stage.queue,
            result_type=CaseResult,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            start_delay=delay,
        )
    if delay:
        await skip_delay(stage.env, handle, delay)
    return handle


async def reopened(play: Play, by: str = SERVICE, days: float = 1) -> Play:
    """The complaint of *play* in its new run, so many *days* from now."""
    again = Play(play.stage, play.intake, await bring_back(play.stage, play.intake, by, days))
    await again.settle()
    return again


async def reopened_after(play: Play, last: datetime, days: float = 0.1) -> Play:
    """The same so many *days* after *last*, with children that may be those of the run before."""
    again = await reopened(play, days=(last - present.now()) / timedelta(days=1) + days)
    again.family.handed_over = True
    await again.settle()
    return again

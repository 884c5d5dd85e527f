"""
What is done at fixed times: a schedule fires every day, and what is owed that day is done, once for each period.

`SupervisionWorkflow` is what a schedule starts. It asks what is owed and has each period done by a workflow whose id is
the period's identity, such as `bulletin-2026-W47`, one after the other: after an outage nothing bursts. On most days
nothing is owed, and it ends by saying when the next one is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from models.supervision_steps import (
    FOLLOW_UP_WORKFLOW,
    SUPERVISION_WORKFLOW,
    WATCHDOG_WORKFLOW,
    Drawn,
    Firing,
    FollowUp,
    Look,
    OwedQuestion,
    RunOrder,
    Seen,
    Sending,
    Sent,
)
from workflows.inbound import given

with workflow.unsafe.imports_passed_through():
    from activities.supervision.steps import SupervisionActivities
    from activities.watchdog.steps import WatchdogActivities

PATIENT = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5), maximum_attempts=12)
"""Some twenty-five minutes; what still fails then is owed again the next day, and the watchdog says so meanwhile."""

STEP: dict[str, Any] = {"start_to_close_timeout": timedelta(minutes=10), "retry_policy": PATIENT}


@workflow.defn(name=SUPERVISION_WORKFLOW)
class SupervisionWorkflow:
    """Does what a schedule owes now."""

    @workflow.run
    async def run(self, *payloads: RawValue) -> str:
        """Have each period that is owed by a `Firing` done, oldest first; return what was done, or what comes next."""
        firing: Firing = given(payloads, Firing)
        owed = await workflow.execute_activity_method(
            SupervisionActivities.owed,
            OwedQuestion(schedule=firing.schedule, at=workflow.now(), period=firing.period),
            summary=f"看应办事项 what is owed: {firing.schedule}",
            **STEP,
        )
        if not owed.runs:
            return f"无应办事项 nothing is owed; 下次 next {owed.next}" if owed.next else "已办 done before"
        for order in owed.runs:
            await self._do(order)
        return "、".join(order.run for order in owed.runs)

    async def _do(self, order: RunOrder) -> None:
        try:
            await workflow.execute_child_workflow(
                PERIODS[order.kind],
                order,
                id=order.run,
                result_type=Drawn,
                # Failed and interrupted runs are taken up again; the record refuses a second one of its own accord.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"{order.title} · {order.period}",
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("somebody else is at it", extra={"run": order.run})


class _PeriodWorkflow:
    """Puts something down about one period, then hands it over."""

    async def do(self, order: RunOrder) -> Drawn:
        drawn = await workflow.execute_activity_method(
            SupervisionActivities.put_down, order, summary=f"写入记录 put down {order.run}", **STEP
        )
        workflow.set_current_details(
            f"### {order.title} · {order.period}\n"
            f"- 内容哈希 content: {drawn.content_hash}\n"
            f"- 范围 areas: {'、'.join(drawn.areas) or '—'}\n"
            + "".join(f"- {name}: {count}\n" for name, count in sorted(drawn.counts.items()))
        )
        await workflow.execute_activity_method(
            SupervisionActivities.send,
            Sending(run=order.run, at=workflow.now()),
            summary=f"送达 hand over {order.run}",
            **STEP,
        )
        return drawn


@workflow.defn
class BulletinWorkflow(_PeriodWorkflow):
    """The bulletin (通报) of departments that do not answer in time (R178–R180)."""

    @workflow.run
    async def run(self, *payloads: RawValue) -> Drawn:
        """Make it and hand it over."""
        return await self.do(given(payloads, RunOrder, child=True))


@workflow.defn
class SampleWorkflow(_PeriodWorkflow):
    """A sample: late cases to call back (R159–R163), or closed cases to check (R023, R153, R191)."""

    @workflow.run
    async def run(self, *payloads: RawValue) -> Drawn:
        """Draw it and hand the cases to those who call."""
        return await self.do(given(payloads, RunOrder, child=True))


@workflow.defn
class PublicationWorkflow(_PeriodWorkflow):
    """The publication of a month (R181–R183), the disclosure of a year (R199)."""

    @workflow.run
    async def run(self, *payloads: RawValue) -> Drawn:
        """Make it and hand it over."""
        return await self.do(given(payloads, RunOrder, child=True))


PERIODS = {"bulletin": "BulletinWorkflow", "sample": "SampleWorkflow", "publication": "PublicationWorkflow"}
"""By which workflow each kind is done."""


@workflow.defn(name=FOLLOW_UP_WORKFLOW)
class FollowUpWorkflow:
    """What follows when the recordings have been heard (R163)."""

    @workflow.run
    async def run(self, *payloads: RawValue) -> Sent:
        """Put down what they showed, a `FollowUp`, and tell who must know."""
        found: FollowUp = given(payloads, FollowUp)
        return await workflow.execute_activity_method(
            SupervisionActivities.follow_up, found, summary=f"回访核实 follow-up {found.run}", **STEP
        )


@workflow.defn(name=WATCHDOG_WORKFLOW)
class WatchdogWorkflow:
    """The watchdog looks once."""

    @workflow.run
    async def run(self, *payloads: RawValue) -> Seen:
        """Return what it found, by code."""
        given(payloads, None)
        return await workflow.execute_activity_method(
            WatchdogActivities.look, Look(at=workflow.now()), summary="巡检 look", **STEP
        )

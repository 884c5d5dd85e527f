"""
The paths through a complaint of which a history is stored: each is played on a server and recorded, once.

A path belongs to an ordinary server, unless days must pass in it, or it needs a server with low limits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from models import commands as cmd
from tests.workflow.stage import SERVICE, SUPERIOR, Play, Stage

TEST_KEYS = "only-for-stored-test-histories:bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYS0="
"""Encrypts the stored histories. It is published here, so it protects nothing: histories are synthetic, every one."""

SHORT_HISTORY = "limit.historyCount.suggestContinueAsNew=60"
"""Has the server ask for a new run after so many events, instead of thousands."""

Server = Literal["ordinary", "skipping", "short"]
Played = Callable[[Stage], Awaitable[Play]]


@dataclass(frozen=True)
class Path:
    """How a history comes about: on which server, and by which play."""

    server: Server
    play: Played


PATHS: dict[str, Path] = {}


def path(server: Server = "ordinary") -> Callable[[Played], Played]:
    def register(play: Played) -> Played:
        PATHS[play.__name__] = Path(server, play)
        return play

    return register


@path()
async def happy_simple(stage: Stage) -> Play:
    """Told in time, called back and closed; the window for a review stays open."""
    play = await stage.start()
    await play.find()
    await play.decide()
    await play.close()
    return play


@path()
async def complex_extended(stage: Stage) -> Play:
    """Thirty days more, approved by the superior institution and told."""
    play = await stage.start()
    await play.do(cmd.Classify, complexity="complex", reason="涉及多次住院。")
    asked = await play.do(cmd.RequestExtension, days=30, reason="需等待医院调取病历。")
    await play.do(cmd.ApproveExtension, SUPERIOR, request=asked.ref, reason="情况特别复杂，同意。")
    await play.find()
    await play.decide()
    await play.close()
    return play


@path("skipping")
async def extension_refused_then_breach(stage: Stage) -> Play:
    """Refused by the superior; the deadline passes; decided late, and told late."""
    play = await stage.start(complexity="complex")
    await play.forward(days=26)
    asked = await play.do(cmd.RequestExtension, days=10, reason="等待鉴定意见。")
    await play.do(cmd.RefuseExtension, SUPERIOR, request=asked.ref, reason="理由不充分。")
    await play.forward(days=6)
    await play.find()
    await play.decide()
    await play.finish()
    return play


@path()
async def withdrawal(stage: Stage) -> Play:
    """Withdrawn while the department investigates, with a request for time still open."""
    play = await stage.start(complexity="complex")
    await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    await play.handle.result()
    return play


@path()
async def handling_refused(stage: Stage) -> Play:
    """Not from the complainant nor an agent (art. 18(4))."""
    play = await stage.start()
    await play.do(cmd.RefuseHandling, reason="来电人并非投诉人，亦无授权。")
    await play.handle.result()
    return play


@path()
async def merged(stage: Stage) -> Play:
    """Handled within an earlier complaint (art. 18(3))."""
    first = await stage.start()
    play = await stage.start(earlier_complaint=first.intake.complaint_id)
    await play.do(cmd.Merge, into=first.intake.complaint_id, reason="同一事项重复投诉，无新的事实和理由。")
    await play.handle.result()
    return play


@path()
async def paused_and_resumed(stage: Stage) -> Play:
    """An appraisal, with its notice; mediation beside it; both end."""
    play = await stage.start()
    appraisal = await play.do(cmd.Pause, ground="external_appraisal", reason="送司法鉴定。")
    mediation = await play.do(cmd.Pause, ground="mediation", reason="双方申请调解。")
    await play.do(cmd.Resume, pause=appraisal.ref, reason="鉴定完成。")
    await play.do(cmd.Resume, pause=mediation.ref, reason="调解终止。")
    return play


@path()
async def new_facts(stage: Stage) -> Play:
    """Findings, then new facts: another investigation, another limit."""
    play = await stage.start()
    await play.find()
    await play.do(cmd.AddFacts, summary="投诉人补交了出院小结。")
    await play.find()
    await play.decide()
    return play


@path()
async def reviewed(stage: Stage) -> Play:
    """A branch's decision, reviewed by the superior and told (art. 20)."""
    play = await happy_simple(stage)
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    await play.do(
        cmd.DecideReview,
        SUPERIOR,
        outcome="upheld",
        process="程序合规",
        time_limits="未超时限",
        result="结果适当",
    )
    await play.handle.result()
    return play


@path()
async def migrated_back_dated(stage: Stage) -> Play:
    """Received forty days before it was opened here: overdue from the start."""
    return await stage.start(days_ago=40)


@path()
async def failed_steps(stage: Stage) -> Play:
    """Nobody is found to assign, and no address to write to: people retry, assign and tell by hand."""
    play = await stage.start(
        respondent={"unit": "no-such-unit"}, complainant={"kind": "person", "name": "测试人乙", "contact": {}}
    )
    await play.do(cmd.RetryStep, "p-hq-kf-01", step="assignment")
    await play.do(
        cmd.Assign,
        "p-hq-kf-01",
        unit="gd-gz",
        department="gd-gz-yg",
        coordinator="p-gd-gz-yg-01",
        reason="机构代码有误，人工分派。",
    )
    await play.do(cmd.RecordNotice, kind="receipt", method="phone", proof="录音 0001")
    await play.find()
    await play.decide()
    await play.do(cmd.RecordNotice, kind="decision", method="posted", proof="挂号信 0002")
    return play


@path("short")
async def left_for_a_new_run(stage: Stage) -> Play:
    """The first run of a case that grew too long for it."""
    play = await continued_in_a_new_run(stage)
    first = stage.client.get_workflow_handle(play.handle.id, run_id=play.handle.first_execution_run_id)
    return Play(stage, play.intake, first)


@path("short")
async def continued_in_a_new_run(stage: Stage) -> Play:
    """The last run of a case that moved to a new one, more than once."""
    play = await stage.start()
    for number in range(25):
        await play.do(cmd.RecordContact, SERVICE, method="phone", reached=False, summary=f"第{number + 1}次无人接听。")
    await play.find()
    await play.decide()
    return play


@path()
async def signalled(stage: Stage) -> Play:
    """An extension approved by a signal; one malformed, one refused."""
    play = await stage.start(complexity="complex")
    asked = await play.do(cmd.RequestExtension, days=30, reason="需外地取证。")
    for person in (SERVICE, SUPERIOR):
        approval = {"id": f"signal-{person}", "actor": person, "request": asked.ref, "reason": "同意。"}
        await play.handle.signal("approve_extension", approval)
    await play.handle.signal("refuse_extension", "not an object")
    await play.settle()
    return play

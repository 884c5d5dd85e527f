"""
The paths through a complaint of which a history is stored: each is played on a server and recorded, once.

A path belongs to an ordinary server, unless days must pass in it, or it needs a server with low limits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip
from models.supervision_steps import SUPERVISION_WORKFLOW, WATCHDOG_WORKFLOW, Firing
from rulebook.pack import rule_pack
from tests.workflow.bringing_back import reopened_after, terminated
from tests.workflow.company import COMPANY, SALES
from tests.workflow.pasts import ASSIGNED, CLOSED_THERE, EXTENDED, FOUND, PAUSED, TICKET, past, told
from tests.workflow.stage import CALLER, CHAIR, CLAIMS, HEAD, REVIEW, SERVICE, SUPERIOR, Play, Stage

TEST_KEYS = "only-for-stored-test-histories:bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYS0="
"""Encrypts the stored histories. It is published here, so it protects nothing: histories are synthetic, every one."""

SHORT_HISTORY = "limit.historyCount.suggestContinueAsNew=60"
"""Has the server ask for a new run after so many events, instead of thousands."""

OFFICER = "p-hq-xb-01"
"""Consumer protection of head office."""

Server = Literal["ordinary", "skipping", "short"]
Played = Callable[[Stage], Awaitable[Play]]


@dataclass(frozen=True)
class Path:
    """
    How a history comes about: on which server, by which play, and of which *child*, such as ``slip-s1``, if of one.

    *other* is the id of a workflow that belongs to no complaint.
    """

    server: Server
    play: Played
    child: str | None = None
    other: str | None = None


PATHS: dict[str, Path] = {}

RETIRED = frozenset({"reviewed", "entered_late_and_closed_by_its_recorder", "imported_closed_and_waiting"})
"""
Histories that only earlier code could write.

A review was decided with its complaint; a complaint entered late reminded nobody of the steps gone by, and was closed by the
person who had recorded the committee's meeting; one that was closed elsewhere waited for ever for its dispatch.
"""


def path(
    server: Server = "ordinary", *, child: str | None = None, other: str | None = None
) -> Callable[[Played], Played]:
    def register(play: Played) -> Played:
        PATHS[play.__name__] = Path(server, play, child, other)
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
async def recovered(stage: Stage) -> Play:
    """Ended with its two slips, brought back when their limits had passed, and asked in vain to be cancelled."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    again = await reopened_after(play, await terminated(play, with_children=True), days=12)
    await again.handle.cancel()
    await again.do(slip.AcceptSlip, CLAIMS, slip="s1")
    return again


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


@path("skipping")
async def two_departments(stage: Stage) -> Play:
    """Two slips, one returned and dispatched anew, one sent back; decided once all are answered."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    await play.do(slip.ReturnSlip, SALES, slip="s2", reason="非本部门业务。")
    await play.do(hcmd.Dispatch, category="claims", replaces="s2", reason="改派业务管理部。")
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="理赔资料齐全。")
    await play.do(slip.SendBackSlip, slip="s1", reason="与客户录音不符。")
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="重新核实，录音属实。")
    await play.do(slip.AcceptSlip, CLAIMS, slip="s3")
    await play.do(slip.AnswerSlip, CLAIMS, slip="s3", findings="销售过程合规。")
    await play.decide()
    return play


@path("skipping", child="slip-s1")
async def slip_answered(stage: Stage) -> Play:
    """The slip that was sent back, answered, and ended by the decision."""
    return await two_departments(stage)


@path("skipping", child="slip-s2")
async def slip_returned(stage: Stage) -> Play:
    """The slip that was returned."""
    return await two_departments(stage)


@path("skipping", child="slip-s1")
async def slip_nobody_accepted(stage: Stage) -> Play:
    """The slip whose ladder was climbed to the top, and whose complaint was withdrawn."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    await play.forward(days=9)
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    return play


@path("skipping")
async def unreachable_and_reopened(stage: Stage) -> Play:
    """Given up with the leader's consent and closed; reached after all, told and called back."""
    play = await stage.start(company=COMPANY, complainant={"kind": "person", "name": "测试人乙", "contact": {}})
    await play.find()
    await play.decide()
    for method in ("phone", "letter", "phone"):
        await play.do(cmd.RecordContact, method=method, reached=False, summary="无人接听或者退信。")
        await play.forward(days=1)
    for kind in ("decision", "receipt"):
        await play.do(cmd.ExemptNotice, HEAD, kind=kind, reason="号码停用，信件退回。")
    await play.do(cmd.RecordCallback, CALLER, reached=False)
    await play.do(cmd.Close, reason="无法联系，负责人同意结案。")
    await play.forward(days=5)
    await play.do(cmd.RecordContact, method="phone", reached=True, summary="投诉人来电。")
    await play.do(cmd.RecordNotice, kind="decision", method="phone", proof="录音 0003")
    return play


@path("skipping")
async def committee_and_final_opinion(stage: Stage) -> Play:
    """Major: contingency plan, report up, committee; refused, final opinion, closed without agreement."""
    play = await stage.start(company=COMPANY)
    await play.do(cmd.Classify, complexity="complex", severity="major", reason="媒体关注。")
    await play.do(hcmd.StartContingency, plan="应急预案2026", lead=HEAD, steps=["现场接待"])
    await play.do(hcmd.ReportUp, to="superior_company", document="客服〔2026〕8号")
    meeting = {"members": [CHAIR, SUPERIOR], "resolution": "同意。"}
    await play.do(hcmd.RecordCommittee, CHAIR, subject="major", **meeting)
    await play.find()
    await play.decide(agreed=False)
    await play.do(hcmd.RecordResponse, accepts=False, impact="large", summary="不认可。")
    asked = await play.do(hcmd.RecordCommittee, CHAIR, subject="final_opinion", **meeting)
    await play.do(hcmd.GiveFinalOpinion, CHAIR, meeting=asked.ref, opinion="维持原处理决定。")
    await play.do(hcmd.RecordCommittee, CHAIR, subject="close_without_agreement", lawful=True, **meeting)
    await play.close()
    return play


@path("skipping")
async def reviewed_apart(stage: Stage) -> Play:
    """A branch's decision, reviewed by the superior in a workflow of its own, and told (art. 20)."""
    play = await stage.start(company=COMPANY)
    await play.find()
    await play.decide()
    await play.close()
    await play.do(cmd.RequestReview, reason="投诉人书面申请核查。")
    await play.examine()
    await play.do(cmd.DecideReview, SUPERIOR, **REVIEW)
    return play


@path("skipping", child="review-r1")
async def review_decided(stage: Stage) -> Play:
    """The review itself."""
    return await reviewed_apart(stage)


@path("skipping")
async def entered_late(stage: Stage) -> Play:
    """Entered sixty days late under an insurer's rules: one reminder for each duty; a colleague of the recorder closes."""
    play = await stage.start(days_ago=60, company="company-life")
    await play.find()
    await play.decide(agreed=False)
    await play.do(hcmd.RecordResponse, accepts=False, summary="投诉人不认可。")
    await play.do(
        hcmd.RecordCommittee,
        SUPERIOR,
        subject="close_without_agreement",
        members=[CHAIR, SUPERIOR],
        resolution="处理合法合规。",
        lawful=True,
    )
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=2)
    await play.do(cmd.Close, reason="委员会认定处理合法合规。")
    return play


@path("skipping")
async def escalated(stage: Stage) -> Play:
    """A closed complaint is taken to the media: the earlier one is looked up before a department is found (R166)."""
    earlier = await stage.start(company=COMPANY)
    await earlier.find()
    await earlier.decide()
    await earlier.close()
    return await stage.start(company=COMPANY, channel="media", earlier_complaint=earlier.intake.complaint_id)


BULLETIN = Firing(schedule="bulletin", period="2026-W10")


@path(other="by-hand")
async def supervision_owed(stage: Stage) -> Play:
    """What a schedule starts: it asks what is owed and has it done."""
    play = await stage.start()
    await stage.client.execute_workflow(SUPERVISION_WORKFLOW, BULLETIN, id="by-hand", task_queue=stage.queue)
    return play


@path(other="bulletin-2026-W10")
async def supervision_bulletin(stage: Stage) -> Play:
    """The bulletin itself; samples and publications take the same steps."""
    return await supervision_owed(stage)


@path(other="watchdog")
async def supervision_watchdog(stage: Stage) -> Play:
    """One look of the watchdog."""
    play = await stage.start()
    await stage.client.execute_workflow(WATCHDOG_WORKFLOW, id="watchdog", task_queue=stage.queue)
    return play


@path("skipping")
async def moved_to_other_rules(stage: Stage) -> Play:
    """Moved to the statute alone with two slips in flight, and back a day later; then decided and told."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    for name in ("cn-2020-3", COMPANY):
        pack = rule_pack(name)
        await play.do(cmd.MoveRules, OFFICER, to=name, pack_hash=pack.content_hash, reason="总公司研究决定。")
        await play.forward(days=1)
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings="经核实，情况属实。")
    await play.do(slip.AcceptSlip, SALES, slip="s2")
    await play.do(slip.AnswerSlip, SALES, slip="s2", findings="经核实，情况属实。")
    await play.decide()
    return play


@path("skipping", child="slip-s1")
async def slip_moved_to_other_rules(stage: Stage) -> Play:
    """One of those slips."""
    return await moved_to_other_rules(stage)


@path()
async def archived(stage: Stage) -> Play:
    """Withdrawn, closed and at rest: the last step, which hands the file to the archive, is part of its history."""
    play = await stage.start()
    await play.do(cmd.Withdraw, reason="投诉人来电撤回。")
    await play.handle.result()
    return play


@path()
async def imported_with_its_past(stage: Stage) -> Play:
    """Extended and paused in another system, decided and told here."""
    play = await stage.start(40, past=past(TICKET, told("receipt", 0.02), ASSIGNED, FOUND, *EXTENDED, *PAUSED))
    await play.decide()
    return play


@path()
async def imported_closed(stage: Stage) -> Play:
    """Closed in another system without a word of who had it, under rules by which it had to be dispatched."""
    return await stage.start(400, rules=COMPANY, past=past(*CLOSED_THERE))

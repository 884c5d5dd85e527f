"""The states of complaints under an insurer's own rules in which commands make no sense, and how to reach each."""

from __future__ import annotations

from datetime import timedelta

from models import commands as cmd
from models import handling_commands as hcmd
from models import slip_commands as slip
from tests.workflow.company import COMPANY, COUNSEL, PROVINCE, SALES, TEXT, have_signed, meet
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CALLER, CHAIR, CLAIMS, HEAD, REVIEWER, SENIOR, SERVICE, SUPERIOR, Play, Stage


async def of_the_statute(stage: Stage) -> Play:
    """Pinned to the statute alone."""
    return await stage.start()


async def received(stage: Stage) -> Play:
    """A plain complaint under the insurer's own rules, with its department."""
    return await stage.start(company=COMPANY)


async def unassigned(stage: Stage) -> Play:
    """Nobody was found to take it."""
    return await stage.start(company=COMPANY, respondent={"unit": "no-such-unit"})


async def interested(stage: Stage) -> Play:
    """The claims coordinator and the province's general manager are complained of."""
    staff = [{"person": CLAIMS}, {"person": CHAIR}]
    return await stage.start(company=COMPANY, respondent={"unit": "gd-gz", "staff": staff})


async def of_two(stage: Stage) -> Play:
    """Two departments have slips: the first was accepted, the second was returned."""
    play = await stage.start(company=COMPANY, categories=["claims", "selling"])
    await play.do(slip.AcceptSlip, CLAIMS, slip="s1")
    return play


async def returned(stage: Stage) -> Play:
    """The second slip came back, and another took its place."""
    play = await of_two(stage)
    await play.do(slip.ReturnSlip, SALES, slip="s2", reason=TEXT)
    await play.do(hcmd.Dispatch, category="selling", replaces="s2", reason=TEXT)
    return play


async def answered(stage: Stage) -> Play:
    """The first slip was answered."""
    play = await of_two(stage)
    await play.do(slip.AnswerSlip, CLAIMS, slip="s1", findings=TEXT)
    return play


async def about_a_coordinator(stage: Stage) -> Play:
    """Two slips, and the complaint names customer service's own handler."""
    staff = [{"person": SERVICE}]
    return await stage.start(
        company=COMPANY, categories=["claims", "selling"], respondent={"unit": "gd-gz", "staff": staff}
    )


async def written(stage: Stage) -> Play:
    """The department has written its opinion letter, and nobody has signed it."""
    play = await received(stage)
    await play.do(hcmd.RequestSignOff, CLAIMS, purpose="written_reply", text=TEXT)
    return play


async def put_up(stage: Stage) -> Play:
    """The department's opinion letter waits for its second signature; the head of customer service countersigned."""
    play = await written(stage)
    await play.do(hcmd.SignOff, HEAD, sign_off="g1", capacity="countersign")
    return play


async def signed(stage: Stage) -> Play:
    """The opinion letter has both signatures."""
    play = await put_up(stage)
    await play.do(hcmd.SignOff, COUNSEL, sign_off="g1", capacity="legal")
    return play


async def released(stage: Stage) -> Play:
    """The general manager consented, and the records were handed out."""
    play = await received(stage)
    await play.do(hcmd.RequestSignOff, purpose="records_release", text=TEXT)
    await play.do(hcmd.SignOff, CHAIR, sign_off="g1", capacity="general_manager")
    await play.do(hcmd.Release, sign_off="g1", proof="移交清单1")
    return play


async def flaggable(stage: Stage) -> Play:
    """A flag was signed off by the head of customer service."""
    play = await received(stage)
    await play.do(hcmd.RequestSignOff, purpose="vexatious", text=TEXT)
    await play.do(hcmd.SignOff, HEAD, sign_off="g1", capacity="leader")
    return play


async def flagged(stage: Stage) -> Play:
    """The flag stands."""
    play = await flaggable(stage)
    until = (await play.now() + timedelta(days=30)).date()
    await play.do(hcmd.FlagVexatious, sign_off="g1", reason=TEXT, evidence=["a" * 64], until=until)
    return play


async def forwarded(stage: Stage) -> Play:
    """Forwarded by the regulator, who waits for a written report."""
    return await stage.start(company=COMPANY, forwarded=True)


async def from_the_regulator(stage: Stage) -> Play:
    """Forwarded by the regulator, who was answered."""
    play = await stage.start(company=COMPANY, forwarded=True)
    await have_signed(play, "regulator_report", "countersign", "legal", author=PROVINCE, countersign=SUPERIOR)
    await play.do(hcmd.AnswerRegulator, PROVINCE, sign_off="g1", report="报告〔2026〕1号", proof="送达回执1")
    return play


async def met(stage: Stage) -> Play:
    """The committee met on a difficult matter, and on nothing else."""
    play = await received(stage)
    await meet(play, "difficult")
    return play


async def told(stage: Stage) -> Play:
    """The decision was told, and the customer accepts it."""
    play = await received(stage)
    await play.find()
    await play.decide()
    await play.do(hcmd.RecordResponse, accepts=True, summary=TEXT)
    return play


async def decided_by_a_member(stage: Stage) -> Play:
    """A member of the committee has made the decision."""
    play = await received(stage)
    await play.find()
    await play.decide(SUPERIOR)
    return play


async def disputed(stage: Stage) -> Play:
    """The customer refuses the decision."""
    play = await told(stage)
    await play.do(hcmd.RecordResponse, accepts=False, summary=TEXT)
    return play


async def found_lawful(stage: Stage) -> Play:
    """The customer refuses the decision, and the committee, as the province's head recorded, found it lawful."""
    play = await disputed(stage)
    members = [CHAIR, SUPERIOR]
    await play.do(
        hcmd.RecordCommittee,
        SUPERIOR,
        subject="close_without_agreement",
        members=members,
        resolution=TEXT,
        lawful=True,
    )
    await play.do(cmd.RecordCallback, CALLER, reached=True, satisfaction=2)
    return play


async def opined(stage: Stage) -> Play:
    """The customer refuses the decision, and was told the committee's final opinion."""
    play = await disputed(stage)
    await meet(play, "final_opinion")
    await play.do(hcmd.GiveFinalOpinion, CHAIR, meeting="k1", opinion=TEXT)
    return play


async def closed(stage: Stage) -> Play:
    """Major, decided by the committee's resolution, closed and reported to the end; left out of the count."""
    play = await stage.start(company=COMPANY)
    await play.do(cmd.Classify, complexity="complex", severity="major", reason=TEXT)
    for command, actor in ((hcmd.StartContingency, SERVICE), (hcmd.ReportUp, HEAD)):
        await play.do(command, actor, **FIELDS[command])
    await meet(play, "major")
    await play.find()
    await play.decide()
    await play.close()
    await play.do(hcmd.ReportEnd, HEAD, document="客服〔2026〕15号")
    await play.do(hcmd.ExcludeFromCount, **FIELDS[hcmd.ExcludeFromCount])
    return play


async def withdrawn(stage: Stage) -> Play:
    """Withdrawn; the complainant could not be told yet."""
    play = await stage.start(company=COMPANY, complainant={"kind": "person", "name": "测试人乙", "contact": {}})
    await play.do(cmd.Withdraw, reason=TEXT)
    return play


async def in_review(stage: Stage) -> Play:
    """A review was asked for; the province's head of customer service approved time in the first instance."""
    play = await stage.start(company=COMPANY, complexity="complex")
    await play.do(cmd.RequestExtension, days=5, reason=TEXT)
    await play.do(cmd.ApproveExtension, SUPERIOR, request="x1", reason=TEXT)
    await play.find()
    await play.decide()
    await play.close()
    await play.do(cmd.RequestReview, reason=TEXT)
    return play


async def appointed(stage: Stage) -> Play:
    """A reviewer was appointed."""
    play = await in_review(stage)
    await play.do(hcmd.AppointReviewer, SENIOR, reviewer=REVIEWER)
    return play


async def examined(stage: Stage) -> Play:
    """The reviewer has reported."""
    play = await in_review(stage)
    await play.examine(SENIOR)
    return play


async def reached_too_little(stage: Stage) -> Play:
    """Decided, without an address; one attempt to reach the complainant."""
    play = await stage.start(company=COMPANY, complainant={"kind": "person", "name": "测试人乙", "contact": {}})
    await play.find()
    await play.decide()
    await play.do(cmd.RecordContact, method="phone", reached=False, summary=TEXT)
    return play


async def tried_by_the_head(stage: Stage) -> Play:
    """The only attempt was made by the leader, whose consent it would take."""
    play = await stage.start(company=COMPANY, complainant={"kind": "person", "name": "测试人乙", "contact": {}})
    await play.find()
    await play.decide()
    await play.do(cmd.RecordContact, HEAD, method="phone", reached=False, summary=TEXT)
    return play


async def major(stage: Stage) -> Play:
    """Classified as major."""
    play = await received(stage)
    await play.do(cmd.Classify, complexity="complex", severity="major", reason=TEXT)
    return play

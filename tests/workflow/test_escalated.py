"""How much a complaint weighs: one that escalates an earlier one (投诉升级, R166), one left out, one from a callback."""

from __future__ import annotations

from typing import Any

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import COMPANY, TEXT, decide, meet, midnight_after, verified
from tests.workflow.stage import CHAIR, Play, Stage

pytestmark = pytest.mark.slow

ONCE = {"company": 1, "regulator": 1, "annual": 1}
TWICE = {"company": 2, "regulator": 1, "annual": 1}
LEFT_OUT = {"company": 0, "regulator": 1, "annual": 1}


async def closed_as(stage: Stage, liability: str) -> str:
    """Have an earlier complaint closed; return its id."""
    play = await stage.start(company=COMPANY)
    await decide(play, liability=liability)
    await play.close()
    return play.intake.complaint_id


@pytest.fixture(scope="module")
async def responsible(stage: Stage) -> str:
    """The id of an earlier complaint that was closed as responsible."""
    return await closed_as(stage, "responsible")


async def taken_to(stage: Stage, channel: str, earlier: str) -> Play:
    """The next complaint about the same matter, by another way."""
    return await stage.start(
        company=COMPANY, forwarded=channel == "regulator", channel=channel, earlier_complaint=earlier
    )


async def counts(play: Play) -> dict[str, int]:
    return (await play.view()).handling.counts


@pytest.mark.parametrize("channel", ["media", "regulator", "superior_company", "association"])
async def test_who_goes_further_with_a_responsible_case_escalates_it(
    stage: Stage, responsible: str, channel: str
) -> None:
    """R166, C9: a complaint of its own that the company counts twice, the regulator and the annual report once."""
    play = await taken_to(stage, channel, responsible)
    assert (await play.view()).handling.escalated_from == responsible
    assert await counts(play) == TWICE
    escalated = next(event for event in await play.events() if isinstance(event, ev.Escalated))
    assert (escalated.to, escalated.responsible) == (channel, True)


async def test_a_case_that_was_not_responsible_escalates_without_weight(stage: Stage) -> None:
    """R166: the company counts twice only what it had to answer for."""
    earlier = await closed_as(stage, "non_responsible")
    play = await taken_to(stage, "media", earlier)
    assert ((await play.view()).handling.escalated_from, await counts(play)) == (earlier, ONCE)


async def test_what_the_committee_ruled_to_be_responsible_escalates_as_such(stage: Stage) -> None:
    """R005, R166: the ruling is what the case was closed as, whatever the decision had said."""
    first = await stage.start(company=COMPANY)
    await decide(first, liability="non_responsible")
    meeting = await meet(first, "liability")
    await first.do(hcmd.RuleLiability, CHAIR, meeting=meeting, liability="responsible", causes=["claims_delay"])
    await first.close()
    play = await taken_to(stage, "media", first.intake.complaint_id)
    assert await counts(play) == TWICE


async def test_a_case_that_still_runs_is_not_escalated(stage: Stage) -> None:
    """R166: first the case is closed, then the customer goes further; before that it is the same matter twice."""
    first = await stage.start(company=COMPANY)
    play = await taken_to(stage, "media", first.intake.complaint_id)
    assert ((await play.view()).handling.escalated_from, await counts(play)) == (None, ONCE)


async def test_who_comes_back_by_an_ordinary_way_does_not_escalate(stage: Stage, responsible: str) -> None:
    """R166: to a superior company, the media or an outside body; calling again is none of them."""
    play = await taken_to(stage, "phone", responsible)
    assert ((await play.view()).handling.escalated_from, await counts(play)) == (None, ONCE)


@pytest.mark.parametrize("ground", ["staff_grievance", "settled_on_the_spot", "litigation_before"])
async def test_what_the_company_does_not_count_is_handled_all_the_same(stage: Stage, ground: str) -> None:
    """R080–R082, C8: only a figure changes: no duty, no day, no stage, and the decision is due like any other."""
    play = await stage.start(company=COMPANY)
    before = await play.view()
    await play.do(hcmd.ExcludeFromCount, ground=ground, reason=TEXT)
    after = await play.view()
    assert await counts(play) == LEFT_OUT
    assert (after.duties, after.next_due, after.stage) == (before.duties, before.next_due, before.stage)
    await play.forward_to(midnight_after(play, 15))
    assert (await play.view()).overdue
    await decide(play)
    await play.close()
    assert (await counts(play), (await play.duty()).status) == (LEFT_OUT, "met_late")


async def test_a_wish_voiced_in_the_companys_own_callback_is_a_full_complaint(stage: Stage) -> None:
    """R071: registered, due, counted and closed like one that came in by itself."""
    callback: dict[str, Any] = {"wish": "misled", "task": "回访0001"}
    play = await stage.start(
        company=COMPANY, channel="outbound_callback", outbound_callback=callback, categories=["selling"]
    )
    view = await play.view()
    assert view.ticket is not None
    assert (view.handling.origin, await counts(play)) == ("own", ONCE)
    assert (await play.duty()).due == midnight_after(play, 15)
    await play.do(cmd.SubmitFindings, "p-gd-gz-gx-01", findings="录音显示未如实告知。")
    await play.decide()
    await play.close()
    assert ((await play.view()).stage, verified(play)) == ("closed", True)

"""The same matter complained of twice (合并处理, art. 18(3)): the later complaint goes on in the earlier one."""

from __future__ import annotations

import pytest

from models import commands as cmd
from rulebook import events as ev
from tests.workflow.bringing_back import reopened_after, terminated
from tests.workflow.company import COMPANY, letters, verified
from tests.workflow.stage import Play, Stage, kinds

SAME = "同一事项重复投诉，无新的事实和理由。"


async def merge(play: Play, into: Play) -> None:
    await play.do(cmd.Merge, into=into.intake.complaint_id, reason=SAME)


async def test_the_survivor_knows_what_was_merged_into_it_and_goes_on_by_its_own_clock(stage: Stage) -> None:
    """Art. 18(3): merging restarts nothing and moves no day; each repetition is noted once."""
    first = await stage.start(company=COMPANY)
    before = await first.view()
    for _ in range(2):
        again = await stage.start(company=COMPANY, earlier_complaint=first.intake.complaint_id)
        await merge(again, first)
        await again.handle.result()
    await first.settle()
    after = await first.view()
    assert len(after.handling.absorbed) == 2
    assert after.handling.absorbed[-1] == again.intake.complaint_id
    assert (after.duties, after.stage, after.next_due) == (before.duties, before.stage, before.next_due)
    assert kinds(await first.events()).count("absorbed") == 2
    assert verified(first)


@pytest.mark.slow
async def test_a_survivor_that_did_not_run_hears_of_the_merger_when_it_is_brought_back(stage: Stage) -> None:
    first = await stage.start(company=COMPANY)
    for ended in (False, True):
        again = await stage.start(company=COMPANY, earlier_complaint=first.intake.complaint_id)
        if ended:
            last = await terminated(first)
        await merge(again, first)
        await again.handle.result()
    first = await reopened_after(first, last)
    absorbed = [event.complaint for event in await first.events() if isinstance(event, ev.Absorbed)]
    assert len(absorbed) == len(set(absorbed)) == 2
    assert absorbed[-1] == again.intake.complaint_id
    assert verified(first)


async def test_a_merged_complaint_is_silent_afterwards(stage: Stage) -> None:
    """Art. 18(3): one letter says where it is handled; then no reminder, no breach, no callback, and no child of it runs."""
    first = await stage.start(company=COMPANY)
    again = await stage.start(
        company=COMPANY, categories=["claims", "selling"], earlier_complaint=first.intake.complaint_id
    )
    slips = await again.children()
    assert len(slips) == 2
    await again.forward(days=8)
    said = len(await again.events())
    await merge(again, first)
    result = await again.handle.result()
    assert result.result == "merged"
    for slip in slips:
        await slip.result()
    after = (await again.events())[said:]
    assert [kind for kind in kinds(after) if kind not in {"merged", "notice_given", "closed"}] == []
    assert [event.kind for event in after if isinstance(event, ev.NoticeGiven)] == ["merge"]
    assert letters(again).keys() == {"receipt", "merge"}
    assert {duty.status for duty in (await again.view()).duties} <= {"cancelled", "met", "met_late"}
    assert verified(again)


async def test_the_letter_about_a_merger_names_the_survivor_by_the_ticket_its_complainant_knows(stage: Stage) -> None:
    first = await stage.start(company=COMPANY)
    again = await stage.start(company=COMPANY, earlier_complaint=first.intake.complaint_id)
    await merge(again, first)
    body, ticket = letters(again)["merge"].body, (await first.view()).ticket
    assert f"此前的投诉（编号 {ticket}）" in body
    assert first.intake.complaint_id not in body


@pytest.mark.slow
async def test_what_is_due_in_a_merged_complaint_is_never_breached(stage: Stage) -> None:
    """The survivor's days pass, and nobody hears of the merged one's."""
    first = await stage.start(company=COMPANY)
    again = await stage.start(company=COMPANY, earlier_complaint=first.intake.complaint_id)
    await merge(again, first)
    assert (await again.handle.result()).breached is False
    await first.forward(days=17)
    assert (await first.view()).overdue
    assert "deadline_breached" not in kinds(await again.events())
    assert list((stage.home / "outbox").glob(f"{again.intake.complaint_id}.reminder.*")) == []

"""What several people sign (会签) before it may be used: a written reply, a public answer, records for somebody outside."""

from __future__ import annotations

import pytest

from models import commands as cmd
from models import handling_commands as hcmd
from rulebook import events as ev
from tests.workflow.company import (
    BY_LETTER,
    COMPANY,
    COUNSEL,
    TEXT,
    delivered,
    have_signed,
    letters,
    put_up,
    told,
    verified,
)
from tests.workflow.refusing import FIELDS
from tests.workflow.stage import CHAIR, CLAIMS, HEAD, SERVICE, Stage


async def test_a_written_reply_goes_out_once_its_opinion_letter_was_countersigned_and_reviewed(stage: Stage) -> None:
    """R134: the department writes it, customer service countersigns, legal reviews; then the decision is posted."""
    play = await stage.start(company=COMPANY, **BY_LETTER)
    await play.find()
    assert await play.refused(cmd.Decide, **FIELDS[cmd.Decide]) == "SignOffMissing"
    name = await put_up(play, "written_reply", CLAIMS)
    await play.do(hcmd.SignOff, HEAD, sign_off=name, capacity="countersign")
    assert await play.refused(cmd.Decide, **FIELDS[cmd.Decide]) == "SignOffMissing"
    await play.do(hcmd.SignOff, COUNSEL, sign_off=name, capacity="legal", remarks="无异议。")
    await play.decide()
    [decision] = told(await play.events(), "decision")
    assert (decision.method, letters(play)["decision"].method) == ("letter", "letter")
    assert "To: 广州市越秀区一号\n" in delivered(play, "decision.1")


async def test_who_signed_what_and_when_is_seen_and_on_record(stage: Stage) -> None:
    """R134: execution is supervised: a text shows its author, its signatures and how far it has come."""
    play = await stage.start(company=COMPANY)
    name = await put_up(play, "written_reply", CLAIMS)
    await play.do(hcmd.SignOff, HEAD, sign_off=name, capacity="countersign")
    [half] = (await play.view()).handling.sign_offs
    assert (half.author, half.status, half.signed) == (CLAIMS, "requested", (f"countersign {HEAD}",))
    await play.do(hcmd.SignOff, COUNSEL, sign_off=name, capacity="legal", remarks="无异议。")
    [whole] = (await play.view()).handling.sign_offs
    assert (whole.status, whole.signed) == ("complete", (f"countersign {HEAD}", f"legal {COUNSEL}"))
    given = [event for event in await play.events() if isinstance(event, ev.SignOffGiven)]
    assert [(one.by, one.complete, one.remarks) for one in given] == [(HEAD, False, ""), (COUNSEL, True, "无异议。")]


async def test_a_text_that_legal_refused_is_dead_and_a_new_one_is_needed(stage: Stage) -> None:
    """R134: signatures under a refused text count for no other."""
    play = await stage.start(company=COMPANY, **BY_LETTER)
    await play.find()
    name = await put_up(play, "written_reply", CLAIMS)
    await play.do(hcmd.SignOff, HEAD, sign_off=name, capacity="countersign")
    await play.do(hcmd.RefuseSignOff, COUNSEL, sign_off=name, capacity="legal", reason="依据不足。")
    assert await play.refused(cmd.Decide, **FIELDS[cmd.Decide]) == "SignOffMissing"
    again = await have_signed(play, "written_reply", "countersign", "legal", author=CLAIMS)
    assert [(one.sign_off, one.status) for one in (await play.view()).handling.sign_offs] == [
        (name, "refused"),
        (again, "complete"),
    ]
    await play.decide()
    assert (await play.duty()).status == "met"


async def test_records_are_handed_out_with_the_general_managers_consent(stage: Stage) -> None:
    """R196: a consumer association or the press gets nothing before, and what it got is on record."""
    play = await stage.start(company=COMPANY)
    name = await put_up(play, "records_release")
    assert await play.refused(hcmd.Release, sign_off=name, proof="移交清单1") == "SignOffMissing"
    assert await play.refused(hcmd.SignOff, HEAD, sign_off=name, capacity="general_manager") == "NotAuthorised"
    await play.do(hcmd.SignOff, CHAIR, sign_off=name, capacity="general_manager")
    await play.do(hcmd.Release, SERVICE, sign_off=name, proof="移交清单1")
    released = next(event for event in await play.events() if isinstance(event, ev.Released))
    assert (released.by, released.sign_off, released.proof) == (SERVICE, name, "移交清单1")
    assert verified(play)


async def test_nothing_is_published_before_legal_and_the_general_manager_agreed(stage: Stage) -> None:
    """R066: a complaint on a website is not answered there, unless both have seen the text."""
    play = await stage.start(company=COMPANY, channel="web")
    name = await have_signed(play, "public_answer", "legal")
    assert await play.refused(hcmd.Release, sign_off=name, proof=TEXT) == "SignOffMissing"
    await play.do(hcmd.SignOff, CHAIR, sign_off=name, capacity="general_manager")
    await play.do(hcmd.Release, sign_off=name, proof="网站公告0001")
    assert "released" in {ev.event_type(event) for event in await play.events()}


@pytest.mark.parametrize("purpose", ["written_reply", "vexatious"])
async def test_a_signature_for_one_purpose_releases_nothing_signed_for_another(
    stage: Stage, purpose: ev.Purpose
) -> None:
    """R066, R196: what was signed is one text for one purpose."""
    play = await stage.start(company=COMPANY)
    capacities: dict[str, tuple[ev.Capacity, ...]] = {
        "written_reply": ("countersign", "legal"),
        "vexatious": ("leader",),
    }
    author = CLAIMS if purpose == "written_reply" else SERVICE
    name = await have_signed(play, purpose, *capacities[purpose], author=author)
    assert await play.refused(hcmd.Release, sign_off=name, proof="移交清单1") == "SignOffMissing"

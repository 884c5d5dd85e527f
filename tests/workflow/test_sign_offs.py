"""What several people sign (会签) before it may be used: a written reply, a public answer, records for somebody outside."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

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

pytestmark = pytest.mark.slow


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


async def test_the_letter_says_what_was_signed_and_nothing_else(stage: Stage) -> None:
    """R134: the words of the letter lie before the signers; by their hash no other letter goes out on their signatures."""
    play = await stage.start(company=COMPANY, **BY_LETTER)
    await play.find()
    words = {
        "decision": "向您支付理赔款。",
        "verification": "审核超时。",
        "basis": "保险法第二十三条。",
        "reasons": "审核延误。",
    }
    name = (await play.do(hcmd.RequestSignOff, CLAIMS, purpose="written_reply", text="处理意见书。", **words)).ref
    [asked] = [event for event in await play.events() if isinstance(event, ev.SignOffRequested)]
    assert all(text in asked.text for text in ("处理意见书。", *words.values())), "whoever signs has read it"
    for capacity, signer in (("countersign", HEAD), ("legal", COUNSEL)):
        await play.do(hcmd.SignOff, signer, sign_off=name, capacity=capacity)
    ruling = {**FIELDS[cmd.Decide], **words}
    assert await play.refused(cmd.Decide, **{**ruling, "decision": "向您支付一半理赔款。"}) == "OtherText"
    assert await play.refused(cmd.Decide, **{**ruling, "reasons": "审核延误，已改进。"}) == "OtherText"
    await play.do(cmd.Decide, **ruling)
    assert "审核超时。" in letters(play)["decision"].body


async def test_new_words_take_new_signatures(stage: Stage) -> None:
    """R134: the newest text that everybody signed is the one that binds."""
    play = await stage.start(company=COMPANY, **BY_LETTER)
    await play.find()
    for reasons in ("审核延误。", "审核环节延误。"):
        words = {"decision": "支付理赔款。", "verification": "审核超时。", "basis": "保险法。", "reasons": reasons}
        asked = await play.do(hcmd.RequestSignOff, CLAIMS, purpose="written_reply", text="处理意见书。", **words)
        for capacity, signer in (("countersign", HEAD), ("legal", COUNSEL)):
            await play.do(hcmd.SignOff, signer, sign_off=asked.ref, capacity=capacity)
    ruling = {**FIELDS[cmd.Decide], **words}
    assert await play.refused(cmd.Decide, **{**ruling, "reasons": "审核延误。"}) == "OtherText"
    await play.do(cmd.Decide, **ruling)


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "written_reply", "decision": "支付。"},
        {
            "purpose": "public_answer",
            "decision": "支付。",
            "verification": "属实。",
            "basis": "保险法。",
            "reasons": "延误。",
        },
    ],
    ids=["a part of a letter", "words of a decision in a public answer"],
)
def test_the_words_of_a_letter_come_whole_and_with_a_text_about_the_decision(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="decision, verification, basis and reasons go together"):
        hcmd.RequestSignOff(id="1", actor=CLAIMS, text="意见。", **fields)


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

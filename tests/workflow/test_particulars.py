"""Particulars that were wrong are corrected: what letters and reports say then, and what the record keeps (R198)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from activities.closure_report import Record, report, to_html
from activities.ledger_chain import body_hash
from engine.settings import SAMPLE_ORGANISATION
from models import commands as cmd
from models.intake import Intake
from models.organisation import read_organisation
from models.particulars import corrected, held
from rulebook import events as ev
from tests.workflow.stage import SERVICE, Play, Stage

WHY = "登记时姓名有误，已核对身份证。"
NAME, NUMBER = "测试人新名", "110101199003070000"
AGENT = {"kind": "entrusted", "name": "代理人甲", "contact": {"phone": "13800000001"}, "authority": "授权书1"}


def letter(play: Play, kind: str) -> str:
    return next(row.body for row in play.stage.ledger.notices(play.intake.complaint_id) if row.kind == kind)


async def test_a_corrected_name_is_on_the_next_letter_and_both_are_on_record(stage: Stage) -> None:
    """PIPL art. 46: corrected at once, in a later run too; the complaint as it came in stays what it was."""
    play = await stage.start()
    await play.do(
        cmd.CorrectParticulars, name=NAME, document="resident_id", number=NUMBER, reason=WHY, whose="complainant"
    )
    await play.handle.signal("hand_over")
    await play.settle()
    await play.find()
    await play.decide()
    assert "测试人甲" in letter(play, "receipt")
    assert NAME in letter(play, "decision")
    assert "测试人甲" not in letter(play, "decision")
    (event,) = [one for one in await play.events() if isinstance(one, ev.ParticularsCorrected)]
    assert (event.by, event.parts, event.reason) == (SERVICE, ("name", "document", "number"), WHY)
    assert len(event.salt) == 32
    said = stage.ledger.intake(play.intake.complaint_id)
    assert said is not None
    assert said["complainant"]["name"] == "测试人甲"
    assert stage.ledger.verify(play.intake.complaint_id).ok
    record = Record.read(stage.ledger, play.intake.complaint_id, read_organisation(SAMPLE_ORGANISATION))
    assert record is not None
    page = to_html(report(record)).decode()
    assert page.count(NAME) == 2  # As known now, and in the table of corrections beside what it was.
    assert page.count("测试人甲") == 1


async def test_what_cannot_be_corrected_is_refused(stage: Stage) -> None:
    play = await stage.start()
    ask = {"name": NAME, "reason": WHY}
    assert await play.refused(cmd.CorrectParticulars, **ask, whose="agent") == "NoSuchParty"
    assert await play.refused(cmd.CorrectParticulars, name="测试人甲", reason=WHY) == "NothingChanged"
    await play.do(cmd.CorrectParticulars, **ask)
    assert await play.refused(cmd.CorrectParticulars, **ask) == "NothingChanged"


async def test_a_refusal_addresses_the_agent_by_the_corrected_name(stage: Stage) -> None:
    play = await stage.start(agent=AGENT)
    await play.do(cmd.CorrectParticulars, whose="agent", name=NAME, reason=WHY)
    await play.do(cmd.RefuseHandling, reason="提交人无授权。", ground="not_from_complainant_or_agent")
    assert NAME in letter(play, "refusal")


def intake(**changes: object) -> Intake:
    return Intake.model_validate(
        {
            "complaint_id": "T-1",
            "received_at": "2026-03-02T10:00:00+08:00",
            "channel": "phone",
            "complainant": {"kind": "person", "name": "测试人甲", "contact": {"phone": "13800000000"}},
            "respondent": {"unit": "gd-gz"},
            "facts": "理赔款迟迟未付。",
            "categories": ["claims"],
            **changes,
        }
    )


def correction(**fields: str) -> cmd.CorrectParticulars:
    return cmd.CorrectParticulars.model_validate({"id": "1", "actor": SERVICE, "reason": WHY, **fields})


def test_who_had_given_no_name_becomes_a_person_once_one_is_known() -> None:
    before = intake(complainant={"kind": "unnamed", "reference": "热线1", "contact": {"phone": "13800000000"}})
    assert corrected(before, [correction(document="passport", number="E1")]) == before
    after = corrected(before, [correction(name=NAME, document="passport", number="E1")]).complainant
    assert after.kind == "person"
    assert (after.name, after.contact) == (NAME, before.complainant.contact)
    assert after.id_document is not None
    assert after.id_document.number == "E1"


def test_an_organisation_has_a_name_and_no_document() -> None:
    before = intake(complainant={"kind": "organisation", "name": "某公司"})
    both = corrected(before, [correction(name="另一公司", document="passport", number="E1")]).complainant
    assert (both.kind, getattr(both, "name", "")) == ("organisation", "另一公司")


def test_everything_marked_as_personal_is_held_wherever_it_stands() -> None:
    said = intake(
        agent=AGENT,
        group={"total": 3, "face_to_face": False, "representatives": [{"name": "代表甲"}, {"name": "代表乙"}]},
        respondent={"unit": "gd-gz", "staff": [{"name": "员工甲"}]},
    )
    assert {one.path: one.value for one in held(said)} == {
        "complainant.name": "测试人甲",
        "complainant.contact.phone": "13800000000",
        "agent.name": "代理人甲",
        "agent.contact.phone": "13800000001",
        "group.representatives[0].name": "代表甲",
        "group.representatives[1].name": "代表乙",
        "respondent.staff[0].name": "员工甲",
        "facts": "理赔款迟迟未付。",
    }


def test_a_correction_says_something_whole_and_repeats_nothing_when_it_does_not() -> None:
    with pytest.raises(ValidationError, match="name what is corrected"):
        correction()
    with pytest.raises(ValidationError, match="its kind and its number together") as refused:
        correction(number=NUMBER)
    assert NUMBER not in str(refused.value)


def test_the_hash_of_a_correction_cannot_be_guessed_from_the_name() -> None:
    """Two corrections to the same name have nothing in common once their words are struck out."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    one, two = (
        ev.ParticularsCorrected(at=at, recorded_at=at, by=SERVICE, name=NAME, reason=WHY, salt=salt)
        for salt in ("0" * 32, "1" * 32)
    )
    assert body_hash(one) != body_hash(two)

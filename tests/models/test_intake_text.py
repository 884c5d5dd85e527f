"""What comes in with a complaint: kept in one form, warned about where it looks wrong, never larger than can be sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from models.commands import ChangeContact
from models.explain import explain
from models.handling_commands import Dispatch
from models.identifiers import ComplaintId, DepartmentCode, Jurisdiction, PersonId, UnitCode
from models.intake import Intake
from models.intake_warnings import WARNINGS_EN, WARNINGS_ZH, warnings, warnings_left
from models.opening import OPENING_BYTES, Opening
from models.reach import ways
from rulebook import events as ev
from tests.models.test_intake import LEAST

AT = "2026-03-02T10:00:00+08:00"
GRIN = "\U0001f600"


def person(**parts: Any) -> dict[str, Any]:
    """A complaint of somebody with *parts*."""
    return {**LEAST, "complainant": {"kind": "person", "name": "示例甲", **parts}}


@given(st.text(st.sampled_from("甲1 \n\x0b\r\u200b\u200d\u3000；\ufeff"), max_size=8))
def test_a_complaint_has_the_same_hash_before_and_after_a_journey(text: str) -> None:
    """Opening the same complaint twice is harmless only while its content hash is the same for every reader."""
    data = {
        **person(contact={"phone": f"1{text.strip()}".split()[0], "email": "ｚ＠example.com；"}),
        "facts": f"甲{text}乙",
    }
    first = Intake.model_validate(data)
    again = Intake.model_validate_json(first.model_dump_json())
    assert (again, again.content_hash()) == (first, first.content_hash())
    assert Intake.model_validate(json.loads(json.dumps(first.model_dump(mode="json")))) == first


DOUBTS = [
    pytest.param(
        person(contact={"email": "zhang@"}), "complainant.contact.email", "mail_address", id="half-an-address"
    ),
    pytest.param(
        person(contact={"email": "zhang@example.com，li@example.com"}),
        "complainant.contact.email",
        "mail_addresses",
        id="two",
    ),
    pytest.param(person(contact={"phone": "1.38E+10"}), "complainant.contact.phone", "phone", id="spreadsheet"),
    pytest.param(
        person(contact={"phone": "1380000000"}), "complainant.contact.phone", "mobile_length", id="ten-digits"
    ),
    pytest.param(
        person(id_document={"type": "resident_id", "number": "1101051949123100"}),
        "complainant.id_document.number",
        "resident_id_form",
        id="sixteen-digits",
    ),
    pytest.param(
        person(id_document={"type": "resident_id", "number": "110105194913310021"}),
        "complainant.id_document.number",
        "resident_id_birth",
        id="month-thirteen",
    ),
    pytest.param(
        person(id_document={"type": "resident_id", "number": "110105203003020017"}),
        "complainant.id_document.number",
        "resident_id_birth",
        id="born-after-the-complaint",
    ),
    pytest.param(
        person(id_document={"type": "resident_id", "number": "110105194912310021"}),
        "complainant.id_document.number",
        "resident_id_check",
        id="check-digit",
    ),
    pytest.param(
        {**LEAST, "agent": {"name": "示例乙", "id_document": {"type": "resident_id", "number": "1234"}}},
        "agent.id_document.number",
        "resident_id_form",
        id="the-agents",
    ),
    pytest.param(
        {**LEAST, "complainant": {"kind": "organisation", "name": "示例公司", "credit_code": "9135"}},
        "complainant.credit_code",
        "credit_code_form",
        id="short-credit-code",
    ),
    pytest.param(
        {**LEAST, "complainant": {"kind": "organisation", "name": "示例公司", "credit_code": "91350100M000100Y44"}},
        "complainant.credit_code",
        "credit_code_check",
        id="check-character",
    ),
]


@pytest.mark.parametrize(("data", "place", "code"), DOUBTS)
def test_what_looks_wrong_is_taken_in_with_a_warning_that_repeats_nothing(
    data: dict[str, Any], place: str, code: str
) -> None:
    """The law knows no ground to refuse a complaint over a wrong number (art. 13, 18(4))."""
    found = [one for one in warnings(Intake.model_validate(data)) if f"[{code}]" in one]
    assert found == [f"{place}: {WARNINGS_ZH[code]} {WARNINGS_EN[code]} [{code}]"]


def test_every_warning_has_both_languages_and_an_example() -> None:
    assert WARNINGS_ZH.keys() == WARNINGS_EN.keys() == {str(case.values[2]) for case in DOUBTS}


@pytest.mark.parametrize(
    "data",
    [
        LEAST,
        person(id_document={"type": "resident_id", "number": "11010519491231002x"}),
        person(id_document={"type": "resident_id", "number": "110105491231002"}),
        person(id_document={"type": "passport", "number": "E1234"}),
        person(contact={"phone": "13800000001", "email": "zhang@example.com"}),
        person(contact={"phone": "+86 (0)20-12345678 转 801"}),
        person(contact={"phone": "１３８００００００１２"}),
        {**LEAST, "complainant": {"kind": "organisation", "name": "示例公司", "credit_code": "91350100M000100Y43"}},
    ],
)
def test_what_is_right_is_not_warned_about(data: dict[str, Any]) -> None:
    assert warnings(Intake.model_validate(data)) == ()


def test_what_was_corrected_is_not_warned_about_any_more() -> None:
    data = person(id_document={"type": "resident_id", "number": "1234"}, contact={"phone": "电话", "email": "zhang@"})
    intake = Intake.model_validate(data)
    common = {"at": AT, "recorded_at": AT, "by": "p-hq-kf-01"}
    corrected = ev.ParticularsCorrected.model_validate(
        {**common, "document": "resident_id", "number": "11010519491231002X", "reason": "看错", "salt": "0"}
    )
    changed = ev.ContactChanged.model_validate({**common, "parts": ["phone"]})
    left = warnings_left(intake, [corrected, changed])
    assert [one.partition(":")[0] for one in left] == ["complainant.contact.email"]


def test_a_letter_goes_another_way_where_the_mail_address_is_none() -> None:
    intake = Intake.model_validate(person(contact={"phone": "13800000001", "email": "zhang@", "preferred": "email"}))
    assert ways(intake, "decision") == [("sms", "13800000001")]


def test_a_complainant_who_left_nothing_usable_is_asked_for_a_way() -> None:
    intake = Intake.model_validate(person(contact={"email": "zhang@"}))
    assert "contact" in intake.missing_material()


def test_staff_enter_no_mail_address_that_is_none() -> None:
    with pytest.raises(ValidationError) as caught:
        ChangeContact(id="1", actor="p-hq-kf-01", email="zhang@")
    assert explain(caught.value) == "email: must be one mail address [mail_address]"


def test_a_complaint_with_all_that_it_may_hold_can_be_sent() -> None:
    """Every text and list of an intake has its limit, so that nobody is turned away for the size of a true complaint."""
    line, text, code = GRIN * 200, GRIN * 20_000, "a" * 32
    named = {
        "name": line,
        "id_document": {"type": "other", "number": line},
        "contact": {"phone": line, "address": line},
    }
    data = {
        **person(**named),
        "agent": {**named, "authority": line},
        "heir": {"deceased": line, "relation": line, "proof": line},
        "group": {"total": 1_000_000, "face_to_face": True, "representatives": [named] * 5},
        "respondent": {"unit": code, "staff": [{"person": "p" * 64, "name": line, "unit": code}] * 50},
        "policy": {"number": line, "product": line},
        "evidence": [{"sha256": "0" * 64, "title": line, "kind": "chat_record", "reference": line}] * 200,
        **dict.fromkeys(("facts", "demand", "basis"), text),
        **dict.fromkeys(("channel_detail", "source_reference", "service_place", "key_information_checklist"), line),
    }
    assert len(Intake.model_validate(data).model_dump_json().encode()) < OPENING_BYTES / 1.5


@pytest.mark.parametrize("field", ["evidence", "staff", "categories", "copies"])
def test_no_list_is_without_end(field: str) -> None:
    evidence = {"sha256": "0" * 64, "title": "合同"}
    broken: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
        "evidence": (Intake, {**LEAST, "evidence": [evidence] * 201}),
        "staff": (Intake, {**LEAST, "respondent": {"unit": "gd", "staff": [{"name": "甲"}] * 51}}),
        "categories": (Intake, {**LEAST, "categories": ["claims"] * 14}),
        "copies": (Dispatch, {"id": "1", "actor": "p-hq-kf-01", "reason": "抄送", "copies": ["gd-kf"] * 201}),
    }
    kind, data = broken[field]
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(data)
    assert "[too_long]" in explain(caught.value)


def past(texts: int) -> dict[str, Any]:
    """An opening with a past of *texts* findings of full size."""
    said = {"type": "findings_submitted", "at": AT, "recorded_at": AT, "by": "p-hq-kf-01", "findings": "核" * 20_000}
    return {
        "intake": LEAST,
        "past": {"source": "旧系统", "digest": "0" * 64, "by": "p-hq-kf-01", "events": [said] * texts},
    }


def test_a_past_that_cannot_be_sent_is_refused_by_name_and_size() -> None:
    assert len(Opening.model_validate(past(24)).model_dump_json().encode()) < OPENING_BYTES + 1000
    with pytest.raises(ValidationError) as caught:
        Opening.model_validate(past(25))
    told = explain(caught.value)
    assert told.startswith("past: with the complaint it has 150")
    assert told.endswith(f" bytes as JSON, at most {OPENING_BYTES} can be sent [too_large]")


@pytest.mark.parametrize(
    ("kind", "sound"),
    [(ComplaintId, "C-1001"), (PersonId, "p-01"), (UnitCode, "gd"), (DepartmentCode, "gd-kf"), (Jurisdiction, "CN")],
)
@pytest.mark.parametrize("form", ["{}\n", "\u200b{}", "{} ", "{}\x00", "\u202e{}", "{}\ud800"])
def test_an_id_is_plain_letters_and_nothing_that_is_not_seen(kind: Any, sound: str, form: str) -> None:
    reader: TypeAdapter[str] = TypeAdapter(kind)
    assert reader.validate_python(sound) == sound
    with pytest.raises(ValidationError):
        reader.validate_python(form.format(sound))

"""A text for others names nobody of the complaint, however it is written; ordinary words are no names."""

from __future__ import annotations

from typing import Any

import pytest

from models.intake import Intake
from models.unnamed import names_somebody

SAID: dict[str, Any] = {
    "complaint_id": "C-1",
    "received_at": "2026-03-02T10:00:00+08:00",
    "channel": "phone",
    "complainant": {
        "kind": "person",
        "name": "欧阳示例",
        "id_document": {"type": "passport", "number": "E1234 5678"},
        "contact": {"phone": "0755-26540001", "email": "o.y@example.org", "address": "示范路1号"},
    },
    "agent": {"name": "Li Shi", "kind": "entrusted", "contact": {"phone": "+86 13800000000"}},
    "heir": {"deceased": "示例老人"},
    "group": {"total": 3, "face_to_face": False, "representatives": [{"name": "示例代表"}]},
    "respondent": {"unit": "gd-sz", "staff": [{"name": "示例业务员"}]},
    "policy": {"number": "P-2019-000042", "product": "安康一号"},
    "facts": "理赔款未付",
}
INTAKE = Intake.model_validate(SAID)
BODY = Intake.model_validate({
    **SAID,
    "complainant": {
        "kind": "organisation",
        "name": "示例机械有限公司",
        "credit_code": "91440300MA5EXAMPL0"[:17] + "X",
        "address": "示范路2号",
        "principal": {"name": "示例法人"},
    },
    "heir": None,
})  # fmt: skip
NOT_KNOWN = Intake.model_validate({**SAID, "complainant": {"kind": "unnamed", "reference": "call-7"}, "agent": None})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("客户欧阳示例三次补交资料", id="name"),
        pytest.param("客户欧阳 示例三次补交资料", id="name with a blank"),
        pytest.param("请联系 LI SHI。", id="agent, in capitals"),
        pytest.param("代理人Ｌｉ·Ｓｈｉ到场", id="agent, in full width"),
        pytest.param("示例老人的保单", id="deceased"),
        pytest.param("由示例代表到场", id="representative"),
        pytest.param("示例业务员承诺返还", id="staff"),
        pytest.param("证件E12345678", id="identity document"),
        pytest.param("回电075526540001", id="phone without hyphen"),
        pytest.param("回电 2654 0001", id="phone without area code"),
        pytest.param("回电０７５５－２６５４０００１", id="phone in full width"),
        pytest.param("回电13800000000", id="agent's mobile without country code"),
        pytest.param("写信到O.Y@example.org", id="email"),
        pytest.param("住示范路1号", id="address"),
        pytest.param("保单P2019000042", id="policy"),
        pytest.param("某人的手机号是139 0000 0001", id="anybody's mobile number"),
        pytest.param("身份证440301199001011234", id="anybody's identity number"),
    ],
)
def test_what_leads_to_somebody_is_found(text: str) -> None:
    assert names_somebody(text, INTAKE)


@pytest.mark.parametrize("text", ["示例机械有限公司投诉", "示例法人到场", "示范路2号", "代码91440300ma5examplx"])
def test_a_company_is_named_by_its_name_too(text: str) -> None:
    assert names_somebody(text, BODY)


@pytest.mark.parametrize(
    "text",
    [
        "安康一号的客户三次补交同一份病历，2026年3月2日起48小时内告知，赔付12,345.67元",
        "Publicise what is asked for; the list of papers is fixed at once",
        "客户服务热线未接通",
        "流水号 2026030212345678",
    ],
)
@pytest.mark.parametrize("intake", [INTAKE, BODY, NOT_KNOWN], ids=["person", "organisation", "unnamed"])
def test_ordinary_words_name_nobody(text: str, intake: Intake) -> None:
    assert not names_somebody(text, intake)

"""The complaint as it comes in: what it demands, what it refuses, and what it never says aloud."""

import copy
import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from models import vocabulary
from models.explain import explain
from models.intake import FutureReceipt, Intake

LEAST: dict[str, Any] = {
    "complaint_id": "C-1001",
    "received_at": "2026-03-02T10:00:00+08:00",
    "channel": "phone",
    "complainant": {"kind": "unnamed", "reference": "caller-1"},
    "respondent": {"unit": "gd-gz"},
    "facts": "理赔材料交齐四十天没有答复。",
}

FORWARDING = {
    "body": "示例监管局",
    "regulator_received_at": "2026-02-26T09:00:00+08:00",
    "forwarded_at": "2026-03-01T09:00:00+08:00",
    "insurer_received_at": "2026-03-02T10:00:00+08:00",
}

FULL: dict[str, Any] = {
    **LEAST,
    "complainant": {
        "kind": "person",
        "name": "姓名甲",
        "id_document": {"type": "resident_id", "number": "证件乙"},
        "contact": {"phone": "电话丙", "email": "ding@example.com", "address": "地址戊", "preferred": "sms"},
    },
    "agent": {"name": "姓名己", "authority": "SQ-1", "contact": {"phone": "电话庚"}},
    "heir": {"deceased": "姓名辛", "relation": "关系壬", "proof": "JC-1"},
    "group": {"total": 3, "face_to_face": True, "representatives": [{"name": "姓名癸"}]},
    "respondent": {"unit": "gd-gz", "staff": [{"person": "p-gd-gz-gx-01", "name": "姓名子", "unit": "gd-gz"}]},
    "policy": {"number": "保单丑", "product": "示例寿险", "line_of_business": "annuity", "sales_channel": "bank"},
    "facts": "事实寅",
    "demand": "请求卯",
    "basis": "依据辰",
    "service_place": "地点巳",
    "evidence": [{"sha256": "0" * 64, "title": "证据午", "kind": "recording"}],
    "channel": "regulator",
    "forwarding": FORWARDING,
}


def refused(data: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        Intake.model_validate(data)
    return explain(caught.value)


def test_an_id_a_receipt_a_channel_somebody_a_unit_and_the_facts_are_enough() -> None:
    """Art. 13 lists what may be asked for; only what a case cannot exist without is demanded."""
    assert Intake.model_validate(LEAST).complaint_id == "C-1001"
    for field in LEAST:
        assert (
            refused({name: value for name, value in LEAST.items() if name != field})
            == f"{field}: is required [missing]"
        )


@pytest.mark.parametrize(
    "bad",
    ["AB", "-ABC", "a b c", "投诉一号", "x" * 65, "", "C-1\nC-2"],
    ids=["short", "leading-dash", "spaces", "chinese", "long", "empty", "two-lines"],
)
def test_an_id_has_one_form(bad: str) -> None:
    form = "3 to 64 letters, digits, dots, hyphens or underscores, the first one a letter or a digit"
    assert refused({**LEAST, "complaint_id": bad}) == f"complaint_id: must be {form} [string_pattern_mismatch]"


@pytest.mark.parametrize(
    "personal", ["11010119900307123X", "440106198001011234", "C-440106198001011234", "13800138000"]
)
@pytest.mark.parametrize("field", ["complaint_id", "earlier_complaint"])
def test_an_id_that_looks_like_a_persons_number_is_refused_and_not_repeated(field: str, personal: str) -> None:
    """Ids stand in the open in workflow ids; a personal number must not get there."""
    told = refused({**LEAST, field: personal})
    assert "[personal_identifier]" in told
    assert personal not in told


@pytest.mark.parametrize("opaque", ["175928847299117063", "20260302000000000001", "1380013800", "C-13800138000"])
def test_long_numbers_that_number_nobody_stay_allowed(opaque: str) -> None:
    assert Intake.model_validate({**LEAST, "complaint_id": opaque}).complaint_id == opaque


def test_a_naive_receipt_is_refused() -> None:
    assert refused({**LEAST, "received_at": "2026-03-02T10:00:00"}) == (
        "received_at: must carry a time zone [timezone_aware]"
    )


@pytest.mark.parametrize(("seconds", "future"), [(-1, True), (0, False), (1, False)])
def test_a_receipt_may_be_now_or_past_never_future(seconds: int, future: bool) -> None:
    intake = Intake.model_validate(LEAST)
    now = intake.received_at + timedelta(seconds=seconds)
    if future:
        with pytest.raises(FutureReceipt, match=r"^received_at: must not lie in the future \[FutureReceipt\]$"):
            intake.refuse_future(now)
    else:
        intake.refuse_future(now)


CROSS_FIELD = [
    pytest.param({"channel": "regulator"}, "forwarding_missing", id="regulator-without-forwarding"),
    pytest.param(
        {"channel": "regulator", "forwarding": {**FORWARDING, "insurer_received_at": "2026-03-02T10:00:01+08:00"}},
        "receipt_differs",
        id="two-receipts",
    ),
    pytest.param(
        {"channel": "regulator", "forwarding": {**FORWARDING, "forwarded_at": "2026-02-26T08:59:59+08:00"}},
        "forwarding_order",
        id="forwarded-before-received",
    ),
    pytest.param({"outbound_callback": {"wish": "misled"}}, "callback_not_expected", id="callback-on-phone"),
    pytest.param({"visit_form": "LF-1"}, "visit_form_not_expected", id="visit-form-on-phone"),
    pytest.param(
        {"complainant": {"kind": "organisation", "name": "某公司"}, "heir": {"deceased": "某人"}},
        "heir_not_a_person",
        id="organisation-inherits",
    ),
    pytest.param({"earlier_complaint": "C-1001"}, "earlier_is_itself", id="earlier-is-itself"),
    pytest.param({"categories": ["claims", "claims"]}, "category_twice", id="category-twice"),
    pytest.param(
        {"group": {"total": 9, "face_to_face": True, "representatives": [{"name": "代表"}] * 6}},
        "too_many_representatives",
        id="six-representatives",
    ),
    pytest.param(
        {"group": {"total": 2, "face_to_face": True, "representatives": [{"name": "代表"}] * 3}},
        "group_too_small",
        id="more-representatives-than-people",
    ),
    pytest.param({"respondent": {"unit": "gd", "staff": [{"unit": "gd"}]}}, "staff_unnamed", id="staff-unnamed"),
    pytest.param({"complainant": {"kind": "robot"}}, "complainant_kind", id="unknown-kind"),
    pytest.param({"facts": "a\x00b"}, "control_character", id="nul-in-facts"),
    pytest.param({"facts": "   "}, "string_too_short", id="blank-facts"),
    pytest.param({"priority": "high"}, "extra_forbidden", id="unknown-field"),
]


@pytest.mark.parametrize(("change", "code"), CROSS_FIELD)
def test_what_contradicts_itself_is_refused_with_a_stable_code(change: dict[str, Any], code: str) -> None:
    told = refused({**LEAST, **change})
    assert f"[{code}]" in told
    assert "\n" not in told


def test_five_representatives_of_many_people_are_welcome() -> None:
    """Art. 12: at most five, and five is not more than five."""
    group = {"total": 26, "face_to_face": True, "representatives": [{"name": "代表"}] * 5}
    parsed = Intake.model_validate({**LEAST, "group": group}).group
    assert parsed is not None
    assert len(parsed.representatives) == 5


MISSING = [
    pytest.param({}, ("complainant_name", "contact", "demand", "basis"), id="least"),
    pytest.param(
        {"complainant": {"kind": "person", "name": "甲", "contact": {"phone": "1"}}, "demand": "a", "basis": "b"},
        ("identity",),
        id="person-without-document",
    ),
    pytest.param(
        {
            "complainant": {"kind": "person", "name": "甲", "contact": {"phone": "1"}},
            "demand": "a",
            "basis": "b",
            "policy": {"number": "P-1"},
        },
        (),
        id="the-policy-tells-who-it-is",
    ),
    pytest.param(
        {"complainant": {"kind": "organisation", "name": "某公司"}, "demand": "a", "basis": "b"},
        ("contact", "organisation_address", "organisation_credit_code", "organisation_principal"),
        id="organisation",
    ),
    pytest.param(
        {"agent": {"name": "乙"}, "demand": "a", "basis": "b"},
        ("complainant_name", "contact", "agent_identity", "agent_contact", "agent_authority"),
        id="agent-without-papers",
    ),
    pytest.param(
        {"agent": {"name": "乙", "contact": {"phone": "1"}, "authority": "SQ"}, "demand": "a", "basis": "b"},
        ("complainant_name", "agent_identity"),
        id="the-agent-can-be-reached",
    ),
    pytest.param(
        {"heir": {"deceased": "丙"}, "group": {"total": 2, "face_to_face": True}, "demand": "a", "basis": "b"},
        ("complainant_name", "contact", "heir_proof", "group_representatives"),
        id="heir-and-group",
    ),
    pytest.param(
        {"channel": "letter", "demand": "a", "basis": "b"},
        ("complainant_name", "contact", "signature"),
        id="unsigned-letter",
    ),
]


@pytest.mark.parametrize(("change", "missing"), MISSING)
def test_missing_papers_are_listed_and_never_a_ground_to_refuse(
    change: dict[str, Any], missing: tuple[str, ...]
) -> None:
    """Agents and heirs must be accepted (art. 14); the law knows no supplement that would stop the clock."""
    assert Intake.model_validate({**LEAST, **change}).missing_material() == missing


def test_every_kind_of_missing_material_can_be_reported() -> None:
    reported = {code for case in MISSING for code in case.values[1]}  # type: ignore[union-attr]
    assert reported == set(get_args(vocabulary.Missing))


@pytest.mark.parametrize(
    ("change", "unfiled"),
    [
        ({"channel": "visit"}, ("visit_form",)),
        ({"channel": "visit", "visit_form": "LF-1"}, ()),
        ({"suspected_violation": True}, ("key_information_checklist",)),
        ({"suspected_violation": True, "key_information_checklist": "QD-1"}, ()),
        ({"channel": "outbound_callback"}, ("callback_task",)),
        ({"channel": "outbound_callback", "outbound_callback": {"wish": "misled"}}, ("callback_task",)),
        ({"channel": "outbound_callback", "outbound_callback": {"wish": "misled", "task": "HF-1"}}, ()),
    ],
)
def test_the_insurers_own_papers_are_not_asked_from_the_complainant(
    change: dict[str, Any], unfiled: tuple[str, ...]
) -> None:
    """R063, R067 and R071 bind the insurer; art. 13 forbids to ask for what it can see to itself."""
    intake = Intake.model_validate({**LEAST, **change})
    assert intake.unfiled() == unfiled
    assert intake.missing_material() == Intake.model_validate(LEAST).missing_material()


def test_every_code_has_a_chinese_name_and_no_name_is_left_over() -> None:
    """Letters and screens show names; a code without one would show as English there."""
    words = {
        "channel": vocabulary.Channel,
        "category": vocabulary.Category,
        "dispute_type": vocabulary.DisputeType,
        "line_of_business": vocabulary.LineOfBusiness,
        "sales_channel": vocabulary.SalesChannel,
        "id_document_type": vocabulary.IdDocumentType,
        "contact_method": vocabulary.ContactMethod,
        "agent_kind": vocabulary.AgentKind,
        "evidence_kind": vocabulary.EvidenceKind,
        "callback_wish": vocabulary.CallbackWish,
        "missing": vocabulary.Missing,
        "unfiled": vocabulary.Unfiled,
    }
    named = {name: set(vocabulary.LABELS_ZH[name]) for name in words}
    assert named == {name: set(get_args(codes)) for name, codes in words.items()}
    assert len(get_args(vocabulary.Category)) == 13
    assert len(get_args(vocabulary.Channel)) == 14


def personal_values(model: BaseModel) -> list[str]:
    found: list[str] = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("personal") and value is not None:
            found.append(value)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                found += personal_values(part)
    return found


def broken(data: Any) -> list[Any]:
    """Every copy of *data* in which one value, anywhere, became an unusable object that still holds it."""
    copies: list[Any] = []

    def walk(path: tuple[Any, ...], value: Any) -> None:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, part in inner:
            walk((*path, key), part)
        if path:
            changed = copy.deepcopy(data)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = {"strange": value}
            copies.append(changed)

    walk((), data)
    return copies


def test_no_error_repeats_a_personal_value_wherever_it_is_broken() -> None:
    """Error messages reach logs and screens of people who may not know the case (design: errors never echo input)."""
    secrets = personal_values(Intake.model_validate(FULL))
    assert len(secrets) == 17
    for changed in broken(FULL):
        with pytest.raises(ValidationError) as caught:
            Intake.model_validate(changed)
        said = str(caught.value) + explain(caught.value)
        assert not [secret for secret in secrets if secret in said]
        assert "\n" not in explain(caught.value)


def test_a_field_name_that_may_be_a_value_is_not_repeated() -> None:
    assert refused({**LEAST, "张三 13800138000": 1}) == "?: unknown field [extra_forbidden]"


def test_the_schema_describes_every_field() -> None:
    """Java and Go systems build their payload from the published schema alone."""
    schema = Intake.model_json_schema()
    for name, definition in {"Intake": schema, **schema["$defs"]}.items():
        assert definition["additionalProperties"] is False
        for field, properties in definition["properties"].items():
            described = properties.get("description") or field == "kind"
            assert described, f"describe {name}.{field}"
    assert schema["properties"]["channel"]["labels_zh"]["regulator"] == "监管转办"
    assert schema["properties"]["facts"]["personal"] is True


def test_the_hash_tells_content_from_form() -> None:
    """The same id with the same content is no news, with other content an error: the hash decides."""
    first = Intake.model_validate(LEAST)
    elsewhere = {**LEAST, "received_at": "2026-03-02T02:00:00Z", "facts": LEAST["facts"] + " ", "categories": []}
    assert Intake.model_validate(elsewhere).content_hash() == first.content_hash()
    canonical = (
        '{"channel":"phone","complainant":{"kind":"unnamed","reference":"caller-1"},"complaint_id":"C-1001",'
        '"facts":"理赔材料交齐四十天没有答复。","received_at":"2026-03-02T02:00:00Z","respondent":{"unit":"gd-gz"}}'
    )
    assert first.content_hash() == hashlib.sha256(canonical.encode()).hexdigest()
    for change in ({"facts": "别的事实"}, {"channel": "web"}, {"received_at": "2026-03-02T10:00:01+08:00"}):
        assert Intake.model_validate({**LEAST, **change}).content_hash() != first.content_hash()


RECEIPTS = st.datetimes(
    min_value=datetime(2007, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), ZoneInfo("America/Chicago")]),
    allow_imaginary=False,
)


@given(RECEIPTS, st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_what_is_valid_survives_a_round_trip(received: datetime, facts: str) -> None:
    intake = Intake.model_validate(
        {**FULL, "channel": "phone", "forwarding": None, "received_at": received, "facts": f"事实{facts}"}
    )
    again = Intake.model_validate_json(intake.model_dump_json())
    assert again == intake
    assert again.received_at == received.astimezone(UTC)
    assert again.content_hash() == intake.content_hash()


def test_staff_complained_of_are_kept_away_and_a_violation_goes_first() -> None:
    intake = Intake.model_validate({**FULL, "suspected_violation": True, "categories": ["selling"]})
    assert intake.excluded_staff() == {"p-gd-gz-gx-01"}
    assert intake.matters(intake.categories) == ("suspected_violation", "selling")

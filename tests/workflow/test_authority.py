"""What the authority matrix is told of a case, and whom it refuses in one: real people, real rules, no server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from engine.settings import SAMPLE_ORGANISATION
from models import commands as base
from models import handling_commands as cmd
from models.actor import actor
from models.intake import Intake
from models.organisation import read_organisation
from rulebook import events as ev
from rulebook.authority import Act
from rulebook.pack import pin_for
from tests.rulebook.helpers import classified, decided, on, said, told
from workflows import guards
from workflows.authority import authorised, authorised_without_agreement, evidence, facts_of
from workflows.case import Case
from workflows.grounds import DUTY_OPEN
from workflows.guards import ROWS, check
from workflows.refusal import Ask, Refusal

HOUSE = read_organisation(SAMPLE_ORGANISATION)
START = "Mon 2026-03-02 10:00"
NOW = on("Mon 2026-03-16 10:00")
COUNTY, CITY, PROVINCE, HEAD_OFFICE = "p-gd-gz-zc-kf-01", "p-gd-gz-kf-01", "p-gd-kf-01", "p-hq-kf-01"
OTHER_CITY = "p-gd-sz-kf-01"
HEAD, CHAIR, LAWYER, GENERAL_MANAGER = "p-gd-gz-kf-03", "p-gd-kf-03", "p-gd-fl-01", "p-gd-zjl-02"
LAWYER_ELSEWHERE, GENERAL_MANAGER_ELSEWHERE = "p-hq-fl-01", "p-zj-zjl-02"
CLAIMS = "p-gd-gz-yg-01"


def case(*events: ev.Event, company: str | None = "company-life", **changes: Any) -> Case:
    """Return a complaint about the city's handling of a claim, received in March, after *events*."""
    intake = Intake.model_validate(
        {
            "complaint_id": "T-authority",
            "received_at": on(START).isoformat(),
            "channel": "phone",
            "complainant": {"kind": "person", "name": "测试人甲", "contact": {"phone": "13800000000"}},
            "respondent": {"unit": "gd-gz"},
            "facts": "理赔款迟迟未付。",
            "categories": ["claims"],
            **changes,
        }
    )
    receipt = said(
        ev.Received,
        START,
        content_hash="h",
        channel=intake.channel,
        unit=intake.respondent.unit,
        categories=intake.categories,
    )
    return Case(intake, pin_for(on(START), date(2026, 3, 2), company=company), (receipt, *events))


FORWARDED: dict[str, Any] = {
    "channel": "regulator",
    "forwarding": {
        "body": "金融监管局",
        **dict.fromkeys(("regulator_received_at", "forwarded_at", "insurer_received_at"), on(START).isoformat()),
    },
}
BY_LETTER = {"complainant": {"kind": "person", "name": "测试人甲", "contact": {"address": "示例路1号"}}}


def ask(of: Case, person: str, command: base.Command | None = None) -> Ask:
    """Return what *person* asks of a case."""
    command = command or base.Close(id="1", actor=person, reason="处理完毕。")
    return Ask(of, command, actor(HOUSE, person, of.unit, of.intake.respondent.unit), NOW)


def verdict(act: Act, of: Case, person: str, command: base.Command | None = None) -> str | None:
    """Return the code with which the rules of a case refuse *act* to *person*, None if they allow it."""
    error = authorised(act).verdict(ask(of, person, command))
    return error.type if error else None


def refusal(of: Case, command: base.Command) -> str | None:
    """Return the code with which a command is refused by all its guards, None if it may be obeyed."""
    try:
        check(ask(of, command.actor, command))
    except ApplicationError as error:
        return error.type
    return None


def met(at: str, subject: str, *, lawful: bool = False, number: int = 1, by: str = CHAIR) -> Any:
    """Return a meeting of the committee."""
    return said(
        ev.CommitteeMet,
        at,
        by=by,
        meeting=f"k{number}",
        subject=subject,
        members=(CHAIR, "p-gd-zjl-02"),
        resolution="同意。",
        lawful=lawful,
    )


def put_up(at: str, purpose: str, by: str = CLAIMS, number: int = 1) -> Any:
    """Return a text that waits for its signatures."""
    return said(ev.SignOffRequested, at, by=by, sign_off=f"g{number}", purpose=purpose, text="处理意见。")


def signed(at: str, purpose: str, capacity: str, *, by: str = HEAD, complete: bool = True, number: int = 1) -> Any:
    """Return a signature."""
    return said(
        ev.SignOffGiven,
        at,
        by=by,
        sign_off=f"g{number}",
        purpose=purpose,
        capacity=capacity,
        complete=complete,
    )


def sign(person: str, capacity: str, sign_off: str = "g1") -> cmd.SignOff:
    """Return the command to sign."""
    return cmd.SignOff.model_validate({"id": "1", "actor": person, "sign_off": sign_off, "capacity": capacity})


def new_facts(at: str) -> Any:
    """Return the arrival of new facts and reasons."""
    return said(ev.FactsAdded, at, summary="补交了录音。")


DECIDED = decided("Mon 2026-03-09 10:00")


@pytest.mark.parametrize(
    ("person", "changes", "code"),
    [
        pytest.param(CITY, {}, None, id="the city closes its own"),
        pytest.param(COUNTY, {}, "NotAuthorised", id="a county closes nothing"),
        pytest.param(CLAIMS, {}, "NotAuthorised", id="the department that investigated closes nothing"),
        pytest.param(CITY, FORWARDED, "NotAuthorised", id="the city closes no forwarded one"),
        pytest.param(PROVINCE, FORWARDED, None, id="the province closes a forwarded one"),
        pytest.param(HEAD_OFFICE, FORWARDED, None, id="head office closes a forwarded one"),
    ],
)
def test_who_closes(person: str, changes: dict[str, Any], code: str | None) -> None:
    """R144: no county; R145: what the regulator forwarded is closed by the province; R146: customer service closes."""
    assert verdict("close", case(DECIDED, **changes), person) == code


@pytest.mark.parametrize(
    ("unit", "person", "code"),
    [
        pytest.param("gd-gz", CITY, None, id="the city that the province named"),
        pytest.param("gd-gz", OTHER_CITY, "NotAuthorised", id="another city"),
        pytest.param("gd-gz", PROVINCE, None, id="still the province itself"),
        pytest.param("gd-gz-zc", COUNTY, "NotAuthorised", id="never a county, whoever names it"),
    ],
)
def test_a_forwarded_complaint_is_closed_by_the_delegate(unit: str, person: str, code: str | None) -> None:
    """R145: the province may leave the closure to a city; R144: a county has no authority that could be delegated."""
    delegated = said(ev.ClosureDelegated, "Tue 2026-03-10 10:00", unit=unit, reason="授权地市结案。")
    assert verdict("close", case(DECIDED, delegated, **FORWARDED), person) == code


def test_liability_and_causes_are_set_before_closure() -> None:
    """R147, R148; new facts undo the decision, and its liability with it (art. 18(3))."""
    assert verdict("close", case(), CITY) == "LiabilityMissing"
    assert verdict("close", case(DECIDED), CITY) is None
    assert verdict("close", case(DECIDED, new_facts("Tue 2026-03-10 10:00")), CITY) == "LiabilityMissing"


@pytest.mark.parametrize("categories", [["system"], ["claims", "system"]], ids=["the only category", "one of several"])
def test_a_system_complaint_is_closed_with_a_description_of_the_fault(categories: list[str]) -> None:
    """R096."""
    fault = said(ev.FaultDescribed, "Tue 2026-03-10 10:00", fault="批处理漏跑一日。")
    assert verdict("close", case(DECIDED, categories=categories), CITY) == "FaultMissing"
    assert verdict("close", case(DECIDED, fault, categories=categories), CITY) is None


@pytest.mark.parametrize(
    ("events", "code"),
    [
        pytest.param([], "CommitteeOnly", id="no meeting"),
        pytest.param([met("Tue 2026-03-10 10:00", "difficult", lawful=True)], "CommitteeOnly", id="on something else"),
        pytest.param([met("Tue 2026-03-10 10:00", "close_without_agreement")], "CommitteeOnly", id="not found lawful"),
        pytest.param([met("Tue 2026-03-10 10:00", "close_without_agreement", lawful=True)], None, id="found lawful"),
        pytest.param(
            [
                met("Tue 2026-03-10 10:00", "close_without_agreement", lawful=True),
                met("Wed 2026-03-11 10:00", "close_without_agreement", number=2),
            ],
            "CommitteeOnly",
            id="the newest meeting counts",
        ),
        pytest.param(
            [
                met("Thu 2026-03-05 10:00", "close_without_agreement", lawful=True),
                new_facts("Fri 2026-03-06 10:00"),
                decided("Mon 2026-03-09 11:00"),
            ],
            "CommitteeOnly",
            id="a meeting before new facts was about another decision",
        ),
    ],
)
def test_without_agreement_a_case_is_closed_after_the_committee_found_its_handling_lawful(
    events: list[ev.Event], code: str | None
) -> None:
    """R150."""
    refused = said(ev.CustomerResponded, "Thu 2026-03-12 10:00", accepts=False, summary="不认可。")
    error = authorised_without_agreement().verdict(ask(case(DECIDED, *events, refused), CITY))
    assert (error.type if error else None) == code


def test_with_agreement_no_committee_is_asked() -> None:
    """R149."""
    assert authorised_without_agreement().verdict(ask(case(DECIDED), CITY)) is None


LETTER = (
    put_up("Tue 2026-03-03 10:00", "written_reply"),
    signed("Tue 2026-03-03 11:00", "written_reply", "countersign", complete=False),
    signed("Tue 2026-03-03 12:00", "written_reply", "legal", by=LAWYER),
)


@pytest.mark.parametrize(
    ("changes", "events", "code"),
    [
        pytest.param({}, (), None, id="told by message"),
        pytest.param(BY_LETTER, (), "SignOffMissing", id="told by letter, nothing signed"),
        pytest.param(BY_LETTER, LETTER[:2], "SignOffMissing", id="told by letter, legal has not reviewed"),
        pytest.param(BY_LETTER, LETTER, None, id="told by letter, all signed"),
        pytest.param(
            BY_LETTER, (*LETTER, new_facts("Wed 2026-03-04 10:00")), "SignOffMissing", id="signed before new facts"
        ),
    ],
)
def test_a_written_reply_takes_an_opinion_letter_countersigned_and_reviewed(
    changes: dict[str, Any], events: tuple[ev.Event, ...], code: str | None
) -> None:
    """R134."""
    assert verdict("decide", case(*events, **changes), CITY) == code


def test_an_extraordinary_meeting_decides_a_major_case() -> None:
    """R118; a meeting before new facts decided something else."""
    major = classified("Tue 2026-03-03 10:00", "complex", severity="major")
    meeting = met("Wed 2026-03-04 10:00", "major")
    assert verdict("decide", case(major), CITY) == "CommitteeMissing"
    assert verdict("decide", case(major, meeting), CITY) is None
    assert verdict("decide", case(major, meeting, new_facts("Thu 2026-03-05 10:00")), CITY) == "CommitteeMissing"


@pytest.mark.parametrize(
    ("purpose", "capacity", "person", "code"),
    [
        pytest.param("written_reply", "countersign", HEAD, None, id="R134 customer service countersigns"),
        pytest.param("written_reply", "countersign", "p-gd-gz-gx-02", "NotAuthorised", id="R134 no head of sales"),
        pytest.param("written_reply", "legal", LAWYER, None, id="R134 legal reviews"),
        pytest.param("written_reply", "legal", HEAD, "NotAuthorised", id="R134 nobody but legal"),
        pytest.param("written_reply", "legal", LAWYER_ELSEWHERE, None, id="R134 legal of head office"),
        pytest.param("records_release", "general_manager", GENERAL_MANAGER, None, id="R196 the general manager"),
        pytest.param("records_release", "general_manager", HEAD, "NotAuthorised", id="R196 nobody but that office"),
        pytest.param(
            "records_release", "general_manager", GENERAL_MANAGER_ELSEWHERE, "OtherUnit", id="R196 only the own one"
        ),
        pytest.param("public_answer", "general_manager", GENERAL_MANAGER, None, id="R066 the general manager"),
        pytest.param("public_answer", "general_manager", GENERAL_MANAGER_ELSEWHERE, "OtherUnit", id="R066 local"),
        pytest.param("public_answer", "countersign", HEAD, "CapacityNotNeeded", id="R066 asks for no countersign"),
        pytest.param("vexatious", "leader", HEAD, None, id="R024 the head of customer service"),
        pytest.param("vexatious", "leader", GENERAL_MANAGER, "NotAuthorised", id="R024 nobody else"),
    ],
)
def test_who_signs_what(purpose: str, capacity: str, person: str, code: str | None) -> None:
    """R024, R066, R134, R196: each text by those whom the rules name, of the units concerned."""
    assert refusal(case(put_up("Tue 2026-03-03 10:00", purpose)), sign(person, capacity)) == code


def test_two_people_sign_what_a_third_has_written() -> None:
    """Four eyes: no author signs, and nobody signs twice."""
    own = case(put_up("Tue 2026-03-03 10:00", "written_reply", by=HEAD))
    assert refusal(own, sign(HEAD, "countersign")) == "SelfApproval"
    half = case(*LETTER[:2])
    assert refusal(half, sign(HEAD, "legal")) == "SignedTwice"
    assert refusal(half, sign("p-gd-kf-01", "countersign")) == "CapacityNotNeeded"
    assert refusal(half, sign(LAWYER, "legal")) is None


@pytest.mark.parametrize(
    ("purpose", "needed"),
    [("records_release", ("general_manager",)), ("public_answer", ("legal", "general_manager"))],
    ids=["R196 records", "R066 a public answer"],
)
def test_nothing_is_released_without_the_general_managers_consent(purpose: str, needed: tuple[str, ...]) -> None:
    release = cmd.Release(id="1", actor=CITY, sign_off="g1", proof="移交清单 1")
    asked = put_up("Tue 2026-03-03 10:00", purpose)
    given = [signed("Tue 2026-03-03 11:00", purpose, one, complete=one == needed[-1]) for one in needed]
    assert refusal(case(asked), release) == "SignOffMissing"
    assert refusal(case(asked, *given[:-1]), release) == "SignOffMissing"
    assert refusal(case(asked, *given), release) is None


@pytest.mark.parametrize("company", [None, "company-life"], ids=["the statute alone", "the insurer's rules"])
@pytest.mark.parametrize("unit", HOUSE.units)
def test_an_extension_is_approved_by_those_whom_the_law_names(unit: str, company: str | None) -> None:
    """Art. 18(1): a superior institution through its leaders, or a senior manager of head office, and nobody else."""
    asked = said(ev.ExtensionRequested, "Tue 2026-03-03 10:00", by="p-nobody", request="x1", days=30, reason="疑难。")
    complex_ = classified("Tue 2026-03-03 09:00", "complex")
    of = case(complex_, asked, company=company, respondent={"unit": unit})
    found = {
        person
        for person in HOUSE.people
        if refusal(of, base.ApproveExtension(id="1", actor=person, request="x1", reason="同意。")) is None
    }
    assert found == {person for person in HOUSE.people if _named_by_law(person, unit)}


def _named_by_law(person: str, unit: str) -> bool:
    who = HOUSE.people[person]
    if who.unit == "hq" and "senior_manager" in who.roles:
        return True
    above = unit.startswith(f"{who.unit}-") or (who.unit == "hq" and unit != "hq")
    office = {"kf": "customer service", "xb": "consumer protection"}.get(who.department.rpartition("-")[2])
    return above and ("senior_manager" in who.roles or ("department_head" in who.roles and office is not None))


def test_who_asked_for_time_does_not_approve_it() -> None:
    """Four eyes, art. 18(1)."""
    asked = said(ev.ExtensionRequested, "Tue 2026-03-03 10:00", by=CHAIR, request="x1", days=30, reason="疑难。")
    of = case(classified("Tue 2026-03-03 09:00", "complex"), asked)
    approve = base.ApproveExtension(id="1", actor=CHAIR, request="x1", reason="同意。")
    assert refusal(of, approve) == "SelfApproval"


@pytest.mark.parametrize("act", ["sign", "release", "record_committee", "flag_vexatious", "delegate_closure"])
def test_what_no_rule_gives_is_nobodys(act: Act) -> None:
    """The statute alone knows none of it: the row refuses although no rule does."""
    for person in (CITY, PROVINCE, HEAD_OFFICE, CHAIR, GENERAL_MANAGER):
        assert verdict(act, case(company=None), person) == "NotAuthorised"


def test_the_matrix_reads_the_case_as_it_stands() -> None:
    """Each fact has its own value here; what is not known is left out, so that no condition on it holds."""
    assert facts_of(ask(case(), CITY)) == {
        "origin": "own",
        "severity": "general",
        "agreed": "no",
        "delegated": "no",
        "system": "no",
        "reply": "other",
    }
    ruled = said(
        ev.LiabilityRuled,
        "Tue 2026-03-10 10:00",
        meeting="k1",
        liability="non_responsible",
        causes=("条款理解分歧",),
    )
    delegated = said(ev.ClosureDelegated, "Tue 2026-03-10 10:00", unit="gd-gz", reason="授权。")
    major = classified("Tue 2026-03-03 10:00", "complex", severity="major", categories=("system", "claims"))
    asked = put_up("Tue 2026-03-03 10:00", "public_answer")
    of = case(major, asked, DECIDED, ruled, delegated, **{**FORWARDED, **BY_LETTER})
    assert facts_of(ask(of, CITY, sign(CITY, "legal"))) == {
        "origin": "forwarded",
        "severity": "major",
        "result": "non_responsible",
        "agreed": "yes",
        "delegated": "yes",
        "system": "yes",
        "reply": "written",
        "purpose": "public_answer",
        "capacity": "legal",
    }


def test_what_is_on_record_is_named_as_the_matrix_needs_it() -> None:
    """Nothing at first; a fact of each kind is one name."""
    assert evidence(ask(case(), CITY)) == frozenset()
    everything = (
        *LETTER,
        met("Wed 2026-03-04 10:00", "major"),
        met("Wed 2026-03-04 11:00", "close_without_agreement", lawful=True, number=2),
        said(ev.FaultDescribed, "Wed 2026-03-04 12:00", fault="批处理漏跑一日。"),
        DECIDED,
    )
    assert evidence(ask(case(*everything), CITY)) == {
        "sign_off:written_reply",
        "committee:major",
        "committee:close_without_agreement",
        "liability",
        "fault",
    }


def test_who_recorded_the_committees_meeting_does_not_close_the_case_on_it() -> None:
    """Four eyes (R150): a colleague closes. What an older run has obeyed stays obeyed when its history is replayed."""
    refused = said(ev.CustomerResponded, "Thu 2026-03-12 10:00", accepts=False, summary="不认可。")
    meeting = met("Tue 2026-03-10 10:00", "close_without_agreement", lawful=True, by=HEAD)
    unhappy = case(DECIDED, meeting, refused)
    agreed = case(DECIDED, meeting, said(ev.CustomerResponded, "Thu 2026-03-12 10:00", accepts=True, summary="认可。"))
    row = next(row for row in ROWS[base.Close] if row.code == "SelfApproval")
    assert row.applies(ask(unhappy, HEAD))
    assert not row.applies(ask(unhappy, CITY))
    assert not row.applies(ask(agreed, HEAD))
    assert row.since is not None


def test_a_row_that_came_later_binds_only_runs_that_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Refusal("TooNew", "a row of tomorrow", lambda _: True, since="tomorrow")
    rows: dict[type[base.Command], Sequence[Refusal]] = {**ROWS, base.Close: (late,)}
    monkeypatch.setattr(guards, "ROWS", rows)
    asked = ask(case(DECIDED), CITY)
    with pytest.raises(ApplicationError, match="a row of tomorrow"):
        check(asked)
    check(asked, lambda patch: patch != "tomorrow")


def test_a_refusal_by_the_rules_says_why_in_chinese_then_in_english_with_the_citation() -> None:
    error = authorised("close").verdict(ask(case(DECIDED), COUNTY))
    assert error is not None
    assert re.fullmatch(r"[\u4e00-\u9fff].* [A-Za-z].* \(.*R\d+.*\)", error.message), error.message


def test_the_refusal_to_close_names_each_open_duty_with_its_citation() -> None:
    """What keeps the complaint open need not be a notice: the committee may still have to look at a dispute (R137)."""
    refuses = said(ev.CustomerResponded, "Mon 2026-03-09 12:00", accepts=False, impact="large", summary="不接受。")
    error = DUTY_OPEN.verdict(ask(case(DECIDED, told("Mon 2026-03-09 11:00"), refuses), CITY))
    assert error is not None
    assert "dispute 投诉人不接受且影响较大的提交委员会 (公司细则 第三十六条 (R137))" in error.message
    assert error.message.endswith("or exempted (art. 18(2), 21)")

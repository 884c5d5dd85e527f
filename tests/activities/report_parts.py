"""A complaint that touches every part of a closure report: forwarded, with slips, sign-offs, the committee and amounts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from activities.closure_report import Record
from activities.ledger import Ledger
from engine.settings import SAMPLE_ORGANISATION
from models.intake import Intake
from models.organisation import read_organisation
from rulebook import events as ev
from rulebook.pack import Pin
from tests.fresh_record import fresh_record
from tests.records.parts import OPENED, PIN, put_letter, told
from tests.rulebook.helpers import on

ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
HANDLER, CLAIMS, HEAD = "p-gd-kf-01", "p-gd-sz-yg-01", "p-hq-kf-01"

INTAKE = Intake.model_validate(
    {
        "complaint_id": "C-1",
        "received_at": "2026-03-02T10:00:00+08:00",
        "channel": "regulator",
        "channel_detail": "12378 热线",
        "complainant": {
            "kind": "person",
            "name": "王示例",
            "id_document": {"type": "resident_id", "number": "示例证件号"},
            "contact": {"phone": "0755-00000001", "address": "深圳市示例路 1 号"},
        },
        "agent": {"name": "李代理", "kind": "entrusted", "authority": "授权书 2026-7"},
        "group": {"total": 23, "face_to_face": True, "representatives": [{"name": "王示例"}]},
        "respondent": {"unit": "gd-sz", "staff": [{"name": "赵某", "unit": "gd-sz"}]},
        "policy": {
            "number": "P-2020-0001",
            "product": "示例终身重大疾病保险",
            "line_of_business": "illness",
            "sales_channel": "bank",
        },
        "facts": "理赔申请提交两个月仍未赔付。\n银行柜面销售时称“随时可退”。 <b>&{{ 7 * 7 }}",
        "demand": "支付保险金人民币 120,000 元并说明原因。",
        "basis": "保险法第二十三条；保险合同第五条。",
        "service_on": "2026-01-05",
        "service_place": "深圳福田支行",
        "evidence": [{"sha256": "ab" * 32, "title": "理赔申请书复印件", "reference": "档案 7-12"}],
        "categories": ["claims", "selling"],
        "dispute_type": "claims",
        "complexity": "complex",
        "suspected_violation": True,
        "key_information_checklist": "一览表 2026-3",
        "earlier_complaint": "C-0",
        "forwarding": {
            "body": "深圳金融监管局",
            "reference": "深金转 2026-118",
            "regulator_received_at": "2026-02-24T09:00:00+08:00",
            "forwarded_at": "2026-02-27T16:00:00+08:00",
            "insurer_received_at": "2026-03-02T10:00:00+08:00",
            "answer_by": "2026-03-20",
        },
    }
)


def at(text: str, by: str = HANDLER) -> dict[str, Any]:
    return {"at": on(text), "recorded_at": on(text), "by": by}


def opening() -> list[ev.Event]:
    return [
        ev.Received(
            at=on("Mon 2026-03-02 10:00"),
            recorded_at=OPENED,
            content_hash=INTAKE.content_hash(),
            channel="regulator",
            unit="gd-sz",
            categories=("claims", "selling"),
            complexity="complex",
        ),
        ev.Acknowledged(**at("Mon 2026-03-02 10:06", ev.SYSTEM), ticket="TS-20260302-000001"),
        ev.IntakeExamined(**at("Mon 2026-03-02 10:06", ev.SYSTEM), origin="forwarded", lacks=("agent_identity",)),
        ev.AnswerDemanded(
            **at("Mon 2026-03-02 10:06", ev.SYSTEM), body="深圳金融监管局", reference="118", last_day=date(2026, 3, 20)
        ),
        ev.Escalated(**at("Mon 2026-03-02 10:06", ev.SYSTEM), earlier="C-0", to="regulator", responsible=True),
        ev.Classified(
            **at("Mon 2026-03-02 11:00"),
            complexity="complex",
            severity="major",
            categories=("claims", "selling"),
            reason="二十人以上当面共同投诉",
        ),
        ev.Assigned(
            **at("Mon 2026-03-02 12:00", ev.SYSTEM),
            unit="gd",
            department="gd-kf",
            coordinator=HANDLER,
            reason="监管转办由省公司直接办理",
            route="departments",
        ),
        ev.MaterialRequested(
            **at("Mon 2026-03-02 15:00"), request="m1", codes=("agent_identity",), text="请补充代理人身份证明"
        ),
        ev.MaterialReceived(**at("Wed 2026-03-04 09:00"), codes=("agent_identity",), evidence=("cd" * 32,)),
        ev.ContingencyStarted(
            **at("Mon 2026-03-02 16:00", HEAD), plan="群体投诉应急预案", lead=HEAD, steps=("专人接待", "分批答复")
        ),
        ev.ReportedUp(
            **at("Mon 2026-03-02 17:00"), to="head_office", document="粤寿发 2026-31", urgent=True, proposal="先行赔付"
        ),
    ]


def verifying() -> list[ev.Event]:
    return [
        ev.SlipDispatched(
            **at("Tue 2026-03-03 09:00"),
            slip="s1",
            category="claims",
            unit="gd-sz",
            department="gd-sz-yg",
            coordinator=CLAIMS,
            main=True,
            copies=("gd-sz-kf",),
            reason="理赔时效",
        ),
        ev.SlipDispatched(
            **at("Tue 2026-03-03 09:05"),
            slip="s2",
            category="selling",
            unit="gd-sz",
            department="gd-sz-kf",
            coordinator=CLAIMS,
            reason="销售说明",
        ),
        ev.SlipAccepted(**at("Tue 2026-03-03 10:00", CLAIMS), slip="s1"),
        ev.SlipReturned(**at("Tue 2026-03-03 10:30", CLAIMS), slip="s2", reason="不属本部门"),
        ev.SlipProgressed(**at("Fri 2026-03-06 10:00", CLAIMS), slip="s1", text="已调取核赔档案"),
        ev.ContactAttempted(
            **at("Fri 2026-03-06 14:00"), method="phone", reached=True, summary="说明进展", recording="ef" * 32
        ),
        ev.ClockPaused(**at("Mon 2026-03-09 09:00"), pause="p1", ground="external_appraisal", reason="笔迹鉴定"),
        ev.ClockResumed(**at("Thu 2026-03-12 09:00"), pause="p1", reason="鉴定意见已出具"),
        ev.SlipAnswered(
            **at("Fri 2026-03-13 10:00", CLAIMS),
            slip="s1",
            findings="材料 2026-01-08 齐全，核赔岗漏派。",
            evidence=("aa" * 32,),
        ),
        ev.ProgressWritten(**at("Fri 2026-03-13 11:00"), progress="g1", text="鉴定已完成，正在核定金额"),
        ev.FindingsSubmitted(**at("Mon 2026-03-16 10:00"), findings="销售录音未见“随时可退”表述。"),
        ev.ExtensionRequested(**at("Mon 2026-03-16 15:00"), request="x1", days=10, reason="核定金额需复核"),
        ev.ExtensionApproved(
            **at("Mon 2026-03-16 16:00", HEAD),
            request="x1",
            days=10,
            ground="superior_institution",
            reason="情况特别复杂",
        ),
        ev.SignOffRequested(
            **at("Wed 2026-03-18 09:00"), sign_off="q1", purpose="regulator_report", text="关于投诉的书面报告"
        ),
        ev.SignOffGiven(
            **at("Wed 2026-03-18 11:00", HEAD),
            sign_off="q1",
            purpose="regulator_report",
            capacity="legal",
            complete=True,
        ),
        ev.RegulatorAnswered(**at("Thu 2026-03-19 10:00"), sign_off="q1", report="书面报告 2026-31", proof="EMS 1099"),
    ]


def deciding() -> list[ev.Event]:
    return [
        ev.CommitteeMet(
            **at("Thu 2026-03-19 14:00", HEAD),
            meeting="k1",
            subject="liability",
            members=(HEAD, HANDLER),
            resolution="理赔延误属公司责任；销售环节无责",
            lawful=True,
        ),
        ev.LiabilityRuled(
            **at("Thu 2026-03-19 15:00", HEAD), meeting="k1", liability="responsible", causes=("理赔时效",)
        ),
        ev.DecisionMade(
            **at("Fri 2026-03-20 14:00"),
            decided_by="branch",
            unit="gd",
            liability="responsible",
            causes=("理赔时效",),
            decision="支付保险金 120,000 元及延误利息 812.50 元。",
            verification="核赔岗漏派，延误 53 日。",
            basis="保险法第二十三条",
            reasons="材料齐全后未在三十日内核定。",
            agreed=True,
            links=("核赔",),
        ),
        told("C-1"),
        ev.CustomerResponded(**at("Sat 2026-03-21 10:00"), accepts=True, summary="认可金额"),
        ev.MeasureRecorded(
            **at("Mon 2026-03-23 09:00"), measure="支付保险金", status="taken", amount=Decimal("120000.00")
        ),
        ev.MeasureRecorded(
            **at("Mon 2026-03-23 09:05"),
            measure="支付延误利息",
            status="taken",
            amount=Decimal("812.50"),
        ),
        ev.MeasureRecorded(
            **at("Mon 2026-03-23 09:10"),
            measure="核赔派工增加超时提醒",
            status="planned",
            last_day=date(2026, 6, 30),
        ),
        ev.CallbackOpened(**at("Mon 2026-03-23 09:30", ev.SYSTEM), task="t9"),
        ev.CalledBack(
            **at("Mon 2026-03-23 10:00", "p-gd-sz-kf-02"),
            task="t9",
            reached=True,
            satisfaction=4,
            remarks="处理及时，态度好",
        ),
        ev.CaseSummarised(
            **at("Tue 2026-03-24 17:00"),
            summary="派工漏单未被发现。",
            improvements="系统增加未派工清单。",
            trend="人数未再增加",
            stability="每周向代表通报",
        ),
        ev.Closed(**at("Wed 2026-03-25 10:00"), reason="双方一致，款项已付", result="responsible"),
    ]


def story() -> list[ev.Event]:
    """From forwarding to closure."""
    events = [*opening(), *verifying(), *deciding()]
    return [events[0], *sorted(events[1:], key=_recorded)]


def _recorded(event: ev.Event) -> datetime:
    return event.recorded_at


def filled(ledger: Ledger, events: list[ev.Event], pin: Pin = PIN) -> Ledger:
    """Record *events* of the complaint with its letter."""
    ledger.open_case(INTAKE.model_dump(mode="json"), "C-1", INTAKE.content_hash(), OPENED)
    put_letter(ledger)
    ledger.append("C-1", 1, events, pin)
    return ledger


def record(folder: Path, events: list[ev.Event], pin: Pin = PIN) -> Record:
    """Write *events* into a ledger of their own and read the complaint back."""
    url = fresh_record(folder)
    with Ledger.open(url) as ledger:
        read = Record.read(filled(ledger, events, pin), "C-1", ORGANISATION)
    assert read is not None
    return read

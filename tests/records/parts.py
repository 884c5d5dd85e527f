"""A complaint with a past that touches everything the record projects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Executable, text

from activities.ledger import Ledger
from activities.letters import Letter
from models.canonical import digest_text
from models.database import WRITE, connect
from models.intake import Intake
from models.steps import NoticeOrder
from rulebook import events as ev
from rulebook.pack import pin_for
from tests.rulebook.helpers import on

PIN = pin_for(on("Mon 2026-03-02 10:00"), date(2026, 3, 2))
COMPANY_PIN = pin_for(on("Mon 2026-03-02 10:00"), date(2026, 3, 2), company="company-life")
NAME = "王小明的名字不得外泄"
OPENED = on("Mon 2026-03-02 10:05")
LETTER = "尊敬的投诉人：处理决定如下。\n"


def intake(complaint_id: str = "C-1", **more: Any) -> Intake:
    """A complaint received on Mon 2026-03-02 10:00."""
    return Intake.model_validate(
        {
            "complaint_id": complaint_id,
            "received_at": "2026-03-02T10:00:00+08:00",
            "channel": "phone",
            "complainant": {"kind": "person", "name": NAME},
            "respondent": {"unit": "gd-sz"},
            "facts": f"{NAME}: 保险金至今未付",
            **more,
        }
    )


def open_case(ledger: Ledger, complaint_id: str = "C-1", **more: Any) -> str:
    said = intake(complaint_id, **more)
    return ledger.open_case(said.model_dump(mode="json"), complaint_id, said.content_hash(), OPENED)


def received(complaint_id: str = "C-1", at: str = "Mon 2026-03-02 10:00", **more: Any) -> ev.Event:
    return ev.Received(
        at=on(at),
        recorded_at=OPENED,
        content_hash=intake(complaint_id, **more).content_hash(),
        channel="phone",
        unit="gd-sz",
        categories=("claims", "payment"),
    )


def _at(text: str, recorded: str | None = None) -> dict[str, datetime]:
    return {"at": on(text), "recorded_at": on(recorded or text)}


def told(complaint_id: str) -> ev.Event:
    """The notice of the decision, late, whose letter `put_letter` stores."""
    return ev.NoticeGiven(
        **_at("Fri 2026-03-20 15:00"),
        kind="decision",
        notice=f"{complaint_id}.decision.1",
        method="email",
        template="decision.j2",
        template_hash="a" * 64,
        body_hash=digest_text(LETTER),
        proof="outbox sha256:1",
    )


def story(complaint_id: str = "C-1") -> list[ev.Event]:
    """From receipt over a breach and a late decision to closure: every column of the projections gets a value."""
    return [
        received(complaint_id),
        ev.Acknowledged(**_at("Mon 2026-03-02 10:06"), ticket="TS-20260302-000001"),
        ev.Classified(
            **_at("Mon 2026-03-02 11:00"),
            by="p-1",
            complexity="simple",
            severity="important",
            categories=("claims",),
            reason="理赔",
        ),
        ev.Assigned(
            **_at("Mon 2026-03-02 12:00"), by="p-2", unit="gd-sz", department="gd-sz-lp", coordinator="p-3", reason="r"
        ),
        ev.ClockPaused(**_at("Wed 2026-03-04 09:00"), pause="p1", ground="external_appraisal", reason="鉴定"),
        ev.ClockResumed(**_at("Thu 2026-03-05 09:00"), pause="p1", reason="r"),
        ev.FindingsSubmitted(**_at("Fri 2026-03-06 09:00"), by="p-3", findings="f"),
        ev.ReminderRaised(
            at=on("Mon 2026-03-16 09:00"),
            recorded_at=on("Mon 2026-03-16 09:00"),
            duty="decide",
            due=on("Thu 2026-03-19 00:00"),
            before="3nd",
        ),
        ev.DeadlineBreached(**_at("Thu 2026-03-19 00:00"), duty="decide", due=on("Thu 2026-03-19 00:00")),
        ev.DecisionMade(
            **_at("Fri 2026-03-20 14:00"),
            by="p-4",
            decided_by="branch",
            unit="gd-sz",
            liability="responsible",
            causes=("delay",),
            decision="d",
            verification="v",
            basis="b",
            reasons="r",
            agreed=True,
        ),
        told(complaint_id),
        ev.CallbackOpened(**_at("Fri 2026-03-20 15:01"), task="t2"),
        ev.CalledBack(**_at("Mon 2026-03-23 10:00"), by="p-5", task="t2", reached=True, satisfaction=4),
        ev.Closed(**_at("Tue 2026-03-24 10:00"), by="p-4", reason="r", result="responsible"),
    ]


def _sent(slip: str, at: str, *, department: str, category: str, **more: Any) -> ev.Event:
    return ev.SlipDispatched(
        **_at(at),
        slip=slip,
        unit="gd-sz",
        department=department,
        coordinator=f"p-{department}-01",
        category=category,
        reason=f"handles {category}",
        **more,
    )


def slip_story(complaint_id: str = "C-1") -> list[ev.Event]:
    """Two departments: one is late, answers and is asked again; the other returns its slip, which goes elsewhere."""
    late = on("Wed 2026-03-04 00:00")
    return [
        received(complaint_id),
        _sent("s1", "Mon 2026-03-02 12:00", department="gd-sz-yg", category="claims", main=True, copies=("gd-sf",)),
        _sent("s2", "Mon 2026-03-02 12:00", department="gd-sf", category="payment"),
        ev.SlipReturned(**_at("Tue 2026-03-03 09:00"), by="p-gd-sf-01", slip="s2", reason="非本部门业务"),
        _sent("s3", "Tue 2026-03-03 10:00", department="gd-it", category="payment", replaces="s2"),
        ev.DeadlineBreached(at=late, recorded_at=late, duty="s1/accept", due=late, slip="s1"),
        ev.ReminderRaised(
            at=late, recorded_at=late, duty="s1/accept", due=late, before="+0", to="department_head", slip="s1"
        ),
        ev.SlipAccepted(**_at("Wed 2026-03-04 09:00"), by="p-gd-sz-yg-01", slip="s1"),
        ev.SlipProgressed(**_at("Thu 2026-03-05 09:00"), by="p-gd-sz-yg-01", slip="s1", text="核实中"),
        ev.SlipAnswered(**_at("Fri 2026-03-06 09:00"), by="p-gd-sz-yg-01", slip="s1", findings="资料齐全"),
        ev.SlipSentBack(**_at("Fri 2026-03-06 15:00"), by="p-2", slip="s1", reason="与录音不符"),
    ]


def put_letter(ledger: Ledger, complaint_id: str = "C-1", body: str = LETTER) -> None:
    order = NoticeOrder(
        complaint_id=complaint_id,
        notice=f"{complaint_id}.decision.1",
        kind="decision",
        unit="gd-sz",
        time_zone="Asia/Shanghai",
        facts={},
        at=on("Fri 2026-03-20 14:59"),
    )
    ledger.notice_put(order, Letter("decision", "decision.j2", "a" * 64, "处理决定", body), "email")


def whole_case(ledger: Ledger, complaint_id: str = "C-1") -> list[ev.Event]:
    """Record the whole story of a case, in two batches, and return its events."""
    open_case(ledger, complaint_id)
    put_letter(ledger, complaint_id)
    events = story(complaint_id)
    assert ledger.append(complaint_id, 1, events[:6], PIN) == 6
    assert ledger.append(complaint_id, 7, events[6:], PIN) == len(events)
    return events


@contextmanager
def raw(url: str) -> Iterator[Connection]:
    """A writing connection that knows nothing of the ledger."""
    engine = connect(url)
    try:
        with engine.execution_options(**WRITE).begin() as connection:
            yield connection
    finally:
        engine.dispose()


def tamper(url: str, *changes: str | Executable) -> None:
    """Change what rests, as somebody could who owns the database: the guards are taken away first, put back by nobody."""
    with raw(url) as connection:
        for table in ("intake", "event"):
            if connection.dialect.name == "postgresql":
                for name in ("is_append_only", "refuses_update"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}"))
            else:
                for what in ("update", "delete", "replace"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuses_{what}"))
        for change in changes:
            connection.execute(text(change) if isinstance(change, str) else change)


def everything(ledger: Ledger, complaint_id: str = "C-1") -> list[dict[str, Any]]:
    """Every projected row of a case."""
    case = ledger.case(complaint_id)
    slips = [row for row in ledger.slips(open_only=False) if row.complaint_id == complaint_id]
    rows = [*([case] if case else []), *ledger.duties(complaint_id), *ledger.deadlines(complaint_id), *slips]
    return [row.model_dump() for row in rows]

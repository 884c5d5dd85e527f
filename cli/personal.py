"""``tousu personal``: the personal data of a complaint, and who was given them (查阅、复制, PIPL art. 45, R198)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import typer
from rich.markup import escape

from cli import output, session
from cli.cases import AsJson, Id
from cli.errors import unknown_complaint
from models.intake import Intake
from models.particulars import corrected, held
from models.tables import NoticeRow
from models.vocabulary import LABELS_ZH
from rulebook import events as ev


class Field(NamedTuple):
    """A field of personal data: its place in the intake, what it is, its value today, and the one that came in."""

    path: str
    about: str
    value: str
    received: str | None


class Given(NamedTuple):
    """When something about the complaint left the insurer, to whom, and what it was."""

    at: datetime
    to: str
    what: str


def add_to(app: typer.Typer) -> None:
    """Give *app* the command ``personal``."""
    app.command("personal", epilog="Example: tousu personal C-2026-0042 --json")(personal)


def personal(complaint_id: Id, as_json: AsJson = False) -> None:
    """
    Print which personal data the record holds of a complaint, as corrected since, and to whom they were given.

    For a person who asks to see or to copy them. It shows everybody's: hand out what is the asker's own. What people wrote
    in their own words is in the closure report; new contact details rest with the running complaint alone.
    """
    with session.ledger() as ledger:
        said = ledger.intake(complaint_id)
        if said is None:
            raise unknown_complaint(complaint_id)
        events, row = ledger.events(complaint_id), ledger.case(complaint_id)
        fed = [Given(at, "结果文件 results file", "tousu results") for at in ledger.journal.produced(complaint_id)]
        given = sorted([*_told(ledger.notices(complaint_id)), *_handed_out(events), *fed])
    intake = Intake.model_validate(said)
    corrections = [event for event in events if isinstance(event, ev.ParticularsCorrected)]
    before = {one.path: one.value for one in held(intake)}
    fields = [Field(*one, before.get(one.path)) for one in held(corrected(intake, corrections))]
    contact = [event for event in events if isinstance(event, ev.ContactChanged)]
    if as_json:
        output.json_line(
            {
                "complaint_id": complaint_id,
                "held": [one._asdict() for one in fields],
                "given": [one._asdict() for one in given],
                "contact_changed": [{"at": one.at, "parts": list(one.parts)} for one in contact],
            }
        )
        return
    with output.in_zone(session.zone_of(row.pack if row else None)):
        _print(complaint_id, fields, given, contact)


def _print(complaint_id: str, fields: list[Field], given: list[Given], contact: list[ev.ContactChanged]) -> None:
    console = output.console()
    shown = output.table(complaint_id, "字段 field", "现值 value", "收到时 as received")
    for one in fields:
        shown.add_row(one.path, escape(one.value), "" if one.received == one.value else escape(one.received or "—"))
    console.print(shown)
    out = output.table("提供情况 given", "时间 when", "对象 to", "内容 what")
    for gift in given:
        out.add_row(output.instant(gift.at), gift.to, escape(gift.what))
    console.print(out)
    for change in contact:
        parts = "、".join(change.parts)
        console.print(f"联系方式变更 contact details changed: {output.instant(change.at)} · {parts}")


def _told(notices: list[NoticeRow]) -> Iterator[Given]:
    methods = LABELS_ZH["contact_method"]
    for notice in notices:
        if notice.sent_at is not None:
            way = f"{methods.get(notice.method, '')} {notice.method}".strip()
            yield Given(notice.sent_at, "投诉人或代理人 complainant or agent", f"{notice.notice} · {way}")


def _handed_out(events: list[ev.Event]) -> Iterator[Given]:
    for event in events:
        match event:
            case ev.Released():
                yield Given(event.at, "外部机构或公开 outside body or public", f"{event.sign_off} · {event.proof}")
            case ev.RegulatorAnswered():
                yield Given(event.at, "监管机构 regulator", event.report)
            case ev.ReportedUp(to="regulator"):
                yield Given(event.at, "监管机构 regulator", event.document)
            case _:
                pass

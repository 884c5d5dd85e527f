"""A file of 180 closed complaints, read through the door for complaints and recorded with what happened to them."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from activities.ledger import Ledger
from cli.rows import read_rows
from models.intake import Intake
from rulebook import events as ev
from rulebook.pack import pin_for
from tests.figures.oracle import CHINA

FOLDER = Path(__file__).parent
FILE = FOLDER / "closed.csv"
RESULTS = {"有责": "responsible", "无责": "non_responsible", "转诉讼": "litigation"}


def rows() -> list[dict[str, str]]:
    """The rows of the file as they stand there."""
    with FILE.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


def import_file(ledger: Ledger) -> None:
    """Record the whole file under the insurer's own rules."""
    given = read_rows(str(FILE), FOLDER / "closed.yaml")
    for read, row in zip(given, rows(), strict=True):
        assert read.problem is None
        said = Intake.model_validate(read.data)
        pin = pin_for(said.received_at, said.received_at.date(), company="company-life")
        name = said.complaint_id
        ledger.open_case(said.model_dump(mode="json"), name, said.content_hash(), said.received_at)
        ledger.append(name, 1, events(said, row), pin)


def events(said: Intake, row: dict[str, str]) -> list[ev.Event]:
    at, told, closed = said.received_at, moment(row["告知时间"]), moment(row["结案时间"])
    received = ev.Received(
        at=at,
        recorded_at=at,
        content_hash=said.content_hash(),
        channel=said.channel,
        unit=said.respondent.unit,
        categories=said.categories,
    )
    found: list[ev.Event] = [received]
    if row["不计"]:
        found.append(ev.CountingExcluded(at=at, recorded_at=at, ground="settled_on_the_spot", reason=row["不计"]))
    if row["升级"]:
        found.append(ev.Escalated(at=at, recorded_at=at, earlier="E-1", to="media", responsible=True))
    parts = dict.fromkeys(("notice", "template", "template_hash", "body_hash", "proof"), "")
    found.append(ev.NoticeGiven(at=told, recorded_at=told, kind="decision", method="phone", **parts))
    if row["满意度"]:
        mark = int(row["满意度"])
        found.append(ev.CalledBack(at=closed, recorded_at=closed, task="t", reached=True, satisfaction=mark))
    found.append(ev.Closed(at=closed, recorded_at=closed, reason="r", result=RESULTS[row["结果"]]))
    return found

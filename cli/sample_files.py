"""
The complaints in our own folder of samples, which are dated from today when they are opened.

Which files these are is known by where they lie and by nothing in them: no file of another place, and nothing from
standard input, is ever dated anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from cli.files import STDIN
from cli.output import ZONE
from cli.rows import Row
from engine.settings import ROOT
from models.intake import Intake

SAMPLES = ROOT / "samples"

ReceiptOf = Callable[[str], datetime | None]
"""Returns when the complaint of an id was received, if it is on record."""


def is_sample(source: str) -> bool:
    """Return whether the file *source* lies in our folder of samples."""
    return source != STDIN and Path(source).resolve().is_relative_to(SAMPLES)


def move(intake: Intake, received: datetime) -> Intake:
    """Return *intake* received at *received*, its other instants moved with it."""
    shift = received - intake.received_at
    data = intake.model_dump(mode="python", exclude_defaults=True)
    data["received_at"] = received
    if forwarding := data.get("forwarding"):
        for name in ("regulator_received_at", "forwarded_at", "insurer_received_at"):
            forwarding[name] += shift
        if forwarding.get("answer_by"):
            forwarding["answer_by"] += timedelta(days=round(shift / timedelta(days=1)))
    return Intake.model_validate(data)


def dated_from_today(rows: Sequence[Row], now: datetime, receipt_of: ReceiptOf) -> list[Row]:
    """
    Return *rows* moved by whole days, so that the last was received yesterday as it stands on *now*.

    What is on record already keeps its receipt: a sample that is opened again on another day is the same complaint.
    """
    read = [_intake(row) for row in rows]
    days = [intake.received_at.astimezone(ZONE).date() for intake in read if intake]
    if not days:
        return list(rows)
    shift = now.astimezone(ZONE).date() - timedelta(days=1) - max(days)
    return [
        _moved(row, intake, receipt_of(intake.complaint_id) or intake.received_at + shift) if intake else row
        for row, intake in zip(rows, read, strict=True)
    ]


def _moved(row: Row, intake: Intake, received: datetime) -> Row:
    return replace(row, data=move(intake, received).model_dump(mode="json", exclude_defaults=True))


def _intake(row: Row) -> Intake | None:
    try:
        return None if row.problem else Intake.model_validate(row.data)
    except ValidationError:
        return None  # It will be rejected where it is opened.

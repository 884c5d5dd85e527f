"""
A complaint's record as lines of JSON, for an archive and for whoever audits it without this database.

The first line of a complaint names it, the number of its events and the hash of the last one. Then come its events with the
rules and the calendar they were recorded under and the hashes that chain them, and what was projected from them. A file may
hold several complaints, one after the other. Letters and the words of the intake stay in the database; their hashes are in
the events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import SQLModel

from activities import ledger_chain as chain
from activities.folded_case import Opened
from activities.ledger_fold import fold_faults
from activities.ledger_projection import UNHANDLED, Projection
from activities.ledger_verify import VerifyReport
from models.canonical import canonical
from models.explain import explain
from models.tables import CaseRow, DeadlineRow, DutyRow, EventRow, SlipRow
from rulebook import events as ev
from rulebook.pack import Pin

FORMAT: Final = "tousu-export/1"

LARGEST: Final = 2**53 - 1
"""The largest whole number that canonical JSON can write (RFC 8785)."""

_PROJECTED: dict[str, type[SQLModel]] = {"case": CaseRow, "duty": DutyRow, "deadline": DeadlineRow, "slip": SlipRow}


class ArchiveError(ValueError):
    """A file is no export of complaints: the message names the line and the reason, and never a value."""


class Head(BaseModel):
    """The first line of a complaint in an export: whose events follow, how many, and the hash that ends their chain."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    format: str = Field(pattern=f"^{FORMAT}$")
    complaint_id: str = Field(min_length=1, max_length=64)
    intake_hash: str
    events: int = Field(ge=0)
    head_hash: str


@dataclass(frozen=True, slots=True)
class Archived:
    """One complaint as it was exported; *recorded* is what was projected from its events, None when that was left out."""

    head: Head
    rows: tuple[EventRow, ...]
    recorded: Projection | None


def archived(complaint_id: str, intake_hash: str, rows: Sequence[EventRow], recorded: Projection) -> Archived:
    """Return the complaint with these rows of the record, ready to be written or audited."""
    head = Head(
        format=FORMAT,
        complaint_id=complaint_id,
        intake_hash=intake_hash,
        events=len(rows),
        head_hash=rows[-1].hash if rows else chain.GENESIS,
    )
    return Archived(head, tuple(rows), recorded)


def to_lines(one: Archived) -> Iterator[dict[str, Any]]:
    """Yield the lines of *one* in their order, as JSON objects."""
    yield {"record": "complaint", **one.head.model_dump()}
    for row in one.rows:
        about = row.model_dump(mode="json", exclude={"complaint_id", "body"})
        yield {"record": "event", **about, "event": json.loads(row.body)}
    for projected in one.recorded.rows if one.recorded else ():
        (name,) = (name for name, kind in _PROJECTED.items() if isinstance(projected, kind))
        yield {"record": name, **projected.model_dump(mode="json", exclude={"complaint_id"})}


def read_lines(lines: Iterable[str]) -> Iterator[Archived]:
    """Yield the complaints in *lines* one by one; ArchiveError at the first line that cannot be one of an export."""
    reading: _Reading | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record, data = _record(line)
            if record == "complaint":
                if reading:
                    yield reading.done()
                reading = _Reading(Head.model_validate(data))
            elif reading is None:
                raise ArchiveError("it does not begin with a complaint; write the file with tousu export")
            else:
                reading.take(record, data)
        except ValidationError as error:
            raise ArchiveError(f"line {number}: {explain(error)}") from None
        except ValueError as error:
            raise ArchiveError(f"line {number}: {error}") from None
    if reading is None:
        raise ArchiveError("there is no complaint in it")
    yield reading.done()


def audit(one: Archived, opened: Opened = Pin.open) -> VerifyReport:
    """
    Return what differs in *one*: in its chain and, if that is whole, between its events folded again and its rows.

    *opened* gives the rules to a pin: those installed here, unless the record came with its own.
    """
    found = [*_head_faults(one), *chain.faults(one.rows)]
    if one.rows and not found:
        # Only a whole chain is folded again: under a broken one every other difference is a consequence.
        found += fold_faults(one.rows, one.recorded, opened=opened)
    head_hash = one.rows[-1].hash if one.rows else chain.GENESIS
    return VerifyReport(one.head.complaint_id, len(one.rows), head_hash, tuple(found))


def _head_faults(one: Archived) -> Iterator[str]:
    last = one.rows[-1].seq if one.rows else 0
    yield from chain.missing(last + 1, one.head.events + 1)
    if last > one.head.events:
        yield f"head: it names {one.head.events} events, there are {last}"
    elif last == one.head.events and one.head.head_hash != (one.rows[-1].hash if one.rows else chain.GENESIS):
        yield "head: its hash is not that of the last event"
    if one.rows and one.rows[0].seq == 1:
        yield from _receipt_faults(one)


def _receipt_faults(one: Archived) -> Iterator[str]:
    try:
        first = chain.event_of(one.rows[0])
    except ValidationError:
        return  # The chain says so.
    if not isinstance(first, ev.Received):
        yield f"seq 1: {UNHANDLED}"
    elif first.content_hash != one.head.intake_hash:
        yield "seq 1: the intake is not the one that was received"


@dataclass(slots=True)
class _Reading:
    """A complaint of which not all lines have been read."""

    head: Head
    rows: list[EventRow] = field(default_factory=list)
    projected: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _PROJECTED})

    def take(self, record: str, data: dict[str, Any]) -> None:
        if record == "event":
            self._event(data)
            return
        self.projected[record].append(_row(_PROJECTED[record], data, self.head.complaint_id))

    def _event(self, data: dict[str, Any]) -> None:
        event = data.pop("event", None)
        if not isinstance(event, dict):
            raise ArchiveError("event: must be the event as a JSON object")
        row = _row(EventRow, {**data, "body": canonical(event)}, self.head.complaint_id)
        if self.rows and row.seq <= self.rows[-1].seq:
            raise ArchiveError("seq: must be greater than that of the event before")
        self.rows.append(row)

    def done(self) -> Archived:
        cases = self.projected["case"]
        if len(cases) > 1:
            raise ArchiveError("case: is there twice")
        recorded = Projection(
            cases[0] if cases else None,
            tuple(self.projected["duty"]),
            tuple(self.projected["deadline"]),
            tuple(self.projected["slip"]),
        )
        return Archived(self.head, tuple(self.rows), recorded if recorded.rows else None)


def _record(line: str) -> tuple[str, dict[str, Any]]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise ArchiveError("is not JSON") from None
    if not isinstance(data, dict):
        raise ArchiveError("is not a JSON object")
    record = data.pop("record", None)
    if record is None:
        raise ArchiveError("it says no record; write the file with tousu export")
    if record not in ("complaint", "event", *_PROJECTED):  # of any type, which a set would not look up
        raise ArchiveError(f"record: must be one of complaint, event, {', '.join(_PROJECTED)}")
    return record, data


def _row(kind: type[Any], data: dict[str, Any], complaint_id: str) -> Any:
    # A table's model reads text as an instant, but lets through what it does not know and misses nothing that may be null.
    if unknown := data.keys() - (kind.model_fields.keys() - {"complaint_id"}):
        raise ArchiveError(f"{len(unknown)} fields are unknown")
    if missing := kind.model_fields.keys() - data.keys() - {"complaint_id"}:
        raise ArchiveError(f"{min(missing)}: is required")
    row = kind.model_validate({**data, "complaint_id": complaint_id})
    for name, value in row.model_dump().items():
        _refuse_unfit(name, value)
    return row


def _refuse_unfit(name: str, value: Any) -> None:
    """Raise ArchiveError for a *value* of a row over which no hash can be made."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ArchiveError(f"{name}: must carry a time zone")
        try:
            value.astimezone(UTC)
        except OverflowError:
            raise ArchiveError(f"{name}: lies outside the years 1 to 9999") from None
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ArchiveError(f"{name}: is too large")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ArchiveError(f"{name}: is not Unicode text") from None

"""
The chain of a case: each event's row is bound to the one before it by a hash.

A row's hash covers everything but the body, which it covers through the body's own hash. So a body that must be struck out
one day leaves a chain that can still be verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from models.canonical import canonical, digest, digest_text
from models.tables import EventRow
from rulebook.events import Event, event_from_json, event_to_json, event_type
from rulebook.pack import Pin

GENESIS = "0" * 64
"""What the first link names as the hash before it."""

MOST_NAMED = 1000
"""How many missing rows are named one by one: a number in a file that others made may have any size."""


def link(complaint_id: str, seq: int, event: Event, pin: Pin, previous_hash: str) -> EventRow:
    """Return the row that binds *event* as number *seq* to the chain that ends with *previous_hash*."""
    body = canonical(event_to_json(event))
    row = EventRow(
        complaint_id=complaint_id,
        seq=seq,
        type=event_type(event),
        at=event.at,
        recorded_at=event.recorded_at,
        by=event.by,
        pack=pin.pack,
        pack_hash=pin.pack_hash,
        calendar=pin.calendar,
        body=body,
        body_hash=digest_text(body),
        previous_hash=previous_hash,
        hash="",
    )
    row.hash = row_hash(row)
    return row


def row_hash(row: EventRow) -> str:
    """Return the hash that *row* must carry."""
    return digest(
        {
            "complaint_id": row.complaint_id,
            "seq": row.seq,
            "type": row.type,
            "at": _utc(row.at),
            "recorded_at": _utc(row.recorded_at),
            "by": row.by,
            "pack": row.pack,
            "pack_hash": row.pack_hash,
            "calendar": row.calendar,
            "body_hash": row.body_hash,
            "previous_hash": row.previous_hash,
        }
    )


def body_hash(event: Event) -> str:
    """Return the hash of *event*'s body."""
    return digest(event_to_json(event))


def event_of(row: EventRow) -> Event:
    """Return the event in *row*."""
    return event_from_json(json.loads(row.body))


def pin_of(row: EventRow) -> Pin:
    """Return the rules and the calendar under which *row* was recorded."""
    return Pin(pack=row.pack, pack_hash=row.pack_hash, calendar=row.calendar)


def faults(rows: Sequence[EventRow], *, struck_out: bool = False) -> Iterator[str]:
    """
    Yield one line for each way in which *rows*, in order, are not one unbroken chain; no line carries a value.

    *struck_out* says that the bodies were struck out by an approved disposal: then none may say anything.
    """
    previous_hash, expected = GENESIS, 1
    for row in rows:
        yield from missing(expected, row.seq)
        if row.seq == expected and row.previous_hash != previous_hash:
            yield f"seq {row.seq}: it is not bound to the row before it"
        if row.hash != row_hash(row):
            yield f"seq {row.seq}: the row was changed, its hash does not fit"
        if not struck_out:
            yield from _body_faults(row)
        elif row.body:
            yield f"seq {row.seq}: the body says something, although it was to be struck out"
        previous_hash, expected = row.hash, row.seq + 1


def missing(first: int, stop: int) -> Iterator[str]:
    """Yield one line for each number from *first* to before *stop*, and one for all when a file names a great many."""
    if stop - first > MOST_NAMED:
        yield f"seq {first} to {stop - 1}: the rows are missing"
        return
    for seq in range(first, stop):
        yield f"seq {seq}: the row is missing"


def _body_faults(row: EventRow) -> Iterator[str]:
    if digest_text(row.body) != row.body_hash:
        yield f"seq {row.seq}: the body was changed, its hash does not fit"
        return
    try:
        event = event_of(row)
    except (ValidationError, json.JSONDecodeError):
        yield f"seq {row.seq}: the body is not an event that this code knows"
        return
    told = {"type": event_type(event), "at": event.at, "recorded_at": event.recorded_at, "by": event.by}
    for column, value in told.items():
        if getattr(row, column) != value:
            yield f"seq {row.seq}: {column} differs from the body"


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")

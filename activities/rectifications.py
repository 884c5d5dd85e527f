"""Rectifications in the record: each an append-only chain, bound by hashes like a complaint's (溯源整改, R199)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from activities.journal import json_text
from activities.ledger_chain import GENESIS
from activities.ledger_session import LedgerError, LedgerMissing, Sessions, intake_of
from models.canonical import canonical, digest
from models.rectification import (
    RECTIFICATION_EVENT,
    Linked,
    Opened,
    Rectification,
    RectificationEvent,
    refusal,
)
from models.rectification_tables import RectificationRow
from models.tables import EventRow

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone whose months a table of trends has."""


class RectificationRefused(LedgerError):  # noqa: N818  # an answer, not a failure of ours
    """What is to be written down does not fit the rectification; *code* for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Rectifications:
    """The rectifications in one database."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def open(self, opened: Opened, name: str | None = None) -> str:
        """
        Open a rectification and return its id, such as ``ZG-2026-0001``.

        With *name* it is opened once: the same again changes nothing, another one under it is a RectificationRefused.
        """
        with self._sessions.writing("rectifications") as session:
            if name is None:
                year = opened.at.astimezone(ZONE).year
                name = f"ZG-{year}-{_count(session, year) + 1:04d}"
            there = _rows(session, name)
            if there:
                known = _event(there[0])
                if known.model_dump(exclude={"at"}) != opened.model_dump(exclude={"at"}):
                    raise RectificationRefused("OpenedAlready", "there is another one by this id")
                return name
            session.add(_link(name, 1, opened, GENESIS))
        return name

    def append(self, name: str, event: RectificationEvent) -> Rectification:
        """
        Write *event* down and return what it led to.

        LedgerMissing without such a rectification or complaint, RectificationRefused if it does not fit.
        """
        with self._sessions.writing("rectifications") as session:
            rows = _rows(session, name)
            if not rows:
                raise LedgerMissing("there is no rectification of this id")
            if isinstance(event, Linked):
                intake_of(session, event.complaint)
            events = [_event(row) for row in rows]
            if verdict := refusal(Rectification.fold(name, events), event):
                raise RectificationRefused(*verdict)
            session.add(_link(name, len(rows) + 1, event, rows[-1].hash))
            return Rectification.fold(name, [*events, event])

    def all(self) -> list[Rectification]:
        """Return every rectification, those that are open and due first ahead of the others."""
        asked = select(RectificationRow).order_by(col(RectificationRow.rectification), col(RectificationRow.seq))
        with self._sessions.reading() as session:
            rows = session.exec(asked).all()
        found = [
            Rectification.fold(name, map(_event, chain))
            for name, chain in groupby(rows, key=lambda row: row.rectification)
        ]
        return sorted(found, key=lambda one: (one.closed is not None, one.opened.due, one.name))

    def names(self) -> list[str]:
        """Return the ids of all rectifications."""
        asked = select(RectificationRow.rectification).distinct().order_by(col(RectificationRow.rectification))
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    def overdue(self, on: date) -> list[Rectification]:
        """Return those that should have been closed before the day *on*: what a watchdog asks."""
        return [one for one in self.all() if one.overdue(on)]

    def faults(self, name: str) -> list[str]:
        """Return in which ways the rectification's rows are not one unbroken chain; LedgerMissing without such a one."""
        with self._sessions.reading() as session:
            rows = _rows(session, name)
        if not rows:
            raise LedgerMissing("there is no rectification of this id")
        return list(_faults(rows))

    def trends(self, since: date) -> Mapping[str, Counter[str]]:
        """Return, for each month from *since* on, how many decisions named which main cause; of several the last counts."""
        cause: dict[str, tuple[datetime, str]] = {}
        with self._sessions.reading() as session:
            asked = (
                select(
                    EventRow.complaint_id,
                    EventRow.at,
                    json_text(session, func.nullif(col(EventRow.body), ""), "causes", 0),
                )
                .where(EventRow.type == "decision_made", EventRow.body != "")
                .order_by(col(EventRow.complaint_id), col(EventRow.seq))
            )
            for complaint_id, at, named in session.exec(asked):
                cause[complaint_id] = (at.astimezone(ZONE), named)
        months: dict[str, Counter[str]] = {}
        for at, named in sorted(cause.values()):
            if at.date() >= since:
                months.setdefault(f"{at:%Y-%m}", Counter())[named] += 1
        return months


def _count(session: Session, year: int) -> int:
    asked = select(RectificationRow.rectification).where(
        col(RectificationRow.rectification).like(f"ZG-{year}-%"), RectificationRow.seq == 1
    )
    return len(session.exec(asked).all())


def _rows(session: Session, name: str) -> Sequence[RectificationRow]:
    asked = select(RectificationRow).where(RectificationRow.rectification == name)
    return session.exec(asked.order_by(col(RectificationRow.seq))).all()


def _event(row: RectificationRow) -> RectificationEvent:
    return RECTIFICATION_EVENT.validate_python(json.loads(row.body))


def _link(name: str, seq: int, event: RectificationEvent, previous: str) -> RectificationRow:
    body = event.model_dump(mode="json")
    row = RectificationRow(
        rectification=name,
        seq=seq,
        type=body["type"],
        at=event.at,
        by=event.by,
        body=canonical(body),
        previous_hash=previous,
        hash="",
    )
    row.hash = _hash(row)
    return row


def _hash(row: RectificationRow) -> str:
    bound = row.model_dump(exclude={"hash", "at"})
    return digest({**bound, "at": row.at.astimezone(UTC).isoformat(timespec="microseconds")})


def _faults(rows: Iterable[RectificationRow]) -> Iterator[str]:
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        if row.seq != expected:
            yield f"seq {expected}: the row is missing"
            return
        if row.previous_hash != previous:
            yield f"seq {row.seq}: it is not bound to the row before it"
        if row.hash != _hash(row):
            yield f"seq {row.seq}: the row was changed, its hash does not fit"
        previous = row.hash

"""Rectifications in the record: each an append-only chain, bound by hashes like a complaint's (溯源整改, R199)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from activities.chain_book import ChainBook, ChainRefused, Shape
from activities.journal import json_text
from activities.ledger_session import Sessions, intake_of
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


class RectificationRefused(ChainRefused):
    """What is to be written down does not fit the rectification."""


SHAPE = Shape(
    table=RectificationRow,
    event=RECTIFICATION_EVENT,
    first=Opened,
    fold=Rectification.fold,
    refusal=refusal,
    refused=RectificationRefused,
    missing="there is no rectification of this id",
)


class Rectifications(ChainBook[RectificationRow, RectificationEvent, Rectification]):
    """The rectifications in one database."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(sessions, SHAPE)

    def open(self, opened: Opened, name: str | None = None) -> str:
        """
        Open a rectification and return its id, such as ``ZG-2026-0001``.

        With *name* it is opened once: the same again changes nothing, another one under it is a RectificationRefused.
        """
        with self.writing() as session:
            if name is None:
                year = opened.at.astimezone(ZONE).year
                name = f"ZG-{year}-{_count(session, year) + 1:04d}"
            there = self.events(session, name)
            if there:
                if there[0].model_dump(exclude={"at"}) != opened.model_dump(exclude={"at"}):
                    raise RectificationRefused("OpenedAlready", "there is another one by this id")
                return name
            self.write(session, name, opened)
        return name

    def look(self, session: Session, name: str, event: RectificationEvent) -> None:  # noqa: ARG002  # one for all chains
        """Raise LedgerMissing unless the complaint that *event* links is on record."""
        if isinstance(event, Linked):
            intake_of(session, event.complaint)

    def all(self) -> list[Rectification]:
        """Return every rectification, those that are open and due first ahead of the others."""
        return sorted(super().all(), key=lambda one: (one.closed is not None, one.opened.due, one.name))

    def overdue(self, on: date) -> list[Rectification]:
        """Return those that should have been closed before the day *on*: what a watchdog asks."""
        return [one for one in self.all() if one.overdue(on)]

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

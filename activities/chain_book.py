"""
Chains beside the complaints' own: append-only rows of one table, bound by hashes like a complaint's, read as their fold.

A `Shape` says what one kind of chain is made of; a `ChainBook` writes and reads the chains of that kind in one database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from activities.ledger_chain import GENESIS
from activities.ledger_session import LedgerError, LedgerMissing, Sessions
from models.canonical import canonical, digest
from models.chained import ChainedEvent
from models.chained_tables import ChainedRow

RowT = TypeVar("RowT", bound=ChainedRow)
EventT = TypeVar("EventT", bound=ChainedEvent)
OneT = TypeVar("OneT")


class ChainRefused(LedgerError):  # noqa: N818  # an answer, not a failure of ours
    """What is to be written down does not fit the chain, or the record; *code* for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Shape(Generic[RowT, EventT, OneT]):
    """
    What a kind of chain is made of: its *table*, how an *event* is read, which is *first*, and what events lead to.

    *refusal* says what speaks against an event, *refused* is raised with it; *missing* is said of a chain that is not there.
    """

    table: type[RowT]
    event: TypeAdapter[Any]
    first: type[Any]
    fold: Callable[[str, Iterable[EventT]], OneT]
    refusal: Callable[[OneT, EventT], tuple[str, str] | None]
    refused: type[ChainRefused]
    missing: str


class ChainBook(Generic[RowT, EventT, OneT]):
    """The chains of one kind in one database."""

    def __init__(self, sessions: Sessions, shape: Shape[RowT, EventT, OneT]) -> None:
        self._sessions = sessions
        self._shape = shape

    def append(self, name: str, event: EventT) -> OneT:
        """
        Write *event* down and return what it led to.

        LedgerMissing without such a chain, unless *event* is one that begins it; ChainRefused if it does not fit.
        """
        with self.writing() as session:
            return self.write(session, name, event)

    def writing(self) -> AbstractContextManager[Session]:
        """Open the transaction in which chains of this kind are written, one at a time."""
        return self._sessions.writing(str(self._shape.table.__tablename__))

    def write(self, session: Session, name: str, event: EventT) -> OneT:
        """Do what `append` does, in the transaction that `writing` opened."""
        rows = self._rows(session, name)
        events = [self._read(row.body) for row in rows]
        if not events and not isinstance(event, self._shape.first):
            raise LedgerMissing(self._shape.missing)
        self.look(session, name, event)
        if events and (verdict := self._shape.refusal(self._shape.fold(name, events), event)):
            raise self._shape.refused(*verdict)
        session.add(self._link(rows, name, event))
        return self._shape.fold(name, [*events, event])

    def look(self, session: Session, name: str, event: EventT) -> None:
        """Raise unless the record allows *event* in the chain *name*; a kind of chain may ask more than its fold can."""

    def events(self, session: Session, name: str) -> list[EventT]:
        """Return the events of the chain *name*; none if there is no such chain."""
        return [self._read(row.body) for row in self._rows(session, name)]

    def one(self, name: str) -> OneT:
        """Return the chain *name* as its events left it; LedgerMissing without such a one."""
        with self._sessions.reading() as session:
            events = self.events(session, name)
        if not events:
            raise LedgerMissing(self._shape.missing)
        return self._shape.fold(name, events)

    def all(self) -> list[OneT]:
        """Return every chain as its events left it, by name."""
        return self.those()

    def those(self, *conditions: Any) -> list[OneT]:
        """Return the chains that have a row that fits all *conditions*, by name."""
        table, key = self._shape.table, self._key
        # Two columns and not whole rows: made into objects, thousands of rows cost seconds.
        asked = select(key, col(table.body))
        if conditions:
            asked = asked.where(key.in_(select(key).where(*conditions)))
        with self._sessions.reading() as session:
            rows = session.exec(asked.order_by(key, col(table.seq))).all()
        chains = groupby(rows, key=lambda row: str(row[0]))
        return [self._shape.fold(name, (self._read(body) for _, body in chain)) for name, chain in chains]

    def names(self) -> list[str]:
        """Return the names of all chains."""
        with self._sessions.reading() as session:
            return list(session.exec(select(self._key).distinct().order_by(self._key)))

    def faults(self, name: str) -> list[str]:
        """Return in which ways the rows of the chain are not one unbroken chain; LedgerMissing without such a one."""
        with self._sessions.reading() as session:
            rows = self._rows(session, name)
        if not rows:
            raise LedgerMissing(self._shape.missing)
        return list(_faults(rows))

    @property
    def _key(self) -> Any:
        return col(getattr(self._shape.table, self._shape.table.KEY))

    def _rows(self, session: Session, name: str) -> Sequence[RowT]:
        table = self._shape.table
        return session.exec(select(table).where(self._key == name).order_by(col(table.seq))).all()

    def _read(self, body: str) -> EventT:
        event: EventT = self._shape.event.validate_python(json.loads(body))
        return event

    def _link(self, rows: Sequence[RowT], name: str, event: EventT) -> RowT:
        table, body = self._shape.table, event.model_dump(mode="json")
        row = table(
            **{table.KEY: name},
            seq=len(rows) + 1,
            type=body["type"],
            at=event.at,
            by=event.by,
            body=canonical(body),
            previous_hash=rows[-1].hash if rows else GENESIS,
            hash="",
        )
        row.hash = _hash(row)
        return row


def _hash(row: ChainedRow) -> str:
    bound = row.model_dump(exclude={"hash", "at"})
    return digest({**bound, "at": row.at.astimezone(UTC).isoformat(timespec="microseconds")})


def _faults(rows: Iterable[ChainedRow]) -> Iterator[str]:
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

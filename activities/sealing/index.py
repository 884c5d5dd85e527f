"""The index of packages in the record's database, with the holds on them and the decisions to destroy them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.ledger_session import Sessions
from models.archive import Manifest, Tombstone
from models.archive_tables import DisposalRow, HoldRow, PackageRow
from rulebook.retention import Kept


class ArchiveIndex:
    """What is known about packages without opening them; writing the same twice changes nothing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def put(self, manifest: Manifest) -> PackageRow:
        """Enter the package of *manifest*, once; return the entry for these events of the case."""
        row = PackageRow(
            sha256=manifest.sha256,
            path=manifest.path,
            facts=manifest.facts,
            days={name: day.isoformat() for name, day in manifest.days.items()},
            recordings=list(manifest.recordings),
            rules=[rules.pack for rules in manifest.rules],
            **_common(manifest),
        )
        with self._sessions.writing(manifest.complaint_id) as session:
            there = _package(session, manifest.complaint_id, manifest.events)
            if there is None:
                session.add(row)
            return there or row

    def put_tombstone(self, stone: Tombstone, path: str) -> None:
        """Enter what remains of a package that was destroyed, in the place of the package."""
        with self._sessions.writing(stone.complaint_id) as session:
            row = session.get(PackageRow, stone.package)
            if row is None:
                row = PackageRow(
                    sha256=stone.package,
                    path=path,
                    facts={},
                    days={},
                    recordings=list(stone.recordings),
                    rules=[],
                    **_common(stone),
                )
            row.tombstone = path
            session.add(row)

    def of(self, complaint_id: str) -> list[PackageRow]:
        """Return the packages of the complaint, oldest first."""
        with self._sessions.reading() as session:
            return _packages(session, complaint_id)

    def find(
        self,
        *,
        complaint_id: str | None = None,
        unit: str | None = None,
        closed_from: datetime | None = None,
        closed_before: datetime | None = None,
    ) -> list[PackageRow]:
        """Return the packages that fit every condition given, by closure; *closed_before* is exclusive."""
        asked = select(PackageRow)
        if complaint_id is not None:
            asked = asked.where(PackageRow.complaint_id == complaint_id)
        if unit is not None:
            asked = asked.where(PackageRow.unit == unit)
        if closed_from is not None:
            asked = asked.where(col(PackageRow.closed_at) >= closed_from)
        if closed_before is not None:
            asked = asked.where(col(PackageRow.closed_at) < closed_before)
        order = (col(PackageRow.closed_at), col(PackageRow.complaint_id), col(PackageRow.events))
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(*order)))

    def clear(self) -> None:
        """Forget every package, to read them anew from the store; holds and disposals stay, they are nowhere else."""
        with self._sessions.writing("archive") as session:
            for row in session.exec(select(PackageRow)):
                session.delete(row)

    def place_hold(self, complaint_id: str, *, by: str, at: datetime, reason: str, last_day: date | None) -> HoldRow:
        """Enter a hold on everything about the complaint, until it is lifted or *last_day* is over."""
        row = HoldRow(complaint_id=complaint_id, placed_at=at, placed_by=by, reason=reason, last_day=last_day)
        with self._sessions.writing(complaint_id) as session:
            session.add(row)
            session.flush()
        return row

    def lift_hold(self, number: int, *, by: str, at: datetime, reason: str) -> HoldRow | None:
        """Lift hold *number*, once; None if there is none that could be lifted."""
        with self._sessions.writing("archive") as session:
            row = session.get(HoldRow, number)
            if row is None or row.lifted_at is not None:
                return None
            row.lifted_at, row.lifted_by, row.lifted_reason = at, by, reason
            session.add(row)
            return row

    def holds(self, complaint_id: str | None = None) -> list[HoldRow]:
        """Return the holds that were placed, on one complaint or on all, lifted ones included."""
        asked = select(HoldRow).order_by(col(HoldRow.number))
        if complaint_id is not None:
            asked = asked.where(HoldRow.complaint_id == complaint_id)
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    def held(self, complaint_id: str, on: date) -> list[HoldRow]:
        """Return the holds that are in force for the complaint on the day *on*."""
        return [row for row in self.holds(complaint_id) if in_force(row, on)]

    def disposals(self, complaint_id: str | None = None) -> list[DisposalRow]:
        """Return the proposals to destroy, of one complaint or of all, with what became of them."""
        asked = select(DisposalRow).order_by(col(DisposalRow.number))
        if complaint_id is not None:
            asked = asked.where(DisposalRow.complaint_id == complaint_id)
        with self._sessions.reading() as session:
            return list(session.exec(asked))

    def open_disposal(self, complaint_id: str) -> DisposalRow | None:
        """Return the proposal that was not refused, of which there is one at most."""
        return next((row for row in self.disposals(complaint_id) if row.refused_at is None), None)

    def propose(self, complaint_id: str, kept: Kept, *, by: str, at: datetime, reason: str) -> DisposalRow:
        """Enter a proposal to destroy; the one that is open already stays as it is."""
        with self._sessions.writing(complaint_id) as session:
            asked = select(DisposalRow).where(DisposalRow.complaint_id == complaint_id)
            for row in session.exec(asked):
                if row.refused_at is None:
                    return row
            made = DisposalRow(
                complaint_id=complaint_id,
                rule=kept.rule,
                citation=kept.citation,
                kept_to=kept.last_day,
                proposed_at=at,
                proposed_by=by,
                reason=reason,
            )
            session.add(made)
            session.flush()
            return made

    def decide(self, row: DisposalRow, *, by: str, at: datetime, refused: str | None = None) -> DisposalRow:
        """Enter the approval of a proposal, or its refusal with the reason; a decision that was made stays."""
        with self._sessions.writing(row.complaint_id) as session:
            found = session.get_one(DisposalRow, row.number)
            if found.approved_at is None and found.refused_at is None:
                if refused is None:
                    found.approved_at, found.approved_by = at, by
                else:
                    found.refused_at, found.refused_by, found.refused_reason = at, by, refused
                session.add(found)
            return found

    def executed(self, row: DisposalRow, at: datetime) -> None:
        """Enter that everything that the proposal was about has been destroyed."""
        with self._sessions.writing(row.complaint_id) as session:
            found = session.get_one(DisposalRow, row.number)
            found.executed_at = found.executed_at or at
            session.add(found)


def in_force(hold: HoldRow, on: date) -> bool:
    """Return whether *hold* stops destruction on the day *on*."""
    return hold.lifted_at is None and (hold.last_day is None or on <= hold.last_day)


def _common(of: Manifest | Tombstone) -> dict[str, Any]:
    names = {"complaint_id", "events", "head_hash", "predecessor", "unit", "received_at", "closed_at"}
    return of.model_dump(include=names)


def _packages(session: Session, complaint_id: str) -> list[PackageRow]:
    asked = select(PackageRow).where(PackageRow.complaint_id == complaint_id)
    return list(session.exec(asked.order_by(col(PackageRow.events))))


def _package(session: Session, complaint_id: str, events: int) -> PackageRow | None:
    return next((row for row in _packages(session, complaint_id) if row.events == events), None)


def newest(rows: Sequence[PackageRow]) -> PackageRow | None:
    """Return the package of *rows* with the most events."""
    return max(rows, key=lambda row: row.events, default=None)

"""The index of packages in the record's database, with the holds on them and the decisions to destroy them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from activities.ledger_session import Sessions
from models.archive import PACKAGE_SUFFIX, TOMBSTONE_SUFFIX, Manifest, Tombstone
from models.archive_tables import DisposalRow, HoldRow, PackageRow
from rulebook.retention import Kept

Span = tuple[datetime | None, datetime | None]
"""From an instant to another, which is not part of it; None where it has no end."""

EVER: Span = (None, None)

REMEDY = "run tousu archive reindex"
SEALED_TWICE = "the index names another package of the same events; keep that one and move this one away"


class ArchiveIndex:
    """What is known about packages without opening them; writing the same twice changes nothing."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def put(self, manifest: Manifest) -> PackageRow:
        """Enter the package of *manifest*, once; return the entry for these events of the case."""
        with self._sessions.writing(manifest.complaint_id) as session:
            return _entered(session, manifest)

    def put_new(self, manifest: Manifest) -> PackageRow | None:
        """Enter it like `put`; None, and nothing is entered, when the destruction of the case was approved meanwhile."""
        with self._sessions.writing(manifest.complaint_id) as session:
            return None if _approved(session, manifest.complaint_id) else _entered(session, manifest)

    def put_tombstone(self, stone: Tombstone, path: str) -> None:
        """Enter what remains of a package that was destroyed, in the place of the package."""
        with self._sessions.writing(stone.complaint_id) as session:
            row = session.get(PackageRow, stone.package)
            if row is None:
                if _package(session, stone.complaint_id, stone.events) is not None:
                    return  # The same events were sealed twice, and the other package has the entry.
                row = PackageRow(
                    sha256=stone.package,
                    path=path.removesuffix(TOMBSTONE_SUFFIX) + PACKAGE_SUFFIX,
                    facts={},
                    days={},
                    recordings=list(stone.recordings),
                    rules=[],
                    **_common(stone),
                )
            row.tombstone = path
            session.add(row)

    def faults(self, kept: Manifest | Tombstone, path: str) -> list[str]:
        """Return what the index says otherwise than the package or tombstone *kept*, which lies under *path*."""
        sha256 = kept.sha256 if isinstance(kept, Manifest) else kept.package
        with self._sessions.reading() as session:
            row = session.get(PackageRow, sha256)
            twin = _package(session, kept.complaint_id, kept.events)
        if row is None:
            twice = twin is not None and twin.tombstone is None
            return [SEALED_TWICE if twice and isinstance(kept, Manifest) else f"it is not in the index; {REMEDY}"]
        told = row_of(kept).model_dump() if isinstance(kept, Manifest) else {**_common(kept), "tombstone": path}
        different = sorted(name for name, value in told.items() if getattr(row, name) != value)
        return [f"the index says otherwise about it ({', '.join(different)}); {REMEDY}"] if different else []

    def of(self, complaint_id: str) -> list[PackageRow]:
        """Return the packages of the complaint, oldest first."""
        with self._sessions.reading() as session:
            return _packages(session, complaint_id)

    def find(
        self,
        *,
        complaint_id: str | None = None,
        units: Collection[str] | None = None,
        closed: Span = EVER,
        received: Span = EVER,
    ) -> list[PackageRow]:
        """Return the packages that fit every condition given, by closure."""
        asked = select(PackageRow)
        if complaint_id is not None:
            asked = asked.where(PackageRow.complaint_id == complaint_id)
        if units is not None:
            asked = asked.where(col(PackageRow.unit).in_(units))
        for instant, (begin, end) in ((PackageRow.closed_at, closed), (PackageRow.received_at, received)):
            if begin is not None:
                asked = asked.where(col(instant) >= begin)
            if end is not None:
                asked = asked.where(col(instant) < end)
        order = (col(PackageRow.closed_at), col(PackageRow.complaint_id), col(PackageRow.events))
        with self._sessions.reading() as session:
            return list(session.exec(asked.order_by(*order)))

    def clear(self) -> None:
        """Forget every package, to read them anew from the store; holds and disposals stay, they are nowhere else."""
        with self._sessions.writing("archive") as session:
            for row in session.exec(select(PackageRow)):
                session.delete(row)

    def place_hold(
        self, complaint_id: str, *, by: str, at: datetime, reason: str, last_day: date | None
    ) -> HoldRow | None:
        """
        Enter a hold on everything about the complaint, until it is lifted or *last_day* is over.

        None when the destruction was approved before: either it comes first, or the hold, and nothing in between.
        """
        row = HoldRow(complaint_id=complaint_id, placed_at=at, placed_by=by, reason=reason, last_day=last_day)
        with self._sessions.writing(complaint_id) as session:
            if _approved(session, complaint_id):
                return None
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

    def approve(self, row: DisposalRow, *, by: str, at: datetime, on: date) -> DisposalRow:
        """Enter the approval of a proposal, unless it was decided, or a hold is in force on the day *on*; return it."""
        with self._sessions.writing(row.complaint_id) as session:
            found = session.get_one(DisposalRow, row.number)
            holds = session.exec(select(HoldRow).where(HoldRow.complaint_id == row.complaint_id))
            if _undecided(found) and not any(in_force(hold, on) for hold in holds):
                found.approved_at, found.approved_by = at, by
                session.add(found)
            return found

    def refuse(self, row: DisposalRow, *, by: str, at: datetime, reason: str) -> DisposalRow:
        """Enter the refusal of a proposal with its reason, unless it was decided; return it."""
        with self._sessions.writing(row.complaint_id) as session:
            found = session.get_one(DisposalRow, row.number)
            if _undecided(found):
                found.refused_at, found.refused_by, found.refused_reason = at, by, reason
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


def row_of(manifest: Manifest) -> PackageRow:
    """Return the entry of the package of *manifest*."""
    return PackageRow(
        sha256=manifest.sha256,
        path=manifest.path,
        facts=manifest.facts,
        days={name: day.isoformat() for name, day in manifest.days.items()},
        recordings=list(manifest.recordings),
        rules=[rules.pack for rules in manifest.rules],
        **_common(manifest),
    )


def _entered(session: Session, manifest: Manifest) -> PackageRow:
    there = _package(session, manifest.complaint_id, manifest.events)
    row = there or row_of(manifest)
    session.add(row)
    return row


def _approved(session: Session, complaint_id: str) -> bool:
    asked = select(DisposalRow).where(DisposalRow.complaint_id == complaint_id)
    return any(row.approved_at is not None for row in session.exec(asked))


def _undecided(row: DisposalRow) -> bool:
    return row.approved_at is None and row.refused_at is None


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

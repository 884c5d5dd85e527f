"""
Destruction (销毁) of files whose time is over: proposed by one person, approved by another, and then done for good.

What goes: the packages, what the complainant and the staff said in the record (intake, events, letters), everything that was
computed from it, and the files in the home. What stays: the chain of hashes, and in the place of each package a sealed
tombstone that says who destroyed it, when, why and under which rule. Every step can be repeated; one that was broken off is
gone on with by approving again.
"""

from __future__ import annotations

from datetime import date, datetime

from activities.home_files import remove_files_of
from activities.ledger_session import LedgerDestroyed
from activities.ledger_steps import CIVIL_ZONE
from activities.ledger_strike import compact, strike_out
from activities.sealing.archive import Archive, ArchiveRefused, tombstone_of
from activities.sealing.check import sealed_text
from activities.sealing.contents import links_of
from models.archive import Link, Manifest, Sealed, Tombstone, folders_of
from models.archive_tables import DisposalRow, PackageRow
from rulebook.retention import Kept

REMAINS = {
    "complaint_id",
    "events",
    "head_hash",
    "intake_hash",
    "predecessor",
    "unit",
    "received_at",
    "closed_at",
    "recordings",
}
"""What a tombstone repeats of the manifest."""

DECISION = {
    "rule",
    "citation",
    "kept_to",
    "proposed_by",
    "proposed_at",
    "reason",
    "approved_by",
    "approved_at",
}
"""What a tombstone says of the decision."""


def propose(archive: Archive, complaint_id: str, by: str, at: datetime, reason: str) -> DisposalRow:
    """
    Propose to destroy the file of the complaint; return the proposal, an open one as it is.

    ArchiveRefused unless *by* may (NotAuthorised), the time is over (StillKept), nothing holds it (OnHold), and the newest
    package holds all that the record does (NotSealed).
    """
    archive.authorise("propose", by)
    kept = _refuse_unless_over(archive, complaint_id, at)
    return archive.index.propose(complaint_id, kept, by=by, at=at, reason=reason)


def refuse(archive: Archive, complaint_id: str, by: str, at: datetime, reason: str) -> DisposalRow:
    """Refuse the proposal, or take one's own back; ArchiveRefused without an open one, or when it was approved."""
    row = _open(archive, complaint_id)
    if by != row.proposed_by:
        archive.authorise("approve", by)
    row = archive.index.refuse(row, by=by, at=at, reason=reason)
    if row.approved_at is not None:
        raise ArchiveRefused("AlreadyApproved", "the proposal was approved; what was destroyed does not come back")
    return row


def approve(archive: Archive, complaint_id: str, by: str, at: datetime) -> DisposalRow:
    """
    Approve the proposal and destroy the file; once approved, go on where it was broken off.

    The approval is the point of no return: a hold that was placed before stops it, and later ones are refused.
    ArchiveRefused as for `propose`, and when the same person proposed (SamePerson).
    """
    archive.authorise("approve", by)
    row = _open(archive, complaint_id)
    if by == row.proposed_by:
        raise ArchiveRefused("SamePerson", "who proposed a destruction cannot approve it")
    if row.approved_at is None:
        _refuse_unless_over(archive, complaint_id, at)
        row = archive.index.approve(row, by=by, at=at, on=_day(at))
        # Others may have decided, or placed a hold, since we looked.
        if row.refused_at is not None:
            raise ArchiveRefused("NotProposed", "the proposal was refused meanwhile")
        if row.approved_at is None:
            raise ArchiveRefused("OnHold", "the file is held; lift the hold first")
    elif archive.index.held(complaint_id, _day(at)) and row.executed_at is None:
        raise ArchiveRefused("OnHold", "the file is held; lift the hold first")
    _destroy(archive, row, at)
    return _open(archive, complaint_id)


def _open(archive: Archive, complaint_id: str) -> DisposalRow:
    row = archive.index.open_disposal(complaint_id)
    if row is None:
        raise ArchiveRefused("NotProposed", "nobody has proposed to destroy the file of this complaint")
    return row


def _refuse_unless_over(archive: Archive, complaint_id: str, at: datetime) -> Kept:
    rows = archive.index.of(complaint_id)
    if not rows or rows[-1].tombstone is not None:
        raise ArchiveRefused("NotArchived", "the archive holds no package of this complaint")
    newest = rows[-1]
    case = archive.ledger.case(complaint_id)
    if case is None or case.event_count != newest.events:
        raise ArchiveRefused("NotSealed", "the record holds more than the newest package; seal it first")
    # The index says from when the time counts: it must say what the package does.
    found = archive.read(newest.path)
    if found.kept is None or not found.ok:
        raise ArchiveRefused("PackageBroken", f"{newest.path} does not verify: {found.differences[0]}")
    if faults := archive.index.faults(found.kept, newest.path):
        raise ArchiveRefused("IndexBroken", f"{newest.path}: {faults[0]}")
    kept, day = archive.kept(newest), _day(at)
    if kept is None or not kept.over(day):
        until = f"until {kept.last_day} ({kept.rule})" if kept else "for ever: no rule of retention fits"
        raise ArchiveRefused("StillKept", f"the file is kept {until}")
    if holds := archive.index.held(complaint_id, day):
        numbers = ", ".join(str(hold.number) for hold in holds)
        raise ArchiveRefused("OnHold", f"the file is held (hold {numbers}); lift it first")
    return kept


def _day(at: datetime) -> date:
    return at.astimezone(CIVIL_ZONE).date()


def _destroy(archive: Archive, row: DisposalRow, at: datetime) -> None:
    """Do what was approved, in an order in which nothing is lost before its tombstone stands."""
    complaint_id = row.complaint_id
    packages = archive.index.of(complaint_id)
    if not packages:
        raise ArchiveRefused("NotArchived", "the index names no package of this complaint; run tousu archive reindex")
    there = archive.take_up(complaint_id, packages[0].received_at, at)
    for package in archive.index.of(complaint_id):
        path = _bury(archive, package, row)
        archive.store.delete(package.path)
        archive.index.put_tombstone(_stone(archive, path), path)
    # Left are second packages of the same events, and pieces of processes that died while they stored one.
    for path in there:
        archive.store.delete(path)
    for folder in folders_of(complaint_id, packages[0].received_at, at):
        archive.store.remove_pieces(folder)
    if row.executed_at is not None:
        return
    remove_files_of(archive.home, complaint_id, archive.ledger.ids())
    strike_out(archive.ledger.sessions, complaint_id)
    compact(archive.ledger.sessions)
    archive.index.executed(row, at)


def _bury(archive: Archive, package: PackageRow, row: DisposalRow) -> str:
    """Put the tombstone beside the package, unless it stands there already; return its path."""
    path = tombstone_of(package.path)
    if archive.store.get(path) is None:
        try:
            stone = _tombstone(archive, package, row)
        except (ArchiveRefused, LedgerDestroyed):
            if archive.store.get(path) is not None:
                return path  # Another process that was given the approval too has just been here.
            raise
        archive.store.put(path, sealed_text(Sealed(tombstone=stone, seal=archive.key.seal(stone.sha256))))
    return path


def _stone(archive: Archive, path: str) -> Tombstone:
    found = archive.read(path)
    if not isinstance(found.kept, Tombstone) or not found.ok:
        raise ArchiveRefused("TombstoneBroken", f"{path} does not verify; nothing was destroyed")
    return found.kept


def _tombstone(archive: Archive, package: PackageRow, row: DisposalRow) -> Tombstone:
    found = archive.read(package.path)
    if not isinstance(found.kept, Manifest) or not found.ok:
        raise ArchiveRefused("PackageBroken", f"{package.path} does not verify: {found.differences[0]}")
    manifest, exported = found.kept, archive.ledger.archived(package.complaint_id)
    return Tombstone(
        package=manifest.sha256,
        chain=tuple(Link.model_validate(link) for link in links_of(exported)[: manifest.events]),
        **row.model_dump(include=DECISION),
        **manifest.model_dump(include=REMAINS),
    )

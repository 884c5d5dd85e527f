"""
The archive: it seals the files of complaints that have come to rest, finds them, and knows how long they are kept.

ArchiveRefused (RuntimeError): what was asked may not be done; *code* is the stable type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from activities.closure_report import Record
from activities.ledger import Ledger
from activities.sealing.check import Checked, check
from activities.sealing.contents import manifest_and_files, sealed_package
from activities.sealing.index import ArchiveIndex, newest
from activities.sealing.package import PackageError, unpacked
from activities.sealing.rules import enclosed
from activities.sealing.store import Store
from models.archive import PACKAGE_SUFFIX, TOMBSTONE_SUFFIX, ArchiveConfig, Manifest, Tombstone, folders_of
from models.archive_tables import HoldRow, PackageRow
from models.data_file import read_model
from models.organisation import Organisation
from models.signing import SigningKey
from rulebook.errors import PackError, RulebookError
from rulebook.pack import RulePack, rule_pack
from rulebook.pack_keeping import RetentionRule
from rulebook.retention import KeepingAct, Kept, RetentionRules, longest


class ArchiveRefused(RuntimeError):  # noqa: N818  # the name is the stable error type that callers see
    """What was asked may not be done."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


CASE_FILE = "complaint"
"""The class of records under which a pack says how long the file of a complaint is kept."""


class RetentionError(ValueError):
    """The insurer's file of retention rules is wrong; the message names file, line, place and rule."""


class Due(NamedTuple):
    """A case whose files may go: the newest package, the rule whose time is over, and the holds that still stop it."""

    package: PackageRow
    kept: Kept
    holds: tuple[HoldRow, ...]


class Archive:
    """Everything that is sealed, over one store and one record."""

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        *,
        keys: Sequence[SigningKey],
        rules: RetentionRules,
        organisation: Organisation,
        home: Path,
    ) -> None:
        self.ledger = ledger
        self.store = store
        self.key = keys[0]
        self.trusted = {key.public for key in keys}
        self.rules = rules
        self.organisation = organisation
        self.home = home
        self.index = ArchiveIndex(ledger.sessions)

    @classmethod
    def open(cls, config: ArchiveConfig, ledger: Ledger, organisation: Organisation, home: Path) -> Archive:
        """Return the archive as *config* sets it up; StoreError, RetentionError."""
        rules = read_model(config.retention, RetentionRules, RetentionError)
        return cls(ledger, Store.open(config.url), keys=config.keys, rules=rules, organisation=organisation, home=home)

    def seal(
        self, complaint_id: str, at_least: int = 0, unless: Callable[[Record], str | None] | None = None
    ) -> Manifest:
        """
        Seal the file of a closed complaint as the record holds it now; return its manifest.

        Whether the complaint has come to rest is for the process to say: it asks itself before its last step, and for whom
        seals by hand *unless* returns what is missing. Doing it again returns the package that is there, however often and
        wherever it was broken off: a package is in the store whole before the index names it. A case that was opened again
        gets a further package, which names the one before. LedgerMissing without such a complaint; ArchiveRefused when the
        record does not verify (RecordBroken), has not *at_least* so many events (RecordIncomplete), the case is not at rest
        (NotAtRest), the package that is there was changed (PackageBroken), or its destruction was approved
        (AlreadyApproved); StoreError.
        """
        report = self.ledger.verify(complaint_id)
        if report.differences:
            raise ArchiveRefused("RecordBroken", f"the record does not verify: {report.differences[0]}")
        if report.events < at_least:
            raise ArchiveRefused("RecordIncomplete", "the record lacks events")
        record = Record.read(self.ledger, complaint_id, self.organisation)
        if record and unless and (missing := unless(record)):
            raise ArchiveRefused("NotAtRest", missing)
        if record is None or record.state.closed is None:
            raise ArchiveRefused("NotAtRest", "the complaint is not closed")
        self.take_up(complaint_id, record.intake.received_at, record.state.closed.at)
        manifest = self._stored(record)
        made = None
        if manifest is None:
            manifest, made = self._store(record)
        row = self.index.put_new(manifest)
        if row is None:
            self._take_back(manifest, made=bool(made))
            raise ArchiveRefused("AlreadyApproved", "the destruction of this file was approved; it is not sealed again")
        return manifest if row.sha256 == manifest.sha256 else self._instead(manifest, row, made=bool(made))

    def _store(self, record: Record) -> tuple[Manifest, bool]:
        """Make the package and put it into the store; return its manifest, and whether it was not there before."""
        complaint_id = record.intake.complaint_id
        before = newest([row for row in self.index.of(complaint_id) if row.events < len(record.events)])
        exported = self.ledger.archived(complaint_id)
        manifest, files = manifest_and_files(exported, record, self.home, before.sha256 if before else None)
        package = sealed_package(manifest, files, self.key)
        # What would not verify in ten years is better known now, such as a letter in the outbox that somebody changed.
        if (found := check(package, manifest.path, self.trusted)).differences:
            raise ArchiveRefused("RecordBroken", f"the package would not verify: {found.differences[0]}")
        made = self.store.put(manifest.path, package)
        if not made and (found := self.read(manifest.path)).differences:
            raise ArchiveRefused("PackageBroken", f"{manifest.path} does not verify: {found.differences[0]}")
        return manifest, made

    def _stored(self, record: Record) -> Manifest | None:
        """Return the manifest of the package that holds these events already, made perhaps by another release."""
        for row in self.index.of(record.intake.complaint_id):
            if row.events == len(record.events) and row.tombstone is None:
                found = self.read(row.path)
                if isinstance(found.kept, Manifest) and found.ok and found.kept.head_hash == record.head_hash:
                    self.store.make_durable(row.path)
                    return found.kept
        return None

    def take_up(self, complaint_id: str, received_at: datetime, until: datetime) -> list[str]:
        """
        Enter what a process stored and did not enter because it died; return the paths of all packages of the complaint.

        They are looked for in the folders of all years in which it can have been closed.
        """
        folders = folders_of(complaint_id, received_at, until)
        there = [path for folder in folders for path in self.store.paths(folder)]
        packages = [path for path in there if path.endswith(PACKAGE_SUFFIX)]
        entered = {row.path for row in self.index.of(complaint_id)}
        for path in packages:
            if path not in entered and tombstone_of(path) not in there:
                found = self.read(path)
                if isinstance(found.kept, Manifest) and found.ok and found.kept.complaint_id == complaint_id:
                    self.index.put(found.kept)
        return packages

    def _take_back(self, manifest: Manifest, *, made: bool) -> None:
        """Remove a package that was made while the file was being destroyed; one that still awaits that stays."""
        if made or self.store.get(tombstone_of(manifest.path)) is not None:
            self.store.delete(manifest.path)

    def _instead(self, manifest: Manifest, row: PackageRow, *, made: bool) -> Manifest:
        """Return the manifest of the package in *row*, which another process entered for the same events; ours goes."""
        found = self.read(row.path)
        if not isinstance(found.kept, Manifest) or not found.ok:
            raise ArchiveRefused("PackageBroken", f"{row.path} does not verify: {found.differences[0]}")
        if made:
            self.store.delete(manifest.path)
        return found.kept

    def read(self, path: str) -> Checked:
        """Return what the check of the package or tombstone under *path* finds; it must be sealed by a key of ours."""
        data = self.store.get(path)
        return check(data, path, self.trusted) if data is not None else Checked(("there is no such file",))

    def check_all(self) -> Iterator[tuple[str, Checked]]:
        """Yield what the check of every file in the store finds, and of every one that the index names and that is gone."""
        paths = self.store.paths()
        for path in paths:
            found = self.read(path)
            yield path, replace(found, differences=(*found.differences, *self._misfits(path, found, paths)))
        for row in self.index.find():
            if (path := row.tombstone or row.path) not in paths and self.store.get(path) is None:
                yield path, Checked(("it is in the index and not in the store",))

    def _misfits(self, path: str, found: Checked, paths: Collection[str]) -> list[str]:
        """Return how the file under *path*, which is sound in itself, does not fit the others and the index."""
        if found.kept is None or not found.ok:
            return []
        if tombstone_of(path) in paths and path.endswith(PACKAGE_SUFFIX):
            return ["its tombstone stands beside it; approve the destruction again, which finishes it"]
        return self.index.faults(found.kept, path)

    def reindex(self) -> int:
        """Make the index anew from the store; return how many packages and tombstones it names."""
        found = [(path, self.read(path).kept) for path in self.store.paths()]
        self.index.clear()
        for path, kept in found:
            if isinstance(kept, Manifest):
                self.index.put(kept)
            elif isinstance(kept, Tombstone):
                self.index.put_tombstone(kept, path)
        return len(self.index.find())

    def kept(self, row: PackageRow) -> Kept | None:
        """Return how long the file is kept: by the insurer's rules and by those the case ran under, whichever is longer."""
        days = {name: date.fromisoformat(day) for name, day in row.days.items()}
        return longest(self._rules_for(row), days)

    def _rules_for(self, row: PackageRow) -> Iterator[tuple[str, RetentionRule]]:
        yield from self.rules.applying(row.facts).items()
        for name in row.rules:
            pack = _installed(name) or self._enclosed(row, name)
            if pack and (rule := pack.retention_for(CASE_FILE)) is not None:
                yield f"{name} {CASE_FILE}", rule

    def _enclosed(self, row: PackageRow, name: str) -> RulePack | None:
        """Return a pack that is not installed here any more as the package holds it: the file is not kept any shorter."""
        data = self.store.get(row.path)
        try:
            return enclosed(unpacked(data)[0]).packs.get(name) if data else None
        except (PackageError, RulebookError):
            return None  # A package that was changed is not destroyed before somebody looks.

    def due(self, on: date) -> list[Due]:
        """Return the cases whose time is over on the day *on*, held ones included, the longest over first."""
        found = []
        for row in self._newest():
            kept = self.kept(row)
            if kept is not None and kept.over(on):
                found.append(Due(row, kept, tuple(self.index.held(row.complaint_id, on))))
        return sorted(found, key=lambda one: one.kept.last_day)

    def _newest(self) -> Sequence[PackageRow]:
        rows = {row.complaint_id: row for row in sorted(self.index.find(), key=lambda row: row.events)}
        return [row for row in rows.values() if row.tombstone is None]

    def authorise(self, act: KeepingAct, person: str) -> None:
        """Raise ArchiveRefused (NotAuthorised) unless the retention rules allow *person* the *act*."""
        known = self.organisation.people.get(person)
        if known is None:
            raise ArchiveRefused("UnknownActor", "the organisation data know no such person")
        level = self.organisation.level(known.unit)
        department = self.organisation.departments[known.department].kind
        if not self.rules.may(act, level, frozenset(known.roles), department):
            texts = "; ".join(rule.text.en for rule in self.rules.authority.get(act, ())) or "nobody may do this"
            raise ArchiveRefused("NotAuthorised", texts)

    def place_hold(self, complaint_id: str, by: str, at: datetime, reason: str, last_day: date | None) -> HoldRow:
        """Stop the destruction of the file; ArchiveRefused unless *by* may, LedgerMissing without such a complaint."""
        self.authorise("hold", by)
        if not self.ledger.known([complaint_id]):
            raise ArchiveRefused("UnknownComplaint", f"there is no complaint {complaint_id}")
        row = self.index.place_hold(complaint_id, by=by, at=at, reason=reason, last_day=last_day)
        if row is None:
            raise ArchiveRefused("AlreadyApproved", "the destruction of this file was approved; a hold comes too late")
        return row

    def lift_hold(self, number: int, by: str, at: datetime, reason: str) -> HoldRow:
        """Lift a hold; ArchiveRefused unless *by* may and it is in force."""
        self.authorise("lift", by)
        row = self.index.lift_hold(number, by=by, at=at, reason=reason)
        if row is None:
            raise ArchiveRefused("NoSuchHold", f"there is no hold {number} that could be lifted")
        return row


def tombstone_of(path: str) -> str:
    """Return where the tombstone of the package under *path* stands."""
    return path.removesuffix(PACKAGE_SUFFIX) + TOMBSTONE_SUFFIX


def _installed(name: str) -> RulePack | None:
    try:
        return rule_pack(name)
    except PackError:
        return None

"""
The archive: it seals the files of complaints that have come to rest, finds them, and knows how long they are kept.

ArchiveRefused (RuntimeError): what was asked may not be done; *code* is the stable type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from activities.closure_report import Record
from activities.ledger import Ledger
from activities.sealing.check import Checked, check
from activities.sealing.contents import folder_of, manifest_and_files, sealed_package
from activities.sealing.index import ArchiveIndex, newest
from activities.sealing.store import Store
from models.archive import PACKAGE_SUFFIX, ArchiveConfig, Manifest, Tombstone, number_of
from models.archive_tables import HoldRow, PackageRow
from models.data_file import read_model
from models.organisation import Organisation
from models.signing import SigningKey
from rulebook.calendar import calendar_version
from rulebook.clock import CaseClock
from rulebook.errors import PackError
from rulebook.pack import rule_pack
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

    def seal(self, complaint_id: str, at_least: int = 0) -> Manifest:
        """
        Seal the file of a complaint that is closed and at rest, as the record holds it now; return its manifest.

        Doing it again returns the package that is there, however often and wherever it was broken off: a package is in the
        store whole before the index names it. A case that was opened again gets a further package, which names the one
        before. LedgerMissing without such a complaint; ArchiveRefused when the record does not verify (RecordBroken), has
        not *at_least* so many events (RecordIncomplete), or the case is not at rest (NotAtRest); StoreError.
        """
        report = self.ledger.verify(complaint_id)
        if report.differences:
            raise ArchiveRefused("RecordBroken", f"the record does not verify: {report.differences[0]}")
        if report.events < at_least:
            raise ArchiveRefused("RecordIncomplete", "the record lacks events")
        record = Record.read(self.ledger, complaint_id, self.organisation)
        if record is None or not _at_rest(record):
            raise ArchiveRefused("NotAtRest", "the complaint is not closed, or something is still owed in it")
        manifest = self._stored(record) or self._store(record)
        self.index.put(manifest)
        return manifest

    def _store(self, record: Record) -> Manifest:
        """Make the package and put it into the store; return its manifest."""
        complaint_id = record.intake.complaint_id
        before = newest([row for row in self.index.of(complaint_id) if row.events < len(record.events)])
        exported = self.ledger.archived(complaint_id)
        manifest, files = manifest_and_files(exported, record, self.home, before.sha256 if before else None)
        package = sealed_package(manifest, files, self.key)
        # What would not verify in ten years is better known now, such as a letter in the outbox that somebody changed.
        if (found := check(package, manifest.path, self.trusted)).differences:
            raise ArchiveRefused("RecordBroken", f"the package would not verify: {found.differences[0]}")
        self.store.put(manifest.path, package)
        return manifest

    def _stored(self, record: Record) -> Manifest | None:
        """Return the manifest of the package that holds these events already, made perhaps by another release."""
        for path in self.store.paths(folder_of(record)):
            if path.rpartition("/")[2].startswith(number_of(len(record.events))) and path.endswith(PACKAGE_SUFFIX):
                found = self.read(path)
                if isinstance(found.kept, Manifest) and found.ok and found.kept.head_hash == record.head_hash:
                    return found.kept
        return None

    def read(self, path: str) -> Checked:
        """Return what the check of the package or tombstone under *path* finds; it must be sealed by a key of ours."""
        data = self.store.get(path)
        return check(data, path, self.trusted) if data is not None else Checked(("there is no such file",))

    def check_all(self) -> Iterator[tuple[str, Checked]]:
        """Yield what the check of every file in the store finds, and of every one that the index names and that is gone."""
        paths = self.store.paths()
        for path in paths:
            yield path, self.read(path)
        for row in self.index.find():
            if (path := row.tombstone or row.path) not in paths:
                yield path, Checked(("it is in the index and not in the store",))

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
            try:
                pack = rule_pack(name)
            except PackError:
                continue  # Withdrawn since; the insurer's own rules still hold.
            if (rule := pack.retention_for(CASE_FILE)) is not None:
                yield f"{name} {CASE_FILE}", rule

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
        if self.ledger.intake(complaint_id) is None:
            raise ArchiveRefused("UnknownComplaint", f"there is no complaint {complaint_id}")
        return self.index.place_hold(complaint_id, by=by, at=at, reason=reason, last_day=last_day)

    def lift_hold(self, number: int, by: str, at: datetime, reason: str) -> HoldRow:
        """Lift a hold; ArchiveRefused unless *by* may and it is in force."""
        self.authorise("lift", by)
        row = self.index.lift_hold(number, by=by, at=at, reason=reason)
        if row is None:
            raise ArchiveRefused("NoSuchHold", f"there is no hold {number} that could be lifted")
        return row


def _at_rest(record: Record) -> bool:
    # As the process sees it: what is left open on a slip binds nobody once the complaint has ended.
    clock = CaseClock.fold(record.pack, calendar_version(record.calendar), record.events)
    return record.state.closed is not None and not clock.open_duties

"""
The check of a package or of a tombstone, from its bytes alone: no database, no server, no network.

First the seal and every file, byte for byte; then, in a package, the case itself: its chain, its letters, and its deadlines
folded again under the rules that lie in the package.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from activities import ledger_chain as chain
from activities.archive import Archived, ArchiveError, audit, read_lines
from activities.sealing.contents import INTAKE, RECORD, letter_hashes, recordings_of
from activities.sealing.package import PackageError, first_difference, packed, unpacked
from activities.sealing.rules import enclosed
from models.archive import DECLARED, PACKAGE_SUFFIX, TOMBSTONE_SUFFIX, Filed, Manifest, Sealed, Tombstone
from models.canonical import canonical, digest_text
from models.explain import explain
from models.signing import Seal
from models.tables import EventRow
from rulebook.errors import RulebookError
from rulebook.pack import only

Declared = TypeVar("Declared", bound=BaseModel)

UNREADABLE = "the content was changed, it cannot be read"
_FORMAT = re.compile(r"tousu-[a-z]{1,20}/[0-9]{1,6}")
_OUTBOX = "outbox sha256:"
_NAMED = re.compile(r"\d{6,}-([0-9a-f]{64})(\.zip|\.tombstone\.json)")


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What the check of one file found.

    *kept* is what the file holds, None when that cannot be read; *differences* has a line for each thing that is not as it
    was sealed; *seal* says with which key, *trusted* whether that is one the reader named (None: no key was named).
    """

    differences: tuple[str, ...]
    kept: Manifest | Tombstone | None = None
    seal: Seal | None = None
    trusted: bool | None = None

    @property
    def ok(self) -> bool:
        """Return whether nothing differs."""
        return not self.differences

    @property
    def destroyed(self) -> bool:
        """Return whether this is what remains of a package that was destroyed."""
        return isinstance(self.kept, Tombstone)


def check(data: bytes, name: str = "", keys: Collection[str] = ()) -> Checked:
    """Return what differs in *data*, the file called *name*, sealed by one of *keys* if any are given (public, base64)."""
    by_name = name.endswith((PACKAGE_SUFFIX, TOMBSTONE_SUFFIX))
    if name.endswith(TOMBSTONE_SUFFIX) if by_name else data[:1] == b"{":
        return _tombstone(data, name, keys)
    try:
        files, broken = unpacked(data)
    except PackageError as error:
        return Checked((str(error),))
    found: list[str] = []
    manifest = _declared(files, broken, DECLARED[0], Manifest, found)
    seal = _declared(files, broken, DECLARED[1], Seal, found) if manifest else None
    if manifest is None or seal is None:
        return Checked(tuple(found))
    sha256 = hashlib.sha256(files[DECLARED[0]]).hexdigest()
    found += _seal_faults(seal, sha256, DECLARED[0], keys)
    if seal.sha256 == sha256:
        # By a manifest that nobody sealed nothing can be told of the files.
        found += _content_faults(manifest, files, broken)
        found += _name_faults(name, manifest.sha256)
    if not found and (again := packed(files)) != data:
        found.append(f"the file is not what its contents make, from byte {first_difference(again, data)}")
    if not found:
        # Only an untouched package is folded again: in another one every further difference is a consequence.
        found += _case_faults(manifest, files)
    return Checked(tuple(found), manifest, seal, seal.public_key in keys if keys else None)


def _declared(
    files: Mapping[str, bytes], broken: Collection[str], name: str, kind: type[Declared], found: list[str]
) -> Declared | None:
    if name not in files:
        found.append(f"{name}: {UNREADABLE if name in broken else 'is missing'}")
        return None
    if other := _other_format(files[name], "format", kind):
        found.append(f"{name}: {other}")
        return None
    try:
        return kind.model_validate_json(files[name])
    except ValidationError as error:
        found.append(f"{name}: {explain(error)}")
        return None


def _other_format(data: bytes, place: str, kind: type[BaseModel]) -> str | None:
    """Return what to say of *data* that was written in a format of its own at *place*, other than that of *kind*."""
    try:
        told = json.loads(data)
        for key in place.split("."):
            told = told[key]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    ours = kind.model_fields["format"].default if "format" in kind.model_fields else None
    if ours is None or told == ours or not isinstance(told, str) or not _FORMAT.fullmatch(told):
        return None
    return f"the format is {told}, this release reads {ours}; check it with a release that knows it"


def _seal_faults(seal: Seal, sha256: str, about: str, keys: Collection[str]) -> Iterator[str]:
    if seal.sha256 != sha256:
        yield f"{about}: was changed, its hash is not the one that was sealed"
    if not seal.holds():
        yield "seal: the signature is not that of the key it names"
    elif keys and seal.public_key not in keys:
        yield f"seal: it was made with the key {seal.key}, which is none of those you trust"


def _content_faults(manifest: Manifest, files: Mapping[str, bytes], broken: Collection[str]) -> list[str]:
    """Return what differs between the files and the manifest; a name that is not in it may be anything, and is not told."""
    listed = {filed.name: filed for filed in manifest.files}
    found = {name: line for name, filed in listed.items() if (line := _file_fault(filed, files, broken))}
    found |= {name: f"{name}: is missing" for name in (RECORD, INTAKE) if name not in listed}
    if {RECORD, INTAKE} <= found.keys() and {RECORD, INTAKE} <= files.keys():
        return [f"{DECLARED[0]}: is that of another package"]
    more = len({*files, *broken} - listed.keys() - set(DECLARED))
    counted = f"{more} files are" if more > 1 else "1 file is"
    return [*found.values(), *([f"{counted} not in the manifest"] if more else [])]


def _file_fault(filed: Filed, files: Mapping[str, bytes], broken: Collection[str]) -> str | None:
    content = files.get(filed.name)
    if content is None:
        return f"{filed.name}: {UNREADABLE if filed.name in broken else 'is missing'}"
    if hashlib.sha256(content).hexdigest() != filed.sha256:
        return f"{filed.name}: was changed, its SHA-256 is not the one in the manifest"
    return None if len(content) == filed.size else f"{filed.name}: its size is not the one in the manifest"


def _name_faults(name: str, sha256: str) -> Iterator[str]:
    # A copy may have any name; one that looks like ours must be true.
    if (named := _NAMED.fullmatch(PurePath(name).name)) and named[1] != sha256:
        yield "the file is not the one that its name says"


def _case_faults(manifest: Manifest, files: Mapping[str, bytes]) -> list[str]:
    try:
        rules = enclosed(files)
    except RulebookError as error:
        return [f"rules: {error}"]
    try:
        exported, *others = read_lines(files[RECORD].decode().splitlines())
        if others:
            return [f"{RECORD}: holds more than one complaint"]
        # No pack but those in the package counts, not even one to which the case was moved.
        with only(rules.packs):
            found = list(audit(exported, rules.open).differences)
        intake_hash = digest_text(files[INTAKE].decode())
    except ValidationError as error:
        return [f"{RECORD}: {explain(error)}"]
    except (ArchiveError, ValueError) as error:
        return [f"{RECORD}: {error}"]
    found += _head_faults(manifest, exported)
    if intake_hash != manifest.intake_hash:
        found.append(f"{INTAKE}: is not the complaint that was received")
    return found + list(_letter_faults(exported, files))


def _head_faults(manifest: Manifest, exported: Archived) -> Iterator[str]:
    head = exported.head
    told = (manifest.complaint_id, manifest.events, manifest.head_hash, manifest.intake_hash)
    if told != (head.complaint_id, head.events, head.head_hash, head.intake_hash):
        yield "manifest.json: speaks of another record than the one enclosed"
    if manifest.recordings != recordings_of([chain.event_of(row) for row in exported.rows]):
        yield "manifest.json: the recordings are not those that the events name"


def _letter_faults(exported: Archived, files: Mapping[str, bytes]) -> Iterator[str]:
    for notice, (seq, body_hash, proof) in letter_hashes(exported).items():
        body, laid = files.get(f"letters/{notice}.txt"), files.get(f"proofs/outbox/{notice}.txt")
        if body is None:
            yield f"seq {seq}: the letter it speaks of is not in the package"
        elif hashlib.sha256(body).hexdigest() != body_hash:
            yield f"seq {seq}: the letter is not the one that was sent, its hash does not fit"
        if laid is not None and proof.startswith(_OUTBOX) and hashlib.sha256(laid).hexdigest() not in proof:
            yield f"seq {seq}: the letter in the outbox is not the one of the proof"


def _tombstone(data: bytes, name: str, keys: Collection[str]) -> Checked:
    if other := _other_format(data, "tombstone.format", Tombstone):
        return Checked((f"tombstone: {other}",))
    try:
        sealed = Sealed.model_validate_json(data)
    except ValidationError as error:
        return Checked((f"it is no tombstone: {explain(error)}",))
    stone = sealed.tombstone
    found = list(_seal_faults(sealed.seal, stone.sha256, "tombstone", keys))
    found += _name_faults(name, stone.package)
    if not found and data != sealed_text(sealed):
        found.append("the file is not what its contents make")
    if not found:
        found += _stone_faults(stone)
    return Checked(tuple(found), stone, sealed.seal, sealed.seal.public_key in keys if keys else None)


def _stone_faults(stone: Tombstone) -> Iterator[str]:
    if stone.proposed_by == stone.approved_by:
        yield "tombstone: the same person proposed and approved"
    rows = [EventRow(complaint_id=stone.complaint_id, body="", **link.model_dump()) for link in stone.chain]
    yield from chain.faults(rows, struck_out=True)
    if (len(rows), rows[-1].hash if rows else chain.GENESIS) != (stone.events, stone.head_hash):
        yield "tombstone: the chain is not the one of the package that was destroyed"


def sealed_text(sealed: Sealed) -> bytes:
    """Return *sealed* as it is stored."""
    return canonical(json.loads(sealed.model_dump_json())).encode() + b"\n"

"""A small archive for tests: a record with a closed case, a store, a key, and people who may decide."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from activities.ledger import Ledger
from activities.sealing import Archive
from activities.sealing.package import packed, unpacked
from engine.settings import SAMPLE_ORGANISATION
from models.archive import ArchiveConfig, Manifest
from models.canonical import canonical
from models.organisation import read_organisation
from models.signing import SigningKey
from rulebook import events as ev
from tests.records.parts import PIN, open_case, put_letter, received, story
from tests.rulebook.helpers import on, told

KEY = SigningKey("test-key", bytes(range(32)))
ORGANISATION = read_organisation(SAMPLE_ORGANISATION)
PROPOSER, APPROVER, LAWYER = "p-hq-xb-01", "p-hq-zjl-02", "p-hq-fl-01"
"""Consumer protection, a senior manager and legal staff, all of head office."""

OUTSIDER = "p-gd-gz-kf-01"
"""A handler of a city unit, who may do nothing here."""

LATER = "2041-04-24T10:00:00+08:00"
LONG_AFTER = on("Wed 2041-04-24 10:00")
"""When the time of an important complaint that was closed on Tue 2026-03-24 is over (ten years)."""


def rested(complaint_id: str = "C-1") -> list[ev.Event]:
    """A closed case in which nothing is owed any more."""
    lapsed = on("Mon 2026-04-20 00:00")
    return [
        *story(complaint_id),
        told("Wed 2026-03-25 09:00", "pause", ref="p1"),
        ev.WindowClosed(at=lapsed, recorded_at=lapsed, duty="review_window", due=lapsed),
    ]


def closed_case(ledger: Ledger, complaint_id: str = "C-1", **more: Any) -> None:
    open_case(ledger, complaint_id, **more)
    put_letter(ledger, complaint_id)
    ledger.append(complaint_id, 1, [received(complaint_id, **more), *rested(complaint_id)[1:]], PIN)


def open_archive(ledger: Ledger, folder: Path, url: str | None = None) -> Archive:
    config = ArchiveConfig(url=url or f"file://{folder / 'archive'}", keys=(KEY,))
    return Archive.open(config, ledger, ORGANISATION, folder / "home")


def stored(archive: Archive, manifest: Manifest) -> bytes:
    data = archive.store.get(manifest.path)
    assert data is not None
    return data


def changed(data: bytes, files: Mapping[str, bytes | None]) -> bytes:
    """The package *data* with some files replaced, or taken away (None)."""
    there, _ = unpacked(data)
    return packed({name: content for name, content in {**there, **files}.items() if content is not None})


def sealed_again(files: Mapping[str, bytes]) -> bytes:
    """What somebody with the key could make of *files*."""
    manifest = Manifest.model_validate_json(files["manifest.json"])
    filed = tuple(
        one.model_copy(update={"sha256": hashlib.sha256(files[one.name]).hexdigest(), "size": len(files[one.name])})
        for one in manifest.files
        if one.name in files
    )
    manifest = manifest.model_copy(update={"files": filed})
    seal = canonical(KEY.seal(manifest.sha256).model_dump()).encode()
    return packed({**files, "manifest.json": manifest.canonical.encode(), "seal.json": seal})


def names(data: bytes) -> Mapping[str, int]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {entry.filename: entry.header_offset for entry in package.infolist()}

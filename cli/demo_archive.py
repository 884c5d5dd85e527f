"""The seal of the demo: a closed complaint as a package that verifies offline, and is refused with one byte changed."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from activities.ledger import Ledger
from activities.sealing import Archive, ArchiveRefused, check
from cli.archive_session import seal_at_rest
from models.archive import ArchiveConfig, Manifest
from models.organisation import Organisation
from models.signing import SigningKey

FOLDER = "archive"


def seal_one(ledger: Ledger, organisation: Organisation, folder: Path, home: Path, console: Console) -> str | None:
    """Seal a closed complaint below *folder*, check it whole and with one byte changed; return what went wrong, or None."""
    key = SigningKey.new()
    store = folder / FOLDER
    config = ArchiveConfig(url=store.as_uri(), keys=(key,))
    manifest = _first_at_rest(Archive.open(config, ledger, organisation, home), ledger)
    if manifest is None:
        return "no closed complaint could be sealed"
    path = store / manifest.path
    data = path.read_bytes()
    sound = check(data, path.name, [key.public])
    if not sound.ok:
        return f"{manifest.complaint_id}: the sealed package does not verify: {sound.differences[0]}"
    console.print(f"[green]✓[/] 归档封存 sealed and verified offline: {manifest.complaint_id}", soft_wrap=True)
    console.print(f"  tousu archive verify {path} --key {key.public}", soft_wrap=True, markup=False, highlight=False)
    # The copy with the wrong byte is never written: what stays behind is sound.
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    refused = check(bytes(changed), path.name, [key.public])
    if refused.ok:
        return f"{manifest.complaint_id}: a changed byte was not found"
    console.print(
        f"[bold red]✗[/] 改动一个字节 with one byte changed: {refused.differences[0]}", soft_wrap=True, highlight=False
    )
    return None


def _first_at_rest(archive: Archive, ledger: Ledger) -> Manifest | None:
    for complaint_id in ledger.ids(destroyed=False):
        try:
            return seal_at_rest(archive, complaint_id)
        except ArchiveRefused as error:
            if error.code != "NotAtRest":
                raise
    return None

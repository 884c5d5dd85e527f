"""How a letter leaves the house: a protocol, and the outbox that is its default."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    A letter on its way out.

    *notice* is its stable id: handing the same one over twice must deliver it once. *method* is one of the ways that art. 21
    knows; *recipient* is the address for that way, empty when the insurer has none.
    """

    notice: str
    method: str
    recipient: str
    subject: str
    body: str


class Delivery(Protocol):
    """Hands letters over to whatever carries them."""

    def deliver(self, outgoing: Outgoing) -> str:
        """Hand *outgoing* over, once for each id, and return what proves it (art. 21)."""
        ...


class Outbox:
    """
    Writes each letter to a file from which a mail room or a gateway takes it.

    The file is named by the notice's id and appears complete or not at all. Its hash is the proof.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, outgoing: Outgoing) -> str:
        """Write the letter; return the SHA-256 of the file. A letter that already lies there stays as it is."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{outgoing.notice}.txt"
        if not path.exists():
            self._write(path, _text(outgoing))
        return f"outbox sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"

    def _write(self, path: Path, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)


def _text(outgoing: Outgoing) -> str:
    return f"Method: {outgoing.method}\nTo: {outgoing.recipient}\nSubject: {outgoing.subject}\n\n{outgoing.body}\n"

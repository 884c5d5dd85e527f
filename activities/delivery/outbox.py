"""The outbox: letters as files, for a mail room to take."""

from __future__ import annotations

import hashlib
from pathlib import Path

from activities.delivery.handover import Outgoing, one_line
from models.whole_files import write_whole


class Outbox:
    """
    Writes each letter to a file from which a mail room or a gateway takes it.

    The file is named by the notice's id and appears complete or not at all. Its hash is the proof. A letter that is
    also a page has it beside it, there before the letter is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, notice: str) -> bool:
        """Return whether the letter of this id was laid here."""
        return self._path(notice).exists()

    def deliver(self, outgoing: Outgoing) -> str:
        """Write the letter; return the SHA-256 of the file. A letter that already lies there stays as it is."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(outgoing.notice)
        if not path.exists():
            if outgoing.page:
                write_whole(path.with_name(f"{outgoing.notice}.html"), outgoing.page)
            write_whole(path, _text(outgoing))
        return f"outbox sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"

    def _path(self, notice: str) -> Path:
        return self._folder / f"{notice}.txt"


def _text(outgoing: Outgoing) -> str:
    # A line break in any of them would forge a line of the head.
    heads = {"Method": outgoing.method, "To": outgoing.recipient, "Subject": outgoing.subject}
    head = "".join(f"{name}: {one_line(value)}\n" for name, value in heads.items())
    return f"{head}\n{outgoing.body}\n"

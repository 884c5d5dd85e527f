"""Files that are there whole or not at all, whenever the process dies; what a dead one left half-written is found."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

DRAFT = ".part"
"""How the name of a file ends that is not whole yet; before it stands the name that the whole file will have."""


def write_whole(path: Path, content: str | bytes) -> None:
    """
    Write *content* to *path*, readable by its owner alone; a crash leaves the whole file or none.

    What is half-written lies beside it under ``.NAME.xxxx.part``, so that it is known whose it is.
    """
    with drafted(path, content) as draft:
        draft.replace(path)


@contextmanager
def drafted(path: Path, content: str | bytes) -> Iterator[Path]:
    """Give a draft that holds *content*, to be put in the place of *path*; it goes with the block, also on a full disk."""
    file, draft = _held_draft(path)
    try:
        with file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
            yield draft
    finally:
        draft.unlink(missing_ok=True)


def _held_draft(path: Path) -> tuple[BinaryIO, Path]:
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=DRAFT)
        file, draft = os.fdopen(handle, "wb"), Path(name)
        # The lock goes with the process: a draft that nobody holds is nobody's work any more.
        fcntl.flock(file, fcntl.LOCK_EX)
        if draft.exists():
            return file, draft
        file.close()  # Somebody who cleared up came between the file and its lock.


def remove_drafts(folder: Path, name: str = "*") -> int:
    """Remove what processes that died left half-written of *name* in *folder*; return how many files there were."""
    return sum(_abandoned(draft) for draft in folder.glob(f".{name}.*{DRAFT}"))


def _abandoned(draft: Path) -> bool:
    with suppress(OSError), draft.open("rb") as file:  # It is whole by now, or still being written.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
        return True
    return False

"""Files that are there whole or not at all, whenever the process dies; what a dead one left half-written is found."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path

DRAFT = ".part"
"""How the name of a file ends that is not whole yet; before it stands the name that the whole file will have."""


def write_whole(path: Path, text: str) -> None:
    """
    Write *text* to *path*, readable by its owner alone; a crash leaves the whole file or none.

    What is half-written lies beside it under ``.NAME.xxxx.part``, so that it is known whose it is.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=DRAFT)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            # The lock goes with the process: a draft that nobody holds is nobody's work any more.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)  # A full disk keeps no half letter.
        raise


def remove_drafts(folder: Path) -> int:
    """Remove what processes that died left half-written in *folder*; return how many files there were."""
    return sum(_abandoned(draft) for draft in folder.glob(f".*{DRAFT}"))


def _abandoned(draft: Path) -> bool:
    with suppress(OSError), draft.open("rb") as file:  # It is whole by now, or still being written.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
        return True
    return False

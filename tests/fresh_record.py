"""An empty record in a file, copied from one that was migrated once: a migration costs more than most tests."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from models.migrations import migrate


def fresh_record(folder: Path, name: str = "records.db") -> str:
    """Lay an empty record into *folder*; return its URL."""
    shutil.copyfile(Path(_migrated().name) / "records.db", path := folder / name)
    path.chmod(0o600)
    return f"sqlite:///{path}"


@cache
def _migrated() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="tousu-record-")
    migrate(f"sqlite:///{Path(folder.name) / 'records.db'}")
    return folder

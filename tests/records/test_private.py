"""The record is nobody else's business on the host."""

import os
import stat
from pathlib import Path

from models.migrations import migrate


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_every_file_of_the_record_are_private_from_their_creation(tmp_path: Path) -> None:
    """Under the most open mask that a shell can have."""
    before = os.umask(0)
    try:
        migrate(f"sqlite:///{tmp_path / 'home' / 'records.db'}")
    finally:
        os.umask(before)
    assert mode(tmp_path / "home") == 0o700
    files = list((tmp_path / "home").iterdir())
    assert files
    assert {path.name: mode(path) for path in files} == {path.name: 0o600 for path in files}

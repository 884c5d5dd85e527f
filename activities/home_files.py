"""The files about one complaint in the home: letters in the outbox and proofs of delivery."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

FOLDERS = ("outbox", "proofs")


def remove_files_of(home: Path, complaint_id: str, others: Iterable[str]) -> int:
    """
    Remove every file about *complaint_id* in *home*; return how many there were.

    They are named by the complaint's id, a dot and more. An id may itself hold dots, so *others*, the ids of all
    complaints, tell which files belong to a complaint whose id only begins alike.
    """
    mine = f"{complaint_id}."
    longer = tuple(f"{other}." for other in others if other.startswith(mine))
    found = [
        path
        for folder in FOLDERS
        for path in (home / folder).glob("*")
        if path.name.startswith(mine) and not path.name.startswith(longer)
    ]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)

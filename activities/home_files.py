"""The files about complaints in the home: letters in the outbox and proofs of delivery, and drafts of both."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from models.whole_files import remove_drafts

FOLDERS = ("outbox", "proofs")


def remove_files_of(home: Path, complaint_id: str, others: Iterable[str]) -> int:
    """
    Remove every file about *complaint_id* in *home*; return how many there were.

    They are named by the complaint's id, a dot and more; a draft of one has a dot before that. An id may hold dots, so
    *others*, the ids of all complaints, tell which files belong to a complaint whose id only begins alike.
    """
    mine = f"{complaint_id}."
    longer = tuple(f"{other}." for other in others if other.startswith(mine))
    found = [
        path
        for folder in FOLDERS
        for path in (home / folder).glob("*")
        if (name := path.name.removeprefix(".")).startswith(mine) and not name.startswith(longer)
    ]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def remove_drafts_in(home: Path) -> int:
    """Remove the drafts of letters and proofs that processes which died left in *home*; return how many there were."""
    return sum(remove_drafts(home / folder) for folder in FOLDERS)
